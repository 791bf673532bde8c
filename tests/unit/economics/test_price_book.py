"""Prices come from two files of one form; what is wrong is said with its place; what is missing is not free."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from service.backends.base import Price, Usage
from service.economics.money import Money
from service.economics.own_hardware import Hardware
from service.economics.price_book import GLOBAL, PriceBookError, load_price_book, read_prices
from service.economics.prices import cost_of

ROW = """
[[price]]
backend = "azure_openai"
model = "gpt-4.1"
regions = ["global", "data-zone-eu"]
currency = "EUR"
input = 1.80
cached_input = 0.45
output = 7.20
date = 2026-11-01
source = "https://prices.example/"
"""


def test_shipped_prices_are_dated_sourced_and_plausible() -> None:
    entries = list(load_price_book())
    assert {entry.backend for entry in entries} == {"azure_openai", "openai"}
    for entry in entries:
        assert entry.source.startswith("https://")
        assert date(2026, 1, 1) < entry.date < date(2027, 1, 1)
        price = entry.price
        assert 0 < price.cached_input_per_mtok < price.input_per_mtok < price.output_per_mtok


def test_a_shipped_price_is_found_exactly_by_region() -> None:
    book = load_price_book()
    assert book.price("azure_openai", "gpt-4.1-mini") == Price("USD", 0.4, 1.6, 0.1)
    assert book.price("azure_openai", "gpt-4.1-mini", "data-zone-eu") == Price("USD", 0.44, 1.76, 0.11)
    mini = book.price("openai", "gpt-5-mini")
    assert mini is not None
    assert cost_of(Usage(1_000_000, 400_000, 10_000), mini) == Money("USD", 0, 180_000_000)


@pytest.mark.parametrize(
    "where", [("openai", "gpt-9", GLOBAL), ("openai", "gpt-4.1", "data-zone-eu"), ("x", "gpt-4.1", GLOBAL)]
)
def test_what_is_not_in_the_book_has_no_price(where: tuple[str, str, str]) -> None:
    assert load_price_book().price(*where) is None


def test_the_operators_file_goes_before_the_shipped_one_and_adds_to_it(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(
        ROW + ROW.replace("gpt-4.1", "gpt-5").replace('"global", "data-zone-eu"', '"*"') + ROW.replace("gpt-4.1", "new")
    )
    book = load_price_book(own)
    euros = Price("EUR", 1.8, 7.2, 0.45)
    assert book.price("azure_openai", "gpt-4.1") == euros
    assert book.price("azure_openai", "gpt-4.1", "data-zone-us") == Price("USD", 2.2, 8.8, 0.55)
    assert [book.price("azure_openai", "gpt-5", region) for region in (GLOBAL, "data-zone-us", "moon")] == [euros] * 3
    assert book.price("azure_openai", "new") == euros
    entry = book.find("azure_openai", "new")
    assert entry is not None
    assert (entry.date, entry.source) == (date(2026, 11, 1), "https://prices.example/")
    assert len({(e.backend, e.model, e.region) for e in book}) == len(list(book))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[price]", "is not TOML"),
        (ROW.replace("output = 7.20\n", ""), "price[0].output: Field required"),
        (ROW.replace("7.20", "-1"), "price[0].output"),
        (ROW.replace("7.20", "nan"), "price[0].output"),
        (ROW.replace('"EUR"', '"euro"'), "price[0].currency"),
        (ROW.replace("output =", "outputs ="), "price[0].outputs: Extra inputs are not permitted"),
        (ROW + "[prices]\n", "prices: Extra inputs"),
        (ROW.replace('source = "https://prices.example/"', ""), "price[0].source"),
        (ROW + ROW, "two prices of azure_openai/gpt-4.1 in global"),
        (
            '[[own]]\nbackend="onnx"\nmodel="m"\nhardware="pc"\ninput_tokens_per_s=1\noutput_tokens_per_s=1\ndate=2026-11-01',
            "names hardware.pc",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(text: str, what: str) -> None:
    with pytest.raises(PriceBookError, match=re.escape(what)):
        read_prices(text, "own.toml")


def test_a_file_that_is_not_there_is_worded(tmp_path: Path) -> None:
    with pytest.raises(PriceBookError, match=r"none\.toml cannot be read"):
        load_price_book(tmp_path / "none.toml")


def test_own_hardware_is_priced_by_amortisation_power_and_speed() -> None:
    machine = Hardware(
        currency="EUR",
        purchase_price=Decimal("8766"),
        years=Decimal(2),
        utilisation=Decimal("0.5"),
        watts=Decimal(400),
        price_per_kwh=Decimal("0.25"),
        idle_watts=Decimal(100),
    )
    # 8,766 EUR over 8,766 busy hours, and 0.4 kW at work plus as many hours idle at 0.1 kW.
    assert machine.cost_per_busy_hour() == Decimal("1") + Decimal("0.5") * Decimal("0.25")
    price = machine.price(input_tokens_per_s=Decimal(1000), output_tokens_per_s=Decimal(50))
    assert price == Price("EUR", 0.3125, 6.25, 0.0)


def test_own_hardware_in_a_file_prices_a_model_in_any_region() -> None:
    text = """
        [hardware.workstation]
        currency = "EUR"
        purchase_price = 2400
        years = 4
        utilisation = 0.25
        watts = 380
        price_per_kwh = 0.28

        [[own]]
        backend = "onnx"
        model = "colibri"
        hardware = "workstation"
        input_tokens_per_s = 2000
        output_tokens_per_s = 150
        date = 2026-11-24
    """
    (entry,) = read_prices(text, "own.toml").values()
    assert (entry.region, entry.source) == ("*", "hardware.workstation")
    hour = Decimal(2400) / Decimal(8766) + Decimal("0.38") * Decimal("0.28")
    assert abs(Decimal(str(entry.price.output_per_mtok)) - hour * 1_000_000 / (150 * 3600)) < Decimal("1e-8")
    assert entry.price.input_per_mtok > 0 == entry.price.cached_input_per_mtok


def test_the_page_on_costs_shows_files_that_can_be_read_and_what_they_come_to() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "costs.md").read_text(encoding="utf-8")
    listed, owned = (read_prices(text, "costs.md") for text in re.findall(r"```toml\n(.+?)```", page, re.DOTALL))
    assert [entry.model for entry in listed.values()] == ["gpt-5-mini"]
    (machine,) = owned.values()
    assert (
        f"answer {machine.price.output_per_mtok:.2f} EUR and of prompt {machine.price.input_per_mtok:.2f} EUR" in page
    )


def test_a_machine_that_is_never_used_is_no_machine() -> None:
    with pytest.raises(PriceBookError, match=re.escape("hardware.pc.utilisation")):
        read_prices(
            '[hardware.pc]\ncurrency="EUR"\npurchase_price=1\nyears=1\nutilisation=0\nwatts=1\nprice_per_kwh=1', "x"
        )
