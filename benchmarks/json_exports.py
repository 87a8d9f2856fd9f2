"""Exports of invented chats, as large as is wanted, in the JSON of every platform whose reading is measured."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import json_messages as messages


@dataclass(frozen=True)
class Form:
    """How a platform writes a chat."""

    name: str
    """The file's."""
    message: Callable[[int], dict[str, Any]]
    head: str = "[\n"
    tail: str = "\n]"
    """What stands before the messages, and behind them."""
    indent: int | None = None
    margin: str = ""
    """What each line of a message begins with."""
    between: str = ",\n"
    ascii: bool = True

    def write(self, path: Path, megabytes: float) -> None:
        """Write a chat: the messages of a smaller one, and more."""
        with path.open("w", encoding="utf-8") as file:
            file.write(self.head)
            for number in _until(file, megabytes):
                text = json.dumps(self.message(number), ensure_ascii=self.ascii, indent=self.indent)
                text = text.replace("\n", f"\n{self.margin}") if self.margin else text
                file.write((self.between if number else "") + self.margin + text)
            file.write(self.tail)


def _until(file: TextIO, megabytes: float) -> Iterator[int]:
    number = 0
    while number % 64 or file.tell() < megabytes * (1 << 20):  # to ask takes as long as to write
        yield number
        number += 1


_HANGOUT = {
    "id": {"id": "C"},
    "type": "GROUP",
    "participant_data": [{"id": messages.gaia(3), "fallback_name": "Person 3"}],
}
_PEOPLE = [{"name": f"Person {number}"} for number in range(12)]
_TALK = {
    "id": "19:bench@thread.skype",
    "displayName": "Bench",
    "version": 1.0,
    "properties": {},
    "threadProperties": {"membercount": 12, "topic": "Bench"},
}
_GUILD = {"guild": {"id": "1", "name": "Bench"}, "channel": {"id": "2", "type": "GuildTextChat", "name": "bench"}}

FORMS = {
    "telegram": Form(
        "result.json",
        messages.telegram,
        head='{\n "name": "Bench",\n "type": "private_supergroup",\n "id": 1,\n "messages": [\n',
        tail="\n ]\n}",
        indent=1,
        margin="  ",
        ascii=False,
    ),
    "matrix": Form(
        "export.json",
        messages.matrix,
        head='{\n    "room_name": "Bench",\n    "room_creator": "Person 1",\n    "messages": [\n',
        tail="\n]}",
        indent=4,
    ),
    "slack": Form("2024-05-01.json", messages.slack, indent=4),
    "google_chat": Form("messages.json", messages.google_chat, '{\n  "messages": [', "]\n}", indent=2),
    "discord": Form(
        "channel.json",
        messages.discord,
        head=json.dumps(_GUILD, indent=2)[:-2] + ',\n  "messages": [\n',
        tail="\n  ]\n}",
        indent=2,
        margin="    ",
        ascii=False,
    ),
    "messenger": Form(
        "message_1.json",
        messages.messenger,
        head='{\n  "participants": ' + json.dumps(_PEOPLE, indent=2) + ',\n  "messages": [\n',
        tail='\n  ],\n  "title": "Bench",\n  "is_still_participant": true,\n  "thread_path": "inbox/bench_1"\n}',
        indent=2,
    ),
    "teams": Form(
        "messages.json",
        messages.teams,
        head='{"userId": "8:live:p1", "exportDate": "2024-06-01T10:00:00", "conversations": ['
        + json.dumps(_TALK)[:-1]
        + ', "MessageList": [',
        tail="]}]}",
    ),
    "signal": Form("Bench.json", messages.signal),
    "signal_own": Form("main.jsonl", messages.signal_frame, head="", tail="\n", between="\n"),
    "sigexport": Form("data.json", messages.sigexport, head="", tail="\n", between="\n"),
    "generic_array": Form("bench.json", messages.generic),
    "generic": Form("bench.jsonl", messages.generic, head="", tail="\n", between="\n"),
    "hangouts": Form(
        "Hangouts.json",
        messages.hangouts,
        head='{"conversations": [{"conversation": {"conversation_id": {"id": "C"}, "conversation": '
        + json.dumps(_HANGOUT, indent=2)
        + '}, "events": [',
        tail="]}]}",
        indent=2,
    ),
}
