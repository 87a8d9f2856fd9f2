"""Downloads from Meta as pages: what they say is read as if it stood in JSON."""

from pathlib import Path

import pytest
from egregora_core.errors import ExportError
from platforms import Desk, read, sure, write

NEW = """<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><h2 class="_3-95 _2pim _a6-h _a6-i">{author}</h2>\
<div class="_3-95 _a6-p"><div><div></div><div>{text}</div><div></div><div></div>{more}</div></div>\
<div class="_3-94 _a6-o">{time}</div></div>"""
OLD = """<div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder"><div class="_3-96 _2pio _2lek _2lel">{author}</div>\
<div class="_3-96 _2let"><div><div></div><div>{text}</div><div></div><div></div>{more}</div></div>\
<div class="_3-94 _2lem">{time}</div></div>"""
HEARTS = {NEW: '<div><ul class="_a6-q"><li><span>\u2764Bo Quarrel</span></li></ul></div>'}
HEARTS[OLD] = '<div><ul class="_tqp"><li>\u2764Bo Quarrel</li></ul></div>'


def page(*blocks: str, title: str = "Zo\u00eb") -> str:
    """Return a page, the newest message first."""
    top = '<div class="_2ph_ _a6-h _a6-i">Participants: Zo\u00eb and Ana</div>'
    style = "<style>" + ".x{}" * 2000 + "</style>"
    body = top + "".join(reversed(blocks))
    return f'<html><head><title>{title}</title>{style}</head><body><main role="main">{body}</main></body></html>'


def block(form: str, text: str, time: str = "Jan 05, 2024 1:02 pm", author: str = "Ana", more: str = "") -> str:
    return form.format(author=author, text=text, time=time, more=more)


@pytest.mark.parametrize("form", [NEW, OLD], ids=["new", "old"])
def test_a_page_is_read(tmp_path: Path, form: str) -> None:
    """Who, what and when, links, pictures and reactions; of one minute the first sent is the first."""
    photo = '<div><a href="messages/inbox/z_1/photos/1.jpg"><img src="messages/inbox/z_1/photos/1.jpg"></a></div>'
    content = page(
        block(form, "tea &amp; caf\u00e9?<br>or none", more=HEARTS[form]),
        block(form, 'see <a href="https://example.org/x">this</a>', author="Zo\u00eb"),
        block(form, "", "Jan 5, 2024, 1:03:09 PM", more=photo),
        block(form, "Ana left the group.", "Jan 5, 2024 1:04 pm"),
    )
    files = {"messages/inbox/z_1/message_1.html": content, "messages/inbox/z_1/photos/1.jpg": b"\xff\xd8"}
    rows = read("messenger", write(tmp_path / "facebook-ana", files))
    by_time = sorted(rows, key=lambda row: str(row["ts"]))
    assert [(f"{row['ts']:%H:%M:%S}", row["author"], row["kind"], row["text"]) for row in by_time] == [
        ("13:02:00", "Ana", "text", "tea & caf\u00e9?\nor none"),
        ("13:02:00", "Zo\u00eb", "text", "see this\nhttps://example.org/x"),
        ("13:03:09", "Ana", "media", None),
        ("13:04:00", None, "system", "Ana left the group."),
    ]
    assert [(each["emoji"], each["author"]) for each in by_time[0]["reactions"]] == [("\u2764", "Bo Quarrel")]
    assert [(each["name"], each["missing"]) for each in by_time[2]["media"]] == [("1.jpg", False)]


@pytest.mark.parametrize(
    "time",
    [
        "Jan 05, 2024 1:02 pm",
        "Jan 5, 2024 1:02:00\u202fPM",
        "05 Jan 2024, 13:02",
        "5 de enero de 2024, 13:02",
        "5 de jan. de 2024 13:02",
        "5 janv. 2024, 13:02",
        "5. Januar 2024 um 13:02",
        "5 \u044f\u043d\u0432. 2024 \u0433., 13:02",
    ],
)
def test_times_are_read_in_the_languages_of_accounts(tmp_path: Path, time: str) -> None:
    """Names of months are those that CLDR has."""
    (row,) = read("messenger", write(tmp_path / "message_1.html", page(block(NEW, "x", time))))
    assert f"{row['ts']:%Y-%m-%d %H:%M}" == "2024-01-05 13:02"


def test_a_time_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """And what to do instead; nothing of the page is quoted."""
    with pytest.raises(ExportError, match="ask for the download as JSON") as caught:
        read("messenger", write(tmp_path / "message_1.html", page(block(NEW, "zanzibarically", "once upon a time"))))
    assert "zanzibarically" not in str(caught.value)


def test_pages_are_recognised_and_need_a_zone(tmp_path: Path) -> None:
    """Their times are those of a clock; beside JSON they are not read."""
    files = {"your_instagram_activity/messages/inbox/z_1/message_1.html": page(block(NEW, "x"))}
    folder = write(tmp_path / "x", files)
    assert (sure("instagram", folder), sure("messenger", folder)) == ("certain", "no")
    desk = Desk(tmp_path / "w")
    desk.ingest(folder, timezone="Europe/Lisbon")
    assert desk.query("SELECT ts::VARCHAR, attrs->>'thread' FROM ir_messages") == [
        ("2024-01-05 13:02:00+00", "Zo\u00eb")
    ]
    assert sure("messenger", write(tmp_path / "y.html", "<html><body>hello</body></html>")) == "no"
