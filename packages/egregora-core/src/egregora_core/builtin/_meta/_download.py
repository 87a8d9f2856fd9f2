"""A download from Meta: a thread is a folder of `message_1.json`, `message_2.json` …, the newest messages first.

Also one thread's file by itself, Messenger's end-to-end encrypted chats (a file each), and Instagram's first layout.
Neither platform gives ids of people or messages: people are their names, as Meta wrote them, messages their moments.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import (
    LeftOut,
    People,
    file_names,
    in_natural_order,
    text_or_number,
    values_beside,
)
from egregora_core.builtin._meta import _first_instagram
from egregora_core.builtin._meta._message import Message, Talk
from egregora_core.builtin._meta._pages import PAGE, is_page, messages, title_of
from egregora_core.builtin._meta._reading_order import in_reading_order, pieces
from egregora_core.builtin._meta._rows import COLUMNS, rows_of
from egregora_core.builtin._meta._stamps import Stamps
from egregora_core.builtin._meta._telling_apart import Platform, by_name, sign_of
from egregora_core.builtin._meta._wrong_bytes import right
from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_PARTITION = re.compile(r"(?:^|/)message_?(\d*)\.json$", re.IGNORECASE)
_STAMP = re.compile(r'"timestamp(?:_ms)?"\s*:')
_MILLIS = re.compile(r'"timestamp_ms"\s*:')
_SENDER = re.compile(r'"sender_name"\s*:')
_ENCRYPTED_STAMP = re.compile(r'"timestamp"\s*:')
_ENCRYPTED_SENDER = re.compile(r'"senderName"\s*:')
_LAYOUTS = (
    (_SENDER, _STAMP),
    (_MILLIS, _SENDER),
    (_ENCRYPTED_SENDER, _ENCRYPTED_STAMP),
    (_ENCRYPTED_STAMP, _ENCRYPTED_SENDER),
)
"""What stands in a file of messages, and what behind it."""
_FIRST = re.compile(r'"conversation"\s*:\s*\[[\s\S]*"created_at"\s*:')
_EMPTY = re.compile(r'"messages"\s*:\s*\[\s*\]')
_NUMBERED = re.compile(r"_(\d{10,})$")
_SHALLOW = 2
"""A download's folder has other JSON files by the hundred; threads without a folder lie at its top."""
_LOOKED_AT = 500
"""Of these, so many are looked into to say what a download is; to read it, all are."""
_BESIDE = ("participants", "title", "thread_path", "thread_type", "threadName")
_PAIR = 2


def recognised(export: "Export", platform: Platform) -> Recognised:
    """Say how surely a download is one of a platform."""
    signs = [sign_of(export, name) for name in _some_of_each(export, _members(export, most=_LOOKED_AT))]
    mine = [sign for sign in signs if sign.platform in (platform, None)]
    if not mine:
        return Recognised("no")
    best = max(mine, key=lambda sign: (sign.platform is not None, sign.sure == "certain"))
    return Recognised(best.sure, best.why)


def _some_of_each(export: "Export", names: list[str]) -> list[str]:
    """Return a member for each platform that paths name, else the first three."""
    called = {found: name for name in names if not export.is_file and (found := by_name(name))}
    return list(called.values()) or names[:3]


def _members(export: "Export", most: int | None = None) -> list[str]:
    """Return the members that hold threads."""
    found = [name for name in export.names if _PARTITION.search(name)]
    others = [
        name
        for name in export.names
        if name.casefold().endswith(".json") and name.count("/") <= _SHALLOW and not _PARTITION.search(name)
    ]
    partitions = [name for name in found if _holds_messages(export.head(name))]
    if not partitions and (pages := [name for name in export.names if PAGE.search(name)]):
        return [name for name in pages if is_page(export.head(name))]
    return partitions + [name for name in others[:most] if _holds_messages(export.head(name))]


def _holds_messages(head: str) -> bool:
    if any((found := one.search(head)) and other.search(head, found.end()) for one, other in _LAYOUTS):
        return True
    if _FIRST.search(head):
        return True
    return '"participants"' in head and bool(_EMPTY.search(head))


def read(export: "Export", options: ReadOptions, platform: Platform) -> Reading:
    """Read the threads of a download that are a platform's. Raises ExportError where one is damaged."""
    del options  # a thread says what it is called, and times are instants
    return _Download(export, platform).reading()


class _Download:
    """A download while it is read."""

    def __init__(self, export: "Export", platform: Platform) -> None:
        self._export = export
        members = _members(export)
        if any(by_name(name) for name in members) and not export.is_file:
            members = [name for name in members if by_name(name) in (platform, None)]
        members = sorted(members, key=in_natural_order, reverse=True)  # the oldest part of a thread is its last
        self._members = sorted(members, key=lambda name: in_natural_order(_root(name)))
        self._people, self._left_out, self._files = People(), LeftOut(), file_names(export)
        self._threads: dict[str, Thread] = {}
        self._stamps: dict[str, Stamps] = {}

    def reading(self) -> Reading:
        return Reading(
            self._batches(),
            thread=None,
            zoned=not any(map(PAGE.search, self._members)),
            threads=self._threads.values,
            people=self._people,
            report=self._report,
            columns=COLUMNS,
        )

    def _report(self) -> Report:
        others = sum(name.endswith((".json", ".html")) for name in self._export.names) - len(self._members)
        more = {"files of the download that hold no messages": others} if others > 0 else {}
        return Report(left_out={**self._left_out, **more})

    def _batches(self) -> Iterator[Any]:
        here = ""
        for name in self._members:
            if (root := _root(name)) != here:  # another download beside it has the same messages under the same ids
                here, self._stamps = root, {}
            if PAGE.search(name):
                yield from self._page(name)
            elif _FIRST.search(self._export.head(name)):
                yield from self._conversations(name)
            else:
                yield from self._messages(name)

    def _messages(self, name: str) -> Iterator[list[Any]]:
        talk = self._talk(name)
        stamps = self._stamps.setdefault(talk.thread, Stamps())
        for some in in_reading_order(some for some, _ in self._export.batches(name, "messages", Message)):
            yield rows_of(talk, stamps, some)

    def _page(self, name: str) -> Iterator[dict[str, Any]]:
        title = title_of(self._export.head(name))
        key = _thread_id(name, None) or title or self._export.title
        self._threads[key] = Thread(key, title or _title_of(key))
        talk = Talk(key, self._people, self._left_out, self._files)
        for piece in in_reading_order(pieces(messages(self._export, name))):
            for row in filter(None, map(talk.row, piece)):
                yield {**row, "ts": row["ts"].replace(tzinfo=None)}  # the clock of the account

    def _conversations(self, name: str) -> Iterator[dict[str, Any]]:
        for item, _ in self._export.items(name):
            conversation = dict_of(item)
            if thread := _first_instagram.thread_of(conversation):
                kind = "direct" if thread.count(", ") < _PAIR else "group"
                self._threads[thread] = Thread(thread, None, kind)  # type: ignore[arg-type]  # a Literal
                yield from _first_instagram.rows(conversation, self._people, self._left_out)

    def _talk(self, name: str) -> Talk:
        """Find out whose thread a file is, and what it is called."""
        told = values_beside(self._export, name, "messages", _BESIDE)
        listed = told.get("participants")
        plain = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
        names = [right(each) for each in (*plain, *(each.get("name") for each in dicts_of(listed)))]
        for each in filter(None, names):
            self._people.meet(each, each)
        group = text_or_number(told.get("thread_type")) == "RegularGroup" or len(names) > _PAIR
        called, chat = right(told.get("threadName")), right(told.get("title"))
        if called is not None:
            chat = chat or re.sub(r"_\d+$", "", called)
        key = _thread_id(name, text_or_number(told.get("thread_path"))) or called or chat or self._export.title
        self._threads[key] = Thread(key, chat or _title_of(key), "group" if group else "direct")
        return Talk(key, self._people, self._left_out, self._files)


def _root(name: str) -> str:
    """Return the folder of the download that a member belongs to."""
    folders = name.split("/")[:-1]
    return "/".join(folders[:-_PAIR] if _PARTITION.search(name) or PAGE.search(name) else folders)


def _thread_id(name: str, path: str | None) -> str | None:
    """Return what identifies a thread: the number at the end of its folder's name, which outlives titles and moves."""
    folder = path.rstrip("/").rpartition("/")[2] if path else None
    if not folder and (_PARTITION.search(name) or PAGE.search(name)):
        folder = name.rpartition("/")[0].rpartition("/")[2]
    if not folder:
        return None
    number = _NUMBERED.search(folder)
    return number[1] if number else folder


def _title_of(key: str) -> str | None:
    return None if key.isdecimal() else re.sub(r"_[\w-]{8,}$", "", key)


__all__ = ["read", "recognised"]
