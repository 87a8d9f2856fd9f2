"""What the suites feed to a plugin: an invented chat with difficult texts, and bytes that are no chat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

AUTHORS = ("Ana Kelemen", "Bo Quarrel", "Zoë Ó Dálaigh")
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

TELLTALE = "zanzibarically"
"""A word that stands in no message text of an error."""


@dataclass(frozen=True)
class Message:
    """One message to write into an export. `ts` is UTC and has whole minutes; `id` is unique."""

    id: str
    ts: datetime
    author: str
    text: str


def chat(bodies: Sequence[str], *, step: timedelta = timedelta(hours=7)) -> list[Message]:
    """Return a chat of these bodies, of three authors, over weeks; the first message has an identical twin."""
    messages = [
        Message(f"m{number}", FIRST + number * step, AUTHORS[number % len(AUTHORS)], body)
        for number, body in enumerate(bodies, 1)
    ]
    return [Message("m0", messages[0].ts, messages[0].author, messages[0].text), *messages]


def whatsapp(messages: Sequence[Message], directory: Path) -> Path:
    """Write messages as an export of the built-in source, of one chat: how suites of other kinds get theirs."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "WhatsApp Chat with Conformance.txt"
    lines = (f"{message.ts:%d/%m/%Y, %H:%M} - {message.author}: {message.text}\n" for message in messages)
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return path


def damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what can happen to an export, by name."""
    third = len(content) // 3
    yield "empty", b""
    yield "cut off", content[: 2 * third + 1]
    yield "cut off at its start", content[third + 1 :]
    yield "cut off inside a character", content[:third] + b"\xf0\x9f\x91"
    yield "no text", bytes(range(256)) * 64
    yield "zeros in it", content[:third] + b"\0" * 4096 + content[third:]
    yield "another encoding", content.decode("utf-8", "replace").encode("utf-16")
    yield "garbage in it", content[:third] + b'\n\xff\xfe}]{[\x00,,,"\n' + content[third:]
    yield "one endless line", b"a" * 300_000
