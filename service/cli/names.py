"""Resource names: a person may type the short form, the service wants the whole."""

from __future__ import annotations


def whole(kind: str, name: str) -> str:
    """Return `runs/abc` for `abc` or `runs/abc`, where `kind` is `runs`."""
    return name if name.startswith(f"{kind}/") else f"{kind}/{name}"


def function_name(name: str) -> str:
    """Return `plugins/email/functions/draft` for `email.draft`, `email/draft` or the whole name."""
    if name.startswith("plugins/"):
        return name
    plugin, _, function = name.replace("/", ".", 1).partition(".")
    return f"plugins/{plugin}/functions/{function}"


def allowed_name(name: str) -> str:
    """Return the name of a plugin (`email`) or of a function (`email.draft`)."""
    if name.startswith("plugins/") or "." in name or "/" in name:
        return function_name(name)
    return whole("plugins", name)


def document_name(name: str) -> str:
    """Return `collections/c/documents/d` for `c/d` or the whole name."""
    if name.startswith("collections/"):
        return name
    collection, _, document = name.partition("/")
    return f"collections/{collection}/documents/{document}"


def short(name: str) -> str:
    """Return what a person reads: `email.draft` of a function's name, else the last part."""
    parts = name.split("/")
    if len(parts) == 4 and parts[0] == "plugins":
        return f"{parts[1]}.{parts[3]}"
    return parts[-1]
