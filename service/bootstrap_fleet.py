"""The models in service and what routing goes by: opened with the service, changed by a reload, closed when unused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from service.backends.base import Generator
from service.bootstrap_models import (
    cloud_candidate,
    load_local,
    local_candidate,
    policy_book,
    price_book,
    priced_cloud,
    priced_local,
    weights,
)
from service.economics.price_book import PriceBook
from service.errors import FailedPreconditionError
from service.routing.breaker import BreakerOptions
from service.routing.candidates import Candidate, Candidates
from service.routing.plan import RoutingPlan, RoutingPlans, StoredPolicies
from service.settings import Settings
from service.settings_cloud import CloudDeployment
from service.settings_sources import SettingsError

_log = structlog.get_logger(__name__)

RELOADED = frozenset({"azure_openai", "openai", "huggingface", "foundry", "routing", "economics"})
"""The areas of settings that take effect without a restart."""


@dataclass(frozen=True, slots=True)
class _Opened:
    deployment: CloudDeployment
    breaker: BreakerOptions
    candidate: Candidate


class Fleet:
    """The deployments of the service: those over the network as the settings say, local ones as they come and go."""

    def __init__(
        self, settings: Settings, book: PriceBook, local: Sequence[Candidate], cloud: Sequence[_Opened]
    ) -> None:
        """Serve what is open."""
        self._settings = settings
        self._current = (settings, book)
        self._local = tuple(local)
        self._cloud = tuple(cloud)
        self.stored = StoredPolicies()
        self._retiring: set[asyncio.Task[None]] = set()
        self.plans = RoutingPlans(self._plan(settings, book, cloud))

    def reload(self, settings: Settings) -> None:
        """Let new runs go by `settings`; those that are going on keep theirs.

        Deployments that did not change keep their connections and what is known of them.

        Raises:
            SettingsError: The price book is wrong, two deployments have one id, or prices are in several currencies;
                nothing changed.
            ModelLoadError: What a provider needs is not installed, or a file is not there; nothing changed.
        """
        book = price_book(settings)
        cloud = _open_cloud(settings, book, self._cloud)
        kept = {id(one) for one in self._cloud}
        try:
            plan = self._plan(settings, book, cloud)
        except SettingsError:
            self._retire([one for one in cloud if id(one) not in kept], None)
            raise
        before, self._cloud = self._cloud, tuple(cloud)
        self._current = (settings, book)
        old = self.plans.swap(plan)
        for one in self._local:
            one.condition.breaker.tune(_breaker(settings))
        kept = {id(one) for one in cloud}
        self._retire([one for one in before if id(one) not in kept], old)
        if waiting := list(_waiting(self._settings, settings)):
            _log.warning("settings_need_restart", settings=waiting)
        _log.info("settings_reloaded", deployments=[one.candidate.deployment for one in cloud])

    def local(self) -> tuple[Candidate, ...]:
        """Return the local models that are served."""
        return self._local

    def add(self, generator: Generator) -> None:
        """Let new runs find a local model that is loaded.

        Raises:
            FailedPreconditionError: Something else has its id, or its price is in another currency; nothing changed.
        """
        before = self._local
        self._local = (*before, local_candidate(generator, self._current[0]))
        try:
            self.plans.swap(self._plan(*self._current, self._cloud))
        except SettingsError as error:
            self._local = before
            raise FailedPreconditionError(str(error)) from error

    async def remove(self, generator: Generator) -> None:
        """Let new runs find the model no more, and return when those that are going on have left it."""
        self._local = tuple(one for one in self._local if one.generator is not generator)
        old = self.plans.swap(self._plan(*self._current, self._cloud))
        await self.plans.unused(old)

    def _plan(self, settings: Settings, book: PriceBook, cloud: Sequence[_Opened]) -> RoutingPlan:
        try:
            candidates = Candidates([*priced_local(self._local, book), *(one.candidate for one in cloud)])
        except ValueError as error:
            raise SettingsError(f"{error}; give one of them another id.") from error
        if len(currencies := _currencies(candidates)) > 1:
            raise SettingsError(
                f"Prices are in {' and '.join(sorted(currencies))}: nothing is converted, so that costs could neither "
                "be compared nor added up. State them in one currency, with `price` or in economics.price_book."
            )
        return RoutingPlan(candidates, weights(settings.routing), policy_book(settings.routing, self.stored))

    def _retire(self, opened: Sequence[_Opened], plan: RoutingPlan | None) -> None:
        """Close deployments as soon as no run goes by `plan` any more."""

        async def close() -> None:
            if plan is not None:
                await self.plans.unused(plan)
            await _close(opened)

        if opened:
            task = asyncio.create_task(close())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """Close what is called over the network; no run is going on any more."""
        await asyncio.gather(*self._retiring)
        await _close(self._cloud)


async def open_fleet(stack: AsyncExitStack, settings: Settings, generators: Sequence[Generator] | None = None) -> Fleet:
    """Open the models of the settings; `stack` closes them. `generators` replace the local models.

    Raises:
        SettingsError: No model is to be served, two have one id, prices are in several currencies, or the price book is
            wrong.
        ModelLoadError: None of the local models can be loaded, or what a provider needs is not installed.
    """
    book = price_book(settings)
    cloud = _open_cloud(settings, book, ())
    stack.push_async_callback(_close, cloud)
    local = await load_local(stack, settings, generators, needed=not cloud)
    if not local and not cloud:
        raise SettingsError("No deployment is named and no local model is loaded: there is nothing to serve.")
    fleet = Fleet(settings, book, local, cloud)
    stack.push_async_callback(fleet.close)
    return fleet


def _breaker(settings: Settings) -> BreakerOptions:
    return BreakerOptions(settings.routing.breaker_failures, settings.routing.breaker_open_s)


def _open_cloud(settings: Settings, book: PriceBook, before: Sequence[_Opened]) -> list[_Opened]:
    """Return the deployments of the settings, open; those of `before` that did not change are taken over."""
    breaker = _breaker(settings)
    opened: list[_Opened] = []
    for deployment in priced_cloud(settings, book):
        same = next((one for one in before if one.deployment == deployment and one.breaker == breaker), None)
        opened.append(same or _Opened(deployment, breaker, cloud_candidate(deployment, breaker)))
    return opened


def _currencies(candidates: Candidates) -> set[str]:
    """Return the currencies of all that costs something."""
    prices = [one.card.price for one in candidates]
    return {
        price.currency
        for price in prices
        if price is not None and (price.input_per_mtok or price.cached_input_per_mtok or price.output_per_mtok)
    }


async def _close(opened: Sequence[_Opened]) -> None:
    for one in opened:
        await one.candidate.generator.close()


def _waiting(before: Settings, now: Settings) -> Iterator[str]:
    """Yield the names of the settings that changed and take effect after a restart."""
    then, values = before.model_dump(), now.model_dump()
    for area in sorted(then.keys() - RELOADED):
        yield from (f"{area}.{key}" for key in then[area] if then[area][key] != values[area][key])
