"""The .proto files of a service, as descriptors: collected within bounds, checked, and put in the order of imports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    message,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.grpc_reflection.checked import checked_copies, messages_of

_OUR_MODULES: Final = (
    any_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2,
)  # fmt: skip
_OURS: Final = {module.DESCRIPTOR.name: module.DESCRIPTOR for module in _OUR_MODULES}
"""Files with a JSON form of their own. The runtime knows them by name, so a service's own version is not used."""

WELL_KNOWN: Final = frozenset(
    f"google.protobuf.{name}" for file in _OURS.values() for name in file.message_types_by_name
)

_SET_FILE_TAG: Final = 0x0A
"""Tag of `FileDescriptorSet.file`: field 1, length-delimited."""


class FileSet:
    """Files by name; what does not fit in the limits, or contradicts what was added before, is refused."""

    def __init__(self, limits: SourceLimits) -> None:
        self._limits = limits
        self._files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        self._serialized: dict[str, bytes] = {}
        self._services: set[str] = set()
        self._missing: dict[str, None] = {}
        self._bytes_left = limits.max_document_bytes
        self._items_left = limits.max_descriptor_items

    def __iter__(self) -> Iterator[descriptor_pb2.FileDescriptorProto]:
        return iter(self._files.values())

    def __contains__(self, name: str) -> bool:
        return name in self._files or name in _OURS

    def add(self, data: bytes) -> str:
        """Add the serialized FileDescriptorProto `data` and return its name; one that is there already is not added.

        Raises:
            SourceError: `SOURCE_TOO_LARGE`, or `DESCRIPTOR_INVALID` if it does not parse or differs from one that was
                added under the same name.
        """
        self._bytes_left -= len(data)
        if len(data) > self._limits.max_descriptor_file_bytes or self._bytes_left < 0:
            raise _too_large("its descriptors")
        try:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
        except message.DecodeError:
            raise SourceError("DESCRIPTOR_INVALID", "a file descriptor does not parse") from None
        name = file.name
        if isinstance(name, bytes) or not name:
            raise SourceError("DESCRIPTOR_INVALID", "a file descriptor has no name")
        if name in _OURS:
            return name
        if name in self._files:
            if self._serialized[name] != data:
                raise SourceError("DESCRIPTOR_INVALID", f"{name[:200]} was sent twice, and not the same")
            return name
        self._items_left = _count(file, self._items_left)
        if self._items_left < 0 or len(self._files) >= self._limits.max_descriptor_files:
            raise _too_large("its descriptors")
        self._files[name] = file
        self._serialized[name] = data
        self._services.update(f"{file.package}.{s.name}" if file.package else s.name for s in file.service)
        self._missing.pop(name, None)
        self._missing.update(dict.fromkeys(wanted for wanted in file.dependency if wanted not in self))
        return name

    def add_set(self, data: bytes) -> None:
        """Add the files of a serialized FileDescriptorSet.

        Raises:
            SourceError: as `add`.
        """
        for file in _split_set(data):
            self.add(file)

    @property
    def services(self) -> Collection[str]:
        """Return the full names of the services that the files define."""
        return self._services

    @property
    def missing(self) -> Collection[str]:
        """Return the imports that are not there."""
        return self._missing

    def checked(self) -> list[descriptor_pb2.FileDescriptorProto]:
        """Return copies that the protobuf runtime can be trusted with, each after its imports.

        Imports that nobody has are left out: they often serve options only. A type that they lack is missed later.

        Raises:
            SourceError: `DESCRIPTOR_INVALID`.
        """
        copies = {copy.name: copy for copy in checked_copies(self)}
        for copy in copies.values():
            for path, _ in messages_of(copy):
                if path in WELL_KNOWN:
                    raise SourceError("DESCRIPTOR_INVALID", f"{copy.name[:200]} defines a {path} of its own")
            _drop_missing(copy, copies)
        ordered = []
        for file in _OURS.values():
            copied = descriptor_pb2.FileDescriptorProto()
            file.CopyToProto(copied)
            ordered.append(copied)
        return ordered + [copies[name] for name in _in_order(copies)]


def _too_large(what: str) -> SourceError:
    return SourceError("SOURCE_TOO_LARGE", f"{what} are larger than allowed; name the services to import", "services")


def _count(file: descriptor_pb2.FileDescriptorProto, left: int) -> int:
    """Return `left` less what the file declares, or a negative number as soon as it is known to be too much."""
    left -= 1 + len(file.message_type) + len(file.enum_type) + len(file.service) + len(file.dependency)
    if left < 0:
        return left
    left -= sum(len(service.method) for service in file.service) + sum(len(enum.value) for enum in file.enum_type)
    waiting = list(file.message_type)
    while waiting and left >= 0:
        found = waiting.pop()
        left -= len(found.field) + len(found.nested_type) + len(found.enum_type) + len(found.oneof_decl)
        if left >= 0:
            left -= sum(len(enum.value) for enum in found.enum_type)
            waiting.extend(found.nested_type)
    return left


def _split_set(data: bytes) -> Iterator[bytes]:
    """Yield the serialized files of a set; parsed as a whole, a hostile one could take all memory."""
    at = 0
    while at < len(data):
        if data[at] != _SET_FILE_TAG:
            raise SourceError("DESCRIPTOR_INVALID", "is no FileDescriptorSet", "descriptor_set")
        at, size, shift = at + 1, 0, 0
        while at < len(data) and shift < 32:
            byte = data[at]
            at, size, shift = at + 1, size | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                break
        if at + size > len(data):
            raise SourceError("DESCRIPTOR_INVALID", "the FileDescriptorSet is cut off", "descriptor_set")
        yield data[at : at + size]
        at += size


def _drop_missing(
    file: descriptor_pb2.FileDescriptorProto, present: dict[str, descriptor_pb2.FileDescriptorProto]
) -> None:
    old = list(file.dependency)
    kept = [name for name in dict.fromkeys(old) if name in present or name in _OURS]
    public = {old[i] for i in file.public_dependency if 0 <= i < len(old)}
    del file.dependency[:], file.public_dependency[:]
    file.dependency.extend(kept)
    file.public_dependency.extend(i for i, name in enumerate(kept) if name in public)


def _in_order(files: dict[str, descriptor_pb2.FileDescriptorProto]) -> Iterable[str]:
    """Return the names, each after its imports.

    Raises:
        SourceError: `DESCRIPTOR_INVALID` if imports are cyclic.
    """
    done: dict[str, None] = {}
    for start in files:
        path: dict[str, Iterator[str]] = {}
        name: str | None = start
        while name is not None:
            if name not in done and name not in path:
                path[name] = iter(d for d in files[name].dependency if d in files)
            elif name in path:
                raise SourceError("DESCRIPTOR_INVALID", f"imports are cyclic: {' > '.join([*path, name])[:500]}")
            name = None
            while path and name is None:
                last = next(reversed(path))
                name = next(path[last], None)
                if name is None:
                    del path[last]
                    done[last] = None
    return done
