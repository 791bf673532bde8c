"""`vaiven knowledge`: the documents that answers rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.exits import FAILED, USAGE, CommandError
from service.cli.file_batches import send_files
from service.cli.lookup import full_document_name
from service.cli.names import short, whole
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import bytes_size, console, print_facts, print_json, print_table, printable, say, when
from service.cli.words import joined

if TYPE_CHECKING:
    from vaiven.v1.knowledge_service_pb2 import FileOutcome

group = new_group("Keep the documents that answers rest on.", example="vaiven knowledge add shop docs/*.md")

CollectionArgument = Annotated[str, typer.Argument(help="The collection's name.", metavar="COLLECTION")]

COLLECTION_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")


@command(group, "collections", example="vaiven knowledge collections")
def collections(caller: Caller, page: PageOptions) -> None:
    """List the collections."""
    from vaiven.v1.knowledge_service_pb2 import ListCollectionsRequest

    request = ListCollectionsRequest(page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.knowledge.ListCollections, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (short(c.name), str(c.document_count), when(c.create_time), printable(c.description))
        for c in answer.collections
    )
    print_table(("Collection", "Documents", "Made", "What it holds"), rows, empty="There are no collections.")
    return say_more(answer.next_page_token)


@command(group, "create", example='vaiven knowledge create shop --description "What customers ask"')
def create(
    caller: Caller,
    collection: CollectionArgument,
    description: Annotated[str, typer.Option(help="What it holds.")] = "",
) -> None:
    """Make an empty collection."""
    from vaiven.v1.knowledge_service_pb2 import CreateCollectionRequest

    if not COLLECTION_ID.fullmatch(short(collection)):
        hint = "It takes lower-case letters, digits and hyphens, a letter first, at most 63."
        raise CommandError(f"{collection!r} cannot be the name of a collection.", hint=hint, exit_code=USAGE)
    request = CreateCollectionRequest(
        request_id=new_request_id(), collection_id=short(collection), description=description
    )
    made = caller.call(caller.knowledge.CreateCollection, request).collection
    if caller.connection.json:
        return print_json(made)
    return say(f"{made.name} is there; add files with `vaiven knowledge add {short(made.name)} FILES`.", style="")


@command(group, "delete", example="vaiven knowledge delete shop")
def delete(caller: Caller, collection: CollectionArgument) -> None:
    """Delete a collection with its documents."""
    from vaiven.v1.knowledge_service_pb2 import DeleteCollectionRequest

    name = whole("collections", collection)
    request = DeleteCollectionRequest(name=name, request_id=new_request_id())
    answer = caller.call(caller.knowledge.DeleteCollection, request)
    print_json(answer) if caller.connection.json else say(f"{name} is deleted.", style="")


@command(group, "add", example="vaiven knowledge add shop docs/*.md terms.pdf")
def add(
    caller: Caller,
    collection: CollectionArgument,
    files: Annotated[list[Path], typer.Argument(help="Markdown, text, HTML and PDF files.", metavar="FILES")],
) -> None:
    """Read files into a collection.

    A file of a known name replaces that document.
    """
    from vaiven.v1.knowledge_service_pb2 import IngestDocumentsResponse

    outcomes = send_files(caller, whole("collections", collection), files)
    answer = IngestDocumentsResponse(outcomes=outcomes)
    print_json(answer) if caller.connection.json else _show_outcomes(answer.outcomes)
    if any(outcome.HasField("error") for outcome in answer.outcomes):
        raise typer.Exit(FAILED)


@command(group, "documents", example="vaiven knowledge documents shop")
def documents(caller: Caller, collection: CollectionArgument, page: PageOptions) -> None:
    """List a collection's documents."""
    from vaiven.v1.knowledge_service_pb2 import ListDocumentsRequest

    request = ListDocumentsRequest(
        parent=whole("collections", collection), page_size=page.limit, page_token=page.page_token
    )
    answer = caller.call(caller.knowledge.ListDocuments, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (
            "/".join(d.name.split("/")[1::2]),
            printable(d.file_name),
            printable(d.title),
            str(d.passage_count),
            bytes_size(d.size_bytes),
        )
        for d in answer.documents
    )
    print_table(("Document", "File", "Title", "Passages", "Size"), rows, empty="The collection has no documents.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven knowledge show shop/0192f6a1c3")
def show(
    caller: Caller,
    name: Annotated[
        str,
        typer.Argument(
            help="A collection, or a document by its id, its file or its title.", metavar="COLLECTION[/DOCUMENT]"
        ),
    ],
) -> None:
    """Show what is known of a collection or a document."""
    if "/" in name.removeprefix("collections/"):
        return _show_document(caller, full_document_name(caller, name))
    return _show_collection(caller, whole("collections", name))


@command(group, "remove", example="vaiven knowledge remove shop/returns.md")
def remove(
    caller: Caller,
    document: Annotated[
        str,
        typer.Argument(
            help="Its id or the beginning of it, its file's name, or its title.", metavar="COLLECTION/DOCUMENT"
        ),
    ],
) -> None:
    """Remove a document with its passages."""
    from vaiven.v1.knowledge_service_pb2 import DeleteDocumentRequest

    name = full_document_name(caller, document)
    request = DeleteDocumentRequest(name=name, request_id=new_request_id())
    answer = caller.call(caller.knowledge.DeleteDocument, request)
    print_json(answer) if caller.connection.json else say(f"{name} is removed.", style="")


@command(group, "search", example='vaiven knowledge search "return an order" --collection shop')
def search(
    caller: Caller,
    query: Annotated[list[str], typer.Argument(help="What to look for, in words.", metavar="TEXT")],
    collection: Annotated[
        list[str] | None, typer.Option(help="Search this collection only; may be repeated.", metavar="COLLECTION")
    ] = None,
    limit: Annotated[int, typer.Option(help="The most passages to show.", metavar="NUMBER", min=1)] = 5,
) -> None:
    """Find the passages that fit best, best first."""
    from rich.text import Text
    from vaiven.v1.knowledge_service_pb2 import SearchRequest

    request = SearchRequest(
        query=joined(query), collections=[whole("collections", name) for name in collection or ()], limit=limit
    )
    answer = caller.call(caller.knowledge.Search, request)
    if caller.connection.json:
        return print_json(answer)
    for number, hit in enumerate(answer.hits, 1):
        place = f"{hit.file_name} › {hit.location}" if hit.location else hit.file_name
        console().print(
            Text.assemble((f"{number}. ", "bold"), (printable(place), "cyan"), (f"  {hit.score:.2f}", "dim"))
        )
        console().print(Text(printable(hit.text)))
        console().print()
    if not answer.hits:
        say("Nothing fits.")
    return None


def _show_collection(caller: Caller, name: str) -> None:
    from vaiven.v1.knowledge_service_pb2 import GetCollectionRequest

    found = caller.call(caller.knowledge.GetCollection, GetCollectionRequest(name=name)).collection
    if caller.connection.json:
        return print_json(found)
    return print_facts(
        [
            ("Collection", found.name),
            ("Holds", printable(found.description)),
            ("Documents", str(found.document_count)),
            ("Made", when(found.create_time)),
        ]
    )


def _show_document(caller: Caller, name: str) -> None:
    from vaiven.v1.knowledge_service_pb2 import GetDocumentRequest

    found = caller.call(caller.knowledge.GetDocument, GetDocumentRequest(name=name)).document
    if caller.connection.json:
        return print_json(found)
    return print_facts(
        [
            ("Document", found.name),
            ("File", printable(found.file_name)),
            ("Title", printable(found.title)),
            ("Kind", found.media_type),
            ("Size", bytes_size(found.size_bytes)),
            ("Passages", str(found.passage_count)),
            ("Added", when(found.create_time)),
            ("SHA-256", found.sha256),
        ]
    )


def _passages(count: int) -> str:
    return "1 passage" if count == 1 else f"{count} passages"


def _show_outcomes(outcomes: Iterable[FileOutcome]) -> None:
    from rich.text import Text
    from vaiven.v1.knowledge_service_pb2 import FileOutcome

    states = {
        FileOutcome.STATE_INGESTED: ("added", "green"),
        FileOutcome.STATE_REPLACED: ("replaced", "green"),
        FileOutcome.STATE_UNCHANGED: ("unchanged", "dim"),
        FileOutcome.STATE_FAILED: ("not added", "red"),
    }
    rows = (
        (
            printable(outcome.file_name),
            Text(*states.get(outcome.state, ("", ""))),
            printable(outcome.error.message)
            if outcome.HasField("error")
            else _passages(outcome.document.passage_count),
        )
        for outcome in outcomes
    )
    print_table(("File", "Outcome", ""), rows, empty="")
