"""Discord's own messages, and what other programs make of them: lists, and channels of which little is told."""

from pathlib import Path
from typing import Any

import pytest
from platforms import Desk, sure, write

ANA = {"id": "101", "username": "ana.k", "global_name": "Ana Kelemen", "discriminator": "0", "avatar": None}
BO = {"id": "102", "username": "bo", "global_name": None, "discriminator": "1234", "bot": True}
_FIRST = 1_100_000_000_000_000_000


def own(content: Any, author: Any = ANA, minute: int = 0, **more: Any) -> dict[str, Any]:
    """Return a message as Discord's programs get it."""
    return {
        "id": str(_FIRST + minute),
        "type": 0,
        "content": content,
        "channel_id": "55555",
        "author": author,
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "pinned": False,
        "timestamp": f"2023-05-01T10:{minute:02}:00.250000+00:00",
        "edited_timestamp": None,
        **more,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "workspace")


def test_a_list_of_discords_own_messages_is_read(desk: Desk, tmp_path: Path) -> None:
    """People, mentions, emoji, edits, answers, files, stickers and reactions are those of the exporter's messages."""
    messages = [
        own("ok", BO, 1, type=19, message_reference={"type": 0, "channel_id": "55555", "message_id": str(_FIRST)}),
        own(
            "hey <@102> <a:wave:55> and <@9>",
            mentions=[BO],
            edited_timestamp="2023-05-01T10:05:00+00:00",
            attachments=[{"id": "1", "filename": "cat.png", "size": 12, "url": "https://cdn.discordapp.com/cat.png"}],
            reactions=[{"emoji": {"id": None, "name": "👍"}, "count": 2, "me": False}],
        ),
        own("", minute=2, sticker_items=[{"id": "7", "name": "Wave", "format_type": 1}]),
    ]
    desk.ingest(write(tmp_path / "garden.json", messages))
    assert desk.rows("author_raw", "kind", "text", "edited_at", "media_url") == [
        (
            "Ana Kelemen",
            "media",
            "hey @bo :wave: and <@9>",
            "2023-05-01T10:05:00.000000Z",
            "https://cdn.discordapp.com/cat.png",
        ),
        ("bo", "text", "ok", None, None),
        ("Ana Kelemen", "sticker", None, None, None),
    ]
    assert desk.query("SELECT count(*) FROM ir_messages WHERE attrs->>'reply_to' IS NOT NULL") == [(1,)]
    assert desk.rows("thread") == [("garden",)] * 3


def test_forwards_calls_and_joins_of_discords_own_messages_are_these(desk: Desk, tmp_path: Path) -> None:
    """A copy of a message elsewhere is a forward, a call has its length, and what is told of people is an event."""
    messages = [
        own(
            "",
            message_reference={"type": 1, "channel_id": "777", "message_id": "1"},
            message_snapshots=[{"message": {"content": "from afar", "attachments": []}}],
        ),
        own("", minute=1, type=3, call={"participants": ["101"], "ended_timestamp": "2023-05-01T10:11:00.250+00:00"}),
        own("", minute=2, type=7),
    ]
    desk.ingest(write(tmp_path / "garden.json", messages))
    assert desk.rows("kind", "event", "text", "forwarded_from", "data") == [
        ("text", None, "from afar", "777", None),
        ("call", "call", None, None, '{"seconds":600}'),
        ("system", "join", "Joined the server.", None, None),
    ]


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize(
    ("message", "event", "told"),
    [
        (own("", type=1, mentions=[BO]), "add", "Added bo to the group."),
        (own("", type=2, mentions=[BO]), "remove", "Removed bo from the group."),
        (own("", type=2, mentions=[ANA]), "leave", "Left the group."),
        (own("leeks", type=4), "rename", "Changed the channel name: leeks"),
        (own("", type=6, message_reference={"message_id": "5", "channel_id": "55555"}), "pin", "Pinned a message."),
        (own("", type=18), "create", "Started a thread"),
    ],
)
def test_what_discord_tells_without_words_has_some(
    desk: Desk, tmp_path: Path, message: dict[str, Any], event: str, told: str
) -> None:
    """Such messages are empty, or hold a name alone; the exporter has words for them, too."""
    desk.ingest(write(tmp_path / "garden.json", [message]))
    assert desk.rows("event", "text") == [(event, told)]


def test_messages_of_several_channels_in_a_list_are_several_chats(desk: Desk, tmp_path: Path) -> None:
    """A message says itself which channel it is of."""
    desk.ingest(write(tmp_path / "all.json", [own("a"), own("b", minute=1, channel_id="66666")]))
    assert desk.query("SELECT count(DISTINCT thread_id) FROM ir_messages") == [(2,)]


PLAIN = {"timestamp": "2024-02-01T10:00:00Z", "content": "the link, please", "author": {"name": "Aria"}}


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize(
    "export",
    [
        {"channel": {"id": "123", "name": "table"}, "messages": [{"id": "111", **PLAIN}]},
        {"channel": {"name": "table"}, "messages": [PLAIN]},
        [{"type": "Default", **PLAIN, "author": {"id": "1", "name": "Aria", "discriminator": "0000"}}],
        {"messages": [own("the link, please", {**ANA, "global_name": "Aria"})]},
    ],
)
def test_channels_of_which_programs_tell_little_are_read(desk: Desk, tmp_path: Path, export: Any) -> None:
    """What has a time, an author and a text as Discord's messages do is a message, whatever else is not said."""
    file = write(tmp_path / "table.json", export)
    assert sure("discord", file) == "likely"
    desk.ingest(file)
    assert desk.query("SELECT author_raw, text FROM ir_messages") == [("Aria", "the link, please")]


def test_what_only_looks_a_little_like_messages_is_not_discords(tmp_path: Path) -> None:
    """Articles have authors and times, too."""
    assert sure("discord", write(tmp_path / "x.json", [{**PLAIN, "title": "On leeks"}])) == "no"
