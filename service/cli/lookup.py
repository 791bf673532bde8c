"""Names that a person only begins: whole again, where just one thing that is listed is called so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from service.cli.exits import USAGE, CommandError
from service.cli.names import document_name, whole

if TYPE_CHECKING:
    from service.cli.caller import Caller

_WHOLE: Final = re.compile(r"[0-9a-f]{32}")
_PAGE: Final = 1000
_MOST_PAGES: Final = 10
_SHOWN: Final = 4
"""How many of the names are told that all fit."""

_LISTS: Final = {
    "runs": ("vaiven.v1.agent_service_pb2", "agents", "ListRuns"),
    "sessions": ("vaiven.v1.session_service_pb2", "sessions", "ListSessions"),
    "plans": ("vaiven.v1.plan_service_pb2", "plans", "ListPlans"),
    "tickets": ("vaiven.v1.ticket_service_pb2", "tickets", "ListTickets"),
    "operations": ("google.longrunning.operations_proto_pb2", "operations", "ListOperations"),
}
"""What is listed newest first: where the request is, the caller's stub, and the method."""

_Page = tuple[Sequence[Any], str]


def full_name(caller: Caller, kind: str, name: str) -> str:
    """Return `runs/…` for the beginning of a run's id, where `kind` is `runs`; so for all that is listed newest first.

    Where nothing is called so the name is returned as it is: the service says that there is none.

    Raises:
        CommandError: Several are called so, or it cannot be a name.
    """
    full = whole(kind, name)
    if _WHOLE.fullmatch(full.partition("/")[2]):
        return full
    called = [one for one in _newest(caller, kind, full) if one.startswith(full)]
    return _only(called, full, name) or full


def full_document_name(caller: Caller, name: str) -> str:
    """Return the whole name of a document for `shop/` and the beginning of its id, its file's name or its title.

    Raises:
        CommandError: None or several are called so, or it cannot be a name.
    """
    from vaiven.v1.knowledge_service_pb2 import ListDocumentsRequest

    collection, _, last = name.removeprefix("collections/").partition("/")
    last = last.removeprefix("documents/")
    if not last or _WHOLE.fullmatch(last):
        return document_name(name)
    parent = whole("collections", collection)

    def page(token: str) -> _Page:
        request = ListDocumentsRequest(parent=parent, page_size=_PAGE, page_token=token)
        answer = caller.call(caller.knowledge.ListDocuments, request)
        return answer.documents, answer.next_page_token

    documents = list(_pages(page))
    named = [one.name for one in documents if last.casefold() in (one.file_name.casefold(), one.title.casefold())]
    begun = [one.name for one in documents if one.name.rpartition("/")[2].startswith(last)]
    whole_name = _only(named or begun, f"{parent}/documents/{last}", name)
    if whole_name is None:
        hint = f"`vaiven knowledge documents {collection}` lists them, with the names of their files."
        raise CommandError(f"{collection} has no document that is called {last!r}.", hint=hint)
    return whole_name


def _only(names: Iterable[str], exactly: str, said: str) -> str | None:
    fitting = sorted(set(names))
    if exactly in fitting:
        return exactly
    if len(fitting) > 1:
        some = ", ".join(one.rpartition("/")[2] for one in fitting[:_SHOWN])
        more = f" and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
        raise CommandError(f"{said!r} fits several: {some}{more}.", hint="Give more of the name.", exit_code=USAGE)
    return fitting[0] if fitting else None


def _newest(caller: Caller, kind: str, full: str) -> Iterator[str]:
    """Yield the names of what there is, the newest first, up to those that are older than what is looked for."""
    for one in _pages(_page_of(caller, kind)):
        if one.name < full:
            return
        yield one.name


def _pages(page: Callable[[str], _Page]) -> Iterator[Any]:
    token = ""
    for _ in range(_MOST_PAGES):
        items, token = page(token)
        yield from items
        if not token:
            return


def _page_of(caller: Caller, kind: str) -> Callable[[str], _Page]:
    """Return what asks for a page of that kind by its token."""
    module, service, method = _LISTS[kind]
    kind_of_request = getattr(import_module(module), f"{method}Request")
    rpc = getattr(getattr(caller, service), method)

    def page(token: str) -> _Page:
        answer = caller.call(rpc, kind_of_request(page_size=_PAGE, page_token=token))
        return getattr(answer, kind), answer.next_page_token

    return page
