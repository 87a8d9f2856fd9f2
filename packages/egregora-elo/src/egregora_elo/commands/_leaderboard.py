"""`elo leaderboard`: the board, as a table for people or in the forms that others read."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from egregora_core.plugin import UsageError
from egregora_core.plugin.commands import (
    HERE,
    Exact,
    Json,
    Tenant,
    WorkspaceDir,
    print_data,
    print_json,
    print_table,
    say,
)

from egregora_elo.commands._opening import NOTHING, opened_ledger

if TYPE_CHECKING:
    from egregora_elo.ledger import Ledger

Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.", show_default="all")]
_ALL = 1_000_000_000
_SHOWN = 5
_ID_ROOM = 16
"""Cells; longer ids are labels, which a narrow terminal may shorten."""
_LEGEND = (
    "board: all comparisons at once, ± 95 %; range: ranks not excluded; live Elo depends on the order of the votes"
)


class Format(enum.StrEnum):
    """Forms of the leaderboard."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def leaderboard(
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

    from egregora_elo.documents import stale_sql
    from egregora_elo.reports import as_csv

    if as_json and form in {Format.csv, Format.markdown}:
        raise UsageError(f"--json and --format {form} are two forms: choose one")
    with opened_ledger(context, workspace, tenant) as ledger:
        if fresh:
            ledger = replace(ledger, condition=f"NOT {stale_sql(ledger)}")  # noqa: PLW2901 - the same, but narrower
        board = _read(ledger, limit)
    if as_json or form is Format.json:
        print_json(board.rows)
    elif form is Format.csv:
        print_data(as_csv(board.rows, exact=exact))
    elif form is Format.markdown:
        _print_markdown(board)
    else:
        _print_table(board)


@dataclass(frozen=True)
class _Board:
    """What is shown: rows, short ids by document, lines below, and what was never compared."""

    rows: Sequence[Mapping[str, Any]]
    ids: Mapping[str, str]
    notes: Sequence[str]
    waiting: Sequence[str]


def _read(ledger: "Ledger", limit: int) -> _Board:
    from egregora_elo import reports
    from egregora_elo.documents import candidates, names, short_ids
    from egregora_elo.ledger import rating_rows

    rows = reports.leaderboard(ledger)[:limit]
    notes = (reports.order_line(reports.findings(ledger)), str(reports.stop_rule(ledger)))
    known = names(ledger)
    ids = short_ids(known)
    rated = set(rating_rows(ledger)["document_id"].to_pylist())
    waiting = [f"{ids[name]} ({known[name].name})" for name in candidates(ledger) if name not in rated]
    return _Board(rows, ids, [note for note in notes if note], waiting)


def _print_markdown(board: _Board) -> None:
    from egregora_elo.reports import as_markdown

    shown = as_markdown(board.rows, board.ids) if board.rows else f"{NOTHING}\n"
    print_data(shown + "\n" + "\n\n".join(board.notes) + "\n")


def _print_table(board: _Board) -> None:
    from egregora_elo.reports import HEADINGS, table_rows

    print_table(
        HEADINGS,
        table_rows(board.rows, board.ids),
        empty=NOTHING,
        whole=("id",) if all(len(board.ids[row["document_id"]]) <= _ID_ROOM for row in board.rows) else (),
        spare=("group", "tier", "status", "range", "live Elo", "±"),
    )
    if board.waiting:
        more = f" and {len(board.waiting) - _SHOWN:,} more" if len(board.waiting) > _SHOWN else ""
        say(f"not compared yet: {', '.join(board.waiting[:_SHOWN])}{more}")
    for note in (_LEGEND, *board.notes) if board.rows else board.notes:
        typer.echo(note)
