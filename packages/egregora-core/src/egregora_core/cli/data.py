"""Commands about what a workspace holds: schema, query, export, forget."""

import csv
import enum
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egregora_core.cli.context import (
    HERE,
    Json,
    Tenant,
    WorkspaceDir,
    confirm,
    host,
    print_table,
    reading,
    settings_for,
)
from egregora_core.errors import UsageError

if TYPE_CHECKING:
    import duckdb

schema_app = typer.Typer(help="The message schema, IR v1.", no_args_is_help=True, rich_markup_mode=None)
_BATCH = 1000


class ExportFormat(enum.StrEnum):
    """File formats of `egregora export`."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"


def add_to(root: typer.Typer) -> None:
    """Hang these commands under the root."""
    root.add_typer(schema_app, name="schema")
    root.command()(query)
    root.command()(export)
    root.command()(forget)


@schema_app.command()
def show() -> None:
    """Print the columns of a message, their types and what they mean."""
    from egregora_core.ir import IR_MESSAGES

    print_table(
        ("column", "type", "meaning"),
        [(column.name, column.type, column.description) for column in IR_MESSAGES.columns],
    )


@schema_app.command()
def sql() -> None:
    """Print the table's DDL."""
    from egregora_core.schema_text import ir_sql

    typer.echo(ir_sql(), nl=False)


@schema_app.command("json")
def as_json_schema() -> None:
    """Print a JSON Schema for one row."""
    from egregora_core.schema_text import ir_json

    typer.echo(ir_json(), nl=False)


def query(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in DuckDB's SQL.")],
    workspace: WorkspaceDir = HERE,
    *,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Run a read-only query over ir_messages, stage_*, documents and runs."""
    import duckdb

    from egregora_core.storage_errors import explained

    with reading(workspace) as (db, _):
        db.execute("SET enable_external_access = false")  # a query reads this database and nothing else
        body = statement.strip().rstrip(";")
        try:
            if len(db.connection.extract_statements(body)) != 1:
                raise UsageError("one statement at a time, please")
            wanted = "to_json(q)::VARCHAR AS json" if as_json else "COLUMNS(*)::VARCHAR"
            cursor = db.connection.execute(f"SELECT {wanted} FROM ({body}\n) AS q")
            names = [column[0] for column in cursor.description]
            rows = chain.from_iterable(iter(lambda: cursor.fetchmany(_BATCH), []))
            if as_json:
                typer.echo("[")
                for number, (text,) in enumerate(rows):
                    typer.echo(f"{',' if number else ' '} {text}")
                typer.echo("]")
            elif as_csv:
                writer = csv.writer(sys.stdout)
                writer.writerow(names)
                writer.writerows(rows)
            else:
                print_table(names, rows, empty="no rows")
        except duckdb.Error as error:
            if explained(error, db.path):
                raise  # it is no fault of the query
            raise UsageError(
                f"the query was refused: {_reason(error)}; only a SELECT over this database works"
            ) from error


def _reason(error: "duckdb.Error") -> str:
    """Return the engine's words where they are about the query; about values they may quote a message."""
    import duckdb

    if isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        return str(error).splitlines()[0]
    return f"{type(error).__name__} (where it compares JSON, put parentheses around ->>)"


def export(
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    format_: Annotated[ExportFormat, typer.Option("--format", help="File format.")] = ExportFormat.parquet,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write.", show_default="messages.<format> in the workspace"
        ),
    ] = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="With names and everything else, as ingested.")] = False,
) -> None:
    """Write all messages to a file: pseudonymised, or --raw."""
    from egregora_core.export import export_messages, is_behind

    if output is not None and not output.parent.is_dir():
        raise UsageError(f"{output.parent}: there is no such directory; make it first, or name another with --output")
    path = output or workspace / f"messages{'-raw' if raw else ''}.{format_.value}"
    with reading(workspace, tenant) as (db, whose):
        count = export_messages(db, whose, format_.value, path, raw=raw)
        if not raw and is_behind(db, whose):
            typer.echo(
                "note: messages were ingested or forgotten since; `egregora run` brings this up to date", err=True
            )
    typer.echo(f"{count:,} messages written to {path}")


def forget(  # noqa: PLR0913 - each is an option
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    thread: Annotated[str | None, typer.Option(metavar="TITLE", help="A chat: its title, id or pseudonym.")] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="A person: name, id or pseudonym.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Everything from one platform.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove messages and everything derived from them, for good."""
    from egregora_core.cli.writing import writing
    from egregora_core.forget import Forgotten
    from egregora_core.forget import forget as forget_messages
    from egregora_core.pipeline import republish

    confirm("Remove these messages and everything derived from them?", yes=yes)
    settings = settings_for(workspace, {"workspace.tenant": tenant})
    with writing(workspace, tenant, compact=True) as session:
        unfinished = session.workspace.owes_compaction.exists()
        try:
            gone = forget_messages(session, thread=thread, author=author, source=source)
        except UsageError:
            if not unfinished:
                raise
            typer.echo("note: nothing more fits; an earlier `forget` was interrupted and is finished now", err=True)
            gone = Forgotten(0, 0, 0)
        kept = republish(host(), settings, session)
    for path in kept:
        typer.echo(f"note: {path} was edited by hand and is kept; if it holds what you forgot, delete it", err=True)
    typer.echo(
        f"{gone.messages:,} messages, {gone.rows:,} derived rows and {gone.documents:,} documents removed, "
        "published pages with them; `egregora run`, without a file, writes again what the other messages support"
    )
