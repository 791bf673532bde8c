"""Each format gives its passages with their places."""

from service.knowledge.chunks import Chunk, ChunkLimits
from service.knowledge.formats import SourceFormat, detect
from service.knowledge.parsing import ParsedDocument, ParseJob, parse
from tests.unit.knowledge.pdf_file import pdf_file


def read(name: str, content: bytes | str, media_type: str = "", max_pages: int = 100) -> ParsedDocument:
    data = content.encode() if isinstance(content, str) else content
    job = ParseJob(
        name=name,
        media_type=media_type,
        format=detect(name, media_type),
        max_pages=max_pages,
        max_text_chars=100_000,
        max_passages=1_000,
        chunk=ChunkLimits(),
    )
    return parse(job, data)


def shown(chunks: object) -> list[tuple[str, str]]:
    assert isinstance(chunks, list)
    return [(one.location, one.body) for one in chunks if isinstance(one, Chunk)]


def test_markdown_keeps_headings_lists_tables_and_lines() -> None:
    document = read(
        "returns.md",
        """---
author: nobody
---
# Returns

You have *30 days*.

## Refunds
What you need:

- the **order** number
- the [label](https://returns.example/label)
  1. printed

| Item | Fee |
| --- | --- |
| Kettle | 5 euros |

```
code  stays
```
""",
    )
    assert document.title == "Returns"
    assert shown(document.chunks) == [
        ("Returns, line 6", "You have 30 days."),
        (
            "Returns > Refunds, lines 9-21",
            "What you need:\n- the order number\n- the label (https://returns.example/label)\n1. printed\n\n"
            "- Item: Kettle; Fee: 5 euros\n\ncode  stays",
        ),
    ]
    assert document.chunks[1].text.startswith("# Refunds\n\nWhat you need:")


def test_markdown_of_other_kinds_is_read() -> None:
    pieces = read(
        "a.md",
        "> A quote.\n\n<div>In &amp; out<!-- no --></div>\n\n<script>no()</script>\n\nMail <me@shop.example>, "
        "[us](mailto:us@shop.example)<br>![a kettle](k.png)  \nend\n\n3. three\n4. four\n\n| only | heads |\n|-|-|\n",
    )
    assert shown(pieces.chunks) == [
        (
            "lines 1-13",
            "A quote.\n\nIn & out\n\nMail me@shop.example, us (us@shop.example)\na kettle\nend\n\n"
            "3. three\n4. four\n\n- only; heads",
        )
    ]


def test_an_empty_list_item_does_not_mark_what_follows() -> None:
    assert shown(read("a.md", "-\n\nAfter.\n").chunks) == [("line 3", "After.")]


def test_text_keeps_lines_underlined_headings_and_items() -> None:
    document = read(
        "shops.txt",
        "Shops\n=====\n\nLisbon\n------\nOpen from 10\nto 19.\n\n"
        "* closed on\n  Sunday\n2) and on holidays\n\n****\nEnd.",
    )
    assert document.title == "Shops"
    assert shown(document.chunks) == [
        ("Shops > Lisbon, lines 6-14", "Open from 10 to 19.\n\n- closed on Sunday\n2) and on holidays\n\nEnd.")
    ]


def test_text_without_headings_is_placed_by_its_lines() -> None:
    assert shown(read("note.txt", "\r\n\r\nOne.\r\nTwo.\r\n").chunks) == [("lines 3-4", "One. Two.")]


def test_html_is_read_as_a_reader_sees_it() -> None:
    document = read(
        "page.html",
        """<?xml version="1.0"?><!doctype html><html><head><title>Warranty - Shop</title><style>p {}</style>
        <body><nav>Home Shop</nav><h2>Terms <em>and</em> years</h2>
        <p>Two <b>years</b>, see <a href="https://shop.example/w">here</a>.<br>Or call.
        <ul><li>kettles<li>lamps <p>and bulbs</p></ul>
        <table><tr><th>Item<th>Years</tr><tr><td>Kettle<td><p>2</p></tr></table>
        <table><tr><th>Fee:</th><td>none</td></tr></table>
        <dl><dt>Alone<dt>Frame<dd>5 years</dl>
        <pre>  a
  b</pre><p hidden>secret</p><script>bad()</script><!-- no --><img alt="a picture"> end &amp; fin""",
    )
    assert document.title == "Warranty - Shop"
    assert shown(document.chunks) == [
        (
            "Warranty - Shop > Terms and years",
            "Two years, see here (https://shop.example/w).\nOr call.\n\n- kettles\n- lamps\nand bulbs\n\n"
            "- Item: Kettle; Years: 2\n\n- Fee: none\n\n- Alone\n- Frame: 5 years\n\n  a\n  b\n\na picture end & fin",
        )
    ]


def test_html_without_headings_is_placed_by_its_order() -> None:
    assert shown(read("p.html", "<p>One.</p><p>Two.").chunks) == [("passage 1", "One.\n\nTwo.")]


def test_a_table_inside_a_cell_is_words_of_the_cell() -> None:
    page = "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table>d</td><td>e</td></tr></table>"
    assert shown(read("p.html", page).chunks) == [("passage 1", "- a b c d; e")]


def test_deeply_nested_html_is_read() -> None:
    assert shown(read("p.html", "<div>" * 5_000 + "deep").chunks) == [("passage 1", "deep")]


def test_html_in_its_declared_charset() -> None:
    page = '<meta charset="windows-1252"><p>Envío a España'.encode("cp1252")
    assert shown(read("p.html", page).chunks) == [("passage 1", "Envío a España")]


def test_pdf_keeps_pages_and_joins_lines() -> None:
    document = read(
        "guide.pdf",
        pdf_file(["Refunds take five working\ndays in our ware-\nhouse.", "Repairs:\n- a lamp\n- a kettle"]),
    )
    assert document.title == "guide.pdf"
    assert shown(document.chunks) == [
        ("page 1", "Refunds take five working days in our warehouse."),
        ("page 2", "Repairs:\n- a lamp\n- a kettle"),
    ]


def test_text_in_other_encodings() -> None:
    for content, media_type in (
        ("Envío".encode("utf-16"), ""),
        ("Envío".encode("utf-8-sig"), ""),
        ("Envío".encode("cp1252"), "text/plain; charset=windows-1252"),
        ("Envi\u0301o\u200b".encode(), "text/plain; charset=nonsense"),
    ):
        assert [one.body for one in read("a.txt", content, media_type).chunks] == ["Envío"]


def test_characters_that_show_nothing_do_not_come_back_as_entities() -> None:
    for name in ("a.md", "a.html"):
        assert [one.body for one in read(name, "re&shy;fund&#8203;").chunks] == ["refund"]


def test_the_format_is_told_by_media_type_then_name() -> None:
    for name, media_type, expected in (
        ("a.md", "", SourceFormat.MARKDOWN),
        ("a.MARKDOWN", "application/octet-stream", SourceFormat.MARKDOWN),
        ("a.md", "text/plain; charset=utf-8", SourceFormat.MARKDOWN),
        ("a.bin", "text/plain", SourceFormat.TEXT),
        ("a", "TEXT/HTML", SourceFormat.HTML),
        ("a.htm", "", SourceFormat.HTML),
        ("a.txt", "application/pdf", SourceFormat.PDF),
    ):
        assert detect(name, media_type) is expected
