"""A client of Hugging Face's hub: what a revision holds, and its files, resumed and checked.

Source: the hub's API as huggingface_hub 2.4 speaks it (`HfApi.model_info`, `list_repo_tree`, `file_download`).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol
from urllib.parse import quote, urljoin, urlsplit

import httpx

from service.backends.onnx.files import disk, need_room
from service.errors import (
    HubError,
    InvalidArgumentError,
    ModelFilesError,
    NotFoundError,
    PermissionDeniedError,
    Violation,
)

MAX_FILES: Final = 500
MAX_LISTING_BYTES: Final = 16 * 1024 * 1024
MAX_REDIRECTS: Final = 5
TRIES: Final = 3
"""How often a file is asked for that breaks off, each time from where it stopped."""

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_REVISION: Final = re.compile(r"[A-Za-z0-9][\w./-]{0,127}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_CHECKPOINT: Final = (".safetensors", ".json", ".model", ".jinja", ".txt")
"""What a checkpoint is made of; weights in pickles are never fetched, since reading one can run code."""


class Told(Protocol):
    """Is told how far the fetching is."""

    def stage(self, stage: str, total: int = 0, unit: str = "") -> None:
        """Begin a stage."""
        ...

    def done(self, done: int) -> None:
        """Say how much of it is done."""
        ...


@dataclass(frozen=True, slots=True)
class HubPlace:
    """A folder (empty: the root) of a repository at a revision."""

    repository: str
    revision: str
    folder: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file by its name below the folder; `digest` in hex is its SHA-256, or git's SHA-1 of a small one."""

    name: str
    path: str
    size_bytes: int
    digest: str
    is_sha256: bool


@dataclass(frozen=True, slots=True)
class HubListing:
    """What a commit holds in the folder."""

    commit: str
    files: tuple[HubFile, ...]

    @property
    def size_bytes(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size_bytes for file in self.files)

    def names(self) -> list[str]:
        """Return the files' names below the folder."""
        return [file.name for file in self.files]


class Hub:
    """One hub."""

    def __init__(self, url: str, *, token: str = "", timeout_s: float = 30.0) -> None:
        """Speak to the hub at `url`, which must send something within `timeout_s` seconds."""
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = httpx.Timeout(timeout_s)

    def check(self, place: HubPlace) -> None:
        """Check the form of what is asked for.

        Raises:
            InvalidArgumentError: It cannot be a place in a hub.
        """
        if not _REPOSITORY.fullmatch(place.repository):
            raise _wrong("hub.repository", "must be owner/name")
        if not _REVISION.fullmatch(place.revision) or ".." in place.revision:
            raise _wrong("hub.revision", "must be a commit, a branch or a tag")
        if place.folder and not _is_inside(place.folder):
            raise _wrong("hub.folder", "must be a folder of the repository, without ..")

    async def listing(self, place: HubPlace, *, checkpoint: bool) -> HubListing:
        """Return what the revision holds in the folder; of a checkpoint only what is needed to build from it.

        Raises:
            NotFoundError: There is no such repository, revision or folder, or nothing in it.
            PermissionDeniedError: The hub does not give it to this token.
            HubError: The hub does not answer as it should.
        """
        path = f"/api/models/{place.repository}/revision/{quote(place.revision, safe='')}?blobs=true"
        found = await self._json(path)
        commit = str(found.get("sha", ""))
        if not _COMMIT.fullmatch(commit) or (_COMMIT.fullmatch(place.revision) and commit != place.revision):
            raise HubError("The hub names another commit than was asked for.")
        prefix = f"{place.folder}/" if place.folder else ""
        files = []
        for one in _list(found, "siblings"):
            file = _file(one, prefix)
            if file is not None and (not checkpoint or _of_checkpoint(file)):
                files.append(file)
        if not files:
            raise NotFoundError("The hub has nothing in that folder of the repository at that revision.")
        if len(files) > MAX_FILES:
            raise ModelFilesError(f"The folder has more than {MAX_FILES} files: name the folder that holds one model.")
        return HubListing(commit, tuple(files))

    async def fetch(self, place: HubPlace, listing: HubListing, target: Path, told: Told) -> None:
        """Fetch the files into `target`; those that are there are taken over, begun ones gone on with.

        Raises:
            HubError: The hub does not answer as it should; what came is kept.
            ModelFilesError: A file is not what the hub says that it is; it was thrown away.
            DiskFullError: There is too little room.
        """
        await asyncio.to_thread(_make_ready, target, listing.size_bytes)
        told.stage("fetching", listing.size_bytes, "bytes")
        done = 0
        async with self._client() as client:
            for file in listing.files:
                url = f"{self._url}/{place.repository}/resolve/{listing.commit}/{quote(file.path)}"
                await _Download(client, url, self._headers(), file, target / file.name, told, done).run()
                done += file.size_bytes
                told.done(done)

    async def _json(self, path: str) -> Mapping[str, Any]:
        async with self._client() as client, opened(client, f"{self._url}{path}", self._headers()) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_LISTING_BYTES:
                    raise HubError("The hub's list of files is too long.")
        try:
            found = httpx.Response(200, content=bytes(body)).json()
        except ValueError as error:
            raise HubError("The hub's list of files is not JSON.") from error
        if not isinstance(found, dict):
            raise HubError("The hub's list of files is of an unknown form.")
        return found

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self._timeout, follow_redirects=False, trust_env=not _is_loopback(self._url))

    def _headers(self) -> dict[str, str]:
        # Ranges count bytes of what is sent, so that it must be sent as it is.
        headers = {"accept-encoding": "identity", "user-agent": "vaiven"}
        return {**headers, "authorization": f"Bearer {self._token}"} if self._token else headers


@asynccontextmanager
async def opened(client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
    """Open a URL and follow where it leads; the token is for the hub alone.

    Raises:
        NotFoundError: There is no such thing.
        PermissionDeniedError: The hub does not give it.
        HubError: It does not answer as it should.
    """
    home, at, sent = urlsplit(url), url, dict(headers)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            request = client.build_request("GET", at, headers=sent)
            response = await client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HubError(f"The hub cannot be reached ({type(error).__name__}).", retry_after_s=5.0) from error
        try:
            if not response.is_redirect:
                _judge(response)
                try:
                    yield response
                except httpx.HTTPError as error:
                    raise HubError(f"The hub broke off ({type(error).__name__}).", retry_after_s=5.0) from error
                return
            at = urljoin(at, response.headers.get("location", ""))
        finally:
            await response.aclose()
        to = urlsplit(at)
        if (to.scheme, to.netloc) != (home.scheme, home.netloc):
            if to.scheme != "https" and not (_is_loopback(url) and _is_loopback(at)):
                raise HubError("The hub leads to an address that is not https.")
            sent.pop("authorization", None)
    raise HubError("The hub leads from one address to the next.")


class _Download:
    """One file, from where it stopped the last time."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        headers: Mapping[str, str],
        file: HubFile,
        target: Path,
        told: Told,
        before: int,
    ) -> None:
        self._client = client
        self._url = url
        self._headers = dict(headers)
        self._file = file
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        self._told = told
        self._before = before

    async def run(self) -> None:
        if await asyncio.to_thread(self._is_there):
            return
        for left in reversed(range(TRIES)):
            try:
                await self._go_on()
                break
            except HubError:
                if not left:
                    raise
        if not await asyncio.to_thread(self._matches, self._part):
            self._part.unlink()
            raise ModelFilesError(
                f"{self._file.name} does not match the sum that the hub states; it was thrown away. Ask again."
            )
        with disk(self._target):
            self._part.rename(self._target)

    def _is_there(self) -> bool:
        with disk(self._target):
            self._target.parent.mkdir(parents=True, exist_ok=True)
            if self._target.is_file() and not self._matches(self._target):
                self._target.unlink()
            if self._part.is_file() and self._part.stat().st_size > self._file.size_bytes:
                self._part.unlink()
        return self._target.is_file()

    async def _go_on(self) -> None:
        have = self._part.stat().st_size if self._part.is_file() else 0
        if have == self._file.size_bytes and self._part.is_file():
            return
        headers = {**self._headers, "range": f"bytes={have}-"} if have else self._headers
        async with opened(self._client, self._url, headers) as response:
            whole = response.status_code != 206
            if not whole and not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
                raise HubError("The hub sends another part of the file than was asked for.")
            have = 0 if whole else have
            with disk(self._part), self._part.open("wb" if whole else "ab") as stream:
                async for chunk in response.aiter_bytes():
                    have += len(chunk)
                    if have > self._file.size_bytes:
                        raise ModelFilesError(f"{self._file.name} is longer than the hub says.")
                    await asyncio.to_thread(stream.write, chunk)
                    self._told.done(self._before + have)
        if have < self._file.size_bytes:
            raise HubError(f"{self._file.name} was cut short. Ask again to go on.", retry_after_s=1.0)

    def _matches(self, path: Path) -> bool:
        """Compare with the hub's sum.

        Source: git's object format: SHA-1 over `blob {length}`, a zero byte and the content.
        """
        size = path.stat().st_size
        if size != self._file.size_bytes:
            return False
        digest = (
            hashlib.sha256() if self._file.is_sha256 else hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
        )
        with path.open("rb") as stream:
            while chunk := stream.read(1024 * 1024):
                digest.update(chunk)
        return digest.hexdigest() == self._file.digest


def _make_ready(target: Path, size_bytes: int) -> None:
    """Make the place, and see whether what is still to come fits there."""
    with disk(target):
        target.mkdir(parents=True, exist_ok=True)
        there = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    need_room(target, max(0, size_bytes - there))


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 404:
        raise NotFoundError("The hub has no such repository or revision.")
    if status in (401, 403):
        raise PermissionDeniedError(
            "The hub does not give this: set models.hub_token, and accept the model's terms there."
        )
    if status == 416:
        raise HubError("The file at the hub is shorter than what was fetched before.")
    raise HubError(f"The hub answers with status {status}.", retry_after_s=10.0)


def _file(one: Mapping[str, Any], prefix: str) -> HubFile | None:
    path = one.get("rfilename") if isinstance(one, Mapping) else None
    if not isinstance(path, str) or not path.startswith(prefix):
        return None
    name = path.removeprefix(prefix)
    if not _is_inside(name):
        raise HubError("The hub names a file that leads out of its repository.")
    if any(part.startswith(".") for part in PurePosixPath(name).parts):
        return None
    lfs = one.get("lfs")
    digest = lfs.get("sha256") if isinstance(lfs, Mapping) else one.get("blobId")
    size = lfs.get("size") if isinstance(lfs, Mapping) else one.get("size")
    length = 64 if isinstance(lfs, Mapping) else 40
    if not isinstance(size, int) or size < 0 or not re.fullmatch(rf"[0-9a-f]{{{length}}}", str(digest)):
        raise HubError("The hub's list of files is of an unknown form.")
    return HubFile(name, path, size, str(digest), isinstance(lfs, Mapping))


def _of_checkpoint(file: HubFile) -> bool:
    return "/" not in file.name and file.name.endswith(_CHECKPOINT)


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
    )


def _list(found: Mapping[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    if not isinstance(value, list):
        raise HubError("The hub's list of files is of an unknown form.")
    return value


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _wrong(field: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} {why}.", violations=(Violation(field, why),))
