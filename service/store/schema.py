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


def migrate(connection: Connection) -> None:
    """Run the missing migrations, all in the connection's transaction.

    Raises:
        StoreTooNewError: The store has a migration that this version does not know.
    """
    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise StoreTooNewError(
            "The store was made by a later version of vaiven. Install that version, or set another store.path."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
