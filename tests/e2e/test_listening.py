"""Where the service listens and with what, and where it refuses to: in words for an operator."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import grpc
import grpc.aio
import pytest
import trustme
from vaiven.v1 import model_service_pb2

from service.auth.key_file import change_keys
from service.auth.keys import new_key
from service.permissions import ALL_PERMISSIONS
from tests.e2e.client import connected, hello, refusal
from tests.e2e.entries import command
from tests.e2e.processes import TINY_MODEL, refused_start, serving

pytestmark = pytest.mark.usefixtures("fork_server")

LOOPBACK: Final = (command, "serve", "--json", "--listen", "127.0.0.1:0")
EVERYWHERE: Final = (command, "serve", "--json", "--listen", "0.0.0.0:0")
REQUIRED: Final = {"VAIVEN_AUTH__MODE": "required"}
ALL_MODELS: Final = model_service_pb2.ListModelsRequest()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], bytes]:
    """Return the two settings, and the certificate that a client trusts."""
    directory = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    for blob in issued.cert_chain_pems:
        blob.write_to_path(str(certificate), append=True)
    issued.private_key_pem.write_to_path(str(key))
    settings = {"VAIVEN_SERVER__TLS_CERTIFICATE": str(certificate), "VAIVEN_SERVER__TLS_KEY": str(key)}
    return settings, authority.cert_pem.bytes()


async def test_tls_and_keys_serve_every_address(tmp_path: Path, tls: tuple[dict[str, str], bytes]) -> None:
    settings, authority = tls
    key, record = new_key("shop", "orders", ALL_PERMISSIONS, datetime.now(UTC), None)
    change_keys(tmp_path / "keys.json", lambda _: ((record,), None))
    settings = {**TINY_MODEL, **settings, **REQUIRED, "VAIVEN_AUTH__KEYS_FILE": str(tmp_path / "keys.json")}
    async with serving(tmp_path, *EVERYWHERE, environment=settings) as service:
        port = service.address.rpartition(":")[2]
        assert (service.announced["tls"], service.announced["auth"]) == (True, "required")
        anybody = grpc.ssl_channel_credentials(authority)
        async with connected(f"127.0.0.1:{port}", anybody) as client:
            assert (await refusal(client.agents.Run(hello()))).reason == "CREDENTIALS_MISSING"
        trusting = grpc.composite_channel_credentials(anybody, grpc.access_token_call_credentials(key))
        async with connected(f"127.0.0.1:{port}", trusting) as client:
            assert [event async for event in client.agents.Run(hello())][-1].WhichOneof("payload") == "incomplete"
        for credentials in (None, grpc.ssl_channel_credentials()):
            async with connected(f"127.0.0.1:{port}", credentials) as client:
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await client.models.ListModels(ALL_MODELS)
                assert raised.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("missing", ["VAIVEN_SERVER__TLS_CERTIFICATE", "VAIVEN_SERVER__TLS_KEY"])
async def test_one_of_the_two_is_refused(tmp_path: Path, tls: tuple[dict[str, str], bytes], missing: str) -> None:
    settings, _ = tls
    said = await refused_start(tmp_path, *LOOPBACK, environment={k: v for k, v in settings.items() if k != missing})
    assert "tls_certificate and tls_key belong together" in said


async def test_a_key_that_does_not_open_the_certificate_is_refused(
    tmp_path: Path, tls: tuple[dict[str, str], bytes]
) -> None:
    settings, _ = tls
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(other))
    said = await refused_start(
        tmp_path, *LOOPBACK, environment={**TINY_MODEL, **settings, "VAIVEN_SERVER__TLS_KEY": str(other)}
    )
    assert f"The TLS key {other} is not that of the certificate" in said


async def test_another_address_without_tls_is_refused(tmp_path: Path) -> None:
    said = await refused_start(tmp_path, *EVERYWHERE, environment=TINY_MODEL)
    assert "'0.0.0.0:0' can be reached from other machines, so it needs TLS: set a certificate and a key" in said


async def test_another_address_for_anybody_is_refused(tmp_path: Path, tls: tuple[dict[str, str], bytes]) -> None:
    said = await refused_start(tmp_path, *EVERYWHERE, environment={**TINY_MODEL, **tls[0]})
    assert "so it needs callers who show credentials: set auth.mode to required" in said


async def test_a_second_service_that_wants_the_store_for_itself_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, *LOOPBACK, environment=TINY_MODEL) as service, connected(service.address) as client:
        assert service.announced["tls"] is False
        said = await refused_start(tmp_path, *LOOPBACK, environment=TINY_MODEL | {"VAIVEN_STORE__SHARED": "false"})
        assert f"{tmp_path / 'vaiven.db'} is in use by another vaiven process" in said
        assert len((await client.models.ListModels(ALL_MODELS)).models) == 1
