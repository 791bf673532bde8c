"""What is said of an MCP server that is to become a plugin: by who registers it, and by the operator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import SecretStr

from plugins.manifest import Effect
from plugins.sources.base import SourceError

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_MAX_TIMEOUT_S: Final = 3600.0
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]{1,8192}", re.ASCII)
_OWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "cookie", "host"}
    | {"last-event-id", "mcp-protocol-version", "mcp-session-id", "transfer-encoding", "upgrade"}
)


@dataclass(frozen=True, slots=True)
class StdioServer:
    """A program that speaks MCP on its standard input and output; only the operator's settings have these.

    It gets the environment variables of `env` and a few harmless ones of this process (`PATH`, `HOME`, …), no others.
    """

    command: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, SecretStr] = field(default_factory=lambda: _EMPTY)
    working_directory: Path | None = None


@dataclass(frozen=True, slots=True)
class ToolRule:
    """What is said of one tool instead of what its server says."""

    effect: Effect | None = None
    idempotent: bool | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class McpRegistration:
    """An MCP server as a plugin.

    Args:
        name: the plugin's name.
        url: the server's endpoint of streamable HTTP; or `stdio`, the name of one of the operator's programs.
        description: what the plugin is for; empty: the server's instructions or name.
        tools: patterns such as `get_*` of those to take; empty: all.
        bearer: a token for `Authorization`.
        headers: further headers of every request.
        rules: by the tool's name.
        trust_annotations: whether a tool that calls itself read-only is one; if not, every tool writes unless a rule
            says otherwise.
        call_timeout_s: longest call, in (0, 3600]; None: as the limits say.
        on_drift: what `refresh` does when the tools changed: `refuse` raises, `reread` takes them as they are.

    Raises:
        SourceError: a field is wrong.
    """

    name: str
    url: str = ""
    stdio: str = ""
    description: str = ""
    tools: tuple[str, ...] = ()
    bearer: SecretStr | None = None
    headers: Mapping[str, SecretStr] = field(default_factory=lambda: _EMPTY)
    rules: Mapping[str, ToolRule] = field(default_factory=lambda: _EMPTY)
    trust_annotations: bool = True
    call_timeout_s: float | None = None
    on_drift: Literal["refuse", "reread"] = "refuse"

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.stdio):
            raise SourceError("REGISTRATION_INVALID", "give either a URL or the name of a program", "url")
        if self.call_timeout_s is not None and not 0 < self.call_timeout_s <= _MAX_TIMEOUT_S:
            raise SourceError("REGISTRATION_INVALID", f"must be in (0, {_MAX_TIMEOUT_S:g}] seconds", "call_timeout_s")
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
                raise SourceError("REGISTRATION_INVALID", "is no header that may be set", f"headers.{name[:100]}")
            if not _PRINTABLE.fullmatch(value.get_secret_value()):
                raise SourceError("REGISTRATION_INVALID", "must be printable ASCII", f"headers.{name}")
        if self.bearer is not None and not _PRINTABLE.fullmatch(self.bearer.get_secret_value()):
            raise SourceError("REGISTRATION_INVALID", "must be printable ASCII", "bearer")
        if self.stdio and (self.bearer or self.headers):
            raise SourceError("REGISTRATION_INVALID", "a program has no headers", "stdio")

    def sent_headers(self) -> dict[str, str]:
        """Return the headers with their secrets, as they are sent."""
        sent = {name: value.get_secret_value() for name, value in self.headers.items()}
        return sent | ({"Authorization": f"Bearer {self.bearer.get_secret_value()}"} if self.bearer else {})

    def secrets(self) -> tuple[str, ...]:
        """Return everything that must not be said."""
        held = [*self.headers.values(), *([self.bearer] if self.bearer else [])]
        return tuple(value.get_secret_value() for value in held)
