"""Bodies as they go over the wire."""

from __future__ import annotations

import email.parser
import email.policy
from typing import Any

import pytest

from plugins.sources.openapi.bodies import form_of, read_answer, read_body, write_body
from plugins.sources.openapi.operation import Body, FieldEncoding
from plugins.sources.openapi.references import References, UnusableError

NONE = References({})
FILE = {"type": "string", "format": "binary"}
FORM = "multipart/form-data"


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/vnd.a+json", "json"),
        ("text/json", "json"),
        ("*/*", "json"),
        ("application/x-www-form-urlencoded", "form"),
        (FORM, "multipart"),
        ("text/plain", "text"),
        ("text/csv", "text"),
        ("text/xml", None),
        ("text/event-stream", None),
        ("application/xml", None),
        ("application/x-ndjson", None),
        ("image/png", None),
        ("a\r\nX: y+json", None),
        ("", None),
    ],
)
def test_how_a_media_type_is_written(media_type: str, form: str | None) -> None:
    assert form_of(media_type) == form


def chosen(content: dict[str, Any], **more: Any) -> str | None:
    found = read_body(NONE, {"required": True, "content": content, **more})
    return found[0].content_type if found else None


def test_the_best_of_several_media_types_is_taken() -> None:
    both: dict[str, Any] = {"application/xml": {}, FORM: {}, "application/merge-patch+json": {}, "application/json": {}}

    assert chosen(both) == "application/json"
    del both["application/json"]
    assert chosen(both) == "application/merge-patch+json"
    assert chosen({"application/xml": {}, FORM: {}}) == FORM
    assert chosen({"*/*": {}}) == "application/json"
    assert chosen({}) is None
    assert chosen({"application/xml": {}}, required=False) is None
    with pytest.raises(UnusableError, match="only application/xml"):
        chosen({"application/xml": {}})


def fields(schema: Any, **media: Any) -> list[str]:
    found = read_body(NONE, {"required": True, "content": {FORM: {"schema": schema, **media}}})
    assert found is not None
    return list(found[1].get("properties", {}))


def test_files_are_left_out_of_a_form() -> None:
    text = {"type": "string"}

    assert fields({"properties": {"a": text, "f": FILE}}) == ["a"]
    assert fields({"properties": {"a": text, "f": {"type": "array", "items": FILE}}}) == ["a"]
    assert fields({"properties": {"a": text, "f": {"contentMediaType": "image/png"}}}) == ["a"]
    assert fields({"properties": {"a": text, "f": {}}}, encoding={"f": {"contentType": "image/png, image/jpeg"}}) == [
        "a"
    ]
    assert fields({"properties": {"a": text, "f": {}}}, encoding={"f": {"contentType": "application/json"}}) == [
        "a",
        "f",
    ]
    assert fields({"allOf": [{"properties": {"a": text}}, {"properties": {"f": FILE}}]}) == ["a"]
    for required in ({"properties": {"a": text, "f": FILE}, "required": ["f"]}, {"properties": {"f": FILE}}):
        with pytest.raises(UnusableError, match="file"):
            fields(required)


def test_json_and_text() -> None:
    assert write_body(Body("json", "application/json", True), {"a": [1, "é"]}) == (
        "application/json",
        '{"a":[1,"é"]}'.encode(),
    )
    assert write_body(Body("json", "application/json", True), None)[1] == b"null"
    assert write_body(Body("text", "text/plain", True), "é") == ("text/plain; charset=utf-8", "é".encode())


def test_a_form() -> None:
    encoding = {"deep": FieldEncoding("deepObject"), "pipes": FieldEncoding("pipeDelimited", explode=False)}
    value = {"a": "x y&z", "list": [1, 2], "deep": {"k": "v"}, "pipes": ["a", "b"], "object": {"k": 1}, "on": True}

    assert write_body(Body("form", "application/x-www-form-urlencoded", True, encoding), value)[1].decode() == (
        "a=x%20y%26z&list=1&list=2&deep%5Bk%5D=v&pipes=a%7Cb&object=%7B%22k%22%3A1%7D&on=true"
    )


def test_a_multipart_form() -> None:
    value = {"a": "x\r\ny", "list": [1, 2], "object": {"k": 1}, 'odd"\r\nname': "v", "html": "<p>"}
    kind, raw = write_body(Body("multipart", FORM, True, {"html": FieldEncoding(content_type="text/html")}), value)

    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + raw
    )
    parts = [
        (part.get_param("name", header="content-disposition"), part.get_content_type(), part.get_payload(decode=True))
        for part in message.iter_parts()
    ]
    assert parts == [
        ("a", "text/plain", b"x\r\ny"),
        ("list", "text/plain", b"1"),
        ("list", "text/plain", b"2"),
        ("object", "application/json", b'{"k":1}'),
        ("odd%22%0D%0Aname", "text/plain", b"v"),
        ("html", "text/html", b"<p>"),
    ]


@pytest.mark.parametrize(
    ("responses", "schemas", "accept"),
    [
        (None, [], "application/json, */*;q=0.1"),
        ({"200": {"content": {"application/json": {"schema": {"a": 1}}}}, "default": {}}, [{"a": 1}], None),
        ({"default": {"content": {"application/json": {"schema": {"a": 1}}}}, "404": {}}, [{"a": 1}], None),
        (
            {"2XX": {"content": {"application/hal+json": {}}}},
            [{}],
            "application/json, application/hal+json;q=0.9, */*;q=0.1",
        ),
        ({"200": {"content": {"text/csv": {}}}}, [{"type": "string"}], "application/json, text/csv;q=0.9, */*;q=0.1"),
        ({"200": {"content": {"image/png": {}}}}, [], None),
        ({"200": {"$ref": "#/nowhere"}, "201": None, "x-a": 1}, [], None),
    ],
)
def test_what_an_answer_may_be(responses: Any, schemas: list[Any], accept: str | None) -> None:
    assert read_answer(NONE, responses) == (schemas, accept or "application/json, */*;q=0.1")
