"""Facts of English help pages about the shop itself: `@` names one and the kind of its subject, `=` states it, `?` asks for it.

Subjects: `-` the shop itself, unnamed; `P` a product, `S` a branch, `K` things in the plural, `R` a thing with its article.
A question shares the words that matter with each statement. The last of the statements and questions are held out.
"""

SHOP_FACTS_EN = """
@ return_days -
= You have {n7-90} days to return an order.
= You can return an order within {n7-90} days.
= Customers have {n7-90} days to return an item.
= Orders can be sent back within {n7-90} days of return notice.
? how many days do I have to return an order
? how long can I return an order
? within how many days can I return an item
? how many days for a return
? until when can I return my order
? can I return an order after some days
? how many days do customers have to return something
@ return_cost -
= Sending an item back costs {price}.
= Sending back an order costs {price}.
= The cost of sending an item back is {price}.
= To send something back costs {price}.
? how much does sending an item back cost
? what does it cost to send an item back
? what does sending back an order cost
? is sending back free or does it cost something
? how much is sending an item back
? does it cost anything to send something back
@ refund_time -
= Refunds reach your account {n2-30} days after we receive the item.
= A refund takes {n2-30} business days.
= We pay the refund within {n2-30} days.
= You get your refund after {n2-30} days.
? how long does a refund take
? when do I get my refund
? how many days does the refund take
? when will my refund reach my account
? how long until the refund is in my account
? how fast is a refund
@ delivery_time -
= Standard delivery takes {n2-14} business days.
= Delivery takes {n2-14} days.
= The delivery time is {n2-14} days.
= The time for delivery is {n2-14} business days.
? how long does delivery take
? how many days does delivery take
? what is the delivery time
? how long is the delivery time
? how long will delivery take
? what is the usual delivery time
@ shipping_cost -
= Shipping costs {price}.
= The shipping costs are {price}.
= We charge {price} for shipping.
= For shipping we charge {price}.
? how much does shipping cost
? what does shipping cost
? what are the shipping costs
? how much is shipping
? what do you charge for shipping
? how much do you charge for shipping
@ free_delivery -
= Delivery is free from {price}.
= You get free delivery for orders over {price}.
= Orders over {price} have free delivery.
= Free delivery starts at {price}.
? from what amount is delivery free
? when is delivery free
? is there free delivery
? how do I get free delivery
? do you offer free delivery
? when do I get free delivery
@ express -
= The express option costs {price} extra.
= Express delivery costs {price}.
= With express you pay {price} more.
= Parcels by express cost {price} more.
? how much is express
? what does express cost
? how much does the express option cost
? what is the price of express
? do you have express and what does it cost
? how much for express
@ countries -
= We ship to {country}, {country#1} and {country#2}.
= We ship only to {country} and {country#1}.
= You can order from {country} and {country#1}; we ship there.
= The countries we ship to are {country} and {country#1}.
? which countries do you ship to
? where do you ship to
? what countries do you ship to
? do you ship abroad
? to which countries do you ship
? which countries do you ship orders to
@ tracking -
= You can track your parcel at {word}.example.
= We send you a tracking number {n2-24} hours after the order.
= Track your order under {setting} with the tracking number.
= The tracking of parcels is at {word}.example.
? how can I track my parcel
? where do I find the tracking number
? how do I track my order
? where can I track my parcel
? when do I get a tracking number
? how does tracking work
@ payment -
= You can pay by {pay}, {pay#1} or {pay#2}.
= We accept {pay} and {pay#1} as payment.
= Ways to pay are {pay} and {pay#1}.
= You may pay by {pay} or by {pay#1}.
? how can I pay
? which ways to pay are there
? what payment do you accept
? can I pay by card
? how do I pay for my order
? which payment do you accept
@ instalments -
= You can pay in {n3-24} monthly instalments.
= Payment in instalments is possible over {n3-24} months.
= We offer {n3-24} instalments without interest.
= Instalments run over {n3-24} months.
? can I pay in instalments
? how many instalments are possible
? do you offer instalments
? in how many instalments can I pay
? are instalments possible
? is payment in instalments possible
@ cancel -
= An order can be cancelled within {n2-48} hours.
= You can cancel an order until {time}.
= To cancel an order, write to {email}.
= Orders are cancelled by a message to {email}; you cannot cancel them otherwise.
? how do I cancel an order
? can I cancel my order
? until when can I cancel an order
? can an order be cancelled
? how can I cancel
? where do I cancel an order
@ address_change -
= To change the delivery address, call {phone}.
= You can change your delivery address under {setting}.
= To change your address, write to {email}.
= The delivery address: change it under {setting}.
? how do I change the delivery address
? can I change my delivery address
? how can I change my address
? where do I change the delivery address
? I want to change my address
? can the delivery address be changed
@ damaged -
= If an item arrives damaged, send a photo to {email}.
= Report a damaged item within {n2-30} days.
= We replace a damaged item within {n2-30} days.
= For a damaged item, call {phone}.
? my item arrived damaged, what do I do
? what if an item is damaged
? do you replace a damaged item
? how do I report a damaged item
? the item is damaged
? what should I do with a damaged item
@ wrong_item -
= If you got the wrong item, write to {email}.
= A wrong item is exchanged within {n2-30} days.
= Tell us about a wrong item at {phone}.
= If the wrong item came, call {phone}.
? I got the wrong item
? what if the wrong item arrives
? you sent me the wrong item
? what do I do with a wrong item
? the wrong item came, what now
? is a wrong item exchanged
@ contact_phone -
= The phone number of customer service is {phone}.
= Our phone number is {phone}.
= You reach us by phone at {phone}.
= Customer service has the phone number {phone}.
? what is your phone number
? what is the phone number of customer service
? how do I reach you by phone
? can I reach customer service by phone
? which phone number can I call
? do you have a phone number
@ contact_email -
= The e-mail address of customer service is {email}.
= Our e-mail address is {email}.
= Write to us by e-mail at {email}.
= Customer service has the e-mail address {email}.
? what is your e-mail address
? what is the e-mail address of customer service
? how can I write an e-mail to you
? which e-mail address do you have
? do you have an e-mail address
? to which e-mail address can I write
@ service_hours -
= Customer service answers the phone from {time} to {time#1}.
= Customer service works from {day} to {day#1}.
= The hours of customer service are {time} to {time#1}.
= Customer service has hours from {time} to {time#1}.
? what are the hours of customer service
? when does customer service answer the phone
? when does customer service work
? from when to when is customer service there
? what hours does customer service have
? at what time does customer service answer
@ answer_time -
= We answer messages within {n2-72} hours.
= Customer service answers e-mails within {n2-72} hours.
= You get an answer within {n2-10} days.
= Messages get an answer after {n2-72} hours.
? how long does an answer take
? when do I get an answer
? how fast do you answer messages
? how long until you answer my e-mails
? when will you answer
? how fast does customer service answer e-mails
@ gift_cards -
= A gift card is valid for {n2-10} years.
= Gift cards are sold for {n10-20} and {n25-90} euros.
= Gift cards expire after {n12-60} months.
= Your gift card stays valid for {n2-10} years.
? how long is a gift card valid
? do you sell gift cards
? when do gift cards expire
? which gift cards are there
? is my gift card still valid
? how long are gift cards valid
@ points -
= You earn {n2-9} loyalty points for every euro spent.
= Points expire after {n6-48} months.
= {n50-500} points are worth {price}.
= Loyalty points are worth {price} for {n50-500} points.
? how many points do I earn
? when do points expire
? what are points worth
? how do loyalty points work
? how many loyalty points do I earn for a euro
? what are my loyalty points worth
@ birthday -
= Members get {pct} off on their birthday.
= On your birthday you get {pct} off.
= The birthday discount is {pct}.
= There is a birthday discount of {pct}.
? what do I get on my birthday
? is there a birthday discount
? how much is the birthday discount
? do members get something on their birthday
? what do members get on a birthday
? how high is the birthday discount
@ discount_student -
= Students get a discount of {pct}.
= The student discount is {pct}.
= With a student card you save {pct}.
= For students there is a student discount of {pct}.
? is there a student discount
? how much is the student discount
? do students get a discount
? how high is the student discount
? what discount do students get
? do you have a student discount
@ password -
= To reset your password, press {button} under {setting}.
= You can reset your password at {word}.example.
= A new password is set under {setting}.
= Your password: reset it under {setting}.
? how do I reset my password
? where do I reset my password
? I forgot my password
? how can I get a new password
? how can I reset the password
? I need a new password
@ delete_account -
= To delete your account, press {button} under {setting}.
= You can delete your account under {setting}.
= To delete an account, write to {email}.
= Your account: delete it under {setting}.
? how do I delete my account
? can I delete my account
? where can I delete my account
? how can I delete an account
? I want to delete my account
? please delete my account
@ complaint -
= Send complaints to {email}.
= We answer every complaint within {n2-20} days.
= For a complaint, call {phone}.
= A complaint goes to {email}.
? where do I send a complaint
? how can I make a complaint
? where do complaints go
? I have a complaint, whom do I write to
? who answers a complaint
? to whom do I send complaints
@ jobs -
= Applications for a job go to {email}.
= Open jobs are listed at {word}.example.
= For a job, write to {email}.
= You find jobs at {word}.example.
? how do I apply for a job
? do you have jobs
? where are open jobs listed
? I am looking for a job
? where do I apply for a job
? are there open jobs
"""
