"""The platforms of egregora-sources conform: they go through the suite that any source's author uses."""

import json
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import quoteattr

import egregora_sources
import pytest
from egregora_core.session import RunOptions
from egregora_devtools.conformance import Message, SourceConformance

EXPORTS = Path(__file__).parent / "exports"


class Suite(SourceConformance):
    """What all have in common."""

    plugin = egregora_sources
    options = RunOptions()

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


class TestIrc(Suite):
    """Logs, as WeeChat writes them."""

    name = "irc"
    exports = (EXPORTS / "irc.libera.#books.weechatlog",)
    options = RunOptions("UTC")
    multiline = False

    def render(self, message: Message) -> str:
        return f"{message.ts:%Y-%m-%d %H:%M:%S}\t{message.author}\t{message.text}\n"


class TestMatrix(Suite):
    """Rooms, as Element exports them."""

    name = "matrix"
    exports = (EXPORTS / "element.json",)
    bodies = tuple(filter(None, SourceConformance.bodies))  # a message without a body is none

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write('{"room_name": "x", "messages": [')
            for number, message in enumerate(messages):
                file.write("," * (number > 0) + json.dumps(self._event(message)))
            file.write("]}")

    @staticmethod
    def _event(message: Message) -> dict[str, object]:
        return {
            "type": "m.room.message",
            "sender": message.author,
            "content": {"msgtype": "m.text", "body": message.text},
            "origin_server_ts": int(message.ts.timestamp() * 1000),
            "event_id": message.id,
            "room_id": "!r:example.org",
        }


class TestSms(Suite):
    """Backups of texts."""

    name = "sms"
    exports = (EXPORTS / "sms.xml",)
    bodies = tuple(body for body in SourceConformance.bodies if "\0" not in body)  # XML cannot say it

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write(f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count='{len(messages)}'>\n")
            for message in messages:
                body = quoteattr(message.text or "", {"\n": "&#10;"})
                address, date = quoteattr(message.author), int(message.ts.timestamp() * 1000)
                file.write(f'<sms address={address} date="{date}" type="1" body={body} />\n')
            file.write("</smses>\n")


class TestMbox(Suite):
    """Mailboxes."""

    name = "mbox"
    exports = (EXPORTS / "box.mbox",)

    def render(self, message: Message) -> str:
        mail = EmailMessage()
        address = message.author.encode("ascii", "ignore").decode().replace(" ", ".")
        mail["From"] = f"{message.author} <{address}@example.org>"
        mail["Date"] = f"{message.ts:%a, %d %b %Y %H:%M:%S} +0000"
        mail["Message-ID"] = f"<{message.id}@example.org>"
        mail["References"] = "<root@example.org>"
        mail.set_content(message.text)
        start = f"From x@example.org {message.ts:%a %b %d %H:%M:%S %Y}\n"
        return start + mail.as_string().replace("\nFrom ", "\n>From ") + "\n"
