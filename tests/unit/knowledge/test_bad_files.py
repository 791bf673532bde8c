"""A file that cannot be read says why, names itself, and harms nothing else."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import check_name, detect
from service.knowledge.library import Library
from service.knowledge.records import IngestState, SourceFile
from tests.unit.knowledge.pdf_file import pdf_file, pdf_of_streams
from tests.unit.knowledge.test_parsing import read


def encrypted(user_password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_file(["Refunds take five days."]))))
    writer.encrypt(user_password=user_password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


BOMB = pdf_of_streams([b" " * 80_000_000], compress=True)

BAD: list[tuple[str, bytes, str, DocumentReason]] = [
    ("unknown.exe", b"MZ", "", DocumentReason.FORMAT_UNKNOWN),
    ("picture.png", b"\x89PNG", "image/png", DocumentReason.FORMAT_UNKNOWN),
    ("no-extension", b"text", "", DocumentReason.FORMAT_UNKNOWN),
    ("known-by-name.md", b"text", "application/zip", DocumentReason.FORMAT_UNKNOWN),
    ("blank.txt", b" \n\t\n", "", DocumentReason.EMPTY),
    ("blank.md", b"---\ntitle: x\n---\n", "", DocumentReason.EMPTY),
    ("blank.html", b"<html><script>x</script></html>", "", DocumentReason.EMPTY),
    ("garbage.md", bytes(range(256)) * 20, "", DocumentReason.NOT_TEXT),
    ("controls.txt", b"\x01\x02\x03\x04\x05 words " * 9, "", DocumentReason.NOT_TEXT),
    ("nul.txt", b"be\x00fore", "", DocumentReason.NOT_TEXT),
    ("utf-16-without-mark.txt", "Envío".encode("utf-16-le"), "", DocumentReason.NOT_TEXT),
    ("latin.txt", "Envío".encode("latin-1"), "", DocumentReason.ENCODING),
    ("not-ascii.txt", "Envío".encode(), "text/plain; charset=ascii", DocumentReason.ENCODING),
    ("half-utf-16.txt", b"\xff\xfeA", "", DocumentReason.ENCODING),
    ("bytes-codec.txt", b"xx", "text/plain; charset=hex", DocumentReason.ENCODING),
    ("not.pdf", b"<html>no</html>", "", DocumentReason.BROKEN),
    ("cut.pdf", pdf_file(["Words."])[:150], "", DocumentReason.BROKEN),
    ("noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8, "", DocumentReason.BROKEN),
    ("scan.pdf", pdf_of_streams([b"0 0 10 10 re f"]), "", DocumentReason.NO_TEXT),
    ("long.pdf", pdf_file(["page"] * 101), "", DocumentReason.TOO_MANY_PAGES),
    ("locked.pdf", encrypted("secret"), "", DocumentReason.ENCRYPTED),
    ("bomb.pdf", BOMB, "", DocumentReason.TOO_COMPLEX),
    ("long.txt", b"word " * 30_000, "", DocumentReason.TOO_MUCH_TEXT),
    ("scattered.md", b"# a\n" * 2_000, "", DocumentReason.TOO_MUCH_TEXT),
]


@pytest.mark.parametrize(("name", "content", "media_type", "reason"), BAD, ids=[case[0] for case in BAD])
def test_bad_file(name: str, content: bytes, media_type: str, reason: DocumentReason) -> None:
    with pytest.raises(DocumentError) as raised:
        read(name, content, media_type)
    assert raised.value.reason == reason
    assert repr(name) in raised.value.message


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    assert read("open.pdf", encrypted("")).chunks[0].body == "Refunds take five days."


@pytest.mark.parametrize("name", ["", "  ", "a" * 256, "a\x00.md", "a\n.md", "\ud800.md"])
def test_bad_name(name: str) -> None:
    with pytest.raises(DocumentError) as raised:
        check_name(name)
    assert raised.value.reason == DocumentReason.NAME_INVALID
    assert raised.value.message.isprintable()


def test_a_media_type_of_any_shape_is_no_crash() -> None:
    for media_type in (";", "text/plain;;charset", "/", "text/plain; charset=" + "x" * 99):
        with suppress(DocumentError):
            detect("a.md", media_type)


async def test_the_other_files_are_ingested(library: Library) -> None:
    await library.create_collection("acme", "shop")
    outcomes = await library.ingest(
        "acme",
        "collections/shop",
        [
            SourceFile("first.md", "", b"# One\n\nFirst."),
            SourceFile("broken.pdf", "", b"%PDF-1.4 nothing"),
            SourceFile("", "", b"nameless"),
            SourceFile("empty.md", "", b""),
            SourceFile("loops.pdf", "", pdf_file(["x"]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")),
            SourceFile("last.txt", "", b"Last."),
        ],
    )
    assert [(one.name, one.state, one.error.reason if one.error else "") for one in outcomes] == [
        ("first.md", IngestState.INGESTED, ""),
        ("broken.pdf", IngestState.FAILED, "DOCUMENT_BROKEN"),
        ("", IngestState.FAILED, "DOCUMENT_NAME_INVALID"),
        ("empty.md", IngestState.FAILED, "DOCUMENT_EMPTY"),
        ("loops.pdf", IngestState.FAILED, "DOCUMENT_BROKEN"),
        ("last.txt", IngestState.INGESTED, ""),
    ]
    assert [one.passages for one in outcomes] == [1, 0, 0, 0, 0, 1]


def test_every_reason_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "knowledge.md").read_text()
    assert [reason for reason in DocumentReason if f"| `{reason}` |" not in page] == []
