"""What English support documents say of products; the form is that of `support_facts_en_shop`."""

FACTS_EN_PRODUCT = """
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
