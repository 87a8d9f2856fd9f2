"""`egregora query`: one statement that reads this database and nothing else."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from egregora_core.cli.context import HERE, Exact, Json, WorkspaceDir, print_data, reading, tell_formulas
from egregora_core.cli.table import print_table
from egregora_core.errors import UsageError
from egregora_core.plain_text import plain_json
from egregora_core.storage.spreadsheet import harmless, is_formula

if TYPE_CHECKING:
    import duckdb

    from egregora_core.storage.database import Database

_BATCH = 1000
_NEAR = re.compile(r'^(?:Did you mean|Candidate bindings:).*?(".*")', re.MULTILINE)
_SHOWN = 3


def query(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in DuckDB's SQL.")],
    workspace: WorkspaceDir = HERE,
    *,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    exact: Exact = False,
) -> None:
    """Run a read-only query over ir_messages, stage_*, documents and runs."""
    import duckdb

    from egregora_core.storage.failures import explained

    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms: choose one")
    with reading(workspace) as (db, _):
        db.execute("SET enable_external_access = false")  # a query reads this database and nothing else
        body = statement.strip().rstrip(";")
        if not body:
            raise UsageError('say what to select, such as `egregora query "select count(*) from ir_messages"`')
        try:
            if _statements(db, body) != 1:
                raise UsageError("one statement at a time, please")
            wanted = "to_json(q)::VARCHAR AS json" if as_json else "COLUMNS(*)::VARCHAR"
            cursor = db.connection.execute(f"SELECT {wanted} FROM ({body}\n) AS q")
            names = [column[0] for column in cursor.description]
            rows = chain.from_iterable(iter(lambda: cursor.fetchmany(_BATCH), []))
            if as_json:
                _print_json(rows)
            elif as_csv:
                _print_csv(names, rows, exact=exact)
            else:
                print_table(names, rows, empty="no rows", upright=True)
        except duckdb.Error as error:
            if explained(error, db.path):
                raise  # it is no fault of the query
            raise UsageError(f"the query was refused: {_reason(db, error)}") from error


def _statements(db: "Database", body: str) -> int:
    """Count the statements that were written: for a PIVOT the engine adds some of its own, which have no text."""
    import duckdb

    found = db.connection.extract_statements(body)
    added = [each for each in found if each.type == duckdb.StatementType.CREATE and not each.query]
    return len(found) - len(added)


def _print_json(rows: Iterable[tuple[str]]) -> None:
    typer.echo("[")
    for number, (text,) in enumerate(rows):
        typer.echo(f"{',' if number else ' '} {plain_json(text)}")
    typer.echo("]")


def _print_csv(names: Sequence[str], rows: Iterator[Sequence[str | None]], *, exact: bool) -> None:
    formulas = 0
    table = chain([names], rows)
    while batch := list(islice(table, _BATCH)):
        if not exact:
            formulas += sum(cell is not None and is_formula(cell) for row in batch for cell in row)
            batch = [[cell if cell is None else harmless(cell) for cell in row] for row in batch]
        lines = io.StringIO()
        csv.writer(lines, lineterminator="\n").writerows(batch)
        print_data(lines.getvalue())
    tell_formulas(formulas)


def _reason(db: "Database", error: "duckdb.Error") -> str:
    """Return the engine's words where they are about the query; about values they may quote a message."""
    import duckdb

    only = "only a SELECT over this database works"
    if isinstance(error, duckdb.PermissionException):
        return "it wants something from outside, a file or an extension; only a SELECT over this database works"
    if not isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        return f"{type(error).__name__} (where it compares JSON, put parentheses around ->>); {only}"
    text = str(error)
    said = text.splitlines()[0].rstrip("!")
    near = [name for name in _names(text) if "." not in name]
    if near:
        return f"{said}; did you mean {' or '.join(map(repr, near[:_SHOWN]))}?"
    if said.startswith("Catalog Error: Table"):
        return f"{said}; there are {', '.join(db.tables())}"
    return f"{said}; {only}"


def _names(text: str) -> Iterator[str]:
    """Yield the names that the engine offers for one that it does not know."""
    for offered in _NEAR.findall(text):
        yield from re.findall(r'"([^"]+)"', offered)
