"""What English support documents say of services, plans, places and food; the form is that of `support_facts_en_shop`."""

FACTS_EN_SERVICE = """
@password A
- Password | {steps}
= To reset your password for {s}, {steps}.
= If you forgot your password for {s}, {steps}.
= A new password for {s} is set like this: {steps}.
= When you cannot sign in to {s}, {steps}.
? i forgot my password for {s}
? how do i reset my {s} password
? how can i change my password in {s}
? can't log in to {s}, lost the password
? password reset {s}

@delete A
- Delete account | {steps}
= To delete your {s} account, {steps}.
= You can close your account at {s}: {steps}.
= If you want to leave {s} for good, {steps}.
= Your account with {s} is deleted when you {steps}.
? how do i delete my {s} account
? i want to close my account with {s}
? how can i remove my account from {s}
? delete account {s}
? get rid of my account at {s}

@invoice AC
- Invoices | {steps}
= To download an invoice from {s}, {steps}.
= Invoices of {s} are ready for download: {steps}.
= If you need an invoice from {s}, {steps}.
= You get the invoices of {s} when you {steps}.
? where do i find my invoice from {s}
? how do i download an invoice from {s}
? i need a bill from {s}
? invoice download {s}
? how do i get a receipt from {s} for my taxes

@payment CAH
- Payment | {pay}, {pay#1}
= {s} accepts {pay} and {pay#1}.
= You can pay {s} by {pay} or {pay#1}.
= Payment at {s} is by {pay}, {pay#1} or {pay#2}.
= {s} takes {pay} and {pay#1}.
? how can i pay at {s}
? which payment methods does {s} accept
? what can i pay with at {s}
? payment options {s}
? which ways to pay are there at {s}

@trial AL
- Trial | {n3-90} days
= {s} can be tried free for {n3-90} days.
= The trial period of {s} is {n3-90} days.
= You can test {s} for {n3-90} days at no cost.
= {s} has a free trial of {n3-90} days.
= During the first {n3-90} days {s} costs nothing.
? how long can i try {s} for free
? how many days is the trial of {s}
? is there a trial of {s}
? trial period {s}
? can i test {s} without paying

@storage AL
- Storage | {n2-900} GB
= {s} includes {n2-900} GB of storage.
= With {s} you have {n2-900} GB of space.
= {s} gives every user {n2-900} GB of disk space.
= The storage limit of {s} is {n2-900} GB.
= You can keep {n2-900} GB of files in {s}.
? how much storage does {s} have
? how many gigabytes do i get with {s}
? what is the storage limit of {s}
? how much space is in {s}
? storage {s}
? how much data can i keep in {s}

@users AL
- Users | up to {n2-600}
= {s} allows up to {n2-600} users.
= Up to {n2-600} people can use {s}.
= {s} is for teams of up to {n2-600} people.
= At most {n2-600} members can join {s}.
= {s} has seats for {n2-600} users.
? how many users can {s} have
? how many people can use {s}
? user limit {s}
? for how many members is {s}
? how many seats come with {s}

@monthly AL price
- Monthly price | {price}
= {s} costs {price} a month.
= The monthly fee for {s} is {price}.
= You pay {price} per month for {s}.
= {s} is {price} monthly.
= For {s} we bill {price} each month.
? how much is {s} per month
? what does {s} cost a month
? monthly price of {s}
? what is the fee for {s}
? how much do i pay each month for {s}

@upgrade AL
- Upgrade | {price}
= An upgrade to {s} costs {price}.
= Upgrading to {s} is {price}.
= You can move up to {s} for {price}.
= The change to {s} is charged at {price}.
? how much is an upgrade to {s}
? what do i pay to upgrade to {s}
? upgrade price {s}
? what does it cost to move up to {s}

@student ALCH discount
- Students | {pct} off
= Students get {pct} off {s}.
= {s} has a student discount of {pct}.
= With a student card {s} is {pct} cheaper.
= There is {pct} off {s} for students.
? is there a student discount for {s}
? how much do students save on {s}
? i am a student, is {s} cheaper
? student price {s}
? what reduction do students get on {s}

@giftcard C
- Gift cards | valid for {n6-90} months
= Gift cards from {s} are valid for {n6-90} months.
= A gift card of {s} can be used for {n6-90} months.
= {s} gift cards expire after {n6-90} months.
= You have {n6-90} months to spend a gift card from {s}.
? how long is a gift card from {s} valid
? when does my {s} gift card expire
? gift card validity {s}
? until when must i use a gift card of {s}

@minorder C
- Minimum order | {price}
= The minimum order at {s} is {price}.
= {s} takes orders from {price}.
= You have to order for at least {price} at {s}.
= Orders with {s} must be worth {price} or more.
? is there a minimum order at {s}
? what is the smallest order {s} takes
? how much must i order at least
? minimum order value {s}
? what is the least i can buy from {s}

@age ACH
- Minimum age | {n3-21} years
= You must be {n3-21} years old to use {s}.
= {s} is for people aged {n3-21} and over.
= The minimum age at {s} is {n3-21}.
= Nobody under {n3-21} may enter {s}.
? how old must i be for {s}
? what is the minimum age at {s}
? is there an age limit for {s}
? from what age can i go to {s}
? age limit {s}

@parking CH
- Parking | {n5-400} spaces, {price} a day
= {s} has {n5-400} parking spaces.
= Parking at {s} costs {price} a day.
= There is room for {n5-400} cars at {s}.
= Guests of {s} park for {price} a day.
= You can leave your car at {s} for {price} per day.
? can i park at {s}
? is there parking at {s}
? what about parking at {s}
? parking {s}
? where do i leave my car at {s}

@checkin H
- Check-in | from {time}
= Check-in at {s} is from {time}.
= You can check in at {s} after {time}.
= Rooms at {s} are ready from {time}.
= {s} hands out the keys from {time}.
? when can i check in at {s}
? what is the check-in time of {s}
? from what time is my room at {s} ready
? check-in {s}
? how early can i get into my room at {s}

@checkout H
- Check-out | by {time}
= Check-out at {s} is by {time}.
= Please leave your room at {s} before {time}.
= Rooms at {s} must be left by {time}.
= On the last day you leave {s} by {time}.
? when must i check out of {s}
? what is the check-out time at {s}
? until when can i stay in the room at {s} on the last day
? check-out {s}
? by what time do i have to leave {s}

@breakfast H
- Breakfast | {time} to {time#1}
= Breakfast at {s} is served from {time} to {time#1}.
= {s} serves breakfast between {time} and {time#1}.
= You can have breakfast at {s} from {time} until {time#1}.
= In the morning {s} puts breakfast on the table from {time} to {time#1}.
? when is breakfast at {s}
? what time does {s} serve breakfast
? from when to when can i eat breakfast at {s}
? breakfast hours {s}
? until when is there breakfast at {s}

@pets H
- Pets | {price} a night
= Pets stay at {s} for {price} a night.
= {s} welcomes pets for {price} per night.
= Dogs and cats may come to {s} for {price} a night.
= Bringing a pet to {s} costs {price} a night.
? can i bring my dog to {s}
? are pets allowed at {s}
? what does a pet cost at {s}
? pets {s}
? how much is it to bring my cat to {s}

@rooms H
- Rooms | {n6-400}
= {s} has {n6-400} rooms.
= There are {n6-400} rooms at {s}.
= Guests of {s} stay in one of {n6-400} rooms.
= {s} offers {n6-400} rooms for the night.
? how many rooms does {s} have
? number of rooms {s}
? how many guest rooms are there at {s}
? how large is {s} in rooms

@wifi H
- Wi-Fi password | {ref}
= The Wi-Fi password of {s} is {ref}.
= To go online at {s}, use the password {ref}.
= The wireless network of {s} opens with {ref}.
= Guests of {s} get on the Wi-Fi with {ref}.
? what is the wifi password at {s}
? how do i get online at {s}
? wifi {s}
? what password does the wireless network of {s} have
? how do i connect to the internet at {s}

@allergens F
- Contains | {allergen} and {allergen#1}
= {s} contains {allergen} and {allergen#1}.
= There is {allergen} in {s}.
= {s} is made with {allergen} and {allergen#1}.
= {s} may contain traces of {allergen}.
= People allergic to {allergen} should not eat {s}.
? which allergens are in {s}
? what allergens does {s} contain
? can i eat {s} with an allergy
? allergens {s}
? i have an allergy, what is in {s}

@calories F
- Energy | {n20-990} kcal per portion
= {s} has {n20-990} calories per portion.
= A portion of {s} comes to {n20-990} kcal.
= There are {n20-990} calories in {s}.
= {s} gives you {n20-990} kilocalories.
= One serving of {s} has {n20-990} kcal.
? how many calories does {s} have
? calories {s}
? how many kcal are in {s}
? what is the energy of a portion of {s}
? will {s} make me fat, how many calories

@shelf F
- Keeps for | {n2-40} days
= {s} keeps for {n2-40} days in the fridge.
= Once opened, {s} is good for {n2-40} days.
= Eat {s} within {n2-40} days of opening.
= {s} stays fresh for {n2-40} days.
? how long does {s} keep
? how many days is {s} good after opening
? when must i eat {s}
? shelf life {s}
? for how long does {s} stay fresh

@cook F
- Cooking | {n2-90} minutes at {n80-250} °C
= {s} cooks for {n2-90} minutes at {n80-250} °C.
= Bake {s} for {n2-90} minutes at {n80-250} °C.
= {s} needs {n2-90} minutes in the oven at {n80-250} °C.
= Heat {s} at {n80-250} °C for {n2-90} minutes.
? how long do i cook {s}
? how do i prepare {s}
? at what temperature does {s} go into the oven
? cooking time {s}
? how many minutes for {s}

@serves F
- Serves | {n2-30} people
= {s} serves {n2-30} people.
= {s} is enough for {n2-30} people.
= One pack of {s} feeds {n2-30}.
= From {s} you get portions for {n2-30} people.
? how many people does {s} serve
? for how many is {s} enough
? portions {s}
? how many can eat from {s}

@retention A
- Data kept | {n2-900} days
= {s} keeps your data for {n2-900} days.
= Data in {s} is deleted after {n2-900} days.
= {s} stores logs for {n2-900} days.
= After {n2-900} days {s} erases what it knows about you.
? how long does {s} keep my data
? when is my data deleted from {s}
? data retention {s}
? after how many days does {s} erase my data
? for how long are my files stored in {s}

@backup A
- Backups | every {n2-48} hours
= {s} makes a backup every {n2-48} hours.
= Your data in {s} is backed up every {n2-48} hours.
= A copy of everything in {s} is saved each {n2-48} hours.
= {s} saves a copy of your data every {n2-48} hours.
? how often does {s} back up my data
? backup interval {s}
? when are backups made in {s}
? are there backups of {s}
? how many hours between backups in {s}

@filesize A
- Largest file | {n2-900} MB
= Files in {s} can be up to {n2-900} MB.
= {s} takes uploads of at most {n2-900} MB.
= The largest file for {s} is {n2-900} MB.
= No file in {s} may be bigger than {n2-900} MB.
? how large can a file in {s} be
? what is the upload limit of {s}
? maximum file size {s}
? how big a file can i upload to {s}
? is there a limit on files in {s}

@export A
- Export | {steps}
= To export your data from {s}, {steps}.
= {s} exports everything: {steps}.
= You get your data out of {s} when you {steps}.
= If you want a copy of your data in {s}, {steps}.
? how do i export my data from {s}
? can i get my data out of {s}
? data export {s}
? how do i download everything i have in {s}

@server A
- Servers | {city}
= The servers of {s} are in {city}.
= {s} stores its data in {city}.
= Data of {s} is kept in {city}.
= {s} is hosted in {city}.
? where are the servers of {s}
? where is my data in {s} stored
? where is {s} hosted
? server location {s}
? in which city does {s} keep my files

@founder C
- Founded | {year} by {person}
= {s} was founded in {year} by {person}.
= {person} founded {s} in {year}.
= {s} goes back to {person}, who started it in {year}.
= In {year}, {person} started {s}.
? who founded {s}
? when was {s} founded
? founder of {s}
? in what year did {s} start
? who started {s}

@manager CH
- Manager | {person}
= {s} is led by {person}.
= The manager of {s} is {person}.
= {person} runs {s}.
= {person} is in charge of {s}.
? who runs {s}
? who is the manager of {s}
? manager {s}
? who is in charge of {s}
? who leads {s}

@made P
- Made in | {city}
= {s} is made in {city}.
= We build {s} in {city}.
= {s} comes from {city}.
= {s} is assembled in {city}.
? where is {s} made
? where does {s} come from
? origin of {s}
? in which city is {s} built

@speed P
- Speed | {n2-300} km/h
= {s} reaches {n2-300} km/h.
= The top speed of {s} is {n2-300} km/h.
= {s} goes up to {n2-300} kilometres per hour.
= {s} is as fast as {n2-300} km/h.
? how fast is {s}
? what is the top speed of {s}
? top speed {s}
? how many kilometres per hour does {s} go

@load P
- Maximum load | {n5-900} kg
= {s} carries up to {n5-900} kg.
= The maximum load of {s} is {n5-900} kg.
= {s} bears {n5-900} kilos.
= Do not put more than {n5-900} kg on {s}.
? how much can {s} carry
? what is the maximum load of {s}
? how many kilos can i put on {s}
? maximum load {s}
? what weight does {s} bear

@box P
- In the box | {part} and {part#1}
= {s} comes with a {part} and a {part#1}.
= In the box of {s} you find a {part} and a {part#1}.
= {s} is delivered with a {part} and a {part#1}.
= A {part} and a {part#1} come with {s}.
? what is in the box of {s}
? what comes with {s}
? what accessories does {s} have
? box contents {s}
? what else do i get with {s}

@slots A
- Devices | {n2-40}
= You can use {s} on {n2-40} devices.
= {s} works on up to {n2-40} devices at once.
= One account of {s} covers {n2-40} devices.
= Up to {n2-40} devices may be signed in to {s}.
? on how many devices can i use {s}
? device limit {s}
? how many devices does {s} allow
? can i use {s} on several devices
? how many phones and computers can i sign in to {s}
"""
