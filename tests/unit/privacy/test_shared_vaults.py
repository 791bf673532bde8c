"""The pseudonyms of one session where two processes are on one store: never two values with one pseudonym."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.errors import SessionBusyError
from service.privacy import seals
from service.privacy.kinds import Kind
from service.privacy.vaults import Vaults
from service.store import sessions
from service.store.sessions import SessionRow
from service.store.store import open_store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


async def test_what_another_process_added_is_known_and_never_overwritten(tmp_path: Path) -> None:
    path, key = tmp_path / "vaiven.db", seals.new_key()
    async with open_store(path, shared=True) as store, open_store(path, shared=True) as neighbour:
        await store.write(lambda c: sessions.insert_session(c, SessionRow("t", "s", "", NOW, NOW)))
        one, other = Vaults(store, key), Vaults(neighbour, key)
        mine = await one.open("t", "s")
        mine.of(Kind.PERSON, "Ana")
        await one.keep("t", "s", mine)

        known = await other.open("t", "s")
        ana, bo = known.of(Kind.PERSON, "Ana"), known.of(Kind.PERSON, "Bo")
        await other.keep("t", "s", known)
        assert ana == mine.of(Kind.PERSON, "Ana")

        assert mine.of(Kind.PERSON, "Cleo") == bo  # the first process does not know yet
        with pytest.raises(SessionBusyError):
            await one.keep("t", "s", mine)
        again = await one.open("t", "s")
        assert (again.value(ana), again.value(bo)) == ("Ana", "Bo")
        assert again.of(Kind.PERSON, "Cleo") not in (ana, bo)
        await one.keep("t", "s", again)
        assert await other.open("t", "s") is not known  # it was held, and is looked up again
