"""Kinds of facts that English support documents hold: how they are stated, and how customers ask for them.

`@key KINDS [group]` opens a fact; KINDS: P product, C company, A app or service, L plan, H place, F food.
`-` is its label and bare value, as in a table of data; `=` are statements, `?` questions. `{s}` is the subject,
`{o}` a company, the other braces are values (see `support_values`). The last of each list is held out of training.
Facts of one group never stand together under one subject, since a question for one may mean the other.
"""

FACTS_EN = """
@warranty PC
- Warranty | {n2-12} years
= {s} comes with a {n2-12}-year warranty.
= {s} has a warranty of {n6-72} months from the date of purchase.
= {s} is covered against defects for {n2-12} years.
= We guarantee {s} for {n6-72} months.
= The guarantee for {s} runs for {n2-12} years.
? how long is the warranty on {s}
? how many years of guarantee does {s} have
? what's the warranty period for {s}
? for how long is {s} covered if it breaks
? is there a guarantee on {s} and how long
? warranty length {s}
? until when is {s} under guarantee

@returns C
- Returns | within {n7-99} days
= {s} accepts returns within {n7-99} days of delivery.
= Unused items can be sent back to {s} within {n7-99} days.
= You have {n7-99} days to return an order to {s}.
= If you change your mind, you may return your purchase within {n7-99} days.
= Goods bought from {s} may be returned up to {n7-99} days after they arrive.
? how long do i have to send it back
? how many days do i have to return an order to {s}
? what is the return window at {s}
? until when can i return something i bought from {s}
? i changed my mind, how long can i still give it back
? returns period {s}
? by when must i send my purchase back to {s}

@refund C
- Refunds | within {n2-30} working days
= {s} pays refunds within {n2-30} working days.
= Refunds from {s} reach your account {n2-30} days after we receive the parcel.
= {s} gives the money back within {n2-30} days of receiving a return.
= Once the return is checked, your money is refunded in {n2-30} business days.
= A refund from {s} takes {n2-30} days to arrive.
? how long does a refund take
? when do i get my money back from {s}
? how many days until {s} refunds me
? when will my refund arrive
? how soon does {s} pay the money back
? refund time {s}
? how long must i wait for my money from {s}

@shiptime C ship
- Delivery time | {n2-21} working days
= {s} delivers within {n2-21} working days.
= Orders from {s} arrive in {n2-21} days.
= Standard delivery takes {n2-21} business days.
= Parcels from {s} are usually with you after {n2-21} days.
= It takes {s} {n2-21} days to bring an order to your door.
? how long does delivery take
? when will my order from {s} arrive
? how many days does {s} need to ship
? how fast is shipping from {s}
? what is the delivery time at {s}
? when does my parcel get here
? how long until {s} delivers my order

@shipprice C
- Shipping | {price}
= Shipping with {s} costs {price}.
= {s} charges {price} for delivery.
= A flat fee of {price} is added for postage.
= Delivery by {s} is {price} per order.
= For postage {s} asks {price}.
? how much is shipping
? what does {s} charge for delivery
? how much do i pay for postage at {s}
? cost of shipping with {s}
? what is the delivery fee
? how expensive is it to have my order sent by {s}

@freeship C
- Free shipping | from {price}
= {s} ships free of charge for orders over {price}.
= Delivery is free from {price}.
= With {s} there is no delivery fee above {price}.
= Orders of {price} or more are sent free by {s}.
? from what amount is shipping free
? how much must i spend at {s} for free delivery
? when does {s} ship for free
? free shipping threshold {s}
? what must my order be worth so that {s} delivers free of charge

@express C
- Express delivery | {price}
= Express delivery by {s} costs {price} extra.
= {s} offers an express option for {price}.
= For {price} more, {s} sends your order by express.
= Express shipping is available at {price}.
= The fast delivery of {s} is priced at {price}.
? how much is express delivery
? what does the express option cost at {s}
? how much extra for express shipping with {s}
? price of express at {s}
? what do i pay {s} for the fast delivery

@cutoff C
- Order by | {time} for same-day dispatch
= Orders placed with {s} before {time} leave the same day.
= {s} sends out orders the same day if they are placed by {time}.
= Order before {time} for dispatch on the same day.
= The cut-off for same-day dispatch at {s} is {time}.
? until what time can i order for same-day dispatch
? by when must i order at {s} so it leaves today
? what is the cut-off time at {s}
? latest time to order from {s} for it to ship the same day

@countries C
- Delivery countries | {country} and {country#1}
= {s} delivers to {country} and {country#1}.
= We ship to {country}, {country#1} and {country#2}.
= {s} sends parcels only to {country} and {country#1}.
= Customers in {country} and {country#1} can order from {s}.
? which countries does {s} deliver to
? where do you ship
? to which countries can {s} send my order
? delivery countries {s}
? what countries can i order from {s} in

@pickup C
- Pickup point | {street}
= The pickup point of {s} is at {street}.
= You can collect your order from {s} at {street}.
= Parcels can be picked up at {street}.
= Click and collect orders from {s} wait for you at {street}.
? where can i pick up my order
? where is the pickup point of {s}
? where do i collect my parcel from {s}
? address for collection {s}
? at what address does {s} hand out orders

@address C office
- Address | {street}
= The head office of {s} is at {street}.
= {s} has its headquarters at {street}.
= Letters to {s} go to {street}.
= You find the office of {s} at {street}.
? where is the head office of {s}
? what is the address of {s}
? where are the headquarters of {s}
? which address do i write to for {s}

@hours CH
- Opening hours | {time} to {time#1}
= {s} is open from {time} to {time#1}.
= The opening hours of {s} are {time} to {time#1}.
= {s} opens at {time} and closes at {time#1}.
= You can visit {s} between {time} and {time#1}.
= The doors of {s} are open {time} to {time#1}.
? when is {s} open
? what are the opening hours of {s}
? what time does {s} close
? from when to when can i visit {s}
? opening times {s}
? at what hours can i come to {s}

@closed CH
- Closed on | {day}
= {s} is closed on {day}.
= On {day}, {s} stays closed.
= {s} does not open on {day}.
= {day} is the day off at {s}.
? on which day is {s} closed
? what day does {s} not open
? when is {s} closed
? closing day of {s}

@phone CA
- Phone | {phone}
= You can call {s} at {phone}.
= The phone number of {s} is {phone}.
= {s} answers the phone at {phone}.
= The hotline of {s} is {phone}.
= Ring {s} on {phone}.
? what number do i call for {s}
? what is the phone number of {s}
? how can i reach {s} by phone
? hotline {s}
? which number do i ring to speak to {s}

@email CA
- E-mail | {email}
= Write to {s} at {email}.
= The e-mail address of {s} is {email}.
= {s} can be reached by e-mail at {email}.
= Send messages for {s} to {email}.
= Mail for {s} goes to {email}.
? what is the email address of {s}
? where do i write an email to {s}
? how do i contact {s} by e-mail
? e-mail of {s}
? which address do i use to mail {s}

@reply CA
- Reply time | {n2-72} hours
= {s} answers messages within {n2-72} hours.
= The support team of {s} replies within {n2-72} hours.
= Expect an answer from {s} in {n2-72} hours.
= It takes {s} at most {n2-72} hours to reply.
? how fast does {s} answer
? how long until the support of {s} replies
? when will i get a reply from {s}
? response time {s}

@discount C
- Discount code | {code}
= The code {code} gives {pct} off at {s}.
= Use {code} for {pct} off your order from {s}.
= With the code {code} you save {pct} at {s}.
= New customers of {s} get {pct} off with {code}.
? is there a discount code for {s}
? what code gives me money off at {s}
? which voucher code works at {s}
? promo code {s}
? how can i save on an order from {s}

@points CA
- Points | {n2-90} per {price}
= You earn {n2-90} points for every {price} spent at {s}.
= {s} gives {n2-90} loyalty points per {price}.
= Members of {s} collect {n2-90} points for each {price}.
= Each {price} at {s} brings you {n2-90} points.
? how many points do i earn at {s}
? how does the loyalty programme of {s} work
? how many loyalty points does {s} give
? points per purchase {s}

@pointsexpire CA
- Points expire | after {n3-48} months
= Points at {s} expire after {n3-48} months.
= Loyalty points from {s} are valid for {n3-48} months.
= {s} deletes unused points after {n3-48} months.
= Unused points lapse at {s} after {n3-48} months.
? when do my points at {s} expire
? how long are loyalty points from {s} valid
? do points from {s} run out
? how long can i keep my points at {s}

@cancel ALC
- Notice period | {n2-90} days
= {s} can be cancelled with {n2-90} days' notice.
= The notice period for {s} is {n2-90} days.
= To cancel {s}, tell us {n2-90} days before the end of the term.
= Contracts with {s} may be ended at {n2-90} days' notice.
= Give notice {n2-90} days ahead to leave {s}.
? how much notice do i need to cancel {s}
? what is the cancellation period for {s}
? how many days before must i cancel {s}
? how do i get out of {s} and with what notice
? notice period {s}
? how far ahead must i end {s}

@battery P
- Battery life | {n3-96} hours
= The battery of {s} lasts {n3-96} hours.
= {s} runs for {n3-96} hours on one charge.
= {s} works up to {n3-96} hours without charging.
= A full charge keeps {s} going for {n3-96} hours.
= On battery, {s} lasts for {n3-96} hours.
? how long does the battery of {s} last
? what is the battery life of {s}
? how many hours does {s} run on a charge
? battery {s}
? for how many hours can i use {s} unplugged

@charging P
- Charging time | {n20-240} minutes
= {s} charges fully in {n20-240} minutes.
= Charging {s} takes {n20-240} minutes.
= {s} is full again after {n20-240} minutes on the charger.
= It takes {n20-240} minutes to charge {s}.
? how long does it take to charge {s}
? charging time of {s}
? how many minutes until {s} is fully charged
? when is {s} full again

@capacity P
- Capacity | {litres}
= {s} holds {litres}.
= The capacity of {s} is {litres}.
= {s} has a tank of {litres}.
= Up to {litres} fit into {s}.
= You can fill {s} with {litres}.
? how much does {s} hold
? what is the capacity of {s}
? how many litres fit into {s}
? how big is the tank of {s}
? volume of {s}
? how much can i fill into {s}

@size P
- Dimensions | {dims}
= {s} measures {dims}.
= The dimensions of {s} are {dims}.
= {s} has a size of {dims}.
= {s} is {dims} in size.
? how big is {s}
? what are the dimensions of {s}
? what size is {s}
? measurements of {s}
? how much space does {s} need

@weight P
- Weight | {kg}
= {s} weighs {kg}.
= The weight of {s} is {kg}.
= {s} has a weight of {kg}.
= At {kg}, {s} is easy to carry.
= {s} comes to {kg} on the scales.
? how heavy is {s}
? what does {s} weigh
? what is the weight of {s}
? how many kilos is {s}
? weight {s}

@material P
- Material | {material}
= {s} is made of {material}.
= The body of {s} consists of {material}.
= {s} is built from {material}.
= We make {s} from {material}.
= For {s} we use {material}.
? what is {s} made of
? which material is {s}
? what is the body of {s} made from
? material of {s}
? what do you use to make {s}

@colours P
- Colours | {colour}, {colour#1}
= {s} comes in {colour} and {colour#1}.
= {s} is available in {colour}, {colour#1} and {colour#2}.
= You can get {s} in {colour} or {colour#1}.
= The colours of {s} are {colour} and {colour#1}.
? which colours does {s} come in
? what colors can i get {s} in
? in what colours is {s} available
? colours of {s}

@cleaning P
- Cleaning | {clean}
= Clean {s} with {clean}.
= {s} should be cleaned with {clean}.
= To clean {s}, use {clean}.
= For cleaning {s} we recommend {clean}.
= Wipe {s} with {clean} only.
? how do i clean {s}
? what should i use to clean {s}
? cleaning {s}
? with what can i wash {s}
? my {s} is dirty, what do i clean it with

@cleanevery P maintain
- Cleaning interval | every {n2-40} weeks
= {s} must be descaled every {n2-40} weeks.
= Descale {s} every {n2-40} weeks.
= {s} needs descaling once in {n2-40} weeks.
= Limescale should be removed from {s} every {n2-40} weeks.
? how often must i descale {s}
? when does {s} need descaling
? how many weeks between descaling {s}
? descaling interval {s}

@filter P maintain
- Filter change | every {n2-24} months
= The filter of {s} should be changed every {n2-24} months.
= Change the filter of {s} every {n2-24} months.
= {s} needs a new filter after {n2-24} months.
= Fit a new filter to {s} every {n2-24} months.
? how often do i change the filter of {s}
? when does {s} need a new filter
? filter change {s}
? how long does the filter of {s} last

@part P
- Spare {part} | order number {ref}
= The spare {part} for {s} has the order number {ref}.
= A new {part} for {s} can be ordered under {ref}.
= Order {ref} to replace the {part} of {s}.
= To replace the {part} of {s}, ask for part {ref}.
? what is the order number of the spare {part} for {s}
? which part do i order to replace the {part} of {s}
? i need a new {part} for {s}, what is the number
? {part} {s} part number
? the {part} of my {s} broke, what do i order

@partsyears P
- Spare parts | available for {n3-20} years
= Spare parts for {s} are available for {n3-20} years.
= We keep spare parts for {s} for {n3-20} years.
= You can buy parts for {s} for {n3-20} years after purchase.
= Parts for {s} stay in stock for {n3-20} years.
? how long are there spare parts for {s}
? for how many years can i get parts for {s}
? spare parts availability {s}
? how long do you keep parts for {s}

@error PA
- Error {err} | {cause}; {fix}
= Error {err} on {s} means that {cause}: {fix}.
= If {s} shows {err}, {fix}.
= When {s} reports {err}, {cause}; {fix}.
= {err} on {s} says that {cause}, so {fix}.
= Should {err} appear on {s}, {fix}.
? {s} shows {err}, what do i do
? what does error {err} mean on {s}
? i get {err} on {s}
? how do i fix {err} on {s}
? {s} error {err}
? help, {err} appears on {s}

@repair P
- Repair | {price}
= A repair of {s} costs {price}.
= Repairing {s} outside the warranty is {price}.
= We repair {s} for {price}.
= The flat repair fee for {s} is {price}.
? how much does a repair of {s} cost
? what do i pay to have {s} repaired
? repair price {s}
? how much to fix {s}
? what do you charge to mend {s}

@price P
- Price | {price}
= {s} costs {price}.
= The price of {s} is {price}.
= {s} sells for {price}.
= You can buy {s} for {price}.
= {s} is priced at {price}.
? how much is {s}
? what does {s} cost
? price of {s}
? what is the price for {s}
? how much do i pay for {s}
? how much money is {s}

@noise P
- Noise level | {n18-92} dB
= {s} makes {n18-92} dB of noise.
= The noise level of {s} is {n18-92} dB.
= {s} runs at {n18-92} decibels.
= At {n18-92} dB, {s} is quiet.
= {s} is as loud as {n18-92} decibels.
? how loud is {s}
? what is the noise level of {s}
? is {s} noisy
? how many decibels does {s} make
? noise {s}

@power P
- Power | {n15-3200} W
= {s} uses {n15-3200} watts.
= The power of {s} is {n15-3200} W.
= {s} needs {n15-3200} W of power.
= {s} draws {n15-3200} watts in use.
? how much power does {s} use
? how many watts does {s} need
? power consumption of {s}
? what wattage is {s}
? how much electricity does {s} draw

@voltage P
- Voltage | {n5-400} V
= {s} runs on {n5-400} volts.
= The voltage of {s} is {n5-400} V.
= {s} works with {n5-400} V.
= Connect {s} to {n5-400} volts.
? what voltage does {s} need
? how many volts for {s}
? voltage of {s}
? on which voltage does {s} work

@temp P
- Maximum temperature | {n35-450} °C
= {s} heats up to {n35-450} °C.
= The maximum temperature of {s} is {n35-450} °C.
= {s} reaches {n35-450} degrees.
= {s} can stand up to {n35-450} °C.
? how hot does {s} get
? what is the maximum temperature of {s}
? to how many degrees does {s} heat
? top temperature of {s}

@depth P
- Water resistance | {n2-200} metres
= {s} is waterproof down to {n2-200} metres.
= You can take {s} to a depth of {n2-200} metres.
= {s} stands water down to {n2-200} m.
= {s} stays dry inside as deep as {n2-200} metres.
? is {s} waterproof
? how deep can i dive with {s}
? down to what depth is {s} waterproof
? water resistance {s}

@range P
- Range | {n2-900} metres
= {s} has a range of {n2-900} metres.
= The range of {s} is {n2-900} metres.
= {s} reaches as far as {n2-900} metres.
= The signal of {s} carries {n2-900} metres.
? what is the range of {s}
? how far does {s} reach
? range {s}
? over what distance does {s} work

@reset PA
- Reset | {steps}
= To reset {s}, {steps}.
= {s} is reset like this: {steps}.
= For a reset of {s}, {steps}.
= If {s} hangs, {steps}.
= You bring {s} back to its first state when you {steps}.
? how do i reset {s}
? how can i restart {s}
? {s} hangs, how do i reset it
? factory reset {s}
? what must i do to put {s} back to the start

@setup P
- Setup | {steps}
= To set up {s}, {steps}.
= Before first use of {s}, {steps}.
= Setting up {s} is easy: {steps}.
= When you unpack {s}, {steps}.
? how do i set up {s}
? what do i do before using {s} for the first time
? setup {s}
? how do i start with {s}
? what are the first steps with {s}

@firmware P
- Update | {steps}
= To update the firmware of {s}, {steps}.
= New firmware is installed on {s} as follows: {steps}.
= {s} gets new firmware when you {steps}.
= For a firmware update of {s}, {steps}.
? how do i update the firmware of {s}
? how do i install new firmware on {s}
? firmware update {s}
? how does {s} get new software

@version PA
- Version | {version}
= The latest version of {s} is {version}.
= {s} is now at version {version}.
= Version {version} of {s} came out on {date}.
= {s} currently runs {version}.
? what is the latest version of {s}
? which version of {s} is current
? newest version {s}
? what version is {s} at

@compat PA
- Works with | {system}
= {s} works with {system}.
= {s} is compatible with {system}.
= You need {system} for {s}.
= {s} runs on {system} or newer.
= To use {s} you must have {system}.
? does {s} work with my system
? what is {s} compatible with
? what do i need for {s}
? on what does {s} run
? compatibility {s}
? what must i have to use {s}

@languages PA
- Languages | {language}, {language#1}
= {s} speaks {language} and {language#1}.
= {s} is available in {language}, {language#1} and {language#2}.
= The menus of {s} are in {language} and {language#1}.
= You can use {s} in {language} and {language#1}.
? which languages does {s} support
? what languages is {s} in
? can i use {s} in my language
? languages {s}
? in what languages are the menus of {s}
"""
