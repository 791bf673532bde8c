"""Facts of English help pages: `@` names one and the kind of its subject, `=` states it, `?` asks for it.

Subjects: `-` the shop itself, unnamed; `P` a product, `S` a branch, `K` things in the plural, `R` a thing with its article.
A question shares the words that matter with each statement. The last of the statements and questions are held out.
"""

FACTS_EN = """
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
@ warranty P
= {s} has a warranty of {n2-15} years.
= The warranty of {s} is {n2-15} years.
= The warranty of {s} lasts {n12-90} months.
= For {s} there is a warranty of {n2-15} years.
? how long is the warranty of {s}
? what warranty does {s} have
? does {s} have a warranty
? how many years of warranty does {s} have
? how long does the warranty of {s} last
? what is the warranty of {s}
@ warranty_kind K
= {s} have a warranty of {n2-15} years.
= The warranty for {s} is {n2-15} years.
= We give a warranty of {n12-90} months on {s}.
= For {s} the warranty is {n2-15} years.
? how long is the warranty for {s}
? what warranty do {s} have
? how long is the warranty on {s}
? do {s} have a warranty
? how many years of warranty do {s} have
? what is the warranty on {s}
@ repair R
= A repair of {s} costs {price}.
= The repair of {s} costs {price}.
= We repair {s} for {price}.
= To repair {s} costs {price}.
? how much does a repair of {s} cost
? what does the repair of {s} cost
? how much is a repair of {s}
? can you repair {s}
? do you repair {s}
? what is the price to repair {s}
@ repair_time R
= A repair of {s} takes {n2-30} days.
= It takes {n2-30} days to repair {s}.
= Repair time of {s}: {n2-30} days.
= To repair {s} takes {n2-30} days.
? how long does a repair of {s} take
? how many days does it take to repair {s}
? how long does it take to repair {s}
? how many days does a repair of {s} take
? how long will the repair of {s} take
? how much time does it take to repair {s}
@ open S
= {s} is open from {time} to {time#1}.
= {s} opens at {time} and closes at {time#1}.
= Opening hours of {s}: {time} to {time#1}.
= The opening hours of {s} are {time} to {time#1}.
? when is {s} open
? what are the opening hours of {s}
? at what time does {s} open
? from when is {s} open
? what opening hours does {s} have
? until when is {s} open
@ address S
= {s} is at {street}.
= The address of {s} is {street}.
= You find {s} at {street}.
= {s} has the address {street}.
? where is {s}
? what is the address of {s}
? which address does {s} have
? where do I find {s}
? can you give me the address of {s}
? where can I find {s}
@ closed S
= {s} is closed on {day}.
= On {day} {s} is closed.
= {s} stays closed on {day} and {day#1}.
= Each {day}, {s} is closed.
? when is {s} closed
? on which day is {s} closed
? which days is {s} closed
? is {s} closed on some days
? what day is {s} closed
? on what days is {s} closed
@ price P
= {s} costs {price}.
= The price of {s} is {price}.
= We sell {s} at a price of {price}.
= {s} has a price of {price}.
? how much does {s} cost
? what does {s} cost
? what is the price of {s}
? how much is {s}
? which price does {s} have
? can you tell me the price of {s}
@ weight P
= {s} weighs {kg}.
= The weight of {s} is {kg}.
= {s} has a weight of {kg}.
= With a weight of {kg}, {s} is light.
? how much does {s} weigh
? what is the weight of {s}
? what does {s} weigh
? how heavy is {s}, what does it weigh
? can you tell me the weight of {s}
? which weight does {s} have
@ size P
= {s} measures {dims}.
= The size of {s} is {dims}.
= {s} has a size of {dims}.
= At a size of {dims}, {s} is small.
? what is the size of {s}
? which size does {s} have
? what does {s} measure
? what size is {s}
? can you tell me the size of {s}
? how big is {s}, what size
@ holds P
= {s} holds {litres}.
= The capacity of {s} is {litres}.
= {s} has a capacity of {litres}.
= With a capacity of {litres}, {s} is big.
? how much does {s} hold
? what is the capacity of {s}
? what capacity does {s} have
? how many litres does {s} hold
? can you tell me the capacity of {s}
? what does {s} hold
@ colour P
= {s} comes in {colour} and {colour#1}.
= The colours of {s} are {colour} and {colour#1}.
= {s} is available in the colours {colour} and {colour#1}.
= {s} has the colours {colour} and {colour#1}.
? which colours does {s} come in
? what colours does {s} come in
? what are the colours of {s}
? in which colours is {s} available
? does {s} come in other colours
? which colours are there for {s}
@ battery P
= The battery of {s} lasts {n2-90} hours.
= {s} has a battery for {n2-90} hours.
= With one battery {s} runs {n2-90} hours.
= {s} runs {n2-90} hours on its battery.
? how long does the battery of {s} last
? what battery does {s} have
? how many hours does the battery of {s} last
? how long does {s} run on one battery
? how good is the battery of {s}
? how many hours does {s} run with its battery
@ charge P
= It takes {n20-90} minutes to charge {s}.
= To charge {s} takes {n2-12} hours.
= You charge {s} in {n20-90} minutes.
= {s} takes {n2-12} hours to charge.
? how long does it take to charge {s}
? how do I charge {s}
? how many minutes to charge {s}
? how long do I charge {s}
? how long does {s} charge
? how many hours do I have to charge {s}
@ power P
= {s} uses {n5-2400} watts.
= The power of {s} is {n5-2400} watts.
= {s} has a power of {n5-2400} watts.
= With a power of {n5-2400} watts, {s} is strong.
? how many watts does {s} use
? what is the power of {s}
? how much power does {s} have
? what power does {s} have
? how many watts does {s} have
? how many watts of power does {s} use
@ material P
= {s} is made of {material}.
= The material of {s} is {material}.
= {s} is made of {material} and {material#1}.
= As material of {s} we use {material}.
? what is {s} made of
? what material is {s} made of
? what is the material of {s}
? which material is {s} made of
? can you tell me what {s} is made of
? of what material is {s}
@ clean P
= Clean {s} with {clean}.
= To clean {s}, use {clean}.
= You should clean {s} every {n2-12} weeks.
= {s}: clean it with {clean}.
? how do I clean {s}
? what do I clean {s} with
? how should I clean {s}
? how often should I clean {s}
? with what can I clean {s}
? what is the best way to clean {s}
@ error P
= If {s} shows {err}, {fix}.
= Error {err} of {s} means that {cause}.
= When {s} shows error {err}, {fix}.
= On {err}, {s} tells that {cause}.
? {s} shows {err}, what does it mean
? what does error {err} of {s} mean
? {s} shows error {err}
? what do I do when {s} shows {err}
? what does {err} mean on {s}
? error {err} on {s}
@ stock P
= {s} is back in stock in {n2-12} weeks.
= There are {n2-90} pieces of {s} in stock.
= {s} is in stock in {city}.
= In stock are {n2-90} pieces of {s}.
? is {s} in stock
? when is {s} back in stock
? how many pieces of {s} are in stock
? do you have {s} in stock
? do you still have {s} in stock
? when will {s} be in stock
"""
