"""Mailboxes: each mail a message, in the conversation that it belongs to."""

import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

from egregora_core.plugin import Export, ExportError, Person, Reading, ReadOptions, Recognised, Report, Thread

from egregora_sources.mbox._framing import Mail, is_start, mails
from egregora_sources.mbox._headers import AsWritten, addresses, decoded, ids, moment, subject
from egregora_sources.mbox._parts import Parts, parts_of

_NAMES = re.compile(r"(?i)\.(?:mbox|mbx|mboxrd|txt|mail)(?:\.\d+)?$|^[^.]+$|^mbox")
_EXPUNGED = 0x0008
"""Mozilla's mark of a mail that was deleted and waits to be cleared away."""


def recognise(export: Export) -> Recognised:
    """Say by their first lines whether files are mailboxes."""
    if _files(export):
        return Recognised("certain", "a line `From …` with a mail's headers behind it")
    return Recognised("no")


def _files(export: Export) -> list[str]:
    names = (
        export.names if export.is_file else [name for name in export.names if _NAMES.search(name.rpartition("/")[2])]
    )
    return [name for name in names if _begins(export.head(name, 4096))]


def _begins(head: str) -> bool:
    lines = head.lstrip("\ufeff\r\n ").encode("utf-8", "replace").split(b"\n", 2)
    return len(lines) > 1 and is_start(lines[0], lines[1])


def read(export: Export, options: ReadOptions) -> Reading:  # noqa: ARG001 - a mailbox says which conversations it holds
    """Read all mailboxes of the export. Raises ExportError where there is none."""
    files = _files(export)
    if not files:
        raise ExportError(f"{export.path}: no mailbox (mbox) is in it")
    box = _Box()
    return Reading(
        box.rows(export, files),
        None,
        zoned=True,
        threads=lambda: [Thread(id_, title) for id_, title in box.titles.items()],
        people=box.people,
        report=lambda: Report(left_out=dict(box.left_out)),
    )


class _Box:
    """The mailboxes of an export, being read."""

    def __init__(self) -> None:
        self.titles: dict[str, str | None] = {}
        self.left_out: Counter[str] = Counter()
        self._names: dict[str, dict[str, None]] = {}

    def people(self) -> list[Person]:
        return [Person(address, [*reversed(names), address]) for address, names in self._names.items()]

    def rows(self, export: Export, files: list[str]) -> Iterator[dict[str, Any]]:
        for name in files:
            where = f"{export.path}" if export.is_file else f"{export.path}: {name}"
            with export.open(name) as file:
                for mail in mails(file, where):
                    if row := self._row(mail):
                        yield row

    def _row(self, mail: Mail) -> dict[str, Any] | None:
        message, parts = self._parsed(mail)
        if _flag(message) & _EXPUNGED:
            self.left_out["mails that were deleted, and not cleared away yet"] += 1
            return None
        ts = moment(message, mail.start)
        if ts is None:
            self.left_out["mails without a date"] += 1
            return None
        own = next(iter(ids(message, "Message-ID")), None)
        parents = ids(message, "References") or ids(message, "In-Reply-To")
        about, is_reply = subject(message)
        thread, root = self._thread(message, own, parents, (about, is_reply))
        text = parts.text
        return {
            "thread": thread,
            "msg_id": own,
            "ts": ts,
            "author": self._author(message, mail.start),
            "kind": "media" if parts.media else "text",
            "text": text if text is not None or parts.media else about or None,
            "reply_to": next(reversed(ids(message, "In-Reply-To") or parents), None),
            "thread_root": root,
            "mentions": self._receivers(message),
            "media": parts.media or None,
        }

    def _parsed(self, mail: Mail) -> tuple[Message, Parts]:
        try:
            message = message_from_bytes(mail.content, policy=AsWritten())
            return message, parts_of(message)
        except RecursionError:
            self.left_out["bodies that are nested too deeply"] += 1
            return BytesHeaderParser(policy=AsWritten()).parsebytes(mail.content.partition(b"\n\n")[0]), Parts()

    def _author(self, message: Message, start: bytes) -> str:
        found = addresses(message, "From") or addresses(message, "Sender") or addresses(message, "Reply-To")
        if found:
            return self._met(*found[0])
        name = decoded(message.get("From"))
        sender = start.decode("latin-1").split(" ")[1].strip()
        return self._met("", name or (sender if "@" in sender and not sender.endswith("@xxx") else "unknown sender"))

    def _met(self, name: str, address: str) -> str:
        names = self._names.setdefault(address, {})
        if name and name.casefold() != address:
            names.pop(name, None)  # what they are called last stands last
            names[name] = None
        return address

    def _receivers(self, message: Message) -> list[str] | None:
        """Remember everybody whom a mail was sent to; those in `To` are whom it is for."""
        for name, address in addresses(message, "Cc", "Bcc", "Reply-To", "Sender"):
            self._met(name, address)
        return list(dict.fromkeys(self._met(*each) for each in addresses(message, "To"))) or None

    def _thread(
        self, message: Message, own: str | None, parents: list[str], about: tuple[str, bool]
    ) -> tuple[str, str | None]:
        """Return the conversation of a mail, and within a mailing list the mail that it began with.

        A conversation is Google's; else the list's; else what its first mail is, as each reply tells; else its subject.
        """
        title, is_reply = about
        if conversation := str(message.get("X-GM-THRID") or "").strip():
            return self._titled(f"gmail:{conversation}", title), None
        if listed := _list_of(message):
            return self._titled(*listed), parents[0] if parents else None
        root = parents[0] if parents else own
        if root is None or (is_reply and not parents):
            return self._titled(f"subject:{title.casefold()}", title), None
        return self._titled(root, title), None

    def _titled(self, thread: str, title: str) -> str:
        if not self.titles.get(thread):
            self.titles[thread] = title or None
        return thread


def _list_of(message: Message) -> tuple[str, str] | None:
    """Return id and name of the mailing list that a mail came over."""
    text = decoded(message.get("List-Id"))
    match = re.fullmatch(r"\s*(.*?)\s*<([^<>\s]+)>.*", text)
    if match:
        return f"list:{match[2].casefold()}", match[1].strip('" ') or match[2]
    return (f"list:{text.strip().casefold()}", text.strip()) if re.fullmatch(r"\s*[\w.-]+\.[\w-]+\s*", text) else None


def _flag(message: Message) -> int:
    text = str(message.get("X-Mozilla-Status") or "").strip()
    return int(text, 16) if re.fullmatch(r"[0-9a-fA-F]{4}", text) else 0
