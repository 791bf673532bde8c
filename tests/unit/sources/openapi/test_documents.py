"""A collection of documents with the features of public ones: how many are taken, and what is left out of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from plugins.sources.arguments import check_schema
from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.network import AddressGuard
from plugins.sources.openapi.document import read_document
from plugins.sources.openapi.reader import DocumentReader, ReadDocument
from tests.unit.sources.openapi.documents import samples
from tests.unit.sources.openapi.like_public import COUNT, OFTEN, like_public
from tests.unit.sources.openapi.quirks.shop import URL, Sample

SAMPLES = tuple(samples())
BY_NAME = {sample.name: sample for sample in SAMPLES}
LIMITS = SourceLimits()
SCHEMAS = 10
"""How many functions of a document have their schemas checked, which takes long."""


@cache
def read(name: str) -> ReadDocument:
    sample = BY_NAME[name]
    root = read_document(sample.raw, LIMITS.max_document_bytes)
    return DocumentReader(root, sample.registration(), AddressGuard(), LIMITS, URL).read()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_document_gives_the_functions_that_it_can(sample: Sample) -> None:
    if sample.error:
        with pytest.raises(SourceError) as refused:
            read(sample.name)
        assert refused.value.code == sample.error
        return

    document = read(sample.name)

    assert len(document.operations) == sample.operations, document.left_out
    for operation in list(document.operations.values())[:SCHEMAS]:
        check_schema(operation.input_schema)
        check_schema(operation.output_schema)
    assert all(left.reason for left in document.left_out)


def test_of_a_set_like_public_ones_more_than_140_in_150_are_taken(
    record_property: Callable[[str, object], None],
) -> None:
    taken = 0
    for sample in SAMPLES:
        try:
            taken += bool(read(sample.name).operations)
        except SourceError:
            continue

    record_property("taken", f"{taken} of {len(SAMPLES)}")
    print(f"{taken} of {len(SAMPLES)} documents taken")
    assert len(SAMPLES) >= 150
    assert taken * 150 >= len(SAMPLES) * 140
    assert len(SAMPLES) - taken == sum(bool(sample.error) for sample in SAMPLES)


def test_of_150_documents_in_which_quirks_meet_at_least_140_are_taken() -> None:
    drawn = tuple(like_public())
    assert len(drawn) == COUNT
    missed = []
    for sample in drawn:
        try:
            root = read_document(sample.raw, LIMITS.max_document_bytes)
            found = DocumentReader(root, sample.registration(), AddressGuard(), LIMITS, URL).read()
        except SourceError as error:
            missed.append((sample.name, error.code))
            continue
        # A document of which little is left would not be taken in any sense that helps.
        if not found.operations or len(found.left_out) > len(found.operations):
            missed.append((sample.name, "SOURCE_EMPTY"))
    assert len(drawn) - len(missed) >= 140, missed
    for name, share in OFTEN.items():
        assert sum(name in sample.name for sample in drawn) >= share * COUNT / 2
