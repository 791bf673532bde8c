"""An operation of a document as it is called: where each argument goes, and what the function's schemas are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from plugins.manifest import Effect
from plugins.sources.openapi.security import Authorization
from plugins.sources.openapi.servers import Server
from plugins.sources.openapi.styles import Place, Style

BODY: Final = "body"
"""The argument that holds a request's body, and the field of a result that holds the answer's."""

BodyForm: TypeAlias = Literal["json", "form", "multipart", "text"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `argument` is its name in the input schema, `name` the one on the wire.

    `as_json`: its value is written as JSON text instead of by its style.
    """

    argument: str
    name: str
    place: Place
    style: Style
    explode: bool
    required: bool
    reserved: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class FieldEncoding:
    """How one field of a form is written; `style` None: as its value asks for."""

    style: Style | None = None
    explode: bool = True
    reserved: bool = False
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body; `encoding` is by field, for forms."""

    form: BodyForm
    content_type: str
    required: bool
    encoding: Mapping[str, FieldEncoding] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `path` is escaped but for its placeholders; `query` are pieces that are always sent."""

    subject: str
    operation_id: str
    method: str
    server: Server
    path: str
    query: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    accept: str
    authorizations: tuple[Authorization, ...]
    description: str
    effect: Effect
    idempotent: bool
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
