"""What the suites feed to a plugin: an invented chat with difficult texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

AUTHORS = ("Ana Kelemen", "Bo Quarrel", "Zoë Ó Dálaigh")
PEOPLE = {"u1": AUTHORS[0], "u2": AUTHORS[1], "u3": AUTHORS[2], "u4": AUTHORS[0]}
"""Who writes, by id. Two of them have one name, which a suite finds only where a source `supports` people."""
MEMBERS = {"u9": "Quentin Lurker"}
"""Whom an export knows although they never write, by id: for a source that `supports` members."""
FIRST = datetime(2024, 1, 30, 18, 0, tzinfo=UTC)
"""After the twelfth of a month, so that no date of the chat's beginning can be read in another order."""

BODIES = (
    "plain",
    "two  spaces, a tab\there, and a colon: so what",
    "caf\u00e9 and cafe\u0301: composed and decomposed stay what they are",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e7\U0001f1f7 family and flag",
    "\u0645\u0631\u062d\u0628\u0627 \u65e5\u672c\u8a9e \u0928\u092e\u0938\u094d\u0924\u0947",
    'it\'s "quoted", back\\slashed, {"json": [1]}, <b>&amp;</b>, | `md` | %s $1 {0}',
    "'; DROP TABLE ir_messages; --",
    "no\u00a0break, thin\u2009space, soft\u00adhyphen",
    "null",
    "007",
    "x" * 5000,
)
"""Bodies of one line."""

BLOCKS = ("first\nsecond", "above\n\n\nbelow two blank lines", "line separator\u2028stays, next\u0085line, too")
"""Bodies that a reader by lines gets wrong."""

EDGES = (
    "y\u00e9 " * 23_333 + "the end of 70 000",
    "  two blanks before",
    "two blanks after  ",
    "",
    "zero \0 inside",
    '=HYPERLINK("x")',
)
"""Bodies of one line that a reader loses, cuts or tidies up."""

TELLTALE = "zanzibarically"
"""A word that stands in no message text of an error."""

Precision = Literal["minute", "second", "millisecond", "microsecond"]


@dataclass(frozen=True)
class Reaction:
    """An emoji that somebody gave to a message."""

    emoji: str
    person: str
    author: str
    """Their name."""


@dataclass(frozen=True)
class Message:
    """One message to write into an export. Fields behind `text` are set where the suite `supports` them."""

    id: str
    """`m7`: unique in the export."""
    ts: datetime
    """UTC, as exact as the suite's `precision`."""
    author: str
    """A name; empty for what the platform itself writes."""
    text: str | None
    person: str = ""
    """`u2`: the author's id, for platforms that give one."""
    chat: str = "c1"
    """The chat's id."""
    title: str = "Conformance"
    """What the chat is called."""
    kind: str = "text"
    event: str | None = None
    """What happened, of a line that the platform itself wrote (`kind` is `system`)."""
    mentions: tuple[str, ...] = ()
    """Ids of people; whom an event is about."""
    reply_to: str | None = None
    """The id of a message of the same chat."""
    thread_root: str | None = None
    """The same, of the message that a thread of answers begins with."""
    edited_at: datetime | None = None
    reactions: tuple[Reaction, ...] = ()
    media: tuple[str, ...] = ()
    """Names of attached files, which are not there."""
    forwarded_from: str | None = None
    """A name."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What a poll, call, location or contact says, as `DATA_SHAPES` has it."""

    @property
    def number(self) -> int:
        """The message's id as a number, for platforms that number messages."""
        return int(self.id[1:])


def people_of(messages: Sequence[Message]) -> dict[str, str]:
    """Return what the people of an export are called, by id: who writes and who is only known to it."""
    known = {**PEOPLE, **MEMBERS}
    written = {message.person: message.author for message in messages if message.person}
    told = [person for message in messages for person in message.mentions]
    told += [reaction.person for message in messages for reaction in message.reactions]
    return {**MEMBERS, **{person: known[person] for person in told}, **written}


def chats_of(messages: Sequence[Message]) -> dict[str, tuple[str, list[Message]]]:
    """Return the chats of an export, by id: what each is called, and its messages."""
    chats: dict[str, tuple[str, list[Message]]] = {}
    for message in messages:
        chats.setdefault(message.chat, (message.title, []))[1].append(message)
    return chats


def moment(number: int, step: timedelta, precision: Precision = "minute") -> datetime:
    """Return when the message of a number is sent: never a rounder time than the precision allows."""
    more = {"second": timedelta(seconds=7), "millisecond": timedelta(milliseconds=7011)}
    more["microsecond"] = timedelta(microseconds=7_011_013)
    return FIRST + number * (step + more.get(precision, timedelta()))


def chat(
    bodies: Sequence[str], *, step: timedelta = timedelta(hours=7), precision: Precision = "minute"
) -> list[Message]:
    """Return a chat of these bodies, of three authors, over weeks; the first message has an identical twin."""
    messages = [
        Message(
            f"m{number}",
            moment(number, step, precision),
            AUTHORS[number % len(AUTHORS)],
            body,
            f"u{number % len(AUTHORS) + 1}",
        )
        for number, body in enumerate(bodies, 1)
    ]
    first = messages[0]
    return [Message("m0", first.ts, first.author, first.text, first.person), *messages]


def whatsapp(messages: Sequence[Message], directory: Path) -> Path:
    """Write messages as an export of the built-in source, of one chat: how suites of other kinds get theirs."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "WhatsApp Chat with Conformance.txt"
    lines = (f"{message.ts:%d/%m/%Y, %H:%M} - {message.author}: {message.text}\n" for message in messages)
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return path
