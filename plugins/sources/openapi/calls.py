"""One call of an operation: the request from the arguments, the result from the answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from multidict import CIMultiDict

from plugins.output import FunctionResult
from plugins.sources.arguments import ArgumentCheck
from plugins.sources.base import CallContext, SourceError, SourceLimits
from plugins.sources.guarded_http import GuardedHttp, Reply, masked
from plugins.sources.network import URL_CHARACTERS
from plugins.sources.openapi.bodies import form_of, write_body
from plugins.sources.openapi.keywords import shortened
from plugins.sources.openapi.operation import BODY, Operation, Parameter
from plugins.sources.openapi.paths import PathError, check_inside, filled
from plugins.sources.openapi.registration import OpenApiRegistration
from plugins.sources.openapi.security import Sent, TokenRequest
from plugins.sources.openapi.styles import as_text, escaped, in_cookie, in_header, in_path, in_query
from plugins.sources.openapi.tokens import Tokens

_QUOTED_CHARACTERS: Final = 300
_INLINE_BYTES: Final = 32_768
"""Answers up to this size are held against their schema at once, larger ones off the event loop."""
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""Source: RFC 9110, section 5.5."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its credentials."""

    url: str
    headers: CIMultiDict[str]
    cookies: list[str]
    body: bytes | None


def build_request(operation: Operation, arguments: Mapping[str, Any]) -> Request:
    """Return the request for arguments that fit the operation's schema; what is null is not sent.

    Raises:
        SourceError: `ARGUMENTS_INVALID`: a value would lead the path elsewhere, or cannot be in a header or in JSON.
    """
    try:
        return _request(operation, arguments)
    except orjson.JSONEncodeError:
        raise SourceError("ARGUMENTS_INVALID", "hold a value that cannot be written as JSON") from None


def _request(operation: Operation, arguments: Mapping[str, Any]) -> Request:
    in_its_path: dict[str, str] = {}
    query = list(operation.query)
    headers: CIMultiDict[str] = CIMultiDict({"Accept": operation.accept})
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument)
        if value is None:
            continue
        if parameter.as_json:
            value = orjson.dumps(value).decode()
        if parameter.place == "path":
            in_its_path[parameter.name] = in_path(parameter.name, value, parameter.style, explode=parameter.explode)
        elif parameter.place == "query":
            query += in_query(
                parameter.name, value, parameter.style, explode=parameter.explode, reserved=parameter.reserved
            )
        elif parameter.place == "header":
            headers[parameter.name] = _header_value(parameter, value)
        else:
            cookies += in_cookie(parameter.name, value, explode=parameter.explode)
    body = None
    if operation.body is not None and (BODY in arguments or operation.body.required):
        headers["Content-Type"], body = write_body(operation.body, arguments.get(BODY))
    url = operation.server.origin + _path(operation, in_its_path) + ("?" + "&".join(query) if query else "")
    if len(url) > URL_CHARACTERS:
        raise SourceError("ARGUMENTS_TOO_LARGE", f"make a URL longer than {URL_CHARACTERS:,} characters")
    return Request(url, headers, cookies, body)


def _path(operation: Operation, values: Mapping[str, str]) -> str:
    try:
        path = operation.server.path + filled(operation.path, values)
        check_inside(path, operation.server.path)
    except PathError as error:
        raise SourceError("ARGUMENTS_INVALID", f"The path that the arguments make {error}.") from None
    return path


def _header_value(parameter: Parameter, value: Any) -> str:
    text = in_header(value, explode=parameter.explode).strip()
    if _HEADER_VALUE.fullmatch(text) is None:
        raise SourceError("ARGUMENTS_INVALID", "has a character that no header can have", parameter.argument)
    return text


class OperationCall:
    """Calls one operation; `invoke` is the imported function's."""

    def __init__(
        self,
        operation: Operation,
        http: GuardedHttp,
        tokens: Tokens,
        registration: OpenApiRegistration,
        limits: SourceLimits,
    ) -> None:
        self._operation = operation
        self._http = http
        self._tokens = tokens
        self._registration = registration
        self._limits = limits
        self._check: ArgumentCheck | None = None

    async def invoke(self, arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
        """Send the request and return the answer: its text, and its status and body as data.

        Raises:
            SourceError: the arguments cannot be sent, the service cannot be reached, or it says no.
        """
        request = build_request(self._operation, arguments)
        limit_s = self._registration.call_timeout_s or self._limits.call_timeout_s
        if context.deadline_s is not None:
            limit_s = min(limit_s, max(0.001, context.deadline_s))
        try:
            async with asyncio.timeout(limit_s):
                reply, secrets = await self._send(request, limit_s)
        except TimeoutError:
            raise SourceError(
                "CALL_TIMEOUT", f"The service did not answer within {limit_s:g} s.", retryable=True
            ) from None
        if not 200 <= reply.status < 300:
            raise _refusal(reply, (*self._registration.secrets(), *secrets))
        return await self._result(reply)

    async def _send(self, request: Request, limit_s: float) -> tuple[Reply, list[str]]:
        """Return the answer and the secrets that were sent; a token that is refused is replaced once."""
        # There is one header for it, so of two tokens only one could be sent.
        asked = next((a for a in self._operation.authorizations if isinstance(a, TokenRequest)), None)
        if asked is None:
            return await self._send_once(request, None, limit_s)
        token = await self._tokens.get(asked, limit_s)
        reply, secrets = await self._send_once(request, token, limit_s)
        if reply.status == 401:
            self._tokens.forget(asked, token)
            reply, secrets = await self._send_once(request, await self._tokens.get(asked, limit_s), limit_s)
        return reply, secrets

    async def _send_once(self, request: Request, token: str | None, limit_s: float) -> tuple[Reply, list[str]]:
        headers = request.headers.copy()
        headers.update({name: value.get_secret_value() for name, value in self._registration.headers.items()})
        cookies = list(request.cookies)
        query: list[str] = []
        secrets: list[str] = []
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
            secrets.append(token)
        for sent in (a for a in self._operation.authorizations if isinstance(a, Sent)):
            secret = sent.value.get_secret_value()
            secrets.append(secret)
            if sent.place == "header":
                headers[sent.name] = secret
            else:
                (query if sent.place == "query" else cookies).append(f"{escaped(sent.name)}={escaped(secret)}")
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        url = request.url
        if query:
            url += ("&" if "?" in url else "?") + "&".join(query)
        reply = await self._http.send(
            self._operation.method, url, headers=headers, body=request.body, timeout_s=limit_s
        )
        return reply, secrets

    async def _result(self, reply: Reply) -> FunctionResult:
        data: dict[str, Any] = {"status": reply.status}
        form = form_of(reply.media_type) if reply.body else None
        text = ""
        if reply.body and form not in ("json", "text") and reply.media_type:
            data["note"] = f"The answer is {shortened(reply.media_type, 60)}, which is left out."
        elif reply.body:
            text = reply.text
            data[BODY] = text
            if form == "json" or not reply.media_type:
                try:
                    data[BODY] = orjson.loads(reply.body)
                except orjson.JSONDecodeError:
                    data["note"] = "The answer is no JSON."
        if len(reply.body) <= _INLINE_BYTES:
            self._hold_to_schema(data)
        else:
            await asyncio.to_thread(self._hold_to_schema, data)
        return FunctionResult(text or data.get("note", f"The service answered {reply.status}."), data)

    def _hold_to_schema(self, data: dict[str, Any]) -> None:
        """Drop a body that is not what the document says: what it holds has been done all the same, so no error."""
        if self._check is None:
            self._check = ArgumentCheck(self._operation.output_schema, self._limits)
        try:
            self._check.check(data)
        except SourceError as error:
            data.pop(BODY, None)
            place = f" at {error.field}" if error.field else ""
            data["note"] = f"The answer is not what the document says{place}; it is in the text alone."


def _refusal(reply: Reply, secrets: tuple[str, ...]) -> SourceError:
    """Word an answer that is no success; what the service says of it is quoted in part, without what we sent it."""
    status = reply.status
    if 300 <= status < 400:
        return SourceError("TARGET_REDIRECTS", f"The service answered {status}, a redirect, which is not followed.")
    said = masked(_said(reply), secrets)
    message = f"The service answered {status}" + (f": {said}" if said else ".")
    if status in (401, 403):
        return SourceError("TARGET_DENIED", message)
    if status in (408, 425, 429) or status >= 500:
        return SourceError("CALL_FAILED", message, retryable=True)
    return SourceError("CALL_REFUSED", message)


def _said(reply: Reply) -> str:
    """Return the sentence of an error answer, found where such answers commonly have it."""
    if form_of(reply.media_type) != "json":
        return shortened(reply.text, _QUOTED_CHARACTERS) if reply.media_type == "text/plain" else ""
    try:
        found = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return ""
    for _ in range(4):
        if isinstance(found, list) and found:
            found = found[0]
        if not isinstance(found, dict):
            break
        # Source for the first two: RFC 9457, problem details.
        names = ("detail", "title", "message", "error_description", "error", "errors", "msg", "reason")
        found = next((found[name] for name in names if found.get(name)), "")
    return shortened(as_text(found) if isinstance(found, str | int) else "", _QUOTED_CHARACTERS)
