"""A service as its descriptors describe it: a pool of types of its own, and the methods that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from plugins.sources.base import LeftOut, SourceError, SourceLimits
from plugins.sources.grpc_reflection.annotations import Annotations, annotations_of, one_line
from plugins.sources.grpc_reflection.files import FileSet

_MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Description:
    """What was read; `methods` are in the order of their full names."""

    pool: DescriptorPool
    methods: tuple[MethodDescriptor, ...]
    annotations: Annotations
    left_out: tuple[LeftOut, ...]


def service_of(name: str) -> str:
    """Return the service of `shop.v1.Orders` or `shop.v1.Orders/GetOrder`."""
    return name.partition("/")[0]


def path_of(method: MethodDescriptor) -> str:
    """Return `shop.v1.Orders/GetOrder`."""
    service, _, name = method.full_name.rpartition(".")
    return f"{service}/{name}"


def describe(
    files: FileSet, services: Iterable[str], wanted: Sequence[str], left_out: Iterable[LeftOut], limits: SourceLimits
) -> Description:
    """Build the types of `files` and find the methods of `services`, only those `wanted` if any are named.

    Raises:
        SourceError: `DESCRIPTOR_INVALID`, `SERVICE_NOT_FOUND`, or `SOURCE_TOO_LARGE` for too many methods.
    """
    pool = DescriptorPool()
    for file in files.checked():
        try:
            pool.AddSerializedFile(file.SerializeToString())
        except (TypeError, ValueError) as error:
            reason = one_line(str(error).rpartition("descriptor pool:")[2], _MAX_MESSAGE)
            raise SourceError("DESCRIPTOR_INVALID", f"{file.name[:200]}: {reason}") from None
    methods: list[MethodDescriptor] = []
    for name in sorted(set(services)):
        # The files that define them are in the pool, or they would not be here.
        methods.extend(_selected(pool.FindServiceByName(name).methods, wanted))
        if len(methods) > limits.max_functions:
            raise SourceError(
                "SOURCE_TOO_LARGE",
                f"the services have more than {limits.max_functions} methods; name those to import",
                "services",
            )
    unknown = {name for name in wanted if "/" in name} - {path_of(method) for method in methods}
    if unknown:
        raise SourceError("SERVICE_NOT_FOUND", f"there is no method {min(unknown)}", "services")
    annotations = annotations_of(files, limits.max_description_characters)
    return Description(pool, tuple(sorted(methods, key=path_of)), annotations, tuple(left_out))


def _selected(methods: Iterable[MethodDescriptor], wanted: Sequence[str]) -> list[MethodDescriptor]:
    return [m for m in methods if not wanted or path_of(m) in wanted or service_of(path_of(m)) in wanted]
