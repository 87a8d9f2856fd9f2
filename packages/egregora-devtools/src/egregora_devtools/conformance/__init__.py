r"""Suites of tests for plugins, one for each kind: subclass it in your tests, say what is yours, and pytest runs it.

    class TestIrc(SourceConformance):
        plugin = egregora_irc
        exports = (Path(__file__).parent / "reading.log",)

        def render(self, message: Message) -> str:
            return f"{message.ts:%Y-%m-%d %H:%M:%S} <{message.author}> {message.text}\n"

What your plugin rightly does not do is declared by attributes of the class (`multiline = False`); a test of it is then
skipped and says why. `timed_events = False` says that lines about people have no time, `emoji = ("+1",)` that there is
one kind of reaction. Helpers that you add have names of their own: one that the suite has, too, is refused. Everything
is driven through a host that holds the built-in plugins and yours, and no other.
"""

from egregora_devtools.conformance.base import Conformance
from egregora_devtools.conformance.conversation import FEATURES
from egregora_devtools.conformance.engine import EngineConformance
from egregora_devtools.conformance.publisher import PublisherConformance
from egregora_devtools.conformance.samples import MEMBERS, PEOPLE, Message, Reaction, chats_of, people_of
from egregora_devtools.conformance.source import SourceConformance
from egregora_devtools.conformance.stage import StageConformance
from egregora_devtools.conformance.writer import WriterConformance

__all__ = [
    "FEATURES",
    "MEMBERS",
    "PEOPLE",
    "Conformance",
    "EngineConformance",
    "Message",
    "PublisherConformance",
    "Reaction",
    "SourceConformance",
    "StageConformance",
    "WriterConformance",
    "chats_of",
    "people_of",
]
