"""The models that this machine keeps, wired: where they lie, what loads, fetches and builds them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.backends.onnx.builder import Builder
from service.backends.onnx.hub import Hub
from service.backends.onnx.options import Provider
from service.backends.onnx.providers import probe
from service.bootstrap_fleet import Fleet
from service.bootstrap_models import local_model, named_paths
from service.errors import ModelLoadError
from service.models.adapters import AdapterShelf
from service.models.comparison.comparing import Comparer, ComparerParts
from service.models.desk import DeskParts, ModelDesk
from service.models.inventory import Inventory
from service.models.operations import Operations
from service.models.pulling import Puller
from service.models.quantizing import Quantizer
from service.models.shelf import Shelf, ShelfLimits
from service.settings import Settings, embedded_model, inherited_environment
from service.store.store import Store

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeptModels:
    """The ports of the models of this machine."""

    desk: ModelDesk
    operations: Operations


async def open_models(
    stack: AsyncExitStack, settings: Settings, store: Store, fleet: Fleet, *, named: bool
) -> KeptModels:
    """Wire what keeps the models of this machine; `stack` ends what is going on and what was loaded.

    `named` False: the models that the settings name are not served, and so not known.
    """
    kept, onnx = settings.models, settings.onnx
    inventory = Inventory(kept.directory, named_paths(onnx) if named else {}, kept.import_directories)
    await asyncio.to_thread(inventory.staging.clean)
    limits = ShelfLimits(kept.memory_bytes, kept.pinned)
    shelf = Shelf(fleet, inventory, onnx.options(), lambda entry: local_model(entry, onnx), limits)
    stack.push_async_callback(shelf.close)
    operations = Operations(store, max_running=kept.max_operations)
    if ended := await operations.recover():
        _log.warning("operations_ended_by_restart", operations=ended)
    stack.push_async_callback(operations.close)
    token = "" if kept.hub_token is None else kept.hub_token.get_secret_value()
    inherited = inherited_environment()
    builder = Builder(
        kept.builder_python,
        memory_bytes=kept.build_memory_bytes,
        timeout_s=kept.build_timeout_s,
        inherited=inherited,
    )

    async def try_once(path: Path, provider: Provider) -> None:
        found = await probe(provider, path, onnx.options(), inherited_environment=inherited)
        if not found.loads:
            raise ModelLoadError(found.message)

    parts = DeskParts(
        store=store,
        plans=fleet.plans,
        inventory=inventory,
        shelf=shelf,
        operations=operations,
        puller=Puller(inventory, Hub(kept.hub_url, token=token, timeout_s=kept.hub_timeout_s), onnx.provider, try_once),
        quantizer=Quantizer(inventory, builder, onnx.provider, try_once),
        adapters=AdapterShelf(inventory, shelf, inherited),
        comparer=Comparer(
            ComparerParts(
                inventory, onnx.options(), lambda entry: local_model(entry, onnx), embedded_model(), inherited
            )
        ),
        operators=kept.operators,
    )
    return KeptModels(ModelDesk(parts), operations)
