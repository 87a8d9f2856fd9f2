"""What comes with core, and the example plugin, conform: they go through the suites that any plugin's author uses."""

import sys
from pathlib import Path

import pytest
from egregora_core.builtin import markdown, privacy, summary, whatsapp
from egregora_core.session import RunOptions
from egregora_devtools.conformance import (
    Message,
    PublisherConformance,
    SourceConformance,
    StageConformance,
    WriterConformance,
)

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "examples/egregora-irc"))

import egregora_irc  # noqa: E402 - the example is not installed


class TestWhatsapp(SourceConformance):
    """The built-in source."""

    plugin = whatsapp
    exports = (ROOT / "packages/egregora-core/src/egregora_core/cli/demo/book_club.txt",)
    options = RunOptions("UTC", "DMY")
    precision = "minute"

    def render(self, message: Message) -> str:
        return f"{message.ts:%d/%m/%Y, %H:%M} - {message.author}: {message.text}\n"

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


class TestIrc(SourceConformance):
    """The source of the guide."""

    plugin = egregora_irc
    exports = (ROOT / "examples/egregora-irc/reading.log",)
    multiline = False

    def render(self, message: Message) -> str:
        return f"{message.ts:%Y-%m-%d %H:%M:%S} <{message.author}> {message.text}\n"

    @pytest.mark.slow  # as above
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
