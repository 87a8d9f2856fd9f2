"""One definition of a table: its DDL, its ibis form and the file on disk agree, or the difference is said."""

from pathlib import Path

import duckdb
import pytest
from egregora_core.errors import SchemaError
from egregora_core.messages import IR_MESSAGES
from egregora_core.messages._schema_text import _JSON_TYPES
from egregora_core.session import CORE_TABLES
from egregora_core.storage import Column, Database, TableSchema
from egregora_core.storage._schema import _DUCKDB_TYPES

OLD = TableSchema("elo_ratings", (Column("id", "!uuid", "Key."), Column("score", "!float64", "Score.")))
NEW = TableSchema(
    "elo_ratings", (*OLD.columns, Column("note", "string", "Note."), Column("seen_at", "timestamp('UTC', 6)", "When."))
)


@pytest.fixture
def db() -> Database:
    return Database(duckdb.connect(), Path("some.duckdb"))


def test_types_are_spelled_as_ibis_spells_them() -> None:
    """The DDL is printed without importing ibis, so its types are written twice: they must be the same."""
    import ibis
    from ibis.backends.sql.datatypes import DuckDBType

    for name, spelled in _DUCKDB_TYPES.items():
        both = f"NULL::{spelled} AS ours, NULL::{DuckDBType.to_string(ibis.dtype(name))} AS theirs"
        (_, ours, *_), (_, theirs, *_) = duckdb.execute(f"DESCRIBE SELECT {both}").fetchall()
        assert ours == theirs, name


@pytest.mark.parametrize("schema", CORE_TABLES, ids=lambda schema: schema.name)
def test_ddl_makes_the_table_that_ibis_describes(schema: TableSchema, db: Database) -> None:
    """Names, order, types and nullability of the table on disk are the schema's."""
    db.execute(schema.ddl())
    found = db.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [schema.name],
    )
    spelled = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    assert [(name, spelled.get(kind, kind), nullable) for name, kind, nullable in found] == [
        (column.name, column.duckdb_type, column.nullable) for column in schema.columns
    ]
    from ibis.backends.duckdb import Backend

    on_disk = Backend.from_connection(db.connection).table(schema.name).schema()
    assert dict(on_disk.items()) == dict(schema.ibis.items())


def test_every_type_has_a_form_in_json() -> None:
    """A column of any type that a schema may have can join IR v1, and nothing else has to be edited."""
    assert _JSON_TYPES.keys() == _DUCKDB_TYPES.keys()


def test_every_column_is_described() -> None:
    """The schema is also the documentation."""
    for schema in CORE_TABLES:
        assert all(column.description.endswith((".", "…")) for column in schema.columns), schema.name


def test_the_message_schema_is_also_an_ibis_schema() -> None:
    """Stage authors type against `IR_MESSAGE_SCHEMA`; it is the same definition."""
    from egregora_core import messages

    assert IR_MESSAGES.ibis == messages.IR_MESSAGE_SCHEMA
    with pytest.raises(AttributeError):
        _ = messages.NO_SUCH_NAME


def test_select_lists_columns_in_the_schemas_order() -> None:
    """Whatever order they were asked for in."""
    assert NEW.select(["note", "id"]) == "id, note"
    assert NEW.select() == "id, score, note, seen_at"


def test_ensure_adds_what_may_be_null(db: Database) -> None:
    """A table of an older version gets the new nullable columns and keeps its rows."""
    db.ensure(OLD)
    db.execute("INSERT INTO elo_ratings VALUES (uuid(), 1.5)")
    db.ensure(NEW)
    db.ensure(NEW)
    assert db.execute("SELECT score, note, seen_at FROM elo_ratings") == [(1.5, None, None)]


def test_ensure_refuses_any_other_difference_and_changes_nothing(db: Database) -> None:
    """All differences are named at once, with what to do; a column that could be added is not added either."""
    db.execute("CREATE TABLE elo_ratings (id VARCHAR NOT NULL, extra INTEGER)")
    with pytest.raises(SchemaError) as refused:
        db.ensure(NEW)
    text = str(refused.value)
    assert "column id is VARCHAR, expected UUID" in text
    assert "has an unknown column extra" in text
    assert "lacks column score, which must not be null" in text
    assert "egregora plugins drop elo_ratings" in text
    assert list(db.columns("elo_ratings")) == ["id", "extra"]


def test_ensure_refuses_a_column_that_lets_nulls_in(db: Database) -> None:
    """What the schema says is not null must be so on disk; derived tables carry no constraints and are exempt."""
    db.execute("CREATE TABLE elo_ratings (id UUID, score DOUBLE NOT NULL)")
    with pytest.raises(SchemaError, match="column id may be null"):
        db.ensure(OLD)
    db.execute("CREATE TABLE stage_ratings (id UUID, score DOUBLE)")
    db.ensure(OLD, "stage_ratings")


def test_a_table_of_that_name_elsewhere_is_another(db: Database) -> None:
    """Neither what is temporary nor what another schema holds is taken for the table, or keeps it from being made."""
    db.execute(
        "CREATE TEMP TABLE elo_ratings (extra INTEGER); CREATE SCHEMA other; CREATE TABLE other.elo_ratings (a INT)"
    )
    assert db.columns("elo_ratings") == {}
    db.execute("CREATE TABLE main.elo_ratings (id UUID NOT NULL, score DOUBLE NOT NULL)")
    db.ensure(OLD)
    assert db.columns("elo_ratings") == {"id": "UUID", "score": "DOUBLE"}


def test_a_derived_table_that_differs_may_be_dropped(db: Database) -> None:
    """The advice fits the table: a stage's output is made again."""
    db.execute("CREATE TABLE stage_short (id UUID)")
    with pytest.raises(SchemaError, match="drop it, it is derived"):
        db.ensure(OLD, "stage_short")
