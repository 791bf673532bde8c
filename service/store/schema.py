"""Brings a store's schema to what this version of the code needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.errors import FailedPreconditionError


class StoreTooNewError(FailedPreconditionError):
    """The store was made by a later version than this one."""

    default_reason = "STORE_TOO_NEW"


def alembic_config() -> Config:
    """Return the configuration that finds the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    return config


def is_current(connection: Connection) -> bool:
    """Return whether the schema is what this version needs.

    Raises:
        StoreTooNewError: The store has a migration that this version does not know.
    """
    script = ScriptDirectory.from_config(alembic_config())
    heads = set(MigrationContext.configure(connection).get_current_heads())
    if heads - {revision.revision for revision in script.walk_revisions()}:
        raise StoreTooNewError(
            "The store was made by a later version of vaiven. Install that version, or set another store.path."
        )
    return heads == set(script.get_heads())


def migrate(connection: Connection) -> None:
    """Run the missing migrations, all in the connection's transaction.

    Raises:
        StoreTooNewError: The store has a migration that this version does not know.
    """
    if not is_current(connection):
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
