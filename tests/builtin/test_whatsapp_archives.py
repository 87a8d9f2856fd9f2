"""Files, folders and zips: the chat is found, and nothing in a zip does harm."""

import os
import stat
import unicodedata
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin.whatsapp._archive import title_of
from egregora_core.errors import ExportError
from egregora_core.plugins import ReadOptions
from whatsapp_reading import how_sure, read

CHAT = "25/01/2024, 10:00 - Ana: hi\n25/01/2024, 10:01 - Bob: \u200eIMG-1.jpg (file attached)\n"
OTHER = "".join(f"26/01/2024, 11:{minute:02} - Eve: forwarded {'x' * 100}\n" for minute in range(60))


def make(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [row for batch in read(path, ReadOptions()).batches for row in batch.to_pylist()]


@pytest.mark.slow  # rarer forms
@pytest.mark.parametrize(
    "members",
    [
        {"_chat.txt": CHAT},
        {"notes.txt": OTHER, "_chat.txt": CHAT},
        {"notes.txt": OTHER, "WhatsApp Chat with Ana.txt": CHAT},
        {"novel.txt": "once upon a time\n" * 9999, "chat with ana.txt": CHAT},
        {"WhatsApp Chat - Ana/_chat.txt": CHAT, "WhatsApp Chat - Ana/files/_chat.txt": OTHER},
        {"__MACOSX/._chat.txt": OTHER, "__MACOSX/._" + "_chat.txt": OTHER, "_chat.txt": CHAT},
        {"../_chat.txt": OTHER, "/tmp/_chat.txt": OTHER, "_chat.txt": CHAT},  # noqa: S108  # a name in a zip
        {"..\\_chat.txt": OTHER, "C:\\_chat.txt": OTHER, "_chat.txt": CHAT},
        {"inner.zip": b"PK\x03\x04nested", "_chat.txt": CHAT},
        {"_chat.txt": OTHER, "WhatsApp Chat with Ana.txt": CHAT},
        {"WhatsApp Chat with Ana (1).txt": OTHER, "WhatsApp Chat with Ana.txt": CHAT},
        {"DOC-20240105-WA0003.txt": OTHER, "renamed.txt": CHAT},
        {"00000021-other.txt": OTHER, "renamed.txt": CHAT},
        {"IMG-1.jpg.txt": OTHER, "renamed.txt": CHAT.replace("IMG-1.jpg", "IMG-1.jpg.txt")},
        {"WhatsApp Chat with Ana": CHAT},
        {"_chat.txt": CHAT, "zeros.txt": bytes(100 << 20)},
    ],
)
def test_the_chat_is_found_whatever_lies_beside_it(tmp_path: Path, members: dict[str, str | bytes]) -> None:
    """By its name and place, never by its size; outside paths are no candidates."""
    assert [row["author"] for row in rows_of(make(tmp_path / "WhatsApp Chat with Ana.zip", members))] == ["Ana", "Bob"]


def test_a_file_in_the_zip_is_there_and_another_is_missing(tmp_path: Path) -> None:
    """Size and type come with it; names are compared composed, however the zip spells them."""
    name = unicodedata.normalize("NFD", "café.jpg")
    chat = CHAT.replace("IMG-1.jpg", "café.jpg") + "25/01/2024, 10:02 - Bob: \u200eIMG-2.png (file attached)\n"
    rows = rows_of(make(tmp_path / "x.zip", {"_chat.txt": chat, name: b"12345"}))
    got = [(row["media_name"], row["media_size"], row["media_missing"], row["media_type"]) for row in rows]
    assert got == [
        (None, None, None, None),
        ("café.jpg", 5, False, "image/jpeg"),
        ("IMG-2.png", None, True, "image/png"),
    ]


def test_a_name_in_cp437_is_utf8_after_all(tmp_path: Path) -> None:
    """Zips made without the flag for UTF-8 hold it anyway."""
    path = make(tmp_path / "x.zip", {"_chat.txt": CHAT.replace("IMG-1", "caf__"), "caf__.jpg": b"1"})
    data = path.read_bytes().replace(b"caf__.jpg", "caf\u00e9".encode() + b".jpg")
    path.write_bytes(data)
    assert rows_of(path)[1]["media_name"] == "caf__.jpg"
    chat = CHAT.replace("IMG-1", "caf\u00e9")
    path = make(tmp_path / "y.zip", {"_chat.txt": chat, "caf__.jpg": b"1"})
    path.write_bytes(path.read_bytes().replace(b"caf__.jpg", "caf\u00e9".encode() + b".jpg"))
    assert rows_of(path)[1]["media_missing"] is False


def test_a_link_is_no_chat(tmp_path: Path) -> None:
    """A symlink in a zip could point anywhere; it is not even looked at."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("_chat.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ExportError, match="no WhatsApp chat"):
        read(path, ReadOptions())


def test_a_nameless_member_is_no_chat(tmp_path: Path) -> None:
    """Whatever wrote the zip."""
    path = make(tmp_path / "x.zip", {"_chat.txt": CHAT})
    nameless = zipfile.ZipInfo()
    nameless.filename = ""
    with zipfile.ZipFile(path, "a") as archive, archive.open(nameless, "w") as member:
        member.write(b"1")
    assert len(rows_of(path)) == 2


def test_a_chat_may_bear_the_wrong_suffix(tmp_path: Path) -> None:
    """What a file is, its first bytes say."""
    path = tmp_path / "WhatsApp Chat with Ana.zip"
    path.write_text(CHAT, encoding="utf-8")
    assert len(rows_of(path)) == 2
    assert len(rows_of(make(tmp_path / "WhatsApp Chat with Ana.txt", {"_chat.txt": CHAT}))) == 2


def test_the_folder_in_a_zip_may_bear_the_title(tmp_path: Path) -> None:
    """Where the zip's own name is not the phone's."""
    path = make(tmp_path / "archive.zip", {"WhatsApp Chat - Ana/_chat.txt": CHAT})
    assert read(path, ReadOptions()).thread == "Ana"


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """A member that unpacks to a thousand times its size is not read."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("_chat.txt", "w") as member:
        for _ in range(100):
            member.write(bytes(1 << 20))
    with pytest.raises(ExportError, match="bomb"):
        read(path, ReadOptions())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"dear diary\nnothing happened\n", "no WhatsApp chat"),
        ("a.txt", bytes(range(256)) * 100, "no WhatsApp chat"),
        ("a.zip", b"PK\x03\x04 not really", "damaged"),
        ("a.zip", b"no zip at all", "no WhatsApp chat"),
    ],
)
def test_a_file_that_is_no_chat_is_an_error_that_says_so(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """With the path and what to do next; and it is not recognised."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ExportError, match=message) as caught:
        read(path, ReadOptions())
    assert str(path) in str(caught.value)
    with suppress(ExportError):  # a broken zip is refused before a source is asked
        assert how_sure(path) == 0


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """Said plainly."""
    with pytest.raises(ExportError, match="no such file"):
        read(tmp_path / "nowhere.txt", ReadOptions())


def test_a_truncated_zip_is_an_error(tmp_path: Path) -> None:
    """Cut anywhere, it is damaged; no half of a chat is taken for all of it."""
    whole = make(tmp_path / "x.zip", {"_chat.txt": OTHER * 50, "a.jpg": os.urandom(5000)}).read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 30):
        path = tmp_path / "cut.zip"
        path.write_bytes(whole[:cut])
        with pytest.raises(ExportError, match="damaged"):
            rows_of(path)


def test_a_damaged_member_is_an_error(tmp_path: Path) -> None:
    """The checksum is the zip's own."""
    path = make(tmp_path / "x.zip", {"_chat.txt": OTHER * 50})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(ExportError, match="damaged"):
        rows_of(path)


def test_two_chats_in_one_zip_are_not_guessed_between(tmp_path: Path) -> None:
    """The user says which."""
    path = make(tmp_path / "x.zip", {"WhatsApp Chat with Ana.txt": CHAT, "WhatsApp Chat with Bob.txt": CHAT})
    with pytest.raises(ExportError, match="2 chats"):
        read(path, ReadOptions())


def test_a_folder_is_an_export_too(tmp_path: Path) -> None:
    """An unpacked zip: its name is the title, its files are the media."""
    folder = tmp_path / "WhatsApp Chat - Família"
    folder.mkdir()
    (folder / "_chat.txt").write_text(CHAT, encoding="utf-8")
    (folder / "IMG-1.jpg").write_bytes(b"123")
    reading = read(folder, ReadOptions())
    assert reading.thread == "Família"
    assert [row["media_size"] for batch in reading.batches for row in batch.to_pylist()] == [None, 3]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Ana", "Ana"),
        ("WhatsApp Chat with Ana (1)", "Ana"),
        ("WhatsApp Chat - Our group", "Our group"),
        ("Conversa do WhatsApp com Família 🌸", "Família 🌸"),
        ("Chat de WhatsApp con José", "José"),
        ("WhatsApp Chat mit Zoë", "Zoë"),
        ("WhatsApp-Chat mit Zoë", "Zoë"),
        ("Discussion WhatsApp avec Léa", "Léa"),
        ("Чат WhatsApp с\u00a0Ольга", "Ольга"),
        ("Chat WhatsApp s\u00a0uživatelem Petr", "Petr"),
        ("Chat WhatsApp con Gino", "Gino"),
        ("WhatsApp-chat met Jan", "Jan"),
        ("Czat WhatsApp z użytkownikiem Ola", "Ola"),
        ("Chat WhatsApp dengan Budi", "Budi"),
        ("Ayşe ile WhatsApp Sohbeti", "Ayşe"),
        ("与李雷的 WhatsApp 聊天", "李雷"),
        ("Lunch with Bob", "Lunch with Bob"),
        ("_chat", None),
        ("_chat (2)", None),
    ],
)
def test_a_title_is_the_name_without_the_phones_words(name: str, title: str | None) -> None:
    """In the phone's language, with its spaces, and without the number of a copy."""
    assert title_of(name) == title


def test_a_given_title_wins(tmp_path: Path) -> None:
    """`--thread` names the chat."""
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    path.write_text(CHAT, encoding="utf-8")
    assert read(path, ReadOptions()).thread == "Ana"
    assert read(path, ReadOptions(thread="Mum")).thread == "Mum"


def test_a_chat_larger_than_a_chunk_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    """Messages that straddle chunks are neither cut nor lost."""
    lines = [
        f"{1 + number // 4000:02}/01/2024, {number // 60 % 24:02}:{number % 60:02} - Ana: {number} é\n\nmore: {'y' * 9}"
        for number in range(100_000)
    ]
    path = make(tmp_path / "x.zip", {"_chat.txt": "\n".join(lines)})
    texts = [text for batch in read(path, ReadOptions()).batches for text in batch["text"].to_pylist()]
    assert texts == [f"{number} é\n\nmore: {'y' * 9}" for number in range(100_000)]
