"""What a part of a request asks for, what it is about, and what it leaves to the part before."""

from __future__ import annotations

import pytest

from planners.clauses import asks, completed, head, label, to_whom, topic


@pytest.mark.parametrize(
    ("part", "about", "thing", "word"),
    [
        ("what is the state of order 1042", "the state of order 1042", "order 1042", "order"),
        ("look up order 1042", "order 1042", "order 1042", "order"),
        ("please get order 1042", "order 1042", "order 1042", "order"),
        ("list all states of order 1042", "states of order 1042", "order 1042", "order"),
        ("Fetch order number 1042", "order number 1042", "order number 1042", "order"),
        ("¿Cuál es el estado del pedido 1042?", "el estado del pedido 1042", "pedido 1042", "pedido"),
        ("1042 please", "1042", "1042", ""),
        ("how are you", "", "", ""),
    ],
)
def test_a_part_is_about_what_its_call_is_given(part: str, about: str, thing: str, word: str) -> None:
    assert topic(part, {"number": 1042}) == (about, thing)
    assert label(part, {"number": 1042}) == word


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("draft a mail to Ana", "draft a mail to Ana about the state of order 7"),
        ("draft a mail about it to Ana.", "draft a mail to Ana about the state of order 7"),
        ("draft a mail with the answer", "draft a mail about the state of order 7"),
        ("draft a mail about its price", "draft a mail about the price of order 7"),
        ("draft a mail about the price of it", "draft a mail about the price of order 7"),
        ("escribe un correo a la clienta", "escribe un correo a la clienta sobre the state of order 7"),
        ("draft a mail that says how it stands", "draft a mail that says how it stands"),
        ("draft a mail about the party", "draft a mail about the party"),
        ("answer this:\nHello", "answer this:\nHello"),
        ("cancel order 8", "cancel order 8"),
    ],
)
def test_what_a_part_leaves_open_is_what_the_one_before_was_about(part: str, found: str) -> None:
    assert completed(part, "the state of order 7", "order 7") == found
    assert completed(part, "", "") == part


def test_what_is_to_be_done_stands_before_to_whom_and_about_what() -> None:
    assert head("could you please draft an e-mail to Ana") == "draft an e-mail"
    assert head("write a note about tea") == "write a note"
    assert head("redacta un correo para Ana") == "redacta un correo"
    assert to_whom("write to the customer") == ["customer"]
    assert to_whom("escribe al cliente") == ["cliente"]
    assert to_whom("write the customer an e-mail") == ["customer"]


@pytest.mark.parametrize(
    "part", ["Where is it?", "has it been sent", "please show me it", "tell me the price", "¿Dónde está?"]
)
def test_who_asks_wants_nothing_changed(part: str) -> None:
    assert asks(part)


@pytest.mark.parametrize("part", ["cancel it", "could you cancel it?", "book a room", "do you mind booking a room?"])
def test_who_wants_something_done_does_not_ask(part: str) -> None:
    assert not asks(part)
