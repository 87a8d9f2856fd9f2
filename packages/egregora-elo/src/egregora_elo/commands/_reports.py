"""`elo history`, `elo matrix` and `elo audit`: what there is to know beside the board."""

from typing import Annotated, Any

import typer
from egregora_core.plugin.commands import HERE, Json, Tenant, WorkspaceDir, print_json, print_table

from egregora_elo.commands._opening import NOTHING, DocumentName, opened_ledger

_ROOM = 5
"""How many of a list fit on a line."""


def history(
    context: typer.Context,
    document: DocumentName,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    *,
    as_json: Json = False,
) -> None:
    """Show a document's comparisons, and its live Elo before and after each."""
    from egregora_elo import reports
    from egregora_elo.documents import find, names

    with opened_ledger(context, workspace, tenant) as ledger:
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

    with opened_ledger(context, workspace, tenant) as ledger:
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
        empty=NOTHING,
    )


def audit(
    context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None, *, as_json: Json = False
) -> None:
    """Check the comparisons: connectivity, coverage, cycles, position bias, the judges' influence."""
    from dataclasses import asdict

    from egregora_elo.reports import audit as examined
    from egregora_elo.reports import stop_rule

    with opened_ledger(context, workspace, tenant) as ledger:
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
        more = f" and {len(value) - _ROOM} more" if len(value) > _ROOM else ""
        return (", ".join(map(str, value[:_ROOM])) + more) or "none"
    return "not known" if value is None else value
