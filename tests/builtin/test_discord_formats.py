"""One channel in several of the formats that DiscordChatExporter writes, read one after the other."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from platforms import Desk, write
from read_export import read_export

pytestmark = pytest.mark.slow  # a workspace for each order of each pair of formats

_CHANNEL = "1100000000000000000"
_NAME = f"Allotment - Text - garden [{_CHANNEL}]"
_START = datetime(2023, 5, 1, 10, 0, 12, 345000, tzinfo=UTC)
_SAID = (
    ("1", "hello"),
    ("2", "hi\nthere"),
    ("1", "hi\nthere"),
    ("2", "Joined the server."),
    ("1", "hello"),
    ("1", "hello"),
)
"""Who said what, twenty seconds one after the other; the fourth is Discord's."""
_NAMES = {"1": ("ana", "1234", "Ana Kelemen"), "2": ("bo", "0000", "Bo Quarrel")}


def sent(place: int) -> datetime:
    return _START + timedelta(seconds=20 * place)


def id_of(place: int) -> str:
    return str(int((sent(place) - datetime(2015, 1, 1, tzinfo=UTC)).total_seconds() * 1000) << 22)


def full(who: str) -> str:
    name, number, _ = _NAMES[who]
    return name if number == "0000" else f"{name}#{number}"


def in_json(places: range = range(6)) -> dict[str, Any]:
    def message(place: int) -> dict[str, Any]:
        who, text = _SAID[place]
        name, number, nickname = _NAMES[who]
        return {
            "id": id_of(place),
            "type": "GuildMemberJoin" if place == 3 else "Reply" if place == 2 else "Default",
            "timestamp": sent(place).isoformat(),
            "content": text,
            "author": {"id": who, "name": name, "discriminator": number, "nickname": nickname},
            "reactions": [{"emoji": {"name": "\U0001f44d"}, "count": 1, "users": [{"id": "2", "name": "bo"}]}]
            if place == 0
            else [],
            **({"reference": {"messageId": id_of(1)}} if place == 2 else {}),
        }

    return {
        "guild": {"id": "9", "name": "Allotment"},
        "channel": {"id": _CHANNEL, "type": "GuildTextChat", "name": "garden"},
        "messages": [message(place) for place in places],
        "exportedAt": "2023-06-01T10:00:00+00:00",
        "messageCount": len(places),
    }


def in_page(*more: str) -> str:
    def message(place: int) -> str:
        who, text = _SAID[place]
        kind = "system-notification-author" if place == 3 else "author"
        author = f'<span class="chatlog__{kind}" title="{full(who)}" data-user-id="{who}">{_NAMES[who][2]}</span>'
        body = f'<div class="chatlog__content"><span class="chatlog__markdown-preserve">{text}</span></div>'
        if place == 3:
            body = '<span class="chatlog__system-notification-content"><span>joined the server.</span></span>'
        if place == 2:
            author = (
                f'<span class="chatlog__reply-link" onclick="scrollToMessage(event, \'{id_of(1)}\')">x</span>{author}'
            )
        return group(id_of(place), author + body)

    parts = "".join([*(message(place) for place in range(6)), *more])
    return (
        '<!DOCTYPE html><html><body><div class="preamble"><div class="preamble__entry">Allotment</div><div '
        f'class="preamble__entry">Text / garden</div></div><div class="chatlog">{parts}</div></body></html>'
    )


def group(message: str, inner: str) -> str:
    return f'<div class="chatlog__message-group"><div data-message-id="{message}">{inner}</div></div>'


def in_table(form: str | None = None) -> str:
    def line(place: int) -> str:
        who, text = _SAID[place]
        date = sent(place).strftime(form) if form else sent(place).isoformat()
        return f'"{who}","{full(who)}","{date}","{text}","",""\n'

    return "AuthorID,Author,Date,Content,Attachments,Reactions\n" + "".join(line(place) for place in range(6))


def in_text() -> str:
    frame = "=" * 62
    parts = [f"[{sent(place):%d-%b-%y %I:%M %p}] {full(who)}\n{text}\n\n\n" for place, (who, text) in enumerate(_SAID)]
    return f"{frame}\nGuild: Allotment\nChannel: Text / garden\n{frame}\n\n" + "".join(parts)


_FORMATS = {
    "json": ("json", in_json()),
    "page": ("html", in_page()),
    "table": ("csv", in_table()),
    "clock table": ("csv", in_table("%d-%b-%y %I:%M %p")),
    "text": ("txt", in_text()),
}


def ingest(desk: Desk, *kinds: str) -> None:
    for place, kind in enumerate(kinds):
        ending, content = _FORMATS[kind]
        path = write(desk.path / str(place) / f"{_NAME}.{ending}", content)
        desk.ingest(path, **({"timezone": "UTC"} if kind in ("clock table", "text") else {}))


def stored(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.query("""
        SELECT thread_id, event_id, msg_id, ts::VARCHAR, seq, author_uuid, text, attrs->>'kind', attrs->>'reply_to',
               attrs->>'$.reactions[0].author' IS NOT NULL
        FROM ir_messages ORDER BY ts, seq
    """)


@pytest.fixture(scope="module")
def from_json(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, list[tuple[Any, ...]]]:
    """Return what JSON alone makes; its workspace has the secret that all others are given."""
    desk = Desk(tmp_path_factory.mktemp("json"))
    ingest(desk, "json")
    return desk, stored(desk)


@pytest.mark.parametrize(
    "kinds", [pair for pair in itertools.permutations(_FORMATS, 2) if "json" in pair], ids=" ".join
)
def test_a_channel_in_json_and_in_another_format_is_as_in_json(
    tmp_path: Path, from_json: tuple[Desk, list[tuple[Any, ...]]], kinds: tuple[str, str]
) -> None:
    """Whichever comes first: nothing is doubled, nothing is lost, and replies lead to messages that are there."""
    desk = workspace_like(from_json[0], tmp_path)
    ingest(desk, *kinds)
    assert stored(desk) == from_json[1]


@pytest.mark.parametrize("kinds", [("page", "table"), ("table", "page"), ("text", "page"), ("text", "json", "table")])
def test_formats_that_say_less_double_nothing_among_themselves(
    tmp_path: Path, from_json: tuple[Desk, list[tuple[Any, ...]]], kinds: tuple[str, ...]
) -> None:
    """What has ids of messages holds, in whatever order it comes."""
    desk = workspace_like(from_json[0], tmp_path)
    ingest(desk, *kinds)
    assert [row[:7] for row in stored(desk)] == [row[:7] for row in from_json[1]]


def workspace_like(other: Desk, path: Path) -> Desk:
    key = path / ".egregora" / "secret.key"
    key.parent.mkdir()
    key.write_bytes((other.path / ".egregora" / "secret.key").read_bytes())
    key.chmod(0o600)
    return Desk(path)


def test_what_only_the_other_format_has_is_added(tmp_path: Path) -> None:
    """Be it that it ends later."""
    desk = Desk(tmp_path)
    desk.ingest(write(tmp_path / "a" / f"{_NAME}.json", in_json(range(4))))
    desk.ingest(write(tmp_path / "b" / f"{_NAME}.csv", in_table()))
    assert desk.rows("text", "kind") == [
        (text, "text" if place != 3 else "system") for place, (_, text) in enumerate(_SAID)
    ]


# --- which channel a page is of ------------------------------------------------------------------------------------


def sender(who: str = "1", tag: str = "") -> str:
    mark = f'<span class="chatlog__author-tag">{tag}</span>' if tag else ""
    return f'<span class="chatlog__author" title="{full(who)}" data-user-id="{who}">{_NAMES[who][2]}</span>{mark}'


def picture(channel: str, kind: str = "attachment", host: str = "cdn.discordapp.com") -> str:
    return f'<div class="chatlog__{kind}"><a href="https://{host}/attachments/{channel}/12/p.png"></a></div>'


def link(channel: str, message: str) -> str:
    address = f"https://discord.com/channels/9/{channel}/{message}"
    return f'<div class="chatlog__content"><a href="{address}">{address}</a></div>'


_OTHER = "1099999999999999999"


@pytest.mark.parametrize(
    ("name", "inside", "channel"),
    [
        (f"{_NAME}.html", "", _CHANNEL),
        (f"{_NAME} (after 2023-04-30).html", "", _CHANNEL),
        (f"{_NAME} (1).html", "", _CHANNEL),
        (f"Allotment [12345] - garden [{_CHANNEL}] [part 2].html", "", _CHANNEL),
        (f"{_CHANNEL}.html", "", _CHANNEL),
        ("garden.html", sender() + picture(_CHANNEL), _CHANNEL),
        ("garden.html", sender() + picture(_CHANNEL, host="media.discordapp.net"), _CHANNEL),
        ("garden.html", sender(tag="SERVER") + picture(_OTHER), "garden"),
        ("garden.html", sender(tag="BOT") + picture(_OTHER), "garden"),
        ("garden.html", sender() + picture(_OTHER, "forwarded-attachments"), "garden"),
        ("garden.html", sender() + picture(_OTHER, "embed"), "garden"),
        ("garden.html", sender() + link(_CHANNEL, id_of(2)), _CHANNEL),
        ("garden.html", sender() + link(_OTHER, "1099999999999999998"), "garden"),
        ("garden.html", sender() + link(_OTHER, "1099999999999999998") + link(_CHANNEL, id_of(2)), _CHANNEL),
        ("garden.html", "", "garden"),
    ],
)  # fmt: skip
def test_a_page_is_of_the_channel_that_something_on_it_proves(
    tmp_path: Path, name: str, inside: str, channel: str
) -> None:
    """The file's name, where a person's file lies on Discord's servers, or a link to a message of the page.

    What bots, followed channels and cards show lies where somebody else put it.
    """
    more = group(id_of(7), inside) if inside else ""
    found = read_export(write(tmp_path / name, in_page(more)))
    assert {*found.column("thread")} == {channel}
    assert found.threads[channel].title == "garden"


@pytest.mark.parametrize(
    ("placed", "channel"),
    [
        ({"1": _CHANNEL, "2": _CHANNEL}, _CHANNEL),
        ({"1": _CHANNEL}, "garden"),
        ({"1": _CHANNEL, "2": _OTHER}, "garden"),
        ({}, "garden"),
    ],
)
def test_a_table_is_of_the_channel_to_which_two_people_sent_files(
    tmp_path: Path, placed: dict[str, str], channel: str
) -> None:
    """One alone may be a channel that this one follows."""
    lines = [
        f'"{who}","{full(who)}","2023-05-01T10:30:00Z","look","https://cdn.discordapp.com/attachments/{each}/1/p.png",""\n'
        for who, each in placed.items()
    ]
    found = read_export(write(tmp_path / "garden.csv", in_table() + "".join(lines)))
    assert {*found.column("thread")} == {channel}
    assert (found.threads[channel].title or channel) == "garden"


def test_a_page_of_any_name_is_the_channel_that_json_knows(tmp_path: Path) -> None:
    """As files are called by whoever keeps them."""
    desk = Desk(tmp_path)
    desk.ingest(write(tmp_path / "saved page.html", in_page(group(id_of(7), sender() + picture(_CHANNEL)))))
    desk.ingest(write(tmp_path / "messages.json", in_json()))
    assert len(desk.rows("text")) == 7
    assert desk.query("SELECT count(DISTINCT thread_id) FROM ir_messages") == [(1,)]
