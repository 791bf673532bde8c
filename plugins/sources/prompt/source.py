"""A prompt file as a plugin of one function, whose text is streamed as the model writes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import ChatHistory, ChatMessageContent
from semantic_kernel.contents.utils.author_role import AuthorRole

from plugins.manifest import ModelUse
from plugins.output import FunctionOutput, FunctionResult, TextDelta
from plugins.sources.base import (
    CallContext,
    ImportedFunction,
    ImportedPlugin,
    SourceError,
    SourceLimits,
    check_plugin_name,
)
from plugins.sources.prompt.document import PromptDocument, read_document
from plugins.sources.prompt.messages import messages_of
from plugins.sources.prompt.template import render

_DEFAULT_LIMITS: Final = SourceLimits()
_VERSION_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class PromptRegistration:
    """A prompt as a plugin: `text` is the YAML itself, never a path; `version` and `description` default to its own.

    Raises:
        SourceError: the name is none.
    """

    name: str
    text: str
    version: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        check_plugin_name(self.name)


class PromptSource:
    """Reads one registered prompt; see `plugins.sources.base.PluginSource`."""

    def __init__(self, registration: PromptRegistration, limits: SourceLimits = _DEFAULT_LIMITS) -> None:
        self._registration = registration
        self._limits = limits

    def document(self) -> PromptDocument:
        """Return the prompt, with what it asks of the model that answers it.

        Raises:
            SourceError: it is not of a form that is read here.
        """
        return read_document(self._registration.text)

    async def read(self) -> ImportedPlugin:
        """Return the plugin.

        Raises:
            SourceError: as `document`.
        """
        # Reading YAML takes a tenth of a second at worst, which the event loop must not wait for.
        document = await asyncio.to_thread(self.document)
        prompt = _Prompt(document, self._limits)
        function = ImportedFunction(
            name=document.name,
            description=document.description[: self._limits.max_description_characters],
            effect="none",
            input_schema=document.input_schema,
            output_schema=document.output_schema,
            invoke=prompt.invoke,
            stream=prompt.stream,
            idempotent=True,
            models=ModelUse(output_tokens=document.requirements.max_output_tokens),
        )
        return ImportedPlugin(
            name=self._registration.name,
            version=self._registration.version or document.fingerprint[:_VERSION_CHARACTERS],
            description=self._registration.description or function.description,
            functions=(function,),
            left_out=(),
            fingerprint=document.fingerprint,
            kind="prompt",
        )

    async def refresh(self, fingerprint: str) -> ImportedPlugin:
        """Return the plugin, whose text is part of the registration.

        Raises:
            SourceError: `PLUGIN_DRIFTED` if that text is another one than `fingerprint` stands for.
        """
        plugin = await self.read()
        if plugin.fingerprint != fingerprint:
            raise SourceError("PLUGIN_DRIFTED", "the prompt is not what was registered")
        return plugin

    async def aclose(self) -> None:
        """Do nothing: a prompt holds no connection."""


class _Prompt:
    """Renders one prompt and asks the run's model."""

    def __init__(self, document: PromptDocument, limits: SourceLimits) -> None:
        self._document = document
        self._limits = limits
        self._result = Draft202012Validator(dict(document.output_schema))

    async def invoke(self, arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
        """Return the result at once.

        Raises:
            SourceError: as `stream`.
        """
        async with aclosing(self.stream(arguments, context)) as pieces:
            async for piece in pieces:
                if isinstance(piece, FunctionResult):
                    return piece
        raise AssertionError("a stream ends with its result")

    async def stream(self, arguments: Mapping[str, Any], context: CallContext) -> AsyncGenerator[FunctionOutput, None]:
        """Yield the model's text as it comes, then the result.

        Raises:
            SourceError: the prompt becomes too long or empty, there is no model to ask, or its text is not of the
                output schema.
        """
        history = self._history(arguments)
        service, settings = self._service(context)
        text = ""
        async with aclosing(service.get_streaming_chat_message_contents(history, settings)) as stream:
            async for messages in stream:
                for message in messages:
                    if message.content:
                        text += message.content
                        yield TextDelta(message.content)
        yield FunctionResult(text, self._data(text))

    def _history(self, arguments: Mapping[str, Any]) -> ChatHistory:
        values = {**self._document.defaults, **arguments}
        pieces = render(self._document.nodes, values, self._limits.max_request_bytes)
        said = [ChatMessageContent(role=AuthorRole(m.role), content=m.text) for m in messages_of(pieces)]
        return ChatHistory(messages=said)

    def _service(self, context: CallContext) -> tuple[ChatCompletionClientBase, PromptExecutionSettings]:
        services = context.kernel.get_services_by_type(ChatCompletionClientBase) if context.kernel else {}
        service = next(iter(services.values()), None)
        if not isinstance(service, ChatCompletionClientBase):
            raise SourceError("MODEL_MISSING", "the run has no model to ask")
        settings = dict(self._document.settings)
        if self._document.requirements.model_ids:
            settings["preferred_models"] = list(self._document.requirements.model_ids)
        if self._document.has_output_schema:
            schema = {"name": self._document.name, "schema": dict(self._document.output_schema)}
            settings["response_format"] = {"type": "json_schema", "json_schema": schema}
        plain = PromptExecutionSettings(extension_data=settings)
        return service, service.get_prompt_execution_settings_from_settings(plain)

    def _data(self, text: str) -> dict[str, Any]:
        if not self._document.has_output_schema:
            return {"text": text}
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or not self._result.is_valid(data):
            raise SourceError("RESULT_INVALID", "the model's answer is not of the output schema", retryable=True)
        return data
