"""The models of this machine, for callers: what there is, and what may be done with it, by those who may."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import orjson

from service.backends.base import ModelCard
from service.errors import NotFoundError, PermissionDeniedError
from service.models.adapters import AdapterRecord, AdapterShelf
from service.models.benchmark import measure
from service.models.cards import checkpoint_card, damaged_card
from service.models.comparison.comparing import Comparer
from service.models.comparison.records import CompareOrder
from service.models.inventory import Inventory
from service.models.operation_records import Action, OperationRecord, Outcome
from service.models.operations import Operations, Order, Reporter
from service.models.pulling import Puller
from service.models.quantizing import Quantizer
from service.models.requests import BenchmarkOrder, PullOrder, QuantizeOrder
from service.models.shelf import Shelf
from service.routing.plan import RoutingPlans
from service.runs.listing import page_by_name
from service.runs.names import id_in
from service.runs.spec import Page, Principal
from service.store import idempotency
from service.store.idempotency import RequestKey
from service.store.store import Store


@dataclasses.dataclass(frozen=True, slots=True)
class DeskParts:
    """What the desk works with; `operators` are the tenants that may change the machine's models."""

    store: Store
    plans: RoutingPlans
    inventory: Inventory
    shelf: Shelf
    operations: Operations
    puller: Puller
    quantizer: Quantizer
    adapters: AdapterShelf
    comparer: Comparer
    operators: Collection[str]


class ModelDesk:
    """See `service.rpc.model_ports.Models`."""

    def __init__(self, parts: DeskParts) -> None:
        """Work with `parts`."""
        self._parts = parts

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        """Return a page of the models, by name: those that answer, and all that is on this machine."""
        served = {card.model_id: card for card in self._parts.plans.now.candidates.cards()}
        cards = {**await asyncio.to_thread(self._here), **served}
        return page_by_name(cards.values(), lambda card: card.model_id, "models", page_size, page_token)

    async def get(self, principal: Principal, name: str) -> ModelCard:
        """Return one model.

        Raises:
            NotFoundError: There is none of that name.
        """
        model_id = id_in(name, "models")
        try:
            return self._parts.plans.now.candidates.get(model_id).shown
        except NotFoundError:
            here = await asyncio.to_thread(self._here)
            if model_id not in here:
                raise
            return here[model_id]

    def _here(self) -> dict[str, ModelCard]:
        """Return what is on this machine, by id: models, those that are damaged too, and checkpoints."""
        inventory, shelf = self._parts.inventory, self._parts.shelf
        cards = {name: checkpoint_card(path, name) for name, path in inventory.checkpoints().items()}
        for name, entry in inventory.entries().items():
            cards[name] = damaged_card(entry) if entry.problem else shelf.unloaded(entry)
        return cards

    async def pull(self, principal: Principal, order: PullOrder, request_id: str | None) -> OperationRecord:
        """Start to fetch a model.

        Raises:
            PermissionDeniedError: The caller may not, or the path is not in an allowed directory.
            AlreadyExistsError: Something has the name already.
            NotFoundError: There is no such path or known model.
        """

        async def work(reporter: Reporter) -> Outcome:
            path = await self._parts.puller.pull(order, reporter)
            if order.checkpoint:
                return await asyncio.to_thread(checkpoint_card, path, order.model_id)
            return await self.get(principal, f"models/{order.model_id}")

        return await self._start(principal, "PULL", order, request_id, work, lambda: self._parts.puller.check(order))

    async def load(self, principal: Principal, name: str, request_id: str | None) -> OperationRecord:
        """Start to load a model.

        Raises:
            PermissionDeniedError: The caller may not.
            NotFoundError: There is none of that name on this machine.
        """
        model_id = id_in(name, "models")

        async def work(reporter: Reporter) -> Outcome:
            reporter.stage("loading")
            return await self._parts.shelf.load(model_id)

        return await self._start(
            principal, "LOAD", _Named(model_id), request_id, work, lambda: self._parts.inventory.entry(model_id)
        )

    async def unload(self, principal: Principal, name: str, request_id: str | None) -> ModelCard:
        """Unload a model and return its facts; its files stay.

        Raises:
            PermissionDeniedError: The caller may not.
            NotFoundError: There is none of that name on this machine.
            FailedPreconditionError: It is pinned.
        """
        self._permit(principal)
        model_id = id_in(name, "models")
        if request_id is not None:
            key = RequestKey(principal.tenant, "UnloadModel", request_id, model_id)
            outcome = await self._parts.store.write(lambda c: idempotency.once(c, key, lambda: model_id))
            if outcome.replayed:
                return await self.get(principal, name)
        return await self._parts.shelf.unload(model_id)

    async def benchmark(self, principal: Principal, order: BenchmarkOrder, request_id: str | None) -> OperationRecord:
        """Start to measure a loaded model.

        Raises:
            PermissionDeniedError: The caller may not.
            NotFoundError: It is not loaded.
        """
        if self._parts.shelf.loaded(order.model_id) is None:
            self._permit(principal)
            raise NotFoundError(f"models/{order.model_id} is not loaded; LoadModel loads it.")

        async def work(reporter: Reporter) -> Outcome:
            one = self._parts.shelf.loaded(order.model_id)
            if one is None:
                raise NotFoundError(f"models/{order.model_id} is no longer loaded.")
            return await measure(one.generator, order, reporter)

        return await self._start(principal, "BENCHMARK", order, request_id, work, lambda: None)

    async def quantize(self, principal: Principal, order: QuantizeOrder, request_id: str | None) -> OperationRecord:
        """Start to build a model of a checkpoint.

        Raises:
            PermissionDeniedError: The caller may not, or the path is not in an allowed directory.
            InvalidArgumentError: The combination is known to make a model that cannot be loaded.
            BuilderMissingError: What builds models is not installed.
            AlreadyExistsError: Something has the name already.
            NotFoundError: There is no such checkpoint.
        """

        async def work(reporter: Reporter) -> Outcome:
            await self._parts.quantizer.build(order, reporter)
            return await self.get(principal, f"models/{order.model_id}")

        return await self._start(
            principal, "QUANTIZE", order, request_id, work, lambda: self._parts.quantizer.check(order)
        )

    async def adapters(self, principal: Principal, name: str, page_size: int, page_token: str) -> Page[AdapterRecord]:
        """Return a page of the adapters beside a model.

        Raises:
            NotFoundError: There is no such model on this machine.
        """
        records = await self._parts.adapters.records(id_in(name, "models"))
        return page_by_name(records, lambda one: one.adapter_id, "adapters", page_size, page_token)

    async def import_adapter(self, principal: Principal, name: str, path: str, request_id: str | None) -> AdapterRecord:
        """Put an adapter beside a model; see `AdapterShelf.add`.

        Raises:
            PermissionDeniedError: The caller may not.
        """
        model_id, adapter_id = await self._asked(principal, "ImportAdapter", f"{name}\n{path}", request_id)
        return await self._parts.adapters.add(model_id, adapter_id, path)

    async def load_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        """Load an adapter beside a loaded model; see `AdapterShelf.load`.

        Raises:
            PermissionDeniedError: The caller may not.
        """
        return await self._parts.adapters.load(*await self._asked(principal, "LoadAdapter", name, request_id))

    async def unload_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        """Unload an adapter when the requests that have it are answered; see `AdapterShelf.unload`.

        Raises:
            PermissionDeniedError: The caller may not.
        """
        return await self._parts.adapters.unload(*await self._asked(principal, "UnloadAdapter", name, request_id))

    async def delete_adapter(self, principal: Principal, name: str, request_id: str | None) -> None:
        """Remove an adapter from beside its model; see `AdapterShelf.remove`. A replay finds it gone, and is content.

        Raises:
            PermissionDeniedError: The caller may not.
        """
        self._permit(principal)
        key = None if request_id is None else RequestKey(principal.tenant, "DeleteAdapter", request_id, name)
        model, _, adapter = name.partition("/adapters/")
        if key is not None and await self._parts.store.read(lambda c: idempotency.find(c, key)) is not None:
            return
        await self._parts.adapters.remove(id_in(model, "models"), adapter)
        await self._parts.store.write(lambda c: idempotency.once(c, key, lambda: name))

    async def _asked(self, principal: Principal, rpc: str, body: str, request_id: str | None) -> tuple[str, str]:
        """Return the ids of model and adapter; a replay does again what has no effect a second time.

        Raises:
            RequestIdReusedError: The id belongs to another request.
        """
        self._permit(principal)
        name = body.partition("\n")[0]
        if request_id is not None:
            key = RequestKey(principal.tenant, rpc, request_id, body)
            await self._parts.store.write(lambda c: idempotency.once(c, key, lambda: name))
        model, _, adapter = name.partition("/adapters/")
        return id_in(model, "models"), adapter

    async def compare(self, principal: Principal, order: CompareOrder, request_id: str | None) -> OperationRecord:
        """Start to measure variants of a model side by side.

        Raises:
            PermissionDeniedError: The caller may not, or a path is not in an allowed directory.
            NotFoundError: There is no such model, folder or checkpoint.
            FailedPreconditionError: A variant cannot be read.
            InvalidArgumentError: There are fewer than two variants, or the reference is none of them.
        """

        async def work(reporter: Reporter) -> Outcome:
            return await self._parts.comparer.compare(order, reporter)

        return await self._start(
            principal, "COMPARE", order, request_id, work, lambda: self._parts.comparer.check(order)
        )

    async def _start(
        self,
        principal: Principal,
        action: Action,
        order: _Named | PullOrder | BenchmarkOrder | QuantizeOrder | CompareOrder,
        request_id: str | None,
        work: Callable[[Reporter], Awaitable[Outcome]],
        check: Callable[[], object],
    ) -> OperationRecord:
        self._permit(principal)
        fingerprint = hashlib.sha256(f"{type(order).__name__}\n".encode() + orjson.dumps(order)).hexdigest()
        told = Order(action, _subject(order), request_id, fingerprint)
        # A replay finds what the first call made, whatever has become of the machine meanwhile.
        if (before := await self._parts.operations.replay(principal, told)) is not None:
            return before
        await asyncio.to_thread(check)
        return await self._parts.operations.start(principal, told, work)

    def _permit(self, principal: Principal) -> None:
        if principal.tenant not in self._parts.operators:
            raise PermissionDeniedError("The machine's models may be changed only by the tenants of models.operators.")


@dataclasses.dataclass(frozen=True, slots=True)
class _Named:
    model_id: str


def _subject(order: _Named | PullOrder | BenchmarkOrder | QuantizeOrder | CompareOrder) -> str:
    """Return the id of what an order is about: of variants the checkpoint or the first, of mere folders their name."""
    if not isinstance(order, CompareOrder):
        return order.model_id
    return order.checkpoint or next(iter([*order.models, *(Path(path).name for path in order.paths)]))
