"""The functions of the e-mail plugin: they write drafts and never send one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.functions import kernel_function

from plugins.email import layout
from plugins.email.forms import draft_form, reply_form, revise_form, summarize_thread_form
from plugins.email.pasted import details, split_pasted
from plugins.language import language_of
from plugins.output import FunctionOutput, FunctionResult, Note, TextDelta
from plugins.prompts import load_prompts, stream_text


class EmailPlugin:
    """Drafts, answers, revises and summarizes e-mails."""

    def __init__(self) -> None:
        self._prompts = load_prompts("email")

    @kernel_function(name="draft", description="Draft a new e-mail.")
    async def draft(
        self,
        kernel: Kernel,
        purpose: str,
        recipient: str = "",
        sender: str = "",
        points: list[str] | None = None,
        tone: str = "neutral",
        language: str = "en",
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Draft a mail to `recipient` that serves `purpose` and says each of the `points`."""
        said = points or []
        user = layout.draft_input(recipient, sender, purpose, said, tone, language)
        async for piece in self._write(kernel, "draft", user, layout.parse_draft, partial(draft_form, user), said):
            yield piece

    @kernel_function(name="reply", description="Answer an e-mail that was received.")
    async def reply(
        self,
        kernel: Kernel,
        message: str,
        sender: str = "",
        points: list[str] | None = None,
        tone: str = "neutral",
        language: str = "",
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Answer `message`, which may be preceded by a word on what to answer; by default in its own language."""
        said = points or []
        user = layout.reply_input(message, sender, said, tone, language or language_of(message))
        async for piece in self._write(kernel, "reply", user, layout.parse_reply, partial(reply_form, user), said):
            yield piece

    @kernel_function(name="revise", description="Change an e-mail draft.")
    async def revise(self, kernel: Kernel, instruction: str, draft: str = "") -> AsyncGenerator[FunctionOutput, None]:
        """Change `draft` as `instruction` says; a mail pasted into the instruction goes before `draft`.

        Raises:
            ValueError: there is no draft to change.
        """
        pasted = split_pasted(instruction)
        asked, mail = pasted or (instruction, draft)
        if not mail.strip():
            raise ValueError("there is no draft to revise: give one, or paste the mail below the instruction")
        user = layout.revise_input(mail, asked)
        async for piece in self._write(kernel, "revise", user, layout.parse_revise, partial(revise_form, user)):
            yield piece

    @kernel_function(name="summarize_thread", description="Summarise an e-mail thread.")
    async def summarize_thread(self, kernel: Kernel, thread: str) -> AsyncGenerator[FunctionOutput, None]:
        """Pick from `thread` what was said and list who does what by when; small talk is left out."""
        user = layout.summarize_thread_input(thread)
        form = partial(summarize_thread_form, user)
        async for piece in self._write(kernel, "summarize_thread", user, layout.parse_summarize_thread, form):
            yield piece

    async def _write(
        self,
        kernel: Kernel,
        prompt: str,
        user: str,
        parse: Callable[[str], dict[str, Any]],
        form: Callable[[], str],
        must_keep: Sequence[str] = (),
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Stream the model's text for `user`, then say which details it lost or made up, then the result."""
        text = ""
        async with aclosing(stream_text(self._prompts[prompt], kernel, input=user, form=form)) as pieces:
            async for piece in pieces:
                text += piece
                yield TextDelta(piece)
        lost = set().union(*map(details, must_keep)) - details(text)
        if lost:
            yield Note("EMAIL_DETAIL_MISSING", f"The text leaves out: {', '.join(sorted(lost))}.")
        invented = details(text) - details(user)
        if invented:
            yield Note("EMAIL_DETAIL_UNSUPPORTED", f"The request does not say: {', '.join(sorted(invented))}.")
        data = parse(text)
        if data.get("subject") == "":
            yield Note("EMAIL_SUBJECT_MISSING", "The text has no subject line.")
        yield FunctionResult(text, data)
