"""An OpenAPI 3 document read into operations; what cannot be taken is left out with the reason, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from plugins.manifest import Effect
from plugins.sources.base import LeftOut, SourceError, SourceLimits
from plugins.sources.names import assign_names, snake_case
from plugins.sources.network import AddressGuard
from plugins.sources.openapi.bodies import read_answer, read_body
from plugins.sources.openapi.keywords import shortened
from plugins.sources.openapi.operation import BODY, Operation
from plugins.sources.openapi.parameters import ParameterReader, ReadParameters
from plugins.sources.openapi.paths import PLACEHOLDER, PathError, check_inside, placeholders
from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.registration import OpenApiRegistration, OperationRule
from plugins.sources.openapi.schemas import Definition, Schemas, check_size
from plugins.sources.openapi.security import Authorization, Security, Sent, TokenRequest
from plugins.sources.openapi.servers import Server, ServerChoice

_EFFECTS: Final[Mapping[str, tuple[Effect, bool]]] = {
    "get": ("read", True),
    "head": ("read", True),
    "put": ("write", True),
    "delete": ("write", True),
    "post": ("write", False),
    "patch": ("write", False),
}
"""Whether a method writes, and whether it may be sent twice. Source: RFC 9110, sections 9.2.1 and 9.2.2."""
_NOT_CALLED: Final = ("options", "trace")
_ESCAPED_IN_PATH: Final = "/%-._~!$&'()*+,;=:@"
_ESCAPED_IN_QUERY: Final = _ESCAPED_IN_PATH + "?"
_LEFT_OUT: Final = 2_000
"""The most reasons that are kept; a document of a million wrong operations says the same again."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document's operations by the name of their function, and what was left out."""

    version: str
    description: str
    operations: Mapping[str, Operation]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """An operation as the document has it."""

    subject: str
    method: str
    path: str
    item: Mapping[str, Any]
    operation: Mapping[str, Any]

    @property
    def operation_id(self) -> str:
        named = self.operation.get("operationId")
        return named if isinstance(named, str) else ""

    @property
    def possible_names(self) -> tuple[str, ...]:
        # Escapes are no part of a name, and an id that has no letter of ASCII is none at all.
        by_path = f"{self.method} {unquote(self.path)}"
        return (self.operation_id, by_path) if snake_case(self.operation_id) else (by_path,)


class DocumentReader:
    """Reads one document; `url` is where it came from, or empty."""

    def __init__(
        self,
        root: Mapping[str, Any],
        registration: OpenApiRegistration,
        guard: AddressGuard,
        limits: SourceLimits,
        url: str = "",
    ) -> None:
        """Judge the document's version.

        Raises:
            SourceError: `DOCUMENT_UNSUPPORTED`, it is not of OpenAPI 3.
        """
        _check_version(root)
        self._root = root
        self._registration = registration
        self._limits = limits
        self._references = References(root, url)
        self._requests = Schemas(self._references, "request", limits)
        self._answers = Schemas(self._references, "response", limits)
        self._parameters = ParameterReader(self._references, self._requests)
        self._servers = ServerChoice(guard, url, registration.server_url, registration.server_variables)
        self._trusted_origins = self._first_origin()
        self._security = Security(self._references, registration.credentials, url)
        self._left_out: list[LeftOut] = []

    def read(self) -> ReadDocument:
        """Return the operations that can be called.

        Raises:
            SourceError: `DOCUMENT_INVALID`, it has no paths.
        """
        found = {one.subject: one for one in self._found()}
        names, unnamed = assign_names({subject: one.possible_names for subject, one in found.items()})
        self._left_out.extend(unnamed)
        chosen = [one for subject, one in found.items() if subject in names and self._is_chosen(one, names[subject])]
        operations: dict[str, Operation] = {}
        for one in chosen:
            if len(operations) >= self._limits.max_functions:
                more = f"more than {self._limits.max_functions:,} functions"
                self._left_out.append(LeftOut(f"{one.subject} and those after it", more))
                break
            try:
                operations[names[one.subject]] = self._operation(one, names[one.subject])
            except UnusableError as error:
                self._left_out.append(LeftOut(one.subject, str(error)))
        info = self._root.get("info")
        facts = info if isinstance(info, dict) else {}
        description = self._registration.description or facts.get("description") or facts.get("title")
        return ReadDocument(
            version=str(facts.get("version", ""))[:64],
            description=shortened(description) or self._registration.name,
            operations=operations,
            left_out=tuple(self._left_out[:_LEFT_OUT]),
        )

    def _found(self) -> Iterator[_Found]:
        paths = self._root.get("paths")
        if not isinstance(paths, dict):
            if "webhooks" in self._root or "components" in self._root:
                return
            raise SourceError("DOCUMENT_INVALID", "The document has no paths.")
        for path, raw in paths.items():
            if path.startswith("x-"):
                continue
            try:
                item = self._item(raw)
            except UnusableError as error:
                self._left_out.append(LeftOut(path[:200], str(error)))
                continue
            for method, operation in item.items():
                low = method.lower()
                subject = f"{low.upper()} {path}"[:300]
                if low in _NOT_CALLED:
                    self._left_out.append(LeftOut(subject, f"{low.upper()} asks about a path, not for what is there"))
                elif low in _EFFECTS and not isinstance(operation, dict):
                    self._left_out.append(LeftOut(subject, "is not an object"))
                elif low in _EFFECTS:
                    yield _Found(subject, low, path if path.startswith("/") else f"/{path}", item, operation)

    def _item(self, raw: Any) -> Mapping[str, Any]:
        """Return a path item; what stands beside its reference is added to what that leads to."""
        item = self._references.resolve(raw)
        return {**item, **{k: v for k, v in raw.items() if k != "$ref"}} if "$ref" in raw else item

    def _is_chosen(self, one: _Found, name: str) -> bool:
        patterns = self._registration.operations
        called = (one.operation_id, name, one.subject)
        return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns for text in called if text)

    def _rule(self, one: _Found, name: str) -> OperationRule:
        rules = self._registration.rules
        return next((rules[key] for key in (one.subject, name, one.operation_id) if key in rules), OperationRule())

    def _operation(self, one: _Found, name: str) -> Operation:
        server = self._servers.choose(one.operation.get("servers"), one.item.get("servers"), self._root.get("servers"))
        path, query = _path_and_query(one.path, server)
        authorizations = self._authorizations(one, server)
        body_and_schema = read_body(self._references, one.operation.get("requestBody"))
        read = self._parameters.read(
            (one.item.get("parameters"), one.operation.get("parameters")),
            placeholders(path),
            (BODY,) if body_and_schema else (),
            self._given(authorizations),
        )
        self._left_out.extend(LeftOut(f"{one.subject}: {name}", reason) for name, reason in read.left_out)
        body = None
        if body_and_schema is not None:
            body, raw = body_and_schema
            read.schemas[BODY] = self._requests.convert(raw if raw is not None else {})
        schemas, accept = read_answer(self._references, one.operation.get("responses"))
        rule = self._rule(one, name)
        effect, idempotent = _EFFECTS[one.method]
        required = [p.argument for p in read.parameters if p.required] + ([BODY] if body and body.required else [])
        return Operation(
            subject=one.subject,
            operation_id=one.operation_id[:200],
            method=one.method.upper(),
            server=server,
            path=path,
            query=query,
            parameters=tuple(read.parameters),
            body=body,
            accept=accept,
            authorizations=authorizations,
            description=self._description(one, rule),
            effect=rule.effect or effect,
            idempotent=idempotent if rule.idempotent is None else rule.idempotent,
            input_schema=self._input_schema(read, required),
            output_schema=self._output_schema(schemas),
        )

    def _authorizations(self, one: _Found, server: Server) -> tuple[Authorization, ...]:
        found = self._security.authorizations(one.operation)
        if found and not self._is_trusted(server.origin):
            raise UnusableError(f"its server {server.origin[:100]} is not among those that are sent the credentials")
        for request in found:
            # The secret of a client goes only where the registration, not the document, says that it may.
            if isinstance(request, TokenRequest) and not (request.client.token_url or self._is_trusted(request.url)):
                raise UnusableError("its token URL is on another host; give it, or list the host for credentials")
        return found

    def _is_trusted(self, url: str) -> bool:
        parts = urlsplit(url)
        listed = (host.lower() for host in self._registration.credential_hosts)
        return f"{parts.scheme}://{parts.netloc}" in self._trusted_origins or (parts.hostname or "").lower() in listed

    def _first_origin(self) -> frozenset[str]:
        try:
            return frozenset({self._servers.choose(self._root.get("servers")).origin})
        except UnusableError:
            return frozenset()

    def _given(self, authorizations: Iterable[Authorization]) -> set[tuple[str, str]]:
        """Return the places and names of what is sent with every call, which no model needs to fill."""
        sent = {(a.place, a.name.lower()) for a in authorizations if isinstance(a, Sent)}
        return sent | {("header", name.lower()) for name in self._registration.headers}

    def _description(self, one: _Found, rule: OperationRule) -> str:
        most = self._limits.max_description_characters
        summary, text = one.operation.get("summary"), one.operation.get("description")
        said = [shortened(part, most).rstrip(".") for part in (summary, text) if isinstance(part, str) and part.strip()]
        return rule.description or shortened(". ".join(dict.fromkeys(said)), most) or one.subject

    def _input_schema(self, read: ReadParameters, required: list[str]) -> dict[str, Any]:
        parts = list(read.schemas.values())
        definitions = self._requests.closure(parts)
        problem = next((p.problem for p in (*parts, *definitions.values()) if p.problem), "")
        if problem:
            raise UnusableError(problem)
        check_size(parts, definitions, self._limits)
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {argument: made.schema for argument, made in read.schemas.items()},
            "additionalProperties": False,
        }
        if required:
            schema["required"] = required
        return schema | _definitions(definitions)

    def _output_schema(self, schemas: list[Any]) -> dict[str, Any]:
        parts = [self._answers.convert(schema) for schema in schemas]
        definitions = self._answers.closure(parts)
        try:
            check_size(parts, definitions, self._limits)
        except UnusableError:
            # What an answer may hold is told where it can be told in few words.
            parts, definitions = [], {}
        options = [made.schema for made in parts]
        body = {} if not options or {} in options else options[0] if len(options) == 1 else {"anyOf": options}
        properties = {"status": {"type": "integer"}, BODY: body, "note": {"type": "string"}}
        schema = {"type": "object", "properties": properties, "required": ["status"], "additionalProperties": False}
        return schema | _definitions(definitions)


def _check_version(root: Mapping[str, Any]) -> None:
    if "swagger" in root and "openapi" not in root:
        raise SourceError(
            "DOCUMENT_UNSUPPORTED", f"The document is Swagger {root['swagger']!s:.10}; convert it to OpenAPI 3 first."
        )
    version = root.get("openapi")
    if version is None:
        raise SourceError("DOCUMENT_INVALID", "The document has no field `openapi`.")
    if re.match(r"3(\.[0-2]\b|$)", str(version).strip()) is None:
        raise SourceError("DOCUMENT_UNSUPPORTED", f"The document is of OpenAPI {version!s:.10}; 3.0 and 3.1 are read.")


def _path_and_query(template: str, server: Server) -> tuple[str, tuple[str, ...]]:
    """Return the path with all escaped but its placeholders, and the query that some documents put behind it."""
    before, _, query = template.partition("#")[0].partition("?")
    if PLACEHOLDER.search(query):
        raise UnusableError("has a parameter in the query of its path")
    pieces = PLACEHOLDER.split(before)
    path = "".join(f"{{{p}}}" if i % 2 else quote(p, safe=_ESCAPED_IN_PATH) for i, p in enumerate(pieces))
    try:
        check_inside(server.path + PLACEHOLDER.sub("x", path), server.path)
    except PathError as error:
        raise UnusableError(f"its path {error}") from None
    return path, tuple(quote(piece, safe=_ESCAPED_IN_QUERY) for piece in query.split("&") if piece)


def _definitions(definitions: Mapping[str, Definition]) -> dict[str, Any]:
    return {"$defs": {name: made.schema for name, made in definitions.items()}} if definitions else {}
