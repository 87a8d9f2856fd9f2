"""Values as SQL text, and tables as expressions, are what the engine and ibis take them for."""

from pathlib import Path

import pytest
from egregora_core.storage import Database, ibis_table, literal, open_file

_KINDS = (
    "BIGINT|INTEGER|VARCHAR|JSON|UUID|TIMESTAMPTZ|BOOLEAN|DOUBLE|VARCHAR[]|STRUCT(a INTEGER, b VARCHAR)|DECIMAL(9, 2)"
)


def prepare(db: Database) -> None:
    """Make nothing."""


@pytest.mark.parametrize("values", [[], ["a", "it's", 'odd "\\', "line\n", "nul\0", "\U0001f600", ""]])
def test_a_list_of_strings_is_a_list_of_the_same_strings(tmp_path: Path, values: list[str]) -> None:
    """Whatever is in them: unit keys are anybody's, and a statement holds them as text."""
    with open_file(tmp_path / "x.duckdb", prepare) as db:
        assert db.execute(f"SELECT {literal(values)}, typeof({literal(values)})") == [(values, "VARCHAR[]")]


def test_a_table_is_the_expression_that_ibis_makes_of_it(tmp_path: Path) -> None:
    """Name, types, and which columns hold no nulls; of a view as well."""
    with open_file(tmp_path / "x.duckdb", prepare) as db:
        columns = ", ".join(f'"c {place}" {kind}' for place, kind in enumerate(_KINDS.split("|")))
        db.execute(f'CREATE TABLE "a table" (id UUID NOT NULL, {columns})')
        db.execute('CREATE VIEW seen AS FROM "a table"')
        for name in ("a table", "seen"):
            ours, of_ibis = ibis_table(db, name), db.ibis().table(name)
            assert ours.schema() == of_ibis.schema()
            assert ours.get_name() == of_ibis.get_name()
            assert ours.op().namespace == of_ibis.op().namespace
