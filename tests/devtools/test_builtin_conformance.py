"""What comes with core, and the example plugin, conform: they go through the suites that any plugin's author uses."""

import json
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import ClassVar

import pytest
from egregora_core.builtin import markdown, privacy, slack, summary, telegram, whatsapp
from egregora_core.session import RunOptions
from egregora_devtools.conformance import (
    PEOPLE,
    Message,
    PublisherConformance,
    SourceConformance,
    StageConformance,
    WriterConformance,
)

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "examples/egregora-irc"))

import egregora_irc  # noqa: E402 - the example is not installed

pytestmark = pytest.mark.slow  # whole runs, again and again

BOOK_CLUB = ROOT / "packages/egregora-core/src/egregora_core/cli/demo/book_club.txt"
READING = ROOT / "examples/egregora-irc/reading.log"


@pytest.mark.slow  # the suite that TestIrc goes through
class TestWhatsapp(SourceConformance):
    """The built-in source."""

    plugin = whatsapp
    exports = (BOOK_CLUB,)
    counts: ClassVar = {
        BOOK_CLUB: {"text": 46, "system": 5, "media": 2, "poll": 1, "location": 1, "deleted": 1, "edited": 1}
    }
    megabytes = (32, 128)  # what it keeps at once is more than sixteen
    options = RunOptions("UTC", "DMY")
    precision = "minute"
    zoned = False
    supports = frozenset({"edit", "delete", "media", "mention"})

    def render(self, message: Message) -> str:
        return f"{message.ts:%d/%m/%Y, %H:%M} - {_on_a_phone(message)}\n"

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


def _on_a_phone(message: Message) -> str:
    names = [PEOPLE[person] for person in message.mentions]
    if message.kind == "deleted":
        return f"{message.author}: This message was deleted"
    text = message.text or ""
    if message.media:
        text = f"\u200e{message.media[0]} (file attached)" + (f"\n{text}" if text else "")
    mentions = "".join(f" @\u2068{name}\u2069" for name in names)
    return f"{message.author}: {text}{mentions}{' <This message was edited>' if message.edited_at else ''}"


@pytest.mark.slow  # the suite that TestIrc goes through
class TestTelegram(SourceConformance):
    """The built-in source of Telegram Desktop's JSON."""

    plugin = telegram
    exports = (ROOT / "tests/builtin/exports/result.json",)

    def write(self, messages: Sequence[Message], path: Path) -> None:
        said = [
            {
                "id": number_of(message),
                "type": "message",
                "date": f"{message.ts:%Y-%m-%dT%H:%M:%S}",
                "date_unixtime": f"{message.ts.timestamp():.0f}",
                "from": message.author,
                "from_id": f"user{len(message.author)}",
                "text": message.text,
            }
            for message in messages
        ]
        chat = {"name": "T", "type": "private_supergroup", "id": 1, "messages": said}
        path.write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


@pytest.mark.slow  # the suite that TestIrc goes through
class TestSlack(SourceConformance):
    """The built-in source of Slack's JSON, of one channel."""

    plugin = slack
    exports = (ROOT / "tests/builtin/exports/C0READING.json",)

    def write(self, messages: Sequence[Message], path: Path) -> None:
        said = [
            {
                "type": "message",
                "user": f"U{len(message.author)}",
                "user_profile": {"real_name": message.author},
                "text": escape(message.text or "", quote=False),
                "ts": f"{message.ts.timestamp():.0f}.{number_of(message):06}",
            }
            for message in messages
        ]
        content = {"channel_id": "C0READING", "name": "reading", "messages": said}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


def number_of(message: Message) -> int:
    return int(message.id.removeprefix("m"))


class TestIrc(SourceConformance):
    """The source of the guide."""

    plugin = egregora_irc
    exports = (READING,)
    counts: ClassVar = {READING: {"text": 4, "system": 1, "event": 1}}
    zoned = False
    events = ("join", "leave")
    multiline = False

    def render(self, message: Message) -> str:
        said = f"<{message.author}> {message.text}"
        if message.event:
            said = f"*** {PEOPLE[message.mentions[0]].split()[0]} has {'joined' if message.event == 'join' else 'left'}"
        return f"{message.ts:%Y-%m-%d %H:%M:%S} {said}\n"

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


class TestPrivacy(StageConformance):
    """The built-in stage."""

    plugin = privacy
    changes = frozenset({"msg_id", "author_raw", "text", "attrs", "pii_flags"})


class TestPosts(WriterConformance):
    """The built-in writer of windows."""

    plugin = summary
    name = "posts"


@pytest.mark.slow  # the suite that TestPosts goes through, with as many runs
class TestProfiles(WriterConformance):
    """The built-in writer of authors."""

    plugin = summary
    name = "profiles"


class TestMarkdown(PublisherConformance):
    """The built-in publisher."""

    plugin = markdown
