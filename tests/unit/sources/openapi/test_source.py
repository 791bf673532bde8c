"""A document as a source: fetched or given, read again, and handed to the kernel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments

from plugins.output import FunctionResult
from plugins.sources.base import PluginSource, SourceError, SourceLimits
from plugins.sources.kernel_plugin import to_kernel_plugin
from plugins.sources.network import AddressGuard, NetworkPolicy
from plugins.sources.openapi import OpenApiRegistration, OpenApiSource
from tests.unit.sources.openapi.quirks.shop import shop
from tests.unit.sources.servers import LOOPBACK, Answer, json_answer, serving


def changed(**facts: Any) -> bytes:
    return json.dumps({**shop("3.0.3"), **facts}).encode()


def by_path(documents: dict[str, bytes], other: Answer) -> Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        raw = documents.get(request.raw_path)
        return web.Response(body=raw, content_type="application/json") if raw else await other(request)

    return answer


async def test_a_document_by_url_whose_server_is_beside_it() -> None:
    documents = {"/specs/openapi.json": changed(servers=[{"url": "../api"}])}
    async with serving(by_path(documents, json_answer("[]"))) as server:
        registration = OpenApiRegistration("shop", url=f"{server.url}/specs/openapi.json")
        source: PluginSource = OpenApiSource(registration, LOOPBACK)
        plugin = await source.read()
        result = await to_kernel_plugin(plugin)["list_orders"].invoke(Kernel(), KernelArguments(limit=5))
        await source.aclose()

    assert (plugin.name, plugin.version, plugin.description) == ("shop", "1.2.0", "Orders and customers.")
    assert [f.name for f in plugin.functions] == [
        "list_orders",
        "create_order",
        "get_order",
        "delete_order",
        "list_customers",
    ]
    assert plugin.left_out == ()
    assert result is not None
    assert result.value == [FunctionResult("[]", {"status": 200, "body": []})]
    assert (server.seen[1].path, server.seen[1].query) == ("/api/orders", "limit=5")


@pytest.mark.parametrize(
    ("status", "code"), [(301, "TARGET_REDIRECTS"), (404, "TARGET_UNREACHABLE"), (500, "TARGET_UNREACHABLE")]
)
async def test_a_document_that_is_not_there(status: int, code: str) -> None:
    async with serving(json_answer("{}", status)) as server:
        source = OpenApiSource(OpenApiRegistration("shop", url=f"{server.url}/openapi.json"), LOOPBACK)
        with pytest.raises(SourceError) as failed:
            await source.read()
        await source.aclose()

    assert (failed.value.code, failed.value.field) == (code, "url")


async def test_a_document_at_an_address_that_is_refused() -> None:
    source = OpenApiSource(
        OpenApiRegistration("shop", url="http://127.0.0.1:1/openapi.json"), AddressGuard(NetworkPolicy(allow_http=True))
    )
    with pytest.raises(SourceError) as refused:
        await source.read()
    assert refused.value.code == "TARGET_NOT_ALLOWED"


async def test_a_document_that_is_too_large() -> None:
    limits = SourceLimits(max_document_bytes=1_000)
    async with serving(json_answer(changed().decode())) as server:
        fetched = OpenApiSource(OpenApiRegistration("shop", url=server.url), LOOPBACK, limits)
        with pytest.raises(SourceError) as by_url:
            await fetched.read()
        await fetched.aclose()
    with pytest.raises(SourceError) as inline:
        await OpenApiSource(OpenApiRegistration("shop", document=changed()), LOOPBACK, limits).read()

    assert (by_url.value.code, inline.value.code) == ("SOURCE_TOO_LARGE", "SOURCE_TOO_LARGE")


async def test_a_document_of_which_nothing_can_be_called() -> None:
    registration = OpenApiRegistration("shop", document=changed(servers=[{"url": "https://10.0.0.1"}]))
    with pytest.raises(SourceError, match="GET /orders its server is not called") as empty:
        await OpenApiSource(registration, AddressGuard()).read()
    assert empty.value.code == "SOURCE_EMPTY"


async def fingerprint(document: bytes, **given: Any) -> str:
    registration = OpenApiRegistration("shop", document=document, **given)
    return (await OpenApiSource(registration, AddressGuard()).read()).fingerprint


async def test_the_fingerprint_is_of_what_is_called_and_not_of_how_it_is_written() -> None:
    first = await fingerprint(changed())

    assert first == await fingerprint(json.dumps(json.loads(changed()), indent=4).encode())
    assert first == await fingerprint(changed(tags=[{"name": "x"}], info={"title": "Other", "version": "9"}))
    assert first != await fingerprint(changed(servers=[{"url": "https://evil.example"}]))
    other = shop("3.0.3")
    other["components"]["schemas"]["Order"]["properties"]["count"]["maximum"] = 5
    assert first != await fingerprint(json.dumps(other).encode())


@pytest.mark.parametrize("on_drift", ["refuse", "reread"])
async def test_a_document_that_changed(on_drift: Any) -> None:
    documents = {"/openapi.json": changed()}
    async with serving(by_path(documents, json_answer("{}"))) as server:
        registration = OpenApiRegistration("shop", url=f"{server.url}/openapi.json", on_drift=on_drift)
        source = OpenApiSource(registration, LOOPBACK)
        first = await source.read()
        assert (await source.refresh(first.fingerprint)).fingerprint == first.fingerprint
        paths = shop("3.0.3")["paths"]
        documents["/openapi.json"] = changed(paths={"/orders": paths["/orders"]})
        if on_drift == "refuse":
            with pytest.raises(SourceError) as drifted:
                await source.refresh(first.fingerprint)
            assert drifted.value.code == "PLUGIN_DRIFTED"
        else:
            assert len((await source.refresh(first.fingerprint)).functions) == 2
        await source.aclose()
