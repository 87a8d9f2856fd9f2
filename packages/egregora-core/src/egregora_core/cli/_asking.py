"""What only a person can know is asked, where there is one: at a terminal."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import typer

from egregora_core.cli._context import say

_QUESTION = (
    "In which time zone was the phone that made this export? The file does not say,\n"
    "and this machine's clock is UTC. The answer counts for all new chats given here."
)
_PROMPT = "A city or zone, such as Sao Paulo or Europe/Lisbon (Enter keeps UTC): "


@dataclass
class ZoneQuestion:
    """Asks for the time zone of a phone: once, for all exports of a command."""

    paused: Callable[[], AbstractContextManager[None]]
    """Takes what moves on the screen away meanwhile."""
    _answer: str | None = None
    _asked: bool = False

    def __call__(self) -> str | None:
        """Return the name of a zone, None where none was given."""
        if not self._asked:
            with self.paused():
                self._answer = _ask()
            self._asked = True
        return self._answer


@dataclass
class Question:
    """Asks for a yes before something is spent or sent; everything else is a no."""

    paused: Callable[[], AbstractContextManager[None]]
    """Takes what moves on the screen away meanwhile."""

    def __call__(self, question: str) -> bool:
        with self.paused():
            say(f"{question} [y/N] ", err=True, nl=False)
            return sys.stdin.readline().strip().lower() in {"y", "yes"}


def somebody_to_ask() -> Question | None:
    """Return what asks the person at the terminal; None where there is none."""
    return Question(nullcontext) if somebody_is_there() else None


def somebody_is_there() -> bool:
    """Tell whether a question would be read and could be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask() -> str | None:
    from egregora_core.messages import zone_called, zones_like

    say(_QUESTION, err=True)
    while True:
        say(_PROMPT, err=True, nl=False)
        line = sys.stdin.readline()  # not typer's prompt, which turns Ctrl-C into an error of its own
        text = line.strip()
        if not text:
            typer.echo("" if line else "\n", err=True, nl=False)
            typer.echo("times are read as UTC", err=True)
            return None
        if zone := zone_called(text):
            typer.echo(f"times are read as {zone}", err=True)
            return zone
        near = zones_like(text)
        advice = f"did you mean {', '.join(near)}?" if near else "try the next large city"
        say(f"no zone has this name; {advice}", err=True)
