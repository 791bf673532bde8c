"""The settings of plugins: which are installed, what may be registered, where sources may be, and their secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from plugins.sources.base import SourceLimits
from plugins.sources.network import AddressGuard, NetworkPolicy

_LIMITS: Final = SourceLimits()

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PluginSecret(_Part):
    """A secret that registrations name: its value or the file that holds it, for whom and for which hosts it is."""

    value: SecretStr | None = None
    file: Path | None = None
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    tenants: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> PluginSecret:
        if (self.value is None) == (self.file is None):
            raise ValueError("give either value or file")
        return self


class McpProgram(_Part):
    """A program that speaks MCP on its standard input and output."""

    command: str
    arguments: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict)
    working_directory: Path | None = None


class PluginsSettings(_Part):
    """What agents can do."""

    entry_points: tuple[str, ...] = Field(
        default=(),
        description="Installed Python plugins to load besides vaiven's own: names in the entry point group "
        "`vaiven.plugins`.",
    )
    allowed_targets: tuple[str, ...] = Field(
        default=(),
        description="Where gRPC services may be registered from besides loopback: `name:port`, `*.suffix:port`, "
        "`10.0.0.0/8:*`.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts, domains (`*.internal`) and networks of OpenAPI and MCP services besides the public "
        "internet.",
    )
    allow_http: bool = Field(default=False, description="Whether OpenAPI and MCP services may be called without TLS.")
    secrets: dict[Identifier, PluginSecret] = Field(
        default_factory=dict,
        description="Secrets that registrations name as `secrets/NAME`: `value` or `file`, the `hosts` that may get "
        "it, and the `tenants` that may name it (none: all).",
    )
    mcp_programs: dict[Identifier, McpProgram] = Field(
        default_factory=dict,
        description="MCP servers that are programs of this machine, by name: `command`, `arguments`, `env`, "
        "`working_directory`.",
    )
    max_registered: Annotated[int, Field(ge=0)] = Field(default=100, description="Plugins that a tenant may register.")
    max_functions: Annotated[int, Field(ge=1)] = Field(
        default=_LIMITS.max_functions, description="The most functions of one registered plugin."
    )
    parallel_reads: Annotated[int, Field(ge=1)] = Field(
        default=4, description="Sources that are read at the same time."
    )
    read_timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=_LIMITS.read_timeout_s, description="Seconds that reading a source may take."
    )
    call_timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=_LIMITS.call_timeout_s, description="Seconds that a call of a registered function may take."
    )
    refresh_interval_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=300.0, description="Seconds between two looks whether a source changed."
    )
    retry_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=5.0,
        description="Seconds before a source that could not be read is read again; doubled each time, up to "
        "`refresh_interval_s`.",
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        AddressGuard(NetworkPolicy(entries))
        return entries

    def limits(self) -> SourceLimits:
        """Return what a source may cost."""
        return SourceLimits(
            max_functions=self.max_functions, read_timeout_s=self.read_timeout_s, call_timeout_s=self.call_timeout_s
        )

    def network(self) -> NetworkPolicy:
        """Return where OpenAPI and MCP services may be."""
        return NetworkPolicy(self.allowed_hosts, self.allow_http)
