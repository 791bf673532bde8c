"""Registered plugins, as rows; every change counts up the tenant's revision."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from service.store.changes import touch
from service.store.registration_tables import plugin_registrations, plugin_revisions


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A row of `plugin_registrations`, field by field; `source` and `owners` are JSON."""

    tenant: str
    id: str
    description: str
    owners: str
    source: str
    fingerprint: str
    revision: int
    create_time: datetime
    update_time: datetime


def put_registration(connection: Connection, row: RegistrationRow) -> RegistrationRow:
    """Add the row, or put it in the place of the one of its id; return it with its new revision."""
    stamped = replace(row, revision=_next_revision(connection, row.tenant))
    values = asdict(stamped)
    replaced = connection.execute(update(plugin_registrations).where(*_is(row.tenant, row.id)).values(values))
    if replaced.rowcount == 0:
        connection.execute(insert(plugin_registrations), values)
    return stamped


def replace_registration(connection: Connection, row: RegistrationRow) -> RegistrationRow | None:
    """Put the row in the place of the one of its id and revision; None where that changed meanwhile, or is gone."""
    present = get_registration(connection, row.tenant, row.id)
    if present is None or present.revision != row.revision:
        return None
    return put_registration(connection, row)


def delete_registration(connection: Connection, tenant: str, plugin_id: str) -> bool:
    """Remove the row; return whether there was one."""
    if connection.execute(delete(plugin_registrations).where(*_is(tenant, plugin_id))).rowcount == 0:
        return False
    _next_revision(connection, tenant)
    return True


def get_registration(connection: Connection, tenant: str, plugin_id: str) -> RegistrationRow | None:
    """Return the row, or None where the tenant has none of that id."""
    query = select(plugin_registrations).where(*_is(tenant, plugin_id))
    row = connection.execute(query).mappings().first()
    return None if row is None else RegistrationRow(**row)


def count_registrations(connection: Connection, tenant: str) -> int:
    """Return how many plugins the tenant has registered."""
    query = select(func.count()).select_from(plugin_registrations).where(plugin_registrations.c.tenant == tenant)
    return connection.execute(query).scalar_one()


def current_revision(connection: Connection, tenant: str) -> int:
    """Return the tenant's revision; 0 where nothing was ever registered."""
    query = select(plugin_revisions.c.revision).where(plugin_revisions.c.tenant == tenant)
    return connection.execute(query).scalar_one_or_none() or 0


def changes_since(
    connection: Connection, tenant: str, revision: int
) -> tuple[int, frozenset[str], tuple[RegistrationRow, ...]]:
    """Return the tenant's revision, the ids that there are, and the rows that were written after `revision`."""
    here = plugin_registrations.c.tenant == tenant
    ids = frozenset(connection.execute(select(plugin_registrations.c.id).where(here)).scalars())
    changed = select(plugin_registrations).where(here, plugin_registrations.c.revision > revision)
    rows = tuple(RegistrationRow(**row) for row in connection.execute(changed).mappings())
    return current_revision(connection, tenant), ids, rows


def tenants_with_registrations(connection: Connection) -> set[str]:
    """Return which tenants have registered a plugin; only for the service itself, at its start."""
    return set(connection.execute(select(plugin_registrations.c.tenant).distinct()).scalars())


def topic_of(tenant: str) -> str:
    """Return the topic that each change of the tenant's registrations touches; see `service.store.changes`."""
    return f"registrations/{tenant}"


def _next_revision(connection: Connection, tenant: str) -> int:
    touch(connection, topic_of(tenant))
    number = current_revision(connection, tenant) + 1
    here = plugin_revisions.c.tenant == tenant
    if connection.execute(update(plugin_revisions).where(here).values(revision=number)).rowcount == 0:
        connection.execute(insert(plugin_revisions).values(tenant=tenant, revision=number))
    return number


def _is(tenant: str, plugin_id: str) -> tuple[ColumnElement[bool], ...]:
    return plugin_registrations.c.tenant == tenant, plugin_registrations.c.id == plugin_id
