"""Plans written by a real engine with random weights: held to the form of a draft, any text of it is one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator

from bench.calls.ways import FreeChooser, UnreadableError
from planners.call import ChooserModel
from planners.plan import Plan
from planners.plan_draft import draft_schema
from planners.plan_findings import InvalidPlanError
from planners.structured import StructuredPlanner
from service.backends.connector import GeneratorChatCompletion
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.runs.chooser import RoutedChooser
from service.testing.tiny_model import FREE, tiny_model
from tests.unit.planners.fakes import catalogue, facts, schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

FUNCTIONS: Final = catalogue(
    facts(
        "orders.get",
        "read",
        takes=schema(id={"type": "integer", "minimum": 1, "maximum": 9999}),
        gives=schema(state={"type": "string"}),
    ),
    facts(
        "email.draft",
        takes=schema(
            ["to"],
            to={"type": "string", "maxLength": 4},
            points={"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 3}},
            tone={"enum": ["warm", "cold"]},
        ),
        gives=schema(subject={"type": "string"}),
    ),
    facts("bank.pay", "write", allowed=False),
)
"""Each text has a longest length: weights that mean nothing would write one until the tokens are used up."""

ALLOWED: Final = [one for one in FUNCTIONS.values() if one.allowed]
MOST: Final = 2
FORM: Final = Draft202012Validator(draft_schema(ALLOWED, MOST))

REQUESTS: Final = (
    "Where is order 1042?",
    "Tell Ana of order 7.",
    "Write to Bo.",
    "Is it sent?",
    "Wo ist es, José?",
    "a",
)
TOKENS: Final = 400
"""Room for the longest draft; the model writes about a byte a token."""


class Heard:
    """Asks a model, and keeps what it answers."""

    def __init__(self, model: ChooserModel) -> None:
        self._model = model
        self.drafts: list[dict[str, Any]] = []

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        self.drafts.append(await self._model.complete_json(system, user, schema))
        return self.drafts[-1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chat() -> AsyncIterator[GeneratorChatCompletion]:
    model = OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=dict(os.environ))
    model.start()
    await model.ready()
    yield GeneratorChatCompletion(model)
    await model.close()


@pytest.mark.parametrize("said", REQUESTS)
async def test_any_text_of_the_model_is_a_draft(chat: GeneratorChatCompletion, said: str) -> None:
    heard = Heard(RoutedChooser(chat, max_tokens=TOKENS))
    plan = await written(said, heard)
    assert 1 <= len(heard.drafts) <= 2
    for draft in heard.drafts:
        FORM.validate(draft)
    # The form does not say everything: a step may still refer to itself, and then the draft is mended once or refused.
    if plan is None:
        assert len(heard.drafts) == 2
    else:
        assert [step.function for step in plan.steps] == [step["name"] for step in heard.drafts[-1]["steps"]]


async def test_a_model_that_is_held_to_nothing_writes_none(chat: GeneratorChatCompletion) -> None:
    with pytest.raises(UnreadableError):
        await written(REQUESTS[0], FreeChooser(chat))


async def written(said: str, model: ChooserModel) -> Plan | None:
    """Return the plan for `said`; None where it was refused, and that for more than its form."""
    try:
        return await StructuredPlanner(MOST).plan(said, FUNCTIONS, model)
    except InvalidPlanError as error:
        if {one.code for one in error.violations} & {"FORM", "FUNCTION_UNKNOWN"}:
            raise
        return None
