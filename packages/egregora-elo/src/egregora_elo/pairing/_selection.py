"""Which pair to judge next, and why.

First what links groups that nothing links: without it their documents cannot be compared at all. Then a Swiss pairing,
the least judged document against its nearest neighbour that it has not met: about as good as anything at every budget
tried, and cheap. When everybody has met, the pair whose answer is the least certain. Which of two is shown first is
chance, or the side would favour one of them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import numpy as np
from egregora_core.plugin import literal

from egregora_elo.documents import candidates
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger, fitted_board
from egregora_elo.ratings import Board, Floats, Integers

_Choice = tuple[str, str, str, str]
"""Two documents, the reason in a word, and why, for people."""
_Fitted = tuple[list[str], Board]
"""Documents, and the board that their numbers stand on."""


@dataclass(frozen=True)
class Proposal:
    """A pair to judge: `document_a` is to be shown first. `reason` is `connect`, `swiss` or `information`.

    `information` means that every pair has met, or was proposed just before.
    """

    document_a: str
    document_b: str
    reason: str
    why: str


@dataclass(frozen=True)
class _Field:
    """The documents that may be paired, in an order that chance gave them, and which of them have met."""

    documents: list[str]
    strength: list[float]
    group: list[int]
    judged: list[int]
    met: set[frozenset[str]]

    def has_met(self, k: int, other: int) -> bool:
        return frozenset((self.documents[k], self.documents[other])) in self.met

    def meet(self, k: int, other: int) -> None:
        """Take two for judged, so that the next pair is another one."""
        self.met.add(frozenset((self.documents[k], self.documents[other])))
        for each in (k, other):
            self.judged[each] += 1
        joined, into = self.group[other], self.group[k]
        self.group[:] = [into if group == joined else group for group in self.group]


def propose(ledger: Ledger, random: Random, *, judge: str | None = None, readable: bool = False) -> Proposal:
    """Return the pair to judge next; with `judge`, never one that this judge has had already while others are left.

    `readable`: only documents that have a text to be shown. Raises ComparisonError where there are fewer than two.
    """
    return propose_many(ledger, random, 1, judge=judge, readable=readable)[0]


def propose_many(
    ledger: Ledger, random: Random, count: int, *, judge: str | None = None, readable: bool = False
) -> list[Proposal]:
    """Return `count` different pairs, or all that there are, each chosen as if those before it had been judged.

    What their answers would say of the strengths is not guessed. Raises ComparisonError as `propose` does.
    """
    offered = candidates(ledger, readable=readable)
    if len(offered) < 2:  # noqa: PLR2004 - a pair
        kinds = ", ".join(ledger.settings.kinds)
        declare = "" if readable else "import comparisons with --allow-unknown, "
        raise ComparisonError(
            f"too few documents to compare, {len(offered)} (kinds: {kinds}): run `egregora run EXPORT` first, "
            f"{declare}or name other kinds in [ranking] kinds"
        )
    known, board = fitted_board(ledger)
    field = _field(ledger, offered, (known, board), judge, random)
    chosen = list(islice(_unmet(field), count))
    if len(chosen) < count:
        taken = {frozenset(pair[:2]) for pair in chosen}
        again = (
            pair for pair in _informative(ledger, field, (known, board), random) if frozenset(pair[:2]) not in taken
        )
        chosen += islice(again, count - len(chosen))
    return [_sides(pair, random) for pair in chosen]


def _sides(pair: _Choice, random: Random) -> Proposal:
    *documents, reason, why = pair
    first, second = random.sample(documents, 2)
    return Proposal(first, second, reason, why)


def _judged(ledger: Ledger) -> dict[str, int]:
    sides = (f"SELECT document_{side} AS document_id FROM elo_history WHERE {ledger.valid}" for side in ("a", "b"))
    return dict(ledger.rows(f"SELECT document_id, count(*) FROM ({' UNION ALL '.join(sides)}) GROUP BY 1"))


def _met(ledger: Ledger, judge: str | None) -> set[frozenset[str]]:
    who = "true" if judge is None else f"judge = {literal(judge)}"
    rows = ledger.rows(f"SELECT DISTINCT document_a, document_b FROM elo_history WHERE {ledger.valid} AND {who}")
    return set(map(frozenset, rows))


def _field(ledger: Ledger, offered: list[str], fitted: _Fitted, judge: str | None, random: Random) -> _Field:
    known, board = fitted
    place = {document: number for number, document in enumerate(known)}
    documents = random.sample(offered, len(offered))
    strength = [float(board.strength[place[d]]) if d in place else 0.0 for d in documents]
    new = len(known)
    group = [int(board.component[place[d]]) if d in place else new + k for k, d in enumerate(documents)]
    judged = _judged(ledger)
    return _Field(documents, strength, group, [judged.get(d, 0) for d in documents], _met(ledger, judge))


def _unmet(field: _Field) -> Iterator[_Choice]:
    """Choose pairs that have not met, one after the other, until none is left."""
    while found := _connecting(field) or _swiss(field):
        k, other, reason, why = found
        yield field.documents[k], field.documents[other], reason, why
        field.meet(k, other)


def _connecting(field: _Field) -> tuple[int, int, str, str] | None:
    sizes = Counter(field.group)
    if len(sizes) == 1:
        return None
    order = sorted(range(len(field.documents)), key=lambda k: (sizes[field.group[k]], field.judged[k]))
    largest = max(sizes.values())
    others = sorted(range(len(field.documents)), key=lambda k: (sizes[field.group[k]] != largest, field.judged[k]))
    for k in order:
        for other in others:
            if field.group[k] != field.group[other] and not field.has_met(k, other):
                why = f"{len(sizes)} groups of documents are not linked by any comparison; this one links two of them"
                return k, other, "connect", why
    return None


def _swiss(field: _Field) -> tuple[int, int, str, str] | None:
    for k in sorted(range(len(field.documents)), key=field.judged.__getitem__):
        for other in sorted(
            range(len(field.documents)), key=lambda other: abs(field.strength[other] - field.strength[k])
        ):
            if k != other and not field.has_met(k, other):
                why = "one of the least judged documents, against the nearest on the board that it has not met"
                return k, other, "swiss", why
    return None


def _informative(ledger: Ledger, field: _Field, fitted: _Fitted, random: Random) -> Iterator[_Choice]:
    """Choose pairs in falling order of p (1 - p) Var(difference): what their outcome is expected to tell."""
    known, board = fitted
    allowed = set(field.documents)
    within = [k for k, document in enumerate(known) if document in allowed]
    members = np.array(random.sample(within, len(within)), np.int64)
    variance = _variance(board, members)
    gap = board.strength[members][:, None] - board.strength[members][None, :]
    worth = variance / (4 * np.cosh(np.clip(gap / 2, -300, 300)) ** 2)
    seen: set[frozenset[str]] = set()
    for cell in np.argsort(-worth, axis=None, kind="stable"):
        i, j = divmod(int(cell), len(members))
        a, b = known[members[i]], known[members[j]]
        if i == j or frozenset((a, b)) in seen:
            continue
        seen.add(frozenset((a, b)))
        points = np.sqrt(variance[i, j]) * ledger.settings.scale / np.log(10)
        why = f"every pair has met; of these two it is least known which is better (standard error {points:.0f} points)"
        yield a, b, "information", why


def _variance(board: Board, members: Integers) -> Floats:
    """Return the variance of each difference. The field is one group by now, but for pairs that were only skipped."""
    covariance = np.diag(np.square(board.se))
    for group in board.groups:
        covariance[np.ix_(group.members, group.members)] = group.covariance
    found = covariance[np.ix_(members, members)]
    spread: Floats = np.diag(found)[:, None] + np.diag(found)[None, :] - 2 * found
    return spread
