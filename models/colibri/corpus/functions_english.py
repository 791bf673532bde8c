"""How people ask for an e-mail in English; the capital letters are the marks of `functions_tongues.marked`."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

ROLES = [
    "my landlord",
    "the sales team",
    "our supplier",
    "my boss",
    "the whole team",
    "HR",
    "the support team",
    "our customers",
    "the accounting department",
    "my neighbour",
    "the hotel",
    "my colleagues",
    "the board",
    "our partners",
    "the marketing team",
    "the office manager",
    "the IT department",
    "my teacher",
]

TONES = {
    "friendly": ("friendly", "friendly", "warm", "kind", "casual", "nice"),
    "formal": ("formal", "formal", "official", "polite", "professional"),
    "apologetic": ("apologetic",),
    "firm": ("firm", "firm", "strict", "stern"),
}

TONE_ENDS = (
    "Tone: T",
    "Keep it T",
    "Make it T",
    "T tone",
    "in a T tone",
    "It should sound T",
    "Be T",
    "T please",
)

OPENERS = lines_of("""
    draft for R
    draft an email, R gets it,
    letter for R
    a T note for R
    T mail for R
    T e-mail to R
    message to R
    message R by mail
    contact R by e-mail
    shoot R a mail
    send R an e-mail
    send a mail over to R
    drop R a T mail
    get in touch with R by mail
    we should mail R
    we have to write R
    short e-mail for R
    reach out to R by email
    my next mail goes to R
    I owe R an e-mail
    a T letter should go to R
    to R
    compose something for R
    R needs a T mail
    R should get an e-mail
    prepare a mail, recipient R
    recipient: R,
    mail to R
    email R
    Write R a T mail
    write to R
    I need a T email to R
    new mail to R
    a T mail for R please
    please email R
    I have to write to R
    an e-mail addressed to R
    mail for R
    write R
    draft something T for R
    e-mail R
    I want to write to R
    please write R a T e-mail
    quick mail to R
    can you write to R
    a T message addressed to R
    make a T mail that goes to R
    R is waiting for a T mail
    put R on a new T e-mail
    a T reply-free note, to be sent to R,
""")

ASKING = (
    *("we need to ", "we must ", "hey, ", "ok, ", "kindly ", "will you ", "I have to quickly ", "next, "),
    *("", "", "", "please ", "can you ", "could you ", "would you ", "I want to ", "I have to ", "I need to "),
    *("help me ", "help me to ", "let's ", "now ", "you should ", "it is time to ", "I would like to "),
)

WRITING = ("write", "write", "draft", "compose", "prepare", "send", "put together", "make", "type", "start")

MAILS = ("a T mail", "a T e-mail", "a T email", "a T message", "a T draft", "a T note", "a T letter")

TO = (" to R", " to R", " for R", " addressed to R")

SENDERS = (
    " from S",
    " from S",
    " in the name of S",
    ", signed S",
    ", sign as S",
    ", sender S",
    " on behalf of S",
    " (from S)",
    ", signed by S",
)

SENDER_STARTS = (
    "I am S. ",
    "I'm S, ",
    "My name is S. ",
    "This is S. ",
    "Hi, S here. ",
    "S here, ",
)

SENDER_ENDS = (
    "Sign it as S",
    "Signed S",
    "Sign with S",
    "Sender: S",
    "From: S",
    "Sign S",
    "My name is S",
    "I am S",
    "Signature: S",
    "regards S",
)

THAT = (
    " that ",
    " that ",
    " with the message that ",
    " to the effect that ",
    " in which we say that ",
    " which says that ",
    " where I say that ",
    " because ",
    " to explain that ",
    " explaining that ",
    " to announce that ",
    " announcing that ",
    " stating that ",
    " to confirm that ",
    " confirming that ",
    " telling P that ",
    " letting P know that ",
    " so that P knows that ",
    ". Explain that ",
    ". Announce that ",
    ", explain that ",
    " - ",
    " saying that ",
    ", say that ",
    ": ",
    ". Tell P that ",
    " to say that ",
    " to tell P that ",
    " and say that ",
    " and let P know that ",
    ". Let P know that ",
    " and tell P that ",
    ", it says that ",
    ". Write that ",
    ", writing that ",
    ". Please say that ",
    " to inform P that ",
    " and inform P that ",
    ". Please tell P that ",
    " to let P know that ",
    ". Inform P that ",
    " in order to tell P that ",
    " mentioning that ",
    ". P should know that ",
)

SPEECH = (
    "tell R by mail that ",
    "let R know that ",
    "explain to R that ",
    "announce to R that ",
    "mail R: ",
    "mail to R: ",
    "e-mail R that ",
    "say to R by mail that ",
    "please let R know that ",
    "please inform R that ",
    "write to R that ",
    "drop R a line that ",
    "inform R that ",
    "let R know by email that ",
    "write R that ",
    "mail R that ",
    "email R saying ",
    "send R word that ",
    "notify R that ",
)

ABOUT = (
    " about X",
    " about X",
    " to talk about X",
    " to discuss X",
    " discussing X",
    " with news about X",
    " with a question about X",
    " because of X",
    " due to X",
    " in the matter of X",
    " on X",
    ". It is about X",
    ". Topic: X",
    " with the topic X",
    " with the subject X",
    " regarding X",
    " concerning X",
    " on the subject of X",
    ", subject X",
    ", topic: X",
    " dealing with X",
    ", it is about X",
    " with respect to X",
)

MORE = (
    ": ",
    ". Explain that ",
    ". Write that ",
    " and mention that ",
    " and say that ",
    ", also say that ",
    ", adding that ",
    ". Don't forget that ",
    ". Note that ",
    " - ",
    ", say that ",
    ". Mention that ",
    ". Say that ",
    ". Include that ",
    ", mention ",
    ". Points: ",
    ". Tell P that ",
    ". It should say that ",
    ". Also say ",
)

FILLERS = (
    *(" please", " now", " today", " again", " quickly", " asap", " right away", " if you can", " for me", " as well"),
    *(" soon", " once more", " this morning", " first", " too", " politely", " in time", " tomorrow", " kindly"),
)
"""What stands between a recipient and what comes next: a word in lower case ends a name."""

LISTS = (":\n", "\n", "\nPoints:\n", ". Points:\n", " with these points:\n")


def composed() -> tuple[str, ...]:
    """Return all openers that are put together of parts."""
    made = (
        a + w + " " + m + t for a in dict.fromkeys(ASKING) for w in dict.fromkeys(WRITING) for m in MAILS for t in TO
    )
    return tuple(dict.fromkeys(made))
