"""Messages of invented chats, by their number, as every platform writes them whose reading is measured."""

from datetime import UTC, datetime
from typing import Any

_WORDS = "some words about nothing, "
_START = 1_714_557_600
_PEOPLE = 12


def telegram(number: int) -> dict[str, Any]:
    words, link = _WORDS * (number % 9), {"type": "link", "text": "https://example.org/x"}
    linked = number % 8 == 2
    message: dict[str, Any] = {
        "id": number,
        "type": "message",
        "date": "2024-05-01T10:00:00",
        "date_unixtime": str(_START + number),
        "from": f"Person {number % 12}",
        "from_id": f"user{number % 12}",
    }
    if number % 10 == 0:
        message |= {"edited": "2024-05-01T10:00:00", "edited_unixtime": str(_START + number + 1)}
    if number % 5 == 0:
        message["reply_to_message_id"] = number - 1
    if number % 6 == 1:
        message |= {"photo": "photos/photo_1@01-05-2024.jpg", "photo_file_size": 12345, "width": 800, "height": 600}
    message["text"] = [words, link] if linked else words
    message["text_entities"] = [{"type": "plain", "text": words}] * bool(words) + [link] * linked
    if number % 7 == 0:
        who = {"from": "Person 3", "from_id": "user3", "date": "2024-05-01T10:00:00"}
        message["reactions"] = [{"type": "emoji", "count": 2, "emoji": "\U0001f44d", "recent": [who]}]
    return message


def slack(number: int) -> dict[str, Any]:
    words, user = _WORDS * (1 + number % 9), f"U{number % 12:08}"
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    message: dict[str, Any] = {
        "client_msg_id": f"{number:032x}",
        "type": "message",
        "text": words + ("<@U00000003> &amp; <https://example.org/x|here>" if number % 8 == 0 else ""),
        "user": user,
        "ts": f"{_START + number}.000100",
        "blocks": [{"type": "rich_text", "block_id": "a1b2", "elements": [section]}],
        "team": "T00000001",
        "user_profile": {"real_name": f"Person {number % 12}", "display_name": "", "name": user, "team": "T00000001"},
    }
    if number % 5 == 0:
        message |= {"thread_ts": f"{_START + number - 1}.000100", "parent_user_id": "U00000001"}
    if number % 6 == 1:
        message["files"] = [
            {"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 12345, "url_private": "https://x"}
        ]
    if number % 7 == 0:
        message["reactions"] = [{"name": "heart", "users": ["U00000003"], "count": 2}]
    if number % 10 == 0:
        message["edited"] = {"user": user, "ts": f"{_START + number + 1}.000000"}
    return message


def matrix(number: int) -> dict[str, Any]:
    target = {"event_id": f"${number - 1:043}"}
    event: dict[str, Any] = {
        "type": "m.room.message",
        "sender": f"@person{number % 12}:example.org",
        "content": {"msgtype": "m.text", "body": _WORDS * (1 + number % 9), "m.mentions": {}},
        "origin_server_ts": (_START + number) * 1000,
        "unsigned": {"membership": "join", "age": 1234567},
        "event_id": f"${number:043}",
        "room_id": "!bench:example.org",
    }
    if number % 5 == 0:
        event["content"]["m.relates_to"] = {"m.in_reply_to": target}
    if number % 6 == 1:
        info = {"mimetype": "image/png", "size": 12345, "w": 800, "h": 600}
        event["content"] = {"msgtype": "m.image", "body": "a.png", "url": "mxc://example.org/a", "info": info}
    if number % 7 == 0:
        reaction = {"m.relates_to": {"rel_type": "m.annotation", "key": "\U0001f44d", **target}}
        event |= {"type": "m.reaction", "content": reaction}
    return event


def google_chat(number: int) -> dict[str, Any]:
    who = {"name": f"Person {number % 12}", "email": f"p{number % 12}@example.org", "user_type": "Human"}
    time_ = f"{number % 12 + 1}:{number // 60 % 60:02}:{number % 60:02} PM UTC"
    message: dict[str, Any] = {
        "creator": who,
        "created_date": f"Friday, May {number % 28 + 1}, 2024 at {time_}",
        "text": _WORDS * (1 + number % 9),
        "topic_id": f"t{number}",
        "message_id": f"AAAA/t{number}/t{number}",
    }
    if number % 6 == 1:
        message["attached_files"] = [{"original_name": "a.png", "export_name": "File-a.png"}]
    if number % 7 == 0:
        message["reactions"] = [{"emoji": {"unicode": "\U0001f44d"}, "reactor_emails": ["p3@example.org"]}]
    return message


def gaia(number: int) -> dict[str, str]:
    return {"gaia_id": f"{10**20 + number}", "chat_id": f"{10**20 + number}"}


def hangouts(number: int) -> dict[str, Any]:
    return {
        "conversation_id": {"id": "C"},
        "sender_id": gaia(number % 12),
        "timestamp": str((_START + number) * 10**6),
        "self_event_state": {"user_id": gaia(1), "notification_level": "RING"},
        "chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": _WORDS * (1 + number % 9)}]}},
        "event_id": f"e{number}",
        "advances_sort_timestamp": True,
        "event_otr": "ON_THE_RECORD",
        "delivery_medium": {"medium_type": "BABEL_MEDIUM"},
        "event_type": "REGULAR_CHAT_MESSAGE",
    }


def discord(number: int) -> dict[str, Any]:
    who: dict[str, Any] = {"id": f"{10**17 + number % 12}", "name": f"person{number % 12}", "discriminator": "0000"}
    who |= {
        "nickname": f"Person {number % 12}",
        "color": None,
        "isBot": False,
        "roles": [],
        "avatarUrl": "https://x/a.png",
    }
    message: dict[str, Any] = {
        "id": f"{10**18 + number}",
        "type": "Default",
        "timestamp": _iso(number, ".123+00:00"),
        "timestampEdited": _iso(number + 1, ".5+00:00") if number % 10 == 0 else None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": _WORDS * (1 + number % 9),
        "author": who,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    }
    if number % 6 == 1:
        file = {"id": f"{number}", "url": "https://x/b.png", "fileName": "b.png", "fileSizeBytes": 12345}
        message["attachments"] = [file]
    if number % 7 == 0:
        emoji = {
            "id": None,
            "name": "\U0001f44d",
            "code": "thumbsup",
            "isAnimated": False,
            "imageUrl": "https://x/c.svg",
        }
        message["reactions"] = [{"emoji": emoji, "count": 1, "users": [who]}]
    if number % 5 == 0:
        message |= {
            "type": "Reply",
            "reference": {"messageId": f"{10**18 + number - 1}", "channelId": "2", "guildId": "1"},
        }
    return message


def messenger(number: int) -> dict[str, Any]:
    words = _WORDS * (1 + number % 9) + ("caf\u00c3\u00a9" if number % 4 == 0 else "")
    message: dict[str, Any] = {
        "sender_name": f"Person {number % 12}",
        "timestamp_ms": (_START - number) * 1000,
        "content": words,
        "is_geoblocked_for_viewer": False,
    }
    if number % 6 == 1:
        message["photos"] = [
            {"uri": "your_facebook_activity/messages/inbox/bench_1/photos/a.jpg", "creation_timestamp": _START - number}
        ]
    if number % 7 == 0:
        message["reactions"] = [{"reaction": "\u00f0\u009f\u0091\u008d", "actor": "Person 3"}]
    return message


def teams(number: int) -> dict[str, Any]:
    words = _WORDS * (1 + number % 9)
    return {
        "id": f"{(_START - number) * 1000}",
        "displayName": f"Person {number % 12}" if number % 3 else None,
        "originalarrivaltime": _iso(-number, ".123Z"),
        "messagetype": "RichText" if number % 4 else "Text",
        "version": (_START - number) * 1000,
        "content": f"<b>{words}</b> &amp; more" if number % 4 == 1 else words,
        "conversationid": "19:bench@thread.skype",
        "from": f"8:live:p{number % 12}",
        "properties": {"edittime": f"{_START - number}"} if number % 10 == 0 else None,
        "amsreferences": None,
    }


def signal(number: int) -> dict[str, Any]:
    sent, who = (_START + number) * 1000, f"00000000-0000-4000-8000-{number % 12:012}"
    message: dict[str, Any] = {
        "type": "incoming" if number % 3 else "outgoing",
        "id": f"{number:036}",
        "conversationId": "00000000-0000-4000-8000-0000000000aa",
        "sourceServiceId": who,
        "sourceDevice": 1,
        "sent_at": sent,
        "received_at": number,
        "received_at_ms": sent + 100,
        "timestamp": sent,
        "body": _WORDS * (1 + number % 9),
        "attachments": [],
        "bodyRanges": [],
        "unidentifiedDeliveryReceived": True,
        "schemaVersion": 14,
        "readStatus": 0,
        "seenStatus": 2,
    }
    if number % 7 == 0:
        message["reactions"] = [
            {"emoji": "\U0001f44d", "fromId": who, "timestamp": sent + 5, "isSentByConversationId": {}}
        ]
    if number % 5 == 0:
        message["quote"] = {"id": sent - 1000, "authorAci": who, "text": "some words", "attachments": []}
    if number % 6 == 1:
        message["attachments"] = [{"contentType": "image/png", "fileName": "a.png", "size": 12345, "path": "ab/cd"}]
    return message


def signal_frame(number: int) -> dict[str, Any]:
    """Return a frame of the app's own export: a person, the chat, or a message."""
    if number <= _PEOPLE:
        person = {"aci": f"{number:022}AA", "e164": f"{15550100 + number}", "profileGivenName": f"Person {number}"}
        return (
            {"recipient": {"id": f"{number}", "contact": person}} if number else {"recipient": {"id": "0", "self": {}}}
        )
    if number == _PEOPLE + 1:
        return {"chat": {"id": "1", "recipientId": "3", "expirationTimerMs": "0", "muteUntilMs": "0"}}
    sent = str((_START + number) * 1000)
    standard: dict[str, Any] = {"text": {"body": _WORDS * (1 + number % 9), "bodyRanges": []}}
    if number % 7 == 0:
        standard["reactions"] = [{"emoji": "\U0001f44d", "authorId": "4", "sentTimestamp": sent, "sortOrder": "1"}]
    if number % 5 == 0:
        standard["quote"] = {"targetSentTimestamp": sent, "authorId": "5", "text": {"body": "some words"}}
    if number % 6 == 1:
        pointer = {"contentType": "image/png", "fileName": "a.png", "locatorInfo": {"size": 12345}}
        standard["attachments"] = [{"pointer": pointer, "wasDownloaded": True}]
    said = {"chatId": "1", "authorId": str(number % _PEOPLE), "dateSent": sent, "sms": False, "revisions": []}
    incoming = {"dateReceived": sent, "dateServerSent": sent, "read": True, "sealedSender": True}
    return {"chatItem": {**said, "incoming": incoming, "standardMessage": standard}}


def sigexport(number: int) -> dict[str, Any]:
    return {
        "date": _iso(number, ""),
        "sender": f"Person {number % _PEOPLE}",
        "body": _WORDS * (1 + number % 9) + " ",
        "quote": "> some words" if number % 5 == 0 else "",
        "sticker": None,
        "reactions": [["Person 3", "\U0001f44d"]] if number % 7 == 0 else [],
        "attachments": [{"name": "a.png", "path": "media/a.png"}] if number % 6 == 1 else [],
        "deleted": False,
        "call": False,
        "missed": False,
    }


def generic(number: int) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "ts": _iso(number, "Z"),
        "author": f"Person {number % 12}",
        "thread": "Bench",
        "text": _WORDS * (1 + number % 9),
        "reply_to": f"m{number - 1}" if number % 5 == 0 else None,
    }


def _iso(number: int, end: str) -> str:
    return f"{datetime.fromtimestamp(_START + number, UTC):%Y-%m-%dT%H:%M:%S}{end}"
