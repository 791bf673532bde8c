"""Small talk in English."""

from __future__ import annotations

from models.colibri.corpus.chat_talk import ABLE, WHO, SmallTalk
from models.colibri.corpus.functions_values import lines_of

SMALL_TALK_EN = (
    SmallTalk(
        "en",
        "Hello! How can I help you?",
        lines_of("""
        hello
        Hi
        hi there
        Hey
        good morning
        Good afternoon!
        good evening
        hello colibri
        hey, are you there?
        hi, anybody home?
        greetings
        Hello!
        yo
        hiya
        hello there, nice to meet you
        howdy
        good day
        morning!
        hey colibri
        hello and good morning
        hi, good afternoon
    """),
    ),
    SmallTalk(
        "en",
        "Hello {first}! How can I help you?",
        lines_of("""
        hi, I am {first}
        Hello, my name is {first}
        hey, {first} here
        I'm {first}, nice to meet you
        good morning, this is {first}
        Hi colibri, I'm {first}
        you can call me {first}
        it's me, {first}
        hello, this is {first}
        good evening, I am {first}
    """),
    ),
    SmallTalk(
        "en",
        "You are welcome!",
        lines_of("""
        thanks
        Thank you
        thank you very much
        thx
        thanks a lot, that helped
        great, thank you!
        perfect, thanks
        many thanks
        that was very helpful
        cheers
        much appreciated
        ty
        I appreciate your help
        thanks so much
        ok, thank you
        thanks, great
        thanks for that
        thanks for everything
        thank you so much
        thank you for your help
        a big thank you
        thanks again
        that helped, thank you
        you helped me a lot
        thanks, that was quick
        super, thanks
        thank you, that helped
        hi, thanks a lot
    """),
    ),
    SmallTalk(
        "en",
        "Goodbye!",
        lines_of("""
        bye
        goodbye
        see you
        See you tomorrow
        good night
        I have to go now
        that's all, bye
        until next time
        cu
        have a nice day
        bye bye
        talk to you later
        I'm off, ciao
        ok bye
        goodbye and have a nice day
        bye for now
        goodbye colibri
        I am done, bye
        we are done for today
        see you next week
        that was all
        that's it, goodbye
        have a good evening
        thanks and bye
        I must leave now
        take care
        see you, bye
        good night, see you
    """),
    ),
    SmallTalk(
        "en",
        "I am fine, thank you. How can I help you?",
        lines_of("""
        how are you
        How are you doing today?
        how's it going
        are you well?
        what's up
        how do you feel
        how is life
        everything ok with you?
        how are things
        you alright?
        how was your day
        hi, how are you?
        hello, how are you doing
        how are you today
        are you doing well
        are you fine?
        how do you do
        how have you been
        how's your day
        is everything fine
        how are you feeling today
        and how are you?
        how goes it
        hey, how is it going?
        how are you colibri
    """),
    ),
    SmallTalk(
        "en",
        f"{WHO['en']} {ABLE['en']}",
        lines_of("""
        who are you
        What are you?
        what is your name
        who am I talking to
        tell me about yourself
        are you a robot?
        which model are you
        introduce yourself
        what's colibri
        who is this?
        are you chatgpt
        are you a human or a machine?
        do you have a name
        what kind of AI are you
        which assistant is this
        what are you called, who are you
        hi, who are you?
        tell me who you are
        who or what are you
        what's your name?
        tell me your name
        can you tell me your name
        please introduce yourself
        your name please
        say who you are
        are you an AI
        are you a language model
        are you a person?
        are you real
        who is answering me
        who wrote this answer
        are you human
        what is colibri
        may I know your name
        who do I have the pleasure with
        describe yourself
        which AI is this
        so what is your name?
        hello, what are you
    """),
    ),
    SmallTalk(
        "en",
        ABLE["en"],
        lines_of("""
        what can you do
        What can you do for me?
        how can you help me
        help
        what are you good at
        which tasks can I give you
        what do you know
        list your features
        what are your skills
        can you help me?
        I need help
        what should I ask you
        tell me what you can do
        show me your abilities
        what are my options here
        in what way are you useful
        hi, what can you do?
        tell me how you can help
        what can you do here
        what do you do
        what are you able to do
        what are you made for
        what can I ask you
        what is your job
        how can you be of help
        what can you help with
        show me what you can do
        what do you offer
        what tasks do you know
        how do you work
        how does this work
        what is possible with you
        who can help me here
        can you do anything
        what else can you do
        I don't know what to ask
        where do I start
        give me an overview of your functions
        what can you help me with
        please help me
        what are the things you can do
    """),
    ),
    SmallTalk(
        "en",
        "I am glad to hear that. How can I help you next?",
        lines_of("""
        you are great
        well done
        good job
        I like you
        nice work
        that looks good
        awesome
        perfect
        excellent answer
        you're the best
        cool
        wonderful
        I am happy with that
        great job
        that is great
        you are wonderful
        that was great
        that was good
        this is perfect
        this is good
        this looks great
        I love it
        love your answer
        good answer
        that is exactly what I wanted
        right, that is correct
        amazing
        brilliant
        fantastic
        super
        you did well
        not bad
        I am impressed
        very good
        nice
    """),
    ),
    SmallTalk(
        "en",
        "I am sorry about that. Please tell me what I should do better.",
        lines_of("""
        that is wrong
        you are stupid
        this is not what I wanted
        bad answer
        you don't understand me
        useless
        that did not help
        I am disappointed
        no, that's nonsense
        this is terrible
        you made a mistake
        I don't like your answer
        wrong again
        this is wrong
        that is bad
        your answer is wrong
        this answer is wrong
        that was wrong
        not what I asked
        that makes no sense
        you are wrong
        you got it wrong
        I am not happy with this
        this does not help me
        that is not correct
        incorrect
        false
        poor answer
        what a mess
        you are bad at this
        that was not helpful
        you did not answer my question
        I hate this
        no, that is not what I wanted
        bad
    """),
    ),
    SmallTalk(
        "en",
        "All right. What would you like to do next?",
        lines_of("""
        ok
        okay
        fine
        yes
        I see
        alright then
        got it
        understood
        no
        sure
        hm
        never mind
        forget it
        ok fine
        yes ok
        okay then
        ok good
        yeah
        yep
        nope
        no thanks
        yes please
        right
        all right
        fine by me
        as you like
        maybe later
        not now
        I understand
        clear
        good to know
        ah ok
        aha
        mhm
        that's fine
        ok then
        no, never mind
    """),
    ),
    SmallTalk(
        "en",
        "No, I only write drafts. I never send an e-mail.",
        lines_of("""
        do you send the mails?
        did you send the e-mail
        can you send mails on your own
        was the mail sent
        will the draft be sent automatically?
        have you sent it already
        do my mails go out by themselves?
        is the e-mail on its way
        do you send e-mails
        do you send it
        did you send it?
        did you send my mail
        has the mail been sent
        has my e-mail gone out
        was my e-mail sent
        was it sent
        can you send the e-mail for me
        can you send it
        could you send the mail please
        will you send it
        will you send the mail?
        is the mail sent
        is my mail already sent
        send it
        send the mail now
        please send the e-mail
        do you send e-mails yourself
        are mails sent automatically
        have you sent my e-mail
        have you sent the mail?
    """),
    ),
    SmallTalk(
        "en",
        "I write e-mails in English and Spanish.",
        lines_of("""
        which languages do you speak
        do you speak Spanish?
        can you write English
        what languages do you know
        do you understand other languages?
        in which languages can you write mails
        is Spanish ok?
        are you multilingual
        do you know Spanish
        what languages do you speak
        which languages do you know
        can you speak Spanish
        can you write in Spanish
        do you write Spanish
        do you speak English?
        do you understand English
        can I write in Spanish
        which languages do you understand
        what languages can I use
        do you speak any other language
        in what language do you answer
        are other languages possible
        how many languages do you speak
        which languages can you write?
    """),
    ),
    SmallTalk(
        "en",
        f"I did not understand that. {ABLE['en']}",
        lines_of("""
        asdf
        ???
        qwertz
        bla bla
        test
        testing 123
        foo
        lorem ipsum
        ...
        {word}
        {word} {word}
        {word}?
        xyz {word}
        hmpf {word}
        {word} {word} {word}
        bla {word}
        xyz
    """),
    ),
    SmallTalk(
        "en",
        "vaiven is a service that runs agents on a cloud model or on a local model like me.",
        lines_of("""
        what is vaiven
        tell me about vaiven
        what does vaiven do?
        who made you
        what is this service
        explain vaiven to me
        where do you run
        is vaiven a cloud service?
        what is vaiven for?
        what does vaiven mean?
        what kind of service is vaiven
        what is vaiven exactly
        describe vaiven
        explain what vaiven is
        vaiven?
        who built you
        who developed you
        where are you hosted
        do you run in the cloud
        do you run on this machine
        are you local or in the cloud
        is this a cloud service
        tell me more about vaiven
        what is this
        who runs this service
        tell me what vaiven is
    """),
    ),
)
