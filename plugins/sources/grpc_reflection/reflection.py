"""Asks a server for its descriptors, by gRPC's reflection protocol, v1 or v1alpha."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import grpc
from google.protobuf import message
from grpc_reflection.v1alpha import reflection_pb2

from plugins.sources.base import LeftOut, SourceError, SourceLimits
from plugins.sources.grpc_reflection.failures import read_failure
from plugins.sources.grpc_reflection.files import FileSet

_METHODS: Final = (
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
"""Newest first; the messages of both are the same on the wire."""
_GRPC_PACKAGE: Final = "grpc."
"""Services of gRPC itself: reflection, health, channelz, admin."""


class ReflectionReader:
    """Reads the files of services over one channel."""

    def __init__(self, channel: grpc.aio.Channel, headers: tuple[tuple[str, str], ...], limits: SourceLimits) -> None:
        self._channel = channel
        self._headers = headers
        self._limits = limits

    async def read(self, wanted: tuple[str, ...]) -> tuple[FileSet, list[str], list[LeftOut]]:
        """Return the files of the services `wanted` (full names; empty: all), those services, and what was left out.

        Raises:
            SourceError: the server cannot be reached, has no reflection, lies, or has too much.
        """
        try:
            for method in _METHODS:
                if await self._has(method, wanted):
                    return await self._read_by(method, wanted)
        except grpc.aio.AioRpcError as error:
            raise read_failure(error) from error
        raise SourceError(
            "REFLECTION_UNAVAILABLE", "the server has no reflection; register it with a descriptor set", "target"
        )

    async def _has(self, method: str, wanted: tuple[str, ...]) -> bool:
        """Return whether the server has that reflection.

        It is asked in one message: a stream that the server refuses while it is written to ends as INTERNAL in gRPC for
        Python, whatever the server said.
        """
        ask = reflection_pb2.ServerReflectionRequest
        question = ask(file_containing_symbol=wanted[0]) if wanted else ask(list_services="*")
        answer: Any = self._channel.unary_stream(method)(question.SerializeToString(), metadata=self._headers)
        try:
            await answer.read()
        except grpc.aio.AioRpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise
            return False
        finally:
            answer.cancel()
        return True

    async def _read_by(self, method: str, wanted: tuple[str, ...]) -> tuple[FileSet, list[str], list[LeftOut]]:
        stream: Any = self._channel.stream_stream(method)(metadata=self._headers)
        try:
            return await self._read(_Conversation(stream, self._limits), wanted)
        finally:
            stream.cancel()

    async def _read(self, server: _Conversation, wanted: tuple[str, ...]) -> tuple[FileSet, list[str], list[LeftOut]]:
        files, found, left_out = FileSet(self._limits), [], []
        for service in wanted or await server.services():
            if not wanted and service.startswith(_GRPC_PACKAGE):
                left_out.append(LeftOut(service, "it belongs to gRPC itself; name it to import it"))
                continue
            if service not in files.services:
                for data in await server.files(file_containing_symbol=service):
                    files.add(data)
            if service in files.services:
                found.append(service)
            elif wanted:
                raise SourceError("SERVICE_NOT_FOUND", f"the server does not describe {service}", "services")
            else:
                left_out.append(LeftOut(service, "the server lists it but does not describe it"))
        await self._add_imports(server, files)
        return files, found, left_out

    async def _add_imports(self, server: _Conversation, files: FileSet) -> None:
        asked: set[str] = set()
        while missing := [name for name in files.missing if name not in asked]:
            for name in missing:
                asked.add(name)
                if name not in files:
                    for data in await server.files(file_by_filename=name):
                        files.add(data)


class _Conversation:
    """One stream of reflection: a request, then its answer."""

    def __init__(self, stream: Any, limits: SourceLimits) -> None:
        self._stream = stream
        self._limits = limits

    async def services(self) -> list[str]:
        """Return the full names of all services, in order.

        Raises:
            SourceError: the answer is of another kind, or too large.
        """
        answer = await self._ask(reflection_pb2.ServerReflectionRequest(list_services="*"))
        if answer.WhichOneof("message_response") != "list_services_response":
            raise SourceError("REFLECTION_INVALID", "the server does not list its services")
        listed = answer.list_services_response.service
        if len(listed) > self._limits.max_functions:
            raise SourceError(
                "SOURCE_TOO_LARGE", f"the server has {len(listed)} services; name those to import", "services"
            )
        return sorted({str(service.name) for service in listed})

    async def files(
        self, *, file_containing_symbol: str | None = None, file_by_filename: str | None = None
    ) -> list[bytes]:
        """Return serialized files for one of the two; none if the server has none.

        Raises:
            SourceError: the answer is of another kind.
        """
        answer = await self._ask(
            reflection_pb2.ServerReflectionRequest(
                file_containing_symbol=file_containing_symbol, file_by_filename=file_by_filename
            )
        )
        kind = answer.WhichOneof("message_response")
        if kind == "error_response":
            return []
        if kind != "file_descriptor_response":
            raise SourceError("REFLECTION_INVALID", "the server answers another question than was asked")
        return list(answer.file_descriptor_response.file_descriptor_proto)

    async def _ask(self, request: Any) -> Any:
        # A stream that the server has ended cannot be written to; reading it says how it ended.
        with suppress(asyncio.InvalidStateError):
            await self._stream.write(request.SerializeToString())
        data = await self._stream.read()
        if data is grpc.aio.EOF:
            raise SourceError("REFLECTION_INVALID", "the server ended the stream instead of answering")
        try:
            return reflection_pb2.ServerReflectionResponse.FromString(data)
        except message.DecodeError:
            raise SourceError("REFLECTION_INVALID", "the server's answer does not parse") from None
