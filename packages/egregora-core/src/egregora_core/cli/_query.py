"""`egregora query`: one statement that reads this database and nothing else."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Annotated

import typer

from egregora_core.cli._context import HERE, Exact, Json, WorkspaceDir, print_data, reading, tell_formulas
from egregora_core.cli._table import print_table
from egregora_core.errors import UsageError
from egregora_core.plain_text import plain_json

_BATCH = 1000


def query(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in DuckDB's SQL.")],
    workspace: WorkspaceDir = HERE,
    *,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    exact: Exact = False,
) -> None:
    """Run a read-only query over ir_messages, stage_*, documents and runs."""
    from egregora_core.storage import count_statements, reading_alone

    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms: choose one")
    body = statement.strip().rstrip(";")
    if not body:
        raise UsageError('say what to select, such as `egregora query "select count(*) from ir_messages"`')
    with reading(workspace) as (db, _), reading_alone(db):
        if count_statements(db, body) != 1:
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
            print_table(names, rows, empty="no rows", spare=None)


def _print_json(rows: Iterable[tuple[str]]) -> None:
    typer.echo("[")
    for number, (text,) in enumerate(rows):
        typer.echo(f"{',' if number else ' '} {plain_json(text)}")
    typer.echo("]")


def _print_csv(names: Sequence[str], rows: Iterator[Sequence[str | None]], *, exact: bool) -> None:
    from egregora_core.storage import harmless, is_formula

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
