"""The pages (HTML) that DiscordChatExporter writes, of old and new versions."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import ExportError
from hypothesis import given
from hypothesis import strategies as st
from platforms import survives, write
from read_export import Read, moment, read_export

_START = datetime(2023, 5, 1, 10, tzinfo=UTC)
_NAME = "Allotment - Text - garden [1100000000000000000].html"
_ANA = ("1", "Ana", "ana#1234")
_GENERIC = "chatlog__attachment-generic"
_Q = "chatlog__markdown-quote"
_TOP = (
    "<!DOCTYPE html><html><head><title>x</title><style>.chatlog__message {}</style></head><body>"
    '<div class="preamble"><div class="preamble__entries-container"><div class="preamble__entry">Allotment</div>'
    '<div class="preamble__entry">Text / garden</div><div class="preamble__entry">leeks</div></div></div>'
    '<div class="chatlog">'
)
_BOTTOM = '</div><div class="postamble"><div class="postamble__entry">Exported</div></div></body></html>'


def id_of(minute: int) -> str:
    made = _START + timedelta(minutes=minute) - datetime(2015, 1, 1, tzinfo=UTC)
    return str(int(made.total_seconds() * 1000) << 22)


def header(who: tuple[str, str, str] = _ANA, kind: str = "author", tag: str = "") -> str:
    tag = f'<span class="chatlog__author-tag">{tag}</span>' if tag else ""
    return f'<span class="chatlog__{kind}" title="{who[2]}" data-user-id="{who[0]}">{who[1]}</span>{tag}'


def words(text: str) -> str:
    return (
        f'<div class="chatlog__content chatlog__markdown"><span class="chatlog__markdown-preserve">{text}</span></div>'
    )


def message(minute: int, inner: str, *, pinned: bool = False) -> str:
    mark = " chatlog__message-container--pinned" if pinned else ""
    return (
        f'<div id="chatlog__message-container-{id_of(minute)}" class="chatlog__message-container{mark}" '
        f'data-message-id="{id_of(minute)}">\n  <div class="chatlog__message">'
        f'<div class="chatlog__message-aside"><div class="chatlog__short-timestamp">10:00 AM</div></div>'
        f'<div class="chatlog__message-primary">\n{inner}\n</div></div></div>'
    )


def group(*messages: str) -> str:
    return f'<div class="chatlog__message-group">{"".join(messages)}</div>'


def page(*groups: str) -> str:
    return _TOP + "".join(groups) + _BOTTOM


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_it(content: str, name: str = _NAME) -> Read:
        return read_export(write(tmp_path / name, content))

    return read_it


def test_a_page_is_read_message_by_message(read: Any) -> None:
    """Their ids say when they were sent; who wrote stands once above the messages of a group."""
    bot = ("2", "Mower", "mower#0000")
    found = read(
        page(
            group(message(0, header() + words("hello\n  there &amp; here")), message(1, words("more"), pinned=True)),
            group(message(2, header(bot, tag="BOT") + words("beep"))),
        )
    )
    assert (found.source, found.sure, found.zoned) == ("discord", "certain", True)
    assert [(row["ts"].replace(tzinfo=UTC), row["author"], row["text"]) for row in found.rows] == [
        (_START, "1", "hello\n  there & here"),
        (_START + timedelta(minutes=1), "1", "more"),
        (_START + timedelta(minutes=2), "2", "beep"),
    ]
    assert found.column("msg_id") == [id_of(0), id_of(1), id_of(2)]
    assert found.threads["1100000000000000000"].title == "garden"
    assert found.people["1"].names == ["Ana", "ana", "ana#1234"]
    assert found.people["2"].bot
    assert found.report.left_out == {"marks of messages that are pinned": 1}


def test_pages_of_older_versions_name_people_beside_their_messages(read: Any) -> None:
    """And the message that is replied to stands above the group."""

    def old(minute: int, text: str) -> str:
        edited = '\n<span class="chatlog__edited-timestamp" title="x">(edited)</span>' if minute == 1 else ""
        return (
            f'\n<div class="chatlog__message" data-message-id="{id_of(minute)}" id="message-{id_of(minute)}">\n'
            f'<div class="chatlog__content">\n <div class="markdown">\n  '
            f'<span class="preserve-whitespace">{text}</span>'
            f"{edited}\n </div>\n</div></div>"
        )

    def people(who: tuple[str, str, str], *messages: str, above: str = "") -> str:
        return group(
            f'{above}<div class="chatlog__messages">{header(who, "author-name")}<span class="chatlog__bot-tag">BOT'
            f'</span><span class="chatlog__timestamp">01-May-23</span>{"".join(messages)}</div>'
        )

    reply = f'<span class="chatlog__reference-link" onclick="scrollToMessage(event, \'{id_of(0)}\')">a</span>'
    found = read(page(people(_ANA, old(0, "a"), old(1, "b")), people(("2", "Bo", "bo"), old(2, "c"), above=reply)))
    assert [(row["author"], row["text"], row.get("edited"), row.get("reply_to")) for row in found.rows] == [
        ("1", "a", None, None),
        ("1", "b", True, None),
        ("2", "c", None, id_of(0)),
    ]


def test_pages_of_programs_alike_are_read(read: Any) -> None:
    """They write an id twice, give no ids of people, or no names."""
    content = f'<div class="chatlog__content" data-message-id="{id_of(0)}"><span>a</span></div>'
    found = read(
        page(
            group(message(0, '<span class="chatlog__author-name" title="ana#1234">Ana</span>' + content)),
            group(message(1, '<span class="chatlog__author" data-user-id="2"></span>' + words("b"))),
        )
    )
    assert [(row["author"], row["text"]) for row in found.rows] == [("ana#1234", "a"), ("2", "b")]
    assert (found.people["ana#1234"].names, found.people["2"].names) == (["Ana", "ana", "ana#1234"], ["2"])


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ('a <img class="chatlog__emoji" alt="leek" title="leek" src="x"> b', "a :leek: b"),
        ('<img class="chatlog__emoji" alt="\U0001f44d" title="+1" src="x">', "\U0001f44d"),
        ('see <a href="https://x.org/">https://x.org</a>', "see https://x.org"),
        ('see <a href="https://x.org/a">there</a>', "see there (https://x.org/a)"),
        (f'<div class="{_Q}"><p class="{_Q}-border"></p><div class="{_Q}-content">said</div></div>no', "> said\nno"),
        ('one<br>two <span class="chatlog__markdown-mention" title="bo">@Bo</span>', "one\ntwo @Bo"),
    ],
)  # fmt: skip
def test_what_a_text_shows_is_kept(read: Any, shown: str, text: str) -> None:
    """Signs, addresses of links, quotations and breaks of lines."""
    assert read(page(group(message(0, header() + words(shown))))).column("text") == [text]


def test_what_is_with_a_message_is_in_its_row(read: Any) -> None:
    """Attachments, stickers, cards, reactions, what it replies to."""
    reply = (
        '<div class="chatlog__reply"><div class="chatlog__reply-author" title="bo">Bo</div><div '
        f'class="chatlog__reply-content"><span class="chatlog__reply-link" '
        f"onclick=\"scrollToMessage(event, '{id_of(0)}')\">not mine</span></div></div>"
    )
    file = (
        '<div class="chatlog__attachment"><div class="chatlog__attachment-generic"><svg><use href="#attachment-icon"/>'
        '</svg><div class="chatlog__attachment-generic-name"><a href="https://x.org/1/plan.pdf">plan.pdf</a></div></div></div>'
    )
    cat = "a.html_Files/cat-1A.png"
    picture = f'<div class="chatlog__attachment"><a href="{cat}"><img src="{cat}"></a></div>'
    card = (
        '<div class="chatlog__embed"><div class="chatlog__embed-text"><div class="chatlog__embed-title">{}</div>\n'
        '<div class="chatlog__embed-description">wet '
        '<img class="emoji" alt="★" src="https://x.org/e.png"></div></div><a class="chatlog__embed-thumbnail-link" '
        'href="https://x.org/t.png"><img class="chatlog__embed-thumbnail" src="https://x.org/t.png"></a></div>'
    )
    reactions = (
        '<div class="chatlog__reactions"><div class="chatlog__reaction" title="+1"><img class="chatlog__emoji" '
        'alt="\U0001f44d" src="x"><span class="chatlog__reaction-count">2</span></div></div>'
    )
    sticker = (
        '<div class="chatlog__sticker" title="x"><img class="chatlog__sticker--media" src="https://x.org/s.png"></div>'
    )
    link = '<a href="https://w.org/1">https://w.org/1</a>'
    linked = card.format('<a class="chatlog__embed-title-link" href="https://w.org/1">Weather</a>')
    found = read(
        page(
            group(message(1, reply + header() + words("look") + file + picture + reactions)),
            group(message(2, header() + card.format("Weather")), message(3, words(link) + linked), message(4, sticker)),
            group(message(5, header() + '<div class="chatlog__embed"><a href="https://y.org/c.gif"></a></div>')),
            group(
                message(
                    6, header() + words("film") + '<div class="chatlog__embed"><source src="https://y.org/1"></div>'
                )
            ),
        )
    )
    assert [
        (row["kind"], row.get("text"), [each["name"] for each in row.get("media") or ()]) for row in found.rows
    ] == [
        ("media", "look", ["plan.pdf", "cat-1A.png"]),
        ("media", "Weather\nwet ★", ["t.png"]),
        ("text", "https://w.org/1", []),
        ("sticker", None, ["s.png"]),
        ("text", "https://y.org/c.gif", []),
        ("text", "film", []),
    ]
    assert found.rows[0]["reply_to"] == id_of(0)
    assert found.rows[0]["reactions"] == [{"emoji": "\U0001f44d", "count": 2}]
    assert found.report.left_out == {"previews of links": 2}


@pytest.mark.parametrize(
    ("shown", "edited", "when"),
    [
        ('title="01-May-23 12:00 PM">12:00 PM', "01-May-23 12:07 PM", (10, 7)),
        (">01-May-23 10:00 AM", "01-May-23 10:07 AM", (10, 7)),
        ("><a href='#x'>5/1/2023 6:30 AM</a>", "5/1/2023 11:59 AM", (15, 29)),
        (">01/05/2023 23:00", "02/05/2023 00:04", (11, 4)),
        (
            'title="Monday, May 1, 2023 3:30\u202fPM">5/1/2023 3:30\u202fPM',
            "Monday, May 1, 2023 4:30\u202fPM",
            (11, 0),
        ),
        (">2023-05-01T10:00:00+00:00", "2023-05-01T12:10:30+02:00", (10, 10, 30)),
        (">5/1/2023 10:00 AM", "6/1/2023 10:00 AM", None),
        (">1 mai 2023 10:00", "1 mai 2023 10:07", None),
        (">01-May-23 10:03 AM", "01-May-23 10:07 AM", None),
        (">01-May-23 10:00 AM", "01-May-23 9:59 AM", None),
        ("", "01-May-23 10:07 AM", None),
    ],
)
def test_when_a_message_was_edited_is_told_by_its_own_time(
    read: Any, shown: str, edited: str, when: tuple[int, ...] | None
) -> None:
    """A page shows times as a clock did; of a message it is known how far that clock was from UTC.

    What does not fit, or is more than a day later (clocks may have been changed by then), is edited, nobody knows when.
    """
    time = f'<span class="chatlog__timestamp" {shown}</span>' if shown else ""
    mark = f'<span class="chatlog__edited-timestamp" title="{edited}">(edited)</span>'
    text = f'<div class="chatlog__content"><span>a</span>{mark}</div>'
    (row,) = read(page(group(message(0, header() + time + text)))).rows
    assert row["text"] == "a"
    assert row["edited"]
    assert row.get("edited_at") == (moment(2023, 5, 1, *when) if when else None)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (
            '<a href="x_Files/p-1A.png"><img src="x_Files/p-1A.png" title="Image: my p.png (21.5 KB)"></a>',
            {"name": "my p.png", "size": 22016},
        ),
        (
            '<video><source src="https://cdn.org/v.mp4" title="Video: v (1).mp4 (2,25 MB)"></video>',
            {"name": "v (1).mp4", "size": 2359296, "url": "https://cdn.org/v.mp4"},
        ),
        ('<audio><source src="a.ogg" title="Audio: a.ogg (12 bytes)"></audio>', {"name": "a.ogg", "size": 12}),
        ('<img src="https://cdn.org/p.png" title="Image: p.png">', {"name": "p.png", "url": "https://cdn.org/p.png"}),
        (
            f'<p class="{_GENERIC}-name"><a href="n-2B.pdf">\n plan.pdf\n</a></p><p class="{_GENERIC}-size"> 3 KB </p>',
            {"name": "plan.pdf", "size": 3072},
        ),
    ],
)  # fmt: skip
def test_files_have_their_own_names_and_sizes(read: Any, file: str, told: dict[str, Any]) -> None:
    """The page says both, sizes as people read them; where a file lies is another matter."""
    (row,) = read(page(group(message(0, header() + f'<div class="chatlog__attachment">{file}</div>')))).rows
    assert "text" not in row
    (media,) = row["media"]
    assert {key: media.get(key) for key in told} == told


def test_files_of_what_was_forwarded_are_in_the_row(read: Any) -> None:
    """They stand in a box of their own."""
    inside = (
        '<div class="chatlog__forwarded"><div class="chatlog__forwarded-header">Forwarded</div>'
        '<div class="chatlog__forwarded-content">news</div><div class="chatlog__forwarded-attachments">'
        '<a href="https://x.org/1/a.png"><img class="chatlog__forwarded-attachment" src="https://x.org/1/a.png" '
        'title="Image: a.png (1 KB)"></a><a href="https://x.org/1/b.pdf">b.pdf</a></div>'
        '<div class="chatlog__forwarded-timestamp">yesterday</div></div>'
    )
    (row,) = read(page(group(message(0, header() + inside)))).rows
    assert row["text"] == "news"
    assert [(each["name"], each.get("size")) for each in row["media"]] == [("a.png", 1024), ("b.pdf", None)]


@pytest.mark.parametrize(("shown", "count"), [("2", 2), ("1,024", 1024), ("1\u202f024", 1024), ("", 1), ("many", 1)])
def test_reactions_are_counted_as_the_page_does(read: Any, shown: str, count: int) -> None:
    """Whatever stands between thousands; who reacted is not on it."""
    reaction = (
        f'<div class="chatlog__reaction" title="fire"><img class="chatlog__emoji" alt="\U0001f525"><span '
        f'class="chatlog__reaction-count">{shown}</span></div>'
    )
    (row,) = read(page(group(message(0, header() + words("a") + reaction)))).rows
    assert row["reactions"] == [{"emoji": "\U0001f525", "count": count}]


@pytest.mark.parametrize(
    ("told", "kind", "event", "text"),
    [
        ("<span>joined the server.</span>", "system", "join", "Joined the server."),
        ("<span>added </span>\n<a>Bo</a>\n<span> to the group.</span>", "system", "add", "Added Bo to the group."),
        ("<span>started a call that lasted 2 minutes</span>", "call", "call", "Started a call that lasted 2 minutes"),
        ("<span>did what is new</span>", "system", "other", "Did what is new"),
    ],
)
def test_what_discord_tells_is_an_event(read: Any, told: str, kind: str, event: str, text: str) -> None:
    """As in JSON: who did it is mentioned, and wrote nothing."""
    said = (
        f'{header(kind="system-notification-author")}<span class="chatlog__system-notification-content">{told}</span>'
    )
    (row,) = read(page(group(message(0, said)))).rows
    assert (row["kind"], row["event"], row["text"]) == (kind, event, text)
    assert (row.get("author"), row.get("mentions")) == (("1", None) if kind == "call" else (None, ["1"]))


def test_what_was_pinned_is_pointed_to(read: Any) -> None:
    """The words of the event are a link to it."""
    link = f'pinned <a href="#chatlog__message-container-{id_of(0)}">a message</a> to this channel.'
    told = (
        f'{header(kind="system-notification-author")}<span class="chatlog__system-notification-content">{link}</span>'
    )
    (row,) = read(page(group(message(3, told)))).rows
    assert (row["event"], row["reply_to"], row["text"]) == ("pin", id_of(0), "Pinned a message to this channel.")


def test_of_a_channel_the_format_is_read_that_says_most(tmp_path: Path) -> None:
    """JSON before pages, pages before tables; parts of a channel are read all."""
    told = {"id": id_of(0), "timestamp": "2023-05-01T10:00:00Z", "content": "from JSON", "author": {"id": "1"}}
    whole = json.dumps({"guild": {"id": "9"}, "channel": {"id": "11000", "name": "garden"}, "messages": [told]})
    table = 'AuthorID,Author,Date,Content,Attachments,Reactions\n"1","ana","01-May-23 10:00 AM","from a table","",""\n'
    part = page(group(message(0, header() + words("from a page"))))
    files = {"g.json": whole, "g.html": part, "a [11000].html": part, "c [22000].html": part, "c [22000].csv": table}
    found = read_export(write(tmp_path / "x", {**files, "c [22000] [part 2].html": part}))
    assert [(row["thread"], row["text"]) for row in found.rows] == [
        ("11000", "from JSON"), ("22000", "from a page"), ("22000", "from a page"),
    ]  # fmt: skip
    assert found.report.left_out == {
        "pages of channels that are there in another format, too": 2,
        "tables of channels that are there in another format, too": 1,
    }


def test_a_page_whose_messages_have_no_ids_is_told(read: Any) -> None:
    """Other programs make pages that look alike; a page of no message has none, either."""
    with pytest.raises(ExportError, match="have no ids"):
        read(page(group('<span class="chatlog__author">ana</span><div class="chatlog__content">hi</div>')))
    assert read(page()).rows == []


@given(data=st.data())
def test_damaged_pages_give_rows_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any piece of a page replaced by another."""
    text = page(group(message(0, header() + words("a")), message(1, '<div class="chatlog__reaction">2</div>')))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    marks = [
        "",
        "</div>",
        "<![",
        "<div data-message-id=1>",
        '<a class="chatlog__embed" href="x">',
        "\x00",
        "<!--",
        "&#xd800;",
    ]
    patch = data.draw(st.sampled_from([*marks, '<p class="chatlog__reaction">', '<b class="chatlog__content">']))
    survives("discord", write(tmp_path_factory.mktemp("x") / "x.html", text[:start] + patch + text[end:]))
