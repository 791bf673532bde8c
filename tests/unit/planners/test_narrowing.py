"""Functions and arguments narrowed to what a request says, for models that are too small to choose and to copy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planners.call import CallPlanner, FunctionChoice
from planners.likely import likely
from planners.mentions import Kind, mentions
from planners.narrowing import MOST_ASSIGNMENTS, narrowed, only_way
from planners.validation import violations
from plugins.manifest import FILL, model_schema

TEXT = {"type": "string"}


def said(request: str, kind: Kind) -> list[str]:
    return [one.text for one in mentions(request) if one.kind is kind]


@pytest.mark.parametrize(
    ("request_", "kind", "found"),
    [
        ("Send 12 boxes for 3.50 each", Kind.NUMBER, ["12", "3.50"]),
        ("Is order 1042 part of JX-40921 or 1Z88F3?", Kind.IDENTIFIER, ["JX-40921", "1Z88F3"]),
        ("restart auth-service, see #dev and #17", Kind.IDENTIFIER, ["auth-service", "dev", "#17"]),
        ("write to ana.b@shop.example.", Kind.EMAIL, ["ana.b@shop.example"]),
        ("call +49 30 1234567 today", Kind.PHONE, ["+49 30 1234567"]),
        ("deploy 2.14.0 of it", Kind.VERSION, ["2.14.0"]),
        ("on 4 March, el martes, or next Friday", Kind.DAY, ["4 March", "martes", "next Friday"]),
        ("between 9:00 and 4 pm", Kind.TIME, ["9:00", "4 pm"]),
        ("ask Mateo Rinaldi about Talleres de Rivas's bill", Kind.NAME, ["Mateo Rinaldi", "Talleres de Rivas"]),
        ("it goes to Elm Court 3", Kind.NAME, ["Elm Court", "Elm Court 3"]),
        ("Note on Ana: prefers to be called late.", Kind.TOLD, ["prefers to be called late"]),
        ('say "back at noon" there', Kind.TOLD, ["back at noon"]),
        ("cancel the vendor meeting on pricing", Kind.WORDS, ["cancel", "vendor meeting", "meeting", "pricing"]),
    ],
)
def test_what_stands_in_a_request_is_found_word_for_word(request_: str, kind: Kind, found: list[str]) -> None:
    assert [text for text in said(request_, kind) if " on " not in text] == found


@given(st.text(max_size=80))
def test_a_mention_is_a_part_of_the_request(request_: str) -> None:
    for one in mentions(request_):
        assert request_[one.start : one.end] == one.text != ""


def takes(required: list[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def ways(request_: str, schema: dict[str, Any], name: str = "a.b", description: str = "Do it.") -> list[dict[str, Any]]:
    """Return the ways that are left, each argument with its values."""
    found = narrowed(name, description, model_schema(schema), request_, schema["required"])
    return [{name: prop.get("enum") for name, prop in one["properties"].items()} for one in found.get("anyOf", [found])]


def test_the_only_number_is_the_number_and_the_only_identifier_the_text() -> None:
    assert ways("what is the state of order 1042", takes(order_id={"type": "integer"})) == [{"order_id": [1042]}]
    assert ways("where is JX-40921 now", takes(code=TEXT)) == [{"code": ["JX-40921"]}]
    assert ways("let ticket 580755 pass", takes(ticket=TEXT)) == [{"ticket": ["580755"]}]


def test_a_number_of_64_bits_is_a_number_and_given_though_no_field_of_protobuf_is_required() -> None:
    whole = {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,19}$"}
    schema = takes([], number=whole)
    found = narrowed("orders.get", "Get order.", model_schema(schema), "the state of order 1042", ())
    assert only_way(found) == {"number": 1042}
    assert found["required"] == ["number"]
    get = FunctionChoice("orders.get_order", "Get order.", schema, outside=True)
    assert likely("the state of order 1042", [get, PARCEL, TALK]) == ["orders.get_order"]


def test_a_number_after_a_word_of_the_function_s_is_meant_by_it() -> None:
    schema = takes(order_id={"type": "integer"}, address={**TEXT, "description": "The new address."})
    asked = "Send order 5512 to 14 Harbour Street"
    assert ways(asked, schema, "orders.change", "Change an order.") == [
        {"order_id": [5512], "address": ["14 Harbour Street"]}
    ]


def test_no_part_of_the_request_is_used_twice_and_days_come_in_their_order() -> None:
    schema = takes(
        person={**TEXT, "description": "Name of the person."}, ticket={**TEXT, "description": "Number of it."}
    )
    assert ways("Svetlana should take over ticket T-3051", schema) == [{"person": ["Svetlana"], "ticket": ["T-3051"]}]
    days = takes(first_day=TEXT, last_day=TEXT)
    assert ways("off from 3 August to 14 August", days) == [{"first_day": ["3 August"], "last_day": ["14 August"]}]


def test_where_several_ways_are_left_the_model_decides() -> None:
    schema = takes(source=TEXT, target=TEXT)
    assert ways("I need yen for my francs", schema) == [
        {"source": ["yen"], "target": ["francs"]},
        {"source": ["francs"], "target": ["yen"]},
    ]


def test_choices_are_those_that_are_named_or_all_of_them() -> None:
    schema = takes(priority={"enum": ["low", "high"]}, ticket=TEXT)
    assert ways("put T-88 back to low", schema) == [{"priority": ["low"], "ticket": ["T-88"]}]
    assert [way["priority"] for way in ways("T-88 matters", schema)] == [["low"], ["high"]]


def test_what_is_not_needed_may_be_left_out_and_what_is_not_read_is_left_to_the_model() -> None:
    optional = takes(["company"], company={**TEXT, "description": "Name."}, contact={**TEXT, "description": "Name."})
    assert ways("make Tessera GmbH a lead", optional) == [{"company": ["Tessera GmbH"], "contact": [""]}]
    open_ = takes(lines={"type": "array", "items": TEXT}, urgent={"type": "boolean"})
    assert ways("do it for 7", open_) == [{"lines": None, "urgent": None}]


def test_more_ways_than_can_be_told_leave_each_argument_its_own_values() -> None:
    many = " ".join(f"X-{number}" for number in range(10, 30))
    (way,) = ways(many, takes(a=TEXT, b=TEXT, c=TEXT))
    assert len(way["a"]) == 20 < MOST_ASSIGNMENTS


@given(st.text(max_size=60), st.sampled_from(["integer", "number", "string"]))
def test_what_is_offered_fits_the_schema_and_stands_in_the_request(request_: str, kind: str) -> None:
    schema = takes(value={"type": kind})
    for way in ways(request_, schema):
        for value in way["value"] or ():
            assert violations(schema, {"value": value}) == ()
            assert kind != "string" or value in request_


def choice(name: str, description: str, **properties: dict[str, Any]) -> FunctionChoice:
    return FunctionChoice(name, description, takes(None, **properties), outside=True)


STATE = choice("orders.get_state", "Say how far an order is.", order_id={"type": "integer"})
PARCEL = choice("parcels.track", "Tell where a parcel is.", code=TEXT)
ROOM = choice("rooms.reserve", "Book a meeting room.", day=TEXT, people={"type": "integer"})
TALK = FunctionChoice("chat.reply", "Small talk.", takes(message={**TEXT, FILL: "request"}))


def test_functions_are_left_whose_words_the_request_has() -> None:
    functions = [STATE, PARCEL, ROOM, TALK]
    assert likely("what is the state of order 1042", functions) == ["orders.get_state"]
    assert likely("Where is my parcel JX-1?", functions) == ["parcels.track"]
    assert likely("Book order 8", functions) == ["orders.get_state", "rooms.reserve"]


def test_what_names_no_function_from_outside_is_for_those_that_are_installed() -> None:
    assert likely("tell me a joke", [STATE, PARCEL, ROOM, TALK]) == ["chat.reply"]
    assert likely("tell me a joke", [PARCEL, STATE]) == ["parcels.track", "orders.get_state"]


class Asked:
    """A model that answers as it is told, and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.schemas: list[dict[str, Any]] = []

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        self.schemas.append(schema)
        return self.answers.pop(0)


async def test_a_small_model_is_asked_for_nothing_that_the_request_decides() -> None:
    model = Asked()
    decision = await CallPlanner().decide(
        "what is the state of order 1042", [STATE, PARCEL, ROOM, TALK], model, small=True
    )
    assert (decision.function, decision.arguments, decision.how) == ("orders.get_state", {"order_id": 1042}, "chosen")
    assert model.schemas == []


async def test_a_small_model_decides_among_what_is_left() -> None:
    model = Asked({"name": "rooms.reserve"}, {"name": "rooms.reserve", "arguments": {"day": "Tuesday", "people": 8}})
    asked = "Book order 8 on Monday or Tuesday"
    decision = await CallPlanner().decide(asked, [STATE, PARCEL, ROOM, TALK], model, small=True)
    assert decision.arguments == {"day": "Tuesday", "people": 8}
    assert model.schemas[0]["properties"]["name"]["enum"] == ["orders.get_state", "rooms.reserve"]
    assert len(model.schemas[1]["properties"]["arguments"]["anyOf"]) == 2


async def test_what_works_on_an_earlier_text_is_left_out_where_there_is_none() -> None:
    revise = FunctionChoice("email.revise", "Change a draft.", takes([], draft={**TEXT, FILL: "last_answer"}))
    for last_answer, request_, offered in (
        ("", "mail Ana", 0),
        ("Dear Bo", "make it shorter", 2),
        ("", "shorter:\nDear Bo", 2),
    ):
        model = Asked({"name": "chat.reply"})
        await CallPlanner().decide(request_, [revise, TALK], model, last_answer=last_answer, small=True)
        assert sum(len(one["properties"]["name"]["enum"]) for one in model.schemas) == offered


async def test_another_model_chooses_among_all_and_fills_freely() -> None:
    model = Asked({"name": "orders.get_state"}, {"name": "orders.get_state", "arguments": {"order_id": 7}})
    decision = await CallPlanner().decide("what is the state of order 1042", [STATE, PARCEL, TALK], model)
    assert decision.arguments == {"order_id": 7}
    assert len(model.schemas[0]["properties"]["name"]["enum"]) == 3


async def test_installed_functions_are_filled_as_the_model_was_made_to() -> None:
    mail = FunctionChoice("email.draft", "Draft a new e-mail.", takes(purpose=TEXT))
    model = Asked({"name": "email.draft", "arguments": {"purpose": "to meet"}})
    assert (await CallPlanner().decide("mail Ana to meet", [mail], model, small=True)).arguments == {
        "purpose": "to meet"
    }
    assert model.schemas[0]["properties"]["arguments"]["properties"]["purpose"] == TEXT


def test_an_only_way_is_one_without_any_choice() -> None:
    assert only_way(takes(a={"enum": [1]})) == {"a": 1}
    assert only_way(takes(a={"enum": [1, 2]})) is None
    assert only_way(takes(a=TEXT)) is None
    assert only_way({"anyOf": [takes(a={"enum": [1]})]}) is None
