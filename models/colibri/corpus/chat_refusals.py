"""What colibri cannot do, and how people ask for it, in English and Spanish."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

ACTIONS_EN = (
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

ACTIONS_ES = (
    "reservar un vuelo a {city}",
    "reservar un hotel en {city}",
    "reservar una mesa para {n}",
    "traducir un libro",
    "dibujar un {animal_es}",
    "pedir una pizza",
    "pedir un taxi",
    "poner música",
    "comprar un coche",
    "comprar acciones de {company}",
    "vender una casa en {city}",
    "llamar a {first}",
    "llamar a {person}",
    "cocinar una paella",
    "reparar el coche",
    "predecir la lotería",
    "contar un chiste",
    "contar un cuento sobre un {animal_es}",
    "cantar una canción",
    "escribir una novela",
    "escribir un poema sobre {city}",
    "resolver un sudoku",
    "buscar un restaurante en {city}",
    "buscar trabajo en {city}",
    "abrir la puerta",
    "encender la luz",
    "transferir {amount} a {first}",
    "editar una foto",
    "recomendar una película",
    "planear un viaje a {city}",
    "organizar una boda",
    "mirar las noticias",
    "jugar al ajedrez",
    "regar las plantas",
    "votar por {person}",
    "adivinar un número",
    "construir un robot",
    "descargar un juego",
)
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
        (
            "qué tal es el tiempo en {city}",
            "dime el tiempo en {city}",
            "¿cómo está el tiempo en {city}?",
        ),
    ),
    ("la política", ("qué opinas de la política", "hablemos de la política")),
    ("las noticias", ("cuéntame las noticias", "¿qué dicen las noticias?")),
    (
        "la capital de {tierra}",
        ("cuál es la capital de {tierra}", "dime la capital de {tierra}"),
    ),
    (
        "la historia de {tierra}",
        ("explícame la historia de {tierra}", "qué sabes de la historia de {tierra}"),
    ),
    (
        "{materia}",
        (
            "qué sabes de {materia}",
            "explícame {materia}",
            "háblame de {materia}",
            "tengo una pregunta sobre {materia}",
        ),
    ),
    ("{person}", ("quién es {person}", "háblame de {person}")),
)

WORDS = {
    key: tuple(words)
    for key, words in {
        "language": [
            "French",
            "German",
            "Italian",
            "Polish",
            "Chinese",
            "Arabic",
            "Japanese",
            "Dutch",
            "Greek",
            "Turkish",
            "Danish",
            "Hindi",
            "Swedish",
            "Korean",
        ],
        "animal": [
            "cat",
            "dog",
            "horse",
            "tiger",
            "rabbit",
            "whale",
            "parrot",
            "lion",
            "snake",
            "dragon",
            "turtle",
            "penguin",
            "fox",
            "bear",
            "spider",
            "camel",
            "donkey",
            "shark",
            "frog",
            "goat",
            "owl",
        ],
        "animal_es": [
            "gato",
            "perro",
            "caballo",
            "tigre",
            "conejo",
            "loro",
            "león",
            "dragón",
            "pingüino",
            "zorro",
            "oso",
            "camello",
            "burro",
            "tiburón",
            "búho",
            "elefante",
        ],
        "sport": [
            "football",
            "tennis",
            "basketball",
            "hockey",
            "rugby",
            "golf",
            "cricket",
            "handball",
            "volleyball",
            "boxing",
            "chess",
            "baseball",
            "skiing",
        ],
        "metal": [
            "gold",
            "silver",
            "copper",
            "oil",
            "gas",
            "platinum",
            "nickel",
            "wheat",
            "coffee",
            "sugar",
            "zinc",
            "cotton",
        ],
        "land": [
            "France",
            "Japan",
            "Peru",
            "Kenya",
            "Norway",
            "Chile",
            "Poland",
            "Egypt",
            "India",
            "Brazil",
            "Canada",
            "Greece",
            "Iceland",
            "Mongolia",
            "Vietnam",
            "Cuba",
            "Ghana",
        ],
        "tierra": [
            "Francia",
            "Japón",
            "Perú",
            "Kenia",
            "Noruega",
            "Chile",
            "Polonia",
            "Egipto",
            "India",
            "Brasil",
            "Canadá",
            "Grecia",
            "Islandia",
            "Cuba",
        ],
        "subject": [
            "physics",
            "chemistry",
            "black holes",
            "dinosaurs",
            "the Roman Empire",
            "quantum theory",
            "religion",
            "climate change",
            "evolution",
            "astrology",
            "philosophy",
            "the stock market",
            "taxes",
            "gardening",
            "fashion",
            "cooking",
            "yoga",
            "vaccines",
            "marriage",
            "dreams",
            "volcanoes",
            "music theory",
            "geometry",
            "biology",
            "the moon",
            "electric cars",
            "poetry",
            "the ocean",
            "war",
            "economics",
            "diets",
            "migraines",
            "art history",
            "trains",
            "mythology",
            "algebra",
            "sleep",
            "wine",
            "love",
        ],
        "materia": [
            "la física",
            "la química",
            "los dinosaurios",
            "el imperio romano",
            "la religión",
            "el cambio climático",
            "la filosofía",
            "los impuestos",
            "la moda",
            "los sueños",
            "los volcanes",
            "la geometría",
            "la biología",
            "la luna",
            "la poesía",
            "la guerra",
            "la economía",
            "el amor",
            "las vacunas",
        ],
    }.items()
}
"""Words of refusals that no other task draws."""
