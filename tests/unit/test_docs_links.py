"""Every link from one page to another leads somewhere, to the very heading where it names one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("infra/*.md"),
        *ROOT.glob("models/*/*.md"),
        *ROOT.glob("plugins/*/*.md"),
    ]
)
LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the headings of a page as the hosts of repositories name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        found = target.exists() and (not link["heading"] or link["heading"] in anchors(target))
        broken += [] if found else [link.group()]
    assert broken == []
