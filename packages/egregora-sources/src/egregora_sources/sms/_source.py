"""Backups of texts, multimedia messages and calls: whose they are, in which chat, and when."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from egregora_core.plugin import Export, ExportError, Person, Reading, ReadOptions, Recognised, Report, Thread

from egregora_sources.sms._people import ME, People, id_of
from egregora_sources.sms._xml import Element, elements

_ROOT = re.compile(r"<(smses|calls)(?:\s[^>]*)?/?>")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as the host wants it: without a zone
_SECONDS_BELOW = 10**11
"""Older versions wrote the dates of multimedia messages in seconds."""
_LAST = 10**13
_MINE = {"2", "3", "4", "5", "6"}
"""Boxes of what the phone's owner wrote: sent, draft, outbox, failed, queued."""
_UNSENT = {
    "3": "drafts",
    "4": "messages that were not sent yet",
    "5": "messages that failed",
    "6": "messages that were not sent yet",
}
_FROM, _TO = "137", {"129", "130", "151"}
_MADE, _MISSED = "2", {"3", "5", "6"}
_HIDDEN = "unknown"
_LAYOUT = "application/smil"


def recognise(export: Export) -> Recognised:
    """Say by its root whether a file is a backup."""
    if _files(export):
        return Recognised("certain", "the root of a backup of SMS Backup & Restore")
    return Recognised("no")


def _files(export: Export) -> list[str]:
    names = list(export.names) if export.is_file else export.find("*.xml")
    return [
        name
        for name in names
        if (head := export.head(name)).lstrip("\ufeff \t\r\n").startswith("<") and _ROOT.search(head)
    ]


def read(export: Export, options: ReadOptions) -> Reading:  # noqa: ARG001 - a backup says which chats it holds
    """Read all backups of the export. Raises ExportError where there is none."""
    files = _files(export)
    if not files:
        raise ExportError(f"{export.path}: no backup of SMS Backup & Restore (sms-….xml, calls-….xml) is in it")
    backup = _Backup()
    reading = Reading(
        iter(()),
        None,
        zoned=True,
        threads=backup.threads,
        people=lambda: [Person(id_, names) for id_, names in backup.people.all()],
        report=backup.report,
    )
    reading.batches = backup.rows(export, files, reading)
    return reading


class _Backup:
    """The files of a backup, being read."""

    def __init__(self) -> None:
        self.people = People()
        self._chats: dict[str, list[str]] = {}
        self._left: Counter[str] = Counter()
        self._unsent: Counter[str] = Counter()

    def rows(self, export: Export, files: list[str], reading: Reading) -> Iterator[dict[str, Any]]:
        for name in files:
            with export.open(name) as file:
                for element in elements(file, f"{export.path}" if export.is_file else f"{export.path}: {name}"):
                    if element.name in {"smses", "calls"}:
                        made = _moment(element.get("backup_date"))
                        reading.as_of = max((when for when in (made, reading.as_of) if when), default=None)
                    elif row := self._row(element):
                        yield row

    def threads(self) -> list[Thread]:
        return [
            Thread(
                id_,
                ", ".join(self.people.called(each) for each in whom) or None,
                "group" if len(whom) > 1 else "direct",
            )
            for id_, whom in self._chats.items()
        ]

    def report(self) -> Report:
        notices = [f"{what} among the messages: {count:,}" for what, count in self._unsent.items()]
        return Report(left_out=dict(self._left), notices=notices, facts={"not_sent": sum(self._unsent.values())})

    def _row(self, element: Element) -> dict[str, Any] | None:
        kinds = {"sms": self._text, "mms": self._multimedia, "call": self._call}
        if element.name not in kinds:
            self._left["entries of kinds that are not known"] += 1
            return None
        ts = _moment(element.get("date")) or _moment(element.get("date_sent"))
        if ts is None:
            self._left["messages without a date"] += 1
            return None
        return {"ts": ts, **kinds[element.name](element)}

    def _chat(self, whom: list[str]) -> str:
        """Return the id of the chat with these people."""
        known = sorted(set(whom))
        id_ = "~".join(known) or _HIDDEN
        self._chats.setdefault(id_, known)
        return id_

    def _text(self, sms: Element) -> dict[str, Any]:
        whom, mine = self.people.meet(sms.get("address"), sms.get("contact_name")), sms.get("type") in _MINE
        self._count_unsent(sms.get("type"))
        return {
            "thread": self._chat([whom] if whom else []),
            "author": ME if mine else whom or self.people.meet(_HIDDEN + " number"),
            "kind": "text",
            "text": _joined(_subject(sms.get("subject")), sms.attributes.get("body", "")),
        }

    def _count_unsent(self, box: str) -> None:
        if what := _UNSENT.get(box):
            self._unsent[what] += 1

    def _multimedia(self, mms: Element) -> dict[str, Any]:
        box = mms.get("msg_box")
        mine = box in _MINE
        self._count_unsent(box)
        author, others = self._parties(mms, mine=mine)
        texts, media = _parts(mms)
        if not media and mms.get("m_type") == "130":
            media = [{"name": None, "missing": True}]  # told, and never fetched
        return {
            "thread": self._chat(others),
            "author": author,
            "kind": "media" if media else "text",
            "text": _joined(_subject(mms.get("sub")), "\n".join(texts)) if texts or mms.get("sub") else None,
            "media": media or None,
        }

    def _parties(self, mms: Element, *, mine: bool) -> tuple[str, list[str]]:
        """Return who wrote a message, and the people whom its chat is with."""
        addresses = [each for child in mms.children if child.name == "addrs" for each in child.children]
        senders = [each.get("address") for each in addresses if each.get("type") == _FROM]
        receivers = [each.get("address") for each in addresses if each.get("type") in _TO]
        named = self._named(mms)
        if mine:
            for own in senders:
                self.people.own(own)
        elif len(receivers) == 1 and id_of(receivers[0]) not in named:
            self.people.own(receivers[0])
        told = [id_ for address in senders + receivers if (id_ := self.people.meet(address))]
        others = named or [id_ for id_ in told if not self.people.is_own(id_)]
        sender = next((id_ for address in senders if (id_ := id_of(address))), None)
        if mine:
            return ME, others
        return sender or (others[0] if others else _HIDDEN), others or ([sender] if sender else [])

    def _named(self, mms: Element) -> list[str]:
        """Return the people of an MMS's chat, where it says so; the app joins several with `~`."""
        listed = [each for each in mms.get("address").split("~") if id_of(each)]
        names = mms.get("contact_name").split(", ")
        called = names if len(names) == len(listed) else [""] * len(listed)
        return [id_ for each, name in zip(listed, called, strict=True) if (id_ := self.people.meet(each, name))]

    def _call(self, call: Element) -> dict[str, Any]:
        whom, kind = self.people.meet(call.get("number"), call.get("contact_name")), call.get("type")
        data: dict[str, Any] = {"missed": kind in _MISSED}
        if call.get("duration").isdecimal():
            data["seconds"] = min(int(call.get("duration")[:9]), 10**9)
        hidden = whom or self.people.meet(_HIDDEN + " number")
        return {
            "thread": self._chat([whom] if whom else []),
            "author": ME if kind == _MADE else hidden,
            "kind": "call",
            "data": json.dumps(data),
        }


def _moment(text: str) -> datetime | None:
    """Return the time (UTC) of milliseconds since 1970; null for what is none."""
    if not text.isascii() or not text.isdecimal() or not 0 < (number := int(text[:20])) < _LAST:
        return None
    return _EPOCH + timedelta(milliseconds=number if number >= _SECONDS_BELOW else number * 1000)


def _subject(text: str) -> str:
    return "" if text.casefold() in {"nosubject", "no subject", "(no subject)"} else text


def _joined(subject: str, body: str) -> str:
    return f"{subject}\n{body}" if subject and body else subject or body


def _parts(mms: Element) -> tuple[list[str], list[dict[str, Any]]]:
    """Return texts and attachments of a multimedia message; how a phone would lay them out is neither."""
    texts, media = [], []
    for part in (each for child in mms.children if child.name == "parts" for each in child.children):
        kind = part.get("ct").casefold()
        if kind == "text/plain" and "text" in part.attributes and part.get("text"):
            texts.append(part.attributes["text"])
        elif kind != _LAYOUT and (kind != "text/plain" or part.get("data")):
            media.append(_attachment(part, kind))
    return texts, media


def _attachment(part: Element, kind: str) -> dict[str, Any]:
    data = part.get("data")
    length = int(data[1:]) if data.startswith("#") else len(data) - data.count("\n") - data.count("=")
    name = next((found for key in ("cl", "fn", "name") if (found := part.get(key))), None)
    return {"name": name, "type": kind or None, "size": length * 3 // 4 if data else None, "missing": not data}
