"""Synthetic functions of shops, offices and operations, so that the model reads the list that it is given.

A block: names to choose from; descriptions to choose from; arguments (`name/other name:kind`); request phrasings, one a
line, the last of which are held out. `{name}` in a phrasing is the argument's value.
"""

from __future__ import annotations

BUSINESS = """
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

currency.convert|money.exchange|finance.fx
Convert an amount between currencies.|Exchange rate of an amount.
amount/value:price, source/from_currency:enum(EUR,USD,GBP,CHF), target/to_currency:enum(JPY,SEK,PLN,CAD)
convert {amount} {source} to {target}
how much is {amount} {source} in {target}
{amount} {source} in {target}
what do I get in {target} for {amount} {source}
exchange {amount} {source} into {target}
change {amount} {source} to {target} please

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

domains.check|dns.available|web.domain_free
Check whether a domain is free.|Is a domain available.
domain/url:url
is {domain} still free
check the domain {domain}
can I register {domain}
is {domain} available?
availability of {domain}
look whether {domain} is taken
"""
