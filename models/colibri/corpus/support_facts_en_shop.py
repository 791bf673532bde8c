"""What English support documents say of shops and firms: how it is stated, and how customers ask for them.

`@key KINDS [group]` opens a fact; KINDS: P product, C company, A app or service, L plan, H place, F food.
`-` is its label and bare value, as in a table of data; `=` are statements, `?` questions. `{s}` is the subject, the
other braces are values (see `support_values`). The last of each list is held out of training.
Facts of one group never stand together under one subject, since a question for one may mean the other.
"""

FACTS_EN_SHOP = """
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
"""
