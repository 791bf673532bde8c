"""Prompt functions of the plugins: built once from `prompts/*.yaml`, streamed as plain text."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.contents import ChatHistory
from semantic_kernel.functions import KernelArguments, KernelFunctionFromPrompt

from plugins.prompt_file import load, path_of, visible


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
    form: str | Callable[[], str] = "",
) -> AsyncGenerator[str, None]:
    """Yield the text that the kernel's model writes for `prompt` with `input`, as it comes; empty pieces are left out.

    A small model is held to `form` (`plugins.forms`), if there is one; others write freely. A function that makes it is
    called only where a small model answers. Whatever `input` holds
    reaches the model as the text of the user message and cannot add or end a message.

    Raises:
        KernelServiceNotFoundError: the kernel has no chat service.
    """
    # The function's own `invoke_stream` leaves the model's stream open when the caller leaves: it would go on writing
    # until the garbage collector comes by. So its parts are used here one by one.
    arguments = KernelArguments(input=_as_template_value(input))
    history = ChatHistory.from_rendered_prompt(await prompt.prompt_template.render(kernel, arguments))
    service, settings = kernel.select_ai_service(prompt, arguments, ChatCompletionClientBase)
    if not isinstance(service, ChatCompletionClientBase):
        raise TypeError(f"not a chat service: {type(service).__name__}")
    async with aclosing(service.get_streaming_chat_message_contents(history, settings, form=form)) as pieces:
        async for messages in pieces:
            for message in messages:
                if message.content:
                    yield message.content


def _as_template_value(text: str) -> str:
    """Return `text` so that the kernel hands it to the model unchanged.

    Control characters would make the prompt's XML unreadable. The kernel unescapes entities once more than it escapes
    them, which would turn `?a=1&copy=2` into `?a=1©=2`: so ampersands are escaped once here.
    """
    clean = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.replace("&", "&amp;")
