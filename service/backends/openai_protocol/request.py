"""A request in the words of OpenAI's chat completions, and what of it the upstream will not heed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from service.backends.base import (
    ChatMessage,
    GenerationRequest,
    Guidance,
    ModelCard,
    NoticePiece,
    ToolSpec,
    setting_ignored,
)
from service.backends.openai_protocol.options import Dialect
from service.backends.openai_protocol.schema import is_strict
from service.errors import InvalidArgumentError, Violation

SCHEMA_NOT_ENFORCED: Final = "SCHEMA_NOT_ENFORCED"
"""The schema is outside of what the upstream enforces: the model is told it and may break it."""

_TOOL_NAME: Final = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
"""Source: OpenAI API reference, "Create chat completion", `tools.function.name`."""

_IMAGE_URL: Final = re.compile(r"^(https://|data:image/[a-z0-9.+-]+;base64,)", re.IGNORECASE)
_SEED_END: Final = 2**63


def body_of(
    request: GenerationRequest, model: str, card: ModelCard, dialect: Dialect
) -> tuple[bytes, list[NoticePiece]]:
    """Return the JSON to send and what the caller should know of it; `model` is the upstream's name.

    Raises:
        InvalidArgumentError: A field is out of its range, or asks for what the model cannot do.
    """
    _check(request, card, dialect)
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        dialect.limit_field: request.max_output_tokens,
    }
    if request.streamed:
        body["stream"] = True
        if dialect.stream_usage:
            body["stream_options"] = {"include_usage": True}
    notices = _add_sampling(body, request, dialect)
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body["tool_choice"] = request.tool_choice
    if request.guidance is not None:
        notices += _add_format(body, request.guidance, dialect)
    return orjson.dumps(body), notices


def _message(message: ChatMessage) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.images:
        text = [{"type": "text", "text": message.content}] if message.content else []
        fields["content"] = [*text, *({"type": "image_url", "image_url": {"url": i.url}} for i in message.images)]
    if message.tool_calls:
        fields["content"] = message.content or None
        fields["tool_calls"] = [
            {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        fields["tool_call_id"] = message.tool_call_id
    return fields


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _add_sampling(body: dict[str, Any], request: GenerationRequest, dialect: Dialect) -> list[NoticePiece]:
    sampling = request.sampling
    ignored: list[str] = []
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if dialect.fixed_sampling:
        # The default temperature is no wish of the caller's.
        wishes = {"temperature": sampling.temperature, "top_p": sampling.top_p != 1.0, "seed": sampling.seed}
        wishes |= {"presence_penalty": sampling.presence_penalty, "logit_bias": len(sampling.logit_bias)}
        ignored += [name for name, wish in wishes.items() if wish]
    else:
        body["temperature"] = sampling.temperature
        if sampling.top_p != 1.0:
            body["top_p"] = sampling.top_p
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.presence_penalty:
            body["presence_penalty"] = sampling.presence_penalty
        if sampling.logit_bias:
            body["logit_bias"] = {str(token): bias for token, bias in sampling.logit_bias}
    ignored += _add_extras(body, request, dialect)
    return [setting_ignored(name) for name in ignored]


def _add_extras(body: dict[str, Any], request: GenerationRequest, dialect: Dialect) -> list[str]:
    """Add what OpenAI does not know and other servers may; return the names of what has no effect."""
    sampling = request.sampling
    extras = (
        ("top_k", sampling.top_k, sampling.top_k is not None, dialect.top_k),
        ("min_p", sampling.min_p, sampling.min_p > 0, dialect.min_p),
        (
            "repetition_penalty",
            sampling.repetition_penalty,
            sampling.repetition_penalty != 1,
            dialect.repetition_penalty,
        ),
        ("priority", request.priority, request.priority != 0, False),
    )
    wished = [(name, value, known) for name, value, wish, known in extras if wish]
    body.update({name: value for name, value, known in wished if known})
    return [name for name, _, known in wished if not known]


def _add_format(body: dict[str, Any], guidance: Guidance, dialect: Dialect) -> list[NoticePiece]:
    schema = orjson.loads(guidance.value)
    strict = dialect.any_schema or is_strict(schema)
    body["response_format"] = {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": strict},
    }
    if strict:
        return []
    return [
        NoticePiece(
            SCHEMA_NOT_ENFORCED,
            "The model is told the schema but not held to it: that takes objects which require all their properties "
            "and allow no others.",
        )
    ]


def _check(request: GenerationRequest, card: ModelCard, dialect: Dialect) -> None:
    sampling = request.sampling
    most = card.max_output_tokens
    rules = (
        (bool(request.messages), "messages", "must not be empty"),
        (1 <= request.max_output_tokens <= most, "max_output_tokens", f"must be 1 to {most}"),
        (0 <= sampling.temperature <= 2, "sampling.temperature", "must be from 0 to 2"),
        (0 < sampling.top_p <= 1, "sampling.top_p", "must be above 0 and at most 1"),
        (sampling.top_k is None or sampling.top_k >= 1, "sampling.top_k", "must be at least 1"),
        (sampling.seed is None or 0 <= sampling.seed < _SEED_END, "sampling.seed", "must be from 0 to 2^63 - 1"),
        (
            len(sampling.stop) <= dialect.max_stop_strings,
            "sampling.stop",
            f"this model takes at most {dialect.max_stop_strings} stop strings",
        ),
        (all(sampling.stop), "sampling.stop", "a stop string must not be empty"),
        (sampling.logprobs is None, "sampling.logprobs", "only local models give log-probabilities"),
        (request.tool_choice != "required" or bool(request.tools), "tools", "must not be empty when one is required"),
        (not request.tools or card.supports_tools, "tools", "this model cannot call functions"),
    )
    violations = [Violation(subject, words) for holds, subject, words in rules if not holds]
    violations += [*_tool_violations(request), *_image_violations(request, card), *_format_violations(request, card)]
    if violations:
        words = "; ".join(f"{violation.subject}: {violation.description}" for violation in violations)
        raise InvalidArgumentError(f"The request is malformed: {words}.", violations=violations)


def _tool_violations(request: GenerationRequest) -> Iterator[Violation]:
    names = [tool.name for tool in request.tools]
    if len(set(names)) < len(names):
        yield Violation("tools", "their names must differ")
    if not all(_TOOL_NAME.match(name) for name in names):
        yield Violation("tools.name", "must be 1 to 64 letters, digits, underscores and hyphens")


def _image_violations(request: GenerationRequest, card: ModelCard) -> Iterator[Violation]:
    images = [image for message in request.messages for image in message.images]
    if images and not card.supports_vision:
        yield Violation("messages.images", "this model cannot read images")
    if any(message.images and message.role != "user" for message in request.messages):
        yield Violation("messages.images", "only a user's message may hold images")
    if not all(_IMAGE_URL.match(image.url) for image in images):
        yield Violation("messages.images.url", "must begin with https:// or data:image/...;base64,")


def _format_violations(request: GenerationRequest, card: ModelCard) -> Iterator[Violation]:
    guidance = request.guidance
    if guidance is None:
        return
    if guidance.kind != "json_schema":
        yield Violation("guidance", "this model cannot be held to a grammar; a JSON Schema can be asked for")
    elif not card.supports_json_schema:
        yield Violation("guidance", "this model cannot be held to a JSON Schema")
    else:
        try:
            is_schema = isinstance(orjson.loads(guidance.value), dict)
        except orjson.JSONDecodeError:
            is_schema = False
        if not is_schema:
            yield Violation("guidance.value", "must be a JSON Schema that is an object")
