"""Plugins and functions as callers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from plugins.manifest import FunctionManifest, ModelUse, PluginManifest
from plugins.sources.base import ImportedFunction, LeftOut
from service.registrations.desk import etag_of
from service.registrations.live import Held, PluginState
from service.registrations.spec import SourceSpec
from service.runs.names import function_name, plugin_name


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """A plugin as callers see it; all names are resource names. What follows `state_message` is of registered ones."""

    name: str
    version: str
    description: str
    owners: tuple[str, ...]
    kind: str
    functions: tuple[str, ...]
    state: PluginState = PluginState.READY
    state_reason: str = ""
    state_message: str = ""
    source: SourceSpec | None = None
    left_out: tuple[LeftOut, ...] = ()
    fingerprint: str = ""
    etag: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """A function as callers see it; the schemas are JSON Schema 2020-12 of type object.

    `idempotent`: a second call with the same arguments changes nothing more. `outside`: its schemas come from a source.
    `takes_idempotency_key` and `approval` are as in its manifest. `models` is the most that a call asks of models;
    None: not known.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    effect: Literal["none", "read", "write"]
    idempotent: bool = False
    outside: bool = False
    takes_idempotency_key: bool = False
    approval: bool | None = None
    models: ModelUse | None = None


def plugin_record(held: Held) -> PluginRecord:
    """Return a registered plugin."""
    row, reading, registration = held.row, held.reading, held.registration
    imported = None if reading is None else reading.imported
    return PluginRecord(
        name=plugin_name(row.id),
        version=imported.version if imported else "",
        description=registration.description or (imported.description if imported else ""),
        owners=registration.owners,
        kind=registration.source.kind,
        functions=tuple(function_name(row.id, f.name) for f in imported.functions) if imported else (),
        state=held.state,
        state_reason=held.error.reason if held.error else "",
        state_message=held.error.message if held.error else "",
        source=registration.source,
        left_out=imported.left_out if imported else (),
        fingerprint=row.fingerprint,
        etag=etag_of(row),
        create_time=row.create_time,
        update_time=row.update_time,
    )


def function_records(held: Held) -> Sequence[FunctionRecord]:
    """Return the functions of a registered plugin that was read."""
    functions = held.reading.imported.functions if held.reading else ()
    return [_outside_record(held.row.id, function) for function in functions]


def installed_record(manifest: PluginManifest, functions: Sequence[FunctionRecord]) -> PluginRecord:
    """Return an installed plugin, whose functions are `functions`."""
    return PluginRecord(
        name=plugin_name(manifest.name),
        version=manifest.version,
        description=manifest.description,
        owners=manifest.owners,
        kind=manifest.kind,
        functions=tuple(record.name for record in functions),
    )


def function_record(plugin: str, function: FunctionManifest) -> FunctionRecord:
    """Return a function of an installed plugin, whose id is `plugin`."""
    return FunctionRecord(
        name=function_name(plugin, function.name),
        description=function.description,
        input_schema=function.input_schema,
        output_schema=function.output_schema,
        effect=function.effect,
        idempotent=function.idempotent,
        takes_idempotency_key=function.takes_idempotency_key,
        approval=function.approval,
        models=function.models,
    )


def _outside_record(plugin: str, function: ImportedFunction) -> FunctionRecord:
    return FunctionRecord(
        name=function_name(plugin, function.name),
        description=function.description,
        input_schema=function.input_schema,
        output_schema=function.output_schema,
        effect=function.effect,
        idempotent=function.idempotent,
        outside=True,
        models=function.models,
    )
