"""Whether an export is Slack's, and its reading: lists first, then messages, channel by channel."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from egregora_core.builtin.slack._entry import Entry
from egregora_core.builtin.slack._layout import (
    Channels,
    DayFile,
    day_files,
    list_files,
    skipped_files,
    told_before,
)
from egregora_core.builtin.slack._message import COLUMNS, Messages
from egregora_core.builtin.slack._people import People
from egregora_core.plugin import Export, ExportError, Reading, ReadOptions, Recognised, Report

_TS = re.compile(r'"ts"\s*:\s*"?[0-9]{9,11}\.[0-9]{1,6}"?')
_MESSAGE = re.compile(
    r'"(?:type"\s*:\s*"message|subtype"\s*:\s*"[a-z_]+|user"\s*:\s*"[UW][A-Z0-9]+|bot_id"\s*:\s*"B[A-Z0-9]+)"'
)
_USER = re.compile(r'"id"\s*:\s*"[UW][A-Z0-9]*"')
_CHANNEL = re.compile(r'"id"\s*:\s*"[CDG][A-Z0-9]*"')
_DUMP = re.compile(r'^\s*\{.{0,4000}"messages"\s*:', re.DOTALL)
_MOST_LOOKED_AT = 20
_LONG = 1 << 20


def recognise(export: Export) -> Recognised:
    if export.is_file:
        return _looked_at(export, export.names[0])
    lists = list_files(export)
    days = day_files(export)
    looked = [_looked_at(export, day.name) for day in days[:_MOST_LOOKED_AT]]
    if lists and any(said.sure == "certain" for said in looked):
        return Recognised("certain", "its lists of channels or people, and messages with Slack's timestamps")
    if any(said.sure == "certain" for said in looked):
        return Recognised("certain", "messages with Slack's timestamps, one file for a day or channel")
    if {"users.json", "channels.json"} <= {name.rpartition("/")[2] for name in lists}:
        return Recognised("likely", "the lists of a Slack workspace")
    return Recognised("no")


def _looked_at(export: Export, name: str) -> Recognised:
    """Say what the beginning of a file is; a long one where the first message is long."""
    head = export.head(name)
    said = _file(head)
    return _file(export.head(name, _LONG)) if said.sure == "no" and _MESSAGE.search(head) else said


def _file(head: str) -> Recognised:
    start = head.lstrip("\ufeff \t\r\n")
    is_list = start.startswith("[")
    if (is_list or _DUMP.match(start)) and _TS.search(start) and _MESSAGE.search(start):
        return Recognised("certain", "messages with Slack's timestamps")
    if not is_list:
        return Recognised("no")
    if _USER.search(start) and ('"profile"' in start or '"team_id"' in start or '"real_name"' in start):
        return Recognised("likely", "Slack's list of people")
    if _CHANNEL.search(start) and '"members"' in start:
        return Recognised("likely", "Slack's list of channels")
    return Recognised("no")


def read(export: Export, options: ReadOptions) -> Reading:
    """Read an export. Raises ExportError where there are lists alone, without messages."""
    if export.is_file and (said := _looked_at(export, export.names[0])).sure == "likely":
        raise ExportError(
            f"{export.path}: it is {said.why}, without messages; give the zip or folder of the whole export"
        )
    workspace = _Workspace(export, options)
    return Reading(
        workspace.batches(),
        workspace.only_thread,
        zoned=True,
        threads=workspace.channels.threads,
        people=workspace.people.all,
        report=workspace.report,
        complete=workspace.complete,
        columns=COLUMNS if workspace.only_thread else ("thread", *COLUMNS),
    )


class _Workspace:
    """What is known of people and channels while an export is read."""

    def __init__(self, export: Export, options: ReadOptions) -> None:
        self._export = export
        self.left_out: Counter[str] = Counter()
        self.people = People()
        self.channels = Channels(self.people)
        self.days: Sequence[DayFile] = day_files(export)
        self._read_lists()
        self.only_thread = self._only_thread(options)
        # A dump may hold answers that are younger than all else in it.
        self.complete = self.channels.listed and not any(day.dump for day in self.days)

    def _read_lists(self) -> None:
        lists = list_files(self._export)
        for name in lists:
            if name.endswith("users.json"):
                for user in self._entries(name):
                    self.people.listed(user)
        for name in lists:
            if not name.endswith("users.json"):
                root, _, kind = name.rpartition("/")
                for channel in self._entries(name):
                    self.channels.note(root, kind, channel)
        for name, what in skipped_files(self._export):
            self.left_out[what] += sum(1 for _ in self._entries(name))

    def _entries(self, name: str) -> Iterator[dict[str, Any]]:
        return (item for item, _ in self._export.items(name) if isinstance(item, dict))

    def _only_thread(self, options: ReadOptions) -> str | None:
        """Return the chat of a file that does not say which it is."""
        if not self._export.is_file:
            return None
        if self.days[0].dump:
            said: dict[str, Any] = {}
            for _item, said in self._export.items(at="messages"):  # noqa: PERF102 - no dict is read here
                if {"channel_id", "name"} <= said.keys():
                    break  # else they stand behind the messages
            if id_ := self.channels.of(self.days[0], {**told_before(self._export, self.days[0]), **said}):
                return id_
        folder = self._export.path.absolute().parent.name
        return self.channels.found(options.thread or folder or self._export.title, None)

    def batches(self) -> Iterator[Sequence[Any]]:
        messages = Messages(self._export, self.people, self.channels, self.left_out)
        for day in self.days:
            before = told_before(self._export, day)
            for some, around in self._export.batches(day.name, "messages" if day.dump else "", Entry):
                rows = messages.rows(some)
                if rows and self.only_thread is None:
                    rows = _in_thread(self.channels.of(day, {**before, **around}), rows)
                yield rows

    def report(self) -> Report:
        notices = []
        if self.only_thread is not None and not self.channels.listed:
            notices.append(
                "this is one file of an export: names of people and the channel's id are known from the whole, so give "
                "its zip or folder"
            )
        self.left_out.update(self.channels.left_out())
        return Report(left_out={what: count for what, count in self.left_out.items() if count}, notices=notices)


def _in_thread(thread: str, rows: list[Any]) -> list[Any]:
    return [(thread, *row) if type(row) is tuple else {"thread": thread, **row} for row in rows]
