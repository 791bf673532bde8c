"""The models of the settings, opened: local ones loaded, those over the network made ready to be called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from service.backends.azure_openai import azure_openai_model
from service.backends.base import Generator, Price
from service.backends.foundry import foundry_model
from service.backends.huggingface import huggingface_model
from service.backends.onnx.catalogue import ModelEntry, read_entry
from service.backends.onnx.client import OnnxModel
from service.backends.openai import openai_model
from service.backends.openai_protocol import PriceOptions, ProtocolModel
from service.economics.money import Money
from service.economics.price_book import PriceBook, PriceBookError, load_price_book
from service.errors import ModelLoadError
from service.routing.breaker import BreakerOptions
from service.routing.candidates import Candidate, Placement
from service.routing.decision import Weights
from service.routing.plan import PolicyBook, StoredPolicies
from service.routing.policy import Privacy, RoutingPolicy
from service.settings import OnnxSettings, Settings, embedded_model, inherited_environment
from service.settings_cloud import (
    AzureOpenAIDeployment,
    CloudDeployment,
    FoundryDeployment,
    HuggingFaceDeployment,
    OpenAIDeployment,
)
from service.settings_routing import PolicySettings, RoutingSettings
from service.settings_sources import SettingsError

_log = structlog.get_logger(__name__)

LOCAL_PRICE: Final = Price(currency="USD", input_per_mtok=0.0, output_per_mtok=0.0, cached_input_per_mtok=0.0)
"""A token of a local model costs nothing beyond the machine, unless the operator's price book says what that costs."""


async def load_local(
    stack: AsyncExitStack, settings: Settings, generators: Sequence[Generator] | None, *, needed: bool
) -> list[Candidate]:
    """Return the local models, loaded; `stack` closes them. `generators` replace those of the settings.

    Raises:
        SettingsError: One is `needed` and none is named.
        ModelLoadError: One is `needed` and none can be loaded.
    """
    if generators is None:
        generators = await _load_models(stack, settings, needed=needed)
    else:
        for generator in generators:
            stack.push_async_callback(generator.close)
    return [local_candidate(generator, settings) for generator in generators]


def local_candidate(generator: Generator, settings: Settings) -> Candidate:
    """Return a local model as routing sees it."""
    here = Placement(breaker=BreakerOptions(settings.routing.breaker_failures, settings.routing.breaker_open_s))
    return Candidate(generator, here)


def local_model(entry: ModelEntry, settings: OnnxSettings) -> OnnxModel:
    """Return a local model that can be started."""
    return OnnxModel(
        entry,
        settings.options(),
        price=LOCAL_PRICE,
        inherited_environment=inherited_environment(),
        adapters=settings.adapters.get(entry.model_id, ()),
    )


def named_paths(settings: OnnxSettings) -> dict[str, Path]:
    """Return the directories of the models that the settings name, by the id under which they are served."""
    embedded = {read_entry(embedded_model()).model_id: embedded_model()} if settings.embedded else {}
    return {**embedded, **settings.models}


def weights(settings: RoutingSettings) -> Weights:
    """Return what counts how much."""
    return Weights(
        settings.cost_weight, settings.latency_weight, settings.quality_weight, by_difficulty=settings.by_difficulty
    )


def policy_book(settings: RoutingSettings, stored: StoredPolicies) -> PolicyBook:
    """Return the operator's policies, with those that tenants `stored`."""
    return PolicyBook(
        _policy(settings.policy),
        {tenant: _policy(policy) for tenant, policy in settings.tenants.items()},
        {function: _policy(policy) for function, policy in settings.functions.items()},
        stored,
    )


def _policy(settings: PolicySettings) -> RoutingPolicy:
    cost = settings.max_cost
    same = settings.model_dump(exclude={"privacy", "max_cost"})
    return RoutingPolicy(
        privacy=Privacy[settings.privacy.upper()],
        max_costs=() if cost is None else (Money.from_decimal(cost.currency, cost.amount),),
        **same,
    )


def price_book(settings: Settings) -> PriceBook:
    """Return the shipped prices and, before them, the operator's.

    Raises:
        SettingsError: The price book is wrong.
    """
    try:
        return load_price_book(settings.economics.price_book)
    except PriceBookError as error:
        raise SettingsError(str(error)) from error


def priced_cloud(settings: Settings, book: PriceBook) -> list[CloudDeployment]:
    """Return the deployments of the settings, with the book's price where they state none."""
    return [_priced(deployment, book) for deployment in settings.cloud()]


def priced_local(local: Sequence[Candidate], book: PriceBook) -> list[Candidate]:
    """Return the local models at the book's price, e.g. that of the machine which they run on, or else their own."""
    return [one.at_price(book.price(one.generator.card.backend, one.generator.card.model_id)) for one in local]


def cloud_candidate(deployment: CloudDeployment, breaker: BreakerOptions) -> Candidate:
    """Return a deployment, ready to be called.

    Raises:
        ModelLoadError: What its provider needs is not installed, or a file is not there.
    """
    model = _cloud_model(deployment)
    if model.card.price is None:
        _log.warning("price_unknown", deployment=deployment.placed_id(deployment.model_id), region=deployment.region)
    placement = Placement(
        deployment.placed_id(deployment.model_id),
        deployment.region,
        deployment.quality,
        deployment.weight,
        deployment.requests_per_minute,
        deployment.tokens_per_minute,
        breaker,
    )
    return Candidate(model, placement)


def _priced(deployment: CloudDeployment, book: PriceBook) -> CloudDeployment:
    """Return the deployment with the book's price, where the settings state none."""
    if deployment.price is not None:
        return deployment
    backend, name = _known_as(deployment)
    price = book.price(backend, deployment.price_model or name, deployment.region)
    if price is None:
        return deployment
    options = PriceOptions(
        currency=price.currency,
        input_per_mtok=price.input_per_mtok,
        output_per_mtok=price.output_per_mtok,
        cached_input_per_mtok=price.cached_input_per_mtok,
    )
    return deployment.model_copy(update={"price": options})


def _known_as(deployment: CloudDeployment) -> tuple[str, str]:
    """Return the provider's name, and its name for the model; a deployment at Azure has a name of its own."""
    match deployment:
        case AzureOpenAIDeployment():
            return "azure_openai", deployment.model_id
        case OpenAIDeployment():
            return "openai", deployment.model
        case HuggingFaceDeployment():
            return "huggingface", deployment.model
        case FoundryDeployment():
            return "foundry", deployment.model


def _cloud_model(deployment: CloudDeployment) -> ProtocolModel:
    match deployment:
        case AzureOpenAIDeployment():
            return azure_openai_model(deployment)
        case OpenAIDeployment():
            return openai_model(deployment)
        case HuggingFaceDeployment():
            return huggingface_model(deployment)
        case FoundryDeployment():
            return foundry_model(deployment)


async def _load_models(stack: AsyncExitStack, settings: Settings, *, needed: bool) -> Sequence[Generator]:
    """Load all at once; one that fails is shown as failed, and only if all fail there is no service."""
    paths = _model_paths(settings, needed=needed)
    models = [_model(path, model_id, settings.onnx) for model_id, path in paths.items()]
    for model in models:
        stack.push_async_callback(model.close)
        model.start()
    # Each model has told the log why it failed.
    failures = [error for error in await asyncio.gather(*map(_ready, models)) if error is not None]
    if needed and len(failures) == len(models):
        raise failures[0]
    return models


async def _ready(model: OnnxModel) -> ModelLoadError | None:
    try:
        await model.ready()
    except ModelLoadError as error:
        return error
    return None


def _model_paths(settings: Settings, *, needed: bool) -> Mapping[str | None, Path]:
    onnx, kept = settings.onnx, settings.models
    paths: dict[str | None, Path] = {None: embedded_model()} if onnx.embedded else {}
    for name in kept.pinned:
        if (kept.directory / name).is_dir():
            paths[name] = kept.directory / name
        elif name not in named_paths(onnx):
            _log.warning("pinned_model_missing", model=name)
    paths.update(onnx.models)
    if needed and not paths:
        raise SettingsError(
            "onnx.embedded is false, onnx.models is empty and no deployment is named: there is no model to serve."
        )
    return paths


def _model(path: Path, model_id: str | None, settings: OnnxSettings) -> OnnxModel:
    entry = read_entry(path)
    if entry.problem:
        pinned = "models.pinned" if model_id not in settings.models else f"onnx.models.{model_id}"
        name = "onnx.embedded" if model_id is None else pinned
        raise ModelLoadError(f"{name}: {entry.problem}")
    if model_id is not None:
        entry = replace(entry, model_id=model_id)
    return local_model(entry, settings)
