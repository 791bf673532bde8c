"""An OpenAPI document as a source of plugins."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Mapping
from typing import Any

import orjson

from plugins.sources.base import ImportedFunction, ImportedPlugin, SourceError, SourceLimits
from plugins.sources.guarded_http import GuardedHttp
from plugins.sources.network import AddressGuard, Lookup
from plugins.sources.openapi.calls import OperationCall
from plugins.sources.openapi.document import read_document
from plugins.sources.openapi.operation import Operation
from plugins.sources.openapi.reader import DocumentReader, ReadDocument
from plugins.sources.openapi.registration import OpenApiRegistration
from plugins.sources.openapi.security import Sent
from plugins.sources.openapi.tokens import Tokens

_ACCEPT = "application/json, application/yaml;q=0.9, application/vnd.oai.openapi+json;q=0.9, */*;q=0.5"
_DEFAULT_LIMITS = SourceLimits()


class OpenApiSource:
    """Turns an OpenAPI document into functions that call the service; see `plugins.sources.base.PluginSource`."""

    def __init__(
        self,
        registration: OpenApiRegistration,
        guard: AddressGuard,
        limits: SourceLimits = _DEFAULT_LIMITS,
        *,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`lookup` replaces the system's resolver, `tls` its certificate authorities."""
        self._registration = registration
        self._guard = guard
        self._limits = limits
        self._http = GuardedHttp(guard, limits, lookup, tls)
        self._tokens = Tokens(self._http)

    async def read(self) -> ImportedPlugin:
        """Read the document and return the plugin.

        Raises:
            SourceError: it cannot be fetched, is none, is too large, or has nothing that can be called.
        """
        raw = self._registration.document
        if raw is None:
            raw = await self._fetch()
        # A large document takes seconds; the loop goes on meanwhile.
        document, fingerprint = await asyncio.to_thread(self._understand, raw)
        if not document.operations:
            first = next((f": {left.subject} {left.reason}" for left in document.left_out), "")
            raise SourceError("SOURCE_EMPTY", f"No operation of the document can be a function{first}.")
        return ImportedPlugin(
            name=self._registration.name,
            version=document.version,
            description=document.description,
            functions=tuple(self._function(name, operation) for name, operation in document.operations.items()),
            left_out=document.left_out,
            fingerprint=fingerprint,
            kind="openapi",
        )

    async def refresh(self, fingerprint: str) -> ImportedPlugin:
        """Read the document again and return the plugin as it is now.

        Raises:
            SourceError: `PLUGIN_DRIFTED` if it changed and the registration refuses that; or as `read`.
        """
        plugin = await self.read()
        if plugin.fingerprint != fingerprint and self._registration.on_drift == "refuse":
            raise SourceError("PLUGIN_DRIFTED", "The document is no longer the one that was registered.")
        return plugin

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _fetch(self) -> bytes:
        try:
            reply = await self._http.send(
                "GET",
                self._registration.url,
                headers={"Accept": _ACCEPT},
                timeout_s=self._limits.read_timeout_s,
                response_bytes=self._limits.max_document_bytes,
            )
        except SourceError as error:
            code = "SOURCE_TOO_LARGE" if error.code == "RESPONSE_TOO_LARGE" else error.code
            raise SourceError(code, error.message, "url", retryable=error.retryable) from None
        if 300 <= reply.status < 400:
            raise SourceError("TARGET_REDIRECTS", "The document's URL is redirected, which is not followed.", "url")
        if reply.status != 200:
            raise SourceError("TARGET_UNREACHABLE", f"The document's URL answered {reply.status}.", "url")
        return reply.body

    def _understand(self, raw: bytes) -> tuple[ReadDocument, str]:
        root = read_document(raw, self._limits.max_document_bytes)
        url = self._registration.url
        document = DocumentReader(root, self._registration, self._guard, self._limits, url).read()
        return document, fingerprint_of(document)

    def _function(self, name: str, operation: Operation) -> ImportedFunction:
        call = OperationCall(operation, self._http, self._tokens, self._registration, self._limits)
        return ImportedFunction(
            name=name,
            description=operation.description,
            effect=operation.effect,
            input_schema=operation.input_schema,
            output_schema=operation.output_schema,
            invoke=call.invoke,
            idempotent=operation.idempotent,
        )


def fingerprint_of(document: ReadDocument) -> str:
    """Return the SHA-256 of what the functions depend on: requests, schemas and where credentials go, no secret."""
    digest = hashlib.sha256()
    definitions: dict[str, dict[str, Any]] = {"input": {}, "output": {}}
    for name, operation in sorted(document.operations.items()):
        for kind, schema in (("input", operation.input_schema), ("output", operation.output_schema)):
            definitions[kind].update(schema.get("$defs", {}))
        digest.update(orjson.dumps([name, *_described(operation)], option=orjson.OPT_SORT_KEYS))
    digest.update(orjson.dumps(definitions, option=orjson.OPT_SORT_KEYS))
    return digest.hexdigest()


def _described(operation: Operation) -> list[Any]:
    def without_definitions(schema: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in schema.items() if key != "$defs"}

    sent = [(a.place, a.name) if isinstance(a, Sent) else (a.url, a.scopes) for a in operation.authorizations]
    return [
        [operation.method, operation.server, operation.path, operation.query, operation.parameters, operation.body],
        [operation.description, operation.effect, operation.idempotent, sent],
        without_definitions(operation.input_schema),
        without_definitions(operation.output_schema),
    ]
