"""More ways to state and to ask what `support_facts_en` holds, and facts that offices, hotels and software have.

The same form. A fact that is named again gains these ways. Statement and question may share no word here: `delivery` and
`shipping`, `refund` and `money back` are learned by heart.
"""

MORE_FACTS_EN = """
@ return_days -
= Returns are accepted within {n7-90} days.
= The return period is {n7-90} days.
= You can send items back for {n7-90} days after delivery.
= {name} takes items back within {n7-90} days.
? what is the return period
? how much time do I have to send something back
? how long do I have to return something
? I want to send something back, how long can I wait
? how long can I take to send it back
? by when do I have to return an item
? what is your return policy
@ return_cost -
= A return costs {price}.
= {name} charges {price} for a return.
= For returns we charge {price}.
? what does a return cost
? how much is a return
? do I pay for the return
? what do you charge for returns
@ refund_time -
= You have your money back within {n2-30} days.
= The money is back in your account after {n2-30} business days.
= Refunds are paid within {n2-30} days.
? when do I get my money back
? how long until I have my money back
? when is the money back in my account
? how long do refunds take
? when are refunds paid
@ delivery_time -
= Orders arrive after {n2-14} days.
= Your parcel arrives within {n2-14} business days.
= Shipping takes {n2-14} business days.
= {name} delivers within {n2-14} days.
? when will my order arrive
? when does my parcel arrive
? how long does shipping take
? how fast do you deliver
? how soon do I get my order
? how many days until my parcel arrives
? how long do I have to wait for my order
? when do I get my order
@ shipping_cost -
= {name} charges {price} for delivery.
= Delivery costs {price}.
= The delivery fee is {price}.
= Postage is {price} per order.
? what does delivery cost
? how much is delivery
? how much does delivery cost
? what is the delivery fee
? do I have to pay for shipping
? how expensive is shipping
? what do you charge for delivery
? how much is the postage
@ free_delivery -
= Shipping is free for orders above {price}.
= From {price} on, you pay nothing for delivery.
= Delivery is free of charge from {price}.
? is shipping free
? when is shipping free
? from what amount is shipping free
? how much do I have to order for free shipping
? is delivery free of charge
@ express -
= Next-day delivery costs {price}.
= For express shipping we charge {price}.
? how much is express delivery
? what does express shipping cost
? what do you charge for express
@ countries -
= {name} delivers to {country}, {country#1} and {country#2}.
= Delivery is possible to {country} and {country#1}.
? where do you deliver
? which countries do you deliver to
? do you deliver to other countries
? do you send parcels abroad
@ tracking -
= The tracking number is in your confirmation e-mail.
= You follow your parcel with the number that we send by e-mail.
? where is my parcel
? where is my order
? how do I know where my parcel is
? can I follow my parcel
@ payment -
= Payment is by {pay} or {pay#1}.
= {pay}, {pay#1} and {pay#2} are accepted.
= Payment methods: {pay} and {pay#1}.
? which payment methods do you have
? what payment methods do you accept
? what are the payment methods
? how do you want me to pay
? can I pay with my card
? do you take credit cards
@ cancel -
= Orders can be cancelled for {n2-48} hours.
= Cancelling is possible until {time}.
? I want to cancel my order
? how do I cancel
? can I still cancel my order
? is cancelling possible
@ address_change -
? can you send it to another address
? I moved, how do I change the address
? I gave you the wrong address
@ damaged -
= If something arrives broken, write to {email}.
= Send us a photo of the damage at {email}.
? my parcel arrived broken
? it came broken, what now
? what do I do if something arrives broken
? my order is damaged, what can I do
@ wrong_item -
? I received something else than I ordered
? this is not what I ordered
@ contact_phone -
= Call us on {phone}.
= You can call {name} on {phone}.
= Phone: {phone}.
? what number can I call
? can I call you
? how can I call you
? what is your telephone number
? your phone number please
@ contact_email -
= Send us an e-mail at {email}.
= E-mail: {email}.
= Questions go to {email}.
? what is your email
? how can I contact you by email
? can I send you an email
? where do I send my questions
? how do I contact you
@ service_hours -
= We answer the phone from {time} to {time#1}.
= You can call us between {time} and {time#1}.
? when can I call you
? when can I reach you by phone
? between which hours can I call
@ answer_time -
= We reply within {n2-72} hours.
= {name} replies after {n2-72} hours.
? when do you reply
? how fast do you reply
? how long does a reply take
? when will I hear from you
@ gift_cards -
= A voucher is valid for {n2-10} years.
? how long is a voucher valid
@ password -
= Forgot your password? Press {button}.
? I do not remember my password
? I cannot log in, I forgot the password
? how do I change my password
@ delete_account -
= Close your account under {setting}.
? how do I close my account
? can I close my account
@ complaint -
? I want to complain
? where can I complain
@ jobs -
= Applicants write to {email}.
? how can I work for you
? are you hiring
@ shop_hours -
= We are open from {time} to {time#1}.
= Our shop is open from {time} to {time#1}, {day} to {day#1}.
= The shop opens at {time} and closes at {time#1}.
= Our opening hours are {time} to {time#1}.
= {name} is open from {time} to {time#1}.
= Opening hours: {time} to {time#1}.
= Our hours are from {time} to {time#1}.
? when are you open
? when is the shop open
? what are your opening hours
? what are the opening hours
? at what time do you open
? when do you close
? until when are you open
? how late is the shop open
? when can I come to the shop
? from when is the shop open
? what opening hours do you have
@ shop_address -
= Our shop is at {street}.
= You find us at {street}.
= {name} is at {street}.
= Our address is {street}.
= The address is {street}.
? where are you
? where is your shop
? what is your address
? where can I find you
? where do I find you
? which address do you have
@ product_warranty -
= All products have a warranty of {n2-15} years.
= We give a warranty of {n2-15} years.
= {name} gives a guarantee of {n2-15} years.
= The warranty is {n2-15} years.
? how long is the warranty
? what warranty do you give
? is there a warranty
? do you give a guarantee
? how many years of warranty are there
@ trial -
= You can try {name} for {n5-60} days free of charge.
= The free trial lasts {n5-60} days.
= {n5-60} days of trial are free.
= The trial ends after {n5-60} days.
? is there a free trial
? how long is the free trial
? can I try it for free
? how long can I try it
? when does the trial end
@ plan_price -
= The basic plan costs {price} a month.
= {name} costs {price} per user and month.
= The plan is {price} a month.
= A subscription costs {price} a month.
? how much is the plan per month
? what does a subscription cost
? how much does it cost per month
? how much is it a month
? what is the price per month
@ plan_change -
= You change your plan under {setting}.
= To change the plan, press {button} under {setting}.
= The plan can be changed under {setting}.
= Under {setting} you change the plan.
? how do I change my plan
? can I change my plan
? where can I change my plan
? I need a bigger plan
@ invoices -
= Invoices are under {setting}.
= You find your invoices under {setting}.
= Download your invoice under {setting}.
= We send the invoice by e-mail on {day}.
? where is my invoice
? where do I find my invoices
? how do I download my invoice
? I need an invoice
? can I get an invoice
@ colleagues -
= Invite colleagues under {setting}.
= A colleague is added under {setting}.
= To add a colleague, press {button} under {setting}.
= Colleagues join by invitation under {setting}.
? how do I add a colleague
? how can I invite a colleague
? can my colleagues use it too
? where do I add colleagues
@ storage -
= Each account has {n2-900} GB of storage.
= The storage is {n2-900} GB.
= You have {n2-900} GB of space.
= Your account holds {n2-900} GB of storage.
? how much storage do I have
? how many GB do I have
? how much space is there
? what is the storage of an account
@ holidays -
= Employees have {n20-40} days of holiday a year.
= There are {n20-40} days of holiday.
= Everyone gets {n20-40} days off a year.
= The days of holiday are {n20-40} a year.
? how many days of holiday do I have
? how much holiday do employees get
? how many days off do I get
? how many holidays are there
@ sick_leave -
= If you are ill, tell your manager before {time}.
= When you are ill, call {phone}.
= Report sick leave to {email}.
= Who is ill writes to {email}.
? what do I do when I am ill
? I am ill, whom do I tell
? where do I report sick leave
? I am sick today, what do I have to do
@ wifi -
= The wifi password is {word}.
= The password of the wifi is {word}.
= Guests use the wifi password {word}.
= Use {word} as the password of the wifi.
? what is the wifi password
? how do I get wifi
? is there wifi
? I need the wifi password
? how can guests use the wifi
@ parking -
= Parking costs {price} per day.
= Guests park at {street}.
= There is parking for {n5-90} cars.
= The parking of guests is at {street}.
? where can I park
? is there parking
? can I park my car
? where do guests park
@ check_in -
= Check-in is from {time}.
= You can check in from {time}.
= Rooms are ready at {time}.
= Your check-in begins at {time}.
? when can I check in
? when is check-in
? from when can I have my room
? at what time is the room ready
@ check_out -
= Check-out is until {time}.
= Please leave your room by {time}.
= You must check out before {time}.
= The check-out ends at {time}.
? when is check-out
? until when can I stay in the room
? when do I have to leave the room
? when must I check out
@ breakfast -
= Breakfast is served from {time} to {time#1}.
= The breakfast room is open until {time}.
= There is breakfast until {time}.
= We serve breakfast until {time}.
? when is breakfast
? is there breakfast
? what about breakfast
? until when can I have breakfast
@ minimum_order -
= The minimum order is {price}.
= We accept orders from {price}.
= The smallest order is {price}.
= An order is at least {price}.
? is there a minimum order
? how big must an order be
? what is the minimum order
? how much do I have to order at least
@ collect -
= You can collect your order after {n2-14} days.
= Orders are collected at {street}.
= A parcel waits for you for {n2-30} days.
= You pick up your order at {street}.
? can I collect my order
? where can I collect my order
? can I pick up my order
? where do I pick up my parcel
@ appointment -
= Book an appointment at {phone}.
= Appointments are booked at {word}.example.
= For an appointment, call {phone}.
= We make appointments at {email}.
? how do I book an appointment
? can I make an appointment
? I need an appointment
? where do I book an appointment
"""
