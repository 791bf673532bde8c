"""Secrets that registrations name: the operator has them, and says for whom and for which hosts each is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from plugins.sources.base import SourceError


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """One secret. `hosts`: names, addresses and domains (`*.shop.example`); `tenants` empty: all."""

    value: SecretStr | None
    file: Path | None
    hosts: tuple[str, ...]
    tenants: tuple[str, ...] = ()

    def is_for(self, tenant: str, hosts: Collection[str]) -> bool:
        """Return whether a registration of `tenant` may send the secret to all of `hosts`."""
        return (not self.tenants or tenant in self.tenants) and all(map(self._is_for_host, hosts))

    def _is_for_host(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        return any(name == entry or (entry.startswith("*.") and name.endswith(entry[1:])) for entry in self.hosts)


class SecretBook:
    """Gives secrets to the registrations for which they are."""

    def __init__(self, secrets: Mapping[str, HeldSecret]) -> None:
        """Keep them by their names, `secrets/{name}` without its first part."""
        self._secrets = dict(secrets)

    def reveal(self, reference: str, tenant: str, hosts: Collection[str], field: str) -> SecretStr:
        """Return the secret that `reference` (`secrets/{name}`) names; files are read each time, so that they may turn.

        Raises:
            SourceError: `SECRET_NOT_ALLOWED`: there is none of that name for this tenant and these hosts, which are
                not told apart; `SECRET_MISSING`: its file cannot be read.
        """
        held = self._secrets.get(reference.removeprefix("secrets/"))
        if held is None or not held.is_for(tenant, hosts):
            shown = ", ".join(sorted(hosts))[:200]
            raise SourceError("SECRET_NOT_ALLOWED", f"{reference} is no secret that may be sent to {shown}", field)
        if held.value is not None:
            return held.value
        try:
            return SecretStr(_text(held.file))
        except (OSError, UnicodeDecodeError):
            raise SourceError("SECRET_MISSING", f"{reference} cannot be read by the service", field) from None


def _text(file: Path | None) -> str:
    return "" if file is None else file.read_text(encoding="utf-8").rstrip("\r\n")
