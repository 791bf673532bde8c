"""Prompt functions of the plugins: built once from `prompts/*.yaml`, streamed as plain text."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.contents import StreamingChatMessageContent
from semantic_kernel.functions import KernelArguments, KernelFunctionFromPrompt

from plugins.prompt_file import load, path_of

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 does not allow. Source: https://www.w3.org/TR/xml/#charsets."""


def load_prompts(plugin: str) -> dict[str, KernelFunctionFromPrompt]:
    """Return the prompt functions of `plugin` by name.

    Raises:
        PromptFileError: a file is not of the form that `plugins.prompt_file` asks for.
    """
    prompts: dict[str, KernelFunctionFromPrompt] = {}
    for path in sorted(path_of(plugin, "any").parent.glob("*.yaml")):
        name = load(plugin, path.stem).name
        prompts[name] = KernelFunctionFromPrompt.from_yaml(path.read_text(encoding="utf-8"), plugin_name=plugin)
    return prompts


# The parameter is called `input` because the templates name their one variable so.
async def stream_text(
    prompt: KernelFunctionFromPrompt,
    kernel: Kernel,
    *,
    input: str,  # noqa: A002
) -> AsyncGenerator[str, None]:
    """Yield the text that the kernel's model writes for `prompt` with `input`, as it comes; empty pieces are left out.

    Whatever `input` holds reaches the model as the text of the user message and cannot add or end a message.
    """
    arguments = KernelArguments(input=_as_template_value(input))
    stream: AsyncGenerator[Any, None] = prompt.invoke_stream(kernel, arguments)
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            for message in piece if isinstance(piece, list) else [piece]:
                if isinstance(message, StreamingChatMessageContent) and message.content:
                    yield message.content


def _as_template_value(text: str) -> str:
    """Return `text` so that the kernel hands it to the model unchanged.

    Control characters would make the prompt's XML unreadable. The kernel unescapes entities once more than it escapes
    them, which would turn `?a=1&copy=2` into `?a=1©=2`: so ampersands are escaped once here.
    """
    clean = _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.replace("&", "&amp;")
