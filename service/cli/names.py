"""Resource names: a person may type the short form, the service wants the whole."""

from __future__ import annotations

import re
from typing import Final

from service.cli.exits import USAGE, CommandError

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_DOCUMENT: Final = re.compile(r"collections/[a-z][a-z0-9-]*/documents/[a-z0-9-]+")
_APPROVAL: Final = re.compile(r"runs/[a-z0-9-]+/approvals/[a-z0-9-]+")
_FUNCTION: Final = re.compile(r"plugins/[a-z][a-z0-9_-]*/functions/[a-z][a-z0-9_-]*")


def whole(kind: str, name: str) -> str:
    """Return `runs/abc` for `abc` or `runs/abc`, where `kind` is `runs`.

    Raises:
        CommandError: `name` cannot be a name.
    """
    last = name.removeprefix(f"{kind}/")
    if not _ID.fullmatch(last):
        raise CommandError(f"{name!r} is not the name of one of the {kind}.", exit_code=USAGE)
    return f"{kind}/{last}"


def function_name(name: str) -> str:
    """Return `plugins/email/functions/draft` for `email.draft`, `email/draft` or the whole name.

    Raises:
        CommandError: `name` cannot be the name of a function.
    """
    plugin, _, function = name.replace("/", ".", 1).partition(".")
    full = name if name.startswith("plugins/") else f"plugins/{plugin}/functions/{function}"
    if not _FUNCTION.fullmatch(full):
        hint = "Functions are named like email.draft; `vaiven plugins functions` lists them."
        raise CommandError(f"{name!r} is not the name of a function.", hint=hint, exit_code=USAGE)
    return full


def allowed_name(name: str) -> str:
    """Return the name of a plugin (`email`) or of a function (`email.draft`).

    Raises:
        CommandError: `name` cannot be the name of either.
    """
    if "." in name or "/" in name.removeprefix("plugins/"):
        return function_name(name)
    return whole("plugins", name)


def document_name(name: str) -> str:
    """Return `collections/c/documents/d` for `c/d` or the whole name.

    Raises:
        CommandError: `name` cannot be the name of a document.
    """
    collection, _, document = name.partition("/")
    full = name if name.startswith("collections/") else f"collections/{collection}/documents/{document}"
    if not _DOCUMENT.fullmatch(full):
        hint = "Documents are named like shop/0192f6a1c3; `vaiven knowledge documents COLLECTION` lists them."
        raise CommandError(f"{name!r} is not the name of a document.", hint=hint, exit_code=USAGE)
    return full


def approval_name(name: str) -> str:
    """Return `runs/r/approvals/a` for `r/a` or the whole name.

    Raises:
        CommandError: `name` cannot be the name of what a run asks.
    """
    run, _, approval = name.removeprefix("runs/").replace("/approvals/", "/").partition("/")
    full = f"runs/{run}/approvals/{approval}"
    if not _APPROVAL.fullmatch(full):
        hint = "It is named like 0192f6a1c3/5d3c8163; the run says it when it asks."
        raise CommandError(f"{name!r} is not the name of what a run asks.", hint=hint, exit_code=USAGE)
    return full


def short(name: str) -> str:
    """Return what a person reads: `email.draft` of a function's name, else the last part."""
    parts = name.split("/")
    if len(parts) == 4 and parts[0] == "plugins":
        return f"{parts[1]}.{parts[3]}"
    return parts[-1]
