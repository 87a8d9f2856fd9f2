"""What one command line said of a run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

from egregora_core.errors import UsageError
from egregora_core.plugins import DateOrder

TABLE_SOURCE = "generic"
"""The source that reads tables where none is named: it takes the columns that the user says, so nothing is guessed."""
_FIRST_YEAR, _LAST_YEAR = 2009, 2100
"""From the first chats of an app to what a four-digit year may mistakenly be."""


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
    source: str | None = None
    """The source that reads the exports, where the user names one."""
    limit: int | None = None
    """How many units of each writer are written at most; the others are left for later."""
    yes: bool = False
    """Spend what it takes without asking."""
    may_spend: Callable[[str], bool] | None = None
    """Asks the person at the terminal whether so much may be spent."""
    send_to: frozenset[str] = frozenset()
    """Places off this machine that messages may be sent to, from now on."""
    may_send: Callable[[str], bool] | None = None
    """Asks the person at the terminal whether messages may be sent off this machine."""
    tables: tuple[str, ...] = ()
    """Tables to read messages from, of this database or of one that `[database.attach]` names."""
    parquet: tuple[str, ...] = ()
    """Parquet files to read messages from: paths, patterns, directories or addresses."""
    queries: tuple[str, ...] = ()
    """SELECTs to read messages from."""
    ask_zone: Callable[[], str | None] | None = None
    """Asks the person at the terminal for the phone's time zone; None is no answer."""

    def of_what_is_stored(self) -> "RunOptions":
        """Return them without what is said of exports, for the steps that follow once these are read."""
        nothing = replace(self, timezone=None, date_order=None, year=None, thread=None, replace=False, ask_zone=None)
        return replace(nothing, source=None, tables=(), parquet=(), queries=())

    def __post_init__(self) -> None:
        """Raise UsageError for what cannot be meant; a date order may be written in small letters."""
        order = str(self.date_order).upper() if self.date_order else None
        if order not in {None, *get_args(DateOrder)}:
            raise UsageError(f"{self.date_order!r} is no date order: it is one of {', '.join(get_args(DateOrder))}")
        if self.limit is not None and self.limit < 0:
            raise UsageError(f"a limit of {self.limit} units is none: say 0 or more")
        if self.year is not None and not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise UsageError(f"{self.year} is no year of a chat: say one from {_FIRST_YEAR} to {_LAST_YEAR}")
        force = {self.force} if isinstance(self.force, str) else self.force
        for name in ("tables", "parquet", "queries"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        if self.source is None and (self.tables or self.parquet or self.queries):
            object.__setattr__(self, "source", TABLE_SOURCE)
        object.__setattr__(self, "date_order", order)
        object.__setattr__(self, "force", frozenset(force))
        places = {self.send_to} if isinstance(self.send_to, str) else self.send_to
        object.__setattr__(self, "send_to", frozenset(places))
