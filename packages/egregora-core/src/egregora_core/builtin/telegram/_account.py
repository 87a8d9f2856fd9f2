"""`result.json`: one chat, or the chats of an account and whom its owner knows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from egregora_core.builtin.telegram._message import Messages
from egregora_core.builtin.telegram._people import People, bare, full_name, user_id
from egregora_core.builtin.telegram._values import instant_of, is_list
from egregora_core.plugin import Export, Reading, ReadOptions, Report, Row, Thread

_CHATS = ("messages", "chats.list.*.messages", "left_chats.list.*.messages")
_KNOWN = ("personal_information", "contacts.list", "frequent_contacts.list")
_LEFT_OUT = {
    "sessions.list": "sessions",
    "web_sessions.list": "web sessions",
    "profile_pictures": "profile pictures",
    "stories": "stories",
}
"""What is no message, by its way in the file."""
_WAYS = "|".join((*_CHATS, *_KNOWN, *_LEFT_OUT))
_WAY = ""
"""Under this key an export says on which way something was met."""
_OF_USER = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"})
_DIRECT = _OF_USER
_TITLES = {"saved_messages": "Saved Messages", "replies": "Replies", "verification_codes": "Verification Codes"}
_CLOCKS = 200
"""Behind so many wall clocks no instant comes."""
_ROWS, _CHARACTERS = 512, 4 << 20
"""A batch has at most so many rows, and ends where its texts have so many characters."""

Item = tuple[str, Any, dict[str, Any]]
"""The way on which something was met, what it is, and the scalars around it."""


def read_json(export: Export, files: Sequence[str], options: ReadOptions) -> Reading:
    """Read files that are alike: all hold times that are instants, or all wall clocks of the exporting machine."""
    account = _Account(export)
    items = account.items(files)
    beginning, zoned = _first_message(items)
    account.old_ids = bool(beginning) and _has_old_ids(beginning[-1][1])
    whole = len(files) == 1 and all(way == "messages" for way, _, _ in beginning)
    thread = account.only_chat(files[0], beginning, options) if whole and beginning else None
    reading = Reading(
        iter(()),
        thread,
        zoned=zoned,
        threads=account.threads.values,
        people=account.people.all,
        report=lambda: Report(left_out=dict(account.left_out)),
        # Of an account there may be only one's own messages of a group, and of a group a topic.
        complete=whole and bool(beginning) and beginning[0][2].get("type") in (*_OF_USER, "private_group"),
    )
    messages = Messages(account.people, account.left_out, zoned=zoned)
    if zoned and beginning and isinstance(beginning[-1][1], dict):
        messages.tell_offset(beginning[-1][1])
    reading.batches = account.batches(chain(beginning, items), messages, thread)
    return reading


def _first_message(items: Iterator[Item]) -> tuple[list[Item], bool]:
    """Take items up to the first message whose time is an instant; tell whether there is one among the first ones.

    A version writes all alike, but for what other programs put among its messages.
    """
    taken, clocks = list[Item](), 0
    for way, item, around in items:
        taken.append((way, item, around))
        if way not in _CHATS or not isinstance(item, dict):
            continue
        if instant_of(item.get("date_unixtime")) is not None:
            return taken, True
        clocks += "date" in item
        if clocks >= _CLOCKS:
            break
    return taken, not clocks


def _has_old_ids(message: Any) -> bool:
    return isinstance(message, dict) and any(type(message.get(key)) is int for key in ("from_id", "actor_id"))


class _Account:
    """What is known of people and chats while an export is read."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self.people = People()
        self.threads: dict[str, Thread] = {}
        self.old_ids = False
        """Ids are numbers that hold whose they are, as till 2021."""
        self.left_out: Counter[str] = Counter()

    def items(self, files: Iterable[str]) -> Iterator[Item]:
        for name in files:
            alone = is_list(self._export.head(name))
            for item, around in self._export.items(name, "" if alone else _WAYS):
                yield "messages" if alone else around[_WAY], item, around

    def only_chat(self, name: str, beginning: Sequence[Item], options: ReadOptions) -> str:
        """Return the id of the one chat of a file, whose name and kind may stand behind its messages."""
        chat = beginning[0][2]
        if not {"type", "id", "name"} <= chat.keys() and not is_list(self._export.head(name)):
            for _, met in self._export.items(name, "messages"):
                chat = met
        return self._chat(chat, options.thread or self._export.title)

    def _chat(self, chat: Mapping[str, Any], title: str) -> str:
        """Note a chat, and return its id."""
        kind, number, name = chat.get("type"), chat.get("id"), chat.get("name")
        name = name if isinstance(name, str) and name else _TITLES.get(str(kind))
        if type(number) is int:
            id_ = f"{_sort_of(kind)}{bare(number) if self.old_ids else number}"
        else:
            name = number if isinstance(number, str) and number else name or title
            id_ = name = name.encode(errors="replace").decode()  # damaged JSON may hold half a character
        if kind in ("personal_chat", "bot_chat") and type(number) is int:
            self.people.meet(id_, name, bot=kind == "bot_chat")
        self.threads[id_] = Thread(id_, name, _kind_of(kind))
        return id_

    def batches(self, items: Iterable[Item], messages: Messages, thread: str | None) -> Iterator[list[Row]]:
        rows: list[Row] = []
        size, met, here = 0, None, thread
        for way, item, around in items:
            if way not in _CHATS:
                self._know(way, item)
                continue
            if around is not met:
                met = around
                here = thread if thread is not None else self._chat(around, self._export.title)
                messages.begin()
            row = messages.row(item)
            if row is None:
                continue
            if thread is None:
                row["thread"] = here
            rows.append(row)
            size += len(row.get("text") or "")
            if len(rows) >= _ROWS or size > _CHARACTERS:
                yield rows
                rows, size = [], 0
        yield rows

    def _know(self, way: str, item: Any) -> None:
        if way in _LEFT_OUT:
            self.left_out[_LEFT_OUT[way]] += 1
        elif isinstance(item, dict):
            id_ = user_id(item.get("user_id", item.get("id")))
            handle = item.get("username")
            name = full_name(item) or item.get("name")
            if item.get("type") in (None, "user") and name:
                self.people.meet(id_, name, handle) if id_ else self.people.named(name)


def _sort_of(kind: Any) -> str:
    """Return what tells ids of users, groups and channels apart, which Telegram counts by themselves."""
    if kind in _OF_USER:
        return "user"
    return "chat" if kind == "private_group" else "channel" if isinstance(kind, str) else ""


def _kind_of(kind: Any) -> Any:
    if kind in _DIRECT:
        return "direct"
    if not isinstance(kind, str):
        return "other"
    return "channel" if kind.endswith("_channel") else "group" if kind.endswith("group") else "other"
