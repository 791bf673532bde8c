"""Files on their way into a collection: read, gathered into calls, and told about one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from service.cli.caller import Caller
from service.cli.exits import USAGE, CommandError
from service.cli.run_options import new_request_id
from service.cli.screen import bytes_size

if TYPE_CHECKING:
    import grpc
    from vaiven.v1.knowledge_service_pb2 import DocumentFile, FileOutcome

INGEST_LIMIT_S: Final = 300.0
"""Reading documents takes longer than other calls."""

BATCH_BYTES: Final = 8 * 1024 * 1024
BATCH_FILES: Final = 64
"""How much is sent in one call; a file larger than this goes alone. The server's limit on a message is above it."""

NEVER_REFUSED_BYTES: Final = 4 * 1024 * 1024
"""gRPC's own limit on a message where none is set; a server's is hardly below it."""

_TOO_LARGE = "DOCUMENT_TOO_LARGE"
"""The reason of knowledge for a file over its bound: to the caller it is the same, whichever bound it was."""

_UNREADABLE = "FILE_UNREADABLE"
"""The reason of the command line alone: the service never saw the file."""


def send_files(caller: Caller, collection: str, files: Sequence[Path]) -> Iterator[FileOutcome]:
    """Read the files into the collection of that resource name and yield an outcome for each.

    One that cannot be read is told as a failure behind the others, which are sent.

    Raises:
        CommandError: Two files have one name.
        grpc.RpcError: A call failed.
    """
    _check_names(files)
    unreadable: list[FileOutcome] = []
    for batch in _batches(_readable(files, unreadable)):
        yield from _ingest(caller, collection, batch)
    yield from unreadable


def _readable(files: Iterable[Path], unreadable: list[FileOutcome]) -> Iterator[DocumentFile]:
    """Yield the files that can be read, and put what is said of the others into `unreadable`."""
    from vaiven.v1.knowledge_service_pb2 import DocumentFile, FileError, FileOutcome

    for path in files:
        try:
            yield DocumentFile(file_name=path.name, content=path.read_bytes())
        except OSError as error:
            hint = " Name its files, e.g. with a pattern: docs/*.md" if path.is_dir() else ""
            told = FileError(reason=_UNREADABLE, message=f"{path} cannot be read: {error.strerror}.{hint}")
            unreadable.append(FileOutcome(file_name=path.name, state=FileOutcome.STATE_FAILED, error=told))


def _ingest(caller: Caller, parent: str, files: Sequence[DocumentFile]) -> Iterator[FileOutcome]:
    """Yield an outcome for each file; what is too much for one message is sent in halves, or is a file's failure."""
    import grpc
    from vaiven.v1.knowledge_service_pb2 import FileError, FileOutcome, IngestDocumentsRequest

    request = IngestDocumentsRequest(request_id=new_request_id(), parent=parent, files=files)
    limit_s = caller.connection.timeout_s or INGEST_LIMIT_S
    try:
        yield from caller.call(caller.knowledge.IngestDocuments, request, limit_s=limit_s).outcomes
    except grpc.RpcError as error:
        if not _is_too_large(error, request.ByteSize()):
            raise
        if len(files) > 1:
            half = len(files) // 2
            yield from _ingest(caller, parent, files[:half])
            yield from _ingest(caller, parent, files[half:])
            return
        (file,) = files
        size = bytes_size(len(file.content))
        bound = "more than the service takes in one message (server.max_message_bytes)"
        told = FileError(reason=_TOO_LARGE, message=f"{file.file_name!r} has {size}, {bound}.")
        yield FileOutcome(file_name=file.file_name, state=FileOutcome.STATE_FAILED, error=told)


def _is_too_large(error: grpc.RpcError, size_bytes: int) -> bool:
    """Return whether gRPC refused the message: it has no reason for that, and none for too many calls at once."""
    from grpc import StatusCode

    from service.cli.failures import failure_of

    problem = failure_of(error, "").problem
    return (
        problem.code == StatusCode.RESOURCE_EXHAUSTED.name and not problem.reason and size_bytes > NEVER_REFUSED_BYTES
    )


def _batches(files: Iterable[DocumentFile]) -> Iterator[list[DocumentFile]]:
    batch: list[DocumentFile] = []
    size_bytes = 0
    for file in files:
        if batch and (size_bytes + len(file.content) > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(file)
        size_bytes += len(file.content)
    if batch:
        yield batch


def _check_names(files: Iterable[Path]) -> None:
    """Refuse two files of one name: in a collection the second would take the first one's place."""
    seen: dict[str, Path] = {}
    for path in files:
        first = seen.setdefault(path.name, path)
        if first != path:
            hint = "A document is named after its file: rename one, or add it to another collection."
            raise CommandError(f"{first} and {path} have the same name.", hint=hint, exit_code=USAGE)
