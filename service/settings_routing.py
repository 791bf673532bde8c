"""The settings of routing: weights, when a deployment is left alone, and the operator's policies."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_FUNCTION: Final = re.compile(r"plugins/[a-z][a-z0-9_-]{0,63}(/functions/[a-z][a-z0-9_-]{0,63})?")

Weight = Annotated[float, Field(ge=0, le=1000)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CostLimit(_Table):
    """An amount of money."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217 code of the currency.")
    amount: Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=9)] = Field(description="In its units.")


class PolicySettings(_Table):
    """Limits on who may answer; what is not set limits nothing."""

    privacy: Literal["any", "pseudonymised", "local_only"] = Field(default="any", description="How far words may go.")
    max_cost: CostLimit | None = Field(default=None, description="The most that one generation may cost at worst.")
    max_latency_s: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="The longest that one generation may be expected to take in seconds."
    )
    regions: frozenset[str] | None = Field(default=None, description="Where a model elsewhere may compute.")
    min_quality: Literal["basic", "standard", "high"] | None = Field(default=None, description="The least quality.")
    capabilities: frozenset[Literal["tools", "json_schema", "grammar", "vision"]] = Field(
        default=frozenset(), description="What the model must be able to do."
    )
    min_context_tokens: Annotated[int, Field(ge=0)] = Field(default=0, description="The least context in tokens.")
    models: frozenset[str] | None = Field(default=None, description="The ids of the only models that may answer.")
    backends: frozenset[str] | None = Field(default=None, description="The only backends that may answer.")
    excluded_models: frozenset[str] = Field(default=frozenset(), description="The ids of models that may not answer.")
    excluded_backends: frozenset[str] = Field(default=frozenset(), description="Backends that may not answer.")
    allow_continuation: bool | None = Field(
        default=None, description="Whether another model may go on with an answer that broke off."
    )
    degrade_to_local: bool | None = Field(
        default=None,
        description="Whether a model that budgets can afford may answer in the place of one that they cannot.",
    )


class RoutingSettings(_Table):
    """Which model answers."""

    cost_weight: Weight = Field(default=0.5, description="How much the expected cost counts against a model.")
    latency_weight: Weight = Field(default=0.2, description="How much the expected time counts against a model.")
    quality_weight: Weight = Field(default=0.3, description="How much missing quality counts against a model.")
    by_difficulty: bool = Field(
        default=False, description="Whether quality counts only as much as a request looks hard."
    )
    breaker_failures: Annotated[int, Field(ge=1)] = Field(
        default=5, description="Failures in a row after which a deployment is left alone."
    )
    breaker_open_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=30.0, description="Seconds that it is left alone, before one request tries it again."
    )
    policy: PolicySettings = Field(default_factory=PolicySettings, description="Limits that hold for every request.")
    tenants: dict[str, PolicySettings] = Field(
        default_factory=dict, description="Further limits for the requests of a tenant."
    )
    functions: dict[str, PolicySettings] = Field(
        default_factory=dict, description="Further limits for a plugin or a function, by its name."
    )

    @field_validator("functions")
    @classmethod
    def _check_names(cls, functions: dict[str, PolicySettings]) -> dict[str, PolicySettings]:
        for name in functions:
            if not _FUNCTION.fullmatch(name):
                raise ValueError(f"{name} must be plugins/PLUGIN or plugins/PLUGIN/functions/FUNCTION")
        return functions
