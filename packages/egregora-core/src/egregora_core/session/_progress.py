"""How far a command is, in words for whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from egregora_core.plugins import Step

Unit = Literal["", "bytes"]
_SIZES = ((1_000_000, "MB", 1), (1_000, "kB", 0), (1, "bytes", 0))
"""Units of amounts, the largest first: what each is, what it is called, and its decimals."""


@dataclass(frozen=True)
class Progress:
    """What is done at this moment, and how much of it."""

    step: Step
    doing: str
    """In plain words, such as "reading the messages"."""
    done: int = 0
    total: int | None = None
    """Null where nobody can tell how much there is to do."""
    unit: Unit = ""
    """What `done` counts; empty: pieces."""

    @property
    def percent(self) -> int | None:
        """Rounded down, so 100 is only said of what is done; null where there is no total."""
        return min(100, 100 * self.done // self.total) if self.total else None

    @property
    def amount(self) -> str:
        """How much, such as `12.0 of 32.2 MB` or `1,200 of 4,000`; empty where that is not known."""
        if not self.total:
            return f"{self.done:,}" if self.done else ""
        if self.unit != "bytes":
            return f"{self.done:,} of {self.total:,}"
        size, name, decimals = next(each for each in _SIZES if self.total >= each[0])
        return f"{self.done / size:,.{decimals}f} of {self.total / size:,.{decimals}f} {name}"


ProgressReport = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Tell nobody."""


class ExportProgress:
    """Tells how far the reading of one export is: by bytes where its source tells them, else by messages."""

    def __init__(self, report: ProgressReport = silent, which: str = "") -> None:
        """Take what to tell, and which of several exports this is, such as ` (2 of 3)`."""
        self._report = report
        self._which = which
        self._doing = ""
        self._bytes = 0
        self._told = False

    def start(self, doing: str, total: int | None = None) -> None:
        """Begin something else, counted in bytes if `total` is known."""
        self._doing, self._bytes, self._told = doing, 0, False
        self._say(0, total, "bytes" if total else "")

    def bytes_read(self, done: int, total: int) -> None:
        """Take what a source says of its pass over the export; where it begins anew, that is said, too."""
        if self._told and done < self._bytes and not self._doing.endswith(" again"):
            self._doing += " again"
        self._told, self._bytes = True, done
        self._say(done, total, "bytes")

    def messages_read(self, count: int) -> None:
        if not self._told:
            self._say(count, None)

    def _say(self, done: int, total: int | None, unit: Unit = "") -> None:
        self._report(Progress("ingestion", self._doing + self._which, done, total, unit))
