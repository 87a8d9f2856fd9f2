"""The conformance kit's suite for platforms of egregora-sources: exports are written as the platform would."""

import base64
import html
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import egregora_sources
import pytest
from egregora_devtools.conformance import Message, SourceConformance
from egregora_devtools.conformance.samples import BODIES, EDGES, MEMBERS, chat, chats_of, people_of
from messages_db import summary, typedstream
from messages_db import write as write_database

pytestmark = pytest.mark.slow  # as there

_MADE = tempfile.TemporaryDirectory(prefix="egregora-tests-")
MADE = Path(_MADE.name)
"""Where exports are kept that the suites name: each is as `write` makes it."""
TEXTS = tuple(body for body in (*BODIES, *EDGES) if body)
"""A message without a word has no text."""
FEW = chat(BODIES[:3], precision="second")


def made(writer: Any, name: str) -> Path:
    path = MADE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    writer(FEW, path)
    return path


class Platform(SourceConformance):
    """What all of these have in common."""

    plugin = egregora_sources
    bodies = TEXTS
    __test__ = False

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


# --- Google Chat --------------------------------------------------------------------------------------------------


def _sentence(ts: datetime) -> str:
    return f"{ts:%A, %B} {ts.day}, {ts.year} at {ts.hour % 12 or 12}:{ts:%M:%S} {ts:%p} UTC"


def _creator(person: str, name: str) -> dict[str, str]:
    return {"name": name, "email": f"{person}@example.org", "user_type": "Human"}


def write_google_chat(messages: Sequence[Message], path: Path) -> None:
    people, texts = people_of(messages), {message.id: message for message in messages}
    for chat_id, (title, said) in chats_of(messages).items():
        folder = path / "Google Chat" / "Groups" / f"Space {chat_id}"
        folder.mkdir(parents=True)
        members = [_creator(id_, name) for id_, name in people.items()]
        (folder / "group_info.json").write_text(json.dumps({"name": title, "members": members}))
        written = [_google_message(message, people, texts) for message in said]
        (folder / "messages.json").write_text(json.dumps({"messages": written}))


def _google_message(message: Message, people: Mapping[str, str], texts: Mapping[str, Message]) -> dict[str, Any]:
    topic = message.thread_root or message.id
    id_ = f"{message.chat}/{topic}/{message.id}"
    if message.kind == "deleted":
        return {"message_id": id_, "topic_id": topic, "message_state": "DELETED", "deleted_date": _sentence(message.ts)}
    said: dict[str, Any] = {
        "creator": _creator(message.person, message.author),
        "created_date": _sentence(message.ts),
        "topic_id": topic,
        "message_id": id_,
        "annotations": [{"user_mention_metadata": {"user": _creator(who, people[who])}} for who in message.mentions],
        "attached_files": [{"original_name": name, "export_name": name} for name in message.media],
        "reactions": [
            {"emoji": {"unicode": each.emoji}, "reactor_emails": [f"{each.person}@example.org"]}
            for each in message.reactions
        ],
    }
    if message.text is not None:
        said["text"] = message.text
    if message.reply_to:
        target = texts[message.reply_to]
        said["quoted_message_metadata"] = {"creator": {"name": target.author}, "text": target.text}
    if message.edited_at:
        said |= {"updated_date": _sentence(message.edited_at), "previous_message_versions": [{"text": "before"}]}
    if message.kind == "call":
        said["annotations"].append({"gsuite_integration_metadata": {"call_data": {"call_status": "CALL_ENDED"}}})
    return said


@pytest.mark.slow  # what Signal's and iMessage's go through, once more
class TestGoogleChat(Platform):
    """A Takeout as a folder."""

    __test__ = True
    name = "google_chat"
    exports = (made(write_google_chat, "Takeout"),)
    counts: ClassVar = {exports[0]: {"text": 4, "chats": 1}}
    supports = frozenset(
        {"chats", "people", "members", "ids", "reply", "thread", "edit", "delete", "reaction", "mention", "media"}
        | {"album", "call"}
    )

    def write(self, messages: Sequence[Message], path: Path) -> None:
        write_google_chat(messages, path)


# --- Hangouts -----------------------------------------------------------------------------------------------------


def _micro(ts: datetime) -> str:
    return str((ts - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))


def _gaia(person: str) -> dict[str, str]:
    return {"gaia_id": person, "chat_id": person}


def write_hangouts(messages: Sequence[Message], path: Path) -> None:
    people = people_of(messages)
    told = []
    for chat_id, (title, said) in chats_of(messages).items():
        data = [{"id": _gaia(id_), "fallback_name": name} for id_, name in people.items()]
        about = {"id": {"id": chat_id}, "type": "GROUP", "name": title, "participant_data": data}
        head = {"conversation_id": {"id": chat_id}, "conversation": about}
        told.append({"conversation": head, "events": [_hangouts_event(message, chat_id) for message in said]})
    path.write_text(json.dumps({"conversations": told}))


def _hangouts_event(message: Message, chat_id: str) -> dict[str, Any]:
    sender = message.person or "u1"
    said: dict[str, Any] = {"conversation_id": {"id": chat_id}, "sender_id": _gaia(sender), "event_id": message.id}
    said |= {"timestamp": _micro(message.ts), "event_type": "REGULAR_CHAT_MESSAGE"}
    who = [_gaia(each) for each in message.mentions]
    if message.event in ("join", "leave"):
        said["sender_id"] = who[0]
    if message.event in ("join", "add", "leave", "remove"):
        kind = "JOIN" if message.event in ("join", "add") else "LEAVE"
        return said | {"membership_change": {"type": kind, "participant_id": who}}
    if message.event == "rename":
        return said | {"conversation_rename": {"new_name": "x"}}
    if message.kind == "call":
        end = {"event_type": "END_HANGOUT", "hangout_duration_secs": str(message.data["seconds"])}
        return said | {"hangout_event": end}
    content: dict[str, Any] = {}
    if message.text is not None:
        content["segment"] = [{"type": "TEXT", "text": message.text}]
    files: list[dict[str, Any]] = [
        {"plus_photo": {"original_content_url": f"https://x.example/{name}"}} for name in message.media
    ]
    if message.kind == "location":
        files.append({"place_v2": {"geo": {"geo_coordinates_v2": dict(message.data)}}})
    content["attachment"] = [{"embed_item": file} for file in files]
    return said | {"chat_message": {"message_content": content}}


@pytest.mark.slow  # what Signal's and iMessage's go through, once more
class TestHangouts(Platform):
    """`Hangouts.json`."""

    __test__ = True
    name = "hangouts"
    exports = (made(write_hangouts, "Hangouts.json"),)
    counts: ClassVar = {exports[0]: {"text": 4, "chats": 1}}
    supports = frozenset({"chats", "people", "members", "ids", "media", "album", "call", "location"})
    events = ("join", "leave", "add", "remove", "rename")
    precision = "microsecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        write_hangouts(messages, path)


# --- Signal -------------------------------------------------------------------------------------------------------


def _aci(person: str) -> str:
    return base64.b64encode(UUID(int=int(person[1:]) + 10**30).bytes).decode()


def _sent(ts: datetime, message: Message) -> str:
    """Return a time in milliseconds; no two messages of a person have the same one, as that is their id."""
    return str(int(_micro(ts)) // 1_000_000 * 1000 + message.number % 1000)


def write_signal(messages: Sequence[Message], path: Path) -> None:
    frames: list[dict[str, Any]] = [
        {"version": "1", "backupTimeMs": str(int(_micro(max(m.ts for m in messages))) // 1000)}
    ]
    numbers: dict[str, str] = {}
    for number, (person, name) in enumerate(people_of(messages).items()):
        numbers[person] = str(number)
        frames.append({"recipient": {"id": str(number), "contact": {"aci": _aci(person), "profileGivenName": name}}})
    for chat_id, (title, _) in chats_of(messages).items():
        group = {"masterKey": chat_id, "snapshot": {"title": {"title": title}}}
        frames += [{"recipient": {"id": f"9{chat_id[1:]}", "group": group}}]
        frames += [{"chat": {"id": chat_id, "recipientId": f"9{chat_id[1:]}"}}]
    by_id = {message.id: message for message in messages}
    frames += [{"chatItem": _signal_item(message, numbers, by_id)} for message in messages]
    path.write_text("".join(json.dumps(frame) + "\n" for frame in frames))


def _signal_item(message: Message, numbers: Mapping[str, str], by_id: Mapping[str, Message]) -> dict[str, Any]:
    sent = _sent(message.ts, message)
    said: dict[str, Any] = {"chatId": message.chat, "authorId": numbers.get(message.person, "0"), "dateSent": sent}
    reactions = {"reactions": [{"emoji": each.emoji, "authorId": numbers[each.person]} for each in message.reactions]}
    if message.event:
        update = {"newMemberAci": _aci(message.mentions[0]), "removedAci": _aci(message.mentions[0])}
        kind = {"add": "groupMemberAddedUpdate", "remove": "groupMemberRemovedUpdate", "rename": "groupNameUpdate"}
        return said | {"updateMessage": {"groupChange": {"updates": [{kind[message.event]: update}]}}}
    if message.kind == "deleted":
        return said | {"remoteDeletedMessage": {}}
    if message.kind == "call":
        began = int(sent)
        call = {"startedCallTimestamp": str(began), "endedCallTimestamp": str(began + message.data["seconds"] * 1000)}
        return said | {"updateMessage": {"groupCall": call}}
    if message.kind == "poll":
        options = [{"option": each["text"], "votes": [{}] * each["votes"]} for each in message.data["options"]]
        return said | {"poll": {"question": message.data["question"], "options": options}}
    if message.kind == "contact":
        phones = [{"value": phone} for phone in message.data["phones"]]
        return said | {"contactMessage": {"contact": {"name": {"givenName": message.data["name"]}, "number": phones}}}
    spans = [{"start": 0, "length": 1, "mentionAci": _aci(who)} for who in message.mentions]
    standard: dict[str, Any] = {"text": {"body": message.text, "bodyRanges": spans}, **reactions}
    standard["attachments"] = [{"pointer": {"fileName": name}} for name in message.media]
    if message.reply_to:
        target = by_id[message.reply_to]
        standard["quote"] = {"targetSentTimestamp": _sent(target.ts, target), "authorId": numbers[target.person]}
    if message.edited_at:
        first = {"dateSent": sent, "standardMessage": {"text": {"body": "before"}}}
        said |= {"dateSent": _sent(message.edited_at, message), "revisions": [first]}
    return said | {"standardMessage": standard}


class TestSignal(Platform):
    """Signal's own export."""

    __test__ = True
    name = "signal"
    exports = (made(write_signal, "main.jsonl"),)
    counts: ClassVar = {exports[0]: {"text": 4, "chats": 1}}
    supports = frozenset(
        {
            "chats",
            "people",
            "members",
            "ids",
            "reply",
            "edit",
            "delete",
            "reaction",
            "mention",
            "media",
            "album",
            "call",
        }
        | {"poll", "contact"}
    )
    events = ("add", "remove", "rename")

    def write(self, messages: Sequence[Message], path: Path) -> None:
        write_signal(messages, path)


# --- iMessage -----------------------------------------------------------------------------------------------------


def write_imessage(messages: Sequence[Message], path: Path) -> None:
    names = list(dict.fromkeys([*(message.author for message in messages if message.author), *MEMBERS.values()]))
    known = people_of(messages)
    names += [name for name in known.values() if name not in names]
    chats = list(chats_of(messages))
    rows: list[dict[str, Any]] = []
    files = []
    for message in messages:
        rows.append(_imessage_row(message, names, known) | {"chat": chats.index(message.chat) + 1})
        files += [(len(rows), f"~/Library/Messages/Attachments/{name}", name, "") for name in message.media]
        for each in message.reactions:
            kind = {"\U0001f44d": 2001, "\u2764\ufe0f": 2000}[each.emoji]
            target = {"associated_message_guid": f"p:0/{message.id}", "associated_message_type": kind}
            reaction = {"guid": f"{message.id}-{each.person}-{kind}", "handle_id": names.index(known[each.person]) + 1}
            rows.append({**target, **reaction, "date": _apple(message.ts), "chat": rows[-1]["chat"]})
            files += []
    titles = [(chat_id, title) for chat_id, (title, _) in chats_of(messages).items()]
    path.unlink(missing_ok=True)
    write_database(path, rows, handles=names, chats=[(f"chat{id_}", title) for id_, title in titles], attachments=files)


def _apple(ts: datetime) -> int:
    return (ts - datetime(2001, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _imessage_row(message: Message, names: Sequence[str], known: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"guid": message.id, "date": _apple(message.ts), "handle_id": 0}
    if message.author:
        row["handle_id"] = names.index(message.author) + 1
    if message.event:
        item, action = {"add": (1, 0), "remove": (1, 1), "rename": (2, 0), "leave": (3, 0)}[message.event]
        who = names.index(known[message.mentions[0]]) + 1
        row |= {"item_type": item, "group_action_type": action, "other_handle": who if item == 1 else 0}
        return row | {"handle_id": who if message.event == "leave" else 0, "group_title": "x" if item == 2 else None}
    mention = known[message.mentions[0]] if message.mentions else None
    if message.text is not None:
        row |= (
            {"attributedBody": typedstream(message.text, mention)}
            if len(message.text) < 60_000
            else {"text": message.text}
        )
    row["thread_originator_guid"] = message.reply_to or message.thread_root
    if message.kind == "deleted":
        row |= {"date_retracted": _apple(message.ts), "message_summary_info": summary(rp=[0])}
    if message.edited_at:
        row["date_edited"] = _apple(message.edited_at)
    return row


class TestIMessage(Platform):
    """`chat.db`."""

    __test__ = True
    name = "imessage"
    exports = (made(write_imessage, "chat.db"),)
    counts: ClassVar = {exports[0]: {"text": 4, "chats": 1}}
    supports = frozenset({"chats", "members", "ids", "reply", "thread", "edit", "delete", "reaction", "media", "album"})
    events = ("add", "remove", "rename", "leave")
    precision = "microsecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        write_imessage(messages, path)


# --- Teams --------------------------------------------------------------------------------------------------------


def write_teams(messages: Sequence[Message], path: Path) -> None:
    told = []
    for chat_id, (title, said) in chats_of(messages).items():
        written = [_teams_message(message) for message in said]
        told.append({"id": f"19:{chat_id}", "displayName": title, "properties": {}, "MessageList": written})
    made_at = f"{max(message.ts for message in messages):%Y-%m-%dT%H:%M:%S}Z"
    path.write_text(json.dumps({"userId": "8:u1", "exportDate": made_at, "conversations": told}))


def _teams_message(message: Message) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    content, kind = html.escape(message.text or "", quote=False), "RichText"
    if message.event:
        tag = {"add": "AddMember", "remove": "DeleteMember", "rename": "TopicUpdate"}[message.event]
        kind, target = f"ThreadActivity/{tag}", f"<target>8:{message.mentions[0]}</target>"
        content = f"<{tag.lower()}><initiator>8:u9</initiator>{target}<value>x</value></{tag.lower()}>"
    if message.reply_to:
        content = f'<quote messageid="{message.reply_to}"><legacyquote>x</legacyquote>what</quote>{content}'
    if message.mentions and not message.event:
        content += "".join(f'<at id="8:{who}"></at>' for who in message.mentions)
    if message.media:
        kind = "RichText/UriObject"
        name = f'<OriginalName v="{message.media[0]}"/>'
        content = f'<URIObject type="File.1" uri="https://x.example">{name}</URIObject>{content}'
    if message.kind == "call":
        kind = "Event/Call"
        content = f'<partlist type="ended"><part><duration>{message.data["seconds"]}</duration></part></partlist>'
    if message.kind == "location":
        kind, (lat, lon) = "RichText/Location", (round(message.data[key] * 10**6) for key in ("latitude", "longitude"))
        content = f'<location latitude="{lat}" longitude="{lon}"></location>'
    if message.kind == "deleted":
        properties["deletetime"] = "1"
    if message.edited_at:
        properties["edittime"] = int(_micro(message.edited_at)) // 1000
    emoji = {"\U0001f44d": "like", "\u2764\ufe0f": "heart"}
    properties["emotions"] = [
        {"key": emoji[each.emoji], "users": [{"mri": f"8:{each.person}", "time": 1}]} for each in message.reactions
    ]
    return {
        "id": message.id,
        "displayName": message.author or None,
        "originalarrivaltime": f"{message.ts:%Y-%m-%dT%H:%M:%S.%f}Z",
        "messagetype": kind,
        "content": content,
        "conversationid": f"19:{message.chat}",
        "from": f"8:{message.person or 'u9'}",
        "properties": properties,
    }


@pytest.mark.slow  # what Signal's and iMessage's go through, once more
class TestTeams(Platform):
    """`messages.json`."""

    __test__ = True
    name = "teams"
    exports = (made(write_teams, "messages.json"),)
    counts: ClassVar = {exports[0]: {"text": 4, "chats": 1}}
    supports = frozenset(
        {"chats", "people", "ids", "reply", "edit", "delete", "reaction", "mention", "media", "call", "location"}
    )
    events = ("add", "remove", "rename")
    precision = "millisecond"

    def write(self, messages: Sequence[Message], path: Path) -> None:
        write_teams(messages, path)
