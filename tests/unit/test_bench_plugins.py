"""The large OpenAPI document of the measurement, made small: as long as asked for, and taken without a loss."""

from __future__ import annotations

import pytest

from bench.plugins import imports, openapi_document
from plugins.sources.network import AddressGuard
from plugins.sources.openapi import OpenApiRegistration, OpenApiSource

BYTES = 100_000


@pytest.mark.parametrize("write", [openapi_document.as_json, openapi_document.as_yaml])
async def test_every_operation_of_the_generated_document_becomes_a_function(write: openapi_document.Writer) -> None:
    found = openapi_document.document(BYTES)
    operations = sum(method != "parameters" for item in found["paths"].values() for method in item)
    assert len(openapi_document.as_json(found)) == pytest.approx(BYTES, rel=0.3)

    took = await imports.measure(OpenApiSource(OpenApiRegistration("large", document=write(found)), AddressGuard()))

    assert (took["functions"], took["left_out"]) == (operations, 0)
    assert took["read_processor_s"] > 0
