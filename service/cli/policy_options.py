"""The options with which a policy is written on the command line, and what they say of its limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.amounts import money_from_words
from service.cli.exits import USAGE, CommandError
from service.cli.names import whole

if TYPE_CHECKING:
    from vaiven.v1.routing_pb2 import PrivacyLevel


class Level(StrEnum):
    """How far the words of a request may go."""

    ANY = "any"
    PSEUDONYMISED = "pseudonymised"
    LOCAL_ONLY = "local-only"


def privacy_level(level: Level | None) -> PrivacyLevel.ValueType:
    """Return the contract's word for a level; None: nothing is said."""
    from vaiven.v1.routing_pb2 import PrivacyLevel

    return PrivacyLevel.Value(f"PRIVACY_LEVEL_{'UNSPECIFIED' if level is None else level.name}")


class Tier(StrEnum):
    """How good a model is."""

    BASIC = "basic"
    STANDARD = "standard"
    HIGH = "high"


class Limit(StrEnum):
    """What can be taken away again."""

    PRIVACY = "privacy"
    MAX_COST = "max-cost"
    MAX_LATENCY = "max-latency"
    REGIONS = "regions"
    MIN_QUALITY = "min-quality"
    CAPABILITIES = "capabilities"
    MIN_CONTEXT_TOKENS = "min-context-tokens"
    MODELS = "models"
    BACKENDS = "backends"
    EXCLUDED_MODELS = "excluded-models"
    EXCLUDED_BACKENDS = "excluded-backends"
    ALLOW_CONTINUATION = "allow-continuation"
    DEGRADE_TO_LOCAL = "degrade-to-local"


class Ability(StrEnum):
    """What a model can do."""

    TOOLS = "tools"
    JSON_SCHEMA = "json-schema"
    GRAMMAR = "grammar"
    VISION = "vision"


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """The limits of a policy; what is not named stays as it is."""

    privacy: Annotated[Level | None, typer.Option(help="Where the words of requests may go.")] = None
    max_cost: Annotated[str, typer.Option(help="The most that one generation may cost.", metavar="AMOUNT")] = ""
    max_latency: Annotated[
        float | None, typer.Option(help="The longest that one may be expected to take.", metavar="SECONDS", min=0.001)
    ] = None
    region: Annotated[
        list[str] | None, typer.Option(help="Compute in this region only; may be repeated.", metavar="REGION")
    ] = None
    min_quality: Annotated[Tier | None, typer.Option(help="The least quality.")] = None
    capability: Annotated[
        list[Ability] | None, typer.Option(help="What the model must be able to do; may be repeated.")
    ] = None
    min_context_tokens: Annotated[
        int | None, typer.Option(help="The least context.", metavar="NUMBER", min=1, max=2**31 - 1)
    ] = None
    model: Annotated[list[str] | None, typer.Option(help="Only this model; may be repeated.", metavar="MODEL")] = None
    backend: Annotated[
        list[str] | None, typer.Option(help="Only this backend; may be repeated.", metavar="BACKEND")
    ] = None
    exclude_model: Annotated[
        list[str] | None, typer.Option(help="Not this model; may be repeated.", metavar="MODEL")
    ] = None
    exclude_backend: Annotated[
        list[str] | None, typer.Option(help="Not this backend; may be repeated.", metavar="BACKEND")
    ] = None
    allow_continuation: Annotated[
        bool | None, typer.Option(help="Let another model go on with an answer that broke off.")
    ] = None
    degrade_to_local: Annotated[
        bool | None, typer.Option(help="Let a model answer that budgets can afford, where they are short.")
    ] = None
    unset: Annotated[list[Limit] | None, typer.Option(help="Take this limit away; may be repeated.")] = None

    def said(self) -> dict[str, Any]:
        """Return the limits that are named, by the contract's names of them."""
        given: dict[Limit, Any] = {
            Limit.PRIVACY: None if self.privacy is None else f"PRIVACY_LEVEL_{self.privacy.name}",
            Limit.MAX_COST: money_from_words(self.max_cost, "--max-cost") if self.max_cost else None,
            Limit.MAX_LATENCY: None if self.max_latency is None else _duration(self.max_latency),
            Limit.REGIONS: self.region,
            Limit.MIN_QUALITY: None if self.min_quality is None else f"QUALITY_TIER_{self.min_quality.name}",
            Limit.CAPABILITIES: [f"CAPABILITY_{one.name}" for one in self.capability or ()],
            Limit.MIN_CONTEXT_TOKENS: self.min_context_tokens,
            Limit.MODELS: [whole("models", one) for one in self.model or ()],
            Limit.BACKENDS: self.backend,
            Limit.EXCLUDED_MODELS: [whole("models", one) for one in self.exclude_model or ()],
            Limit.EXCLUDED_BACKENDS: self.exclude_backend,
            Limit.ALLOW_CONTINUATION: self.allow_continuation,
            Limit.DEGRADE_TO_LOCAL: self.degrade_to_local,
        }
        return {limit.name.lower(): value for limit, value in given.items() if value not in (None, [])}

    def changed(self) -> list[str]:
        """Return which limits are set or taken away, by the contract's names of them.

        Raises:
            CommandError: None is, or one is both.
        """
        said, gone = self.said().keys(), {limit.name.lower() for limit in self.unset or ()}
        if both := sorted(said & gone):
            raise CommandError(f"{both[0].replace('_', '-')} is set and taken away at once.", exit_code=USAGE)
        if not said and not gone:
            hint = "Limits are options, e.g. --privacy local-only; `vaiven policy set --help` lists them."
            raise CommandError("Name a limit to set, or one to --unset.", hint=hint, exit_code=USAGE)
        return sorted(said | gone)


def _duration(seconds: float) -> Any:
    from google.protobuf.duration_pb2 import Duration

    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration
