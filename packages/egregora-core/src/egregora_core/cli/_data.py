"""Commands about what a workspace holds: schema, query (in its own module), export, forget."""

import enum
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from egregora_core.cli._context import (
    HERE,
    Exact,
    Tenant,
    WorkspaceDir,
    confirm,
    print_data,
    reading,
    say,
    tell_formulas,
)
from egregora_core.cli._migrating import migrate
from egregora_core.cli._query import query
from egregora_core.cli._table import print_table
from egregora_core.errors import UsageError
from egregora_core.plain_text import plain
from egregora_core.workspace import Workspace

if TYPE_CHECKING:
    from egregora_core.pipeline import Choice
    from egregora_core.storage import Database

schema_app = typer.Typer(help="Print the message schema, IR v1.", no_args_is_help=True, rich_markup_mode=None)
_STDOUT = Path("-")
_SHOWN = 20


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
    root.command()(migrate)


@schema_app.command()
def show() -> None:
    """Print the columns of a message, their types and what they mean."""
    from egregora_core.messages import IR_MESSAGES

    print_table(
        ("column", "type", "meaning"),
        [(column.name, column.type, column.description) for column in IR_MESSAGES.columns],
    )


@schema_app.command()
def sql() -> None:
    """Print the table's DDL."""
    from egregora_core.messages import ir_sql

    typer.echo(ir_sql(), nl=False)


@schema_app.command("json")
def as_json_schema() -> None:
    """Print a JSON Schema for one row."""
    from egregora_core.messages import ir_json

    typer.echo(ir_json(), nl=False)


def export(
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    format_: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="File format.", show_default="as FILE ends, else parquet"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write; - is standard output.",
            show_default="messages.<format> in the workspace",
        ),
    ] = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="With names and everything else, as ingested.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there already.")] = False,
    exact: Exact = False,
) -> None:
    """Write all messages to a file: pseudonymised, or --raw."""
    from egregora_core.pipeline import Form, count_formulas, export_messages, format_of, is_behind

    format_ = ExportFormat(format_of(output, format_.value if format_ else None))
    path = output or workspace / f"messages{'-raw' if raw else ''}.{format_.value}"
    _check_place(path, format_, given=output is not None, overwrite=overwrite)
    csv_for_people = format_ is ExportFormat.csv and not exact
    with reading(workspace, tenant) as (db, whose), TemporaryDirectory() as apart:
        file = Path(apart) / "messages" if path == _STDOUT else path
        count = export_messages(db, whose, Form(format_.value, raw, exact), file)
        if path == _STDOUT:
            _to_stdout(file)
        if csv_for_people:
            tell_formulas(count_formulas(db, whose, raw=raw))
        if not raw and is_behind(db, whose):
            say("note: messages were ingested or forgotten since; `egregora run` brings this up to date", err=True)
    where = "standard output" if path == _STDOUT else path
    say(f"{count:,} messages written to {where}", err=path == _STDOUT)


def _check_place(path: Path, format_: ExportFormat, *, given: bool, overwrite: bool) -> None:
    """Raise UsageError where an export would go wrong, or over what is there."""
    if path == _STDOUT:
        if format_ is ExportFormat.parquet and sys.stdout.isatty():
            raise UsageError("Parquet is nothing to look at: send it to a file or program, or choose --format csv")
        return
    if given and not path.parent.is_dir():
        raise UsageError(f"{path.parent}: there is no such directory; make it first, or name another with --output")
    if path.exists() and not path.is_dir() and not overwrite:
        raise UsageError(f"{path} is there already; --overwrite replaces it, --output FILE writes another")


def _to_stdout(file: Path) -> None:
    if sys.stdout.isatty():
        with file.open(encoding="utf-8", newline="") as lines:
            for line in lines:
                print_data(line)
        return
    sys.stdout.flush()
    with file.open("rb") as content:
        shutil.copyfileobj(content, sys.stdout.buffer)


def forget(
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    thread: Annotated[str | None, typer.Option(metavar="TITLE", help="A chat: its title, id or pseudonym.")] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="A person: name, id or pseudonym.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Everything from one platform.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove messages and everything derived from them, for good."""
    from egregora_core.cli._writing import writing
    from egregora_core.pipeline import Choice, Forgotten, republish
    from egregora_core.pipeline import forget as forget_messages

    if thread is author is source is None:
        with reading(workspace, tenant) as (db, whose):
            _show_choices(db, whose)
    choice = Choice(thread, author, source)
    owed = Workspace(workspace).owes_compaction.exists()
    there = _asked(workspace, tenant, choice, yes=yes, owed=owed)
    with writing(workspace, tenant, compact=True) as session:
        gone = forget_messages(session, **asdict(choice)) if there else Forgotten(0, 0, 0)
        kept = republish(session)
    for path in kept:
        say(f"note: {path} was edited by hand and is kept; if it holds what you forgot, delete it", err=True)
    say(
        f"{_counted(gone.messages, 'message')}, {_counted(gone.rows, 'derived row')} and "
        f"{_counted(gone.documents, 'document')} removed, "
        "published pages with them; `egregora run`, without a file, writes again what the other messages support"
    )


def _asked(workspace: Path, tenant: str | None, choice: "Choice", *, yes: bool, owed: bool) -> bool:
    """Ask before messages are removed; False where there are none, but an earlier call has to be finished."""
    from egregora_core.pipeline import affected, removed_its_messages

    with reading(workspace, tenant) as (db, whose):
        try:
            found = affected(db, whose, choice)
        except UsageError:
            if not (owed and removed_its_messages(db)):
                raise
            say("note: nothing more fits; an earlier `forget` was interrupted and is finished now", err=True)
            return False
    what, name = next((what, name) for what, name in asdict(choice).items() if name is not None)
    messages, documents = _counted(found.messages, "message"), _counted(found.documents, "document")
    confirm(f"Remove {messages} of {what} {plain(name)!r}, and {documents}, for good?", yes=yes)
    return True


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _show_choices(db: "Database", tenant: str) -> None:
    """Print what may be forgotten. Titles may be names: they are for whoever sits at a terminal, not for a file."""
    at_terminal = sys.stdout.isatty()
    thread = "'p-' || (thread_id::VARCHAR)[:8]" if at_terminal else "thread_id::VARCHAR"
    chats = db.execute(
        f"SELECT {thread}, source, count(*), max(attrs->>'thread') FROM ir_messages WHERE tenant_id = ? "
        "GROUP BY ALL ORDER BY 3 DESC, 1",
        [tenant],
    )
    titles = ("title",) if at_terminal else ()
    print_table(
        ("--thread", "--source", "messages", *titles),
        [chat[: 3 + len(titles)] for chat in chats[:_SHOWN]],
        empty="there are no messages",
        whole=("--thread",),
        spare=("messages", "--source"),
    )
    if len(chats) > _SHOWN:
        say(f"and {len(chats) - _SHOWN:,} more chats")
    who = f"select distinct author_uuid, author_raw from ir_messages where tenant_id = '{tenant}'"
    say(f'--author takes a name as the chat has it, or an id: `egregora query "{who}"` lists them')
