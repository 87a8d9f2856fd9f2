"""What a source gets and returns: one export, what the user said of it, and its messages in IR's own terms."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime


DateOrder = Literal["DMY", "MDY", "YMD"]

Sure = Literal["no", "maybe", "likely", "certain"]
SURE: tuple[Sure, ...] = ("no", "maybe", "likely", "certain")
"""How surely a source reads an export, the least first."""


@dataclass(frozen=True)
class Recognised:
    """How surely an export is a source's own.

    `certain`: a signature that no other platform has. `likely`: it looks like it all over. `maybe`: it can be read so.
    Where two sources are equally sure, the user is asked for `--source`.
    """

    sure: Sure
    why: str = ""
    """A few words on what it was recognised by, without text or names of the export."""


@dataclass(frozen=True)
class ReadOptions:
    """What the user said about an export."""

    thread: str | None = None
    """The chat's title, where the user gave one."""
    date_order: DateOrder | None = None
    """The order of day, month and year, where the user gave one."""
    year: int | None = None
    """That of the first message, where the user gave one: for exports whose dates have none."""
    last: Callable[[str], Mapping[str, Any]] = lambda _title: {}
    """By a chat's title: the facts of its last reading, where a reading may begin at what they say; else none.

    They are of the same code and settings, and all that was read is still stored. The host reads again without them
    where what they left out turns out to matter (`Reading.continued`).
    """
    progress: "Callable[[int, int], None]" = lambda _done, _total: None
    """To be called while reading, with the bytes that are read and all there are: of one pass over the export after the
    other, where a source needs several."""


@dataclass(frozen=True)
class Continued:
    """Where in an export a reading begins that leaves out what was read before."""

    since: "datetime"
    """As `ts`: all of the export's messages from here on, and none before, are in the batches."""
    again: int
    """The first so many messages were read before; that they come out the same is what is checked."""


@dataclass(frozen=True)
class Thread:
    """A chat that an export holds."""

    id: str
    """The platform's; the title where it gives none."""
    title: str | None = None
    """What it is called now; null: as its id."""
    kind: Literal["direct", "group", "channel", "other"] = "other"


@dataclass(frozen=True)
class Person:
    """Somebody whom an export knows, be it that they never write."""

    id: str
    """The platform's."""
    names: Sequence[str]
    """What they are called now, then handles and former names. All are masked in texts."""
    bot: bool = False
    also: Sequence[str] = ()
    """Other ids of theirs, where a platform has several for one person: nicks, numbers. Messages keep the id that they
    came with, so that they are the same in every export; whose they are is said by `id`."""


@dataclass(frozen=True)
class Report:
    """What a source found while it read. Asked for after the batches."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """More `Reading.facts`."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What the export holds and no message says, and how much of it: `{"stories": 12}`. It is told and recorded."""
    notices: Sequence[str] = ()
    """Lines for the person at the terminal."""


Row = Mapping[str, Any]
"""One message: values by the names of `SOURCE_COLUMNS`."""


@dataclass
class Reading:
    """One export, being read. `batches` is consumed once; nothing else is known to be final before it is.

    A batch is an Arrow table, a list of rows, or one row, with columns of `SOURCE_COLUMNS` (absent ones are null), in
    the export's order. Rows are gathered into tables of bounded size by the host. In a list, a row may also be a tuple
    (see `columns`): it costs a third.
    """

    batches: Iterator[Any]
    thread: str | None
    """The one chat's id (its title where the platform gives none); null where each batch has a `thread` column."""
    zoned: bool
    """True: `ts` is UTC. False: `ts` is the exporting phone's wall clock, and a time zone is needed."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What was found out about the format (header template, date order, confidence): values that JSON knows, and no
    names, as they are recorded in `runs`."""
    notices: Sequence[str] = ()
    """Lines for the person at the terminal."""
    threads: Callable[[], Iterable[Thread]] = tuple
    """The chats of the export, asked for after the batches; one that is left out is called as its id."""
    people: Callable[[], Iterable[Person]] | None = None
    """All the people whom the export names, asked for after the batches. Where it is given, authors are the platform's
    ids; without it they are names, and one name is one person on all platforms."""
    report: Callable[[], Report] = Report
    """Asked for after the batches."""
    as_of: "datetime | None" = None
    """When the export was made: with a zone, or as `ts`; null: each chat at the time of its last message. What an older
    export says of a message with an id never overwrites what a newer one said, in whatever order they are read; of two
    that are equally new the one read last counts, but none undoes a deletion or an edit that is marked. May be set
    while the batches are read."""
    complete: bool = False
    """Between its first and last message of a chat the export holds all that the platform has: what only an older
    export holds was deleted there. For messages with the platform's ids."""
    columns: Sequence[str] = ()
    """Where rows are tuples: which columns their values are of."""
    continued: Continued | None = None
    """Set where the batches leave out what was read before, which `ReadOptions.last` tells."""


SOURCE_COLUMNS: Mapping[str, str] = {
    "thread": "VARCHAR",
    "msg_id": "VARCHAR",
    "ts": "TIMESTAMP",
    "author": "VARCHAR",
    "text": "VARCHAR",
    "kind": "VARCHAR",
    "event": "VARCHAR",
    "edited": "BOOLEAN",
    "edited_at": "TIMESTAMP",
    "reply_to": "VARCHAR",
    "thread_root": "VARCHAR",
    "forwarded_from": "VARCHAR",
    "mentions": "VARCHAR[]",
    "reactions": "STRUCT(emoji VARCHAR, author VARCHAR, count INTEGER, ts TIMESTAMP)[]",
    "media": "STRUCT(name VARCHAR, url VARCHAR, type VARCHAR, size BIGINT, missing BOOLEAN)[]",
    "update": "VARCHAR",
    "data": "VARCHAR",
}
"""Columns of a source's batches, with DuckDB types; `ts` and `kind` are in every row, all others may be left out.

`thread` and `author` are ids of the platform, or title and name where it gives none; `author` is null for what the
platform itself wrote. `msg_id` is the platform's, unique in its chat; where it is null, the id derives from the
message. `ts` and `edited_at` are naive (see `Reading.zoned`). `text` is null where only a marker was. `kind` is one of
`KINDS`. `event` (one of `EVENTS`) says what a system line tells, `mentions` whom it is about: ids like `author`, or
names. `reply_to` and `thread_root` are a `msg_id` of the same chat. `reactions` are all that the message has; null
where the export does not tell. Of `media`, `missing` is true where the export lacks the file, false where it holds it.
`update` is null for a message; `edit`, `delete` or `react` say that the row changes the message of its `msg_id`, be it
in an earlier export: `edit` gives its new `text`, `react` its `reactions` or one by the author, with the emoji as
`text`. `data` is the JSON text of a poll, call, location or contact, as `DATA_SHAPES` has it.
"""

UPDATES = ("edit", "delete", "react")
"""The values of the column `update`."""

__all__ = [
    "SOURCE_COLUMNS",
    "SURE",
    "UPDATES",
    "Continued",
    "DateOrder",
    "Person",
    "ReadOptions",
    "Reading",
    "Recognised",
    "Report",
    "Row",
    "Sure",
    "Thread",
]
