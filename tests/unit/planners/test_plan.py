"""A plan is checked before anything runs: order, functions, arguments, references, bounds."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planners.costs import NOTHING, CallCost, Cost, most_bytes, nothing, unknown
from planners.plan import MAX_ARGUMENT_BYTES, Plan, PlanStep
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.references import bind
from tests.unit.planners.fakes import catalogue, facts, plan_of, schema, step

TEXT = {"type": "string"}


def costs(amount: str, currency: str = "EUR") -> CallCost:
    return lambda argument_bytes: Cost(Decimal(amount), currency)


FUNCTIONS = catalogue(
    facts(
        "orders.get",
        "read",
        takes=schema(id={"type": "integer", "minimum": 1}),
        gives=schema(
            customer=schema(name=TEXT, email={"type": ["string", "null"]}),
            lines={"type": "array", "items": schema(sku=TEXT, count={"type": "integer"})},
            state={"enum": ["open", "sent"]},
        ),
        cost=costs("0.01"),
    ),
    facts(
        "email.draft",
        takes=schema(
            ["to"],
            to={"type": "string", "maxLength": 20},
            points={"type": "array", "maxItems": 2, "items": TEXT},
            tone={"enum": ["warm", "cold"]},
            copies={"type": "integer"},
        ),
        gives=schema(subject=TEXT, body=TEXT),
        deadline_s=10.0,
        cost=costs("0.5"),
    ),
    facts("email.send", "write", takes=schema(body=TEXT), gives=schema(), approval=None, deadline_s=5.0),
    facts("billing.close", "write", takes=schema(), allowed=False),
)
GET = step("get", "orders.get", {"id": 7})


def wrong(plan: Plan, limits: PlanLimits | None = None) -> list[tuple[str, str, str]]:
    found = plan.validate(FUNCTIONS, limits or PlanLimits())
    return [(one.code, one.step, one.field) for one in found]


def draft(arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return step("mail", "email.draft", {"to": "Ana", **arguments}, **more)


def ref(text: str) -> dict[str, Any]:
    return {"$ref": text}


def test_a_plan_is_json_and_back() -> None:
    plan = plan_of(GET, draft({"points": ["${steps.get.result.state}"]}, deadline_s=3, approval="always"), goal="x")
    data = json.loads(json.dumps(plan.to_json()))
    assert Plan.read(data) == plan
    assert data["steps"][0] == {"id": "get", "function": "orders.get", "arguments": {"id": 7}}
    assert plan.answering == "mail"
    assert plan_of(GET, answer="get").answering == "get"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [GET], "colour": 1}, "colour"),
        ({"steps": [GET | {"id": "Get"}]}, "steps[0].id"),
        ({"steps": [GET | {"function": "get"}]}, "steps[0].function"),
        ({"steps": [GET | {"arguments": [1]}]}, "steps[0].arguments"),
        ({"steps": [GET | {"deadline_s": 0}]}, "steps[0].deadline_s"),
        ({"steps": [GET | {"secret": 1}]}, "steps[0].secret"),
        ({"steps": [GET | {"arguments": {"x": float("nan")}}]}, "steps[0].arguments"),
        ({"steps": [GET | {"arguments": {"x": "y" * MAX_ARGUMENT_BYTES}}]}, "steps[0].arguments"),
        (5, ""),
    ],
)
def test_what_is_not_of_the_form_of_a_plan_names_the_field(data: Any, field: str) -> None:
    with pytest.raises(InvalidPlanError) as caught:
        Plan.read(data)
    assert field in [one.field for one in caught.value.violations]
    assert {one.code for one in caught.value.violations} == {"FORM"}


def test_arguments_have_a_depth() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(InvalidPlanError, match="at most 32 levels"):
        plan_of(GET | {"arguments": {"x": deep}})


def test_a_good_plan_breaks_nothing() -> None:
    plan = plan_of(
        GET,
        draft({"to": ref("steps.get.result.customer.name"), "points": ["Order is ${steps.get.result.state}", "x"]}),
        step("send", "email.send", {"body": ref("steps.mail.text")}),
        step("all", "gather", {"text": "${steps.mail.text}", "order": ref("steps.get.result"), "n": 3}),
        draft({"copies": ref("steps.all.result.n"), "points": [ref("steps.all.result.order.state")]}) | {"id": "more"},
        draft({"points": [ref("steps.all.result.text")]}) | {"id": "most"},
    )
    assert wrong(plan) == []


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (plan_of(GET, GET), ("STEP_DUPLICATE", "get", "id")),
        (plan_of(GET, answer="mail"), ("STEP_UNKNOWN", "", "answer")),
        (plan_of(GET | {"depends_on": ["x"]}), ("STEP_UNKNOWN", "get", "depends_on")),
        (plan_of(draft({"points": ["${steps.x.text}"]})), ("STEP_UNKNOWN", "mail", "arguments")),
        (plan_of(GET | {"depends_on": ["get"]}), ("CYCLE", "", "steps")),
        (
            plan_of(GET | {"depends_on": ["mail"]}, draft({"points": [ref("steps.get.text")]})),
            ("CYCLE", "", "steps"),
        ),
        (plan_of(step("a", "orders.cancel")), ("FUNCTION_UNKNOWN", "a", "function")),
        (plan_of(step("a", "billing.close")), ("FUNCTION_NOT_ALLOWED", "a", "function")),
        (plan_of(step("a", "email.send", {"body": "x"}, idempotent=True)), ("IDEMPOTENCE_UNTRUE", "a", "idempotent")),
        (plan_of(step("a", "orders.get")), ("ARGUMENT_INVALID", "a", "arguments.id")),
        (plan_of(draft({"tone": "rude"})), ("ARGUMENT_INVALID", "mail", "arguments.tone")),
        (plan_of(draft({"nick": "x"})), ("ARGUMENT_INVALID", "mail", "arguments.nick")),
        (plan_of(GET, draft({"nick": ref("steps.get.text")})), ("ARGUMENT_INVALID", "mail", "arguments.nick")),
        (
            plan_of(GET, draft({"points": ["a", "b", ref("steps.get.text")]})),
            ("ARGUMENT_INVALID", "mail", "arguments.points"),
        ),
        (plan_of(draft({"to": "${steps.mail}"})), ("REFERENCE_INVALID", "mail", "arguments")),
        (plan_of(draft({"to": ref("params.x")})), ("REFERENCE_UNKNOWN", "mail", "arguments.to")),
        (
            plan_of(GET, draft({"to": ref("steps.get.result.owner")})),
            ("REFERENCE_UNKNOWN", "mail", "arguments.to"),
        ),
        (
            plan_of(GET, draft({"to": ref("steps.get.result.lines[0].count")})),
            ("REFERENCE_TYPE", "mail", "arguments.to"),
        ),
        (
            plan_of(GET, draft({"to": ref("steps.get.result.customer.email")})),
            ("REFERENCE_TYPE", "mail", "arguments.to"),
        ),
        (plan_of(GET, draft({"tone": ref("steps.get.text")})), ("REFERENCE_TYPE", "mail", "arguments.tone")),
        (plan_of(GET, draft({"copies": "${steps.get.text}"})), ("REFERENCE_TYPE", "mail", "arguments.copies")),
        (
            plan_of(GET, draft({"points": ["see ${steps.get.result.lines}"]})),
            ("REFERENCE_TYPE", "mail", "arguments.points[0]"),
        ),
        (
            plan_of(step("all", "gather", {"a": {"b": 1}}), draft({"to": ref("steps.all.result.a.c")})),
            ("REFERENCE_UNKNOWN", "mail", "arguments.to"),
        ),
        (
            plan_of(step("all", "gather", {"a": {"b": 1}}), draft({"to": ref("steps.all.result.a.b")})),
            ("REFERENCE_TYPE", "mail", "arguments.to"),
        ),
        (
            plan_of(
                GET, step("all", "gather", {"a": ref("steps.get.text")}), draft({"to": ref("steps.all.result.a.c")})
            ),
            ("REFERENCE_UNKNOWN", "mail", "arguments.to"),
        ),
    ],
)
def test_a_bad_plan_says_what_is_wrong_and_where(plan: Plan, expected: tuple[str, str, str]) -> None:
    assert wrong(plan) == [expected]


def test_lengths_of_what_is_not_known_yet_are_left_to_the_call() -> None:
    plan = plan_of(GET, draft({"to": "x" * 15 + "${steps.get.text}"}))
    assert wrong(plan) == []


def test_violations_read_as_sentences_and_hold_no_value() -> None:
    (found,) = plan_of(draft({"to": "secret" * 9})).validate(FUNCTIONS)
    assert str(found) == "mail: arguments.to must have at most 20 characters"


def test_bounds_are_the_most_that_can_happen() -> None:
    plan = plan_of(
        GET,
        draft({}, deadline_s=4),
        draft({}) | {"id": "other", "idempotent": False},
        step("send", "email.send", {"body": ref("steps.mail.text")}, depends_on=["get"]),
        step("all", "gather", {"a": ref("steps.send.text")}),
    )
    bounds = plan.bounds(FUNCTIONS, PlanLimits(max_parallel=2, max_attempts=3))
    assert (bounds.steps, bounds.calls) == (5, 3 + 3 + 1 + 1)
    # The longest way is get (60 s) and send (5 s); mail (4 s) and other (10 s) are shared by two workers.
    assert bounds.time_s == 65 + (4 + 10) / 2
    assert bounds.cost is None
    assert bounds.effects == {"get": "read", "mail": "none", "other": "none", "send": "write"}
    assert bounds.approvals == ("send",)
    assert plan_of(GET, draft({})).bounds(FUNCTIONS).cost == Cost(3 * Decimal("0.51"), "EUR")


def test_an_approval_may_be_asked_for_but_not_waived() -> None:
    always = plan_of(GET | {"approval": "always"}, step("send", "email.send", {"body": "x"}, approval="as_needed"))
    assert always.bounds(FUNCTIONS).approvals == ("get", "send")
    with pytest.raises(InvalidPlanError):
        plan_of(GET | {"approval": "never"})


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (PlanLimits(max_steps=1), "TOO_MANY_STEPS"),
        (PlanLimits(max_s=50), "TIME_EXCEEDED"),
        (PlanLimits(max_cost=Cost(Decimal(1), "EUR")), "COST_EXCEEDED"),
        (PlanLimits(max_cost=Cost(Decimal(2), "EUR")), None),
    ],
)
def test_limits_are_held(limits: PlanLimits, code: str | None) -> None:
    assert [one[0] for one in wrong(plan_of(GET, draft({})), limits)] == ([code] if code else [])


def test_a_cost_that_is_not_known_is_not_taken_for_nothing() -> None:
    plan = plan_of(step("send", "email.send", {"body": "x"}))
    assert wrong(plan, PlanLimits(max_cost=Cost(Decimal(100), "EUR"))) == [("COST_UNKNOWN", "send", "function")]
    assert wrong(plan) == []


def test_a_cost_must_be_known_in_each_currency_in_which_a_budget_limits_it() -> None:
    def codes(cost: CallCost, *currencies: str) -> list[str]:
        found = catalogue(facts("a.b", cost=cost, budgeted=frozenset(currencies)))
        return [one.code for one in plan_of(step("one", "a.b")).validate(found)]

    assert codes(costs("1", "EUR"), "EUR") == []
    assert codes(costs("1", "USD"), "EUR") == ["COST_UNKNOWN"]
    assert codes(costs("1", "EUR"), "EUR", "USD") == ["COST_UNKNOWN"]
    assert codes(unknown, "EUR") == ["COST_UNKNOWN"]
    assert codes(nothing, "EUR", "USD") == []
    assert codes(unknown) == []


def test_what_costs_in_two_currencies_has_no_sum() -> None:
    found = catalogue(facts("a.b", cost=costs("1", "EUR")), facts("a.c", cost=costs("1", "USD")))
    both = plan_of(step("one", "a.b"), step("two", "a.c"))
    assert both.bounds(found).cost is None
    limits = PlanLimits(max_cost=Cost(Decimal(5), "EUR"))
    assert [(one.code, one.step) for one in both.validate(found, limits)] == [("COST_UNKNOWN", "two")]


def test_the_cost_counts_repetitions_and_the_length_of_what_is_told() -> None:
    heard: list[int | None] = []

    def by_length(argument_bytes: int | None) -> Cost | None:
        heard.append(argument_bytes)
        return Cost(Decimal(1), "EUR")

    takes = schema(text={"type": "string", "maxLength": 10})
    found = catalogue(
        facts("a.read", takes=takes, cost=by_length), facts("a.write", "write", takes=takes, cost=by_length)
    )
    plan = plan_of(step("one", "a.read", {"text": "abc"}), step("two", "a.write", {"text": ref("steps.one.text")}))
    assert plan.bounds(found, PlanLimits(max_attempts=3)).cost == Cost(Decimal(4), "EUR")
    assert heard == [most_bytes({"text": "abc"}, takes), most_bytes({"text": ref("steps.one.text")}, takes)]


@pytest.mark.parametrize(
    ("schema_", "bounded"),
    [
        ({"type": "string", "maxLength": 10}, True),
        ({"type": "string"}, False),
        ({"type": "integer"}, True),
        ({"type": ["string", "null"], "maxLength": 10}, False),
        ({"enum": ["a", "bbb"]}, True),
        ({"type": "array", "maxItems": 2, "items": {"type": "boolean"}}, True),
        ({"type": "array", "items": {"type": "boolean"}}, False),
        (schema(a={"type": "number"}), True),
        ({"type": "object"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_reference_is_as_long_as_the_schema_lets_it_be(schema_: dict[str, Any], bounded: bool) -> None:
    takes = schema(a=schema_)
    assert (most_bytes({"a": ref("steps.one.text")}, takes) is not None) == bounded
    assert (most_bytes({"a": "${steps.one.text} and more"}, takes) is not None) == bounded


@given(st.text(max_size=40))
def test_no_argument_is_longer_than_is_said(text: str) -> None:
    told = most_bytes({"a": text}, schema(a={"type": "string"}))
    assert told is not None
    assert told >= len(text.encode("utf-8", "surrogatepass"))
    referred = most_bytes({"a": ref("steps.one.text")}, schema(a={"type": "string", "maxLength": len(text)}))
    assert referred is not None
    assert referred >= len(text.encode("utf-8", "surrogatepass"))


def test_nothing_costs_nothing_in_any_currency() -> None:
    assert plan_of(step("one", "a.b")).bounds(catalogue(facts("a.b", cost=nothing))).cost == NOTHING
    assert NOTHING + Cost(Decimal(1), "EUR") == Cost(Decimal(1), "EUR") + NOTHING == Cost(Decimal(1), "EUR")
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Cost(Decimal(1), "EUR") + Cost(Decimal(1), "USD")


def test_bounds_of_what_has_no_order_are_refused() -> None:
    with pytest.raises(InvalidPlanError, match="circle: get -> get"):
        plan_of(GET | {"depends_on": ["get"]}).bounds(FUNCTIONS)
    with pytest.raises(InvalidPlanError, match="does not exist"):
        plan_of(step("a", "x.y")).bounds(FUNCTIONS)


NAMES = [f"s{n}" for n in range(8)]
EDGES = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), min_size=1)


def reachable(edges: dict[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = list(edges.get(start, ()))
    while todo:
        if (name := todo.pop()) not in found:
            found.add(name)
            todo += edges.get(name, ())
    return found


@settings(deadline=None)
@given(EDGES, st.booleans())
def test_any_graph_is_accepted_exactly_if_it_has_an_order(edges: dict[str, list[str]], referring: bool) -> None:
    def one(name: str, needs: list[str]) -> dict[str, Any]:
        if referring:
            return step(name, "gather", {"all": [ref(f"steps.{other}.text") for other in needs]})
        return step(name, "gather", depends_on=needs)

    codes = {code for code, _, _ in wrong(plan_of(*(one(*item) for item in edges.items())))}
    dangling = any(other not in edges for needs in edges.values() for other in needs)
    circular = any(name in reachable(edges, name) for name in edges)
    assert ("STEP_UNKNOWN" in codes) == dangling
    assert ("CYCLE" in codes) == circular
    assert bool(codes) == (dangling or circular)


@settings(deadline=None)
@given(st.data())
def test_a_reference_along_any_declared_path_is_known(data: st.DataObject) -> None:
    shape: dict[str, Any] = dict(FUNCTIONS["orders.get"].output_schema)
    path = "steps.get.result"
    while data.draw(st.booleans()) and shape.get("type") in ("object", "array"):
        if shape["type"] == "array":
            path, shape = f"{path}[{data.draw(st.integers(0, 99))}]", shape["items"]
        else:
            name = data.draw(st.sampled_from(sorted(shape["properties"])))
            path, shape = f"{path}.{name}", shape["properties"][name]
    assert wrong(plan_of(GET, step("all", "gather", {"a": ref(path)}))) == []
    assert wrong(plan_of(GET, step("all", "gather", {"a": ref(f"{path}.absent")}))) != []


ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=30, deadline=None)
@given(ANY_JSON)
def test_reading_a_plan_ends_in_a_plan_or_in_violations(data: Any) -> None:
    for candidate in (data, {"steps": data}, {"steps": [data]}, {"steps": [GET | {"arguments": {"a": data}}]}):
        plan = None
        with suppress(InvalidPlanError):
            plan = Plan.read(candidate)
        if plan is not None:
            assert plan.validate(FUNCTIONS) != ()
            assert Plan.read(plan.to_json()) == plan


def test_patterns_of_functions_from_outside_are_left_to_them() -> None:
    takes = schema(code={"type": "string", "pattern": "^[A-Z]+$"})
    plan = plan_of(step("a", "x.y", {"code": "abc"}))
    assert [one.code for one in plan.validate(catalogue(facts("x.y", takes=takes)))] == ["ARGUMENT_INVALID"]
    assert plan.validate(catalogue(facts("x.y", takes=takes, outside=True))) == ()


def test_a_step_is_a_value() -> None:
    assert PlanStep(id="a", function="gather") == PlanStep(id="a", function="gather")
    assert bind(GET["arguments"], {}) == GET["arguments"]
