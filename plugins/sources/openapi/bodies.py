"""Bodies of requests and answers: what the document says of them, and how a request's is written."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson

from plugins.sources.openapi.keywords import required_names
from plugins.sources.openapi.operation import Body, BodyForm, FieldEncoding
from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.styles import STYLES, as_text, escaped, in_query

_FORMS: Final[tuple[BodyForm, ...]] = ("json", "form", "multipart", "text")
"""What is taken of several, the best first."""
_JSON: Final = "application/json"
_BINARY_FORMATS: Final = frozenset({"binary", "base64"})


def form_of(media_type: str) -> BodyForm | None:
    """Return how a body of that type is written, or None if it is not."""
    if not (media_type.isascii() and media_type.isprintable()):
        return None
    kind = media_type.partition(";")[0].strip().lower()
    if kind in (_JSON, "text/json", "*/*", "application/*") or kind.endswith("+json"):
        return "json"
    if kind == "application/x-www-form-urlencoded":
        return "form"
    if kind == "multipart/form-data":
        return "multipart"
    return "text" if kind.startswith("text/") and not kind.endswith(("xml", "event-stream")) else None


def read_body(references: References, part: Any) -> tuple[Body, Any] | None:
    """Return a `requestBody` and its schema in the document, or None if there is none that is needed.

    Raises:
        UnusableError: it is needed and cannot be written, e.g. since it is a file.
    """
    if part is None:
        return None
    body = references.resolve(part)
    required = body.get("required") is True
    content = body.get("content")
    media = {k: v for k, v in content.items() if isinstance(v, dict)} if isinstance(content, dict) else {}
    if not media:
        return None
    ranked = sorted(media, key=lambda kind: (_rank(kind), kind.partition(";")[0].strip().lower() != _JSON))
    problem = ""
    for kind in ranked:
        form = form_of(kind)
        try:
            if form is None:
                raise UnusableError(f"takes only {', '.join(media)[:100]}")
            schema = media[kind].get("schema")
            if form in ("form", "multipart"):
                schema = _without_files(references, schema, media[kind].get("encoding"))
            elif form == "text":
                schema = schema if isinstance(schema, dict) and schema.get("type") == "string" else {"type": "string"}
            content_type = _JSON if "*" in kind else kind.strip()
            return Body(form, content_type, required, _encodings(media[kind].get("encoding"))), schema
        except UnusableError as error:
            problem = problem or str(error)
    if required:
        raise UnusableError(problem)
    return None


def read_answer(references: References, responses: Any) -> tuple[list[Any], str]:
    """Return the schemas of the answers that say that it went well, and what to accept."""
    entries = responses if isinstance(responses, dict) else {}
    successes = sorted(key for key in entries if key[:1] == "2" and len(key) == 3)
    good = successes or [key for key in entries if key == "default"]
    schemas: list[Any] = []
    accepted: list[str] = []
    for key in good:
        try:
            content = references.resolve(entries[key]).get("content")
        except UnusableError:
            continue
        for kind, media in content.items() if isinstance(content, dict) else ():
            form = form_of(kind)
            if form in ("json", "text") and isinstance(media, dict):
                schema = media.get("schema", {}) if form == "json" else {"type": "string"}
                if form == "json" or not schemas:
                    schemas.append(schema)
                if "*" not in kind:
                    accepted.append(kind.partition(";")[0].strip().lower())
    offered = [kind for kind in dict.fromkeys(accepted) if kind != _JSON][:8]
    return schemas, ", ".join([_JSON, *(f"{kind};q=0.9" for kind in offered), "*/*;q=0.1"])


def write_body(body: Body, value: Any) -> tuple[str, bytes]:
    """Return the content type and the bytes of a body."""
    if body.form == "json":
        return body.content_type, orjson.dumps(value)
    if body.form == "text":
        kind = body.content_type if "charset=" in body.content_type.lower() else f"{body.content_type}; charset=utf-8"
        return kind, as_text(value).encode()
    fields = value if isinstance(value, Mapping) else {}
    if body.form == "form":
        pieces = [piece for name, item in fields.items() for piece in _form_pieces(name, item, body.encoding.get(name))]
        return body.content_type, "&".join(pieces).encode()
    return _multipart(fields, body.encoding)


def _form_pieces(name: str, value: Any, encoding: FieldEncoding | None) -> list[str]:
    if encoding is not None and encoding.style is not None:
        return in_query(name, value, encoding.style, explode=encoding.explode, reserved=encoding.reserved)
    if isinstance(value, list) and not any(isinstance(item, Mapping | list) for item in value):
        return in_query(name, value)
    return [f"{escaped(name)}={escaped(as_text(value))}"]


def _multipart(fields: Mapping[str, Any], encoding: Mapping[str, FieldEncoding]) -> tuple[str, bytes]:
    boundary = f"vaiven-{secrets.token_hex(16)}"
    lines: list[bytes] = []
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            chosen = encoding[name].content_type if name in encoding else ""
            kind = chosen or (_JSON if isinstance(item, Mapping | list) else "text/plain; charset=utf-8")
            # Source: RFC 7578, section 4.2, and WHATWG's multipart/form-data encoding algorithm for the escapes.
            quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            lines += [
                f"--{boundary}".encode(),
                f'Content-Disposition: form-data; name="{quoted}"'.encode(),
                f"Content-Type: {kind}".encode(),
                b"",
                as_text(item).encode(),
            ]
    lines += [f"--{boundary}--".encode(), b""]
    return f"multipart/form-data; boundary={boundary}", b"\r\n".join(lines)


def _rank(kind: str) -> int:
    form = form_of(kind)
    return _FORMS.index(form) if form else len(_FORMS)


def _encodings(encodings: Any) -> dict[str, FieldEncoding]:
    found: dict[str, FieldEncoding] = {}
    for name, facts in encodings.items() if isinstance(encodings, dict) else ():
        if not isinstance(facts, dict):
            continue
        style = facts.get("style") if facts.get("style") in STYLES["query"] else None
        explode = facts.get("explode")
        content_type = facts.get("contentType")
        first = content_type.partition(",")[0].strip() if isinstance(content_type, str) else ""
        found[name] = FieldEncoding(
            style=style if style or not isinstance(explode, bool) else "form",
            explode=explode if isinstance(explode, bool) else style in (None, "form", "deepObject"),
            reserved=facts.get("allowReserved") is True,
            content_type=first if first.isascii() and first.isprintable() and "*" not in first else "",
        )
    return found


def _without_files(references: References, schema: Any, encodings: Any) -> Any:
    """Return the schema of a form without the fields that are files.

    Raises:
        UnusableError: a file is required, or there is nothing else.
    """
    if not isinstance(schema, dict):
        return {"type": "object"}
    whole = references.resolve(schema)
    parts = [whole, *(whole["allOf"] if isinstance(whole.get("allOf"), list) else ())]
    fields: dict[str, Any] = {}
    required: set[str] = set()
    for part in parts:
        facts = references.resolve(part)
        fields |= facts["properties"] if isinstance(facts.get("properties"), dict) else {}
        required.update(required_names(facts.get("required")))
    files = {name for name, part in fields.items() if _is_file(references, part, encodings, name)}
    if not files:
        return schema
    if files & required or files == fields.keys():
        raise UnusableError("uploads a file")
    kept = {name: part for name, part in fields.items() if name not in files}
    return {"type": "object", "properties": kept, "required": sorted(required)}


def _is_file(references: References, part: Any, encodings: Any, name: str) -> bool:
    try:
        facts = references.resolve(part)
        if facts.get("type") == "array" and isinstance(facts.get("items"), dict):
            facts = references.resolve(facts["items"])
    except UnusableError:
        return False
    if facts.get("format") in _BINARY_FORMATS or facts.get("type") == "file":
        return True
    named = encodings.get(name) if isinstance(encodings, dict) else None
    kind = facts.get("contentMediaType") or (named.get("contentType") if isinstance(named, dict) else None)
    return isinstance(kind, str) and not any(form_of(one) in ("json", "text") for one in kind.split(","))
