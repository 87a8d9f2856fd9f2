"""Sources of core conform: each goes through the suite that any plugin's author uses."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin import discord, generic, instagram, messenger
from egregora_devtools.conformance import Message, SourceConformance
from egregora_devtools.conformance.samples import chats_of, people_of
from platforms import read
from support import SHARED

pytestmark = pytest.mark.slow  # whole suites, each of some forty readings

EXPORTS = Path(__file__).parent / "exports"
GARDEN = EXPORTS / "Allotment - Text - garden [1100000000000000000].json"
THREAD, READING = EXPORTS / "messenger" / "message_1.json", EXPORTS / "reading.csv"
DIRECT = EXPORTS / "instagram" / "message_1.json"


def _put(path: Path, files: dict[str, Any]) -> None:
    """Write JSON files: one under the path's own name, several into a folder of that name."""
    for name, content in files.items():
        file = path if len(files) == 1 else path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


class _Bounded(SourceConformance):
    """A suite whose measurement takes its time."""

    zoned = True

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


_TYPES = {"join": "GuildMemberJoin", "rename": "ChannelNameChange", "picture": "ChannelIconChange"}


class TestDiscord(_Bounded):
    """DiscordChatExporter's JSON."""

    plugin = discord
    exports = (GARDEN,)
    counts = {GARDEN: {"media": 1, "system": 1, "text": 1, "reply_to": 1, "mentions": 2, "left_out": 1}}  # noqa: RUF012 - as the kit has it
    supports = frozenset(("ids", "people", "chats", "reply", "edit", "reaction", "mention", "media", "album"))
    events = ("join", "rename", "picture")
    precision = "millisecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        names = people_of(messages)

        def person(who: str) -> dict[str, Any]:
            return {"id": who, "name": names[who], "nickname": names[who], "discriminator": "0000", "isBot": False}

        def said(each: Message) -> dict[str, Any]:
            who = each.mentions[0] if each.event else each.person
            reactions: dict[str, list[str]] = {}
            for one in each.reactions:
                reactions.setdefault(one.emoji, []).append(one.person)
            return {
                "id": each.id,
                "type": _TYPES[each.event] if each.event else "Default",
                "timestamp": each.ts.isoformat(),
                "timestampEdited": each.edited_at.isoformat() if each.edited_at else None,
                "content": each.text,
                "author": person(who),
                "attachments": [{"fileName": name, "url": f"https://cdn.example/{name}"} for name in each.media],
                "reactions": [
                    {"emoji": {"id": "", "name": emoji}, "count": len(users), "users": [person(user) for user in users]}
                    for emoji, users in reactions.items()
                ],
                "mentions": [] if each.event else [person(other) for other in each.mentions],
                "reference": {"messageId": each.reply_to} if each.reply_to else None,
            }

        files = {
            f"{chat} [{number}].json": {
                "guild": {"id": "1", "name": "Guild"},
                "channel": {"id": chat, "type": "GuildTextChat", "name": title},
                "messages": [said(each) for each in its],
            }
            for number, (chat, (title, its)) in enumerate(chats_of(messages).items(), 10**17)
        }
        _put(path, files)


def _wrong(text: str) -> str:
    return text.encode().decode("latin-1")


class _Meta(_Bounded):
    """Threads of a download."""

    supports = frozenset(("ids", "members", "chats", "delete", "reaction", "media", "album"))
    precision = "millisecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        names = people_of(messages)

        def said(each: Message) -> dict[str, Any]:
            found: dict[str, Any] = {
                "sender_name": _wrong(each.author),
                "timestamp_ms": round(each.ts.timestamp() * 1000),
                "reactions": [{"reaction": _wrong(one.emoji), "actor": _wrong(one.author)} for one in each.reactions],
                "photos": [{"uri": f"photos/{_wrong(name)}"} for name in each.media],
                "is_unsent": each.kind == "deleted",
            }
            found |= {"ip": "10.0.0.1"} if self.plugin is messenger else {"share": {"original_content_owner": None}}
            return found if each.text is None else {**found, "content": _wrong(each.text)}

        files = {
            f"inbox/{chat}/message_1.json": {
                "participants": [{"name": _wrong(name)} for name in names.values()],
                "messages": [said(each) for each in its],
                "title": _wrong(title),
                "thread_path": f"inbox/{chat}",
            }
            for chat, (title, its) in chats_of(messages).items()
        }
        _put(path, files)


class TestMessenger(_Meta):
    """Facebook's download."""

    plugin = messenger
    exports = (THREAD,)
    counts = {THREAD: {"sticker": 1, "system": 1, "text": 1, "reactions": 1, "event": 1}}  # noqa: RUF012 - as above


@pytest.mark.slow  # the code that TestMessenger goes through, with as many runs
class TestInstagram(_Meta):
    """Instagram's download."""

    plugin = instagram
    exports = (DIRECT,)
    counts = {DIRECT: {"text": 2, "reactions": 1, "forwarded_from": 1}}  # noqa: RUF012 - as above


_LINKS = ("reply_to", "edited_at")


class TestGeneric(_Bounded):
    """A CSV."""

    plugin = generic
    megabytes = (48, 128)  # what it keeps at once is more than sixteen
    exports = (READING,)
    counts = {READING: {"text": 2}}  # noqa: RUF012 - as above
    supports = frozenset(("ids", "people", "chats", "reply", "edit"))
    precision = "microsecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["ts", "author", "text", "msg_id", "thread", "thread_title", "author_name", *_LINKS])
            for each in messages:
                said = (each.ts.isoformat(), each.person, each.text, each.id, each.chat, each.title, each.author)
                writer.writerow((*said, each.reply_to, each.edited_at.isoformat() if each.edited_at else None))


# --- the collection of real exports -------------------------------------------------------------------------------

_MINE = {"discord": "discord", "instagram": "instagram", "synthetic/messenger": "messenger"}


def _manifest() -> list[tuple[str, Path, int]]:
    if not (SHARED / "chats").is_dir():
        return []
    with (SHARED / "chats" / "MANIFEST.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    found = []
    for row in rows:
        source = next((name for start, name in _MINE.items() if row["path"].startswith(f"{start}/")), None)
        if source is not None:
            found.append((source, SHARED / "chats" / row["path"], int(row["messages"])))
    return found


@pytest.mark.parametrize(("source", "path", "count"), _manifest(), ids=lambda value: getattr(value, "name", None))
def test_all_messages_of_a_real_export_are_read(source: str, path: Path, count: int) -> None:
    """As many as the collection says."""
    assert len(read(source, path)) == count
