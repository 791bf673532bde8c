"""Facts of English help pages about products, branches and the like, in the form of `support_facts_en`."""

THING_FACTS_EN = """
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
