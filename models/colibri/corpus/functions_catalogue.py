"""Synthetic functions of imaginary services, so that the model reads the list that it is given.

A block: names to choose from; descriptions to choose from; arguments (`name/other name:kind`); request phrasings, one a
line, the last of which are held out. `{name}` in a phrasing is the argument's value.
"""

from __future__ import annotations

CATALOGUE = """
orders.get_state|order.status|sales.order_state|shop.track_order
Look up the state of an order.|Tell where an order is.|Get the status of an order.
order_id/id/order:ref
where is order {order_id}
what is the state of order {order_id}?
status of {order_id}
has order {order_id} been shipped yet
track order {order_id} for me
look up {order_id}, is it on its way
I need to know where order {order_id} is

orders.cancel|order.cancel_order|shop.cancel
Cancel an order.|Stop an order that was placed.
order_id/order:ref, reason:topic
cancel order {order_id} because of the {reason}
please stop order {order_id}, reason: {reason}
order {order_id} must be cancelled, {reason}
kill the order {order_id} due to {reason}
don't send order {order_id}: {reason}
cancel {order_id} ({reason})

orders.create|shop.place_order|purchasing.order_item
Place a new order.|Order a product.
product/item:product, quantity/count:n, express/rush:bool(by express|by normal delivery)
order {quantity} {product} {express}
buy {quantity} of the {product} {express}
place an order for {quantity} x {product}, {express}
we need {quantity} {product} {express}
{express}: {quantity} {product} please order them
get us {quantity} pieces of {product} {express}

weather.forecast|meteo.get_forecast|weather.today
Get the weather forecast for a city.|Weather of a place.
city/place/location:city
what will the weather be in {city}
weather in {city}?
is it going to rain in {city} tomorrow
do I need an umbrella in {city}
forecast for {city} please
how warm is it in {city}
temperature in {city}

tickets.close|helpdesk.close_ticket|issues.resolve
Close a ticket with a reason.|Close a support ticket.
ticket_id/ticket/id:ref, reason:enum(solved,duplicate,spam,outdated)
close ticket {ticket_id} as {reason}
ticket {ticket_id} is {reason}, close it
please close {ticket_id}, reason {reason}
mark {ticket_id} as {reason} and close it
{ticket_id} can be closed: {reason}
set ticket {ticket_id} to closed because it is {reason}

tickets.create|helpdesk.open_ticket|issues.new
Open a new ticket.|Create a support ticket.
title/subject:topic, priority:enum(low,medium,high)
open a ticket about {title} with {priority} priority
new {priority} ticket: {title}
create a ticket called {title}, priority {priority}
raise a {priority} priority issue for the {title}
please log {title} as a ticket, {priority}
file a ticket for {title} ({priority})

tickets.assign|helpdesk.assign_to|issues.set_owner
Assign a ticket to a person.|Give a ticket to somebody.
ticket_id/ticket:ref, assignee/person:person
assign ticket {ticket_id} to {assignee}
give {ticket_id} to {assignee}
{assignee} should take ticket {ticket_id}
hand ticket {ticket_id} over to {assignee}
let {assignee} work on {ticket_id}
make {assignee} the owner of {ticket_id}

calendar.add|agenda.create_event|schedule.new_event
Add an event to the calendar.|Put an appointment in the calendar.
title/event:topic, date/day:date, time/at:time
add {title} on {date} at {time} to my calendar
put {title} in the calendar for {date}, {time}
schedule {title} {date} {time}
new event: {title}, {date} at {time}
book {title} in my agenda on {date} at {time}
calendar entry {title} for {date} {time}

calendar.list|agenda.show_day|schedule.get_events
List the events of a day.|Show what is in the calendar.
date/day:date
what is in my calendar on {date}
show my appointments for {date}
am I free on {date}?
list events {date}
which meetings do I have on {date}
my agenda for {date}

rooms.book|facilities.reserve_room|office.book_room
Book a meeting room.|Reserve a room.
room/place:place, date:date, seats/people:n
book {room} on {date} for {seats} people
reserve {room} for {seats} persons on {date}
we are {seats}, can we have {room} on {date}
I need {room} {date}, {seats} seats
get {room} for {date} ({seats} people)
{date}: {room} for {seats} please

invoices.find|billing.search_invoices|accounting.list_invoices
Find the invoices of a customer.|Search invoices by month.
customer/client:company, month:month
find the invoices of {customer} for {month}
show me {customer}'s invoices from {month}
which bills did {customer} get in {month}
invoices {customer} {month}
list all invoices for {customer} in {month}
search {month} invoices of {customer}

invoices.pay|billing.settle|payments.pay_invoice
Pay an invoice.|Transfer the amount of an invoice.
invoice_id/invoice:ref, amount/value:price
pay invoice {invoice_id}, {amount}
transfer {amount} for invoice {invoice_id}
settle {invoice_id} with {amount}
invoice {invoice_id} over {amount} should be paid
please pay {amount} on {invoice_id}
send the payment of {amount} for {invoice_id}

stock.level|inventory.get_level|warehouse.count
Get the stock level of an article.|How many pieces are in stock.
sku/article:ref
how many {sku} do we have
stock of {sku}?
is {sku} still in stock
check the inventory for {sku}
tell me the stock level of article {sku}
what is left of {sku}

stock.reorder|inventory.restock|warehouse.order_more
Reorder an article.|Order more of an article for the warehouse.
sku/article:ref, quantity/amount:n
reorder {quantity} of {sku}
we are low on {sku}, restock {quantity}
order {quantity} more {sku} for the warehouse
fill up {sku} by {quantity}
replenish article {sku} with {quantity} pieces
get {quantity} new {sku} into stock

users.block|accounts.suspend|admin.lock_user
Block a user.|Suspend an account.
email/user/login:email
block user {email}
suspend the account of {email}
lock out {email}
{email} must not log in any more
disable {email} please
ban {email}

users.invite|team.add_member|accounts.create_user
Invite a user with a role.|Add a person to the workspace.
email/address:email, role:enum(viewer,editor,admin)
invite {email} as {role}
add {email} to the workspace as an {role}
give {email} {role} access
make an account for {email}, role {role}
new {role}: {email}
let {email} in as {role}

users.reset_password|accounts.new_password|auth.reset
Send a password reset link to a user.|Reset a password.
email/user:email
reset the password of {email}
{email} forgot the password
send a reset link to {email}
new password for {email} please
password reset {email}
{email} cannot log in, reset it

translate.text|language.translate|i18n.convert
Translate a text into a language.|Translate words.
text/phrase:topic, language/target:enum(French,German,Italian,Spanish,Polish,Chinese)
translate "{text}" into {language}
how do you say {text} in {language}
{text} in {language} please
what is {text} called in {language}?
put "{text}" into {language}
{language} translation of "{text}"

currency.convert|money.exchange|finance.fx
Convert an amount between currencies.|Exchange rate of an amount.
amount/value:price, source/from_currency:enum(EUR,USD,GBP,CHF), target/to_currency:enum(JPY,SEK,PLN,CAD)
convert {amount} {source} to {target}
how much is {amount} {source} in {target}
{amount} {source} in {target}
what do I get in {target} for {amount} {source}
exchange {amount} {source} into {target}
change {amount} {source} to {target} please

flights.search|travel.find_flights|trips.flight_search
Search flights between cities.|Find a flight.
origin/from_city:city, destination/to_city:city, date:date
find a flight from {origin} to {destination} on {date}
flights {origin} {destination} {date}
I want to fly from {origin} to {destination} on {date}
which planes go from {origin} to {destination} {date}
look for flights to {destination} from {origin} on {date}
{date}: flight {origin} - {destination}

hotels.book|travel.reserve_hotel|trips.hotel
Book a hotel.|Reserve a hotel room in a city.
city:city, date/checkin:date, nights:n
book a hotel in {city} from {date} for {nights} nights
hotel in {city}, {nights} nights from {date}
I need {nights} nights in {city} starting {date}
reserve a room in {city} on {date}, {nights} nights
{nights} nights at a hotel in {city}, arrival {date}
find me a hotel in {city} for {nights} nights from {date}

taxi.call|rides.order|transport.book_ride
Call a taxi.|Order a ride.
pickup/from_place:place, time:time
call a taxi to {pickup} at {time}
I need a cab from {pickup} at {time}
taxi {pickup} {time}
pick me up at {pickup} at {time}
order a ride for {time}, start {pickup}
get a car to {pickup} by {time}

contacts.find|crm.search_contact|people.lookup
Find a contact.|Look up a person's details.
name/person:person
find the phone number of {name}
look up {name} in the contacts
who is {name}
contact details of {name}
how do I reach {name}
show me {name}'s contact card

contacts.add|crm.new_contact|people.create
Add a contact.|Save a new contact.
name/person:person, phone/number:phone
add {name} with number {phone} to contacts
save {phone} as {name}
new contact: {name}, {phone}
store the number {phone} for {name}
remember {name}, phone {phone}
{name} has the number {phone}, add it

crm.log_call|sales.record_call|contacts.note_call
Record a call with a customer.|Log a call.
customer/client:company, minutes/duration:n, topic:topic
log a call with {customer} about {topic}, {minutes} minutes
I talked {minutes} minutes to {customer} about {topic}
record: {customer}, {topic}, {minutes} min
call with {customer} took {minutes} minutes, topic {topic}
note a {minutes} minute call with {customer} on {topic}
put down that I called {customer} for {minutes} minutes regarding {topic}

crm.set_stage|sales.move_deal|deals.update_stage
Move a deal to a stage.|Change the stage of a deal.
deal/customer:company, stage:enum(lead,offer,won,lost)
set the deal with {deal} to {stage}
{deal} is {stage}
move {deal} to stage {stage}
mark the {deal} deal as {stage}
deal {deal} -> {stage}
update {deal}: stage {stage}

timer.start|clock.set_timer|kitchen.timer
Start a timer.|Set a timer in minutes.
minutes/duration:n
set a timer for {minutes} minutes
timer {minutes} min
wake me in {minutes} minutes
start a {minutes} minute countdown
tell me when {minutes} minutes are over
count down {minutes} minutes

alarm.set|clock.add_alarm|phone.alarm
Set an alarm.|Wake somebody at a time.
time/at:time, repeat/daily:bool(every day|only once)
set an alarm at {time} {repeat}
wake me at {time}, {repeat}
alarm {time} {repeat}
I have to get up at {time} {repeat}
ring at {time} {repeat}
put the alarm to {time}, {repeat}

lights.set|home.dim_light|smarthome.light
Set the brightness of a room's light.|Dim the lights.
room:enum(kitchen,bedroom,bathroom,office,garage,hall), brightness/level:n
set the {room} light to {brightness}
dim the lights in the {room} to {brightness} percent
{room} brightness {brightness}
make the {room} {brightness} percent bright
lights {room} {brightness}
I want {brightness} percent light in the {room}

heating.set|home.temperature|climate.set_target
Set the target temperature.|Change the heating of a room.
room:enum(kitchen,bedroom,bathroom,office,garage,hall), degrees/temperature:n
heat the {room} to {degrees} degrees
set {room} to {degrees} degrees
{degrees} degrees in the {room} please
make it {degrees} degrees in the {room}
temperature {room} {degrees}
turn the heating in the {room} to {degrees}

music.play|player.start|audio.play_song
Play music.|Play songs of an artist.
artist/band:person, shuffle/random:bool(in random order|in album order)
play {artist} {shuffle}
put on {artist}, {shuffle}
I want to hear {artist} {shuffle}
start music by {artist} {shuffle}
play songs from {artist} {shuffle}
some {artist} please, {shuffle}

notes.create|notebook.add|memo.save
Save a note.|Write down a note.
text/note:topic
note: {text}
write down {text}
save a note about {text}
remember the {text}
take a memo: {text}
jot down {text}

todo.add|tasks.create|lists.add_item
Add a task to the list.|Create a task with a due date.
task/title:topic, due/date:date
add {task} to my tasks, due {due}
todo: {task} by {due}
I must finish {task} by {due}
new task {task} until {due}
put {task} on the list for {due}
create a task for the {task}, deadline {due}

todo.finish|tasks.complete|lists.check_off
Mark a task as done.|Finish a task.
task/title:topic
{task} is done
mark {task} as finished
tick off {task}
complete the task {task}
I have done {task}
check {task} off my list

reminders.set|remind.me|alerts.create_reminder
Set a reminder.|Remind the user of something.
topic/what:topic, date/when:date
remind me of the {topic} on {date}
don't let me forget {topic} on {date}
set a reminder for {date}: {topic}
reminder {topic} {date}
on {date} remind me about {topic}
ping me on {date} about the {topic}

files.share|drive.share_file|documents.grant
Share a file with somebody.|Give access to a document.
file/name:topic, email/user:email
share the {file} with {email}
give {email} access to {file}
let {email} see the {file}
open {file} for {email}
send {email} a link to {file}
{email} needs the file {file}

files.find|drive.search|documents.lookup
Find a file.|Search documents by name.
query/name:topic
find the file {query}
where is the document about {query}
search my drive for {query}
open the {query} file
look for a file named {query}
I can't find the {query} document

files.delete|drive.remove|documents.erase
Delete a file.|Remove a document for good.
file/name:topic
delete the file {file}
remove {file} from the drive
throw away the {file} document
erase {file}
get rid of the file {file}
I no longer need the {file} file, delete it

deploy.start|ci.deploy|release.roll_out
Deploy a version to an environment.|Roll out a release.
service/app:word, environment/env:enum(staging,production,test)
deploy {service} to {environment}
roll out {service} on {environment}
ship {service} to {environment}
push {service} into {environment}
release {service} in {environment}
bring {service} live on {environment}

deploy.rollback|ci.revert|release.undo
Roll a service back.|Undo a deployment.
service/app:word, version/build:ref
roll {service} back to {version}
revert {service} to version {version}
undo the deployment of {service}, back to {version}
go back to {version} on {service}
{service} is broken, return to {version}
restore {version} of {service}

builds.status|ci.get_build|pipeline.state
Get the state of a build.|Did a build pass.
build_id/build:ref
did build {build_id} pass
state of build {build_id}
is {build_id} green
check pipeline {build_id}
how is build {build_id} going
result of build {build_id}

servers.restart|ops.reboot|infra.restart_host
Restart a server.|Reboot a machine.
host/server:word, force:bool(by force|gracefully)
restart {host} {force}
reboot server {host} {force}
{host} hangs, restart it {force}
please bounce {host} {force}
turn {host} off and on again {force}
cycle the machine {host} {force}

servers.metrics|monitoring.cpu|infra.load
Get the load of a server.|Show metrics of a host.
host/server:word, hours/window:n
show the load of {host} for the last {hours} hours
cpu of {host}, {hours} hours
how busy was {host} during the last {hours} hours
metrics {host} {hours}h
load on {host} over {hours} hours
graph of {host} for {hours} hours

logs.search|monitoring.find_logs|ops.grep
Search the logs of a service.|Find log lines.
service/app:word, text/query:ref
search the logs of {service} for {text}
find {text} in {service} logs
grep {text} in {service}
did {service} log {text}
show log lines of {service} with {text}
any trace of {text} in the logs of {service}?

alerts.silence|monitoring.mute|ops.silence_alert
Silence an alert.|Mute an alert for a while.
alert/name:word, minutes/duration:n
silence {alert} for {minutes} minutes
mute alert {alert}, {minutes} min
stop the alarm {alert} for {minutes} minutes
quiet {alert} {minutes} minutes please
I know about {alert}, mute it for {minutes} minutes
ignore {alert} during the next {minutes} minutes

payroll.salary|hr.get_salary|people.pay
Get the salary of an employee.|Look up somebody's pay.
employee/name:person, month:month
what did {employee} earn in {month}
salary of {employee} for {month}
show the pay slip of {employee}, {month}
how much was {employee} paid in {month}
{employee} pay {month}
payroll entry of {employee} in {month}

leave.request|hr.book_holiday|absence.create
Request days off.|Book holiday.
start/from_date:date, days/length:n
I want {days} days off from {start}
request holiday from {start}, {days} days
book {days} days of leave starting {start}
take {days} free days as of {start}
I'd like to be off from {start} for {days} days
holiday: {days} days from {start}

leave.balance|hr.days_left|absence.remaining
Get the days off that an employee has left.|Holiday balance.
employee/name:person
how many days off does {employee} have left
holiday balance of {employee}
remaining leave for {employee}
days left {employee}
can {employee} still take holiday
what is {employee}'s leave balance

expenses.submit|finance.claim|travel.expense
Submit an expense.|Claim money back.
amount/value:price, category:enum(travel,meals,hotel,office), date:date
submit {amount} for {category} on {date}
I spent {amount} on {category} on {date}
expense claim: {category}, {amount}, {date}
{category} cost me {amount} on {date}
claim {amount} back, {category}, {date}
put {amount} {category} from {date} on my expenses

budget.remaining|finance.left|projects.budget_left
Get the remaining budget of a project.|How much money is left.
project/name:topic
how much budget is left for {project}
remaining money of {project}
what can we still spend on {project}
budget left {project}
funds of the {project}
is there money left in {project}

shipping.quote|parcel.price|logistics.get_quote
Get the price of a shipment.|Quote for sending a parcel.
destination/city:city, weight/kilos:price
what does a parcel of {weight} kg to {destination} cost
price for {weight} kilos to {destination}
quote: {destination}, {weight} kg
how much to send {weight} kg to {destination}
shipping {weight} kg {destination}
cost of {weight} kilograms to {destination}

shipping.label|parcel.print_label|logistics.create_label
Print a shipping label.|Create a label for a parcel.
order_id/parcel:ref, insured/insurance:bool(with insurance|without insurance)
print a label for {order_id} {insured}
shipping label {order_id} {insured}
make the parcel label of {order_id}, {insured}
{order_id} needs a label {insured}
create a label {insured} for {order_id}
label please: {order_id}, {insured}

returns.create|shop.register_return|orders.send_back
Register a return.|Start the return of a product.
order_id/order:ref, product/item:product
register the return of {product} from order {order_id}
the customer sends back {product}, order {order_id}
return {product} ({order_id})
start a return for {order_id}: {product}
{product} of order {order_id} comes back
take back the {product} from {order_id}

refunds.issue|payments.refund|billing.give_back
Refund an amount.|Pay money back to a customer.
order_id/payment:ref, amount/value:price
refund {amount} for {order_id}
give back {amount} on order {order_id}
pay {amount} back, {order_id}
issue a refund over {amount} for {order_id}
{order_id}: refund of {amount}
return {amount} to the customer of {order_id}

coupons.create|shop.new_coupon|marketing.discount_code
Create a discount code.|Make a coupon.
code/name:word, percent/discount:n
create coupon {code} with {percent} percent
new discount code {code}, {percent}%
make a code {code} that gives {percent} percent off
{percent} percent off with code {code}
set up the coupon {code} ({percent}%)
we need a {percent} percent voucher named {code}

prices.update|catalog.set_price|shop.change_price
Change the price of a product.|Set a price.
product/item:product, price/value:price
set the price of {product} to {price}
{product} now costs {price}
change {product} to {price}
new price for {product}: {price}
make the {product} {price}
update the price of {product} to {price}

products.search|catalog.find|shop.search_items
Search products.|Find products up to a price.
query/product:product, max_price/limit:n
find a {query} under {max_price}
search for {query}, at most {max_price}
show me {query} up to {max_price}
I look for a {query} for less than {max_price}
{query} below {max_price}
any {query} cheaper than {max_price}?

reviews.list|feedback.get_reviews|shop.reviews
List the reviews of a product.|Show what buyers say.
product/item:product, stars/rating:n
show reviews of {product} with {stars} stars
{stars} star reviews for {product}
what do buyers with {stars} stars say about {product}
list the {stars} star ratings of {product}
read me {stars} star feedback on {product}
reviews {product}, {stars} stars

newsletter.subscribe|marketing.add_subscriber|lists.subscribe
Add an address to the newsletter.|Subscribe somebody.
email/address:email
subscribe {email} to the newsletter
add {email} to our newsletter
{email} wants the newsletter
sign up {email} for news
put {email} on the mailing list
newsletter for {email}

newsletter.unsubscribe|marketing.remove_subscriber|lists.opt_out
Remove an address from the newsletter.|Unsubscribe somebody.
email/address:email
unsubscribe {email}
take {email} off the newsletter
no more newsletters to {email}
remove {email} from the mailing list
{email} wants no more news
opt out {email}

sms.send|phone.text|messages.send_sms
Send a text message.|Text a phone number.
number/phone:phone, text/message:topic
text {number}: {text}
send an sms to {number} saying {text}
sms {number} {text}
send {text} to the phone {number}
message the number {number} with {text}
write a text to {number}: {text}

slack.post|chatroom.post_message|team.announce
Post a message to a channel.|Announce something in a channel.
channel/room:word, text/message:topic
post {text} in #{channel}
announce {text} on channel {channel}
tell the channel {channel}: {text}
write {text} to #{channel}
let #{channel} know about {text}
drop {text} into the {channel} channel

polls.create|survey.new|vote.start
Start a poll.|Create a survey with a deadline.
question/topic:topic, deadline/until:date
start a poll on {question} until {deadline}
let people vote about {question} by {deadline}
survey: {question}, ends {deadline}
new poll {question}, deadline {deadline}
ask everybody about {question} until {deadline}
make a vote on {question} that closes on {deadline}

parking.reserve|facilities.book_parking|garage.book
Reserve a parking space.|Book parking for a car.
plate/car:ref, date:date
reserve parking for {plate} on {date}
parking space {date}, car {plate}
my car {plate} needs a space on {date}
book a spot for {plate} {date}
{plate} will park here on {date}
keep a parking spot for {plate} on {date}

visitors.register|reception.add_visitor|office.expect_guest
Register a visitor.|Announce a guest at the reception.
name/guest:person, company/firm:company, date:date
register {name} of {company} as a visitor on {date}
{name} from {company} visits us on {date}
expect {name} ({company}) on {date}
guest {date}: {name}, {company}
announce {name} of {company} for {date}
put {name} from {company} on the visitor list for {date}

maps.route|navigation.directions|travel.route
Get the route between two places.|Directions.
origin/start:city, destination/goal:city, avoid_tolls/no_tolls:bool(without tolls|with tolls)
route from {origin} to {destination} {avoid_tolls}
how do I get from {origin} to {destination} {avoid_tolls}
directions {origin} to {destination}, {avoid_tolls}
drive from {origin} to {destination} {avoid_tolls}
show the way to {destination} from {origin} {avoid_tolls}
{origin} - {destination} by car {avoid_tolls}

restaurants.reserve|dining.book_table|food.table
Reserve a table.|Book a table in a restaurant.
restaurant/place:word, guests/people:n, time:time
table for {guests} at {restaurant}, {time}
book a table at {restaurant} for {guests} at {time}
reserve {restaurant} at {time} for {guests} people
we are {guests} and want to eat at {restaurant} at {time}
{restaurant}, {time}, {guests} guests
dinner at {restaurant} at {time} for {guests}

bank.balance|accounts.get_balance|finance.account_balance
Get the balance of an account.|How much money is on an account.
account/iban:ref
balance of account {account}
how much is on {account}
what is left on account {account}
show me the balance of {account}
money on {account}?
check the account {account}

bank.transfer|payments.send_money|finance.wire
Transfer money.|Send money to somebody.
recipient/to:person, amount/value:price
transfer {amount} to {recipient}
send {recipient} {amount}
wire {amount} to {recipient}
give {recipient} {amount} from my account
{amount} to {recipient} please
make a transfer of {amount} to {recipient}

stocks.quote|market.price|finance.stock_price
Get the price of a share.|Stock price of a company.
company/ticker:company
share price of {company}
what is {company} trading at
how is the stock of {company} doing
quote for {company}
stock price {company}
is {company} up today

courses.enroll|training.sign_up|academy.register
Enrol a person in a course.|Sign somebody up for a training.
course/title:topic, person/student:person
sign {person} up for the {course}
enrol {person} in {course}
{person} wants to take the {course}
register {person} for the {course}
put {person} into the {course}
{course}: add {person}

vehicles.service|fleet.book_service|cars.maintenance
Book the maintenance of a vehicle.|Send a car to the garage.
plate/vehicle:ref, kilometers/mileage:n
book service for car {plate} at {kilometers} km
{plate} has {kilometers} km and needs maintenance
send {plate} to the garage, {kilometers} kilometers
service vehicle {plate} ({kilometers} km)
maintenance of {plate}, mileage {kilometers}
the van {plate} with {kilometers} km must be serviced

machines.stop|plant.halt|factory.stop_machine
Stop a machine.|Halt a machine in the plant.
machine/id:ref, emergency/at_once:bool(immediately|after the current job)
stop machine {machine} {emergency}
halt {machine} {emergency}
{machine} must stop {emergency}
switch off {machine} {emergency}
shut {machine} down {emergency}
bring {machine} to a stop {emergency}

patients.appointment|clinic.book|doctor.schedule
Book an appointment for a patient.|Make a doctor's appointment.
patient/name:person, date:date, time:time
appointment for {patient} on {date} at {time}
book {patient} in on {date}, {time}
{patient} comes to the doctor on {date} at {time}
give {patient} a slot {date} {time}
patient {patient}, {date} at {time}
schedule {patient} for {date} {time}

library.loan|books.lend|media.check_out
Lend a book to a reader.|Record a loan.
book/title:topic, reader/member:person
lend {book} to {reader}
{reader} borrows {book}
check out the book {book} for {reader}
loan: {book}, {reader}
{reader} takes the book {book} home
give the book {book} to {reader}

recipes.find|cooking.search|food.recipe
Find a recipe.|Search recipes by ingredient.
ingredient/with_item:word, minutes/max_minutes:n
recipe with {ingredient} in {minutes} minutes
what can I cook with {ingredient} in {minutes} minutes
find a dish with {ingredient}, at most {minutes} minutes
I have {ingredient} and {minutes} minutes
cook something with {ingredient} under {minutes} minutes
{ingredient} recipe, {minutes} minutes

domains.check|dns.available|web.domain_free
Check whether a domain is free.|Is a domain available.
domain/url:url
is {domain} still free
check the domain {domain}
can I register {domain}
is {domain} available?
availability of {domain}
look whether {domain} is taken

web.screenshot|browser.capture|sites.snapshot
Take a screenshot of a page.|Capture a web page.
url/page:url, full_page/whole:bool(the whole page|only the top)
screenshot of {url}, {full_page}
capture {url}, {full_page}
take a picture of {url}: {full_page}
snapshot {url} {full_page}
how does {url} look, {full_page}
save an image of {url}, {full_page}
"""
