"""The models, the memory they need, and the execution providers that really load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import psutil

from service.backends.onnx.catalogue import ModelEntry, read_entry
from service.backends.onnx.integrity import verify
from service.backends.onnx.memory import WORKER_BYTES, needed_bytes
from service.backends.onnx.options import Provider
from service.backends.onnx.providers import probe
from service.backends.onnx.wheels import installed_wheels, require_wheel
from service.cli.doctor.finding import Finding, State
from service.cli.screen import bytes_size
from service.errors import ModelLoadError
from service.settings import OnnxSettings, embedded_model, inherited_environment
from service.settings_models import ModelsSettings

SERVICE_BYTES: Final = 250 * 1000 * 1000
"""What the service itself takes: resident memory on Linux."""

LESS_MEMORY: Final = "Lower onnx.max_active, onnx.context_tokens or onnx.kv_memory_bytes."
MORE_BUDGET: Final = f"Raise models.memory_bytes or pin fewer models. {LESS_MEMORY}"

CGROUP: Final = Path("/sys/fs/cgroup")
"""Where a container's bounds are. Source: Linux' Documentation/admin-guide/cgroup-v2.rst."""


@dataclass(slots=True)
class ServedModels:
    """The models that the service loads at its start: those of the settings, and those it keeps that are pinned.

    Those that can be loaded are in `usable` once `findings` has looked, by name.
    """

    onnx: OnnxSettings
    kept: ModelsSettings
    usable: dict[str, ModelEntry] = field(default_factory=dict)

    @property
    def paths(self) -> dict[str, Path]:
        """Return their directories, by name, in the order in which they are loaded."""
        found = {"embedded": embedded_model()} if self.onnx.embedded else {}
        pinned = ((name, self.kept.directory / name) for name in self.kept.pinned)
        found.update((name, path) for name, path in pinned if path.is_dir())
        return {**found, **self.onnx.models}

    @property
    def names(self) -> frozenset[str]:
        """Return all names under which they are known."""
        own = {read_entry(embedded_model()).model_id} if self.onnx.embedded else set()
        return frozenset({*self.paths, *own})

    @property
    def pinned_bytes(self) -> int:
        """Return the bytes that those that are pinned may need."""
        pinned = (entry for name, entry in self.usable.items() if self._is_pinned(name, entry))
        return sum(needed_bytes(entry, self.onnx.options()) for entry in pinned)

    async def findings(self, elsewhere: int) -> AsyncIterator[Finding]:
        """Yield how each model is; `elsewhere` is how many deployments the service has over the network."""
        paths = self.paths
        if not paths and elsewhere:
            told = f"None is served here; the settings name {elsewhere} elsewhere."
            yield Finding("models", "models", "absent", told)
        elif not paths:
            advice = "Set onnx.embedded to true, or name a directory in onnx.models."
            yield Finding("models", "models", "failed", "There is none to serve.", advice)
        for number, (name, path) in enumerate(paths.items()):
            entry = await asyncio.to_thread(read_entry, path)
            # A model that cannot be read stops the start, and without the default one there is no service; another one
            # that is damaged is shown as failed, and the rest goes on.
            state: State = "failed" if (number == 0 and not elsewhere) or entry.problem else "warning"
            pinned = ", pinned" if self._is_pinned(name, entry) else ""
            try:
                verified = await asyncio.to_thread(verify, path, allow_unverified=self.onnx.allow_unverified)
            except ModelLoadError as error:
                yield Finding("models", name, state, f"{error.message}{pinned and ' It is pinned.'}")
                continue
            if entry.problem:
                yield Finding("models", name, state, f"{entry.problem}{pinned and ' It is pinned.'}")
                continue
            self.usable[name] = entry
            yield Finding("models", name, "ok", f"{described(entry, self.onnx, verified=verified)}{pinned}")

    def _is_pinned(self, name: str, entry: ModelEntry) -> bool:
        return (entry.model_id if name == "embedded" else name) in self.kept.pinned


def described(entry: ModelEntry, settings: OnnxSettings, *, verified: bool) -> str:
    """Return what a model is and what it needs."""
    sums = "checksums hold" if verified else "not verified"
    built_for = f"built for {entry.provider}" if entry.provider != settings.provider else ""
    facts = ", ".join(fact for fact in (entry.precision, bytes_size(entry.size_bytes), built_for, sums) if fact)
    need = bytes_size(needed_bytes(entry, settings.options()))
    return f"{entry.model_id} ({facts}), {entry.context_tokens:,} tokens of context, up to {need} of memory"


def memory(served: ServedModels) -> Iterator[Finding]:
    """Yield whether what the models that are loaded at the start need at most is free, and within the budget."""
    if not served.usable:
        return
    options = served.onnx.options()
    least = SERVICE_BYTES + sum(WORKER_BYTES + entry.size_bytes for entry in served.usable.values())
    models_bytes = sum(needed_bytes(entry, options) for entry in served.usable.values())
    most = SERVICE_BYTES + models_bytes
    free = available_bytes()
    said = f"{bytes_size(least)} to start, {bytes_size(most)} under full load; {bytes_size(free)} are free."
    if free < least:
        yield Finding("memory", "need", "failed", said, "Serve a smaller model, or end other programs.")
    elif free < most:
        yield Finding("memory", "need", "warning", said, LESS_MEMORY)
    else:
        yield Finding("memory", "need", "ok", said)
    if budget := served.kept.memory_bytes:
        said = f"{bytes_size(models_bytes)} of {bytes_size(budget)} (models.memory_bytes) go to what the start loads."
        if models_bytes > budget:
            yield Finding("memory", "budget", "warning", said, MORE_BUDGET)
        else:
            yield Finding("memory", "budget", "ok", said)


def available_bytes() -> int:
    """Return the memory that can still be had, the bound of a container included."""
    available = int(psutil.virtual_memory().available)
    try:
        bound = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return available
    return min(available, max(0, bound - used))


async def providers(
    settings: OnnxSettings, usable: Mapping[str, ModelEntry], *, needed: bool = True
) -> AsyncIterator[Finding]:
    """Yield which execution providers load, found out by loading the smallest model on each; one may be `needed`."""
    smallest = min(usable.values(), key=lambda entry: entry.size_bytes, default=None)
    for provider in get_args(Provider):
        wanted = needed and provider == settings.provider
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
