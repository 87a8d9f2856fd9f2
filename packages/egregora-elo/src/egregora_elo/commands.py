"""The commands under `egregora elo`, and `egregora init-elo`: parse, call the library, print."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from egregora_core.plugin import NoDatabaseError, UsageError
from egregora_core.plugin.commands import (
    Exact,
    Json,
    Tenant,
    WorkspaceDir,
    has_database,
    open_plugin_workspace,
    plugin_settings,
    print_data,
    print_json,
    print_table,
    say,
)

if TYPE_CHECKING:
    from egregora_core.plugin.commands import PluginWorkspace

    from egregora_elo.ledger import Ledger

PLUGIN = "elo"
HERE = Path()

app = typer.Typer(
    help="Rank documents by pairwise comparison. Experimental.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its slug or id, or the beginning of either.")]
Judge = Annotated[str, typer.Option("--judge", metavar="NAME", help="Who judges.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.", show_default="all")]
_ALL = 1_000_000_000
_NOTHING = "no comparisons yet"
_SHOWN = 5
_ID_ROOM = 16
"""Cells; longer ids are labels, which a narrow terminal may shorten."""


class Format(enum.StrEnum):
    """Forms of the leaderboard."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


@contextmanager
def _ledger(context: typer.Context, workspace: Path, tenant: str | None, *, write: bool = False) -> "Iterator[Ledger]":
    """Open the comparisons; raises UsageError where there are no tables for them."""
    from egregora_elo.ledger import Ledger

    if write:
        _check_wanted(context, workspace)
    try:
        whose = {"workspace.tenant": tenant}
        with open_plugin_workspace(context.obj, PLUGIN, workspace, read_only=not write, overrides=whose) as opened:
            _ensure_tables(opened, write=write)
            ledger = Ledger(opened.connection, opened.tenant, opened.settings)
            if not write:
                yield ledger
                return
            with opened.transaction():
                yield ledger
    except NoDatabaseError:
        raise _no_tables(workspace) from None


def _check_wanted(context: typer.Context, workspace: Path) -> None:
    """Raise UsageError before a workspace is made for a command that could not use it."""
    if not (has_database(workspace) or plugin_settings(context.obj, PLUGIN, workspace).enabled):
        raise _no_tables(workspace)


def _ensure_tables(opened: "PluginWorkspace", *, write: bool) -> None:
    if opened.has_tables():
        return
    if not (write and opened.settings.enabled):
        raise _no_tables(opened.directory)
    opened.create_tables()


def _no_tables(workspace: Path) -> UsageError:
    return UsageError(
        f"{workspace}: there are no tables for a ranking; run `egregora init-elo`, "
        "or set enabled = true in section [ranking] of egregora.toml and run again"
    )


def init_elo(context: typer.Context, workspace: WorkspaceDir = HERE) -> None:
    """Create the tables of the ranking, for the commands under `egregora elo`."""
    with open_plugin_workspace(context.obj, PLUGIN, workspace) as opened:
        created = opened.create_tables()
    typer.echo(f"created {', '.join(created)}" if created else "the tables are there already")
    typer.echo("next: `egregora elo vote`, or `egregora elo import FILE`")


@app.command()
def vote(
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    judge: Judge = "me",
    seed: Annotated[int | None, typer.Option("--seed", help="Repeat a sequence of pairs.", show_default=False)] = None,
) -> None:
    """Judge documents, two at a time, blind and side by side; stop at any time, and go on later."""
    from random import Random

    from egregora_elo.voting import Booth

    def opened(*, write: bool) -> Any:
        return _ledger(context, workspace, tenant, write=write)

    Booth(opened, judge, Random(seed)).run()  # noqa: S311 - chance, no secret


@app.command()
def record(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    a: Document,
    b: Document,
    winner: Annotated[str, typer.Option("--winner", metavar="a|b|tie", help="Or both_bad, or skip.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    judge: Annotated[str | None, typer.Option("--judge", metavar="NAME", help="Who judged.")] = None,
    shown_first: Annotated[
        str | None, typer.Option("--shown-first", metavar="a|b", help="Which one the judge saw first.")
    ] = None,
) -> None:
    """Record one comparison that was made elsewhere."""
    from egregora_elo.documents import find
    from egregora_elo.importing import outcome_of
    from egregora_elo.recording import Comparison, record_one
    from egregora_elo.reports import stop_rule

    outcome = outcome_of(winner)
    if shown_first not in {None, "a", "b"}:
        raise UsageError("--shown-first is a or b")
    with _ledger(context, workspace, tenant, write=True) as ledger:
        comparison = Comparison(find(ledger, a), find(ledger, b), outcome, shown_first, judge, "record")
        changed, stop = record_one(ledger, comparison), stop_rule(ledger)
    for document, change in zip((comparison.a, comparison.b), changed, strict=True):
        say(f"{document.name}: {change}")
    typer.echo(stop)


@app.command("import")
def import_(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .tsv, .jsonl or .parquet file.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FIELD=COLUMN", help="Where a field stands: a=left_doc (repeatable)."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="NAME", help="What to call it, other than the file's name.", show_default=False
        ),
    ] = None,
    *,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="Declare documents that nobody knows.")
    ] = False,
    skip_invalid: Annotated[bool, typer.Option("--skip-invalid", help="Leave out rows that are wrong.")] = False,
) -> None:
    """Import comparisons; a file that was imported before adds only its new rows."""
    from egregora_elo.importing import import_file
    from egregora_elo.reports import stop_rule

    with _ledger(context, workspace, tenant, write=True) as ledger:
        done = import_file(
            ledger,
            file,
            columns=_mapping(column or []),
            source=source,
            allow_unknown=allow_unknown,
            skip_invalid=skip_invalid,
        )
        stop = stop_rule(ledger)
    notes = [f"{done.known:,} were here already"] if done.known else []
    notes += [f"{done.invalid:,} invalid left out"] if done.invalid else []
    notes += [f"{done.declared:,} documents declared"] if done.declared else []
    typer.echo(f"{done.added:,} of {done.rows:,} comparisons added" + "".join(f"; {note}" for note in notes))
    if done.copy_of:
        typer.echo(
            f"note: word for word those of {done.copy_of}; if they are others, say so with --source NAME", err=True
        )
    for labels in done.alike:
        typer.echo(
            f"note: alike, but not the same: {', '.join(map(repr, labels))}; each is ranked on its own", err=True
        )
    typer.echo(stop)


def _mapping(columns: list[str]) -> dict[str, str]:
    pairs = {text: text.partition("=") for text in columns}
    if wrong := [text for text, (field, _, name) in pairs.items() if not (field and name)]:
        raise UsageError(f"--column {wrong[0]!r}: say FIELD=COLUMN, such as a=left_doc")
    return {field: name for field, _, name in pairs.values()}


@app.command()
def void(
    context: typer.Context,
    comparisons: Annotated[list[str], typer.Argument(metavar="COMPARISON...", help="Ids, as `history` shows them.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
) -> None:
    """Declare comparisons void: they stay on record, and everything is replayed without them."""
    from egregora_elo.recording import void_by_id
    from egregora_elo.reports import stop_rule

    with _ledger(context, workspace, tenant, write=True) as ledger:
        voided, stop = void_by_id(ledger, comparisons), stop_rule(ledger)
    typer.echo(f"{voided:,} declared void")
    typer.echo(stop)


@app.command()
def rebuild(context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None) -> None:
    """Replay all comparisons with the settings as they are now."""
    from egregora_elo.reports import stop_rule

    with _ledger(context, workspace, tenant, write=True) as ledger:
        ledger.rebuild()
        rated, stop = ledger.value(f"SELECT count(*) FROM elo_ratings WHERE {ledger.mine}"), stop_rule(ledger)
    typer.echo(f"{rated:,} documents rated")
    typer.echo(stop)


@app.command("next")
def next_(
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    judge: Annotated[str | None, typer.Option("--judge", metavar="NAME", help="Not a pair this judge has had.")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Break ties the same way again.", show_default=False)
    ] = None,
    *,
    _json: Json = True,
) -> None:
    """Print, as JSON, the pair to judge next and why; `document_a` is to be shown first."""
    from random import Random

    from egregora_elo.documents import names
    from egregora_elo.pairing import propose

    with _ledger(context, workspace, tenant) as ledger:
        pair = propose(ledger, Random(seed), judge=judge)  # noqa: S311 - chance, no secret
        known = names(ledger)
    print_json(
        {
            "document_a": pair.document_a,
            "document_b": pair.document_b,
            "slug_a": known[pair.document_a].slug,
            "slug_b": known[pair.document_b].slug,
            "shown_first": "a",
            "reason": pair.reason,
            "why": pair.why,
        }
    )


@app.command()
def leaderboard(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    form: Annotated[Format, typer.Option("--format", help="In which form.")] = Format.table,
    limit: Limit = _ALL,
    *,
    as_json: Json = False,
    exact: Exact = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Leave out comparisons of documents rewritten since.")] = False,
) -> None:
    """Show the board (Bradley-Terry, independent of order) and live Elo (order-dependent)."""
    from dataclasses import replace

    from egregora_elo import reports
    from egregora_elo.documents import candidates, names, short_ids, stale_sql

    if as_json and form in {Format.csv, Format.markdown}:
        raise UsageError(f"--json and --format {form} are two forms: choose one")
    with _ledger(context, workspace, tenant) as ledger:
        if fresh:
            ledger = replace(ledger, condition=f"NOT {stale_sql(ledger)}")  # noqa: PLW2901 - the same, but narrower
        rows = reports.leaderboard(ledger)[:limit]
        found, stop = reports.findings(ledger), reports.stop_rule(ledger)
        known = names(ledger)
        ids = short_ids(known)
        rated = set(ledger.ratings()["document_id"].to_pylist())
        waiting = [f"{ids[name]} ({known[name].name})" for name in candidates(ledger) if name not in rated]
    if as_json or form is Format.json:
        print_json(rows)
    elif form is Format.csv:
        print_data(reports.as_csv(rows, exact=exact))
    else:
        notes = [note for note in (reports.order_line(found), str(stop)) if note]
        if form is Format.markdown:
            shown = reports.as_markdown(rows, ids) if rows else f"{_NOTHING}\n"
            print_data(shown + "\n" + "\n\n".join(notes) + "\n")
        else:
            print_table(
                reports.HEADINGS,
                reports.table_rows(rows, ids),
                empty=_NOTHING,
                whole=("id",) if all(len(ids[row["document_id"]]) <= _ID_ROOM for row in rows) else (),
                spare=("group", "tier", "status", "range", "live Elo", "±"),
            )
            if waiting:
                more = f" and {len(waiting) - _SHOWN:,} more" if len(waiting) > _SHOWN else ""
                say(f"not compared yet: {', '.join(waiting[:_SHOWN])}{more}")
            for note in (_LEGEND, *notes) if rows else notes:
                typer.echo(note)


_LEGEND = (
    "board: all comparisons at once, ± 95 %; range: ranks not excluded; live Elo depends on the order of the votes"
)


@app.command()
def history(
    context: typer.Context,
    document: Document,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    *,
    as_json: Json = False,
) -> None:
    """Show a document's comparisons, and its live Elo before and after each."""
    from egregora_elo import reports
    from egregora_elo.documents import find, names

    with _ledger(context, workspace, tenant) as ledger:
        rows = reports.history(ledger, find(ledger, document).id)
        known = names(ledger)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("comparison", "opponent", "result", "before", "after", "judge", "when", "note"),
        [
            (
                row["id"],
                known[row["opponent"]].name,
                row["result"],
                None if row["elo_before"] is None else f"{row['elo_before']:.1f}",
                None if row["elo_after"] is None else f"{row['elo_after']:.1f}",
                row["judge"],
                row["timestamp"],
                "void" if row["voided_at"] else "",
            )
            for row in rows
        ],
        empty="no comparisons of it yet",
        whole=("comparison",),
        spare=("when", "judge", "note"),
    )


@app.command()
def matrix(
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    limit: Annotated[int, typer.Option("--limit", min=2, help="How many of the best to show.")] = 10,
    *,
    as_json: Json = False,
) -> None:
    """Show who won against whom, best first: wins-losses-ties of the row against the column."""
    from egregora_elo import reports

    with _ledger(context, workspace, tenant) as ledger:
        cells, ranked = reports.matrix(ledger), reports.leaderboard(ledger)
    if as_json:
        print_json(cells)
        return
    best = ranked[:limit]
    met = {(cell["document"], cell["opponent"]): cell for cell in cells}

    def shown(row: str, column: str) -> str:
        cell = met.get((row, column))
        return "·" if cell is None else f"{cell['wins']}-{cell['losses']}-{cell['ties']}"

    print_table(
        ("", "document", *(str(number) for number in range(1, len(best) + 1))),
        [
            (
                str(number),
                (row["title"] or row["document_id"])[:40],
                *(shown(row["document_id"], column["document_id"]) for column in best),
            )
            for number, row in enumerate(best, 1)
        ],
        empty=_NOTHING,
    )


@app.command()
def audit(
    context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None, *, as_json: Json = False
) -> None:
    """Check the comparisons: connectivity, coverage, cycles, position bias, the judges' influence."""
    from dataclasses import asdict

    from egregora_elo.audit import audit as examined
    from egregora_elo.reports import stop_rule

    with _ledger(context, workspace, tenant) as ledger:
        found, stop = examined(ledger), stop_rule(ledger)
    if as_json:
        print_json({**found, "stop": {**asdict(stop), "done": stop.done}})
        return
    rows: list[tuple[str, str, Any]] = []
    for topic, facts in found.items():
        for fact in facts if isinstance(facts, list) else [facts]:
            rows += [(topic, name, _shown(value)) for name, value in fact.items()]
    print_table(("topic", "fact", "value"), rows, whole=("topic", "fact"))
    typer.echo(stop)


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items()) or "none"
    if isinstance(value, list):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""  # noqa: PLR2004 - what fits on a line
        return (", ".join(map(str, value[:5])) + more) or "none"
    return "not known" if value is None else value
