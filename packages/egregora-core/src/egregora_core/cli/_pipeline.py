"""Commands that take exports in: run, ingest, validate, demo."""

import enum
import os
import shlex
import sys
from dataclasses import replace as with_changes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egregora_core.cli._context import HERE, Json, Tenant, WorkspaceDir, host, print_json, say, settings_for
from egregora_core.cli._table import print_facts
from egregora_core.errors import UsageError
from egregora_core.plain_text import plain

if TYPE_CHECKING:
    from egregora_core.cli._bar import Screen
    from egregora_core.session import Line, RunOptions, Summary

StoredOrExports = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[EXPORT]...", help="Chat exports: files as the app made them.", show_default=False),
]
Exports = Annotated[list[Path], typer.Argument(metavar="EXPORT...", help="Chat exports: files as the app made them.")]
Zone = Annotated[
    str | None,
    typer.Option(
        "--timezone", metavar="ZONE", help="IANA time zone of the phone that exported, such as America/Sao_Paulo."
    ),
]
Thread = Annotated[
    str | None, typer.Option("--thread", metavar="TITLE", help="The chat's title, where the file name does not tell.")
]
Source = Annotated[
    str | None,
    typer.Option("--source", metavar="NAME", help="The source that reads the exports, where it is not told from them."),
]
Tables = Annotated[
    list[str] | None,
    typer.Option("--table", metavar="NAME", help="Read messages from a table, here or attached (repeatable)."),
]
Parquet = Annotated[
    list[str] | None,
    typer.Option("--parquet", metavar="GLOB", help="Read messages from Parquet files; only new ones (repeatable)."),
]
Queries = Annotated[
    list[str] | None,
    typer.Option("--sql", metavar="SELECT", help="Read messages from what a SELECT finds (repeatable)."),
]
Replace = Annotated[bool, typer.Option("--replace", help="Reread the chat: forget its stored messages first.")]
Force = Annotated[
    list[str] | None, typer.Option("--force", metavar="STAGE", help="Run this step or stage again (repeatable; `all`).")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=0, help="Write at most N windows or profiles; a later run goes on."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would run and why; write nothing.")]
SendTo = Annotated[
    list[str] | None,
    typer.Option("--send-to", metavar="PLACE", help="Agree, once, that messages are sent there, off this machine."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Spend what writers that cost something will take, without asking.")]


class Order(enum.StrEnum):
    """Orders of day, month and year."""

    dmy = "dmy"
    mdy = "mdy"
    ymd = "ymd"


DateOrder = Annotated[
    Order | None,
    typer.Option(
        "--date-order", case_sensitive=False, help="Order of day, month and year, where the export leaves it open."
    ),
]


Year = Annotated[
    int | None,
    typer.Option(
        "--year", metavar="YEAR", min=2009, max=2100, help="Year of the first message, where dates have no year."
    ),
]


def add_to(root: typer.Typer) -> None:
    """Hang these commands under the root."""
    for command in (run, ingest, validate, demo):
        root.command()(command)


def run(
    exports: StoredOrExports = None,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    timezone: Zone = None,
    date_order: DateOrder = None,
    year: Year = None,
    thread: Thread = None,
    source: Source = None,
    table: Tables = None,
    parquet: Parquet = None,
    sql: Queries = None,
    force: Force = None,
    limit: Limit = None,
    send_to: SendTo = None,
    *,
    replace: Replace = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Take exports (without any: what is stored) through the whole pipeline; what is unchanged stands."""
    from egregora_core.cli._bar import progress_bar
    from egregora_core.pipeline import run_pipeline
    from egregora_core.session import Command

    options = with_changes(
        _options(timezone, date_order, year, thread, force, replace=replace, dry_run=dry_run),
        source=source,
        limit=limit,
        yes=yes,
        send_to=frozenset(send_to or ()),
        **_relations(table, parquet, sql),
    )
    if not (exports or table or parquet or sql) and (timezone or date_order or year or thread or source or replace):
        raise UsageError(
            "--timezone, --date-order, --year, --thread, --source and --replace are about an EXPORT: name it"
        )
    settings = settings_for(workspace, {"workspace.tenant": tenant})
    with progress_bar() as screen:
        options = _asking(options, screen)
        command = Command(host(), settings, options, _say, screen.report)
        summary = run_pipeline(command, exports or ())
    if not dry_run:
        _closing(summary)


def ingest(
    exports: StoredOrExports = None,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    timezone: Zone = None,
    date_order: DateOrder = None,
    year: Year = None,
    thread: Thread = None,
    source: Source = None,
    table: Tables = None,
    parquet: Parquet = None,
    sql: Queries = None,
    force: Force = None,
    *,
    replace: Replace = False,
    dry_run: DryRun = False,
) -> None:
    """Take exports through the first step alone: into the message table."""
    from egregora_core.cli._bar import progress_bar
    from egregora_core.pipeline import run_ingestion
    from egregora_core.session import Command

    options = with_changes(
        _options(timezone, date_order, year, thread, force, replace=replace, dry_run=dry_run),
        source=source,
        **_relations(table, parquet, sql),
    )
    if not (exports or table or parquet or sql):
        raise UsageError("nothing to read: name an EXPORT, or --table, --parquet or --sql")
    settings = settings_for(workspace, {"workspace.tenant": tenant})
    with progress_bar() as screen:
        options = _asking(options, screen)
        run_ingestion(Command(host(), settings, options, _say, screen.report), exports or ())


def validate(
    target: Annotated[str, typer.Argument(metavar="EXPORT|TABLE", help="A chat export, or a table of the workspace.")],
    workspace: WorkspaceDir = HERE,
    timezone: Zone = None,
    date_order: DateOrder = None,
    year: Year = None,
    thread: Thread = None,
    source: Source = None,
    *,
    as_json: Json = False,
) -> None:
    """Check an export or a table, report, and write nothing."""
    from egregora_core.pipeline import check_export, check_table
    from egregora_core.session import Command

    if not Path(target).exists() and target.isidentifier():
        from egregora_core.cli._context import reading

        with reading(workspace) as (db, _):
            facts = check_table(db, target)
    else:
        options = with_changes(
            _options(timezone, date_order, year, thread, None, replace=False, dry_run=True), source=source
        )
        facts = check_export(Command(host(), settings_for(workspace, {}), options), Path(target))
    if as_json:
        print_json(facts)
    else:
        print_facts([("valid", target), *facts.items()])


def demo(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where to make the demo's workspace.", show_default="egregora-demo"),
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", metavar="DIR", help="The same, as other commands take it.")
    ] = None,
) -> None:
    """Run the pipeline on a bundled example chat, so that the first minute shows something."""
    from egregora_core.cli._bar import progress_bar
    from egregora_core.cli.demo import example_export
    from egregora_core.pipeline import run_pipeline
    from egregora_core.session import Command, RunOptions

    if directory and workspace and directory != workspace:
        raise UsageError("the demo's workspace is named twice; say it once")
    directory = directory or workspace or Path("egregora-demo")
    export = example_export(directory)
    settings = settings_for(directory, {})
    say(f"{export}: an invented chat of a book club, as WhatsApp exports it")
    with progress_bar() as screen:
        options = RunOptions(timezone="Europe/Lisbon")
        command = Command(host(), settings, options, _say, screen.report)
        summary = run_pipeline(command, [export])
    _closing(summary)
    typer.echo("now try:")
    place = shlex.quote(str(directory))
    typer.echo(f"  egregora open --workspace {place}")
    typer.echo(f"  egregora runs --workspace {place}")
    typer.echo(f'  egregora query "select author_raw, count(*) from stage_privacy group by 1" --workspace {place}')


def _relations(table: list[str] | None, parquet: list[str] | None, sql: list[str] | None) -> dict[str, Any]:
    return {"tables": tuple(table or ()), "parquet": tuple(parquet or ()), "queries": tuple(sql or ())}


def _options(
    timezone: str | None,
    date_order: Order | None,
    year: int | None,
    thread: str | None,
    force: list[str] | None,
    *,
    replace: bool,
    dry_run: bool,
) -> "RunOptions":
    from egregora_core.messages import load_zone
    from egregora_core.session import RunOptions

    if timezone is not None:
        load_zone(timezone)
    order: Any = date_order.value.upper() if date_order else None
    return RunOptions(timezone, order, thread, replace, frozenset(force or ()), dry_run, year)


def _say(line: "Line") -> None:
    text = plain(f"{line.about}: {line.text}" if line.about else line.text)
    if line.warning:
        say(f"note: {text}", err=True)
        return
    try:
        say(f"{line.step + '/' + line.stage:<24}{text}")
    except BrokenPipeError:  # nobody listens any more, but the work is wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _closing(summary: "Summary") -> None:
    counts = {"message": summary.messages, **summary.documents}
    told = ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items())
    if count := summary.of_the_app:
        told += f" ({count:,} of the messages {'is' if count == 1 else 'are'} the app's own)"
    say(told)
    for directory in summary.published:
        start = summary.starts.get(directory)
        say(f"published in {directory}{f': start at {start}' if start else ''}")
    if summary.degraded:
        raise typer.Exit(1)


def _asking(options: "RunOptions", screen: "Screen") -> "RunOptions":
    """Let the phone's time zone, and whether much may be spent, be asked for, where somebody can answer."""
    from egregora_core.cli._asking import Question, ZoneQuestion, somebody_is_there

    if not somebody_is_there():
        return options
    question = Question(screen.paused)
    return with_changes(options, ask_zone=ZoneQuestion(screen.paused), may_spend=question, may_send=question)
