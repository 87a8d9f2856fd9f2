"""Sources of core conform: each goes through the suite that any plugin's author uses."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin import discord, generic, instagram, messenger
from egregora_core.session import RunOptions
from egregora_devtools.conformance import Message, SourceConformance
from platforms import read
from support import SHARED

EXPORTS = Path(__file__).parent / "exports"


class _Json(SourceConformance):
    """A source whose exports are one JSON object."""

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


def _dump(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


class TestDiscord(_Json):
    """DiscordChatExporter's JSON."""

    plugin = discord
    exports = (EXPORTS / "Allotment - Text - garden [1100000000000000000].json",)
    options = RunOptions()

    def write(self, messages: Sequence[Message], path: Path) -> None:
        people = {name: str(number) for number, name in enumerate(sorted({each.author for each in messages}), 100)}
        said = [
            {
                "id": each.id,
                "type": "Default",
                "timestamp": each.ts.isoformat(),
                "content": each.text,
                "author": {"id": people[each.author], "name": each.author, "discriminator": "0000", "isBot": False},
            }
            for each in messages
        ]
        about = {"guild": {"id": "1", "name": "G"}, "channel": {"id": "1100000000000000000", "name": "garden"}}
        _dump(path, {**about, "messages": said, "messageCount": len(said)})


class _Meta(_Json):
    """A thread of a download."""

    options = RunOptions()

    def write(self, messages: Sequence[Message], path: Path) -> None:
        said: list[dict[str, Any]] = [
            {
                "sender_name": each.author.encode().decode("latin-1"),
                "timestamp_ms": int(each.ts.timestamp() * 1000),
                "content": (each.text or "").encode().decode("latin-1"),
                **({"ip": "10.0.0.1"} if self.plugin is messenger else {"share": None}),
            }
            for each in reversed(messages)
        ]
        people = [{"name": name} for name in sorted({each["sender_name"] for each in said})]
        path_in = "archived_threads" if self.plugin is messenger else "inbox"
        _dump(
            path, {"participants": people, "messages": said, "title": "T", "thread_path": f"{path_in}/t_10203040506070"}
        )


class TestMessenger(_Meta):
    """Facebook's download."""

    plugin = messenger
    exports = (EXPORTS / "messenger" / "message_1.json",)


class TestInstagram(_Meta):
    """Instagram's download."""

    plugin = instagram
    exports = (EXPORTS / "instagram" / "message_1.json",)

    def put(self, directory: Path, messages: Sequence[Message]) -> Path:
        return super().put(directory / "instagram", messages)


class TestGeneric(SourceConformance):
    """A CSV."""

    plugin = generic
    exports = (EXPORTS / "reading.csv",)
    bodies = tuple(
        body for body in SourceConformance.bodies if "\0" not in body
    )  # a table near whose top is one is none

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["ts", "author", "text"])
            writer.writerows([each.ts.isoformat(), each.author, each.text] for each in messages)

    @pytest.mark.slow  # as above
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


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
