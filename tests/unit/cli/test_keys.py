"""`vaiven keys`, and the key that the command line calls with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.auth.key_file import read_keys
from service.auth.key_ring import KeyRing
from service.errors import CredentialsInvalidError, CredentialsMissingError
from service.permissions import ALL_PERMISSIONS, Permission
from service.rpc.server import RpcOptions
from service.runs.spec import Principal
from tests.unit.cli.conftest import Vaiven, serving


class Doorkeeper:
    """Lets one key in, and keeps what it was shown."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.shown: list[tuple[str | bytes, ...]] = []

    async def principal(self, authorization: Sequence[str | bytes]) -> Principal:
        self.shown.append(tuple(authorization))
        if not authorization:
            raise CredentialsMissingError("Show a key.")
        if authorization[0] != f"Bearer {self._key}":
            raise CredentialsInvalidError("Another key.")
        return Principal("shop", "key:orders", ALL_PERMISSIONS)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_printed_alone_and_opens(vaiven: Vaiven, place: Path) -> None:
    made = vaiven("keys", "create", "--keys-file", str(place), "--tenant", "shop", "--name", "orders")
    assert made.code == 0
    assert "not shown again" in made.err
    key = made.out.strip()
    assert key not in made.err
    ring = KeyRing(place)
    asyncio.run(ring.load())
    assert ring.principal(key) == Principal("shop", "key:orders", frozenset({Permission.USE}))
    assert key.rpartition("_")[2] not in place.read_text()


def test_permissions_end_and_json(vaiven: Vaiven, place: Path) -> None:
    said = ("keys", "create", "--keys-file", str(place), "--tenant", "bank", "--json")
    made = json.loads(vaiven(*said, "--name", "a", "--permission", "use", "--permission", "decide", "--days", "30").out)
    assert (made["permissions"], made["tenant"], made["name"]) == (["decide", "use"], "bank", "a")
    assert made["key"].startswith(f"vvn_{made['id']}_")
    assert json.loads(vaiven(*said, "--name", "b", "--permission", "all").out)["permissions"] == sorted(Permission)
    ends = [key.expire_time for key in read_keys(place)]
    assert ends[0] is not None
    assert ends[1] is None
    listed = vaiven("keys", "list", "--keys-file", str(place), "--json")
    assert [key["name"] for key in json.loads(listed.out)["keys"]] == ["a", "b"]
    assert not {"salt", "digest", "key"} & set(json.loads(listed.out)["keys"][0])


def test_a_revoked_key_is_gone(vaiven: Vaiven, place: Path) -> None:
    for tenant, name in (("shop", "a"), ("bank", "a")):
        assert vaiven("keys", "create", "--keys-file", str(place), "--tenant", tenant, "--name", name).code == 0
    keep, drop = read_keys(place)
    revoked = vaiven("keys", "revoke", drop.id, "--keys-file", str(place))
    assert (revoked.code, "bank" in revoked.out) == (0, True)
    assert read_keys(place) == (keep,)
    again = vaiven("keys", "revoke", drop.id, "--keys-file", str(place))
    assert (again.code, "There is no key of that id" in again.err) == (1, True)
    assert "shop" in vaiven("keys", "list", "--keys-file", str(place)).out
    assert "There are no keys" in vaiven("keys", "list", "--keys-file", str(place), "--tenant", "bank").err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--tenant", "a b", "--name", "x"), 2, "--tenant takes 1 to 63 letters"),
        (("--tenant", "a", "--name", ""), 2, "--name takes 1 to 63 letters"),
        (("--tenant", "a", "--name", "x", "--permission", "fly"), 2, "--permission takes one of use, decide,"),
        (("--tenant", "a", "--name", "x", "--days", "0"), 2, "--days"),
        (("--tenant", "shop", "--name", "orders"), 1, "has a key called orders"),
    ],
)
def test_what_cannot_be_made(vaiven: Vaiven, place: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert vaiven("keys", "create", "--keys-file", str(place), "--tenant", "shop", "--name", "orders").code == 0
    before = place.read_bytes()
    outcome = vaiven("keys", "create", "--keys-file", str(place), *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert place.read_bytes() == before


def test_a_file_of_something_else_is_left_alone(vaiven: Vaiven, place: Path) -> None:
    place.write_text("[server]\n")
    create = ("create", "--tenant", "shop", "--name", "orders")
    for command in (("list",), ("revoke", "abcdefghijkl"), create):
        outcome = vaiven("keys", *command, "--keys-file", str(place))
        assert (outcome.code, "is no file of keys" in outcome.err) == (1, True)
    assert place.read_text() == "[server]\n"


def test_the_settings_name_the_file(vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "vaiven.toml"
    config.write_text(f'[auth]\nkeys_file = "{(tmp_path / "one.json").as_posix()}"\n')
    create = ("keys", "create", "--tenant", "shop", "--name", "orders")
    assert vaiven(*create, "--config", str(config)).code == 0
    assert len(read_keys(tmp_path / "one.json")) == 1
    monkeypatch.setenv("VAIVEN_AUTH__KEYS_FILE", str(tmp_path / "two.json"))
    assert vaiven(*create, "--config", str(config)).code == 0
    assert len(read_keys(tmp_path / "two.json")) == 1


class TestCalling:
    def test_the_key_of_variable_option_or_file_goes_with_every_call(
        self, vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "key"
        file.write_text("vvn_good\n")
        judge = Doorkeeper("vvn_good")
        with serving(RpcOptions(address="127.0.0.1:0"), judge=judge) as running:
            monkeypatch.setenv("VAIVEN_ADDRESS", running.address)
            assert vaiven("health").code == 0
            missing = vaiven("runs", "list")
            assert (missing.code, "CREDENTIALS_MISSING" in missing.err) == (1, True)
            assert vaiven("--key", "vvn_good", "runs", "list").code == 0
            assert vaiven("runs", "list", "--key", "vvn_good").code == 0
            assert vaiven("ask", "hello", "--key-file", str(file)).code == 0
            monkeypatch.setenv("VAIVEN_KEY_FILE", str(file))
            assert vaiven("runs", "list").code == 0
            monkeypatch.setenv("VAIVEN_KEY", "vvn_bad")
            assert "CREDENTIALS_INVALID" in vaiven("runs", "list").err
            # What is said in the command goes before what the environment says.
            assert vaiven("runs", "list", "--key-file", str(file)).code == 0
        assert ("Bearer vvn_bad",) in judge.shown

    @pytest.mark.parametrize("key", [" ", "two words", "línea", "a\nb"])
    def test_what_is_no_key_is_not_sent(self, vaiven: Vaiven, key: str) -> None:
        outcome = vaiven("runs", "list", "--key", key)
        assert (outcome.code, "must be one word" in outcome.err) == (2, True)

    def test_a_file_that_cannot_be_read_is_named(self, vaiven: Vaiven, tmp_path: Path) -> None:
        outcome = vaiven("runs", "list", "--key-file", str(tmp_path / "none"))
        assert (outcome.code, "none cannot be read" in outcome.err) == (2, True)
        (tmp_path / "bytes").write_bytes(b"\xff")
        assert "it is no text" in " ".join(vaiven("runs", "list", "--key-file", str(tmp_path / "bytes")).err.split())
