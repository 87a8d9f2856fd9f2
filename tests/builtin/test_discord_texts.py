"""The plain texts that DiscordChatExporter writes."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import DateOrderError
from hypothesis import given
from hypothesis import strategies as st
from platforms import survives, write
from read_export import Read, read_export

_BORDER = "=" * 62
_HEAD = f"{_BORDER}\nGuild: Allotment\nChannel: Text / garden\nTopic: leeks\n{_BORDER}\n\n"
_TAIL = f"{_BORDER}\nExported 2 message(s)\n{_BORDER}\n"


def said(who: str, text: str, when: str = "01-May-23 10:00 AM", *sections: str) -> str:
    return f"[{when}] {who}\n{text}\n\n" + "".join(f"{section}\n\n" for section in sections) + "\n"


def text_of(*messages: str, tail: str = _TAIL) -> str:
    return _HEAD + "".join(messages) + tail


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_it(content: str, name: str = "Allotment - Text - garden [1100000000000000000].txt") -> Read:
        return read_export(write(tmp_path / name, content))

    return read_it


def test_a_plain_text_is_read_message_by_message(read: Any) -> None:
    """Each with the wall clock above it; the channel's id is in the file's name, its name in the text."""
    found = read(text_of(said("ana#1234", "hello\n\nthere"), said("bo", "hi", "01-May-23 01:05 PM")))
    assert (found.source, found.sure, found.zoned) == ("discord", "certain", False)
    assert [(row["ts"], row["author"], row["text"]) for row in found.rows] == [
        (datetime(2023, 5, 1, 10), "ana#1234", "hello\n\nthere"),  # noqa: DTZ001 - a wall clock
        (datetime(2023, 5, 1, 13, 5), "bo", "hi"),  # noqa: DTZ001 - as above
    ]
    assert found.threads["1100000000000000000"].title == "garden"
    assert found.people["ana#1234"].names == ["ana", "ana#1234"]


def test_what_stands_below_a_message_is_in_its_row(read: Any) -> None:
    """Attachments, stickers, cards and reactions; a mark of what is pinned is counted."""
    found = read(
        text_of(
            said("ana (pinned)", "look", "01-May-23 10:00 AM", "{Attachments}\nhttps://x.org/cat.png"),
            said("bot", "", "01-May-23 10:01 AM", "{Embed}\nTitle\nwords", "{Reactions}\n\U0001f44d (2) party"),
            said("bo", "", "01-May-23 10:02 AM", "{Stickers}\nhttps://discord.com/stickers/1.png"),
        )
    )
    assert [(row["kind"], row.get("text"), [each["url"] for each in row.get("media", [])]) for row in found.rows] == [
        ("media", "look", ["https://x.org/cat.png"]),
        ("text", "Title\nwords", []),
        ("sticker", None, ["https://discord.com/stickers/1.png"]),
    ]
    assert found.rows[1]["reactions"] == [{"emoji": "\U0001f44d", "count": 2}, {"emoji": "party", "count": 1}]
    assert found.report.left_out == {"marks of messages that are pinned": 1}


@pytest.mark.parametrize(
    "text",
    [
        "[not a time] bo",
        f"a\n\n{_BORDER}\nb",
        "[01-May-23 10:00 AM]",
        "{Attachments} are nice",
        f"{_BORDER}\nExported it",
    ],
)
def test_what_only_looks_like_the_exporters_lines_is_text(read: Any, text: str) -> None:
    """Somebody may write brackets, braces and lines of signs."""
    found = read(text_of(said("ana", text), said("bo", "hi")))
    assert found.column("text") == [text, "hi"]


def test_days_and_months_are_told_as_in_tables(tmp_path: Path) -> None:
    """By a field over twelve, else the user is asked; a text of no message is no chat."""
    days = text_of(said("ana", "a", "3/5/2023 10:00 AM"), said("bo", "b", "13/5/2023 10:00 AM"), tail="")
    assert read_export(write(tmp_path / "a.txt", days)).column("ts")[0].month == 5
    with pytest.raises(DateOrderError, match="--date-order"):
        read_export(write(tmp_path / "b.txt", text_of(said("ana", "a", "3/5/2023 10:00 AM"))))
    assert read_export(write(tmp_path / "c.txt", text_of())).rows == []


def test_of_one_channel_in_several_formats_the_best_is_read(tmp_path: Path) -> None:
    """JSON says more than a text."""
    told = {"id": "1", "timestamp": "2023-05-01T10:00:00Z", "content": "from JSON", "author": {"id": "1", "name": "a"}}
    whole = json.dumps({"guild": {"id": "9"}, "channel": {"id": "5", "name": "garden"}, "messages": [told]})
    found = read_export(write(tmp_path / "x", {"g.json": whole, "g.txt": text_of(said("ana", "a"))}))
    assert found.column("text") == ["from JSON"]
    assert found.report.left_out == {"plain texts of channels that are there in another format, too": 1}


@given(data=st.data())
def test_damaged_texts_give_rows_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any piece of a text replaced by another."""
    text = text_of(
        said("ana#1234", "a", "3/13/2023 10:00 AM", "{Reactions}\nx (2)"), said("bo", "b", "3/14/2023 10:00 AM")
    )
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    patch = data.draw(
        st.sampled_from(["", "\n", "[", "[3/13/2023 99:00 AM] x\n", _BORDER, "\x00", "{Embed}\n", "(9999999999)"])
    )
    survives("discord", write(tmp_path_factory.mktemp("x") / "x.txt", text[:start] + patch + text[end:]))
