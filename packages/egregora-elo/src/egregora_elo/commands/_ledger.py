"""`elo import`, `elo void` and `elo rebuild`: many comparisons at once, added, taken back, replayed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from egregora_core.plugin import UsageError
from egregora_core.plugin.commands import HERE, Tenant, WorkspaceDir

from egregora_elo.commands._opening import opened_ledger

if TYPE_CHECKING:
    from egregora_elo.recording import Imported


def import_(
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
    from egregora_elo.recording import ImportOptions, import_file
    from egregora_elo.reports import stop_rule

    with opened_ledger(context, workspace, tenant, write=True) as ledger:
        options = ImportOptions(_mapping(column or []), source, allow_unknown, skip_invalid)
        done, stop = import_file(ledger, file, options), stop_rule(ledger)
    _tell(done)
    typer.echo(stop)


def _tell(done: "Imported") -> None:
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


def _mapping(columns: list[str]) -> dict[str, str]:
    pairs = {text: text.partition("=") for text in columns}
    if wrong := [text for text, (field, _, name) in pairs.items() if not (field and name)]:
        raise UsageError(f"--column {wrong[0]!r}: say FIELD=COLUMN, such as a=left_doc")
    return {field: name for field, _, name in pairs.values()}


def void(
    context: typer.Context,
    comparisons: Annotated[list[str], typer.Argument(metavar="COMPARISON...", help="Ids, as `history` shows them.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
) -> None:
    """Declare comparisons void: they stay on record, and everything is replayed without them."""
    from egregora_elo.recording import void_by_id
    from egregora_elo.reports import stop_rule

    with opened_ledger(context, workspace, tenant, write=True) as ledger:
        voided, stop = void_by_id(ledger, comparisons), stop_rule(ledger)
    typer.echo(f"{voided:,} declared void")
    typer.echo(stop)


def rebuild(context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None) -> None:
    """Replay all comparisons with the settings as they are now."""
    from egregora_elo.ledger import rebuild as replay
    from egregora_elo.reports import stop_rule

    with opened_ledger(context, workspace, tenant, write=True) as ledger:
        replay(ledger)
        rated, stop = ledger.value(f"SELECT count(*) FROM elo_ratings WHERE {ledger.mine}"), stop_rule(ledger)
    typer.echo(f"{rated:,} documents rated")
    typer.echo(stop)
