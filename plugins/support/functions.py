"""The functions of the plugin `support`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments, kernel_function

from plugins.context import CallContext, RunContext
from plugins.language import language_of
from plugins.output import FunctionOutput, FunctionResult, Note, TextDelta
from plugins.prompts import load_prompts, stream_text
from plugins.support import layout
from plugins.support.answer_stream import AnswerStream
from plugins.support.excerpt import closest, excerpt
from plugins.support.forms import answer_form
from plugins.support.grounding import is_grounded
from plugins.support.ports import PassageSearch, Tickets

PASSAGES = 4
"""How many passages the model reads for one question."""

_NOT_HELD = {
    "en": "The documents do not hold the answer to this. A colleague will answer you under ticket {ticket}.",
    "es": "Los documentos no contienen la respuesta a esto. Un compañero le responderá con el tique {ticket}.",
}
_NOT_CONFIRMED = {
    "en": "No document confirms this. A colleague will answer you under ticket {ticket}.",
    "es": "Ningún documento lo confirma. Un compañero le responderá con el tique {ticket}.",
}
_NOTHING = {
    "en": "No document says anything about this.",
    "es": "Ningún documento dice nada sobre esto.",
}
_REASONS = {
    "NO_PASSAGES": "No document has a passage on the question",
    "NOT_IN_PASSAGES": "The passages found do not hold the answer",
    "NO_VALID_CITATION": "The answer cites none of the passages found",
    "NOT_GROUNDED": "The answer says something that the passages it cites do not",
}


class SupportPlugin:
    """Answers customers from documents, with citations; what those do not hold goes to a person as a ticket."""

    def __init__(self, search: PassageSearch, tickets: Tickets) -> None:
        self._search = search
        self._tickets = tickets
        self._prompts = load_prompts("support")

    @kernel_function(name="answer", description="Answer a customer's question from the documents.")
    async def answer(
        self, kernel: Kernel, arguments: KernelArguments, question: str, collections: list[str] | None = None
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Answer `question` from the passages found in `collections` (none given: in all), or hand it over.

        Raises:
            ValueError: `arguments` hold no run context, so that it is unknown whose documents may be read.
        """
        context: RunContext | None = arguments.get("run_context")
        if context is None:
            raise ValueError("support.answer needs a run context, for its tenant")
        passages = await self._search.search(context.tenant, question, collections or (), PASSAGES)
        found = closest(layout.statements([excerpt(p.text, question) for p in passages]), question)
        stream = AnswerStream([replace(passages[s.passage], text=f"{s.heading} {s.sentence}".lstrip()) for s in found])
        if found:
            user = layout.answer_input(question, found)
            text = stream_text(self._prompts["answer"], kernel, input=user, form=partial(answer_form, user))
            # Read to its end also after an abstention: the last piece carries the usage that is paid for.
            async with aclosing(text) as pieces:
                async for piece in pieces:
                    for output in stream.feed(piece):
                        yield output
            for output in stream.finish():
                yield output
        grounded = is_grounded(stream.text, [c.quote for c in stream.citations.values()])
        if stream.citations and grounded:
            yield FunctionResult(stream.text, _answer_data(stream, stream.text, ticket=None))
            return
        if not passages and context.chosen:
            # Small talk may have led here: what nobody put to support is not left to a person to answer.
            nothing = _NOTHING[language_of(question)]
            yield TextDelta(nothing)
            yield Note("NOTHING_FOUND", f"{_REASONS['NO_PASSAGES']}, and nobody asked support: no ticket was opened.")
            yield FunctionResult(nothing, _answer_data(stream, nothing, ticket=None))
            return
        if not passages:
            reason = "NO_PASSAGES"
        elif not stream.text:
            reason = "NOT_IN_PASSAGES"
        else:
            reason = "NOT_GROUNDED" if stream.citations else "NO_VALID_CITATION"
        call: CallContext | None = arguments.get("call_context")
        once = "" if call is None else call.idempotency_key
        async for said in self._hand_over(context, question, stream, reason, once):
            yield said

    @kernel_function(name="classify", description="Classify a customer's message by topic, urgency and sentiment.")
    async def classify(self, kernel: Kernel, message: str) -> AsyncGenerator[FunctionOutput, None]:
        """Tell topic, urgency and sentiment of `message`.

        Raises:
            ValueError: the model's text is no such classification.
        """
        written = ""
        user = layout.classify_input(message)
        async with aclosing(stream_text(self._prompts["classify"], kernel, input=user)) as pieces:
            async for piece in pieces:
                written += piece
        found = layout.parse_classify(written)
        text = ", ".join(f"{field}: {value}" for field, value in found.items())
        yield TextDelta(text)
        yield FunctionResult(text, dict(found))

    async def _hand_over(
        self, context: RunContext, question: str, stream: AnswerStream, reason: str, once: str
    ) -> AsyncGenerator[FunctionOutput, None]:
        ticket = await self._tickets.open(context.tenant, run=context.run, question=question, reason=reason, once=once)
        wording = (_NOT_CONFIRMED if stream.text else _NOT_HELD)[language_of(question)].format(ticket=ticket)
        said = f"\n\n{wording}" if stream.text else wording
        yield TextDelta(said)
        yield Note("HANDED_OVER", f"{_REASONS[reason]}; {ticket} was opened.")
        text = stream.text + said
        yield FunctionResult(text, _answer_data(stream, text, ticket=ticket))


def _answer_data(stream: AnswerStream, text: str, ticket: str | None) -> dict[str, Any]:
    citations = [
        {"number": c.number, "document": c.document, "passage_id": c.passage_id, "quote": c.quote}
        for c in stream.citations.values()
    ]
    return {"answer": text, "citations": citations, "handed_over": ticket is not None, "ticket": ticket}
