"""What the models can do that may answer a request, as far as is known before it is routed."""

from __future__ import annotations

from planners.choose import ModelAbility
from service.routing.candidates import Candidate
from service.routing.facts import Facts, Needs, limits_broken
from service.routing.plan import RoutingPlan
from service.runs.names import id_in
from service.runs.spec import RunSpec


def ability(plan: RoutingPlan, spec: RunSpec, *, masks: bool = False) -> ModelAbility:
    """Return what the first model can do that may answer; it is small only where all that may answer are.

    `masks`: personal data can be pseudonymised.
    """
    able = _able(plan, spec, masks=masks)
    if not able:
        return ModelAbility("No model", tools=True, json_schema=True)
    card = able[0].card
    return ModelAbility(
        card.display_name,
        card.supports_tools,
        card.supports_json_schema,
        small=all(one.card.small for one in able),
    )


def _able(plan: RoutingPlan, spec: RunSpec, *, masks: bool) -> list[Candidate]:
    model = None if spec.model is None else id_in(spec.model, "models", "model")
    needs = Needs(model=model, locality=spec.locality, policy=spec.policy, masking=masks)
    return [one for one in plan.candidates if not limits_broken(Facts.of(one), needs)]
