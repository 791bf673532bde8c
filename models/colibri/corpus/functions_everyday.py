"""Synthetic functions of calendars, travel, homes and the like, so that the model reads the list that it is given.

A block: names to choose from; descriptions to choose from; arguments (`name/other name:kind`); request phrasings, one a
line, the last of which are held out. `{name}` in a phrasing is the argument's value.
"""

from __future__ import annotations

EVERYDAY = """
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

translate.text|language.translate|i18n.convert
Translate a text into a language.|Translate words.
text/phrase:topic, language/target:enum(French,German,Italian,Spanish,Polish,Chinese)
translate "{text}" into {language}
how do you say {text} in {language}
{text} in {language} please
what is {text} called in {language}?
put "{text}" into {language}
{language} translation of "{text}"

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
