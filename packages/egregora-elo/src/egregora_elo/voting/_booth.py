"""The voting booth: two texts side by side, nothing that says whose or which they are, and one key for each answer.

Nothing is kept but what is in `elo_history`, so leaving at any moment loses nothing and the next call goes on. The
database is open only while a pair is chosen or a vote written: nobody waits for a person to make up their mind, and a
vote is on the texts as they were shown, whatever has become of them since.
"""

import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random

import typer

from egregora_elo.documents import ShownDocument, shown_documents
from egregora_elo.ledger import Ledger, void
from egregora_elo.pairing import propose
from egregora_elo.recording import Comparison, Vote, last_vote, record_one, votes
from egregora_elo.reports import stop_rule
from egregora_elo.voting._screen import in_lines, laid_out

KEYS = {"1": "a", "2": "b", "t": "tie", "b": "both_bad", "s": "skip", "m": "more", "u": "undo", "q": "quit"}
"""What each key means; the left text is a."""
_HELP = ["1 left", "2 right", "t tie", "b both bad", "s skip", "u undo", "q quit"]
_ENDS = {"", "\x03", "\x04"}
"""No more input, Ctrl-C, Ctrl-D."""

Opener = Callable[..., AbstractContextManager[Ledger]]


_Pair = tuple[ShownDocument, ShownDocument]
"""What is shown, left and right."""


class Booth:
    """One judge's session. `opened(write=…)` opens the comparisons, in a transaction where they are written."""

    def __init__(self, opened: Opener, judge: str, random: Random) -> None:
        self._opened = opened
        self._judge = judge
        self._random = random

    def run(self) -> None:
        """Show pairs until the judge has had enough; raises ComparisonError where there are no two to show."""
        again: Vote | None = None
        while True:
            pair = self._pair(again)
            self._show(pair)
            answer = self._answer(pair)
            if answer == "quit":
                self._leave()
                return
            if answer == "undo":
                again = self._undo() or again
            else:
                self._vote(pair, answer)
                again = None

    def _pair(self, again: Vote | None) -> _Pair:
        """Read the pair of a vote that was taken back, if both texts are still there, or else the one to judge next."""
        with self._opened(write=False) as ledger:
            if again and (pair := _shown(ledger, again.document_a, again.document_b)):
                return pair
            proposed = propose(ledger, self._random, judge=self._judge, readable=True)
            pair = _shown(ledger, proposed.document_a, proposed.document_b)
        assert pair is not None, "what is proposed as readable has a text"  # noqa: S101 - one transaction's view
        return pair

    @staticmethod
    def _show(pair: _Pair, *, whole: bool = False) -> None:
        (left, right), (width, height) = pair, shutil.get_terminal_size()
        typer.echo(laid_out(left.text, right.text, width, None if whole else height))
        typer.echo(in_lines(_HELP, width))

    def _answer(self, pair: _Pair) -> str:
        """Wait for a key that says something about a pair, or ends or takes back."""
        while (answer := self._key()) in {None, "more"}:
            if answer == "more":
                self._show(pair, whole=True)
            else:
                typer.echo(in_lines(_HELP, shutil.get_terminal_size().columns))
        return str(answer)

    def _vote(self, pair: _Pair, answer: str) -> None:
        with self._opened(write=True) as ledger:
            changed = record_one(ledger, Comparison(*pair, answer, "a", self._judge, "vote"))
            stop = stop_rule(ledger)
        for side, change in zip(("left ", "right"), changed, strict=True):
            typer.echo(f"{side} {change}")  # without its title: who judges must not learn whose it was
        typer.echo(stop)

    def _undo(self) -> Vote | None:
        """Take the judge's last vote back and return it, to be judged again; None where there is none."""
        with self._opened(write=True) as ledger:
            last = last_vote(ledger, self._judge)
            if last is None:
                typer.echo("there is no vote to undo")
                return None
            void(ledger, [last.id])
            stop = stop_rule(ledger)
        typer.echo(f"the last vote ({last.outcome}, {last.id}) is void; judge it again")
        typer.echo(stop)
        return last

    def _leave(self) -> None:
        with self._opened(write=False) as ledger:
            kept = votes(ledger, self._judge)
        typer.echo(
            f"votes of {self._judge} so far: {kept:,}; `egregora elo vote` goes on, "
            "`egregora elo leaderboard` shows the board"
        )

    @staticmethod
    def _key() -> str | None:
        """Wait for a key and return what it means; None where it means nothing."""
        if sys.stdin.isatty():
            try:
                key = typer.getchar()
            except (KeyboardInterrupt, EOFError):
                return "quit"
        else:
            key = sys.stdin.read(1)
            while key.isspace():
                key = sys.stdin.read(1)
        return "quit" if key in _ENDS else KEYS.get(key.lower())


def _shown(ledger: Ledger, a: str, b: str) -> _Pair | None:
    """Read two documents as they are to be shown; None where one of them is not there."""
    found = shown_documents(ledger, (a, b))
    return (found[a], found[b]) if {a, b} <= found.keys() else None
