"""Collections and documents: made, replaced, listed, deleted, and each tenant's its own."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from service.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, RequestIdReusedError
from service.knowledge.chunks import Chunk
from service.knowledge.full_text import SqliteFullText
from service.knowledge.library import Library
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.parser import Parser
from service.knowledge.parsing import ParsedDocument
from service.knowledge.records import IngestOutcome, IngestState, SourceFile
from service.store.store import Store

SHOP = "collections/shop"
Call = Callable[[str, str], Awaitable[object]]


async def put(library: Library, content: str, name: str = "a.md", tenant: str = "acme") -> IngestOutcome:
    (outcome,) = await library.ingest(tenant, SHOP, [SourceFile(name, "", content.encode())])
    return outcome


async def found(library: Library, query: str, tenant: str = "acme") -> list[str]:
    return [hit.text for hit in await library.search(tenant, query)]


async def counts(store: Store) -> tuple[int, ...]:
    tables = ("collections", "documents", "passages", "passages_fts")
    return await store.read(
        lambda c: tuple(c.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)
    )


async def test_a_collection_is_made_once(library: Library) -> None:
    made = await library.create_collection("acme", "shop", "What customers ask.")
    assert (made.name, made.description, made.document_count) == (SHOP, "What customers ask.", 0)
    assert await library.get_collection("acme", SHOP) == made
    with pytest.raises(AlreadyExistsError, match=r"collections/shop exists"):
        await library.create_collection("acme", "shop")


@pytest.mark.parametrize("collection_id", ["", "Shop", "1shop", "-", "a" * 64, "a/b", "shop\n", "é"])
async def test_a_collection_of_another_form_is_refused(library: Library, collection_id: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        await library.create_collection("acme", collection_id)
    assert raised.value.violations[0].subject == "collection_id"


async def test_a_long_description_is_refused(library: Library) -> None:
    with pytest.raises(InvalidArgumentError, match="1000"):
        await library.create_collection("acme", "shop", "x" * 1001)


@pytest.mark.parametrize("name", ["", "shop", "collections/", "collections/shop/documents/", "runs/shop"])
async def test_names_of_another_form_are_refused(library: Library, name: str) -> None:
    for call in (library.get_collection, library.get_document):
        with pytest.raises(InvalidArgumentError):
            await call("acme", name)


async def test_a_document_holds_what_was_sent(library: Library) -> None:
    await library.create_collection("acme", "shop")
    outcome = await put(library, "# Refunds\n\nFive days.\n")
    assert outcome.state is IngestState.INGESTED
    document = outcome.document
    assert document is not None
    assert document == await library.get_document("acme", document.name)
    assert (document.file_name, document.title, document.media_type, document.size_bytes, document.passage_count) == (
        "a.md",
        "Refunds",
        "text/markdown",
        22,
        1,
    )
    assert len(document.sha256) == 64
    assert (await library.get_collection("acme", SHOP)).document_count == 1
    (hit,) = await library.search("acme", "refunds")
    assert (hit.document, hit.passage, hit.file_name, hit.title, hit.location, hit.text) == (
        document.name,
        f"{document.sha256[:12]}-1",
        "a.md",
        "Refunds",
        "Refunds, line 3",
        "# Refunds\n\nFive days.",
    )
    assert 0 < hit.score <= 1


async def test_the_same_name_replaces_and_the_same_content_changes_nothing(library: Library, store: Store) -> None:
    await library.create_collection("acme", "shop")
    first = await put(library, "# Refunds\n\nFive days.\n\n# Warranty\n\nTwo years.")
    again = await put(library, "# Refunds\n\nFive days.\n\n# Warranty\n\nTwo years.")
    assert (again.state, again.document) == (IngestState.UNCHANGED, first.document)
    changed = await put(library, "# Refunds\n\nSeven days.")
    assert changed.state is IngestState.REPLACED
    assert first.document
    assert changed.document
    assert changed.document.name == first.document.name
    assert await found(library, "refunds") == ["# Refunds\n\nSeven days."]
    assert await found(library, "warranty") == []
    assert await counts(store) == (1, 1, 1, 1)


async def test_a_replacement_that_cannot_be_read_leaves_the_document(library: Library) -> None:
    await library.create_collection("acme", "shop")
    await put(library, "Refunds take five days.", "a.txt")
    assert (await put(library, "\x00\x01\x02\x03", "a.txt")).state is IngestState.FAILED
    assert await found(library, "refunds") == ["Refunds take five days."]


async def test_a_collection_that_is_deleted_while_a_file_is_read_stays_deleted(
    library: Library, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def parse(_parser: Parser, name: str, _media_type: str, content: bytes) -> ParsedDocument:
        await library.delete_collection("acme", SHOP)
        return ParsedDocument(name, [Chunk(1, (), content.decode())])

    monkeypatch.setattr(Parser, "parse", parse)
    await library.create_collection("acme", "shop")
    outcome = await put(library, "Text.")
    assert outcome.error
    assert outcome.error.reason == "COLLECTION_GONE"
    assert await counts(store) == (0, 0, 0, 0)


async def test_the_same_bytes_as_another_format_are_read_again(library: Library) -> None:
    await library.create_collection("acme", "shop")
    await library.ingest("acme", SHOP, [SourceFile("a", "text/plain", b"# Refunds")])
    (outcome,) = await library.ingest("acme", SHOP, [SourceFile("a", "text/markdown", b"# Refunds")])
    assert outcome.state is IngestState.REPLACED
    assert outcome.document
    assert outcome.document.title == "Refunds"


async def test_names_that_look_the_same_are_the_same(library: Library) -> None:
    await library.create_collection("acme", "shop")
    await put(library, "One.", "envi\u0301o.txt")
    assert (await put(library, "Two.", "env\u00edo.txt")).state is IngestState.REPLACED


async def test_deleting_leaves_nothing(library: Library, store: Store) -> None:
    await library.create_collection("acme", "shop")
    first = await put(library, "Refunds take five days.", "a.txt")
    await put(library, "Repairs take five days.", "b.txt")
    assert first.document
    await library.delete_document("acme", first.document.name)
    assert await found(library, "five days") == ["Repairs take five days."]
    gone: list[Call] = [library.get_document, library.delete_document]
    for call in gone:
        with pytest.raises(NotFoundError):
            await call("acme", first.document.name)
    await library.delete_collection("acme", SHOP)
    assert await counts(store) == (0, 0, 0, 0)
    gone = [library.get_collection, library.delete_collection, library.list_documents]
    for call in gone:
        with pytest.raises(NotFoundError):
            await call("acme", SHOP)
    with pytest.raises(NotFoundError):
        await put(library, "Late.")


async def test_a_file_too_large_is_refused_before_it_is_read(store: Store) -> None:
    library = Library(store, SqliteFullText(), replace(KnowledgeLimits(), max_file_bytes=10))
    await library.create_collection("acme", "shop")
    outcome = await put(library, "More than ten bytes.")
    assert outcome.error
    assert (outcome.error.reason, "'a.md'" in outcome.error.message) == ("DOCUMENT_TOO_LARGE", True)


async def test_tenants_see_nothing_of_each_other(library: Library) -> None:
    for tenant in ("acme", "globex"):
        await library.create_collection(tenant, "shop")
    theirs = (await put(library, "Refunds take five days.", tenant="acme")).document
    assert theirs
    ours = (await put(library, "Refunds take nine days.", tenant="globex")).document
    assert ours
    assert await found(library, "refunds", "globex") == ["Refunds take nine days."]
    assert [hit.text for hit in await library.search("globex", "refunds", [SHOP])] == ["Refunds take nine days."]
    assert (await library.list_documents("globex", SHOP)).items == (ours,)
    assert (await library.list_collections("initech")).items == ()
    calls: list[Call] = [library.get_document, library.delete_document]
    for call in calls:
        with pytest.raises(NotFoundError):
            await call("globex", theirs.name)
    with pytest.raises(NotFoundError):
        await library.search("initech", "refunds", [SHOP])
    await library.delete_collection("globex", SHOP)
    assert await found(library, "refunds", "acme") == ["Refunds take five days."]


async def test_another_tenants_documents_do_not_move_a_score(library: Library) -> None:
    for tenant in ("acme", "globex"):
        await library.create_collection(tenant, "shop")
    await put(library, "Refunds take five days.")
    before = await library.search("acme", "when do refunds arrive")
    for number in range(5):
        await put(library, f"Refunds arrive, refunds {number}.", f"{number}.txt", "globex")
    assert await library.search("acme", "when do refunds arrive") == before


async def test_search_is_bound_to_the_collections(library: Library) -> None:
    for collection in ("shop", "staff"):
        await library.create_collection("acme", collection)
    await put(library, "Refunds take five days.")
    await library.ingest("acme", "collections/staff", [SourceFile("a.md", "", b"Refunds need a signature.")])
    assert len(await library.search("acme", "refunds")) == 2
    assert len(await library.search("acme", "refunds", ["collections/staff", SHOP, SHOP])) == 2
    assert len(await library.search("acme", "refunds", limit=1)) == 1
    (hit,) = await library.search("acme", "refunds", ["collections/staff"])
    assert hit.text == "Refunds need a signature."


async def test_lists_come_in_pages(library: Library) -> None:
    for number in range(5):
        await library.create_collection("acme", f"c{number}")
    seen: list[str] = []
    token = ""
    for _ in range(3):
        page = await library.list_collections("acme", 2, token)
        seen += [one.name for one in page.items]
        token = page.next_page_token
    assert (seen, token) == ([f"collections/c{number}" for number in range(5)], "")
    files = [SourceFile(f"{number}.txt", "", b"Text.") for number in range(3)]
    await library.ingest("acme", "collections/c0", files)
    first = await library.list_documents("acme", "collections/c0", 2)
    rest = await library.list_documents("acme", "collections/c0", 2, first.next_page_token)
    assert [one.file_name for one in (*first.items, *rest.items)] == ["0.txt", "1.txt", "2.txt"]
    assert rest.next_page_token == ""
    with pytest.raises(InvalidArgumentError):
        await library.list_documents("acme", "collections/c1", 2, first.next_page_token)


async def test_a_repeated_request_is_done_once(library: Library) -> None:
    made = await library.create_collection("acme", "shop", "x", request_id="1")
    assert await library.create_collection("acme", "shop", "x", request_id="1") == made
    with pytest.raises(RequestIdReusedError):
        await library.create_collection("acme", "shop", "y", request_id="1")
    files = [SourceFile("a.md", "", b"Text."), SourceFile("b.pdf", "", b"no")]
    first = await library.ingest("acme", SHOP, files, request_id="2")
    assert tuple(await library.ingest("acme", SHOP, files, request_id="2")) == tuple(first)
    with pytest.raises(RequestIdReusedError):
        await library.ingest("acme", SHOP, files[:1], request_id="2")
    assert first[0].document
    for _ in range(2):
        await library.delete_document("acme", first[0].document.name, request_id="3")
    for _ in range(2):
        await library.delete_collection("acme", SHOP, request_id="4")
