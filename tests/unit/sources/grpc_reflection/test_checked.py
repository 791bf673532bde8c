"""Random damage to descriptors: whatever passes the check is safe to use, in this process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, json_format, message, message_factory
from google.protobuf.descriptor_pool import DescriptorPool

from plugins.sources.base import SourceError
from plugins.sources.grpc_reflection.checked import checked_copies
from tests.unit.sources.grpc_reflection.protos import EVERYTHING, LEGACY, compiled, files_of

SEEDS = range(60)
TEXTS = ["", "M", "key", "value", "a.b", "\0", ".all.v1.Part", ".old.v1.Legacy", ".all.v1.Color", "nan", "1e999", "\\x"]
NUMBERS = [-1, 0, 1, 2, 9, 10, 11, 14, 18, 99, 19_000, 2**29 - 1, 2**29, 2**31 - 1]


def descriptors(file: descriptor_pb2.FileDescriptorProto) -> Iterator[descriptor_pb2.DescriptorProto]:
    waiting = list(file.message_type)
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(found.nested_type)


def damage(file: descriptor_pb2.FileDescriptorProto, rng: random.Random) -> None:
    """Set one random part of one random thing to something that its type allows."""
    things: list[Any] = [file, *file.enum_type, *file.service]
    for found in descriptors(file):
        things += [found, found.options, *found.field, *found.oneof_decl, *found.enum_type]
        things += [one.options for one in found.field]
    thing = rng.choice(things)
    one = rng.choice([f for f in thing.DESCRIPTOR.fields if f.message_type is None])
    if rng.random() < 0.2:
        thing.ClearField(one.name)
        return
    texts = [
        "",
        "M",
        "key",
        "value",
        "a.b",
        "\0",
        ".all.v1.Part",
        ".old.v1.Legacy",
        ".all.v1.Color",
        "nan",
        "1e999",
        "\\x",
    ]
    numbers = [-1, 0, 1, 2, 9, 10, 11, 14, 18, 99, 19_000, 2**29 - 1, 2**29, 2**31 - 1]
    if one.enum_type is not None:
        value: Any = rng.choice(one.enum_type.values).number
    else:
        value = {str: rng.choice(texts), bool: rng.random() < 0.5, int: rng.choice(numbers)}.get(
            type(one.default_value)
        )
    if value is None:
        return
    if not one.is_repeated:
        setattr(thing, one.name, value)
    else:
        getattr(thing, one.name).append(value)


def use(pool: DescriptorPool, name: str, rng: random.Random) -> None:
    """Build each class of the file, read random bytes, and write and read JSON."""
    waiting = list(pool.FindFileByName(name).message_types_by_name.values())
    seen = set()
    while waiting:
        found = waiting.pop()
        if found.full_name in seen:
            continue
        seen.add(found.full_name)
        waiting.extend(f.message_type for f in found.fields if f.message_type is not None)
        one = message_factory.GetMessageClass(found)
        for _ in range(3):
            data = bytes(rng.choice([rng.randrange(256), rng.randrange(10)]) for _ in range(rng.randrange(12)))
            try:
                read = one.FromString(data)
                said = json_format.MessageToDict(read, always_print_fields_with_no_presence=True, descriptor_pool=pool)
                json_format.ParseDict(said, one(), descriptor_pool=pool)
                read.SerializeToString()
            except (message.Error, json_format.Error, TypeError, ValueError, RecursionError):
                continue


@pytest.mark.parametrize("text", [EVERYTHING, LEGACY], ids=["proto3", "proto2"])
def test_what_passes_the_check_is_safe_to_use(text: str) -> None:
    built = 0
    for seed in SEEDS:
        rng = random.Random(seed)
        files = files_of(compiled(text))
        for _ in range(rng.choice([1, 1, 2, 3])):
            damage(files[-1], rng)
        pool = DescriptorPool()
        try:
            for copy in checked_copies(files):
                pool.AddSerializedFile(copy.SerializeToString())
        except (SourceError, TypeError, ValueError):
            continue
        built += 1
        use(pool, copy.name, rng)
    assert built > len(SEEDS) // 4


def test_names_that_are_no_text_are_refused() -> None:
    (file,) = files_of(compiled('syntax = "proto3"; package p; message Unmistakable { string a = 1; }'))
    data = file.SerializeToString().replace(b"Unmistakable", b"Unmistak\xff\xfee\xfe")
    with pytest.raises(SourceError, match="no identifier"):
        checked_copies([descriptor_pb2.FileDescriptorProto.FromString(data)])
    data = file.SerializeToString().replace(b"0.proto", b"\xff.proto")
    with pytest.raises(SourceError, match="no UTF-8"):
        checked_copies([descriptor_pb2.FileDescriptorProto.FromString(data)])
