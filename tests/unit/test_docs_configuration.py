"""The page on configuration says of each setting what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.settings_sources import SettingFact, setting_facts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
ROW = re.compile(r"\| `(?P<name>[a-z_]+\.[a-z_]+)` \| (?P<rest>.+) \|")
UNITS = {"_s": "seconds", "_bytes": "bytes", "_tokens": "tokens", "_chars": "characters", "_words": "words"}
FACTS = {fact.name: fact for fact in setting_facts()}


def rows() -> dict[str, list[str]]:
    """Return the cells after the name, by name, in the order of the page."""
    found = (ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {match["name"]: match["rest"].split(" | ") for match in found if match}


def test_each_setting_has_one_row_in_the_order_of_the_code() -> None:
    names = [match["name"] for line in PAGE.read_text(encoding="utf-8").splitlines() if (match := ROW.fullmatch(line))]
    assert names == list(FACTS)


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_row_tells_variable_default_unit_and_meaning(fact: SettingFact) -> None:
    variable, default, unit, meaning = rows()[fact.name]
    assert variable == f"`{fact.environment}`"
    assert default.strip("`") == fact.default
    expected = next((unit for suffix, unit in UNITS.items() if fact.name.endswith(suffix)), unit)
    assert unit == expected
    assert meaning.endswith(".")


def test_each_area_has_a_heading() -> None:
    headings = re.findall(r"^## (\w+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == list(dict.fromkeys(name.partition(".")[0] for name in FACTS))
