"""Rooms that Element exported as plain text."""

from pathlib import Path
from typing import Any

import egregora_sources
import pytest
from egregora_core.errors import ExportError
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source
from egregora_core.plugins import App
from egregora_sources import matrix
from more_platforms import Read, put, zipped

NAME = "matrix - Book Club - Chat Export - 2023-04-09T14-23-05.000Z.txt"
HEADER = "Fri, Apr 9 2021 14:23:05 - "


def read(tmp_path: Path, *lines: str, name: str = NAME) -> Read:
    return Read(matrix, put(tmp_path, name, "".join(f"{line}\n" for line in lines)))


def row(tmp_path: Path, said: str) -> dict[str, Any]:
    (found,) = read(tmp_path, HEADER + said).rows
    return {key: value for key, value in found.items() if value is not None}


@pytest.mark.parametrize(
    "header",
    [
        "Fri, Apr 9 2021 14:23:05 - ",
        "Fri, Apr 9, 2021, 14:23:05 - ",
        "Fri, Apr 9, 2021, 2:23:05 PM - ",
        "Fri, Apr 9, 2021 at 2:23:05\u202fPM - ",
        "Fri, 9 Apr 2021, 14:23:05 - ",
        "Fri 9 Apr 2021, 14:23:05 - ",
        "Friday, 9 April 2021 at 14:23:05 - ",
    ],
)
def test_a_line_is_read_in_each_way_in_which_element_writes_the_time(tmp_path: Path, header: str) -> None:
    """English ones, of old and new versions; the room's name is in the file's."""
    found = read(tmp_path, f"{header}Ana Quark: hello: you", "there", f"{header}Bo: hi")
    assert [(each["ts"], each["author"], each["text"]) for each in found.rows] == [
        ("2021-04-09 14:23:05", "Ana Quark", "hello: you\nthere"),
        ("2021-04-09 14:23:05", "Bo", "hi"),
    ]
    assert (found.reading.thread, found.reading.zoned) == ("Book Club", False)


def test_it_is_none_of_whatsapps(tmp_path: Path) -> None:
    """Which reads lines of a date and a dash, too, with months that are spelt."""
    app = App([egregora_sources], discover=False)
    with Export(put(tmp_path, "export.txt", f"{HEADER}Ana: hello\n{HEADER}Bo: hi\n")) as export:
        assert choose_source(app, export).spec.name == "matrix"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Ana: look.png (Media omitted)", {"author": "Ana", "kind": "media", "media": ("look.png", True)}),
        ("Ana: plan.pdf (File Attached)", {"author": "Ana", "kind": "media", "media": ("plan.pdf", False)}),
        ("Ana sent an image. (Media omitted)", {"author": "Ana", "kind": "media", "media": (None, True)}),
        ("Ana sent a sticker.", {"author": "Ana", "kind": "sticker", "media": (None, True)}),
        ("Ana: Message deleted", {"author": "Ana", "kind": "deleted"}),
        ('Ana: <@bo:x.org "what is it?"> a leek', {"author": "Ana", "kind": "text", "text": "a leek"}),
        ("Ana: <b> is bold", {"author": "Ana", "kind": "text", "text": "<b> is bold"}),
        ("* Ana waves", {"author": "Ana", "kind": "text", "text": "* Ana waves"}),
        ("Ana: Bo joined the room", {"author": "Ana", "kind": "text", "text": "Bo joined the room"}),
        ("Ana placed a voice call.", {"author": "Ana", "kind": "call", "event": "call"}),
        ("Ana Q joined the room", {"kind": "system", "event": "join", "mentions": ["Ana Q"]}),
        ("Ana left the room", {"kind": "system", "event": "leave"}),
        ("Ana invited Bo Quarrel", {"kind": "system", "event": "invite"}),
        ("Ana removed Bo", {"kind": "system", "event": "remove"}),
        ("Ana removed the topic", {"kind": "system", "event": "topic"}),
        ("Ana banned Bo: spam", {"kind": "system", "event": "ban"}),
        ('Ana changed the topic to "a: b".', {"kind": "system", "event": "topic"}),
        ("Ana changed the room name from A to B.", {"kind": "system", "event": "rename"}),
        ("Ana changed their profile picture", {"kind": "system", "event": "picture"}),
        ("Ana made future room history visible to all room members.", {"kind": "system", "event": "settings"}),
        ("something new", {"kind": "system", "event": "other", "text": "something new"}),
    ],
)  # fmt: skip
def test_a_line_becomes_what_it_tells(tmp_path: Path, said: str, expected: dict[str, Any]) -> None:
    """Without a colon behind the name it is Element that speaks."""
    found = row(tmp_path, said)
    if "media" in expected:
        (media,) = found["media"]
        found["media"] = (media["name"], media["missing"])
    assert {key: found.get(key) for key in expected} == expected
    assert ("author" in expected) == ("author" in found)


def test_a_zip_has_the_text_and_its_files(tmp_path: Path) -> None:
    """The room is called as the zip."""
    members = {"export.txt": f"{HEADER}Ana: hello\n", "images/a.png": "x"}
    found = Read(matrix, zipped(tmp_path / "Club.zip", members))
    assert [each["text"] for each in found.rows] == ["hello"]
    assert found.reading.thread == "Club"


def test_a_date_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    """It says the line, and nothing of what stands in it."""
    with pytest.raises(ExportError, match="line 2 has no date") as caught:
        read(tmp_path, f"{HEADER}Ana: secret", "Fri, Apr 31 2021 14:23:05 - Ana: secret")
    assert "secret" not in str(caught.value)
