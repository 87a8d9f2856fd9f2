"""What one command line said of a run."""

from collections.abc import Callable
from dataclasses import dataclass

from egregora_core.plugins import DateOrder


@dataclass(frozen=True)
class RunOptions:
    """What one command line said."""

    timezone: str | None = None
    date_order: DateOrder | None = None
    thread: str | None = None
    replace: bool = False
    force: frozenset[str] = frozenset()
    dry_run: bool = False
    year: int | None = None
    limit: int | None = None
    """How many units of each writer are written at most; the others are left for later."""
    ask_zone: Callable[[], str | None] | None = None
    """Asks the person at the terminal for the phone's time zone; None is no answer."""
