"""The support plugin: streamed answers with checked citations, hand-over, classification."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments

from models.colibri.corpus.support import TASKS
from plugins.context import RunContext
from plugins.language import language_of
from plugins.output import Citation, FunctionResult, Note, TextDelta
from plugins.prompts import load_prompts, stream_text
from plugins.support import layout
from plugins.support.answer_stream import AnswerStream
from plugins.support.excerpt import MAX_WORDS, closest, excerpt
from plugins.support.functions import PASSAGES, SupportPlugin
from plugins.support.grounding import is_grounded
from plugins.support.ports import Passage
from tests.unit.plugins.scripted_chat import ScriptedChat, scripted_kernel

MANIFEST = yaml.safe_load((Path(layout.__file__).parent / "plugin.yaml").read_text(encoding="utf-8"))
FUNCTIONS: dict[str, Any] = {f["name"]: f for f in MANIFEST["functions"]}
CONTEXT = RunContext(tenant="acme", run="runs/7")

KETTLE = Passage("p1", "documents/kettle", "Kettle, line 3", "The Kestrel kettle has a two-year warranty.", 2.0)
RETURNS = Passage("p2", "documents/returns", "Returns", "You may return goods within 30 days.", 1.0)


class FixedSearch:
    """Finds always the same passages."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = passages
        self.asked: list[tuple[str, str, list[str], int]] = []

    async def search(self, tenant: str, query: str, collections: Sequence[str], limit: int) -> Sequence[Passage]:
        self.asked.append((tenant, query, list(collections), limit))
        return self.passages


class ListedTickets:
    """Keeps tickets in a list."""

    def __init__(self) -> None:
        self.opened: list[dict[str, str]] = []

    async def open(self, tenant: str, *, run: str, question: str, reason: str, once: str = "") -> str:
        self.opened.append({"tenant": tenant, "run": run, "question": question, "reason": reason})
        return f"tickets/{len(self.opened)}"


class Ran:
    """What a function put out, and what it asked of others."""

    def __init__(self, search: FixedSearch, chat: ScriptedChat, tickets: ListedTickets, outputs: list[Any]) -> None:
        self.search, self.chat, self.tickets, self.outputs = search, chat, tickets, outputs
        *pieces, last = outputs
        assert isinstance(last, FunctionResult)
        assert not any(isinstance(p, FunctionResult) for p in pieces)
        self.result = last
        assert "".join(p.text for p in pieces if isinstance(p, TextDelta)) == last.text
        self.notes = [p for p in pieces if isinstance(p, Note)]
        self.citations = [p for p in pieces if isinstance(p, Citation)]


async def run(
    function: str,
    written: str,
    passages: Sequence[Passage] = (KETTLE, RETURNS),
    piece: int = 3,
    context: RunContext = CONTEXT,
    **given: Any,
) -> Ran:
    """Invoke a function of the plugin in a kernel whose model writes `written`, and check its data by the manifest."""
    kernel, chat = scripted_kernel(written, piece=piece)
    search, tickets = FixedSearch(*passages), ListedTickets()
    plugin = kernel.add_plugin(SupportPlugin(search, tickets), "support")
    Draft202012Validator(FUNCTIONS[function]["input_schema"]).validate(given)
    arguments = KernelArguments(run_context=context, **given)
    outputs: list[Any] = [o async for o in plugin[function].invoke_stream(kernel, arguments)]
    ran = Ran(search, chat, tickets, outputs)
    Draft202012Validator(FUNCTIONS[function]["output_schema"]).validate(ran.result.data)
    return ran


def filtered(text: str, size: int) -> tuple[AnswerStream, list[TextDelta | Citation | Note]]:
    """Feed `text` in pieces of `size` characters."""
    stream = AnswerStream([KETTLE, RETURNS])
    out = [o for i in range(0, len(text), size) for o in stream.feed(text[i : i + size])]
    return stream, out + stream.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("written", "shown", "cited"),
    [
        ("It has two years. [1]", "It has two years. [1]", [1]),
        (" It has two years. [1]\n", "It has two years. [1]", [1]),
        ("Two years [1] and 30 days [2].", "Two years [1] and 30 days [2].", [1, 2]),
        ("Two years [1] or so [1].", "Two years [1] or so [1].", [1]),
        ("Two years [9].", "Two years.", []),
        ("Two years [0] [1].", "Two years [1].", [1]),
        ("No, it is not. [2]", "No, it is not. [2]", [2]),
        ("Nothing is free [see above] [2", "Nothing is free [see above] [2", []),
        ("NOT_FOUND", "", []),
        ("NOT_FOUND. The passages do not say.", "", []),
        ("```\nNOT_FOUND\n```", "", []),
        ("not_found", "", []),
        ("I looked: NOT_FOUND [1]", "I looked:", []),
        ("NOT_F", "NOT_F", []),
        ("", "", []),
    ],
)
def test_text_is_shown_with_its_valid_citations_and_never_not_found(
    written: str, shown: str, cited: list[int], size: int
) -> None:
    stream, out = filtered(written, size)
    assert "".join(o.text for o in out if isinstance(o, TextDelta)) == stream.text == shown
    assert [o.number for o in out if isinstance(o, Citation)] == list(stream.citations) == cited


def test_text_is_not_held_back_longer_than_needed() -> None:
    stream = AnswerStream([KETTLE])
    assert stream.feed("The kettle") == [TextDelta("The kettle")]
    assert stream.feed(" has") == [TextDelta(" has")]
    assert stream.feed(" NOT") == []
    assert stream.feed(" two years.") == [TextDelta(" NOT two years.")]
    assert stream.feed(" [") == []
    citation = Citation(1, "documents/kettle", "p1", KETTLE.text, "Kettle, line 3")
    assert stream.feed("1]") == [TextDelta(" [1]"), citation]


def test_a_dropped_citation_is_said_once() -> None:
    _, out = filtered("Two [7] or three [7] years.", 1)
    notes = [o for o in out if isinstance(o, Note)]
    assert [n.code for n in notes] == ["CITATION_DROPPED"]
    assert "7" in notes[0].message


def test_sentences_are_laid_out_one_a_line_between_their_numbers_and_under_their_headings() -> None:
    passages = ["# Returns\nWithin 30 days\nof delivery\n\n- **Fee:** none\n- Abroad: 4 euros.", "See [2].\nMore: x"]
    assert layout.answer_input(" how\nlong? ", layout.statements(passages)) == (
        "Question: how long?\n"
        "Returns:\n"
        "[1] Within 30 days of delivery. [1]\n"
        "[2] Fee: none. [2]\n"
        "[3] Abroad: 4 euros. [3]\n"
        "[4] See (2). [4]\n"
        "[5] More: x. [5]\n"
        "Question: how long?"
    )


def test_a_question_that_the_rest_answers_is_a_heading() -> None:
    found = layout.statements(["How long is the warranty? Two years. Batteries: one.", "Any questions?"])
    assert [(s.passage, s.heading, s.sentence) for s in found] == [
        (0, "How long is the warranty?", "Two years."),
        (0, "How long is the warranty?", "Batteries: one."),
        (1, "", "Any questions?"),
    ]


def test_a_question_takes_the_capitals_and_accents_of_the_passages() -> None:
    found = layout.statements(["Delivery of the Robin kettle."])
    asked = layout.answer_input("how much is the robin KETTLE, and its delivery?", found)
    assert asked.splitlines()[-1] == "Question: how much is the Robin kettle, and its Delivery?"
    asked = layout.answer_input("que garantia tiene", layout.statements(["La garantía es larga. Qué bien."]))
    assert asked.splitlines()[-1] == "Question: que garantía tiene"


@pytest.mark.parametrize("text", ["NOT_FOUND", " NOT_FOUND.", "```\nNOT_FOUND\n```", '"not_found"', "", " "])
def test_an_abstention_is_read(text: str) -> None:
    assert layout.parse_answer(text) == {"answer": "", "numbers": []}


def test_citations_are_read_in_order_once() -> None:
    assert layout.parse_answer("A [2] b [1] c [2].") == {"answer": "A [2] b [1] c [2].", "numbers": [2, 1]}


def test_a_classification_is_read_with_or_without_a_fence() -> None:
    expected = {"topic": "billing", "urgency": "high", "sentiment": "negative"}
    text = '{"topic": "Billing", "urgency": "high", "sentiment": "negative"}'
    assert layout.parse_classify(text) == expected
    assert layout.parse_classify(f"```json\n{text}\n```") == expected


@pytest.mark.parametrize("text", ["", "billing", "{}", '{"topic":"x","urgency":"low","sentiment":"neutral"}', "{a}"])
def test_what_is_no_classification_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        layout.parse_classify(text)


def test_a_short_passage_is_kept_whole() -> None:
    assert excerpt("# Returns\nYou may return goods.\n", "anything") == "# Returns\nYou may return goods.\n"


def test_a_long_passage_is_cut_to_its_heading_and_the_sentences_asked_for() -> None:
    filler = " ".join(f"This is sentence number {i} about nothing at all." for i in range(12))
    text = f"# Refunds\n{filler} Refunded money arrives after five days. {filler}"
    short = excerpt(text, "how long does the refund take?")
    assert short.startswith("## Refunds:\n\nThis is sentence number 0 about")
    assert short.endswith("Refunded money arrives after five days.")
    assert len(layout.plain(short).split()) <= MAX_WORDS
    assert layout.statements([short])[0].heading == "Refunds:"


def test_a_sentence_that_is_too_long_is_cut_around_what_is_asked_for() -> None:
    text = " ".join([*(f"word{i}" for i in range(200)), "warranty", *(f"more{i}" for i in range(100))])
    short = excerpt(text, "warranty?", max_words=30)
    assert "warranty" in short
    assert len(short.split()) == 30


def test_the_sentences_closest_to_the_question_are_read_the_closest_last() -> None:
    passages = [
        "# Club\nMembers have 60 days to return an order.\nMembers get a voucher.",
        "# Returns\nYou have 30 days to return an order.\nOrders leave at 14:00.\nWe repair lamps.",
    ]
    found = closest(layout.statements(passages), "How many days do I have to return an order?", most=3)
    assert [s.sentence for s in found] == [
        "Orders leave at 14:00.",
        "Members have 60 days to return an order.",
        "You have 30 days to return an order.",
    ]
    assert closest([], "anything") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how long is the warranty", "en"),
        ("warranty kettle", "en"),
        ("cuanto tarda el reembolso", "es"),
        ("¿Garantía?", "es"),
        ("no me gusta, quiero devolverlo", "es"),
        ("can I bring a piñata to the party", "en"),
        ("Thanks José Núñez Peñafiel", "en"),
        ("selling on eBay", "en"),
        ("Gracias José", "es"),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


async def test_an_answer_streams_with_its_citation() -> None:
    ran = await run("answer", "The Kestrel kettle has a two-year warranty. [2]", question="how long is the warranty?")
    assert ran.search.asked == [("acme", "how long is the warranty?", [], PASSAGES)]
    assert [o for o in ran.outputs[:-1] if isinstance(o, TextDelta)][1:]
    assert ran.citations == [Citation(2, "documents/kettle", "p1", KETTLE.text, "Kettle, line 3")]
    assert ran.notes == []
    assert ran.tickets.opened == []
    assert ran.result.data == {
        "answer": "The Kestrel kettle has a two-year warranty. [2]",
        "citations": [{"number": 2, "document": "documents/kettle", "passage_id": "p1", "quote": KETTLE.text}],
        "handed_over": False,
        "ticket": None,
    }


async def test_the_model_is_asked_with_the_passages_and_their_collections_are_searched() -> None:
    ran = await run("answer", "Yes. [1]", question="is <b>tea & milk</b>\nincluded?\x00", collections=["shop"])
    assert ran.search.asked[0][2] == ["shop"]
    roles = [role for role, _ in ran.chat.asked[0]]
    assert roles == ["system", "user"]
    assert ran.chat.asked[0][1][1] == (
        "Question: is <b>tea & milk</b> included?\n"
        f"[1] {RETURNS.text} [1]\n[2] {KETTLE.text} [2]\nQuestion: is <b>tea & milk</b> included?"
    )


@pytest.mark.parametrize("written", ["NOT_FOUND", "NOT_FOUND. Sorry!", "```\nNOT_FOUND\n```"])
async def test_what_the_passages_do_not_hold_is_handed_over(written: str) -> None:
    ran = await run("answer", written, question="what colour is the kettle?")
    assert ran.tickets.opened == [
        {"tenant": "acme", "run": "runs/7", "question": "what colour is the kettle?", "reason": "NOT_IN_PASSAGES"}
    ]
    assert [n.code for n in ran.notes] == ["HANDED_OVER"]
    assert "tickets/1" in ran.notes[0].message
    assert "NOT_FOUND" not in ran.result.text
    assert ran.result.text.startswith("The documents do not hold the answer")
    assert ran.result.data["handed_over"] is True
    assert ran.result.data["ticket"] == "tickets/1"
    assert ran.chat.closed == 1


async def test_without_passages_the_model_is_not_asked() -> None:
    ran = await run("answer", "never asked", passages=(), question="¿de qué color es la tetera?")
    assert ran.chat.asked == []
    assert ran.tickets.opened[0]["reason"] == "NO_PASSAGES"
    assert ran.result.text == (
        "Los documentos no contienen la respuesta a esto. Un compañero le responderá con el tique tickets/1."
    )


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("hello, how are you?", "No document says anything about this."),
        ("hola, ¿qué tal estás?", "Ningún documento dice nada sobre esto."),
    ],
)
async def test_what_nobody_asked_support_opens_no_ticket_where_nothing_is_found(question: str, said: str) -> None:
    chosen = replace(CONTEXT, chosen=True)
    ran = await run("answer", "never asked", passages=(), question=question, context=chosen)
    assert (ran.chat.asked, ran.tickets.opened, ran.result.text) == ([], [], said)
    assert [note.code for note in ran.notes] == ["NOTHING_FOUND"]
    assert ran.result.data == {"answer": said, "citations": [], "handed_over": False, "ticket": None}
    # What the documents say something about, and not this, is a question after all.
    ran = await run("answer", "NOT_FOUND", question="what colour is the kettle?", context=chosen)
    assert [ticket["reason"] for ticket in ran.tickets.opened] == ["NOT_IN_PASSAGES"]


async def test_an_answer_without_a_valid_citation_is_handed_over() -> None:
    ran = await run("answer", "It is blue. [8]", question="what colour is the kettle?")
    assert [n.code for n in ran.notes] == ["CITATION_DROPPED", "HANDED_OVER"]
    assert ran.citations == []
    assert ran.tickets.opened[0]["reason"] == "NO_VALID_CITATION"
    assert ran.result.text.startswith("It is blue.\n\nNo document confirms this.")


async def test_long_passages_are_shortened_for_the_model_and_the_sentence_is_quoted_with_its_heading() -> None:
    long = Passage("p9", "documents/long", "", f"# The lamp\n{'This is filler. ' * 90}It weighs 3 kg.", 1.0)
    ran = await run("answer", "It weighs 3 kg. [4]", passages=[long], question="how much does it weigh?")
    asked = ran.chat.asked[0][1][1].splitlines()
    assert asked[-2] == "[4] It weighs 3 kg. [4]"
    assert len(asked) == 1 + 1 + 4 + 1
    assert ran.citations[0].quote == "The lamp: It weighs 3 kg."
    assert ran.citations[0].passage_id == "p9"


async def test_without_a_run_context_nothing_is_searched() -> None:
    kernel, _ = scripted_kernel("x")
    search = FixedSearch(KETTLE)
    plugin = kernel.add_plugin(SupportPlugin(search, ListedTickets()), "support")
    with pytest.raises(ValueError, match="run context"):
        async for _ in plugin["answer"].invoke_stream(kernel, KernelArguments(question="x")):
            pass
    assert search.asked == []


async def test_a_message_is_classified_under_the_schema() -> None:
    written = '{"topic":"returns","urgency":"normal","sentiment":"neutral"}'
    ran = await run("classify", written, message="How do I send\nit back?")
    assert ran.result.data == {"topic": "returns", "urgency": "normal", "sentiment": "neutral"}
    assert ran.result.text == "topic: returns, urgency: normal, sentiment: neutral"
    assert ran.chat.asked[0][1] == ("user", "Message: How do I send it back?")
    settings = ran.chat.settings[0].extension_data
    schema = settings["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["topic"]["enum"] == list(layout.TOPICS)
    assert schema["properties"]["urgency"]["enum"] == list(layout.URGENCIES)
    assert schema["properties"]["sentiment"]["enum"] == list(layout.SENTIMENTS)


async def test_what_is_no_classification_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON"):
        await run("classify", "billing, I think", message="my bill is wrong")


@pytest.mark.parametrize("index", [0, 1])
async def test_the_model_is_trained_on_exactly_what_it_is_sent(index: int) -> None:
    task = TASKS[index]
    rng = random.Random(21)
    for _ in range(5):
        example = task.draw(rng, "train")
        kernel, chat = scripted_kernel("[]")
        await sent(kernel, task.name.split(".")[1], example.prompt[1].content)
        assert chat.asked[0] == [(m.role, m.content) for m in example.prompt]


async def sent(kernel: Kernel, function: str, message: str) -> None:
    """Send a user message by the plugin's own prompt."""
    async for _ in stream_text(load_prompts("support")[function], kernel, input=message):
        pass


def test_the_manifest_has_valid_bounded_schemas() -> None:
    assert {name: f["effect"] for name, f in FUNCTIONS.items()} == {"answer": "write", "classify": "none"}
    for function in FUNCTIONS.values():
        assert len(function["description"].split()) <= 10
        for schema in (function["input_schema"], function["output_schema"]):
            Draft202012Validator.check_schema(schema)
            assert schema["additionalProperties"] is False
            for field in schema["properties"].values():
                assert field["description"]
                assert {"maxLength", "maxItems", "enum"} & set(field) or field["type"] == "boolean"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_number_before_its_sentence_is_shown_behind_it(size: int) -> None:
    passages = [Passage(f"p{i}", "manual", "", f"Fact {i}.", 1.0) for i in (1, 2)]
    stream = AnswerStream(passages)
    written = "[2] It weighs 3 kg. [1] It is red."
    shown = [o for i in range(0, len(written), size) for o in stream.feed(written[i : i + size])] + stream.finish()
    assert "".join(o.text for o in shown if isinstance(o, TextDelta)) == "It weighs 3 kg. [2] It is red. [1]"
    assert list(stream.citations) == [2, 1]


def test_a_number_alone_is_no_answer() -> None:
    stream = AnswerStream([Passage("p1", "manual", "", "Fact.", 1.0)])
    assert stream.feed("[1]") + stream.finish() == []
    assert not stream.citations


@pytest.mark.parametrize(
    ("answer", "grounded"),
    [
        ("You can return it within 30 days. [1]", True),
        ("Return it within 30 days, please. [1]", True),
        ("You can return it within 70 days. [1]", False),
        ("Our shop also repairs bicycles. [1]", False),
        ("The delivery is free within 30 days. [1]", False),
    ],
)
def test_an_answer_says_only_what_it_cites(answer: str, grounded: bool) -> None:
    assert is_grounded(answer, ["# Returns\nYou can return any item within 30 days."]) is grounded


async def test_an_answer_that_its_passage_does_not_bear_out_is_handed_over() -> None:
    ran = await run("answer", "The Kestrel kettle has a nine-year warranty of 9 years. [1]", question="warranty?")
    assert [n.code for n in ran.notes] == ["HANDED_OVER"]
    assert ran.tickets.opened[0]["reason"] == "NOT_GROUNDED"
    assert ran.result.data["handed_over"] is True
