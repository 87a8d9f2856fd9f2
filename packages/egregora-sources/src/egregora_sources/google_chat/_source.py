"""A Takeout of Google Chat: which files of an export are chats, and who is in them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Row, Thread

from egregora_sources._values import Counts, People, dict_of, text_of
from egregora_sources.google_chat._messages import Messages, note_person

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_CHAT = re.compile(r'^\s*\{\s*"messages"\s*:\s*\[\s*(?:\]|\{)')
_KEYS = ('"topic_id"', '"message_id"', '"created_date"', '"creator"', '"message_state"')
_ENOUGH = 2
_LOOKED_AT = 50


def recognise(export: "Export") -> Recognised:
    """Say whether there are chats in it: a file `messages.json` whose messages have topics, or many of them."""
    heads = (export.head(name) for name in _chats(export)[:_LOOKED_AT])
    if any(_CHAT.match(head) and sum(key in head for key in _KEYS) >= _ENOUGH for head in heads):
        return Recognised("certain", "its messages have a topic_id and a message_id")
    return Recognised("no")


def read(export: "Export", _options: ReadOptions) -> Reading:
    """Read all chats of a Takeout. `--thread` does not apply: chats have names, or members."""
    takeout = _Takeout(export)
    return Reading(
        takeout.rows(),
        thread=None,
        zoned=True,
        threads=takeout.threads.values,
        people=takeout.people.all,
        report=lambda: Report(left_out=dict(takeout.counts)),
    )


def _chats(export: "Export") -> list[str]:
    return [export.names[0]] if export.is_file else export.find("messages*.json")


class _Takeout:
    """An export, and what was met in it so far."""

    def __init__(self, export: "Export") -> None:
        self._export = export
        self.threads: dict[str, Thread] = {}
        self.people = People()
        self.counts = Counts()

    def rows(self) -> Iterator[Row]:
        for name in [] if self._export.is_file else self._export.find("user_info.json"):
            for owner, _ in self._export.items(name, "user"):
                note_person(self.people, owner)
        for name in _chats(self._export):
            if _CHAT.match(self._export.head(name)):
                yield from self._chat(name)
        self._left_behind()

    def _chat(self, name: str) -> Iterator[Row]:
        folder, slash, _ = name.rpartition("/")
        title, members = self._group(folder + slash)
        key = folder.rpartition("/")[2]
        reader = Messages(
            key.removeprefix("Space ").removeprefix("DM ") or self._export.title, self.people, self.counts
        )
        reader.files = self._files(folder + slash)
        for message, _ in self._export.items(name, "messages"):
            yield from reader.rows(dict_of(message))
        self._name_threads(reader, title, direct=key.startswith("DM ") or (not title and bool(members)))

    def _group(self, folder: str) -> tuple[str | None, list[str]]:
        """Return what a chat is called, and its members."""
        title, members = None, []
        name = f"{folder}group_info.json"
        if name in self._export.names and not self._export.is_file:
            for member, around in self._export.items(name, "members"):
                title = text_of(around.get("name")) or title
                members.append(note_person(self.people, member) or "")
        return title, members

    def _files(self, folder: str) -> frozenset[str] | None:
        """Return the names of the files beside a chat; None where only the chat was given."""
        if self._export.is_file:
            return None
        return frozenset(name[len(folder) :] for name in self._export.names if name.startswith(folder))

    def _name_threads(self, reader: Messages, title: str | None, *, direct: bool) -> None:
        for thread, authors in reader.authors.items():
            names = sorted(name for author in authors if (name := self.people.name(author)))
            called = title or ", ".join(names) or self._export.title
            self.threads[thread] = Thread(thread, called, "direct" if direct else "group")

    def _left_behind(self) -> None:
        """Count the files of Takeout that hold other things than messages."""
        for name in () if self._export.is_file else self._export.find("*.html"):
            self.counts.add("pages", name.endswith("archive_browser.html") is False)
