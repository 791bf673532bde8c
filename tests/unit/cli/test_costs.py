"""`vaiven usage` and `vaiven budgets`: the right call, figures and bars for a person, JSON for a program."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from google.protobuf.json_format import Parse
from google.type.money_pb2 import Money as MoneyMessage
from vaiven.v1 import cost_pb2, cost_service_pb2

from service.backends.base import Usage
from service.cli.amounts import BAR_CELLS, bar, money_from_words
from service.cli.exits import CommandError
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import Dimension, UsageRecord
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc import fakes_costs, fakes_models


def _record(day: int, cents: int | None, *, currency: str = "EUR", tokens: int = 1000) -> UsageRecord:
    cost = None if cents is None else Money.from_nanos(currency, cents * 10_000_000)
    return UsageRecord(1, Usage(tokens, 0, 0), cost, day=date(2026, 11, day))


def _bars(out: str) -> dict[str, int]:
    rows = [line.split() for line in out.splitlines() if line.startswith("2026-")]
    return {row[0]: row[-1].count("█") for row in rows}


def test_usage_has_a_bar_a_day_and_a_total(service: Service, vaiven: Vaiven) -> None:
    service.domain.usage.records = (_record(20, 1), _record(22, 4), _record(23, 2))
    outcome = vaiven("usage")
    assert outcome.code == 0
    assert _bars(outcome.out) == {"2026-11-20": 6, "2026-11-21": 0, "2026-11-22": 24, "2026-11-23": 12}
    total = next(line for line in outcome.out.splitlines() if line.startswith("Total"))
    assert total.split() == ["Total", "3", "3,000", "0", "€0.07"]
    (_, query, _, _) = service.domain.usage.queries[0]
    assert (query.by, query.first_day) == (frozenset({Dimension.DAY}), None)


def test_free_and_unknown_are_told_apart_and_measured_by_tokens(service: Service, vaiven: Vaiven) -> None:
    service.domain.usage.records = (
        _record(20, 4),
        _record(21, 0, currency="USD", tokens=10),
        _record(22, None, tokens=20),
    )
    outcome = vaiven("usage")
    assert _bars(outcome.out) == {"2026-11-20": 24, "2026-11-21": 12, "2026-11-22": 24}
    assert ["$0" in outcome.out, "not known" in outcome.out] == [True, True]
    assert len([line for line in outcome.out.splitlines() if line.startswith("Total")]) == 3


def test_usage_is_filtered_and_told_apart_as_asked(service: Service, vaiven: Vaiven) -> None:
    line = "usage --by model --by function --since 2026-11-01 --until 2026-11-30 --plugin email.draft --model large"
    outcome = vaiven(*line.split())
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].split()[:2] == ["Function", "Model"]
    assert "email.draft" in outcome.out
    assert "(choosing a function)" in outcome.out
    (_, query, _, _) = service.domain.usage.queries[0]
    assert (query.first_day, query.last_day) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (query.plugin, query.function, query.model) == ("email", "draft", "large")
    assert query.by == {Dimension.FUNCTION, Dimension.MODEL}


def test_usage_as_json_parses_back(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("usage", "--json")
    answer = Parse(outcome.out, cost_service_pb2.GetUsageResponse())
    assert [record.generations for record in answer.records] == [2, 1]


def test_no_usage_and_a_wrong_day_are_said(service: Service, vaiven: Vaiven) -> None:
    service.domain.usage.records = ()
    assert "Nothing was used." in vaiven("usage").err
    wrong = vaiven("usage", "--since", "2026-02-30")
    assert (wrong.code, "'2026-02-30' is no day." in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["monthly", "--money", "50 EUR"], ("", Period.MONTH, Money("EUR", 50), None)),
        (
            ["budgets/mail", "--tokens", "9", "--plugin", "email", "--per", "day"],
            ("plugins/email", Period.DAY, None, 9),
        ),
        (["a", "--money", "0.05usd", "--each", "run"], ("runs/-", Period.LIFETIME, Money("USD", 0, 50_000_000), None)),
        (["a", "--tokens", "0", "--session", "s1", "--per", "lifetime"], ("sessions/s1", Period.LIFETIME, None, 0)),
    ],
)
def test_a_budget_is_set_as_it_is_said(
    service: Service, vaiven: Vaiven, line: list[str], wanted: tuple[str, Period, Money | None, int | None]
) -> None:
    outcome = vaiven("budgets", "set", *line)
    assert outcome.code == 0, outcome.err
    ((_, _, budget, request_id),) = service.domain.budgets.calls
    assert (budget.subject, budget.period, budget.money, budget.tokens) == wanted
    assert budget.name == f"budgets/{line[0].removeprefix('budgets/')}"
    assert request_id


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["a"], "--money, --tokens"),
        (["a", "--money", "50"], "is no amount of money"),
        (["a", "--tokens", "1", "--plugin", "p", "--each", "run"], "one of --plugin, --session and --each"),
    ],
)
def test_a_budget_that_is_said_wrong_is_refused_before_a_call(
    service: Service, vaiven: Vaiven, line: list[str], words: str
) -> None:
    outcome = vaiven("budgets", "set", *line)
    assert (outcome.code, words in outcome.err) == (2, True)
    assert service.domain.budgets.calls == []


def test_budgets_are_listed_shown_and_deleted(service: Service, vaiven: Vaiven) -> None:
    listed = vaiven("budgets", "list")
    assert listed.code == 0
    for words in ("mail", "plugin email", "month", "€0.02 of €50", "1,500 of 1,000,000", "0 %"):
        assert words in listed.out
    shown = vaiven("budgets", "show", "mail")
    for words in ("budgets/mail", "€0.000000005, 20 tokens"):
        assert words in shown.out
    assert Parse(vaiven("budgets", "show", "mail", "--json").out, cost_pb2.Budget()).token_limit == 1_000_000
    assert vaiven("budgets", "show", "none").code == 1
    assert "budgets/mail is deleted." in vaiven("budgets", "delete", "mail").err


def test_a_budget_of_each_and_an_empty_one_are_shown(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = replace(fakes_costs.BUDGET, subject="runs/-", period=Period.LIFETIME, status=None)
    monkeypatch.setattr(fakes_costs, "BUDGET", each)
    out = vaiven("budgets", "list").out
    assert [words in out for words in ("each run", "lifetime", "€50", "1,000,000", "%")] == [
        True,
        True,
        True,
        True,
        False,
    ]
    nothing = replace(each, subject="", period=Period.DAY, money=Money("EUR"), tokens=None, status=fakes_costs.STATUS)
    monkeypatch.setattr(fakes_costs, "BUDGET", nothing)
    out = vaiven("budgets", "list").out
    assert [words in out for words in ("everything", "€0.02 of €0", "100 %")] == [True, True, True]


def test_bars_are_in_proportion_and_the_least_can_be_seen() -> None:
    assert [len(bar(part, 100).plain) for part in (0, 1, 50, 100, 1000)] == [0, 1, BAR_CELLS // 2, BAR_CELLS, BAR_CELLS]
    assert bar(1, 10**12).plain == "▏"
    assert bar(5, 0).plain == ""


@pytest.mark.parametrize(
    ("words", "units", "nanos"), [("50 EUR", 50, 0), ("0.25usd", 0, 250_000_000), ("1.000000001 EUR", 1, 1)]
)
def test_money_in_words(words: str, units: int, nanos: int) -> None:
    amount = money_from_words(words, "--max-cost")
    assert (amount.units, amount.nanos, len(amount.currency_code)) == (units, nanos, 3)
    assert isinstance(amount, MoneyMessage)


@pytest.mark.parametrize("words", ["", "50", "EUR", "-1 EUR", "1.0000000001 EUR", "1,5 EUR", "50 EURO"])
def test_what_is_no_money_is_refused(words: str) -> None:
    with pytest.raises(CommandError) as refused:
        money_from_words(words, "--max-cost")
    assert "--max-cost" in refused.value.hint


def test_what_is_no_day_is_refused_with_the_option_and_its_form(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("usage", "--until", "yesterday")
    assert outcome.code == 2
    assert "'yesterday' is no day." in outcome.err
    assert "--until 2026-11-01" in outcome.err


def test_a_model_of_unknown_price_is_not_shown_as_free(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes_models, "CARD", replace(fakes_models.CARD, price=None))
    out = vaiven("models", "show", "colibri").out
    assert ["not known" in out, "$0" in out] == [True, False]
