"""What colibri cannot do, and how people ask for it in English."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

ACTIONS_EN = (
    ("clean", ("the kitchen", "a window", "the {product}", "the flat of {first}")),
    ("wash", ("the car", "the dishes", "a {animal}")),
    ("bake", ("bread", "a cake for {first}", "a pizza")),
    ("rent", ("a flat in {city}", "a car", "a boat in {city}")),
    ("adopt", ("a {animal}", "a child")),
    ("walk", ("the dog", "to {city}", "the {animal} of {first}")),
    ("park", ("the car", "a truck in {city}")),
    ("photograph", ("{city}", "a {animal}", "the moon")),
    ("beat", ("{person} at chess", "{first} in a game of {sport}")),
    ("train", ("a {animal}", "for a marathon", "{first} in {sport}")),
    ("design", ("a {product}", "a kitchen", "a poster for {company}")),
    ("print", ("a photo", "{n} posters", "a picture of {city}")),
    ("install", ("a game", "a {product}", "a printer")),
    ("record", ("a video", "a song with {first}", "the {sport} match")),
    ("unlock", ("a phone", "the door", "the car of {first}")),
    ("roll", ("a die", "{n} dice")),
    ("visit", ("{person}", "{city}", "a museum in {city}")),
    ("grow", ("tomatoes", "a tree", "{n} potatoes")),
    ("pack", ("a suitcase", "my things for {city}")),
    ("wake up", ("{first}", "{person}", "the neighbours")),
    ("climb", ("a mountain", "a tree", "the wall")),
    ("catch", ("a fish", "the {animal}", "a train to {city}")),
    ("dance", ("with {first}", "the tango", "in {city}")),
    ("spell", ("{city}", "the name of {person}")),
    ("knit", ("a scarf for {first}", "socks")),
    ("weigh", ("a {animal}", "the {product}")),
    ("explore", ("the ocean", "{city}", "the moon")),
    ("win", ("the lottery", "the {sport} match", "against {first}")),
    (
        "book",
        (
            "a flight to {city}",
            "a hotel in {city}",
            "a table for {n}",
            "a train to {city}",
            "a holiday in {city}",
            "concert tickets",
        ),
    ),
    (
        "translate",
        (
            "a book into {language}",
            "this contract into {language}",
            "a song",
            "a film into {language}",
            "a poem by {person}",
        ),
    ),
    (
        "draw",
        (
            "a {animal}",
            "a picture of {city}",
            "a logo for {company}",
            "a {product}",
            "a map of {city}",
            "a cartoon {animal}",
        ),
    ),
    ("order", ("a pizza", "a taxi", "a {product}", "{n} {product}s", "flowers for {first}", "sushi")),
    ("play", ("a song", "chess", "some jazz", "a game", "the news", "a video about {animal}s")),
    ("buy", ("a {product}", "shares of {company}", "a house in {city}", "a {animal}", "bitcoin", "a gift for {first}")),
    ("sell", ("a {product}", "a car", "shares of {company}", "a flat in {city}")),
    ("call", ("{first}", "{person}", "a taxi", "{company}", "the police", "a doctor")),
    ("cook", ("dinner", "a soup", "pasta for {n}", "a cake", "a paella")),
    ("repair", ("a {product}", "a car", "the roof", "a bicycle", "the {product} of {first}")),
    (
        "predict",
        (
            "the weather",
            "the winner of the election",
            "the lottery numbers",
            "the share price of {company}",
            "the next {sport} match",
        ),
    ),
    ("tell", ("a joke", "a story about a {animal}", "a secret", "the future", "a bedtime story")),
    ("sing", ("a song", "a lullaby", "happy birthday to {first}", "the anthem")),
    (
        "write",
        (
            "a novel",
            "a poem about {city}",
            "a song about a {animal}",
            "a thesis on {subject}",
            "a screenplay",
            "a speech about {subject}",
            "an essay on {subject}",
        ),
    ),
    ("solve", ("this riddle", "a sudoku", "an equation", "a crossword", "a puzzle about {animal}s")),
    (
        "find",
        (
            "a job in {city}",
            "a restaurant in {city}",
            "a dentist",
            "a cheap {product}",
            "a good film",
            "the way to {city}",
            "{person} on the internet",
        ),
    ),
    ("open", ("the door", "the garage", "a bank account", "the browser", "a window")),
    ("turn on", ("the lights", "the heating", "the {product}", "the radio", "the alarm")),
    ("drive", ("a car", "to {city}", "{first} home", "the children to school")),
    ("search", ("the web for {subject}", "the internet", "for flights to {city}", "for photos of {animal}s")),
    ("transfer", ("{amount} to {first}", "money", "{amount} to {company}")),
    ("edit", ("a photo", "a video of {city}", "a song", "an image of a {animal}")),
    ("teach", ("a course on {subject}", "{first} to swim", "{language} to children", "a {animal} to sit")),
    (
        "recommend",
        ("a book", "a film about {subject}", "a restaurant in {city}", "a wine", "a doctor", "a good {product}"),
    ),
    ("diagnose", ("a headache", "a rash", "a broken {product}", "an illness")),
    ("vote", ("in the election", "for {person}", "against the new law")),
    ("plan", ("a wedding", "a trip to {city}", "a birthday party for {first}", "a garden")),
    ("post", ("a photo", "this on social media", "a comment for {first}")),
    ("check", ("the traffic in {city}", "the football results", "the news about {subject}", "a horoscope")),
    ("guess", ("a number", "the age of {first}", "the weight of a {animal}")),
    ("build", ("a house", "a {product}", "a website for {company}", "a robot", "a boat")),
    ("water", ("the plants", "the garden")),
    ("feed", ("the {animal}", "the fish")),
    ("invest", ("{amount} in {company}", "money in gold")),
    ("download", ("a film", "a game", "music by {person}")),
    ("compare", ("{city} and {city2}", "the prices of {product}s", "two religions")),
    ("read", ("a palm", "the newspaper aloud", "a book to {first}")),
    ("paint", ("a wall", "a portrait of {person}", "the sky")),
    ("hack", ("the account of {first}", "a website", "the wifi of {company}")),
)

ACTION_FRAMES_EN = lines_of("""
    could you possibly V
    can you please V
    can you maybe V today
    may I ask you to V
    I'd like you to V
    I want to V
    I need to V
    I have to V, can you help?
    can you help me V
    can you help me to V?
    help me V
    please help me V
    would you be so kind as to V
    would you be able to V
    are you able to V for me
    is there a way to V?
    is it possible to V
    would it be possible to V
    is it possible that you V
    tell me how to V
    show me how to V
    teach me how to V
    do you know if you can V
    do you know whether you can V?
    do you know a way to V
    I wonder if you could V
    do you think you could V
    do you think you can V?
    I was hoping you could V
    my boss wants me to V
    my task is to V
    your task is to V
    your next task: V
    I expect you to V
    try to V
    just V
    quickly V
    go and V
    now V
    then V, please
    V now
    V right now
    V today if you can
    V, would you?
    V, can you?
    V thanks
    someone has to V
    we should V
    we need to V
    why can't you V
    you should V
    you must V
    you have to V
    make sure to V
    don't forget to V
    remember to V
    I forgot how to V
    I don't know how to V
    I am trying to V
    I am not able to V
    somebody asked me to V
    is it your job to V
    is it easy for you to V
    it would be nice of you to V
    it is time for you to V
    have you learned how to V
    did anyone show you how to V
    are you ready to V
    are you willing to V?
    do you want to V
    do you have time to V
    do you like to V
    would you like to V
    V
    can you V
    can you V?
    please V
    could you V for me
    I want you to V
    I need you to V
    would you V please
    V for me
    hey, V
    help me to V
    V please
    I would like you to V
    are you able to V?
    let's V
    will you V
    one thing: V
    my request: V
    any chance that you V
    are you allowed to V
    I'd be glad if you could V
    can somebody V
    next, V
    how about you V
    are you the one to V
    were you made to V?
    do me a favour and V
    I order you to V
    is it possible for you to V
    do you know how to V
""")

TOPIC_FRAMES_EN = lines_of("""
    tell me about T
    tell me something about T
    tell me more about T
    what do you know about T
    what can you tell me about T
    could you tell me about T
    explain T
    explain T to me
    please explain T
    I want to talk about T
    let's talk about T
    I have a question about T
    my question is about T
    a question about T
    give me information about T
    I need information about T
    information about T please
    info on T
    something about T please
    your opinion on T
    what is your opinion on T
    what do you think about T?
    help with T
    help me with T
    I need help with T
    can you help with T?
    T please
    T
    T?
    do you know T
    do you know anything about T
    I'd like to know more about T
    I want to know everything about T
    I am interested in T
    are you interested in T
    what should I know about T
    who can tell me about T
    say something about T
    inform me about T
    teach me T
    teach me about T
    give me facts about T
    three facts about T
    some facts about T please
    what about T
    how about T?
    and what about T?
    I am reading about T
    I heard something about T
    my son asks me about T
    why is T so important
    have you heard of T?
    do you care about T
    are you an expert on T?
    can we discuss T
    what have you heard about T
    is T a topic for you
    I'd love to learn about T
    enlighten me on T
    let me ask you about T
    any news on T?
    shall we speak about T
""")

TOPICS_EN = (
    (
        "the weather in {city}",
        ("what is the weather in {city}", "how is the weather in {city}?", "tell me about the weather in {city}"),
    ),
    (
        "politics",
        (
            "what do you think about politics",
            "let's talk about politics",
            "who should win the election? I mean politics",
        ),
    ),
    (
        "the capital of {land}",
        ("what is the capital of {land}", "do you know the capital of {land}?", "name the capital of {land}"),
    ),
    ("the news", ("what is in the news", "tell me the news", "anything in the news today")),
    ("the population of {city}", ("what is the population of {city}", "tell me the population of {city}")),
    (
        "the price of {metal}",
        ("what is the price of {metal}", "tell me the price of {metal}", "how high is the price of {metal}"),
    ),
    (
        "the history of {land}",
        (
            "tell me the history of {land}",
            "what do you know about the history of {land}",
            "explain the history of {land}",
        ),
    ),
    ("the meaning of life", ("what is the meaning of life", "tell me the meaning of life")),
    (
        "{subject}",
        (
            "what do you know about {subject}",
            "explain {subject}",
            "tell me about {subject}",
            "I have a question about {subject}",
            "what is your opinion on {subject}",
            "let's talk about {subject}",
            "give me facts about {subject}",
            "teach me {subject}",
            "what do you think about {subject}?",
            "help me with {subject}",
        ),
    ),
    (
        "{animal}s",
        (
            "tell me about {animal}s",
            "do you like {animal}s?",
            "what do {animal}s eat? tell me about {animal}s",
            "facts about {animal}s",
        ),
    ),
    ("the {sport} match", ("who won the {sport} match", "when is the {sport} match?", "score of the {sport} match")),
    (
        "{sport}",
        (
            "do you like {sport}",
            "how do I get better at {sport}",
            "explain the rules of {sport}",
            "let's talk about {sport}",
        ),
    ),
    ("{n} times {n2}", ("what is {n} times {n2}", "calculate {n} times {n2}", "how much is {n} times {n2}?")),
    ("{n} plus {n2}", ("what is {n} plus {n2}", "{n} plus {n2}", "compute {n} plus {n2}")),
    ("the distance to {city}", ("what is the distance to {city}", "tell me the distance to {city}")),
    ("the time in {city}", ("what is the time in {city}", "tell me the time in {city}")),
    ("{person}", ("who is {person}", "tell me about {person}", "what do you think of {person}", "is {person} famous?")),
    ("travel to {city}", ("give me tips for travel to {city}", "I want advice on travel to {city}")),
    ("legal advice", ("I need legal advice", "can you give legal advice", "legal advice about my divorce please")),
    ("medical advice", ("I need medical advice", "give me medical advice", "medical advice for my back please")),
    (
        "homework in {subject}",
        ("do my homework in {subject}", "I have homework in {subject}", "help with homework in {subject}"),
    ),
)
