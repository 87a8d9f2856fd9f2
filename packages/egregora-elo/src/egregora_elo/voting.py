"""The voting booth: two texts side by side, nothing that says whose or which they are, and one key for each answer.

Nothing is kept but what is in `elo_history`, so leaving at any moment loses nothing and the next call goes on. The
database is open only while a pair is chosen or a vote written: nobody waits for a person to make up their mind.
"""

import shutil
import sys
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import zip_longest
from random import Random

import typer
from egregora_core.sql import literal

from egregora_elo.documents import documents_sql, names
from egregora_elo.ledger import Ledger
from egregora_elo.pairing import Proposal, propose
from egregora_elo.recording import Comparison, last_vote, record_one
from egregora_elo.reports import stop_rule

KEYS = {"1": "a", "2": "b", "t": "tie", "b": "both_bad", "s": "skip", "u": "undo", "q": "quit"}
"""What each key means; the left text is a."""
_HELP = "1 left   2 right   t tie   b both bad   s skip   u undo   q quit"
_ENDS = {"", "\x03", "\x04"}
"""No more input, Ctrl-C, Ctrl-D."""
_ROWS_AROUND = 6
_NARROWEST = 20

Opener = Callable[..., AbstractContextManager[Ledger]]


class Booth:
    """One judge's session. `opened(write=…)` opens the comparisons, in a transaction where they are written."""

    def __init__(self, opened: Opener, judge: str, random: Random) -> None:
        self._opened = opened
        self._judge = judge
        self._random = random

    def run(self) -> None:
        """Show pairs until the judge has had enough; raises ComparisonError where there are no two to show."""
        while True:
            pair, left, right = self._pair()
            typer.echo(side_by_side(left, right, *shutil.get_terminal_size()))
            typer.echo(_HELP)
            if not self._answered(pair):
                return

    def _pair(self) -> tuple[Proposal, str, str]:
        with self._opened(write=False) as ledger:
            pair = propose(ledger, self._random, judge=self._judge, readable=True)
            wanted = f"{literal(pair.document_a)}, {literal(pair.document_b)}"
            bodies = dict(
                ledger.rows(f"SELECT document_id, body FROM ({documents_sql(ledger)}) WHERE document_id IN ({wanted})")
            )
        return pair, bodies[pair.document_a], bodies[pair.document_b]

    def _answered(self, pair: Proposal) -> bool:
        """Take one answer about a pair and say what it changed; False where the judge leaves."""
        while (answer := self._key()) not in {"quit", "undo"}:
            if answer is None:
                typer.echo(_HELP)
                continue
            with self._opened(write=True) as ledger:
                known = names(ledger)
                a, b = known[pair.document_a], known[pair.document_b]
                typer.echo(record_one(ledger, Comparison(a, b, answer, "a", self._judge, "vote")))
                typer.echo(stop_rule(ledger))
            return True
        if answer == "undo":
            self._undo()
        return answer == "undo"

    def _undo(self) -> None:
        with self._opened(write=True) as ledger:
            last = last_vote(ledger, self._judge)
            if last is None:
                typer.echo("there is no vote to undo")
                return
            ledger.void([last])
            typer.echo(f"the last vote ({last}) is void")
            typer.echo(stop_rule(ledger))

    @staticmethod
    def _key() -> str | None:
        """Wait for a key and return what it means; None where it means nothing."""
        if sys.stdin.isatty():
            key = typer.getchar()
        else:
            key = sys.stdin.read(1)
            while key.isspace():
                key = sys.stdin.read(1)
        return "quit" if key in _ENDS else KEYS.get(key.lower())


def side_by_side(left: str, right: str, width: int, height: int) -> str:
    """Lay two texts out in two columns, cut to what a screen holds."""
    column = max((width - 3) // 2, _NARROWEST)
    rows = max(height - _ROWS_AROUND, _ROWS_AROUND)
    columns = [_wrapped(text, column, rows) for text in (left, right)]
    lines = [f"{a:<{column}} │ {b}" for a, b in zip_longest(*columns, fillvalue="")]
    rule = "─" * (column + 1)
    return "\n".join([f"{rule}┬{rule}", *(line.rstrip() for line in lines), f"{rule}┴{rule}"])


def _wrapped(text: str, width: int, rows: int) -> list[str]:
    lines = [part for line in text.strip().splitlines() for part in textwrap.wrap(line, width) or [""]]
    return lines if len(lines) <= rows else [*lines[: rows - 1], "…"]
