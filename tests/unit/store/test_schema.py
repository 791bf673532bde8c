"""The migrations make exactly the tables that the code knows, and every table bears a tenant."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from service.store.connections import writing_engine
from service.store.schema import StoreTooNewError, migrate
from service.store.tables import metadata


def _is_ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("passages_fts"))


def test_migrations_equal_metadata(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "vaiven.db")
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": _is_ours,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            made = sa.inspect(connection)
            assert made.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            assert len(made.get_foreign_keys(table.name)) == len(table.foreign_key_constraints)
    engine.dispose()


def test_every_table_has_the_tenant_first_in_its_key() -> None:
    assert [t.name for t in metadata.sorted_tables if next(iter(t.primary_key)).name != "tenant"] == []


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "vaiven.db")
    for _ in range(2):
        with engine.begin() as connection:
            migrate(connection)
    engine.dispose()


def test_a_store_of_a_later_version_is_refused_with_advice(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "vaiven.db")
    with engine.begin() as connection:
        migrate(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreTooNewError, match="later version of vaiven"):
            migrate(connection)
    engine.dispose()
