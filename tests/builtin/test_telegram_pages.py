"""Telegram Desktop's HTML export, written here with the classes that it has."""

import json
import random
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from door import Desk
from egregora_core.errors import EgregoraError
from hypothesis import given
from hypothesis import strategies as st
from read_export import read_export

HEAD = """<!DOCTYPE html>
<html>
 <head>
  <meta charset="utf-8"/>
<title>Exported Data</title>
  <script src="js/script.js" type="text/javascript">

  </script>
 </head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header">
    <div class="content">
     <div class="text bold">
{title}
     </div>
    </div>
   </div>
   <div class="page_body chat_page">
    <div class="history">
"""
TAIL = """    </div>
   </div>
  </div>
 </body>
</html>
"""


def page(*messages: str, title: str = "Plaza &amp; co") -> str:
    return HEAD.replace("{title}", title) + "".join(messages) + TAIL


def day(text: str, number: int = 1) -> str:
    return f"""
     <div class="message service" id="message-{number}">
      <div class="body details">
{text}
      </div>
     </div>
"""


def tell(number: int, text: str, more: str = "") -> str:
    return f"""
     <div class="message service" id="message{number}">
      <div class="body details">
{text}
      </div>{more}
     </div>
"""


def say(number: int, text: str = "", name: str | None = "Ana Kelemen", *, inside: str = "", at: str = "") -> str:
    """Return a message; without a name it is joined to the one before."""
    stamp = at or f"23.08.2023 13:{number:02}:20 UTC-08:00"
    joined = "" if name else " joined"
    named = "" if name is None else f'\n       <div class="from_name">\n{name}\n       </div>\n'
    body = f'\n       <div class="text">\n{text}\n       </div>\n' if text else ""
    pic = (
        ""
        if name is None
        else '<div class="pull_left userpic_wrap"><div class="userpic"><div class="initials">\nA\n</div></div></div>'
    )
    return f"""
     <div class="message default clearfix{joined}" id="message{number}">
      {pic}
      <div class="body">
       <div class="pull_right date details" title="{stamp}">
13:{number:02}
       </div>
{named}{inside}{body}
      </div>
     </div>
"""


def media(classes: str, title: str = "", status: str = "", href: str = "", description: str = "") -> str:
    tag = (
        f'a class="media clearfix pull_left block_link {classes}" href="{href}"'
        if href
        else f'div class="media clearfix pull_left {classes}"'
    )
    parts = (("title bold", title), ("description", description), ("status details", status))
    said = "".join(f'<div class="{name}">\n{text}\n</div>' for name, text in parts if text)
    end = "a" if href else "div"
    body = f'<div class="fill pull_left">\n</div><div class="body">{said}</div>'
    return f'<div class="media_wrap clearfix"><{tag}>{body}</{end}></div>'


PHOTO = (
    '<div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/p%201.jpg">'
    '<img class="photo" src="t.jpg"/></a></div>'
)
POLL = (
    '<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">\nwhen?\n</div>'
    '<div class="details">\nFinal results\n</div>'
    '<div class="answer">\n- now <span class="details">2 votes, chosen vote</span>\n</div>'
    '<div class="answer">\n- later\n</div><div class="total details\t">\n2 votes\n</div></div></div>'
)
REACTIONS = (
    '<span class="reactions"><span class="reaction"><span class="emoji">\n\U0001f44d\n</span>'
    '<span class="userpics"><div class="userpic userpic3" title="Cy Reactor, 23.08.2023 13:30:00 UTC-08:00">'
    '<div class="initials">\nC\n</div></div></span></span><span class="reaction">'
    '<span class="emoji">\n\u2764\n</span><span class="count">\n3\n</span></span></span>'
)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_it(*messages: str) -> Any:
        path = tmp_path / "messages.html"
        path.write_text(page(*messages), encoding="utf-8")
        return read_export(path)

    return read_it


def at(hour: int, minute: int, second: int = 20, date: int = 23) -> datetime:
    return datetime(2023, 8, date, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)


def test_messages_are_rows_by_title_and_name(read: Any) -> None:
    """Times are instants by the distance from UTC; who goes on writing is named once; days are no messages."""
    found = read(
        day("23 August 2023"),
        say(1, "first"),
        say(2, "joined", None),
        say(3, "other", "Bo &amp; Quarrel"),
        say(4, "nobody known", "Deleted Account"),
        say(5, "still nobody", None),
    )
    assert (found.source, found.sure, found.zoned) == ("telegram", "certain", True)
    assert [(row.get("author"), row["text"], row["ts"]) for row in found.rows] == [
        ("Ana Kelemen", "first", at(21, 1)),
        ("Ana Kelemen", "joined", at(21, 2)),
        ("Bo & Quarrel", "other", at(21, 3)),
        (None, "nobody known", at(21, 4)),
        (None, "still nobody", at(21, 5)),
    ]
    assert found.threads.keys() == {"Plaza & co"}
    assert found.people.keys() == {"Ana Kelemen", "Bo & Quarrel"}


def test_texts_are_as_they_were_written(read: Any) -> None:
    """Marks and links are gone, entities and line breaks are characters, blanks at both ends stay."""
    text = '  a <strong>b</strong> &lt;c&gt; &quot;d&quot;<br><br>e <a href="https://example.org">f</a>  '
    text += '<span class="spoiler hidden" onclick="x()"><span aria-hidden="true">g</span></span><pre>h<br>i</pre>'
    assert read(say(1, text)).rows[0]["text"] == '  a b <c> "d"\n\ne f  gh\ni'


def test_pages_follow_each_other_by_number(tmp_path: Path) -> None:
    """The tenth comes after the second; each begins with a name."""
    for number in (1, 2, 10):
        name = f"messages{number if number > 1 else ''}.html"
        (tmp_path / name).write_text(page(say(number, f"text {number}")), encoding="utf-8")
    assert read_export(tmp_path).column("text") == ["text 1", "text 2", "text 10"]


def test_answers_forwards_bots_and_signatures(read: Any) -> None:
    """An answer is a link to the message, on this page or another; a forward names whose it is once."""
    reply = (
        '<div class="reply_to details">\nIn reply to <a href="{}#go_to_message7" onclick="x">this message</a>\n</div>'
    )
    forward = '<div class="forwarded body">{}<div class="text">\nnews\n</div></div>'
    original = '<span class="date details" title="01.01.2023 10:00:00 UTC+01:00"> 01.01.2023 10:00:00</span>'
    name = f'<div class="from_name">\nDee News{original}\n</div>'
    found = read(
        say(1, "a", inside=reply.format("")),
        say(2, "b", None, inside=reply.format("messages2.html")),
        say(3, inside=forward.format(name)),
        say(4, None or "", None, inside=forward.format("")),
        say(5, "own", None),
        say(6, "c", "Ana Kelemen via @gif", inside='<div class="signature details">\nCy Sign\n</div>'),
        say(7, "d", inside='<div class="reply_to details">\nIn reply to a message in another chat\n</div>'),
    )
    assert found.column("reply_to") == ["7", "7", None, None, None, None, None]
    assert found.column("forwarded_from") == [None, None, "Dee News", "Dee News", None, None, None]
    assert found.column("text") == ["a", "b", "news", "news", "own", "c", "d"]
    assert found.column("author") == ["Ana Kelemen"] * 7
    assert found.rows[5]["mentions"] == ["@gif", "Cy Sign"]
    assert found.report.left_out == {"answers to messages of other chats": 1}


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (
            PHOTO,
            {"kind": "media", "media": [{"name": "photos/p 1.jpg", "type": "image/jpeg", "missing": False}]},
        ),
        (
            media(
                "media_photo",
                "Photo",
                "800x600, 21.5 KB",
                description="Not included, change data exporting settings to download.",
            ),
            {"kind": "media", "media": [{"type": "image/jpeg", "size": 22016, "missing": True}]},
        ),
        (
            media("media_file", "plan.pdf", "1.0 MB", "files/plan.pdf"),
            {"kind": "media", "media": [{"name": "files/plan.pdf", "size": 1048576, "missing": False}]},
        ),
        (
            media("media_voice_message", "Voice message", "00:03", "voice/1.ogg"),
            {"kind": "media", "media": [{"name": "voice/1.ogg", "type": "audio/ogg", "missing": False}]},
        ),
        (
            media("media_photo", "Sticker", "\U0001f642, 9.0 KB"),
            {"kind": "sticker", "text": "\U0001f642", "media": [{"type": "image/jpeg", "size": 9216, "missing": True}]},
        ),
        (
            media("media_location", "Location", "1.5, -2.25", "https://maps.google.com/maps?q=1.5,-2.25"),
            {"kind": "location", "data": {"latitude": 1.5, "longitude": -2.25}},
        ),
        (
            media("media_venue", "Cafe", href="https://maps.google.com/maps?q=1.5,2.5&amp;z=16", description="1 Road"),
            {"kind": "location", "data": {"latitude": 1.5, "longitude": 2.5, "name": "Cafe, 1 Road"}},
        ),
        (
            media("media_contact", "Eve Fox", "+1 555 0100"),
            {"kind": "contact", "data": {"name": "Eve Fox", "phones": ["+1 555 0100"]}},
        ),
        (
            media("media_call success", "Ana", "Outgoing (12 seconds)"),
            {"kind": "call", "event": "call", "data": {"missed": False, "seconds": 12}},
        ),
        (media("media_call", "Ana", "Missed"), {"kind": "call", "event": "missed_call", "data": {"missed": True}}),
        (media("media_game", "Chess", "t.me/x", description="play"), {"text": "Chess\nplay\nt.me/x"}),
        (
            POLL,
            {
                "kind": "poll",
                "text": "when?",
                "data": {
                    "question": "when?",
                    "options": [{"text": "now", "votes": 2}, {"text": "later", "votes": 0}],
                    "closed": True,
                },
            },
        ),
        (
            REACTIONS,
            {"reactions": [{"emoji": "\U0001f44d", "author": "Cy Reactor"}, {"emoji": "\u2764", "count": 3}]},
        ),
    ],
)
def test_what_is_attached_is_in_its_row(read: Any, inside: str, said: dict[str, Any]) -> None:
    """As from JSON."""
    (row,) = read(say(1, inside=inside)).rows
    given = {key: json.loads(value) if key == "data" else value for key, value in row.items()}
    expected = {"thread": "Plaza & co", "msg_id": "1", "ts": at(21, 1), "author": "Ana Kelemen", "kind": "text", **said}
    assert given == expected


@pytest.mark.parametrize(
    ("text", "event", "about"),
    [
        (
            "Ana Kelemen created group &laquo;Plaza&raquo; with members Ana Kelemen, Bo Quarrel",
            "create",
            ["Ana Kelemen", "Bo Quarrel"],
        ),
        ("Ana Kelemen invited Bo Quarrel", "add", ["Ana Kelemen", "Bo Quarrel"]),
        ("Ana Kelemen invited Ana Kelemen", "join", ["Ana Kelemen"]),
        ("Ana Kelemen removed Bo Quarrel", "remove", ["Ana Kelemen", "Bo Quarrel"]),
        ("Ana Kelemen removed Ana Kelemen", "leave", ["Ana Kelemen"]),
        ("Ana Kelemen joined group by link from Bo Quarrel", "join", ["Ana Kelemen", "Bo Quarrel"]),
        ("Ana Kelemen changed group title to &laquo;New photo&raquo;", "rename", ["Ana Kelemen"]),
        ("Ana Kelemen changed group photo", "picture", ["Ana Kelemen"]),
        ('Ana Kelemen pinned <a href="#go_to_message1">this message</a>', "pin", ["Ana Kelemen"]),
        ("Ana Kelemen converted this group to a supergroup", "migrate", ["Ana Kelemen"]),
        ("Ana Kelemen started voice chat (5 seconds)", "call", ["Ana Kelemen"]),
        ("Ana Kelemen created topic &laquo;Books&raquo;", "topic", ["Ana Kelemen"]),
        ("Ana Kelemen has set messages to auto-delete in 7 days", "settings", ["Ana Kelemen"]),
        ("History cleared", "settings", []),
        ("Ana Kelemen took a screenshot", "other", ["Ana Kelemen"]),
    ],
)
def test_what_telegram_tells_is_an_event(read: Any, text: str, event: str, about: list[str]) -> None:
    """Its lines are English on the pages of all languages; they have no author."""
    row = read(say(1, "x"), tell(2, text)).rows[1]
    assert (row["kind"], row["event"], row["mentions"], row.get("author")) == ("system", event, about, None)


def test_what_has_no_time_stands_beside_its_neighbour(read: Any) -> None:
    """After the message before it, or, where a day begins with it, at the time of the next one of that day."""
    found = read(
        day("22 August 2023", 1),
        tell(1, "Ana created group &laquo;P&raquo;"),
        say(2, "x", at="22.08.2023 13:02:20 UTC-08:00"),
        tell(3, "Ana removed Bo"),
        day("23 August 2023", 2),
        tell(4, "Ana invited Bo"),
        day("24 August 2023", 3),
        say(5, "y", at="24.08.2023 13:05:20 UTC-08:00"),
    )
    assert found.column("msg_id") == ["1", "2", "3", "4", "5"]
    assert found.column("ts") == [at(21, 2, date=22)] * 3 + [at(8, 0, 0), at(21, 5, date=24)]


def test_pages_before_2021_have_wall_clocks(read: Any) -> None:
    """Their dates do not say how far from UTC they are."""
    found = read(say(1, "x", at="23.08.2019 13:01:02"))
    assert not found.zoned
    assert found.rows[0]["ts"] == datetime(2019, 8, 23, 13, 1, 2, tzinfo=UTC).replace(tzinfo=None)


def test_an_account_has_its_chats_in_folders(tmp_path: Path) -> None:
    """Two chats of one title stay two; contacts are people, sessions are counted."""
    for name in ("chat_01", "chat_02"):
        folder = tmp_path / "chats" / name
        folder.mkdir(parents=True)
        (folder / "messages.html").write_text(page(say(1, name), title="Bob"), encoding="utf-8")
    lists = tmp_path / "lists"
    lists.mkdir()
    entry = '<div class="entry clearfix"><div class="body"><div class="name bold">\n{}\n</div></div></div>'
    (lists / "contacts.html").write_text(entry.format("Quentin &amp; Lurker"))
    (lists / "sessions.html").write_text(entry.format("App") * 2)
    found = read_export(tmp_path)
    assert found.column("thread") == ["Bob", "Bob (chats/chat_02)"]
    assert [each.title for each in found.threads.values()] == ["Bob", "Bob"]
    assert "Quentin & Lurker" in found.people
    assert found.report.left_out == {"sessions": 2}


def test_of_pages_and_json_of_one_chat_the_json_is_read(tmp_path: Path) -> None:
    """Telegram Desktop writes both where it is told to; the JSON knows ids."""
    (tmp_path / "messages.html").write_text(page(say(1, "page")), encoding="utf-8")
    message = {
        "id": 1,
        "type": "message",
        "date_unixtime": "1714557600",
        "from": "A",
        "from_id": "user1",
        "text": "json",
    }
    (tmp_path / "result.json").write_text(
        json.dumps({"type": "personal_chat", "id": 1, "name": "A", "messages": [message]})
    )
    assert read_export(tmp_path).column("text") == ["json"]


@pytest.mark.slow  # several whole commands
def test_the_same_pages_again_double_nothing(tmp_path: Path) -> None:
    """Messages have Telegram's numbers there, too; a longer export adds what is new."""
    desk = Desk(tmp_path)
    for place, messages in enumerate(([1, 2], [2, 3], [1, 2, 3])):
        path = tmp_path / f"messages_{place}.html"
        path.write_text(page(*(say(number, f"text {number}") for number in messages)), encoding="utf-8")
        desk.ingest(path)
    assert desk.query("SELECT msg_id, text FROM ir_messages ORDER BY ts") == [(f"{n}", f"text {n}") for n in (1, 2, 3)]


@given(st.randoms(use_true_random=False))
def test_a_damaged_page_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, dice: random.Random) -> None:
    """Whatever is cut out or put in."""
    content = page(
        day("23 August 2023"), tell(1, "Ana invited Bo"), *(say(n, escape(f"zanzibar <{n}>")) for n in range(2, 6))
    )
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(len(content))
        odd = dice.choice(("", "<div", "</div>", "<![CDATA[", "<!--", "&#x110000;", '"', "<script>", "\0", "<" * 30))
        content = content[:place] + odd + content[place + dice.choice((0, 1, 60)) :]
    path = tmp_path_factory.getbasetemp() / "messages.html"
    path.write_text(content, encoding="utf-8")
    try:
        read_export(path)
    except EgregoraError as error:
        assert "zanzibar" not in str(error)  # noqa: PT017 - both ways are right


def test_pages_without_their_frame_are_read(tmp_path: Path) -> None:
    """A page of which somebody kept the messages alone, with files in boxes of another name."""
    photo = '<div class="media_wrap clearfix"><a href="photos/p.jpg"><img class="photo" src="p.jpg"></a></div>'
    path = tmp_path / "messages.html"
    path.write_text(f"<html><body>{day('14 May 2023')}{say(1, 'hi')}{say(2, 'look', inside=photo)}</body></html>")
    rows = read_export(path).rows
    assert [(row["text"], row["kind"], row.get("media")) for row in rows] == [
        ("hi", "text", None),
        ("look", "media", [{"name": "photos/p.jpg", "missing": False}]),
    ]
