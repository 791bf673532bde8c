"""How a document is written: encodings, ends of lines, and what only YAML has."""

from __future__ import annotations

import yaml

from tests.unit.sources.openapi.quirks.shop import Document, Quirk


def with_mark(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def utf_16(text: str) -> bytes:
    return text.encode("utf-16")


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def with_tabs(text: str) -> bytes:
    return (
        text.replace("paths:\n", "paths:\n\t\n\t# The paths\n") if "\npaths:" in text else text.replace("  ", "\t")
    ).encode()


def with_latin_1(text: str) -> bytes:
    return text.encode().replace(b"Orders and customers", b"Caf\xe9s")


def with_control_characters(text: str) -> bytes:
    return text.replace("Orders and customers", "Orders\x7f \x85" if text.startswith("{") else "Orders \x07").encode()


def numbers_as_keys(text: str) -> bytes:
    return text.replace("'200'", "200").replace("'204'", "204").replace("'201'", "201").encode()


def scalars_of_yaml_11(text: str) -> bytes:
    added = (
        "x-facts:\n  day: 2024-01-31\n  time: 12:30:15\n  no: NO\n  on: yes\n  old: 0777\n  big: 1_000\n  inf: .inf\n"
    )
    return (text + added).replace("version: 1.2.0", "version: 2024-01-31").encode()


def version_as_number(text: str) -> bytes:
    return text.replace("openapi: 3.0.3", "openapi: 3.0").replace("openapi: 3.1.0", "openapi: 3.1").encode()


def anchors_and_merges(text: str) -> bytes:
    added = (
        "x-common: &common\n  summary: Common\n  parameters: &some\n  - {name: q, in: query}\n"
        "x-more: &more\n  <<: *common\n  deprecated: true\n"
    )
    operation = "  /merged:\n    get:\n      <<: [*more, *common]\n      operationId: merged\n"
    return (added + text.replace("paths:\n", f"paths:\n{operation}", 1)).encode()


def flow_style(text: str) -> bytes:
    return yaml.safe_dump(yaml.safe_load(text), default_flow_style=True, allow_unicode=True).encode()


def nothing(_document: Document) -> None:
    """Leave the document as it is."""


QUIRKS: tuple[Quirk, ...] = (
    Quirk("plain", nothing),
    Quirk("byte_order_mark", nothing, write=with_mark),
    Quirk("utf_16", nothing, write=utf_16),
    Quirk("crlf", nothing, write=crlf),
    Quirk("tabs", nothing, write=with_tabs),
    Quirk("latin_1", nothing, write=with_latin_1),
    Quirk("control_characters", nothing, write=with_control_characters, only="yaml"),
    Quirk("numbers_as_keys", nothing, write=numbers_as_keys, only="yaml"),
    Quirk("scalars_of_yaml_11", nothing, write=scalars_of_yaml_11, only="yaml"),
    Quirk("version_as_number", nothing, write=version_as_number, only="yaml"),
    Quirk("anchors_and_merges", nothing, write=anchors_and_merges, only="yaml"),
    Quirk("flow_style", nothing, write=flow_style, only="yaml"),
)
