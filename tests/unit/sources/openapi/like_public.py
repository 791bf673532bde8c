"""150 documents in which the quirks of public ones meet, the common ones as often as there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tests.unit.sources.openapi.documents import QUIRKS, REFUSED, sample_of
from tests.unit.sources.openapi.quirks.shop import Quirk, Sample

COUNT = 150

OFTEN: Mapping[str, float] = {
    "path_level_parameters": 35 / 150,
    "no_operation_ids": 25 / 150,
    "recursive_schema": 13 / 150,
}
"""The shares of 150 public documents that Semantic Kernel's importer did not take for these."""

_NO_OPENAPI_3 = 5
_MOST_QUIRKS = 6


def like_public() -> Iterator[Sample]:
    """Return the documents, always the same, with up to six quirks each; five of them are no OpenAPI 3.

    Where quirks meet at one operation the last one wins, so `operations` may be more than there are.
    """
    rng = random.Random("like public documents")
    for number in range(COUNT - _NO_OPENAPI_3):
        kind = rng.choice(("json", "yaml"))
        often = [name for name, share in OFTEN.items() if rng.random() < share]
        others = [
            quirk.name
            for quirk in QUIRKS
            if quirk.only in ("", kind) and quirk.name not in OFTEN and quirk.name != "five_megabytes"
        ]
        names = {*often, *rng.sample(others, rng.randint(1, _MOST_QUIRKS - len(often)))}
        drawn = [quirk for quirk in QUIRKS if quirk.name in names]
        version = rng.choice(("3.0.3", "3.1.0"))
        sample = sample_of(_together(drawn, version, kind), version, kind)
        yield replace(sample, name=f"{number}: {sample.name}")
    yield from REFUSED[:_NO_OPENAPI_3]


def _together(drawn: list[Quirk], version: str, kind: str) -> list[Quirk]:
    """Return those that one document can have: each still finds what it changes, and one says how it is written."""
    found: list[Quirk] = []
    for quirk in drawn:
        if quirk.write is not None and any(other.write is not None for other in found):
            continue
        try:
            sample_of([*found, quirk], version, kind)
        except (KeyError, TypeError):
            continue
        found.append(quirk)
    return found
