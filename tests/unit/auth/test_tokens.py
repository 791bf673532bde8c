"""Tokens: which are taken, what is read from them, how the issuer's keys are had, and what is remembered."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.warnings import InsecureKeyLengthWarning
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from service.auth import issuer_keys, tokens
from service.auth.authenticator import Authenticator
from service.auth.issuer_keys import (
    MAX_BYTES,
    MAX_KEYS,
    PAUSE_S,
    IssuerKeys,
    IssuerKeysError,
    parse_keys,
    read_file,
    read_url,
)
from service.auth.key_file import change_keys
from service.auth.key_ring import REFUSED, KeyRing
from service.auth.keys import new_key
from service.auth.tokens import TokenRules, TokenVerifier
from service.errors import (
    CredentialsExpiredError,
    CredentialsInvalidError,
    CredentialsMissingError,
    IssuerUnavailableError,
)
from service.permissions import Permission
from service.runs.spec import Principal
from tests.unit.auth.test_keys import NOW, USE
from tests.unit.auth.tokens import AUDIENCE, ISSUER, Issued, ec_key, key_set, public_ec, public_rsa, rsa_key

RULES = TokenRules(ISSUER, (AUDIENCE, "other"))


class Source:
    """Gives sets of keys, and counts how often it was asked."""

    def __init__(self, *contents: bytes | Exception) -> None:
        self.contents = list(contents)
        self.asked = 0

    async def __call__(self) -> bytes:
        self.asked += 1
        content = self.contents.pop(0) if len(self.contents) > 1 else self.contents[0]
        if isinstance(content, Exception):
            raise content
        return content


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def verifier(*keys: Any, rules: TokenRules = RULES, wall_clock: Callable[[], float] = time.time) -> TokenVerifier:
    held = IssuerKeys(Source(key_set(*(keys or (public_rsa("one"),)))))
    await held.load()
    return TokenVerifier(held, rules, wall_clock=wall_clock)


class TestTokens:
    async def test_a_token_says_tenant_subject_and_roles(self) -> None:
        given = await (await verifier()).principal(Issued().token())
        assert given == Principal("shop", "token:caller-1", USE)

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"roles": []}, set()),
            ({"roles": ["Clerk", "nothing", 7, None]}, {"decide", "use"}),
            ({"roles": "use budgets other"}, {"use", "budgets"}),
            ({"roles": {"use": True}}, set()),
            ({"roles": None}, set()),
            ({"roles": ["USE", " use"]}, set()),
        ],
    )
    async def test_roles_are_permissions_by_name_or_by_setting(self, said: dict[str, Any], expected: set[str]) -> None:
        roles = {"Clerk": frozenset({Permission.DECIDE, Permission.USE})}
        judge = await verifier(rules=TokenRules(ISSUER, (AUDIENCE,), roles=roles))
        assert (await judge.principal(Issued(claims=said).token())).permissions == expected

    async def test_claims_of_other_names(self) -> None:
        judge = await verifier(rules=TokenRules(ISSUER, (AUDIENCE,), tenant_claim="org", roles_claim="scp"))
        given = await judge.principal(Issued(claims={"org": "bank", "scp": "use"}, without=("roles",)).token())
        assert given == Principal("bank", "token:caller-1", USE)

    async def test_other_signatures(self) -> None:
        judge = await verifier(public_ec("p"), public_rsa("one", alg="PS256"))
        await judge.principal(Issued(kid="p", algorithm="ES256", key=ec_key()).token())
        await judge.principal(Issued(algorithm="PS256").token())
        # A key is for one of them.
        with pytest.raises(CredentialsInvalidError):
            await judge.principal(Issued(algorithm="RS256").token())

    @pytest.mark.parametrize(
        "issued",
        [
            Issued(key=rsa_key("another")),
            Issued(kid="unknown"),
            Issued(claims={"iss": "https://login.example/tenants/2/v2.0"}),
            Issued(claims={"iss": ISSUER + "/"}),
            Issued(claims={"aud": "api://another"}),
            Issued(claims={"aud": []}),
            Issued(claims={"nbf": 4_102_444_800}),
            Issued(claims={"exp": "soon"}),
            Issued(claims={"exp": float("inf")}),
            Issued(claims={"tid": ""}),
            Issued(claims={"tid": "a/b"}),
            Issued(claims={"tid": ["shop"]}),
            Issued(claims={"sub": ""}),
            Issued(claims={"sub": "a\nb"}),
            Issued(claims={"sub": "x" * 256}),
            *(Issued(without=(name,)) for name in ("exp", "iss", "aud", "sub", "tid")),
            Issued(headers={"kid": ""}),
            Issued(headers={"crit": ["odd"], "odd": 1}),
            Issued(algorithm="HS256", key="x" * 32),
            Issued(algorithm="none", key=""),
        ],
        ids=lambda issued: f"{issued.claims}{issued.headers}{issued.without}{issued.algorithm}"[:60],
    )
    async def test_what_is_not_for_this_service_is_refused_in_one_text(self, issued: Issued) -> None:
        judge = await verifier()
        with pytest.raises(CredentialsInvalidError) as raised:
            await judge.principal(issued.token())
        assert raised.value.message == REFUSED

    async def test_the_public_key_is_no_shared_secret(self) -> None:
        """A token signed by HMAC with the issuer's public key as its secret is the classic forgery."""
        pem = rsa_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header, body = Issued().token().split(".")[:2]
        forged = {**json.loads(base64.urlsafe_b64decode(header + "==")), "alg": "HS256"}
        encoded = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
        signature = hmac.digest(pem, f"{encoded}.{body}".encode(), "sha256")
        token = f"{encoded}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        with pytest.raises(CredentialsInvalidError):
            await (await verifier()).principal(token)

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "x" * (tokens.MAX_CHARACTERS + 1), "[" * 9000])
    async def test_what_is_no_token(self, token: str) -> None:
        with pytest.raises(CredentialsInvalidError):
            await (await verifier()).principal(token)

    async def test_an_expired_token_says_so_and_clocks_may_differ(self) -> None:
        judge = await verifier()
        await judge.principal(Issued(claims={"exp": time.time() - 10}).token())
        with pytest.raises(CredentialsExpiredError):
            await judge.principal(Issued(claims={"exp": time.time() - 60}).token())

    async def test_a_short_key_is_none(self) -> None:
        with pytest.warns(InsecureKeyLengthWarning):
            token = Issued(kid="weak", key=rsa_key("one", 1024)).token()
        with pytest.raises(CredentialsInvalidError):
            await (await verifier(public_rsa("weak", bits=1024))).principal(token)

    async def test_it_is_checked_once_in_a_while_and_never_after_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(time.time())
        judge = await verifier(wall_clock=clock)
        long, short = Issued(claims={"exp": clock.now + 600}).token(), Issued(claims={"exp": clock.now + 5}).token()
        checked: list[str] = []
        claims = judge._claims

        async def counted(token: str) -> dict[str, Any]:
            checked.append(token)
            return await claims(token)

        monkeypatch.setattr(judge, "_claims", counted)
        for _ in range(3):
            await judge.principal(long)
            await judge.principal(short)
        assert checked == [long, short]
        clock.now += 5 + RULES.clock_skew_s
        await judge.principal(long)
        assert len(checked) == 2
        await judge.principal(short)
        assert len(checked) == 3
        clock.now += tokens.KEPT_S
        await judge.principal(long)
        assert len(checked) == 4

    async def test_what_is_remembered_is_bounded_and_holds_no_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tokens, "MAX_KEPT", 3)
        judge = await verifier()
        shown = [Issued(claims={"sub": f"caller-{number}"}).token() for number in range(5)]
        for token in shown:
            await judge.principal(token)
        assert [kept.principal.subject for kept in judge._kept.values()] == [f"token:caller-{n}" for n in (2, 3, 4)]
        assert not any(token in str(judge._kept) for token in shown)


class TestIssuerKeys:
    def test_only_keys_that_check_signatures_are_kept(self) -> None:
        private = {**public_rsa("private"), "d": "AQAB"}
        symmetric = {"kty": "oct", "k": "AAAA", "kid": "shared", "use": "sig"}
        found = parse_keys(
            key_set(
                public_rsa("one"),
                public_rsa("enc", use="enc"),
                private,
                symmetric,
                {"kty": "RSA", "kid": "broken"},
                {"kty": "moon", "kid": "odd"},
                {**public_rsa("nameless"), "kid": 7},
                "text",
                public_ec("p"),
            )
        )
        assert set(found) == {"one", "p"}

    @pytest.mark.parametrize(
        "content",
        [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', key_set(*[{}] * (MAX_KEYS + 1)), b" " * (MAX_BYTES + 1)],
        ids=["empty", "list", "object", "table", "none", "many", "large"],
    )
    def test_what_is_no_set(self, content: bytes) -> None:
        with pytest.raises(IssuerKeysError):
            parse_keys(content)

    async def test_a_new_key_is_fetched_once_for_all_who_wait(self) -> None:
        source, clock = Source(key_set(public_rsa("one")), key_set(public_rsa("one"), public_rsa("two"))), Clock()
        keys = IssuerKeys(source, clock=clock)
        await keys.load()
        clock.now += PAUSE_S
        found = await asyncio.gather(*(keys.key("two") for _ in range(20)))
        assert (source.asked, {key.key_id for key in found if key is not None}) == (2, {"two"})

    async def test_made_up_ids_do_not_make_it_ask_more_often(self) -> None:
        source, clock = Source(key_set(public_rsa("one"))), Clock()
        keys = IssuerKeys(source, clock=clock)
        await keys.load()
        assert [await keys.key(f"made-up-{number}") for number in range(50)] == [None] * 50
        assert source.asked == 1
        clock.now += PAUSE_S
        assert [await keys.key(f"made-up-{number}") for number in range(50)] == [None] * 50
        assert source.asked == 2

    async def test_a_caller_who_goes_away_does_not_stop_the_others(self) -> None:
        gate = asyncio.Event()

        async def slow() -> bytes:
            await gate.wait()
            return key_set(public_rsa("one"))

        keys = IssuerKeys(slow)
        going, staying = asyncio.create_task(keys.key("one")), asyncio.create_task(keys.key("one"))
        await asyncio.sleep(0)
        going.cancel()
        await asyncio.wait([going])
        gate.set()
        assert (await staying) is not None

    async def test_an_issuer_that_is_away_refuses_nobody_for_good(self) -> None:
        source = Source(IssuerKeysError("gone"), key_set(public_rsa("one")), IssuerKeysError("gone"))
        clock = Clock()
        keys = IssuerKeys(source, clock=clock)
        with capture_logs() as logs, pytest.raises(IssuerUnavailableError):
            await keys.key("one")
        assert [line["event"] for line in logs] == ["issuer_keys_not_read"]
        clock.now += PAUSE_S
        assert await keys.key("one") is not None
        # The keys stay when it goes away again.
        clock.now += PAUSE_S
        assert await keys.key("two") is None
        assert await keys.key("one") is not None

    async def test_it_reads_again_from_time_to_time_until_it_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuer_keys, "READ_AGAIN_S", 0.0)
        asked, often = 0, asyncio.Event()

        async def source() -> bytes:
            nonlocal asked
            asked += 1
            if asked == 3:
                often.set()
            return key_set(public_rsa("one"))

        keys = IssuerKeys(source)
        await keys.load()
        following = asyncio.create_task(keys.follow())
        await often.wait()
        following.cancel()
        await asyncio.wait([following])
        await keys.aclose()

    async def test_closing_gives_up_a_reading(self) -> None:
        async def never() -> bytes:
            await asyncio.Event().wait()
            raise AssertionError

        keys = IssuerKeys(never)
        waiting = asyncio.create_task(keys.key("one"))
        await asyncio.sleep(0)
        await keys.aclose()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    async def test_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "jwks.json"
        with pytest.raises(IssuerKeysError, match="cannot be read"):
            await read_file(path)()
        path.write_bytes(key_set(public_rsa("one")))
        assert await read_file(path)() == path.read_bytes()

    @pytest.mark.parametrize(
        ("path", "said"), [("/moved", "status 302"), ("/broken", "status 500"), ("/cut", "cannot be fetched")]
    )
    async def test_an_address_that_does_not_give_them(self, path: str, said: str) -> None:
        async with TestServer(_site()) as server:
            with pytest.raises(IssuerKeysError, match=said):
                await read_url(str(server.make_url(path)))()

    async def test_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuer_keys, "MAX_BYTES", 2048)
        async with TestServer(_site()) as server:
            assert await read_url(str(server.make_url("/keys")))() == key_set(public_rsa("one"))
            assert 2048 < len(await read_url(str(server.make_url("/large")))()) < 1024 * 1024
            url = str(server.make_url("/keys"))
        with pytest.raises(IssuerKeysError, match="cannot be fetched: ClientConnectorError"):
            await read_url(url)()


def _site() -> web.Application:
    async def keys(_: web.Request) -> web.Response:
        return web.Response(body=key_set(public_rsa("one")))

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/keys")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async def large(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            for _ in range(1000):
                await answer.write(b" " * 1024 * 16)
        except ConnectionError:
            pass
        return answer

    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "100"})
        await answer.prepare(request)
        assert request.transport is not None
        request.transport.close()
        return answer

    app = web.Application()
    for path, handler in (("/keys", keys), ("/moved", moved), ("/broken", broken), ("/large", large), ("/cut", cut)):
        app.router.add_get(path, handler)
    return app


class TestAuthenticator:
    @pytest.fixture
    async def key(self, tmp_path: Path) -> str:
        key, record = new_key("shop", "orders", USE, NOW, None)
        change_keys(tmp_path / "keys.json", lambda _: ((record,), None))
        return key

    @pytest.fixture
    def registry(self) -> CollectorRegistry:
        return CollectorRegistry()

    @pytest.fixture
    async def judge(self, tmp_path: Path, key: str, registry: CollectorRegistry) -> Authenticator:
        ring = KeyRing(tmp_path / "keys.json")
        await ring.load()
        return Authenticator(ring, await verifier(), registry)

    async def test_keys_and_tokens(self, judge: Authenticator, key: str, registry: CollectorRegistry) -> None:
        for scheme in ("Bearer ", "bearer ", "BEARER  "):
            assert (await judge.principal([scheme + key])).subject == "key:orders"
        assert (await judge.principal([f"Bearer {Issued().token()}"])).subject == "token:caller-1"
        assert counted(registry) == {("key", "accepted"): 3, ("token", "accepted"): 1}

    async def test_all_else_is_refused_and_counted_without_what_was_shown(
        self, judge: Authenticator, key: str, registry: CollectorRegistry
    ) -> None:
        with pytest.raises(CredentialsMissingError):
            await judge.principal([])
        for shown in (
            [key],
            [f"Basic {key}"],
            ["Bearer"],
            ["Bearer "],
            [f"Bearer {key}".encode()],
            [f"Bearer {key}", f"Bearer {key}"],
            ["Bearer vvn_x"],
        ):
            with pytest.raises(CredentialsInvalidError):
                await judge.principal(shown)
        with pytest.raises(CredentialsExpiredError):
            await judge.principal([f"Bearer {Issued(claims={'exp': 1}).token()}"])
        assert counted(registry) == {
            ("none", "missing"): 1,
            ("none", "invalid"): 5,
            ("key", "invalid"): 1,
            ("token", "invalid"): 1,
            ("token", "expired"): 1,
        }

    async def test_without_an_issuer_no_token_is_read(self, tmp_path: Path, registry: CollectorRegistry) -> None:
        judge = Authenticator(KeyRing(tmp_path / "none"), None, registry)
        with pytest.raises(CredentialsInvalidError):
            await judge.principal([f"Bearer {Issued().token()}"])

    async def test_an_issuer_that_is_away_is_counted(self, tmp_path: Path, registry: CollectorRegistry) -> None:
        tokens_ = TokenVerifier(IssuerKeys(Source(IssuerKeysError("gone"))), RULES)
        with pytest.raises(IssuerUnavailableError):
            await Authenticator(KeyRing(tmp_path / "none"), tokens_, registry).principal([f"Bearer {Issued().token()}"])
        assert counted(registry) == {("token", "unavailable"): 1}


def counted(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["kind"], sample.labels["outcome"]): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "vaiven_authentications_total" and sample.value
    }
