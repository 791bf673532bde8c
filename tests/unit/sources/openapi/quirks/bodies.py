"""Bodies of requests and of answers, by their media type."""

from __future__ import annotations

from tests.unit.sources.openapi.quirks.shop import Document, Quirk, add, body, get, post, ref


def urlencoded_form(d: Document) -> None:
    fields = {"name": {"type": "string"}, "tags": {"type": "array"}, "deep": {"type": "object"}}
    encoding = {"deep": {"style": "deepObject", "explode": True}, "tags": {"explode": False}}
    post(d, {"type": "object", "properties": fields}, "application/x-www-form-urlencoded", encoding=encoding)


def multipart_with_an_optional_file(d: Document) -> None:
    fields = {"name": {"type": "string"}, "photo": {"type": "string", "format": "binary"}}
    post(d, {"type": "object", "properties": fields}, "multipart/form-data")


def multipart_file(d: Document) -> None:
    fields = {"photo": {"type": "string", "format": "binary"}}
    post(d, {"type": "object", "properties": fields, "required": ["photo"]}, "multipart/form-data")


def file_of_version_31(d: Document) -> None:
    fields = {"photo": {"type": "string", "contentMediaType": "image/png"}, "name": {"type": "string"}}
    post(
        d, {"type": "object", "properties": fields}, "multipart/form-data", encoding={"name": {"contentType": "text/*"}}
    )


def json_by_other_names(d: Document) -> None:
    post(d, ref("Order"), "application/vnd.shop.v1+json; charset=utf-8")
    get(d, responses={"200": {"content": {"application/hal+json": {"schema": {}}, "text/json": {"schema": {}}}}})


def any_media_type(d: Document) -> None:
    post(d, ref("Order"), "*/*")
    get(d, responses={"200": {"content": {"*/*": {"schema": ref("Order")}}}})


def several_media_types(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/xml": {}, "application/json": {"schema": {}}}}})


def text_body(d: Document) -> None:
    post(d, {"type": "string"}, "text/plain")


def xml_body(d: Document) -> None:
    post(d, ref("Order"), "application/xml")


def optional_binary_body(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}})


def binary_answer(d: Document) -> None:
    get(d, responses={"200": {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})


def body_of_a_get(d: Document) -> None:
    add(d, "/found", get={"requestBody": body({"type": "object"}), "responses": {}})


QUIRKS: tuple[Quirk, ...] = (
    Quirk("urlencoded_form", urlencoded_form),
    Quirk("multipart_with_an_optional_file", multipart_with_an_optional_file),
    Quirk("multipart_file", multipart_file, costs=1),
    Quirk("file_of_version_31", file_of_version_31),
    Quirk("json_by_other_names", json_by_other_names),
    Quirk("any_media_type", any_media_type),
    Quirk("several_media_types", several_media_types),
    Quirk("text_body", text_body),
    Quirk("xml_body", xml_body, costs=1),
    Quirk("optional_binary_body", optional_binary_body),
    Quirk("binary_answer", binary_answer),
    Quirk("body_of_a_get", body_of_a_get),
)
