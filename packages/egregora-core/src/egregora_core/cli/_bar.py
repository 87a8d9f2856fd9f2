"""One line at the bottom of a terminal that says what is done and how far it is; it goes when the work is done.

While it is up, whatever is printed stands above it. Where nobody looks, and on terminals that can only add lines, there
is none.
"""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
)
from dataclasses import dataclass
from threading import Lock, Timer
from typing import TYPE_CHECKING, TextIO

from egregora_core.interrupts import last_act
from egregora_core.session import Progress, ProgressReport, silent

if TYPE_CHECKING:
    from rich.console import Console

_AFTER_SECONDS = 0.5
"""What takes less time needs no bar."""
_NARROW = 80
_BAR_WIDTHS = (10, 16)
"""On a narrow terminal, where there is no room for amounts either, and on any other."""
_WORDS_WIDTH = 28
"""At least, so that the bar stays where it is from one step to the next."""


@dataclass(frozen=True)
class Screen:
    """What a command may do with the terminal while it works."""

    report: ProgressReport = silent
    """Shows progress."""
    paused: Callable[[], AbstractContextManager[None]] = nullcontext
    """Leaves the terminal to a question meanwhile."""


@contextmanager
def progress_bar(after: float = _AFTER_SECONDS) -> Iterator[Screen]:
    """Show progress, from `after` seconds on, where somebody is looking."""
    if not sys.stderr.isatty():
        yield Screen()
        return
    from rich.console import Console

    console = Console(file=sys.stderr)
    if console.is_dumb_terminal:
        yield Screen()
        return
    with ExitStack() as stack:
        bar = _Bar(console)
        timer = Timer(after, bar.show)
        timer.daemon = True
        stack.callback(bar.close)
        stack.enter_context(last_act(bar.close))
        stack.enter_context(redirect_stderr(_Above(sys.stderr, bar)))
        if sys.stdout.isatty():
            stack.enter_context(redirect_stdout(_Above(sys.stdout, bar)))
        stack.callback(timer.cancel)
        timer.start()
        yield Screen(bar.report, bar.paused)


class _Bar:
    """The line, once it is shown."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars
        from rich.table import Column

        narrow = console.width < _NARROW
        columns = [
            TextColumn("{task.description}", markup=False, table_column=Column(min_width=_WORDS_WIDTH, no_wrap=True)),
            BarColumn(_BAR_WIDTHS[not narrow], table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[percent]}", table_column=Column(no_wrap=True, min_width=4, justify="right")),
            *([] if narrow else [TextColumn("{task.fields[amount]}", table_column=Column(no_wrap=True))]),
        ]
        self._console = console
        self._bars = Bars(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        self._task = self._bars.add_task("", total=None, percent="", amount="", visible=False)
        self._now = Progress("ingestion", "")
        self._lock = Lock()
        self._shown = self._closed = False
        self._due = self.is_paused = False

    def report(self, progress: Progress) -> None:
        same = progress.doing == self._now.doing
        if same and (progress.percent or 0) < (self._now.percent or 0):
            return  # a bar that goes back tells nothing
        self._now = progress
        percent = progress.percent
        self._bars.update(
            self._task,
            description=progress.doing,
            total=None if percent is None else 100,
            completed=percent or 0,
            percent="" if percent is None else f"{percent}%",
            amount=progress.amount,
            visible=True,
        )

    def show(self) -> None:
        with self._lock:
            self._due = True
            if not (self._closed or self.is_paused):
                self._shown = True
                self._bars.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            self.is_paused = True
            if self._shown:
                self._bars.stop()
            self._shown = False
        try:
            yield
        finally:
            self.is_paused = False
            if self._due:
                self.show()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._shown:
                self._bars.stop()
            self._shown = False

    def print(self, lines: str, beside: TextIO) -> None:
        """Print whole lines above the bar, or as they are where there is none."""
        from rich.text import Text

        with self._lock:
            if self._shown:
                self._console.print(Text.from_ansi(lines), soft_wrap=True, highlight=False)
            else:
                beside.write(lines + "\n")
                beside.flush()


class _Above(io.TextIOBase):
    """A stream whose lines go above the bar. Without an encoding, click would write to the stream below it."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, stream: TextIO, bar: _Bar) -> None:
        self._stream = stream
        self._bar = bar
        self._begun = ""

    def write(self, text: str) -> int:
        if self._bar.is_paused:  # a prompt ends no line
            self._stream.write(text)
            self._stream.flush()
            return len(text)
        lines, newline, self._begun = (self._begun + text).rpartition("\n")
        if newline:
            self._bar.print(lines, self._stream)
        return len(text)

    def close(self) -> None:
        if self._begun:
            self.write("\n")

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()
