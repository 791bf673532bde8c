"""The arithmetic of budgets: whole billionths, nothing lost, the worst case never below what comes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.backends.base import Price, Usage
from service.backends.fake import FAKE_CARD
from service.economics.money import Money
from service.economics.prices import cost_of
from service.economics.scope import Period, Window, window
from service.economics.worst_case import Relief, Shortage, WorstCase, is_priced_for, shortage
from service.store.budgets import BudgetRow
from service.store.usage import Spent, Standing

NOTHING = Standing(Spent(0, 0), Spent(0, 0))
prices = st.builds(
    Price,
    st.just("EUR"),
    *(st.decimals(0, 500, places=4).map(float) for _ in range(3)),
)
tokens = st.integers(0, 2_000_000)


def _budget(
    nanos: int | None = None, token_limit: int | None = None, currency: str = "EUR", period: str = "DAY"
) -> BudgetRow:
    return BudgetRow("t", "b", "", period, currency, nanos, token_limit, datetime(2026, 11, 24, tzinfo=UTC))


@given(prices, tokens, tokens, st.data())
def test_no_usage_within_the_limits_costs_more_than_the_worst_case(
    price: Price, prompt: int, answer: int, data: st.DataObject
) -> None:
    used = Usage(prompt, data.draw(st.integers(0, prompt)), data.draw(st.integers(0, answer)))
    worst = WorstCase("m", "b", price, prompt, answer)
    assert worst.cost is not None
    assert cost_of(used, price).total_nanos <= worst.cost.total_nanos
    assert used.input_tokens + used.output_tokens <= worst.tokens


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(0, 10**15), prices, tokens, tokens)
def test_what_is_not_short_fits_and_what_is_short_does_not(
    limit: int, spent: int, reserved: int, price: Price, prompt: int, answer: int
) -> None:
    worst = WorstCase("m", "b", price, prompt, answer)
    cost = worst.cost
    assert cost is not None
    short = shortage(_budget(limit), worst, Standing(Spent(spent, 0), Spent(reserved, 0)))
    assert bool(short) == (cost.total_nanos > 0 and spent + reserved + cost.total_nanos > limit)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12), tokens, tokens)
def test_tokens_are_counted_one_by_one(limit: int, spent: int, reserved: int, prompt: int, answer: int) -> None:
    worst = WorstCase("m", "b", None, prompt, answer)
    short = shortage(_budget(token_limit=limit), worst, Standing(Spent(0, spent), Spent(0, reserved)))
    assert bool(short) == (spent + reserved + prompt + answer > limit)


@given(st.integers(-(10**18), 10**18))
def test_money_is_its_billionths(nanos: int) -> None:
    assert Money.from_nanos("EUR", nanos).total_nanos == nanos


def test_the_prompt_of_a_hosted_model_is_an_estimate_and_may_be_longer() -> None:
    assert WorstCase.of(FAKE_CARD, 101, 10).prompt_tokens == 101
    assert WorstCase.of(replace(FAKE_CARD, locality="cloud"), 101, 10).prompt_tokens == 152


def test_the_last_billionth_can_be_spent() -> None:
    worst = WorstCase("m", "b", Price("EUR", 0.0, 1.0, 0.0), 0, 1)  # a millionth
    assert shortage(_budget(1000), worst, NOTHING) is None
    assert shortage(_budget(1000), worst, Standing(Spent(1, 0), Spent(0, 0))) == Shortage(
        "0.000000999 EUR of 0.000001 EUR left and this may cost 0.000001 EUR", Relief.ANEW
    )


@pytest.mark.parametrize(
    ("period", "spent", "reserved", "relief", "words"),
    [
        ("DAY", 0, 60, Relief.SETTLED, "40 of 100 tokens left and this may take 50"),
        ("DAY", 60, 0, Relief.ANEW, "40 of 100 tokens left and this may take 50"),
        ("MONTH", 60, 60, Relief.ANEW, "0 of 100 tokens left and this may take 50"),
        ("LIFETIME", 0, 60, Relief.SETTLED, "40 of 100 tokens left and this may take 50"),
        (
            *("LIFETIME", 60, 0, Relief.NEVER),
            "40 of 100 tokens left and this may take 50; it would have to allow 110",
        ),
    ],
)
def test_after_what_there_may_be_enough(period: str, spent: int, reserved: int, relief: Relief, words: str) -> None:
    worst, standing = WorstCase("m", "b", None, 25, 25), Standing(Spent(0, spent), Spent(0, reserved))
    assert shortage(_budget(token_limit=100, period=period), worst, standing) == Shortage(words, relief)


def test_what_never_fits_says_what_would() -> None:
    worst = WorstCase("m", "b", Price("EUR", 0.0, 1.0, 0.0), 0, 2)
    assert shortage(_budget(1000, 1), worst, NOTHING) == Shortage(
        "0.000001 EUR of 0.000001 EUR left and this may cost 0.000002 EUR; it would have to allow 0.000002 EUR; "
        "1 of 1 tokens left and this may take 2; it would have to allow 2",
        Relief.NEVER,
    )


def test_free_is_not_short_of_money_but_may_be_of_tokens() -> None:
    free = WorstCase("m", "b", Price("USD", 0.0, 0.0, 0.0), 10, 10)
    assert is_priced_for(_budget(0), free)
    assert shortage(_budget(0), free, Standing(Spent(10**9, 0), Spent(0, 0))) is None
    assert shortage(_budget(0, 20), free, Standing(Spent(0, 1), Spent(0, 0))) == Shortage(
        "19 of 20 tokens left and this may take 20", Relief.ANEW
    )


@pytest.mark.parametrize(
    ("price", "priced"),
    [(None, False), (Price("USD", 1.0, 1.0, 1.0), False), (Price("EUR", 1.0, 1.0, 1.0), True)],
)
def test_money_needs_a_price_in_its_currency(price: Price | None, priced: bool) -> None:
    worst = WorstCase("m", "b", price, 10, 10)
    assert is_priced_for(_budget(100), worst) is priced
    assert is_priced_for(_budget(token_limit=100), worst)


@pytest.mark.parametrize(
    ("period", "day", "span"),
    [
        (Period.DAY, date(2026, 12, 31), Window(date(2026, 12, 31), date(2027, 1, 1))),
        (Period.MONTH, date(2028, 2, 29), Window(date(2028, 2, 1), date(2028, 3, 1))),
        (Period.MONTH, date(2026, 12, 31), Window(date(2026, 12, 1), date(2027, 1, 1))),
        (Period.LIFETIME, date(2026, 12, 31), Window()),
    ],
)
def test_windows(period: Period, day: date, span: Window) -> None:
    assert window(period, day) == span


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_is_in_its_month_and_months_follow_each_other(day: date) -> None:
    span = window(Period.MONTH, day)
    assert span.start is not None
    assert span.end is not None
    assert span.start <= day < span.end
    assert window(Period.MONTH, span.end).start == span.end
