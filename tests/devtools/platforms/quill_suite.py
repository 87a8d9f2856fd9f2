"""The suite of `quill.py`, as its author would write it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from egregora_devtools.conformance import FEATURES, Message, SourceConformance, chats_of, people_of

CLUB, ACCOUNT = Path(__file__).parent / "club.quill", Path(__file__).parent / "account"


class QuillConformance(SourceConformance):
    """JSON, with ids of everything."""

    exports = (CLUB, ACCOUNT)
    counts: ClassVar = {
        CLUB: {"text": 2, "system": 1, "media": 1, "poll": 1, "reply_to": 1, "edited": 1, "left_out": 1},
        ACCOUNT: {"messages": 3, "chats": 3, "authors": 2},
    }
    supports = frozenset(FEATURES)
    events = ("join", "leave", "rename", "pin")
    zoned = True

    def write(self, messages: Sequence[Message], path: Path) -> None:
        said = {
            "quill": 3,
            "made": _time(max(message.ts for message in messages)),
            "people": [{"id": id_, "name": name} for id_, name in people_of(messages).items()],
            "chats": [
                {"id": id_, "title": title, "messages": [_said(message) for message in of_chat]}
                for id_, (title, of_chat) in chats_of(messages).items()
            ],
        }
        path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def _said(message: Message) -> Mapping[str, Any]:
    said = {
        "id": message.id,
        "at": _time(message.ts),
        "by": message.person,
        "kind": message.kind,
        "text": message.text,
        "event": message.event,
        "answers": message.reply_to,
        "under": message.thread_root,
        "edited": message.edited_at and _time(message.edited_at),
        "from": message.forwarded_from,
        "about": [{"id": person} for person in message.mentions],
        "reactions": [{"emoji": each.emoji, "by": each.person} for each in message.reactions],
        "files": [{"name": name} for name in message.media],
        "data": message.data,
    }
    return {key: value for key, value in said.items() if value or (key == "text" and value is not None)}


def _time(ts: Any) -> str:
    return f"{ts:%Y-%m-%dT%H:%M:%SZ}"
