"""What people say to a chat that is no task, and what colibri says to it, in English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass

from models.colibri.corpus.functions_values import lines_of

ABLE = {
    "en": "I can draft e-mails, write small Python functions and answer questions from your documents.",
    "es": "Puedo redactar correos, escribir pequeñas funciones de Python y responder preguntas sobre tus documentos.",
}
"""What colibri can do, as every refusal says."""

WHO = {
    "en": "I am colibri, vaiven's embedded model.",
    "es": "Soy colibri, el modelo integrado de vaiven.",
}


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Phrasings that all get one answer; both may hold `{first}`, which is then the same name."""

    language: str
    answer: str
    phrases: tuple[str, ...]


SMALL_TALK = (
    SmallTalk("en", "Hello! How can I help you?", lines_of("""
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
    """)),
    SmallTalk("en", "Hello {first}! How can I help you?", lines_of("""
        hi, I am {first}
        Hello, my name is {first}
        hey, {first} here
        I'm {first}, nice to meet you
        good morning, this is {first}
        Hi colibri, I'm {first}
        you can call me {first}
        it's me, {first}
    """)),
    SmallTalk("en", "You are welcome!", lines_of("""
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
    """)),
    SmallTalk("en", "Goodbye!", lines_of("""
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
    """)),
    SmallTalk("en", "I am fine, thank you. How can I help you?", lines_of("""
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
    """)),
    SmallTalk("en", f"{WHO['en']} {ABLE['en']}", lines_of("""
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
    """)),
    SmallTalk("en", ABLE["en"], lines_of("""
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
    """)),
    SmallTalk("en", "I am glad to hear that. How can I help you next?", lines_of("""
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
    """)),
    SmallTalk("en", "I am sorry about that. Please tell me what I should do better.", lines_of("""
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
    """)),
    SmallTalk("en", "All right. What would you like to do next?", lines_of("""
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
    """)),
    SmallTalk("en", "No, I only write drafts. I never send an e-mail.", lines_of("""
        do you send the mails?
        did you send the e-mail
        can you send mails on your own
        was the mail sent
        will the draft be sent automatically?
        have you sent it already
        do my mails go out by themselves?
        is the e-mail on its way
    """)),
    SmallTalk("en", "I write e-mails in English and Spanish.", lines_of("""
        which languages do you speak
        do you speak Spanish?
        can you write English
        what languages do you know
        do you understand other languages?
        in which languages can you write mails
        is Spanish ok?
        are you multilingual
    """)),
    SmallTalk("en", f"I did not understand that. {ABLE['en']}", lines_of("""
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
    """)),
    SmallTalk("en", "vaiven is a service that runs agents on a cloud model or on a local model like me.", lines_of("""
        what is vaiven
        tell me about vaiven
        what does vaiven do?
        who made you
        what is this service
        explain vaiven to me
        where do you run
        is vaiven a cloud service?
    """)),
    SmallTalk("es", "¡Hola! ¿En qué puedo ayudarte?", lines_of("""
        hola
        Buenos días
        buenas tardes
        buenas noches
        hola colibri
        hola, ¿estás ahí?
        Muy buenas
        qué tal
        saludos
        hey hola
        ¡Hola!
    """)),
    SmallTalk("es", "¡Hola, {first}! ¿En qué puedo ayudarte?", lines_of("""
        hola, soy {first}
        Me llamo {first}
        buenos días, soy {first}
        mi nombre es {first}
        hola, aquí {first}
        puedes llamarme {first}
    """)),
    SmallTalk("es", "¡De nada!", lines_of("""
        gracias
        Muchas gracias
        mil gracias
        perfecto, gracias
        gracias por la ayuda
        te lo agradezco
        genial, muchas gracias
        gracias por todo
    """)),
    SmallTalk("es", "¡Hasta luego!", lines_of("""
        adiós
        hasta luego
        nos vemos
        hasta mañana
        me voy, chao
        que tengas un buen día
        hasta pronto
        eso es todo, adiós
    """)),
    SmallTalk("es", "Estoy bien, gracias. ¿En qué puedo ayudarte?", lines_of("""
        cómo estás
        ¿cómo te va?
        qué tal estás hoy
        ¿todo bien?
        cómo andas
        ¿cómo te encuentras?
        qué tal el día
    """)),
    SmallTalk("es", f"{WHO['es']} {ABLE['es']}", lines_of("""
        quién eres
        ¿cómo te llamas?
        ¿eres un robot?
        qué eres
        preséntate
        con quién hablo
        ¿qué modelo eres?
        háblame de ti
    """)),
    SmallTalk("es", ABLE["es"], lines_of("""
        qué puedes hacer
        ¿en qué me puedes ayudar?
        ayuda
        necesito ayuda
        qué sabes hacer
        ¿para qué sirves?
        dime qué puedes hacer
        ¿me ayudas?
    """)),
)  # fmt: skip

ACTIONS_EN = (
    ("book", ("a flight to {city}", "a hotel in {city}", "a table for {n}", "a train to {city}", "a holiday in {city}", "concert tickets")),
    ("translate", ("a book into {language}", "this contract into {language}", "a song", "a film into {language}", "a poem by {person}")),
    ("draw", ("a {animal}", "a picture of {city}", "a logo for {company}", "a {product}", "a map of {city}", "a cartoon {animal}")),
    ("order", ("a pizza", "a taxi", "a {product}", "{n} {product}s", "flowers for {first}", "sushi")),
    ("play", ("a song", "chess", "some jazz", "a game", "the news", "a video about {animal}s")),
    ("buy", ("a {product}", "shares of {company}", "a house in {city}", "a {animal}", "bitcoin", "a gift for {first}")),
    ("sell", ("a {product}", "a car", "shares of {company}", "a flat in {city}")),
    ("call", ("{first}", "{person}", "a taxi", "{company}", "the police", "a doctor")),
    ("cook", ("dinner", "a soup", "pasta for {n}", "a cake", "a paella")),
    ("repair", ("a {product}", "a car", "the roof", "a bicycle", "the {product} of {first}")),
    ("predict", ("the weather", "the winner of the election", "the lottery numbers", "the share price of {company}", "the next {sport} match")),
    ("tell", ("a joke", "a story about a {animal}", "a secret", "the future", "a bedtime story")),
    ("sing", ("a song", "a lullaby", "happy birthday to {first}", "the anthem")),
    ("write", ("a novel", "a poem about {city}", "a song about a {animal}", "a thesis on {subject}", "a screenplay", "a speech about {subject}", "an essay on {subject}")),
    ("solve", ("this riddle", "a sudoku", "an equation", "a crossword", "a puzzle about {animal}s")),
    ("find", ("a job in {city}", "a restaurant in {city}", "a dentist", "a cheap {product}", "a good film", "the way to {city}", "{person} on the internet")),
    ("open", ("the door", "the garage", "a bank account", "the browser", "a window")),
    ("turn on", ("the lights", "the heating", "the {product}", "the radio", "the alarm")),
    ("drive", ("a car", "to {city}", "{first} home", "the children to school")),
    ("search", ("the web for {subject}", "the internet", "for flights to {city}", "for photos of {animal}s")),
    ("transfer", ("{amount} to {first}", "money", "{amount} to {company}")),
    ("edit", ("a photo", "a video of {city}", "a song", "an image of a {animal}")),
    ("teach", ("a course on {subject}", "{first} to swim", "{language} to children", "a {animal} to sit")),
    ("recommend", ("a book", "a film about {subject}", "a restaurant in {city}", "a wine", "a doctor", "a good {product}")),
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
)  # fmt: skip

ACTION_FRAMES_EN = lines_of("""
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
    is it possible for you to V
    do you know how to V
""")

TOPICS_EN = (
    ("the weather in {city}", ("what is the weather in {city}", "how is the weather in {city}?", "tell me about the weather in {city}")),
    ("politics", ("what do you think about politics", "let's talk about politics", "who should win the election? I mean politics")),
    ("the capital of {land}", ("what is the capital of {land}", "do you know the capital of {land}?", "name the capital of {land}")),
    ("the news", ("what is in the news", "tell me the news", "any news today")),
    ("the population of {city}", ("what is the population of {city}", "tell me the population of {city}")),
    ("the price of {metal}", ("what is the price of {metal}", "tell me the price of {metal}", "how high is the price of {metal}")),
    ("the history of {land}", ("tell me the history of {land}", "what do you know about the history of {land}", "explain the history of {land}")),
    ("the meaning of life", ("what is the meaning of life", "tell me the meaning of life")),
    ("{subject}", ("what do you know about {subject}", "explain {subject}", "tell me about {subject}", "I have a question about {subject}",
                   "what is your opinion on {subject}", "let's talk about {subject}", "give me facts about {subject}", "teach me {subject}",
                   "what do you think about {subject}?", "help me with {subject}")),
    ("{animal}s", ("tell me about {animal}s", "do you like {animal}s?", "what do {animal}s eat? tell me about {animal}s", "facts about {animal}s")),
    ("the {sport} match", ("who won the {sport} match", "when is the {sport} match?", "score of the {sport} match")),
    ("{sport}", ("do you like {sport}", "how do I get better at {sport}", "explain the rules of {sport}", "let's talk about {sport}")),
    ("{n} times {n2}", ("what is {n} times {n2}", "calculate {n} times {n2}", "how much is {n} times {n2}?")),
    ("{n} plus {n2}", ("what is {n} plus {n2}", "{n} plus {n2}", "compute {n} plus {n2}")),
    ("the distance to {city}", ("what is the distance to {city}", "tell me the distance to {city}")),
    ("the time in {city}", ("what is the time in {city}", "tell me the time in {city}")),
    ("{person}", ("who is {person}", "tell me about {person}", "what do you think of {person}", "is {person} famous?")),
    ("travel to {city}", ("give me tips for travel to {city}", "I want advice on travel to {city}")),
    ("legal advice", ("I need legal advice", "can you give legal advice", "legal advice about my divorce please")),
    ("medical advice", ("I need medical advice", "give me medical advice", "medical advice for my back please")),
    ("homework in {subject}", ("do my homework in {subject}", "I have homework in {subject}", "help with homework in {subject}")),
)  # fmt: skip

ACTIONS_ES = (
    ("reservar un vuelo a {city}", "reservar un hotel en {city}", "reservar una mesa para {n}", "traducir un libro", "dibujar un {animal_es}",
     "pedir una pizza", "pedir un taxi", "poner música", "comprar un coche", "comprar acciones de {company}", "vender una casa en {city}",
     "llamar a {first}", "llamar a {person}", "cocinar una paella", "reparar el coche", "predecir la lotería", "contar un chiste",
     "contar un cuento sobre un {animal_es}", "cantar una canción", "escribir una novela", "escribir un poema sobre {city}", "resolver un sudoku",
     "buscar un restaurante en {city}", "buscar trabajo en {city}", "abrir la puerta", "encender la luz", "transferir {amount} a {first}",
     "editar una foto", "recomendar una película", "planear un viaje a {city}", "organizar una boda", "mirar las noticias", "jugar al ajedrez",
     "regar las plantas", "votar por {person}", "adivinar un número", "construir un robot", "descargar un juego")
)  # fmt: skip
ACTION_FRAMES_ES = lines_of("""
    puedes V
    ¿puedes V?
    ¿podrías V por favor?
    quiero que me ayudes a V
    necesito V
    me gustaría V
    ayúdame a V
    ¿me ayudas a V?
    ¿sabes V?
    hay que V
    por favor, ¿puedes V?
    ¿serías capaz de V?
""")
TOPICS_ES = (
    (
        "el tiempo en {city}",
        ("qué tal es el tiempo en {city}", "dime el tiempo en {city}", "¿cómo está el tiempo en {city}?"),
    ),
    ("la política", ("qué opinas de la política", "hablemos de la política")),
    ("las noticias", ("cuéntame las noticias", "¿qué dicen las noticias?")),
    ("la capital de {tierra}", ("cuál es la capital de {tierra}", "dime la capital de {tierra}")),
    ("la historia de {tierra}", ("explícame la historia de {tierra}", "qué sabes de la historia de {tierra}")),
    (
        "{materia}",
        ("qué sabes de {materia}", "explícame {materia}", "háblame de {materia}", "tengo una pregunta sobre {materia}"),
    ),
    ("{person}", ("quién es {person}", "háblame de {person}")),
)

WORDS = {
    key: tuple(words)
    for key, words in {
        "language": ["French", "German", "Italian", "Polish", "Chinese", "Arabic", "Japanese", "Dutch", "Greek", "Turkish", "Danish", "Hindi", "Swedish", "Korean"],
        "animal": ["cat", "dog", "horse", "tiger", "rabbit", "whale", "parrot", "lion", "snake", "dragon", "turtle", "penguin", "fox", "bear", "spider", "camel", "donkey", "shark", "frog", "goat", "owl"],
        "animal_es": ["gato", "perro", "caballo", "tigre", "conejo", "loro", "león", "dragón", "pingüino", "zorro", "oso", "camello", "burro", "tiburón", "búho", "elefante"],
        "sport": ["football", "tennis", "basketball", "hockey", "rugby", "golf", "cricket", "handball", "volleyball", "boxing", "chess", "baseball", "skiing"],
        "metal": ["gold", "silver", "copper", "oil", "gas", "platinum", "nickel", "wheat", "coffee", "sugar", "zinc", "cotton"],
        "land": ["France", "Japan", "Peru", "Kenya", "Norway", "Chile", "Poland", "Egypt", "India", "Brazil", "Canada", "Greece", "Iceland", "Mongolia", "Vietnam", "Cuba", "Ghana"],
        "tierra": ["Francia", "Japón", "Perú", "Kenia", "Noruega", "Chile", "Polonia", "Egipto", "India", "Brasil", "Canadá", "Grecia", "Islandia", "Cuba"],
        "subject": ["physics", "chemistry", "black holes", "dinosaurs", "the Roman Empire", "quantum theory", "religion", "climate change", "evolution", "astrology", "philosophy", "the stock market", "taxes", "gardening", "fashion", "cooking", "yoga", "vaccines", "marriage", "dreams", "volcanoes", "music theory", "geometry", "biology", "the moon", "electric cars", "poetry", "the ocean", "war", "economics", "diets", "migraines", "art history", "trains", "mythology", "algebra", "sleep", "wine", "love"],
        "materia": ["la física", "la química", "los dinosaurios", "el imperio romano", "la religión", "el cambio climático", "la filosofía", "los impuestos", "la moda", "los sueños", "los volcanes", "la geometría", "la biología", "la luna", "la poesía", "la guerra", "la economía", "el amor", "las vacunas"],
    }.items()
}
"""Words of refusals that no other task draws."""
