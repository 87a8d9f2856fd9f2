"""Comparisons from Python: which pairs to judge next, and what a program judged, many at a time.

Give each function a workspace that `egregora_core.plugin.commands.open_plugin_workspace` opened, for any plugin. Ask,
close it, judge, and open it again to record: while a judge thinks nobody should have to wait for the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from egregora_elo import documents, pairing, recording, reports
from egregora_elo.documents import Document, ShownDocument
from egregora_elo.ledger import open_ledger
from egregora_elo.recording import Comparison
from egregora_elo.reports import JudgeReport

if TYPE_CHECKING:
    from egregora_core.plugin.commands import PluginWorkspace


@dataclass(frozen=True)
class Pair:
    """Two documents to judge, `a` to be shown first, with their texts, in which nobody is called by name.

    `reason` is `connect`, `swiss` or `information`; the last one means that every pair there is has been judged, or
    stands before it, so whoever would answer the same again stops there. `why` says it for people.
    """

    a: ShownDocument
    b: ShownDocument
    reason: str
    why: str


def propose(
    workspace: "PluginWorkspace", count: int, *, judge: str | None = None, seed: int | None = None
) -> list[Pair]:
    """Return up to `count` different pairs to judge next, the most wanted first.

    Each is chosen as if those before it had been judged. With `judge`, pairs that this judge has had come only when
    there is no other. `seed` repeats what is left to chance. Raises ComparisonError where fewer than two documents have
    a text, UsageError where there are no tables for a ranking.
    """
    ledger = open_ledger(workspace, write=False)
    chance = Random(seed)  # noqa: S311 - chance, no secret
    chosen = pairing.propose_many(ledger, chance, count, judge=judge, readable=True)
    shown = documents.shown_documents(ledger, {id_ for each in chosen for id_ in (each.document_a, each.document_b)})
    return [Pair(shown[each.document_a], shown[each.document_b], each.reason, each.why) for each in chosen]


def find(workspace: "PluginWorkspace", text: str) -> Document:
    """Return the document that is called so: by its id, a label, its slug, or the beginning of one.

    Raises DocumentError where it is none, or more than one.
    """
    return documents.find(open_ledger(workspace, write=False), text)


def record_many(workspace: "PluginWorkspace", comparisons: Iterable[Comparison]) -> list[str]:
    """Record comparisons in their order, in one transaction of its own, and return the ids they were given.

    A comparison is of the texts as they were shown, whatever has become of them since. Raises ComparisonError or
    UsageError where one cannot be taken, and where there are no tables for a ranking; nothing is recorded then.
    """
    ledger = open_ledger(workspace, write=True)
    with workspace.transaction():
        return recording.record(ledger, comparisons)


def judges(workspace: "PluginWorkspace") -> list[JudgeReport]:
    """Return what there is to know of each judge, the busiest first; see `JudgeReport`."""
    return reports.judge_reports(open_ledger(workspace, write=False))


def weigh(workspace: "PluginWorkspace", judge: str, weight: float) -> None:
    """Have each comparison of a judge count for so much, and play all of them again: 0 takes a judge out of the board.

    Raises UsageError where there are no tables for a ranking.
    """
    ledger = open_ledger(workspace, write=True)
    with workspace.transaction():
        recording.weigh(ledger, judge, weight)


class _Undone(Exception):  # noqa: N818  # no error: it takes back what was only tried
    """Ends a transaction without a trace."""


def whether_enough(workspace: "PluginWorkspace", *, as_if: tuple[str, float] | None = None) -> tuple[bool, str]:
    """Return whether more comparisons would change the board little, and how far the judging is, in words.

    With `as_if`, a judge and a weight, it is told of the board as it were if each comparison of that judge counted for
    so much; nothing is changed, but the workspace has to be open for writing.
    """
    if as_if is None:
        found = reports.stop_rule(open_ledger(workspace, write=False))
        return found.done, str(found)
    ledger = open_ledger(workspace, write=True)
    try:
        with workspace.transaction():
            recording.weigh(ledger, *as_if)
            found = reports.stop_rule(ledger)
            raise _Undone  # noqa: TRY301  # the one way to end a transaction without keeping it
    except _Undone:
        return found.done, str(found)


__all__ = [
    "Comparison",
    "Document",
    "JudgeReport",
    "Pair",
    "ShownDocument",
    "find",
    "judges",
    "propose",
    "record_many",
    "weigh",
    "whether_enough",
]
