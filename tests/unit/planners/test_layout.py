"""The layout of a choice, which the embedded model was trained on word for word."""

from __future__ import annotations

from planners.layout import FunctionLine, choice_answer, choice_system, choice_user


def test_the_system_text_lists_one_function_a_line() -> None:
    lines = [
        FunctionLine("email.draft", ("recipient", "points"), "Draft a new e-mail."),
        FunctionLine("chat.reply", (), "Small talk."),
    ]
    assert choice_system(lines) == (
        "Choose the function for the request and fill its arguments. Answer in JSON.\n"
        "Draft a new e-mail: email.draft(recipient, points)\n"
        "Small talk: chat.reply"
    )


def test_the_answer_is_compact_and_keeps_letters_and_order() -> None:
    answer = choice_answer("email.draft", {"recipient": "Zoë", "points": ["a b"], "count": 2, "sure": True})
    assert answer == '{"name":"email.draft","arguments":{"recipient":"Zoë","points":["a b"],"count":2,"sure":true}}'


def test_a_long_request_is_cut_in_the_middle_for_the_choice_alone() -> None:
    assert choice_user("x" * 1000) == "x" * 1000
    cut = choice_user("Summarise: " + "x" * 9000 + " in one line please")
    assert cut.startswith("Summarise: x")
    assert cut.endswith("x in one line please")
    assert len(cut) < 1010
