"""API keys, the file that keeps them, and the ring that knows them."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from service.auth import key_ring
from service.auth.key_file import MAX_BYTES, KeyFileError, change_keys, read_keys
from service.auth.key_ring import KeyRing
from service.auth.keys import ID_CHARACTERS, SECRET_CHARACTERS, KeyRecord, new_key, split_key
from service.errors import CredentialsExpiredError, CredentialsInvalidError
from service.permissions import ALL_PERMISSIONS, Permission
from service.runs.spec import Principal

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USE = frozenset({Permission.USE})


def made(tenant: str = "shop", name: str = "orders", expire_time: datetime | None = None) -> tuple[str, KeyRecord]:
    return new_key(tenant, name, USE, NOW, expire_time)


def keep(path: Path, *records: KeyRecord) -> None:
    change_keys(path, lambda _: (records, None))


async def ring_of(path: Path, *records: KeyRecord) -> KeyRing:
    keep(path, *records)
    ring = KeyRing(path, wall_clock=NOW.timestamp)
    await ring.load()
    return ring


class TestKeys:
    def test_a_key_is_its_id_and_256_random_bits(self) -> None:
        key, record = made()
        parts = split_key(key)
        assert parts is not None
        assert (parts[0], len(parts[0]), len(parts[1])) == (record.id, ID_CHARACTERS, SECRET_CHARACTERS)
        assert 62**SECRET_CHARACTERS > 2**256

    def test_what_is_kept_does_not_hold_the_secret(self) -> None:
        key, record = made()
        assert key.rpartition("_")[2] not in record.model_dump_json()

    def test_no_two_are_alike(self) -> None:
        pairs = [made() for _ in range(50)]
        assert len({key for key, _ in pairs}) == len({record.salt for _, record in pairs}) == 50

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "vvn_",
            "vvn_abcdefghijkl",
            "vvn_abcdefghijkl_short",
            "xxx_abcdefghijkl_" + "a" * 43,
            "VVN_abcdefghijkl_" + "a" * 43,
            "vvn_abcdefghijkl_" + "a" * 44,
            "vvn_abcdefghijkl_" + "a" * 42 + "\n",
            "é" * 60,
        ],
    )
    def test_what_is_not_written_like_one(self, text: str) -> None:
        assert split_key(text) is None

    @pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", "a" * 64, "ä", "a\n"])
    def test_names_are_words(self, name: str) -> None:
        for tenant, called in ((name, "orders"), ("shop", name)):
            with pytest.raises(ValidationError):
                new_key(tenant, called, USE, NOW, None)

    def test_a_key_that_allows_nothing_is_none(self) -> None:
        with pytest.raises(ValidationError):
            new_key("shop", "orders", frozenset(), NOW, None)


class TestFile:
    def test_what_is_written_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "keys.json"
        records = (made()[1], new_key("bank", "all", ALL_PERMISSIONS, NOW, NOW + timedelta(days=1))[1])
        assert read_keys(path) == ()
        keep(path, *records)
        assert read_keys(path) == records

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
    def test_only_its_owner_reads_it_and_a_change_keeps_who_may(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        keep(path, made()[1])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o640)
        keep(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert sorted(file.name for file in tmp_path.iterdir()) == ["keys.json", "keys.json.lock"]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"\xff\xfe",
            b'{"version": 2, "keys": []}',
            b'{"version": 1, "keys": [{"id": "abcdefghijkl"}]}',
            b'{"version": 1, "keys": [], "more": 1}',
            b" " * (MAX_BYTES + 1),
        ],
        ids=["empty", "cut", "list", "no text", "later version", "cut record", "unknown", "large"],
    )
    def test_another_file_is_told_apart_and_not_written_over(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "keys.json"
        path.write_bytes(content)
        with pytest.raises(KeyFileError, match=str(path)):
            read_keys(path)
        with pytest.raises(KeyFileError):
            keep(path, made()[1])
        assert path.read_bytes() == content

    def test_what_is_wrong_is_told_without_what_is_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        record = json.loads(made()[1].model_dump_json()) | {"permissions": ["fly"]}
        path.write_text(json.dumps({"version": 1, "keys": [record]}))
        with pytest.raises(KeyFileError, match=r"at keys\.0\.permissions") as raised:
            read_keys(path)
        assert record["digest"] not in str(raised.value)

    def test_two_keys_of_one_id_are_refused(self, tmp_path: Path) -> None:
        _, record = made()
        keep(tmp_path / "keys.json", record, record)
        with pytest.raises(KeyFileError, match="two keys of one id"):
            read_keys(tmp_path / "keys.json")

    def test_a_directory_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(KeyFileError, match="cannot be read"):
            read_keys(tmp_path)

    def test_a_change_that_fails_changes_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        keep(path, made()[1])
        before = path.read_bytes()

        def fail(_: tuple[KeyRecord, ...]) -> tuple[tuple[KeyRecord, ...], None]:
            raise LookupError

        with pytest.raises(LookupError):
            change_keys(path, fail)
        assert path.read_bytes() == before

    def test_writers_at_once_lose_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"

        def add(number: int) -> None:
            change_keys(path, lambda keys: ((*keys, made(name=f"n{number}")[1]), None))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(24)))
        assert {key.name for key in read_keys(path)} == {f"n{number}" for number in range(24)}


class TestRing:
    async def test_a_key_is_its_tenant_s(self, tmp_path: Path) -> None:
        (key, record), (other, other_record) = made(), made("bank")
        ring = await ring_of(tmp_path / "keys.json", record, other_record)
        assert len(ring) == 2
        assert ring.principal(key) == Principal("shop", "key:orders", USE)
        assert ring.principal(other).tenant == "bank"

    async def test_unknown_revoked_and_wrong_are_one_answer(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        (key, record), (gone, gone_record) = made(), made(name="gone")
        ring = await ring_of(path, record, gone_record)
        ring.principal(gone)
        keep(path, record)
        assert await ring.look()
        said = set()
        for shown in (gone, made()[0], key[:-1] + ("a" if key[-1] != "a" else "b"), "vvn_x", ""):
            with pytest.raises(CredentialsInvalidError) as raised:
                ring.principal(shown)
            said.add((raised.value.message, raised.value.reason))
        assert len(said) == 1

    async def test_an_expired_key_says_so_only_to_who_has_it(self, tmp_path: Path) -> None:
        key, record = made(expire_time=NOW)
        later, later_record = made(name="later", expire_time=NOW + timedelta(seconds=1))
        ring = await ring_of(tmp_path / "keys.json", record, later_record)
        with pytest.raises(CredentialsExpiredError):
            ring.principal(key)
        with pytest.raises(CredentialsInvalidError):
            ring.principal(key[:-1] + ("a" if key[-1] != "a" else "b"))
        assert ring.principal(later).subject == "key:later"

    async def test_it_looks_only_when_the_file_changed(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        key, record = made()
        ring = await ring_of(path)
        assert not await ring.look()
        keep(path, record)
        assert await ring.look()
        assert not await ring.look()
        ring.principal(key)
        path.unlink()
        assert await ring.look()
        with pytest.raises(CredentialsInvalidError):
            ring.principal(key)

    async def test_a_broken_file_leaves_the_old_keys_and_is_told_once(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        key, record = made()
        ring = await ring_of(path, record)
        path.write_text("{")
        with capture_logs() as logs:
            assert [await ring.look(), await ring.look()] == [False, False]
        assert [(line["event"], line["log_level"]) for line in logs] == [("keys_not_reread", "error")]
        ring.principal(key)

    async def test_it_follows_the_file_until_it_is_stopped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(key_ring, "LOOK_S", 0.0)
        path = tmp_path / "keys.json"
        _, record = made()
        ring = await ring_of(path)
        following = asyncio.create_task(ring.follow())
        keep(path, record)
        while not len(ring):  # noqa: ASYNC110 - the ring tells nobody
            await asyncio.sleep(0)
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    async def test_a_file_that_may_not_be_read_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        keep(path)
        path.chmod(0)
        with pytest.raises(KeyFileError, match="cannot be read"):
            await KeyRing(path).load()
