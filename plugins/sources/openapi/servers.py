"""Which server an operation is sent to: the most specific list's first usable one, or the registration's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from plugins.sources.base import SourceError
from plugins.sources.network import AddressGuard
from plugins.sources.openapi.paths import PathError, check_inside
from plugins.sources.openapi.references import UnusableError

_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go: `origin` is `https://host[:port]`, `path` the base of all paths, without a last slash."""

    origin: str
    path: str


@dataclass(frozen=True, slots=True)
class ServerChoice:
    """What decides on servers: the registration's own URL and variables, and where the document came from."""

    guard: AddressGuard
    document_url: str = ""
    server_url: str = ""
    variables: Mapping[str, str] | None = None

    def choose(self, *levels: Any) -> Server:
        """Return the server of the first of `levels` (operation, path, document) that names any.

        Of several servers the first that may be called is taken.

        Raises:
            UnusableError: none can be called; the reason is that of the first.
        """
        if self.server_url:
            return self._server(self.server_url)
        named = next((level for level in levels if isinstance(level, list) and level), [{"url": "/"}])
        problem = "its server is no object with a url"
        first = True
        for entry in named:
            try:
                return self._server(self._url(entry))
            except UnusableError as error:
                problem, first = (str(error), False) if first else (problem, False)
        raise UnusableError(problem)

    def _url(self, entry: Any) -> str:
        url = entry.get("url") if isinstance(entry, dict) else None
        if not isinstance(url, str):
            raise UnusableError("its server is no object with a url")
        declared = entry.get("variables")
        declared = declared if isinstance(declared, dict) else {}
        return _VARIABLE.sub(lambda found: self._variable(found.group(1), declared.get(found.group(1))), url.strip())

    def _variable(self, name: str, declared: Any) -> str:
        facts = declared if isinstance(declared, dict) else {}
        choices = [str(choice) for choice in facts["enum"]] if isinstance(facts.get("enum"), list) else []
        given = (self.variables or {}).get(name)
        if given is not None and choices and given not in choices:
            raise UnusableError(f"the server's variable {name[:50]} must be one of {', '.join(choices)[:200]}")
        value = given if given is not None else facts.get("default", choices[0] if choices else None)
        if value is None:
            raise UnusableError(f"the server's variable {name[:50]} has no default; give one")
        return str(value)

    def _server(self, url: str) -> Server:
        if not _SCHEME.match(url):
            if not self.document_url and not url.startswith("//"):
                raise UnusableError("its server is a path alone; give the server's URL")
            url = urljoin(self.document_url or "https:", url)
        try:
            parsed = self.guard.check_url(urlsplit(url)._replace(query="", fragment="").geturl())
            path = parsed.raw_path.rstrip("/")
            check_inside(path or "/", "/")
        except SourceError as error:
            raise UnusableError(f"its server is not called: {error.message}") from None
        except PathError as error:
            raise UnusableError(f"its server's path {error}") from None
        except ValueError:
            raise UnusableError("its server's URL cannot be read") from None
        return Server(f"{parsed.scheme}://{parsed.raw_authority}", path)
