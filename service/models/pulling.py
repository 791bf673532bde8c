"""Fetches a model into the catalogue: made ready beside it, checked, and given its name by one rename."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from service.backends.onnx import archives, files
from service.backends.onnx.facts import read_facts
from service.backends.onnx.hub import Hub, HubPlace
from service.backends.onnx.known import KnownModel, known_model, known_revision
from service.backends.onnx.options import Provider
from service.errors import InvalidArgumentError, ModelFilesError, VaivenError, Violation
from service.models.inventory import Inventory
from service.models.operations import Reporter
from service.models.requests import HubSource, KnownSource, PathSource, PullOrder
from service.models.staging import discard
from service.store.ids import new_id

T = TypeVar("T")


Trial = Callable[[Path, Provider], Awaitable[None]]
"""Loads a model once and raises a `VaivenError` for what keeps it from loading."""


class StoppedError(Exception):
    """The work in a thread was given up; never leaves this module."""


class Puller:
    """Fetches models; see `pull`."""

    def __init__(self, inventory: Inventory, hub: Hub, provider: Provider, trial: Trial) -> None:
        """Fetch into `inventory`; `provider` is what models run on here, and what is built for it is tried once."""
        self._inventory = inventory
        self._hub = hub
        self._provider: Provider = provider
        self._trial = trial

    def check(self, order: PullOrder) -> None:
        """Check what can be known before anything is fetched; blocking.

        Raises:
            AlreadyExistsError: Something has the name already.
            PermissionDeniedError: The path is not in an allowed directory.
            NotFoundError: There is no such path, or no such known model.
            InvalidArgumentError: The order contradicts itself.
        """
        self._inventory.must_be_new(order.model_id)
        match order.source:
            case PathSource(path, sha256):
                found = self._inventory.importable(path)
                if not found.is_dir() and not archives.is_archive(found):
                    raise _wrong("path", f"is neither a folder nor one of {', '.join(archives.SUFFIXES)}")
                if sha256 and found.is_dir():
                    raise _wrong("archive_sha256", "is for archives, and path is a folder")
            case KnownSource(name):
                known = known_model(name)
                known.place(order.provider or self._provider, checkpoint=order.checkpoint)
            case HubSource():
                self._hub.check(_place(order.source))

    async def pull(self, order: PullOrder, reporter: Reporter) -> Path:
        """Fetch, check and keep a model, and return where it is.

        Raises:
            ModelFilesError: Files are missing, damaged, or no model's; nothing was kept.
            DiskFullError: There is too little room; what was fetched from a hub is kept to go on from.
            HubError: The hub does not answer as it should; what was fetched is kept.
            NotFoundError: The hub has no such repository, revision or folder.
            AlreadyExistsError: Something has got the name meanwhile, or is about to.
        """
        with self._inventory.making(order.model_id):
            match order.source:
                case PathSource():
                    return await self._from_here(order, order.source, reporter)
                case HubSource():
                    return await self._from_hub(order, _place(order.source), None, reporter)
                case KnownSource(name):
                    known = known_model(name)
                    place = known.place(order.provider or self._provider, checkpoint=order.checkpoint)
                    return await self._from_hub(order, place, known, reporter)

    async def _from_here(self, order: PullOrder, source: PathSource, reporter: Reporter) -> Path:
        path = await asyncio.to_thread(self._inventory.importable, source.path)
        place = self._inventory.staging.place(f"copy-{new_id()}")
        staged = place / "files"

        def take(told: files.Told) -> None:
            size_bytes = files.size_of(path) if path.is_dir() else path.stat().st_size
            files.need_room(place, size_bytes)
            if path.is_dir():
                reporter.stage("copying", size_bytes, "bytes")
                files.copy_tree(path, staged, told)
                return
            if source.sha256:
                reporter.stage("checking the archive", size_bytes, "bytes")
                archives.check_archive_sum(path, source.sha256, told)
            reporter.stage("unpacking", 0, "bytes")
            archives.unpack(path, staged, told)

        try:
            await in_thread(take, reporter.done)
            return await self._keep(order, staged, {"source": path.name}, reporter)
        finally:
            await asyncio.to_thread(discard, place)

    async def _from_hub(self, order: PullOrder, place: HubPlace, known: KnownModel | None, reporter: Reporter) -> Path:
        reporter.stage("asking the hub")
        listing = await self._hub.listing(place, checkpoint=order.checkpoint)
        digest = hashlib.sha256(f"{place.repository}\n{listing.commit}\n{place.folder}".encode()).hexdigest()[:32]
        words: dict[str, object] = {
            "source": f"{place.repository}/{place.folder}".rstrip("/"),
            "revision": listing.commit,
            **({} if known is None else known.words()),
        }
        # Its name says what is in it, so that a later try goes on there; not one that runs at the same time.
        with self._inventory.staging.held(f"hub-{digest}") as staging:
            await self._hub.fetch(place, listing, staging / "parts", reporter)
            staged = staging / "files"
            try:
                await asyncio.to_thread(_gather, staging / "parts", staged, listing.names())
                kept = await self._keep(order, staged, words, reporter)
            except ModelFilesError:
                # What matches the hub's own sums and is no model will not become one: the next try begins afresh.
                await asyncio.to_thread(discard, staging)
                raise
            await asyncio.to_thread(discard, staging)
            return kept

    async def _keep(self, order: PullOrder, staged: Path, words: dict[str, object], reporter: Reporter) -> Path:
        reporter.stage("checking")
        if order.checkpoint:
            await asyncio.to_thread(files.check_checkpoint, staged)
        else:
            await asyncio.to_thread(files.check_model, staged)
            await asyncio.to_thread(files.write_words, staged, {"id": order.model_id, **words})
            if read_facts(staged).provider == self._provider:
                reporter.stage("loading it once")
                await self._try(staged)
        return await asyncio.to_thread(self._inventory.install, staged, order.model_id, checkpoint=order.checkpoint)

    async def _try(self, staged: Path) -> None:
        try:
            await self._trial(staged, self._provider)
        except VaivenError as error:
            said = error.message.replace(str(staged), "the model")
            raise ModelFilesError(f"The files are there and do not load: {said}") from error


async def in_thread(work: Callable[[files.Told], T], done: Callable[[int], None]) -> T:
    """Run blocking `work` in a thread, which is told to stop when this task is cancelled, and waited for."""
    stop = threading.Event()

    def told(count: int) -> None:
        if stop.is_set():
            raise StoppedError
        done(count)

    running = asyncio.ensure_future(asyncio.to_thread(work, told))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.gather(running, return_exceptions=True)
        raise


def _gather(parts: Path, staged: Path, names: list[str]) -> None:
    """Move what was fetched to the form that the model has on disk."""
    discard(staged)
    with files.disk(staged):
        staged.mkdir(parents=True)
        for name in names:
            place = staged / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (parts / name).rename(place)


def _place(source: HubSource) -> HubPlace:
    return HubPlace(source.repository, source.revision or known_revision(source.repository), source.folder.strip("/"))


def _wrong(field: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} {why}.", violations=(Violation(field, why),))
