"""The models, the memory they need, and the execution providers that really load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Final, get_args

import psutil

from service.backends.onnx.catalogue import ModelEntry, read_entry
from service.backends.onnx.integrity import verify
from service.backends.onnx.memory import kv_bytes
from service.backends.onnx.options import Provider
from service.backends.onnx.providers import probe
from service.backends.onnx.wheels import installed_wheels, require_wheel
from service.cli.doctor.finding import Finding, State
from service.cli.screen import bytes_size
from service.errors import ModelLoadError
from service.settings import OnnxSettings, embedded_model, inherited_environment

BASE_BYTES: Final = 450 * 1000 * 1000
"""What the service and a worker take before any weights: about 250 and 200 MB of resident memory on Linux."""

CGROUP: Final = Path("/sys/fs/cgroup")
"""Where a container's bounds are. Source: Linux' Documentation/admin-guide/cgroup-v2.rst."""


def model_paths(settings: OnnxSettings) -> dict[str, Path]:
    """Return the directories of the models that the service would serve, the default one first."""
    embedded = {"embedded": embedded_model()} if settings.embedded else {}
    return {**embedded, **settings.models}


async def models(settings: OnnxSettings, usable: dict[str, ModelEntry]) -> AsyncIterator[Finding]:
    """Yield how each model is, and put those that can be loaded into `usable`."""
    paths = model_paths(settings)
    if not paths:
        advice = "Set onnx.embedded to true, or name a directory in onnx.models."
        yield Finding("models", "models", "failed", "There is none to serve.", advice)
    for number, (name, path) in enumerate(paths.items()):
        entry = await asyncio.to_thread(read_entry, path)
        # A model that cannot be read stops the start, and without the default one there is no service; another one that
        # is damaged is shown as failed, and the rest goes on.
        state: State = "failed" if number == 0 or entry.problem else "warning"
        try:
            verified = await asyncio.to_thread(verify, path, allow_unverified=settings.allow_unverified)
        except ModelLoadError as error:
            yield Finding("models", name, state, error.message)
            continue
        if entry.problem:
            yield Finding("models", name, state, entry.problem)
            continue
        usable[name] = entry
        sums = "checksums hold" if verified else "not verified"
        facts = ", ".join(fact for fact in (entry.precision, bytes_size(entry.size_bytes), sums) if fact)
        yield Finding("models", name, "ok", f"{entry.model_id} ({facts}), {entry.context_tokens:,} tokens of context")


def memory(settings: OnnxSettings, usable: Mapping[str, ModelEntry]) -> Iterator[Finding]:
    """Yield whether what the models need at most is free."""
    if not usable:
        return
    least = BASE_BYTES + sum(entry.size_bytes for entry in usable.values())
    most = least + sum(kv_bytes(entry, settings.options()) for entry in usable.values())
    free = available_bytes()
    said = f"{bytes_size(least)} to start, {bytes_size(most)} under full load; {bytes_size(free)} are free."
    if free < least:
        yield Finding("memory", "need", "failed", said, "Serve a smaller model, or end other programs.")
    elif free < most:
        advice = "Lower onnx.max_active, onnx.context_tokens or onnx.kv_memory_bytes."
        yield Finding("memory", "need", "warning", said, advice)
    else:
        yield Finding("memory", "need", "ok", said)


def available_bytes() -> int:
    """Return the memory that can still be had, the bound of a container included."""
    available = int(psutil.virtual_memory().available)
    try:
        bound = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return available
    return min(available, max(0, bound - used))


async def providers(settings: OnnxSettings, usable: Mapping[str, ModelEntry]) -> AsyncIterator[Finding]:
    """Yield which execution providers load, found out by loading the smallest model on each."""
    smallest = min(usable.values(), key=lambda entry: entry.size_bytes, default=None)
    for provider in get_args(Provider):
        wanted = provider == settings.provider
        state: State = "failed" if wanted else "absent"
        note = " (the settings ask for it)" if wanted else ""
        try:
            require_wheel(provider, installed_wheels())
        except ModelLoadError as error:
            yield Finding("providers", provider, state, f"{error.message}{note}")
            continue
        if smallest is None:
            yield Finding("providers", provider, state, "There is no model to try it with.")
            continue
        found = await probe(provider, smallest.path, settings.options(), inherited_environment=inherited_environment())
        if found.loads:
            yield Finding("providers", provider, "ok", f"It loads {smallest.model_id}.")
        else:
            yield Finding("providers", provider, state, f"{found.message}{note}", found.advice)
