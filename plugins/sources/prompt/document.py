"""A prompt file, Semantic Kernel's YAML, read and checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from plugins.sources.arguments import check_schema
from plugins.sources.base import RESERVED_ARGUMENTS, SourceError
from plugins.sources.names import snake_case
from plugins.sources.prompt import handlebars, kernel_syntax
from plugins.sources.prompt.messages import PRIVATE, messages_of
from plugins.sources.prompt.template import Node, render, roots

MAX_DOCUMENT_BYTES: Final = 64 * 1024
_MAX_YAML_EVENTS: Final = 20_000
_MAX_YAML_DEPTH: Final = 40
_MAX_VARIABLES: Final = 100
_MAX_OUTPUT_TOKENS: Final = 1_000_000
_MAX_MODELS: Final = 8
_MAX_MODEL_CHARACTERS: Final = 128
_ANY_SERVICE: Final = "default"

_FIELDS: Final = frozenset(
    {
        "name", "description", "template", "template_format", "input_variables", "output_variable",
        "execution_settings", "allow_dangerously_set_content",
    }
)  # fmt: skip
_VARIABLE_FIELDS: Final = frozenset(
    {"name", "description", "default", "is_required", "json_schema", "allow_dangerously_set_content"}
)
_OUTPUT_FIELDS: Final = frozenset({"description", "json_schema"})
_TOOL_SETTINGS: Final = ("function_choice_behavior", "tools", "tool_choice", "tool_call_behavior")
_MODEL_SETTINGS: Final = ("ai_model_id", "model_id", "model")
_NOT_SETTINGS: Final = frozenset({*_MODEL_SETTINGS, "service_id", "stop_sequences", "response_format"})
_VARIABLE_NAME = re.compile(r"[A-Za-z_][0-9A-Za-z_]*", re.ASCII)
_TEXT_OUTPUT: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "What the model wrote."}},
    "required": ["text"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ModelRequirements:
    """What the prompt asks of the model that answers it: one of these models (none named: any), and so many tokens.

    `model_ids` are of models or of the services that have them, the one that is wanted most first.
    """

    model_ids: tuple[str, ...] = ()
    max_output_tokens: int | None = None
    needs_json_schema: bool = False


@dataclass(frozen=True, slots=True)
class PromptDocument:
    """One prompt. `settings` go to the chat service by their names in the OpenAI API; `defaults` fill arguments."""

    name: str
    description: str
    nodes: tuple[Node, ...]
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    has_output_schema: bool
    defaults: Mapping[str, Any]
    settings: Mapping[str, Any]
    requirements: ModelRequirements
    fingerprint: str


def read_document(text: str) -> PromptDocument:
    """Read a prompt; nothing but `text` is read, and nothing of it is run.

    Raises:
        SourceError: `PROMPT_TOO_LARGE`, `PROMPT_INVALID` or `PROMPT_UNSUPPORTED`, with the field; `SCHEMA_INVALID`.
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_DOCUMENT_BYTES:
        raise SourceError("PROMPT_TOO_LARGE", f"is larger than {MAX_DOCUMENT_BYTES} bytes")
    raw = _mapping(_load(text), "")
    _only(raw, _FIELDS, "")
    _refuse_unsafe(raw, "")
    name = _text(raw, "name", "")
    nodes = _nodes(raw)
    variables = _variables(raw)
    for used in roots(nodes):
        if used not in variables:
            raise SourceError("PROMPT_INVALID", f"uses {used[:100]}, which is no input variable", "template")
    output = _output_schema(raw)
    settings, requirements = _execution(raw, needs_json_schema=output is not None)
    _try(nodes, variables)
    function = snake_case(name)
    if not function:
        raise SourceError("PROMPT_INVALID", "must have a letter", "name")
    return PromptDocument(
        name=function,
        description=_text(raw, "description", "") or f"The prompt {name}.",
        nodes=nodes,
        input_schema=_input_schema(variables),
        output_schema=output or _TEXT_OUTPUT,
        has_output_schema=output is not None,
        defaults={n: v["default"] for n, v in variables.items() if v.get("default") not in (None, "")},
        settings=settings,
        requirements=requirements,
        fingerprint=hashlib.sha256(data).hexdigest(),
    )


def _load(text: str) -> Any:
    """Return the YAML as plain values. Aliases are refused: ten lines of them can stand for a billion values."""
    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise SourceError("PROMPT_UNSUPPORTED", "YAML aliases are not read")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_YAML_DEPTH or count > _MAX_YAML_EVENTS:
                raise SourceError("PROMPT_TOO_LARGE", "is nested too deeply or has too many parts")
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" in line {line + 1}" if line is not None else ""
        raise SourceError("PROMPT_INVALID", f"is no YAML{where}") from None


def _nodes(raw: Mapping[str, Any]) -> tuple[Node, ...]:
    template = _text(raw, "template", "")
    if not template.strip():
        raise SourceError("PROMPT_INVALID", "is empty", "template")
    if PRIVATE.search(template):
        raise SourceError("PROMPT_INVALID", "uses characters of the private use area", "template")
    kind = _text(raw, "template_format", "") or "semantic-kernel"
    if kind == "semantic-kernel":
        return kernel_syntax.parse(template)
    if kind == "handlebars":
        return handlebars.parse(template)
    if kind in ("jinja2", "liquid"):
        reason = f"{kind} templates are programs; write it in semantic-kernel or handlebars"
        raise SourceError("PROMPT_UNSUPPORTED", reason, "template_format")
    raise SourceError("PROMPT_INVALID", "must be semantic-kernel or handlebars", "template_format")


def _try(nodes: tuple[Node, ...], variables: Mapping[str, Mapping[str, Any]]) -> None:
    """Render the prompt once, so that messages which are not well formed are found now and not by a run."""
    samples = {name: _sample(variable["schema"]) for name, variable in variables.items()}
    try:
        messages_of(render(nodes, samples, MAX_DOCUMENT_BYTES))
    except SourceError as error:
        if error.code == "PROMPT_INVALID":
            raise


def _sample(schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "array":
        return [_sample(schema.get("items"))]
    if kind == "object":
        return {name: _sample(one) for name, one in schema.get("properties", {}).items()}
    return {"boolean": True, "integer": 1, "number": 1.0}.get(str(kind), "user")


def _variables(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    listed = raw.get("input_variables") or []
    if not isinstance(listed, list) or len(listed) > _MAX_VARIABLES:
        raise SourceError("PROMPT_INVALID", f"must be a list of at most {_MAX_VARIABLES}", "input_variables")
    variables: dict[str, Mapping[str, Any]] = {}
    for i, item in enumerate(listed):
        where = f"input_variables[{i}]"
        variable = _mapping(item, where)
        _only(variable, _VARIABLE_FIELDS, where)
        _refuse_unsafe(variable, where)
        name = _text(variable, "name", where)
        if not _VARIABLE_NAME.fullmatch(name) or name in RESERVED_ARGUMENTS or name in variables:
            raise SourceError("PROMPT_INVALID", "is no name, the host's own, or there twice", f"{where}.name")
        if not isinstance(variable.get("is_required", True), bool):
            raise SourceError("PROMPT_INVALID", "must be true or false", f"{where}.is_required")
        schema = _schema(variable.get("json_schema"), f"{where}.json_schema")
        variables[name] = {**variable, "schema": {"type": "string"} if schema is None else schema}
    return variables


def _input_schema(variables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for name, variable in variables.items():
        schema = dict(variable["schema"])
        if variable.get("description"):
            schema.setdefault("description", str(variable["description"]))
        if variable.get("default") not in (None, ""):
            schema.setdefault("default", variable["default"])
        elif variable.get("is_required", True):
            required.append(name)
        properties[name] = schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _output_schema(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    if raw.get("output_variable") is None:
        return None
    output = _mapping(raw["output_variable"], "output_variable")
    _only(output, _OUTPUT_FIELDS, "output_variable")
    schema = _schema(output.get("json_schema"), "output_variable.json_schema")
    if schema is not None and schema.get("type") != "object":
        raise SourceError("SCHEMA_INVALID", "must be of type object", "output_variable.json_schema")
    return schema


def _schema(value: Any, where: str) -> dict[str, Any] | None:
    """Return a JSON Schema that is written as YAML or, as Semantic Kernel has it, as a text of JSON."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise SourceError("SCHEMA_INVALID", "is no JSON", where) from None
    schema = dict(_mapping(value, where))
    check_schema(schema, where)
    # They would have to lie at the root of the arguments, which a variable's schema is not.
    if "$ref" in json.dumps(schema):
        raise SourceError("SCHEMA_INVALID", "references are not read here", where)
    return schema


def _execution(raw: Mapping[str, Any], *, needs_json_schema: bool) -> tuple[dict[str, Any], ModelRequirements]:
    """Return the settings for the chat service, and what they ask of the model.

    Of several services' settings those called `default` count, or else the first.
    """
    by_service = _mapping(raw.get("execution_settings") or {}, "execution_settings")
    if not by_service:
        return {}, ModelRequirements(needs_json_schema=needs_json_schema)
    service = _ANY_SERVICE if _ANY_SERVICE in by_service else next(iter(by_service))
    where = f"execution_settings.{service}"
    given = _mapping(by_service[service] or {}, where)
    for name in _TOOL_SETTINGS:
        if given.get(name):
            raise SourceError("PROMPT_UNSUPPORTED", "a prompt calls no functions", f"{where}.{name}")
    settings = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    if given.get("stop_sequences"):
        settings.setdefault("stop", given["stop_sequences"])
    tokens = settings.get("max_tokens")
    is_number = isinstance(tokens, int) and not isinstance(tokens, bool)
    if tokens is not None and not (is_number and 1 <= tokens <= _MAX_OUTPUT_TOKENS):
        raise SourceError("PROMPT_INVALID", "must be a number of tokens", f"{where}.max_tokens")
    return settings, ModelRequirements(_models(by_service), tokens, needs_json_schema)


def _models(by_service: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the models that the prompt names, in its order: of each service its model, then the service itself."""
    named: list[str] = []
    for service, settings in by_service.items():
        given = _mapping(settings or {}, f"execution_settings.{service}")
        said = [*(given.get(name) for name in _MODEL_SETTINGS), given.get("service_id"), service]
        named += [str(one) for one in said if one and one != _ANY_SERVICE]
    return tuple(dict.fromkeys(name[:_MAX_MODEL_CHARACTERS] for name in named))[:_MAX_MODELS]


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SourceError("PROMPT_INVALID", "must be an object", where)
    return value


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError("PROMPT_INVALID", "must be a text", f"{where}.{name}".strip("."))
    return value


def _only(raw: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for name in raw:
        if name not in known:
            raise SourceError("PROMPT_INVALID", "is not known", f"{where}.{name[:100]}".strip("."))


def _refuse_unsafe(raw: Mapping[str, Any], where: str) -> None:
    if raw.get("allow_dangerously_set_content"):
        place = f"{where}.allow_dangerously_set_content".strip(".")
        raise SourceError("PROMPT_UNSUPPORTED", "values never become markup", place)
