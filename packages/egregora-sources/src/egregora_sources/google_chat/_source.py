"""A Takeout of Google Chat: which files of an export are chats, and who is in them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Thread
from egregora_core.plugin.json_values import dict_of, list_of, text_of

from egregora_sources._values import Counts, People
from egregora_sources.google_chat._messages import COLUMNS, Message, Messages, note_person

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
        takeout.batches(),
        thread=None,
        zoned=True,
        threads=takeout.threads.values,
        people=takeout.people.all,
        report=lambda: Report(left_out=dict(takeout.counts)),
        columns=COLUMNS,
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
        self._owners: set[str | None] = set()
        self._files: dict[str, set[str]] = {}
        """By folder: the names of the files in it."""
        for name in () if export.is_file else export.names:
            folder, _, file = name.rpartition("/")
            self._files.setdefault(folder, set()).add(file)

    def batches(self) -> Iterator[Any]:
        for name in [] if self._export.is_file else self._export.find("user_info.json"):
            for said, _ in self._export.items(name):
                self._owners.add(note_person(self.people, dict_of(said).get("user")))
        for name in _chats(self._export):
            if _CHAT.match(self._export.head(name)):
                yield from self._chat(name)

    def _chat(self, name: str) -> Iterator[list[Any]]:
        folder = name.rpartition("/")[0]
        place = folder.rpartition("/")[2]
        id_ = place.removeprefix("Space ").removeprefix("DM ") or self._export.title
        title, members = self._group(folder)
        reader = Messages(id_, self.people, self.counts, self._files.get(folder))
        for some, _ in self._export.batches(name, "messages", Message):
            yield list(reader.rows(some))
        direct = place.startswith("DM ")
        for thread, authors in reader.authors.items():
            others = (authors | members) - self._owners or authors
            names = sorted(called for each in others if each and (called := self.people.name(each)))
            self.threads[thread] = Thread(
                thread, title or ", ".join(names) or self._export.title, "direct" if direct else "group"
            )

    def _group(self, folder: str) -> tuple[str | None, set[str | None]]:
        """Return what a chat is called, None where it has no name; and its members."""
        title: str | None = None
        members: set[str | None] = set()
        if "group_info.json" in self._files.get(folder, ()):
            for said, _ in self._export.items(f"{folder}/group_info.json".lstrip("/")):
                title = text_of(dict_of(said).get("name")) or title
                members |= {note_person(self.people, each) for each in list_of(dict_of(said).get("members"))}
        return title, members
