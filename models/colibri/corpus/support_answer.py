"""Questions over numbered passages: the sentence that answers, copied and cited, or an abstention."""

from __future__ import annotations

import random
import re
import unicodedata

from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.support_facts import FACTS, Fact, Known, Subject, sibling, subject
from models.colibri.corpus.support_generic import generic_fact
from models.colibri.corpus.support_values import Language, pick, value, word
from models.colibri.corpus.typing_style import roughen
from plugins.prompt_file import system_text
from plugins.support.excerpt import closest
from plugins.support.layout import NOT_FOUND, answer_input, parse_answer, statements

_CLOSEST = 0.9
"""How often the sentences are those that `plugins.support.excerpt` picks, in its order; else all in any order."""

_ABSTAINS = 0.28
"""How often nothing answers. At a quarter from the start the model never learned to abstain; at a third it did so too often."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CITATION = re.compile(r"\[(\d+)\]")

_QUALIFIED = 0.15
"""How often the same fact stands there for some customers only, with other values, and which of the two is asked for."""

_FOR_WHOM: dict[Language, list[str]] = {
    "en": ["members", "students", "companies", "new customers", "teachers", "orders from abroad", "premium accounts",
           "schools", "regular customers", "express orders", "gift orders", "seniors", "families", "large orders"],
    "es": ["socios", "estudiantes", "empresas", "clientes nuevos", "profesores", "pedidos del extranjero",
           "cuentas premium", "colegios", "pedidos urgentes", "familias", "pedidos grandes", "jubilados"],
}  # fmt: skip
_QUALIFIERS: dict[Language, list[str]] = {
    "en": ["For {w}: {s}", "{W}: {s}", "For {w}, {l}", "Rules for {w}: {s}"],
    "es": ["Para {w}: {s}", "{W}: {s}", "Para {w}, {l}", "Normas para {w}: {s}"],
}

_ALIKE = [
    {"shipping_cost", "free_delivery", "express"},
    {"service_hours", "answer_time", "contact_phone"},
    {"damaged", "wrong_item"},
    {"return_days", "return_cost"},
    {"payment", "instalments"},
    {"warranty", "warranty_kind"},
    {"repair", "repair_time"},
    {"open", "closed"},
    {"birthday", "discount_student"},
    {"battery", "charge"},
    {"cancel", "address_change"},
    {"delivery_time", "express", "tracking", "collect"},
    {"service_hours", "shop_hours"},
    {"contact_email", "contact_phone", "complaint", "appointment"},
    {"trial", "plan_price"},
    {"shop_address", "collect"},
    {"sick_leave", "holidays"},
]
"""Facts that a customer who asks for the one may accept as an answer; they never stand where nothing answers."""

_SAME = [
    {"shop_hours", "open", "closed"},
    {"shop_address", "address"},
    {"product_warranty", "warranty", "warranty_kind"},
]
"""Facts that answer each other's questions if no name is said; one example never holds two of them."""

_HEADINGS_ES = {
    "return_days": "Devoluciones", "refund_time": "Reembolsos", "delivery_time": "Plazo de entrega",
    "shipping_cost": "Gastos de envío", "free_delivery": "Envío gratis", "countries": "Países", "payment": "Pago",
    "cancel": "Cancelar un pedido", "damaged": "Artículos dañados", "contact_phone": "Contacto", "contact_email": "Contacto",
    "answer_time": "Atención al cliente", "gift_cards": "Tarjetas regalo", "points": "Puntos", "password": "Su cuenta",
    "complaint": "Quejas", "warranty_kind": "Garantía",
}  # fmt: skip
_WRAPS: dict[Language, list[str]] = {
    "en": [
        "hi, {q}", "hello, {q}", "a customer asks: {q}", "answer this customer: {q}", "{q}, please",
        "i bought it on {d}. {q}", "my name is {p}. {q}", "a customer wants to know: {q}", "good morning, {q}",
    ],
    "es": [
        "hola, {q}", "buenos días, {q}", "un cliente pregunta: {q}", "responde a este cliente: {q}", "por favor, {q}",
        "lo compré el {d}. {q}", "me llamo {p}. {q}", "pregunta de un cliente: {q}",
    ],
}  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _topic(rng: random.Random, split: Split, lang: Language) -> tuple[Fact, Subject]:
    """Return a kind of fact and a subject for it; two fifths are of no particular domain."""
    fact = generic_fact(rng, split, lang) if rng.random() < 0.4 else rng.choice(FACTS[lang])
    return fact, subject(rng, split, lang, fact.kind)


def _other_fact(rng: random.Random, split: Split, lang: Language, kind: str, used: set[str]) -> Fact:
    """Return a fact for a subject of `kind` that is not in `used`."""
    while True:
        fact = generic_fact(rng, split, lang) if kind == "P" and rng.random() < 0.5 else rng.choice(FACTS[lang])
        if fact.kind == kind and fact.key not in used:
            return fact


def _heading(lang: Language, known: Known) -> str:
    if known.fact.kind in "PS":
        return _capital(re.sub(r"^(the|el|la) ", "", known.subject.text))
    if lang == "es":
        return _HEADINGS_ES.get(known.fact.key, "Ayuda")
    return known.fact.key.replace("_kind", "").replace("_", " ").capitalize()


def _passage(
    rng: random.Random, split: Split, lang: Language, facts: list[Known], target: Known
) -> tuple[str, str, list[str]]:
    """Return a passage that states `facts`, and the sentence and the values of `target` if it is among them."""
    sentences, gold, values = [], "", []
    for known in facts:
        text, used = known.fill(rng, split, lang, pick(rng, split, known.fact.statements))
        text = _capital(text)
        sentences.append(text)
        if known is target:
            gold, values = text, used
    head = f"## {_heading(lang, facts[0])}\n\n" if rng.random() < 0.5 else ""
    return head + "\n".join(sentences), gold, values


def _question(rng: random.Random, split: Split, lang: Language, known: Known) -> str:
    """Return the question in the words of somebody who types it."""
    text, values = known.fill(rng, split, lang, pick(rng, split, known.fact.questions))
    if rng.random() < 0.2:
        text = text.replace(known.subject.name, known.subject.name.lower()) if known.subject.name else text
    if lang == "es":
        if rng.random() < 0.5:
            text = f"¿{text}"
        if rng.random() < 0.2:
            text = "".join(
                c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or c == "\u0303"
            )
            text = unicodedata.normalize("NFC", text)
    if rng.random() < 0.2:
        person = word(rng, split).capitalize()
        text = pick(rng, split, _WRAPS[lang]).format(q=text, d=value(rng, split, lang, "date"), p=person)
    if rng.random() < 0.6:
        text += "?"
    if rng.random() < 0.5:
        text = _capital(text) if text[0] != "¿" else "¿" + _capital(text[1:])
    # A typo in the word that decides would leave nothing to go by.
    return roughen(rng, text, (known.subject.text, *values)) if rng.random() < 0.3 else text


def customer_question(rng: random.Random, split: Split) -> str:
    """Return a question of a customer, as it is typed, without the passages."""
    lang: Language = "es" if rng.random() < 0.3 else "en"
    fact, about = _topic(rng, split, lang)
    return _question(rng, split, lang, Known(fact, about))


def _alike(fact: Fact, groups: list[set[str]]) -> set[str]:
    return {fact.key}.union(*(group for group in groups if fact.key in group))


def _distractors(
    rng: random.Random,
    split: Split,
    lang: Language,
    target: Known,
    count: int,
    used: set[str],
    sizes: tuple[int, ...],
) -> list[list[Known]]:
    """Return `count` groups of facts that do not answer the question; none has a key in `used`, but for siblings."""
    groups: list[list[Known]] = []
    subjects = {target.subject.text}
    kind = target.fact.kind
    while len(groups) < count:
        roll = rng.random()
        about, facts = target.subject, []
        if kind != "-" and roll < 0.6:
            about = sibling(rng, split, lang, target.subject)
            if about.text in subjects:
                continue
            subjects.add(about.text)
            if rng.random() < 0.7:
                shared = {k: target.slots[k] for k in target.fact.keyed if k in target.slots}
                facts.append(Known(target.fact, about, shared if rng.random() < 0.5 else {}))
        elif kind == "-" or roll > 0.85:
            about = subject(rng, split, lang, rng.choice("---PSK" if lang == "es" else "---PSKR"))
        taken = {k.fact.key for k in facts} | used
        size = rng.choice(sizes) - len(facts)
        if size > 0 and about.kind in "KRS" and about.kind != kind:
            size = 1
        for _ in range(size):
            free = [f for f in FACTS[lang] if f.kind == about.kind and f.key not in taken]
            if not free:
                break
            fact = _other_fact(rng, split, lang, about.kind, taken)
            taken.add(fact.key)
            facts.append(Known(fact, about))
        if facts:
            if about is target.subject or about.kind == "-":
                used.update(k.fact.key for k in facts)
            rng.shuffle(facts)
            groups.append(facts)
    return groups


def draw_answer(rng: random.Random, split: Split) -> Example:
    """Return a question over the sentences that the plugin shows of two to four passages, some without an answer."""
    while True:
        example = _draw_answer(rng, split)
        if example:
            return example


def _draw_answer(rng: random.Random, split: Split) -> Example | None:
    """Return an example, or None where the sentence that answers is not among those that the plugin would show."""
    lang: Language = "es" if rng.random() < 0.35 else "en"
    fact, about = _topic(rng, split, lang)
    target = Known(fact, about)
    question = _question(rng, split, lang, target)
    found = rng.random() >= _ABSTAINS
    # A tenth reads as much as a search of real documents gives.
    many = rng.random() < 0.1
    count = 4 if many else rng.choice((1, 1, 1, 2, 2, 3))
    sizes = (2, 3, 4) if many else (1, 1, 1, 2, 3)
    used = _alike(fact, _SAME if found else _SAME + _ALIKE)
    gold = [target]
    if found:
        for _ in range(rng.choice(sizes) - 1):
            if any(f.kind == fact.kind and f.key not in used for f in FACTS[lang]):
                gold.append(Known(_other_fact(rng, split, lang, fact.kind, used), about))
                used.add(gold[-1].fact.key)
        rng.shuffle(gold)
    groups = _distractors(rng, split, lang, target, count - found, used, sizes)
    if found:
        groups.append(gold)
    rng.shuffle(groups)
    made = [_passage(rng, split, lang, g, target) for g in groups]
    if found and rng.random() < _QUALIFIED:
        question = _with_exception(rng, split, lang, made, target, question)
    shown = statements([text for text, _, _ in made])
    if rng.random() < _CLOSEST:
        shown = closest(shown, question)
    number = 0
    passage, sentence, values = next(((i, text, used) for i, (_, text, used) in enumerate(made) if text), (0, "", []))
    if found:
        number = next((i for i, s in enumerate(shown, 1) if (s.passage, s.sentence) == (passage, sentence)), 0)
        if not number:
            return None
    content = answer_input(question, shown)
    prompt = (Message("system", system_text("support", "answer")), Message("user", content, _verdicts(content, number)))
    if not found:
        return Example("support.answer", prompt, NOT_FOUND, {"found": False, "language": lang, "kind": fact.key})
    facts = {"found": True, "number": number, "values": values, "numbers": _NUMBER.findall(sentence),
             "language": lang, "kind": fact.key}  # fmt: skip
    return Example("support.answer", prompt, f"[{number}] {sentence}", facts)


def _with_exception(
    rng: random.Random,
    split: Split,
    lang: Language,
    made: list[tuple[str, str, list[str]]],
    target: Known,
    question: str,
) -> str:
    """Add to `made` the fact as it is for some customers; return a question after it, or the one after the rule."""
    said, values = target.fill(rng, split, lang, pick(rng, split, target.fact.statements))
    said, whom = _capital(said), pick(rng, split, _FOR_WHOM[lang])
    at = next(i for i, (_, gold, _) in enumerate(made) if gold)
    text = pick(rng, split, _QUALIFIERS[lang]).format(
        w=whom, W=_capital(whom), s=said, l=said if said[:2].isupper() else said[0].lower() + said[1:]
    )
    if set(values) & set(made[at][2]):
        return question
    exception: tuple[str, str, list[str]] = (text, "", [])
    if rng.random() < 0.4:
        made[at] = (made[at][0], "", [])
        exception = (text, text, values)
        bare = question.rstrip("?")
        question = f"{bare} {'for' if lang == 'en' else 'para'} {whom}{question[len(bare) :]}"
    made.insert(rng.randrange(len(made) + 1), exception)
    return question


def _verdicts(content: str, number: int) -> tuple[tuple[int, str], ...]:
    """Return, for the end of each sentence, how the answer would begin if there were no other."""
    ends = re.finditer(r"\[(\d+)\]$", content, re.MULTILINE)
    return tuple((m.end() - 1, "[" if int(m.group(1)) == number else NOT_FOUND) for m in ends)


def score_answer(example: Example, answer: str) -> dict[str, bool]:
    """Judge an answer: abstained exactly when it should, the right citation, the fact kept, no other number."""
    parsed = parse_answer(answer)
    if not example.facts["found"]:
        return {"abstains_rightly": answer.strip() == NOT_FOUND}
    text = _CITATION.sub("", parsed["answer"])
    allowed = set(example.facts["numbers"])
    folded = text.casefold()
    return {
        "abstains_rightly": bool(parsed["answer"]),
        "cites_rightly": parsed["numbers"] == [example.facts["number"]],
        "keeps_fact": all(v.casefold() in folded for v in example.facts["values"]),
        "adds_nothing": all(n in allowed for n in _NUMBER.findall(text)),
    }
