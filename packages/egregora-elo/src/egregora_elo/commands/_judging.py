"""`elo vote`, `elo record` and `elo next`: comparisons one at a time."""

from typing import Annotated, Any

import typer
from egregora_core.plugin import UsageError
from egregora_core.plugin.commands import HERE, Json, Tenant, WorkspaceDir, print_json, say

from egregora_elo.commands._opening import DocumentName, opened_ledger

Judge = Annotated[str, typer.Option("--judge", metavar="NAME", help="Who judges.")]


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
        return opened_ledger(context, workspace, tenant, write=write)

    Booth(opened, judge, Random(seed)).run()  # noqa: S311 - chance, no secret


def record(
    context: typer.Context,
    a: DocumentName,
    b: DocumentName,
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
    from egregora_elo.recording import Comparison, outcome_of, record_one
    from egregora_elo.reports import stop_rule

    outcome = outcome_of(winner)
    if shown_first not in {None, "a", "b"}:
        raise UsageError("--shown-first is a or b")
    with opened_ledger(context, workspace, tenant, write=True) as ledger:
        comparison = Comparison(find(ledger, a), find(ledger, b), outcome, shown_first, judge, "record")
        changed, stop = record_one(ledger, comparison), stop_rule(ledger)
    for document, change in zip((comparison.a, comparison.b), changed, strict=True):
        say(f"{document.name}: {change}")
    typer.echo(stop)


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

    with opened_ledger(context, workspace, tenant) as ledger:
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
