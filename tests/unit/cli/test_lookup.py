"""A person begins a name, and it is whole where only one thing is called so."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.cli.caller import Caller
from service.cli.exits import CommandError
from service.cli.lookup import full_document_name, full_name
from tests.unit.cli.conftest import Service, Vaiven

OLD, ONE, TWO = "0192f6a1c3" + "0" * 22, "0192f6b1" + "1" * 24, "0192f6b2" + "2" * 24
PAGES: Sequence[Sequence[str]] = ((TWO, ONE), (OLD,))
"""The newest first, two on a page."""


class Listing:
    """A caller whose lists are these pages; it counts those that it was asked for."""

    def __init__(self, field: str, pages: Sequence[Sequence[Any]]) -> None:
        self._field = field
        self._pages = pages
        self.asked = 0
        self.agents = SimpleNamespace(ListRuns=None)
        self.knowledge = SimpleNamespace(ListDocuments=None)

    def call(self, _method: Any, request: Any) -> Any:
        place = int(request.page_token or 0)
        self.asked += 1
        token = str(place + 1) if place + 1 < len(self._pages) else ""
        return SimpleNamespace(**{self._field: self._pages[place]}, next_page_token=token)


def runs() -> tuple[Caller, Listing]:
    listing = Listing("runs", [[SimpleNamespace(name=f"runs/{one}") for one in page] for page in PAGES])
    return cast("Caller", listing), listing


@pytest.mark.parametrize(
    ("said", "whole", "pages"),
    [
        (ONE, ONE, 0),
        ("0192f6b1", ONE, 2),
        ("runs/0192f6b2", TWO, 1),
        ("0192f6a", OLD, 2),
        ("0192f6b3", "0192f6b3", 1),
        ("0", None, 2),
        ("0192f6b", None, 2),
    ],
)
def test_what_one_is_called_is_found_and_no_page_too_many_is_read(said: str, whole: str | None, pages: int) -> None:
    caller, listing = runs()
    if whole is None:
        with pytest.raises(CommandError, match="fits several: 0192f6") as refused:
            full_name(caller, "runs", said)
        assert refused.value.hint == "Give more of the name."
    else:
        assert full_name(caller, "runs", said) == f"runs/{whole}"
    assert listing.asked == pages


@pytest.mark.parametrize(
    "line", ["runs show r", "sessions show s", "plans show p", "tickets show t", "operations show o"]
)
def test_each_kind_of_list_is_asked_for(vaiven: Vaiven, service: Service, line: str) -> None:
    assert vaiven("ask", "hello").code == 0
    outcome = vaiven(*line.split())
    assert outcome.code == 0, outcome.err


DOCUMENTS = [
    SimpleNamespace(name=f"collections/shop/documents/{ONE}", file_name="returns.md", title="Returns"),
    SimpleNamespace(name=f"collections/shop/documents/{TWO}", file_name="terms/en.pdf", title="Terms"),
    SimpleNamespace(name=f"collections/shop/documents/{OLD}", file_name="terms/es.pdf", title="Terms"),
]


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("shop/returns.md", ONE),
        ("shop/RETURNS", ONE),
        ("shop/terms/es.pdf", OLD),
        ("shop/0192f6b2", TWO),
        (f"collections/shop/documents/{TWO}", TWO),
    ],
)
def test_a_document_is_found_by_its_id_its_file_and_its_title(said: str, whole: str) -> None:
    caller = cast("Caller", Listing("documents", [DOCUMENTS]))
    assert full_document_name(caller, said) == f"collections/shop/documents/{whole}"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("shop/terms", "fits several"),
        ("shop/0192f6b", "fits several"),
        ("shop/gone.md", "shop has no document that is called 'gone.md'"),
        ("shop/", "is not the name of a document"),
        ("Not a name/x", "is not the name of one of the collections"),
    ],
)
def test_a_document_that_is_not_one_is_said(said: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        full_document_name(cast("Caller", Listing("documents", [DOCUMENTS])), said)


def test_a_document_is_removed_by_its_file_s_name(vaiven: Vaiven, service: Service) -> None:
    assert vaiven("knowledge", "remove", "faq/faq.md").code == 0
    (removed,) = [call for call in service.domain.library.calls if call[0] == "delete_document"]
    assert removed[2] == "collections/faq/documents/d1"


@pytest.mark.parametrize("level", ["local_only", "local-only"])
@pytest.mark.parametrize("option", ["--max-generation-cost", "--max_generation_cost"])
def test_choices_and_options_have_hyphens_or_underscores(
    vaiven: Vaiven, service: Service, level: str, option: str
) -> None:
    assert vaiven("ask", "hello", "--privacy", level, option, "1 EUR").code == 0
    (spec,) = service.domain.runs.specs
    assert spec.policy.privacy.name == "LOCAL_ONLY"
    assert len(spec.policy.max_costs) == 1
