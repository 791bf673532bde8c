"""How a request gets to an upstream and its bytes come back; `http.py` does it with aiohttp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Exchange(Protocol):
    """One answer, as it comes."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; their names in any case."""
        ...

    def at_hand(self) -> bytes | None:
        """Return the bytes that have come, decompressed; none at the end; None: only `read` can tell, which waits.

        Raises:
            VaivenError: The connection failed.
        """
        ...

    async def read(self) -> bytes:
        """Wait for bytes and return those at hand, decompressed; none at the end.

        Raises:
            VaivenError: The connection failed.
        """
        ...

    async def aclose(self) -> None:
        """Keep the connection if the answer was read to its end; else close it, which tells the upstream to stop."""
        ...


class Connection(Protocol):
    """The way to one deployment."""

    async def send(self, body: bytes, *, streamed: bool) -> Exchange:
        """Send a request and return when the answer's headers have come; redirects are not followed.

        Raises:
            VaivenError: No connection could be made, or it failed.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Credentials(Protocol):
    """What a request shows to be let in."""

    async def headers(self) -> Mapping[str, str]:
        """Return the headers to send.

        Raises:
            VaivenError: There are no credentials to be had.
        """
        ...

    def forget(self) -> bool:
        """Take note that the upstream refused them; return whether the next ones may differ."""
        ...

    async def close(self) -> None:
        """Free what is held."""
        ...


class FixedHeaders:
    """Credentials that do not change, such as an API key; nothing shows them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Send `headers` with each request."""
        self._headers = dict(headers)

    async def headers(self) -> Mapping[str, str]:
        """Return the headers."""
        return self._headers

    def forget(self) -> bool:
        """Return False: they stay the same."""
        return False

    async def close(self) -> None:
        """Do nothing."""
