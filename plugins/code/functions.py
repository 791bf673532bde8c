"""The functions of the plugin `code`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.functions import kernel_function

from plugins.code import layout
from plugins.code.forms import explain_form, generate_form, write_tests_form
from plugins.output import FunctionOutput, FunctionResult, Note, TextDelta
from plugins.prompts import load_prompts, stream_text


class CodePlugin:
    """Writes, explains and reviews small pieces of code; runs none of it."""

    def __init__(self) -> None:
        self._prompts = load_prompts("code")

    @kernel_function(name="generate", description="Write Python code for a task.")
    async def generate(self, kernel: Kernel, task: str) -> AsyncGenerator[FunctionOutput, None]:
        """Write code for `task`, mend it once if it does not parse, and say so if it still does not."""
        user = layout.generate_input(task)
        async with aclosing(
            self._write(kernel, "generate", user, layout.parse_generate, partial(generate_form, user))
        ) as pieces:
            async for piece in pieces:
                yield piece

    @kernel_function(name="explain", description="Explain code.")
    async def explain(self, kernel: Kernel, code: str) -> AsyncGenerator[FunctionOutput, None]:
        """Explain the code in `code` in a few sentences."""
        text, user = "", layout.explain_input(layout.extract_code(code))
        said = stream_text(self._prompts["explain"], kernel, input=user, form=partial(explain_form, user))
        async with aclosing(said) as pieces:
            async for piece in pieces:
                text += piece
                yield TextDelta(piece)
        yield FunctionResult(text, layout.parse_explain(text))

    @kernel_function(name="review", description="Find problems in code.")
    async def review(self, kernel: Kernel, code: str) -> AsyncGenerator[FunctionOutput, None]:
        """Review the code in `code`; findings on lines that it does not have are left out of the data."""
        text, reviewed = "", layout.extract_code(code)
        async with aclosing(
            stream_text(self._prompts["review"], kernel, input=layout.review_input(reviewed))
        ) as pieces:
            async for piece in pieces:
                text += piece
                yield TextDelta(piece)
        findings = layout.parse_review(text)["findings"]
        if not findings and layout.NO_PROBLEMS.rstrip(".").lower() not in text.lower():
            yield Note("CODE_REVIEW_UNREADABLE", "The review is not in the expected form; read its text.")
        last = len(reviewed.splitlines())
        yield FunctionResult(text, {"findings": [f for f in findings if 1 <= f["line"] <= last]})

    @kernel_function(name="write_tests", description="Write tests for code.")
    async def write_tests(self, kernel: Kernel, code: str) -> AsyncGenerator[FunctionOutput, None]:
        """Write pytest functions for the code in `code`, mended once as in `generate`."""
        user = layout.write_tests_input(layout.extract_code(code))
        form = partial(write_tests_form, user)
        async with aclosing(self._write(kernel, "write_tests", user, layout.parse_write_tests, form)) as pieces:
            async for piece in pieces:
                yield piece

    async def _write(
        self, kernel: Kernel, prompt: str, user: str, parse: Callable[[str], dict[str, Any]], form: Callable[[], str]
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Stream code; where it does not parse, stream one mended block after a blank line."""
        text = ""
        async with aclosing(stream_text(self._prompts[prompt], kernel, input=user, form=form)) as pieces:
            async for piece in pieces:
                text += piece
                yield TextDelta(piece)
        data = parse(text)
        problem = None if data["valid"] else layout.syntax_problem(data["code"])
        if problem is None:
            yield FunctionResult(text, data)
            return
        yield TextDelta("\n\n")
        mended, user = "", layout.mend_input(data["code"], problem)
        async with aclosing(stream_text(self._prompts["mend"], kernel, input=user)) as pieces:
            async for piece in pieces:
                mended += piece
                yield TextDelta(piece)
        again = parse(mended)
        if again["valid"]:
            data = again
            yield Note(
                "CODE_MENDED", f"Line {problem.line} did not parse ({problem.message}); the second block is mended."
            )
        else:
            yield Note("CODE_SYNTAX_ERROR", f"The code does not parse at line {problem.line}: {problem.message}.")
        yield FunctionResult(f"{text}\n\n{mended}", data)
