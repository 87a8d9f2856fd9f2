"""Backups of SMS Backup & Restore: texts, multimedia messages and calls."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_sources import sms
from egregora_sources.sms._mending import mended
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, damage, put, sample, zipped

MS = 1_700_000_000_000
HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<!--File Created By SMS Backup & Restore v10-->\n"


def text(number: int, body: str, address: str = "+15551234567", **more: Any) -> str:
    known = {"protocol": "0", "type": "1", "subject": "null", "contact_name": "Sarah Kovacs", **more}
    attributes = "".join(f' {key}="{value}"' for key, value in known.items())
    return f'<sms address="{address}" date="{MS + number * 1000}" body="{body}"{attributes} />\n'


def backup(*entries: str, root: str = "smses") -> str:
    return f'{HEAD}<{root} count="{len(entries)}" backup_date="{MS + 9_000_000}">\n{"".join(entries)}</{root}>\n'


def read(tmp_path: Path, *entries: str, root: str = "smses") -> Read:
    return Read(sms, put(tmp_path, "sms.xml", backup(*entries, root=root)))


def test_texts_of_one_person_are_one_chat(tmp_path: Path) -> None:
    """However a number is written; who has the phone is the other of the two."""
    found = read(
        tmp_path,
        text(1, "hi"),
        text(2, "hello", "(555) 123-4567", type="2"),
        text(3, "again", "001 555 123 4567", contact_name="(Unknown)"),
        text(4, "your code is 1234", "BANK", contact_name="null"),
        text(5, "not yet", type="3"),
    )
    assert [(row["thread"], row["author"], row["text"]) for row in found.rows] == [
        ("5551234567", "5551234567", "hi"),
        ("5551234567", "me", "hello"),
        ("5551234567", "5551234567", "again"),
        ("bank", "bank", "your code is 1234"),
        ("5551234567", "me", "not yet"),
    ]
    assert found.threads["5551234567"].title == "Sarah Kovacs"
    assert found.people["5551234567"].names[0] == "Sarah Kovacs"
    assert found.rows[0]["ts"] == "2023-11-14 22:13:21"
    assert found.report.notices == ["drafts among the messages: 1"]
    assert str(found.reading.as_of) == "2023-11-15 00:43:20"


BODIES = {
    "&#55357;&#56832; and &#x1F600;": "😀 and 😀",
    "&#xD83D;&#xDE00;": "😀",
    "half &#55357; pair": "half \ufffd pair",
    "&#0;&#8;": "\ufffd\ufffd",
    "two&#10;lines": "two\nlines",
    "&lt;script&gt;alert(1)&lt;/script&gt;": "<script>alert(1)</script>",
    "=1+1": "=1+1",
    "null": "null",
    "  blanks  ": "  blanks  ",
    "a &amp;#55357; b": "a &#55357; b",
    "日本語 عربى": "日本語 عربى",
}


@pytest.mark.parametrize("written", BODIES)
def test_bodies_are_what_was_written(tmp_path: Path, written: str) -> None:
    """Also where the app writes what is no XML."""
    assert read(tmp_path, text(1, written)).rows[0]["text"] == BODIES[written]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_pieces_change_nothing(size: int) -> None:
    """Pairs of halves and large contents are mended wherever a piece of the file ends."""
    large = b"QUJD" * 30_000
    content = b'<a b="&#55357;&#56832;&#55357;&#56832;"/><part data="' + large + b'" x="y"/><part data="QQ=="/>'
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    expected = b'<a b="&#128512;&#128512;"/><part data="#120000" x="y"/><part data="QQ=="/>'
    assert b"".join(mended(pieces)) == expected


MMS = """<mms date="{date}" msg_box="{box}" m_type="132" sub="null" address="{address}" contact_name="{names}">
<parts><part seq="-1" ct="application/smil" text='&lt;smil src="a"/&gt;' />{parts}</parts>
<addrs>{addrs}</addrs></mms>
"""
TEXT = '<part seq="0" ct="text/plain" text="look" />'
PICTURE = '<part seq="1" ct="image/jpeg" cl="a.jpg" data="QUJD" />'


def mms(box: int, parts: str, addrs: str, address: str = "null", names: str = "null") -> str:
    told = "".join(f'<addr address="{each[3:]}" type="{each[:3]}" />' for each in addrs.split())
    return MMS.format(date=MS, box=box, parts=parts, addrs=told, address=address, names=names)


def test_multimedia_of_several_people(tmp_path: Path) -> None:
    """Who wrote is who it is from; the chat is all others, by its own list or by the addresses."""
    listed = {"address": "+15550001111~+15550002222", "names": "Ada Lund, Ben Moor"}
    found = read(
        tmp_path,
        mms(1, TEXT + PICTURE, "137+15550001111 151+15550002222 151+15559998888", **listed),
        mms(2, PICTURE, "137insert-address-token 151+15550001111 151+15550002222", **listed),
        mms(1, TEXT, "137+15550003333 151+15559998888"),
    )
    assert [(row["thread"], row["author"], row["kind"], row["text"]) for row in found.rows] == [
        ("5550001111~5550002222", "5550001111", "media", "look"),
        ("5550001111~5550002222", "me", "media", None),
        ("5550003333", "5550003333", "text", "look"),
    ]
    assert found.rows[0]["media"] == [{"name": "a.jpg", "url": None, "type": "image/jpeg", "size": 3, "missing": False}]
    assert found.threads["5550001111~5550002222"].title == "Ada Lund, Ben Moor"
    assert "+15559998888" in found.people["me"].names


def test_who_is_named_as_the_chat_is_not_the_one_with_the_phone(tmp_path: Path) -> None:
    """Some backups tell of a group's message only who else got it."""
    group = (
        '<mms date="1700000000000" msg_box="1" address="+15551234567~+15559876543" contact_name="Ida, Bo"><parts>'
        '<part ct="text/plain" text="hi"/></parts><addrs><addr address="+15559876543" type="137"/>'
        '<addr address="+15551234567" type="151"/></addrs></mms>'
    )
    found = read(tmp_path, group)
    assert found.people["me"].names == ["Me"]
    assert found.people["5551234567"].names[0] == "Ida"
    assert [(row["thread"], row["author"]) for row in found.rows] == [("5551234567~5559876543", "5559876543")]


def test_calls(tmp_path: Path) -> None:
    """Made, missed and hidden ones; in the chat with whom it was."""
    entries = [
        f'<call number="+15551234567" duration="{seconds}" date="{MS}" type="{kind}" contact_name="Sarah Kovacs" />'
        for kind, seconds in ((1, 61), (2, 5), (3, 0))
    ]
    found = read(
        tmp_path, *entries, f'<call number="-2" duration="0" date="{MS}" type="3" presentation="2" />', root="calls"
    )
    assert [(row["author"], json.loads(row["data"])) for row in found.rows] == [
        ("5551234567", {"missed": False, "seconds": 61}),
        ("me", {"missed": False, "seconds": 5}),
        ("5551234567", {"missed": True, "seconds": 0}),
        ("unknown number", {"missed": True, "seconds": 0}),
    ]
    assert [row["thread"] for row in found.rows] == ["5551234567"] * 3 + ["unknown"]


def test_an_export_with_a_bomb_or_damage_is_refused(tmp_path: Path) -> None:
    """The error says where, and nothing of what stands there."""
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><smses count="1"><sms body="&a;"/></smses>'
    with pytest.raises(ExportError, match="declares a document type"):
        Read(sms, put(tmp_path, "bomb.xml", bomb))
    with pytest.raises(ExportError, match=r"line 4, column \d+") as error:
        Read(sms, put(tmp_path, "cut.xml", backup(text(1, "secret"), text(2, "secret"))[:-200]))
    assert "secret" not in str(error.value)
    with pytest.raises(ExportError, match="nested too deeply"):
        Read(sms, put(tmp_path, "deep.xml", '<smses count="1">' + "<a>" * 1000))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """A mark at the start says how a file is written."""
    content = backup(text(1, "ünï")).replace(" encoding='UTF-8'", "").encode(encoding)
    assert Read(sms, put(tmp_path, "sms.xml", content)).rows[0]["text"] == "ünï"


@pytest.mark.slow  # several whole commands
def test_a_zip_of_texts_and_calls(tmp_path: Path) -> None:
    """Both are read; reading again, or an older backup, adds nothing; no name or number gets out."""
    shelf = Shelf(tmp_path)
    call = f'<call number="+15551234567" duration="61" date="{MS}" type="1" contact_name="Sarah Kovacs" />'
    texts = [text(1, "Sarah Kovacs here, +1 555 123 4567"), text(2, "two"), text(3, "three", type="2")]
    members: dict[str, str | bytes] = {"sms-1.xml": backup(*texts), "calls-1.xml": backup(call, root="calls")}
    shelf.run(zipped(tmp_path / "all.zip", members))
    shelf.ingest(put(tmp_path, "older.xml", backup(*texts[:2])))
    assert shelf.query("SELECT count(*), count(DISTINCT thread_id) FROM ir_messages") == [(4, 1)]
    everything = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [each for each in ("Sarah", "Kovacs", "4567") if each in everything]


def test_the_sample_has_its_messages(tmp_path: Path) -> None:
    """As its list says."""
    assert len(Read(sms, sample("sms") / "noahejung__locket__sms_backup.xml").rows) == 4


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_backups_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever happens to a backup: rows, or an error that is ours."""
    entries = [*(text(number, body) for number, body in enumerate(BODIES)), mms(1, TEXT + PICTURE, "137+1 151+2")]
    with suppress(EgregoraError):
        Read(sms, put(tmp_path, "sms.xml", damage(data, backup(*entries).encode())))
