"""Adapters come and go while requests are worked on: one that is in use leaves when the last of these is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from service.backends.onnx.wire import Frame
from service.errors import NotFoundError

AdapterT_co = TypeVar("AdapterT_co", covariant=True)


class Rack(Protocol[AdapterT_co]):
    """The adapters that an engine has in memory."""

    @property
    def names(self) -> list[str]:
        """Return the names of those that are loaded."""
        ...

    def get(self, name: str) -> AdapterT_co | None:
        """Return a loaded adapter, None where it is not."""
        ...

    def load(self, name: str) -> None:
        """Load an adapter from beside the model; a no-op where it is loaded.

        Raises:
            NotFoundError: There is none of that name.
            FailedPreconditionError: The model takes no adapters.
            ModelFilesError: It is damaged, or of another model.
            ModelMemoryError: There is no room for it.
        """
        ...

    def unload(self, name: str) -> None:
        """Let go of an adapter that nothing uses any more; a no-op where it is not loaded."""
        ...


class AdapterDesk(Generic[AdapterT_co]):
    """Answers what the service asks about adapters; `leaving` are those that new requests do not find any more."""

    def __init__(self, rack: Rack[AdapterT_co], send: Callable[[Frame], None]) -> None:
        """Keep adapters in `rack`."""
        self._rack = rack
        self._send = send
        self.leaving: dict[str, list[int]] = {}
        """By name the numbers of those who asked and are told when it is gone."""

    def get(self, name: str) -> AdapterT_co | None:
        """Return the adapter for a new request, None for no name.

        Raises:
            NotFoundError: It is not loaded, or is being unloaded; the message lists those that are.
        """
        if not name:
            return None
        found = None if name in self.leaving else self._rack.get(name)
        if found is None:
            raise unknown_adapter(name, self._names())
        return found

    def load(self, frame: Frame) -> None:
        """Load what `frame` names, and say which are loaded then.

        Raises:
            VaivenError: See `Rack.load`.
        """
        self._rack.load(frame["name"])
        # Asked for again while it was on its way out: it stays, and who waits for its end is told so.
        for number in self.leaving.pop(frame["name"], []):
            self._tell(number)
        self._tell(frame["id"])

    def unload(self, frame: Frame) -> None:
        """Let no new request find what `frame` names; `settle` lets it go and says so."""
        self.leaving.setdefault(frame["name"], []).append(frame["id"])

    def settle(self, used: Iterable[str]) -> None:
        """Let those go that are not `used` any more."""
        kept = set(used)
        for name in [name for name in self.leaving if name not in kept]:
            self._rack.unload(name)
            for number in self.leaving.pop(name):
                self._tell(number)

    def _names(self) -> list[str]:
        return [name for name in self._rack.names if name not in self.leaving]

    def _tell(self, number: int) -> None:
        self._send({"op": "adapters", "id": number, "names": self._names()})


def unknown_adapter(name: str, loaded: Sequence[str]) -> NotFoundError:
    """Return the error that tells which adapters there are instead."""
    there = ", ".join(loaded) or "none"
    return NotFoundError(f"The adapter {name!r} is not loaded; loaded are: {there}. LoadAdapter loads one.")


def too_much(name: str, model: str, need: int, memory_bytes: int) -> str:
    """Return why an adapter has no room."""
    return (
        f"With the adapter {name} the adapters of {model} need {need:,} bytes, and onnx.adapter_memory_bytes is "
        f"{memory_bytes:,}. Unload another one, or raise it."
    )
