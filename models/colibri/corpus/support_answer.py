"""Questions over numbered passages: the sentence that answers, copied and cited, or an abstention."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass, field

from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.support_facts import FACTS, NOUNS, Fact, Known, Subject, sibling, subject
from models.colibri.corpus.support_generic import generic_fact
from models.colibri.corpus.support_values import Language, pick, value, word
from models.colibri.corpus.typing_style import roughen
from plugins.prompt_file import system_text
from plugins.support.layout import NOT_FOUND, answer_input, parse_answer, plain

_LIMIT, _RARE_LIMIT = 1500, 2200
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CITATION = re.compile(r"\[(\d+)\]")

_CONNECTIVES: dict[Language, list[str]] = {
    "en": ["Also, ", "In addition, ", "Please note: ", "By the way, ", "Moreover, "],
    "es": ["Además, ", "También, ", "Tenga en cuenta: ", "Por cierto, ", "Asimismo, "],
}
_FILLERS: dict[Language, list[str]] = {
    "en": [
        "Thank you for your interest.", "We are happy to help.", "This page is updated regularly.", "Read this carefully.",
        "Please keep this sheet.", "Our team is proud of it.", "Many customers ask about this.", "All details are below.",
        "See also the next section.", "Nothing else is needed.",
    ],
    "es": [
        "Gracias por su interés.", "Estamos para ayudarle.", "Esta página se actualiza a menudo.", "Lea esto con calma.",
        "Guarde esta hoja.", "Muchos clientes lo preguntan.", "Vea también la sección siguiente.", "No hace falta nada más.",
    ],
}  # fmt: skip
_TAILS: dict[Language, list[str]] = {
    "en": [
        ", as long as you keep the receipt", ", except on public holidays", " in most cases", ", all taxes included",
        ", which is more than most others offer", " if you follow the manual", ", and there are no exceptions",
        " under normal conditions", ", as {p} confirms", ", unless we agreed something else", " for registered customers",
        ", so please plan ahead", " (see page {n})", ", as of this year", " from the first day on", ", with some exceptions",
    ],
    "es": [
        ", siempre que guarde el recibo", ", salvo en festivos", " en la mayoría de los casos", ", impuestos incluidos",
        " si sigue el manual", ", sin excepciones", " en condiciones normales", ", como confirma {p}",
        ", salvo acuerdo distinto", " para clientes registrados", " (véase la página {n})", ", desde este año",
    ],
}  # fmt: skip
_WRAPS: dict[Language, list[str]] = {
    "en": [
        "hi, {q}", "hello, {q}", "quick question: {q}", "{q}, please", "sorry to bother you, {q}", "hey there, {q}",
        "one question: {q}", "please tell me: {q}", "good morning! {q}", "a customer asks: {q}", "answer this customer: {q}",
        "customer question: {q}", "answer a customer: {q}", "i bought it on {d}. {q}", "a client wants to know: {q}",
        "reply to a customer who asks: {q}", "my name is {p}. {q}", "support question: {q}", "i'd like to know: {q}",
        "somebody wrote: {q}", "what do i tell a customer who asks: {q}",
    ],
    "es": [
        "hola, {q}", "buenos días, {q}", "una pregunta: {q}", "perdone, {q}", "por favor, {q}", "dígame: {q}",
        "un cliente pregunta: {q}", "responde a este cliente: {q}", "pregunta de un cliente: {q}", "lo compré el {d}. {q}",
        "contesta a un cliente: {q}", "me llamo {p}. {q}", "buenas, {q}", "quisiera saber: {q}",
    ],
}  # fmt: skip


@dataclass(slots=True)
class _Passage:
    text: str
    sentences: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    """By the identity of a `Known`: the sentence as the answer copies it, and the values in it."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _topic(rng: random.Random, split: Split, lang: Language) -> tuple[Fact, Subject]:
    """Return a kind of fact and a subject for it; three in ten are of no particular domain."""
    if rng.random() < 0.3:
        return generic_fact(rng, split, lang), subject(rng, split, lang, rng.choice(["", "", "", "P", "C", "F", "A"]))
    fact = rng.choice(FACTS[lang])
    return fact, subject(rng, split, lang, rng.choice(fact.kinds))


def _other_fact(rng: random.Random, split: Split, lang: Language, about: Subject, used: set[str]) -> Fact | None:
    """Return a kind of fact that fits the subject and belongs to none of the groups in `used`."""
    for _ in range(12):
        fact = generic_fact(rng, split, lang) if not about.kind or rng.random() < 0.1 else rng.choice(FACTS[lang])
        if (not fact.kinds or about.kind in fact.kinds) and fact.group not in used:
            return fact
    return None


def _worded(
    rng: random.Random, split: Split, lang: Language, known: Known, introduced: bool
) -> tuple[str, str, list[str], bool]:
    """Return the sentence as the passage has it, as the answer has it, its values, and whether it names its subject.

    `introduced`: the passage has named its subject before, so that a pronoun may stand for it.
    """
    template = pick(rng, split, known.fact.statements)
    if introduced and template.startswith("{s} ") and rng.random() < 0.4:
        template = _capital(template[4:]) if lang == "es" else f"It {template[4:]}"
    text, values = known.fill(rng, split, lang, template)
    loose = known.subject.text[0].islower() if template.startswith("{s}") else not template.startswith("{")
    if rng.random() < 0.12 and text.endswith(".") and not text.endswith(".example."):
        tail = pick(rng, split, _TAILS[lang]).format(p=word(rng, split).capitalize(), n=rng.randint(2, 300))
        text = f"{text[:-1]}{tail}."
    answer = _capital(text)
    if loose and rng.random() < 0.07:
        return rng.choice(_CONNECTIVES[lang]) + text[0].lower() + text[1:], answer, values, "{s}" in template
    return answer, answer, values, "{s}" in template


def _passage(rng: random.Random, split: Split, lang: Language, facts: list[Known], bare: bool) -> _Passage:
    """Return a passage that states `facts` of one subject; `bare`: it may leave its subject unnamed."""
    about = facts[0].subject
    made = _Passage("")
    if all(k.fact.label for k in facts) and rng.random() < (0.3 if len(facts) > 1 else 0.08):
        lines = [f"## {_capital(about.text)}"]
        for known in facts:
            line, values = known.fill(rng, split, lang, f"{known.fact.label}: {known.fact.bare}")
            label, _, rest = line.partition(": ")
            lines.append(rng.choice([f"- **{label}:** {rest}", f"- {label}: {rest}"]))
            made.sentences[id(known)] = (plain(f"- {line}"), values)
        made.text = "\n".join(lines)
        return made
    sentences: list[str] = []
    headed, named = rng.random() < 0.15, False
    for i, known in enumerate(facts):
        shown, answer, values, has_subject = _worded(rng, split, lang, known, headed or named)
        made.sentences[id(known)] = (answer, values)
        sentences.append(shown)
        if i == 0:
            named = has_subject
    if rng.random() < 0.12:
        sentences.insert(rng.choice([0, len(sentences)]), rng.choice(_FILLERS[lang]))
    head = _capital(about.text) if headed or (not named and not bare) else ""
    if len(facts) == 1 and (named or bare) and rng.random() < 0.12:
        asked, _ = facts[0].fill(rng, split, lang, pick(rng, split, facts[0].fact.questions))
        head = (_capital(asked) if asked[0] != "¿" else f"¿{_capital(asked[1:])}") + "?"
    if not head and facts[0].fact.label and rng.random() < 0.08:
        head = facts[0].fact.label.split(" {")[0]
    if head:
        body = "\n".join(f"- {s}" for s in sentences) if rng.random() < 0.25 else " ".join(sentences)
        made.text = f"{rng.choice(['#', '##', '###'])} {head}\n\n{body}"
    else:
        made.text = " ".join(sentences)
    return made


def _alias(rng: random.Random, lang: Language, about: Subject) -> Subject | None:
    """Return the subject as a customer with only one of them calls it: "my kettle", "the Kestrel"; None: by its name."""
    kind = rng.random()
    if kind > 0.22 or not about.noun or about.kind not in ("P", "A", "F", "L"):
        return None
    if lang == "es":
        article, _, noun = about.noun.partition(" ")
        text = rng.choice([f"mi {noun}", f"{article} {noun}"]) if kind < 0.12 else f"{article} {about.name}"
    elif kind < 0.12:
        text = rng.choice([f"my {about.noun}", f"the {about.noun}", "it"])
    else:
        text = rng.choice([f"the {about.name}", about.name])
    return Subject(text, about.kind, about.name if kind >= 0.12 else text, about.noun)


def _question(rng: random.Random, split: Split, lang: Language, known: Known, template: str) -> str:
    """Return the question in the words of somebody who types it."""
    text, values = known.fill(rng, split, lang, template)
    name = known.subject.text
    if rng.random() < 0.3:
        text, name = (
            text.replace(known.subject.name, known.subject.name.lower()),
            name.replace(known.subject.name, known.subject.name.lower()),
        )
    if lang == "es":
        if rng.random() < 0.55:
            text = text.replace("¿", "")
        if rng.random() < 0.25:
            text = "".join(
                c for c in unicodedata.normalize("NFD", text) if c == "\u0303" or not unicodedata.combining(c)
            )
            text = unicodedata.normalize("NFC", text)
    elif rng.random() < 0.03:
        text = text.replace("'", "")
    if rng.random() < 0.25:
        person = word(rng, split).capitalize()
        text = pick(rng, split, _WRAPS[lang]).format(q=text, d=value(rng, split, lang, "date"), p=person)
    if known.subject.kind == "C" and rng.random() < 0.1:
        thing = rng.choice(NOUNS[lang]["P"])
        text = f"compré {thing}. {text}" if lang == "es" else f"i ordered a {thing}. {text}"
    if rng.random() < 0.6:
        text += "?"
    if rng.random() < 0.5:
        text = _capital(text) if text[0] != "¿" else "¿" + _capital(text[1:])
    keep = tuple(w for w in (known.subject.name, known.subject.name.lower(), name, *values) if w)
    return roughen(rng, text, keep)


def _near_key(rng: random.Random, split: Split, lang: Language, target: Known) -> Known | None:
    """Return the target's fact about the same subject with another key (another error code), if it has keys."""
    if not target.fact.keyed or "{s}" not in target.fact.statements[0]:
        return None
    other = Known(target.fact, target.subject)
    for template in target.fact.questions:
        other.fill(rng, split, lang, template)
    if any(other.slots[k] == target.slots.get(k) for k in target.fact.keyed):
        return None
    return other


def _distractors(
    rng: random.Random,
    split: Split,
    lang: Language,
    target: Known,
    count: int,
    template: str,
    alias: Subject | None,
    many: bool,
) -> list[list[Known]]:
    """Return `count` groups of facts that do not answer the question, near misses first."""
    named = "{s}" in template
    by_name = alias is not None and alias.name == target.subject.name
    open_question = (not named and not target.fact.keyed) or (alias is not None and not by_name)
    groups: list[list[Known]] = []
    used = {target.fact.group}
    other_subjects: list[Subject] = []
    while len(groups) < count:
        kind = rng.random()
        near = _near_key(rng, split, lang, target) if kind < 0.5 else None
        if near is not None and not open_question and not groups:
            groups.append([near])
            continue
        if kind < 0.4:
            about = target.subject
        elif kind < 0.85:
            about = sibling(rng, split, lang, target.subject)
            if any(about.text == s.text for s in other_subjects) or (by_name and about.name == target.subject.name):
                continue
            other_subjects.append(about)
        else:
            about = subject(rng, split, lang, rng.choice(["P", "C", "A", "L", "H", "F", ""]))
        taken = used if about is target.subject else {target.fact.group}
        facts: list[Known] = []
        if about is not target.subject and kind < 0.85 and rng.random() < 0.6 and not open_question:
            shared = {k: target.slots[k] for k in target.fact.keyed} if named and rng.random() < 0.5 else {}
            facts.append(Known(target.fact, about, shared))
        for _ in range(rng.choice([2, 3, 3, 4, 5] if many else [1, 1, 1, 2, 2, 3]) - len(facts)):
            fact = _other_fact(rng, split, lang, about, taken | {k.fact.group for k in facts})
            if fact is not None:
                facts.append(Known(fact, about))
        if facts:
            used.update(k.fact.group for k in facts if about is target.subject)
            rng.shuffle(facts)
            groups.append(facts)
    return groups


def _draw(rng: random.Random, split: Split) -> Example:
    lang: Language = "es" if rng.random() < 0.35 else "en"
    fact, about = _topic(rng, split, lang)
    target = Known(fact, about)
    template = pick(rng, split, fact.questions)
    alias = _alias(rng, lang, about) if "{s}" in template else None
    asked = target if alias is None else Known(fact, alias, target.slots)
    question = _question(rng, split, lang, asked, template)
    found = rng.random() >= 0.25
    many = rng.random() < 0.2
    count = rng.choice([3, 4, 4]) if many else rng.choices([1, 2, 3, 4, 5], [5, 22, 30, 35, 8])[0]
    groups = _distractors(rng, split, lang, target, count - found, template, alias, many)
    if found:
        gold = [target]
        for _ in range(rng.choice([2, 3, 4] if many else [0, 0, 0, 1, 1, 2])):
            used = {k.fact.group for g in groups for k in g if k.subject == about} | {k.fact.group for k in gold}
            extra = _other_fact(rng, split, lang, about, used)
            if extra is not None:
                gold.append(Known(extra, about))
        rng.shuffle(gold)
        groups.append(gold)
    rng.shuffle(groups)
    # A shop's own documents rarely name it.
    may_be_bare = ("{s}" not in template or about.kind == "C") and not fact.keyed
    passages = [_passage(rng, split, lang, g, may_be_bare and any(k is target for k in g)) for g in groups]
    prompt = (
        Message("system", system_text("support", "answer")),
        Message("user", answer_input(question, [p.text for p in passages])),
    )
    if not found:
        return Example("support.answer", prompt, NOT_FOUND, {"found": False, "language": lang, "kind": fact.key})
    number = next(i for i, g in enumerate(groups, 1) if any(k is target for k in g))
    sentence, values = passages[number - 1].sentences[id(target)]
    if "{s}" not in template and values and target.fact.keyed and target.subject.text in sentence:
        values = [*values, target.subject.name]
    facts = {"found": True, "number": number, "values": values, "numbers": _NUMBER.findall(sentence),
             "language": lang, "kind": fact.key}  # fmt: skip
    return Example("support.answer", prompt, f"[{number}] {sentence}", facts)


def draw_answer(rng: random.Random, split: Split) -> Example:
    """Return a question over one to five passages, a quarter of them without an answer."""
    limit = _RARE_LIMIT if rng.random() < 0.1 else _LIMIT
    while True:
        example = _draw(rng, split)
        if sum(len(m.content) for m in example.prompt) + len(example.answer) <= limit:
            return example


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
