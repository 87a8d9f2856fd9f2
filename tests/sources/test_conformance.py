"""The platforms of egregora-sources conform: they go through the suite that any source's author uses."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from xml.sax.saxutils import quoteattr

import egregora_sources
import pytest
from egregora_core.session import RunOptions
from egregora_devtools.conformance import Message, SourceConformance
from egregora_devtools.conformance.samples import BODIES, EDGES, MEMBERS

pytestmark = pytest.mark.slow  # whole suites, each of some forty readings

EXPORTS = Path(__file__).parent / "exports"


class Suite(SourceConformance):
    """What all have in common."""

    plugin = egregora_sources
    options = RunOptions()
    zoned = True

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


LOG = EXPORTS / "irc.libera.#books.weechatlog"


class TestIrc(Suite):
    """Logs, as WeeChat writes them."""

    name = "irc"
    exports = (LOG,)
    counts: ClassVar = {LOG: {"text": 3, "system": 3, "authors": 2}}
    options = RunOptions("UTC")
    zoned = False
    multiline = False
    events = ("join", "leave", "topic")

    def render(self, message: Message) -> str:
        happened = {
            "join": "-->\tu2 (~u@host.example) has joined #books",
            "leave": "<--\tu2 (~u@host.example) has quit (Quit: bye)",
            "topic": '--\tu2 has changed topic for #books to "x"',
        }
        said = happened.get(message.event or "", f"{message.author}\t{message.text}")
        return f"{message.ts:%Y-%m-%d %H:%M:%S}\t{said}\n"


ROOM = EXPORTS / "element.json"


class TestMatrix(Suite):
    """Rooms, as Element exports them."""

    name = "matrix"
    exports = (ROOM,)
    counts: ClassVar = {ROOM: {"text": 1, "system": 1}}
    precision = "millisecond"
    supports = frozenset(
        ("ids", "reply", "thread", "edit", "delete", "reaction", "media", "sticker", "call", "poll", "location")
    )

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write('{"room_name": "x", "messages": [')
            file.write(",".join(json.dumps(event) for message in messages for event in self._events(message)))
            file.write("]}")

    def _events(self, message: Message) -> Iterator[dict[str, Any]]:
        kind, content = self._content(message)
        if message.reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": message.reply_to}}
        if message.thread_root:
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": message.thread_root}
        yield self._event(message, kind, content)
        about = {"event_id": message.id}
        if message.edited_at:
            new = {"msgtype": "m.text", "body": message.text}
            edit = {**new, "m.new_content": new, "m.relates_to": {"rel_type": "m.replace", **about}}
            yield {**self._event(message, "m.room.message", edit, "edit"), "origin_server_ts": _ms(message.edited_at)}
        for number, each in enumerate(message.reactions):
            given = {"m.relates_to": {"rel_type": "m.annotation", "key": each.emoji, **about}}
            yield {**self._event(message, "m.reaction", given, f"r{number}"), "sender": each.person}
        if message.kind == "poll":
            for number, answer in enumerate(("0", "0", "1")):
                vote = {"m.selections": [answer], "m.relates_to": {"rel_type": "m.reference", **about}}
                yield {**self._event(message, "m.poll.response", vote, f"v{number}"), "sender": f"@{number}:e"}

    @staticmethod
    def _content(message: Message) -> tuple[str, dict[str, Any]]:
        if message.kind == "deleted":
            return "m.room.message", {}
        if message.kind == "call":
            return "m.call.invite", {"offer": {"sdp": "v=0"}}
        if message.kind == "poll":
            answers = [
                {"m.id": id_, "m.text": [{"body": each["text"]}]}
                for id_, each in zip("01", message.data["options"], strict=True)
            ]
            return "m.poll.start", {
                "m.poll": {"question": {"m.text": [{"body": message.data["question"]}]}, "answers": answers}
            }
        if message.kind == "location":
            place = f"geo:{message.data['latitude']},{message.data['longitude']}"
            return "m.room.message", {"msgtype": "m.location", "geo_uri": place}
        if message.media:
            named = {"filename": message.media[0], "body": message.text or message.media[0], "url": "mxc://e/1"}
            return ("m.sticker" if message.kind == "sticker" else "m.room.message"), {"msgtype": "m.image", **named}
        return "m.room.message", {"msgtype": "m.text", "body": "what it was" if message.edited_at else message.text}

    @staticmethod
    def _event(message: Message, kind: str, content: dict[str, Any], more: str = "") -> dict[str, Any]:
        about = {"event_id": message.id + more, "room_id": "!r:example.org", "origin_server_ts": _ms(message.ts)}
        return {"type": kind, "sender": message.author, "content": content, **about}


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


TEXTS = EXPORTS / "sms.xml"


class TestSms(Suite):
    """Backups of texts, multimedia messages and calls."""

    name = "sms"
    exports = (TEXTS,)
    counts: ClassVar = {TEXTS: {"text": 2, "authors": 2}}
    precision = "millisecond"
    supports = frozenset(("media", "album", "call"))
    bodies: ClassVar = tuple(body for body in (*BODIES, *EDGES) if "\0" not in body)  # XML has no such character

    def render(self, message: Message) -> str:
        address, date = quoteattr(message.author), _ms(message.ts)
        body = quoteattr(message.text or "", {"\n": "&#10;"})
        if message.kind == "call":
            return f'<call number={address} date="{date}" type="1" duration="{message.data["seconds"]}" />\n'
        if message.media:
            parts = f'<part ct="text/plain" text={body} />' if message.text else ""
            parts += "".join(f'<part ct="image/jpeg" cl={quoteattr(name)} data="QUJD" />' for name in message.media)
            told = f'<addrs><addr address={address} type="137" /></addrs>'
            return f'<mms date="{date}" msg_box="1" address={address}><parts>{parts}</parts>{told}</mms>\n'
        return f'<sms address={address} date="{date}" type="1" body={body} />\n'

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write(f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count='{len(messages)}'>\n")
            file.writelines(map(self.render, messages))
            file.write("</smses>\n")


BOX = EXPORTS / "box.mbox"
LONGEST_LINE = 998
"""Of a mail, by its rules, which not everybody keeps: to encode thousands of longer ones takes long."""
_LONG = 'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n'


class TestMbox(Suite):
    """Mailboxes."""

    name = "mbox"
    megabytes = (16, 40)  # it keeps up to sixteen at once; mails are slow to read
    exports = (BOX,)
    counts: ClassVar = {BOX: {"text": 2, "authors": 2, "chats": 1, "reply_to": 1}}
    supports = frozenset(("ids", "reply", "people", "members", "media", "album"))

    def render(self, message: Message) -> str:
        told = f"Date: {message.ts:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{message.id}@example.org>\n"
        if message.reply_to:
            told += f"In-Reply-To: <{message.reply_to}@example.org>\n"
        start = f"From x@example.org {message.ts:%a %b %d %H:%M:%S %Y}\n"
        head = start + _people(message.author, message.person) + told
        text = message.text
        if text and len(text) > LONGEST_LINE and text.isprintable() and not message.media:
            return f"{head}{_LONG}{text}\n\n"
        mail = EmailMessage()
        if text is not None:
            mail.set_content(text)
        for name in message.media:
            mail.add_attachment(b"abc", maintype="image", subtype="jpeg", filename=name)
        return head + mail.as_string().replace("\nFrom ", "\n>From ") + "\n"


@cache
def _people(author: str, person: str) -> str:
    """Return the headers that name people: they are dear to make, and thousands of mails have the same."""
    mail = EmailMessage()
    mail["From"] = f"{author} <{person}@example.org>"
    mail["Cc"] = ", ".join(f"{name} <{id_}@example.org>" for id_, name in MEMBERS.items())
    mail["References"] = "<root@example.org>"
    return mail.as_string().rstrip("\n") + "\n"
