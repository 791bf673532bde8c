"""Requests for vaiven's own functions that have no argument for a model to fill."""

from __future__ import annotations

import random

from models.colibri.corpus import names
from models.colibri.corpus.example import Split
from models.colibri.corpus.functions_values import fill, lines_of, phrasings
from models.colibri.corpus.support_answer import customer_question

_REVISE = lines_of("""
    make it shorter
    Make it more formal
    make the draft friendlier
    shorten the mail please
    change the date to {date}
    add that the meeting is in {place}
    add that {person} comes too
    remove the part about the {topic}
    replace {date} with {day}
    make the tone warmer
    can you make it longer
    mention invoice {ref} in it
    less formal please
    rewrite the draft so that it sounds polite
    in the draft, change {first} to {first}
    fix the spelling of the mail
    say {amount} instead of {amount}
    translate the draft into Spanish
    sign the mail with {person}
    the mail should start with Dear {first}
    a bit more direct please
    that is too long, cut it down
    drop the last sentence
    also include the phone number {phone}
    put the price {amount} into the mail
    that draft is too stiff, loosen it up
    now write it in Spanish
    add a line about the {topic}
    change the subject to {topic}
    please correct the amount to {amount}
    it should be more polite
    make it sound less angry
    hazlo más corto
    hazlo más formal
    cambia la fecha al {fecha}
    añade que {person} también viene
    más amable por favor
    quita la parte de la factura {ref}
    pon {amount} en lugar de {amount}
    cambia {first} por {first} en el correo
    haz el correo más corto
    cambia {amount} por {amount}
    change {first} to {first} in the mail
    can you make the e-mail more formal
    make the draft less formal
    haz el borrador más amable
""")
_REVISE_PASTED = lines_of("""
    Make this draft shorter:
    please make this mail friendlier:
    rewrite this email in a formal tone:
    Improve this draft:
    change the date to {date} in this mail:
    add {amount} to this e-mail:
    add {amount} to this e-mail:
    haz más formal este correo:
    make this e-mail more formal:
""")
_REPLY = lines_of("""
    reply to this mail:
    Answer this e-mail, say that we accept:
    write an answer to this mail from {first}:
    Reply that {date} works for me:
    I got this mail, please answer it:
    answer {first} that we need until {date}:
    please respond to the following message politely:
    how should I answer this e-mail?
    reply with no, we have no time:
    I received this, write back that I agree:
    draft a reply to:
    Respond to {person} and decline:
    answer the mail below:
    write back to {first} that the price is {amount}:
    responde a este correo:
    contesta a este correo que sí:
    Responde a {first} que el {fecha} me va bien:
    He recibido este correo, contéstalo:
    reply friendly to this:
    what do I answer to this mail?
    answer to the e-mail from {company}:
    answer this mail from {company}:
    reply to {first} that we accept this:
    responde a este mensaje de {first}:
""")
_THREAD = lines_of("""
    summarise this thread:
    Summarize this e-mail thread:
    what was agreed in this thread?
    sum up these mails:
    give me a summary of this conversation:
    tl;dr of these e-mails:
    What are the action items in these mails:
    short summary of the thread please
    who has to do what in this thread?
    Sum up the following email exchange:
    what is this thread about?
    condense these messages:
    key points of the mail thread:
    resume este hilo:
    Haz un resumen de estos correos:
    qué se acordó en este hilo de correos?
    I have no time to read this thread, what does it say:
    haz un resumen de este hilo:
    give me the key points of this thread:
    summarise these e-mails:
""")
_MAILS = lines_of("""
    the meeting on {date} is confirmed.
    could you send me the invoice {ref}?
    we would like to order {n} pieces of the {product}.
    can we meet on {date} at {time}?
    the {product} has not arrived yet.
    please send us an offer for the {product}.
    I will send the slides of the {topic} by {date}.
    {first}, please book {place}.
    does {amount} work for you?
    sorry, I cannot make it on {date}.
    who prepares the {topic}?
    I attach contract {ref}, please sign it by {date}.
    the payment of {amount} is still missing.
    gracias, el {fecha} me va bien.
    puedes enviarme la factura {ref}?
    nos vemos el {fecha} a las {time}.
    el pedido {ref} no ha llegado.
""")
_GENERATE = lines_of("""
    write a function that adds two numbers
    write a python function {word} that returns the sum of a list
    Python function that checks if a number is divisible by {n}
    write a function to reverse a string
    create a function called {word} that counts the vowels of a text
    i need a python function that filters words longer than {n}
    code a function that computes the average of {word}
    function {word}(items) that removes duplicates
    Can you write code that sorts a list of dicts by "{word}"?
    make a python function that converts euros to dollars with a rate of {price}
    write code for the factorial of a number
    a function which finds the largest value in a list
    Write Python to read the last {n} items of a list
    implement is_{word}(x), true when x is greater than {n}
    generate a python function that builds a greeting for a name
    program a function that multiplies each number by {n}
    write me a script that prints the numbers up to {n}
    python code to split a string at commas
    give me a function that merges two dictionaries
    need code: count how often {word} appears in a text
    function to get the {n} smallest numbers
    please code a class {word} with a name and a price
    how do I write a function that flattens a list?
    def that returns the first {n} letters of a text
    can you implement a stack in python
    write a method which clamps a value between {n} and {n}
    write a function that raises an error if {word} is negative
    python: convert minutes to hours and minutes
    create a helper function named {word} that strips spaces
    develop a function returning the median of a list
    write a python function that counts the words of a text
    create a function that returns the largest value of a list
    write code that sorts the numbers of a list
    a function called {word} that checks if a number is larger than {n}
""")
_EXPLAIN = lines_of("""
    what does this code do?
    explain this function:
    Explain the following Python code
    can you explain what {word} does here
    what is this function for?
    I don't understand this code:
    describe in plain words what this does:
    walk me through this code:
    what happens here?
    explain this snippet to a beginner:
    tell me what this function returns:
    how does this code work?
    what is the meaning of this function
    please explain line 2 of this:
    explain what this code does:
    please explain this code:
""")
_REVIEW = lines_of("""
    review this code:
    find the bugs in this function:
    is there a problem in this code?
    Please review my function
    what is wrong with this code?
    check this code for errors:
    code review please:
    any mistakes in this?
    can you spot the bug:
    Does this function have issues?
    why does this fail?
    look for problems in this snippet:
    is this code ok?
    critique my code:
    tell me what to improve in this function:
    check this function for bugs:
    please review this code for problems:
""")
_TESTS = lines_of("""
    write tests for this function:
    write pytest tests for:
    Generate unit tests for this code
    test this function:
    add tests for {word}:
    can you write a few tests for this?
    i need unit tests:
    create test cases for the following function:
    pytest for this please:
    how would I test this function? write the tests
    cover this code with tests:
    give me tests that check this function:
    make a test suite for this:
    write unit tests for this code:
    please add tests for this function:
""")
_CODE = lines_of("""
    def {word}(a, b):|    return a + b
    def {word}(items):|    return [x for x in items if x > {n}]
    def {word}(text):|    return text[::-1]
    def {word}(n):|    return n % {n} == 0
    def {word}(values):|    total = 0|    for v in values:|        total += v|    return total
    def {word}(name):|    return "Hello " + name
    def {word}(x):|    if x > {n}:|        return True|    return False
    def {word}(data, key):|    return data.get(key, {n})
    def {word}(items):|    return sorted(set(items))
    def {word}(a):|    return a / len(a)
    def {word}(words):|    return " ".join(words)
    for {word} in range({n}):|    print({word})
    {word} = [x * {n} for x in range({n})]
    class {word}:|    def __init__(self, size):|        self.size = size
    import {word}|print({word}.load({n}))
    while {word} < {n}:|    {word} += 1
    {word} = {n}|if {word} > {n}:|    print("big")
    print(sum({word}))
    x = {word}(y) if y else {n}
    async def {word}(url):|    return await fetch(url)
    with open("{word}.txt") as f:|    data = f.read()
    try:|    {word}()|except ValueError:|    pass
    {word} = lambda x: x * {n}
    def {word}(price):|    return price * {price}
""")
_CLASSIFY = lines_of("""
    classify this message:
    what is the topic and urgency of this message?
    Classify this customer's message by topic:
    how urgent is this?
    is this customer angry?
    sort this message:
    triage this ticket:
    which topic is this complaint:
    determine the sentiment of this message:
    label this customer message:
    categorise this request:
    clasifica este mensaje:
    ¿qué urgencia tiene este mensaje?
    tag this support message with topic and sentiment:
    what category does this belong to:
    find out topic, urgency and sentiment:
    classify this customer message by urgency:
    what is the sentiment of this message:
""")
_COMPLAINTS = lines_of("""
    my {product} is broken and nobody answers
    I was charged {amount} twice!
    thank you for the quick help
    order {ref} has not arrived, I need it by {date}
    how do I change my address?
    your app crashes all the time
    I love the new {product}
    please cancel my account
    where is my refund of {amount}???
    the invoice {ref} is wrong
    I cannot log in since {date}
    mi pedido {ref} no ha llegado
    gracias por todo, el {product} es perfecto
    me han cobrado {amount} de más
    this is the third time I write, fix it now
    just a question about the {product}, no hurry
""")


def _quoted(rng: random.Random, text: str) -> str:
    return rng.choice((f'"{text}"', text, f"'{text}'", f"\n{text}", f"\n\n{text}"))


def _mail(rng: random.Random, split: Split) -> str:
    lines = [fill(rng, split, t) for t in rng.sample(phrasings(_MAILS, split), rng.choice((1, 1, 2)))]
    body = " ".join(line[0].upper() + line[1:] for line in lines)
    start = rng.choice(
        (
            f"Hi {names.first_name(rng, split)}, ",
            "Hello, ",
            "",
            f"Dear {names.full_name(rng, split)}, ",
            "Hola, ",
        )
    )
    end = rng.choice(
        (
            f" {names.first_name(rng, split)}",
            f" Regards, {names.full_name(rng, split)}",
            "",
        )
    )
    return start + body + end


def _thread(rng: random.Random, split: Split) -> str:
    mark = rng.choice(("From: {}\n", "{}: ", "{} wrote: ", "De: {}\n"))
    return "\n".join(
        mark.format(names.first_name(rng, split)) + _mail(rng, split) for _ in range(rng.choice((2, 2, 3)))
    )


def _code(rng: random.Random, split: Split) -> str:
    code = fill(rng, split, rng.choice(phrasings(_CODE, split))).replace("|", "\n")
    return f"```python\n{code}\n```" if rng.random() < 0.5 else code


def own_request(rng: random.Random, split: Split, name: str) -> str:
    """Return a request for vaiven's function `name`, which is none of `email.draft` and `chat.reply`."""
    if name == "support.answer":
        return customer_question(rng, split)
    phrase = fill(rng, split, rng.choice(phrasings(_PHRASES[name], split)))
    if name == "email.revise" and rng.random() < 0.2:
        return fill(rng, split, rng.choice(phrasings(_REVISE_PASTED, split))) + _quoted(rng, _mail(rng, split))
    if name == "email.reply":
        return f"{phrase} {_quoted(rng, _mail(rng, split))}" if rng.random() < 0.9 else phrase
    if name == "email.summarize_thread":
        return f"{phrase}\n{_thread(rng, split)}" if rng.random() < 0.9 else phrase
    if name in ("code.explain", "code.review", "code.write_tests"):
        code = _code(rng, split)
        if rng.random() < 0.15:
            return f"{code}\n{phrase.rstrip(':')}"
        # A body of one line may stand behind its head, and all of it behind the request.
        head, _, body = code.partition("\n")
        if "\n" not in body and not code.startswith("`") and rng.random() < 0.5:
            code = f"{head} {body.strip()}".strip()
            return f"{phrase} {code}"
        return f"{phrase}\n{code}"
    if name == "support.classify":
        complaint = fill(rng, split, rng.choice(phrasings(_COMPLAINTS, split)))
        return f"{phrase} {_quoted(rng, complaint)}"
    return phrase


_PHRASES = {
    "email.revise": _REVISE,
    "email.reply": _REPLY,
    "email.summarize_thread": _THREAD,
    "code.generate": _GENERATE,
    "code.explain": _EXPLAIN,
    "code.review": _REVIEW,
    "code.write_tests": _TESTS,
    "support.classify": _CLASSIFY,
}
OWN_NAMES = (*_PHRASES, "support.answer")
"""vaiven's functions whose arguments are all filled verbatim, but for `chat.reply`."""
