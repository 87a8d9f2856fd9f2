"""Authors, texts and what the app writes itself."""

import codecs
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import ReadOptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import some
from whatsapp_reading import read

LRM = "\u200e"


def parsed(tmp_path: Path, text: str | bytes, name: str = "_chat.txt") -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [row for batch in read(path, ReadOptions(date_order="DMY")).batches for row in batch.to_pylist()]


def android(*bodies: str) -> str:
    return "".join(f"25/01/2024, 10:{number:02} - {body}\n" for number, body in enumerate(bodies))


def ios(*bodies: str) -> str:
    return "".join(
        f"{LRM * (LRM in body)}[25/01/2024, 10:{number:02}:07] {body}\n" for number, body in enumerate(bodies)
    )


def authors(rows: list[dict[str, Any]]) -> list[str]:
    return [row["author"] for row in rows]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    some(
        [
            ("<Media omitted>", "media", None),
            ("<Mídia oculta>", "media", None),
            ("<Medien ausgeschlossen>", "media", None),
            ("<メディアなし>", "media", None),
            ("<忽略多媒體檔>", "media", None),
            ("<View once voice message omitted>", "media", None),
            ("<3", "text", "<3"),
            ("<grin>", "text", "<grin>"),
            ("a <b> c <d>", "text", "a <b> c <d>"),
            (f"{LRM}IMG-20240211-WA0001.jpg (file attached)", "media", None),
            (
                f"{LRM}IMG-20240211-WA0001.jpg (arquivo anexado)\na caption: yes\n\nmore",
                "media",
                "a caption: yes\n\nmore",
            ),
            ("IMG-20240211-WA0001.jpg (ファイル添付)", "media", None),
            ("report v1.2.pdf (Datei angehängt)", "media", None),
            ("see main.py (it is short)", "text", "see main.py (it is short)"),
            (f"{LRM}STK-20240211-WA0002.webp (file attached)", "sticker", None),
            (f"{LRM}Ana Souza.vcf (file attached)", "contact", None),
            ("This message was deleted", "deleted", None),
            ("You deleted this message", "deleted", None),
            ("Esta mensagem foi apagada", "deleted", None),
            ("Diese Nachricht wurde gelöscht.", "deleted", None),
            ("you deleted this message yesterday", "text", "you deleted this message yesterday"),
            ("location: https://maps.google.com/?q=52.0,5.1", "location", "https://maps.google.com/?q=52.0,5.1"),
            ("see: https://example.org/a", "text", "see: https://example.org/a"),
            ("null", "text", "null"),
            ("½ ① ﬁ ｆｕｌｌ e\u0301 \u00a0 ", "text", "½ ① ﬁ ｆｕｌｌ e\u0301 \u00a0 "),
            (
                "POLL:\nWhen?\nOPTION: Monday (2 votes)\nOPTION: Friday (1 vote)",
                "poll",
                "When?\nOPTION: Monday (2 votes)\nOPTION: Friday (1 vote)",
            ),
            ("TODO:\nbuy milk", "text", "TODO:\nbuy milk"),
        ],
        5,
    ),
)
def test_what_android_writes_in_a_body_is_told_from_what_people_write(
    tmp_path: Path, body: str, kind: str, text: str | None
) -> None:
    """Structure decides, in any language; a caption stays, and so does what only looks similar."""
    row = parsed(tmp_path, android("Bob: hi", f"Ana: {body}", "Bob: ok"))[1]
    assert (row["author"], row["kind"], row["text"]) == ("Ana", kind, text)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    some(
        [
            (f"{LRM}image omitted", "media", None),
            (f"{LRM}imagem ocultada", "media", None),
            (f"{LRM}Bild weggelassen", "media", None),
            (f"{LRM}изображение отсутствует", "media", None),
            (f"{LRM}चित्र छोड़ा गया", "media", None),
            (f"{LRM}छवि छोड\u093cी गई", "media", None),
            (f"{LRM}Chiamata persa", "call", None),
            (f"{LRM}sticker omitted", "sticker", None),
            (f"{LRM}figurinha omitida", "sticker", None),
            (f"{LRM}Contact card omitted", "contact", None),
            (f"{LRM}<attached: 00000006-PHOTO-2024-02-11-23-59-59.jpg>", "media", None),
            (f"{LRM}<Anhang: 00000006-STICKER-2024-02-11-23-59-59.webp>", "sticker", None),
            (f"{LRM}<pièce jointe : 00000006-AUDIO-2024-02-11-23-59-59.opus>", "media", None),
            (f"{LRM}<附件：00000006-PHOTO-2024-02-11-23-59-59.jpg>", "media", None),
            (f"{LRM}<00000006-PHOTO-2024-02-11-23-59-59.jpg eklendi>", "media", None),
            (f"look here {LRM}<attached: 00000006-PHOTO-2024-02-11-23-59-59.jpg>", "media", "look here"),
            (f"{LRM}plan.pdf • {LRM}2 pages {LRM}<attached: 00000008-plan.pdf>", "media", None),
            (f"plan.pdf • {LRM}2 pages {LRM}<attached: 00000008-plan.pdf>", "media", None),
            (f"plan.pdf • {LRM}2 pages {LRM}document omitted", "media", None),
            (f"{LRM}<attached: 00000006-PHOTO-2024-02-11-23-59-59.jpg>\nsee: this\n\nnow", "media", "see: this\n\nnow"),
            (f"{LRM}This message was deleted.", "deleted", None),
            (f"{LRM}Esta mensagem foi apagada.", "deleted", None),
            (f"{LRM}Missed voice call. {LRM}Tap to call back", "call", None),
            (f"{LRM}Voice call, {LRM}5 min", "call", None),
            (f"{LRM}Location: https://maps.google.com/?q=52.1,5.1", "location", "https://maps.google.com/?q=52.1,5.1"),
            (f"{LRM}POLL:\nWhen?\n{LRM}OPTION: Monday ({LRM}2 votes)", "poll", "When?\nOPTION: Monday (2 votes)"),
            (
                f"{LRM}ENQUETE:\nQuando?\n{LRM}OPÇÃO: segunda ({LRM}2 votos)",
                "poll",
                "Quando?\nOPÇÃO: segunda (2 votos)",
            ),
        ],
        5,
    ),
)
def test_what_ios_writes_in_a_body_bears_its_mark(tmp_path: Path, body: str, kind: str, text: str | None) -> None:
    """The mark that the app puts before its own texts tells them, in any language."""
    rows = parsed(tmp_path, ios(f"Group: {LRM}{'Messages are encrypted. ' * 4}", "Ana: hi", f"Ana: {body}", "Bob: ok"))
    assert (rows[2]["author"], rows[2]["kind"], rows[2]["text"]) == ("Ana", kind, text)


DROPPED = [
    ("Lease Quark.xlsx {m}document omitted", "media"),
    ("Lease Quark.pdf • {m}3 pages {m}document omitted", "media"),
    ("Befund Zoe Quark.docx • {m}1 Seite {m}Dokument weggelassen", "media"),
    ("Contrato Zé Quark.pdf {m}documento omitido", "media"),
    ("Zoe Quark.vcf {m}contact card omitted", "contact"),
    ("Zoe Quark.vcf {m}Kontaktkarte ausgelassen", "contact"),
    ("Zoe Quark.m4a {m}audio omitted", "media"),
]


@pytest.mark.parametrize(("said", "kind"), some(DROPPED, 4))
@pytest.mark.parametrize("below", [None, "for you", "for you:\nread (all)"])
def test_the_name_of_a_file_that_was_left_out_is_no_text(
    tmp_path: Path, said: str, kind: str, below: str | None
) -> None:
    """Whatever kind of file it is, and whether or not words stand below it."""
    body = said.format(m=LRM) + (f"\n{below}" if below else "")
    row = parsed(tmp_path, ios("Bob: hi", f"Ana: {body}", f"Bob: {LRM}image omitted"))[1]
    assert (row["author"], row["kind"], row["text"]) == ("Ana", kind, below)


@pytest.mark.parametrize(("said", "kind"), [each for each in DROPPED if "audio" not in each[0]])
def test_the_name_of_a_file_is_no_text_where_marks_were_lost(tmp_path: Path, said: str, kind: str) -> None:
    """The app's phrase behind a name tells it, for documents and contacts."""
    row = parsed(tmp_path, ios("Bob: hi", f"Ana: {said.format(m='')}", "Bob: image omitted"))[1]
    assert (row["author"], row["kind"], row["text"]) == ("Ana", kind, None)


@pytest.mark.parametrize(
    "body", [f"see a.pdf {LRM}and this\nnow", f"a.pdf is missing {LRM}too", "a.pdf\ndocument omitted"]
)
def test_a_file_that_is_only_spoken_of_stays_in_the_text(tmp_path: Path, body: str) -> None:
    """A mark between words tells nothing without the app's own words."""
    row = parsed(tmp_path, ios("Bob: hi", f"Ana: {body}", f"Bob: {LRM}image omitted"))[1]
    assert (row["kind"], row["text"]) == ("text", body)


@pytest.mark.parametrize(
    "mark",
    [
        "<This message was edited>",
        "<Mensagem editada>",
        "<Diese Nachricht wurde bearbeitet>",
        "<已编辑>",
        "<Bu mesaj düzenlendi>",
    ],
)
def test_an_edit_mark_leaves_the_text_and_is_remembered(tmp_path: Path, mark: str) -> None:
    """On iOS the app's mark stands before it, on Android only a space."""
    for text in (android("Bob: hi", f"Ana: fixed\nit {mark}"), ios("Bob: hi", f"Ana: fixed\nit {LRM}{mark}")):
        row = parsed(tmp_path, text)[1]
        assert (row["text"], row["kind"], row["edited"]) == ("fixed\nit", "text", True)


def test_a_name_may_hold_a_colon(tmp_path: Path) -> None:
    """The split whose prefix recurs is the author; a quotation in a system line makes none."""
    rows = parsed(
        tmp_path,
        android(
            "Work: Carla: hi",
            "Work: Carla: again: yes",
            "Dan: Work: is done",
            'Dan changed the subject from "a: b" to "c: d"',
            "Dan changed the subject from “a: b” to “c: d”",
            "Dan: Note: one",
            "Dan: two",
        ),
    )
    assert authors(rows) == ["Work: Carla", "Work: Carla", "Dan", "", "", "Dan", "Dan"]
    assert [row["text"] for row in rows][2:] == [
        "Work: is done",
        'Dan changed the subject from "a: b" to "c: d"',
        "Dan changed the subject from “a: b” to “c: d”",
        "Note: one",
        "two",
    ]


def test_what_the_app_says_in_a_group_has_no_author(tmp_path: Path) -> None:
    """On iOS it stands under the group's name, with the mark; both go."""
    rows = parsed(
        tmp_path,
        ios(
            f"Our: group: {LRM}Messages and calls are end-to-end encrypted. Only people in this chat can read them.",
            f"Our: group: {LRM}Ana created this group",
            f"Our: group: {LRM}Ana added Bob",
            "Ana: hi",
            f"Bob: {LRM}image omitted",
            f"Bob: {LRM}image omitted",
            "[x] Ana left",
        ),
    )
    assert [(row["author"], row["kind"]) for row in rows] == [
        ("", "system"),
        ("", "system"),
        ("", "system"),
        ("Ana", "text"),
        ("Bob", "media"),
        ("Bob", "media"),
        ("", "system"),
    ]
    assert rows[2]["text"] == "Ana added Bob"


def test_what_the_app_says_between_two_has_no_author_either(tmp_path: Path) -> None:
    """The other one's name stands before the app's notice and before their own messages."""
    notice = "Messages and calls are end-to-end encrypted. Only people in this chat can read them."
    rows = parsed(tmp_path, ios(f"Ana: {LRM}{notice}", "Ana: hi", f"Ana: {LRM}image omitted", "Bob: ok"))
    assert [(row["author"], row["kind"], row["text"]) for row in rows] == [
        ("", "system", notice),
        ("Ana", "text", "hi"),
        ("Ana", "media", None),
        ("Bob", "text", "ok"),
    ]


def test_an_empty_body_is_an_empty_text(tmp_path: Path) -> None:
    """A view-once picture or a call leaves nothing; with or without the space that follows a colon."""
    rows = parsed(tmp_path, android("Ana: ", "Ana:", "Ana:\n\nhi", "Ana: x"))
    assert [(row["author"], row["kind"], row["text"]) for row in rows] == [
        ("Ana", "text", ""),
        ("Ana", "text", ""),
        ("Ana", "text", "\n\nhi"),
        ("Ana", "text", "x"),
    ]


def test_mentions_are_named_and_stay_in_the_text(tmp_path: Path) -> None:
    """The isolates around a mentioned name tell where it starts and ends."""
    row = parsed(tmp_path, android("Bob: hi", "Ana: @\u2068Eurico Max\u2069 and @\u2068Zé\u2069 come"))[1]
    assert row["mentions"] == ["Eurico Max", "Zé"]
    assert row["text"] == "@\u2068Eurico Max\u2069 and @\u2068Zé\u2069 come"


def test_a_phone_number_is_the_same_author_with_and_without_marks(tmp_path: Path) -> None:
    """Direction marks are wrapped around numbers on some phones only."""
    rows = parsed(tmp_path, android("\u202a+55 11 91234-5678\u202c: a", "+55 11 91234-5678: b"))
    assert authors(rows) == ["+55 11 91234-5678"] * 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding_and_line_end_gives_the_same_messages(tmp_path: Path, encoding: str, end: str) -> None:
    """What is a character of the body in one is one in all: U+2028, a vertical tab, NUL."""
    bodies = ["Ana: bom dia 🌸", "Zoë: a\n\nb\u2028c\vd\x00e\x85f\n", "李雷: 你好"]
    text = android(*bodies).replace("\n", end)
    rows = parsed(tmp_path, text.encode(encoding))
    assert [f"{row['author']}: {row['text']}" for row in rows] == bodies


def test_a_byte_order_mark_may_stand_on_every_line(tmp_path: Path) -> None:
    """Concatenated exports have them inside."""
    text = "".join(f"\ufeff{line}\n" for line in android("Ana: a", "Bob: b\nc").splitlines())
    assert [row["text"] for row in parsed(tmp_path, text)] == ["a", "b\nc"]
    assert codecs.BOM_UTF8.decode() == "\ufeff"


def test_bytes_that_are_no_utf8_are_read_and_reported(tmp_path: Path) -> None:
    """Only they are read as Windows-1252; what is right stays right."""
    path = tmp_path / "chat.txt"
    path.write_bytes(android("Ana: é").encode() + b"25/01/2024, 11:00 - Ana: caf\xe9\n")
    reading = read(path, ReadOptions(date_order="DMY"))
    assert [row["text"] for batch in reading.batches for row in batch.to_pylist()] == ["é", "café"]
    assert any("UTF-8" in notice for notice in reading.notices)


bodies = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=60).filter(
    lambda text: (
        not any(mark in text for mark in "<>()（）\u200e\u200f\u2068\ufeff") and ": " not in text and ":\n" not in text
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["Ana", "Bob Müller", "+55 11 91234-5678"]), bodies), min_size=1, max_size=12)
)
def test_a_body_is_kept_as_written(tmp_path: Path, messages: list[tuple[str, str]]) -> None:
    """Whatever characters people use, and however many lines, come out as they went in."""
    rows = parsed(tmp_path, android("Ana: start", *(f"{author}: {body}" for author, body in messages)))[1:]
    assert [(row["author"], row["text"]) for row in rows] == messages


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("", None),
        ("\n \n", None),
        ("the end of a message\n", "1 line stands before"),
        ("of a secret\n\nin two paragraphs\n" * 2500, "5,000 lines stand before"),
    ],
)
def test_lines_before_the_first_message_are_counted(before: str, told: str | None, tmp_path: Path) -> None:
    """They are in no message, which is said with their number and never in their words."""
    (tmp_path / "chat.txt").write_text(before + "04/03/2024, 18:58 - Ana: hi\n25/03/2024, 18:59 - Bob: ok\n")
    reading = read(tmp_path / "chat.txt", ReadOptions())

    assert sum(batch.num_rows for batch in reading.batches) == 2
    assert [notice.partition(" the first")[0] for notice in reading.notices] == ([told] if told else [])


NAMED = [
    ("Payslip Quill (file attached)", None),
    ("Payslip Quill (arquivo anexado)\nmine", "mine"),
    ("Report Quill.pdf • 2 pages (file attached)", None),
    ("Report Quill.pdf  (Datei angehängt)", None),
    ("Report Quill.pdf (file attached) my caption", "my caption"),
    ("Report Quill.pdf • 2 pages (file attached) my caption\nand more", "my caption\nand more"),
    ("Report Quill.docx (pièce jointe)", None),
    ("Report Quill.docx (allegato)", None),
    ("Report Quill.docx（附件）", None),
    ("Report Quill.pdf <attached>", None),
    ("Report Quill.pdf <attached> here", "here"),
    ("Report Quill.pdf <angehängt>\nbelow", "below"),
    ("a <attached: Report Quill.pdf> b", "a b"),
    ("Report Quill.docx document omitted", None),
    ("Report Quill.pdf • 3 pages Dokument weggelassen", None),
    ("Screen Quill.png image omitted", None),
]


@pytest.mark.parametrize(("body", "caption"), some(NAMED, 4))
def test_the_name_of_an_attachment_leaves_in_every_form(tmp_path: Path, body: str, caption: str | None) -> None:
    """With lost marks, more spaces, a size, words of other languages, or a caption on its line, on either phone."""
    for lines in (android, ios):
        row = parsed(tmp_path, lines("Bob: hi", f"Ana: {body}", "Bob: ok"))[1]
        assert (row["kind"], row["text"]) == ("media", caption)
        assert "Quill" in row["media_name"]


@pytest.mark.parametrize(
    "body",
    [
        "see a.pdf (it is short) and go",
        "see a.pdf, image omitted",
        "I sent the contract (file attached)",
        "a.pdf (what we attached) is it",
        "main.py: the image omitted here",
    ],
)
def test_what_is_said_of_a_file_stays(tmp_path: Path, body: str) -> None:
    """The app's whole phrase makes a name, next to it; prose has small letters."""
    for lines in (android, ios):
        assert parsed(tmp_path, lines("Bob: hi", f"Ana: {body}", "Bob: ok"))[1]["text"] == body
