"""What hundreds of made-up exports taught: rare forms that are not lost, and common texts not mistaken for them."""

from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import DateOrderError, ExportError
from egregora_core.plugins import DateOrder, ReadOptions
from support import some
from whatsapp_reading import read

pytestmark = pytest.mark.slow  # rarer forms; test_whatsapp_bodies.py has the common ones

LRM = "\u200e"


def parsed(tmp_path: Path, text: str, name: str = "_chat.txt", order: DateOrder | None = "DMY") -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [row for batch in read(path, ReadOptions(date_order=order)).batches for row in batch.to_pylist()]


def android(*bodies: str) -> str:
    return "".join(f"25/01/2024, 10:{number:02} - {body}\n" for number, body in enumerate(bodies))


def ios(*bodies: str) -> str:
    return "".join(f"[25/01/2024, 10:{number:02}:07] {body}\n" for number, body in enumerate(bodies))


@pytest.mark.parametrize("body", ["Diese Nachricht wurde gelöscht.", "Du hast diese Nachricht gelöscht"])
def test_a_deleted_message_in_a_language_with_capital_nouns(tmp_path: Path, body: str) -> None:
    """Phrases are compared without case."""
    assert [row["kind"] for row in parsed(tmp_path, android(f"Ana: {body}"))] == ["deleted"]


@pytest.mark.parametrize(
    "notice",
    [
        "Messages to this chat and calls are now secured with end-to-end encryption.",
        "Messages to this chat and calls are now secured with end-to-end encryption. Tap for more info.",
        "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta.",
        "Las llamadas y mensajes están cifrados de extremo a extremo.",
        "メッセージと通話はエンドツーエンドで暗号化されています。",
        "消息和通话已进行端到端加密。",
    ],
)
def test_the_notice_of_encryption_is_the_apps_wherever_it_stands(tmp_path: Path, notice: str) -> None:
    """Between two it stands under a name, also in the middle of the chat, and holds words for calls."""
    first = parsed(tmp_path, ios(f"Ana: {LRM}{notice}", "Ana: hi", "Bob: ok"))[0]
    later = parsed(tmp_path, ios("Bob: ok", f"Ana: {LRM}{notice}", "Ana: hi"))[1]
    assert [(row["author"], row["kind"], row["text"]) for row in (first, later)] == [("", "system", notice)] * 2


@pytest.mark.parametrize(
    ("author", "body"),
    [
        ("~\u202fJoe", "~\u202fJoe left"),
        ("Ana", "Ana added Bob"),
        ("You", "You added Bob"),
        ("Ana", "Ana joined using this group's invite link"),
    ],
)
def test_a_group_event_under_the_name_of_who_did_it_is_the_apps(tmp_path: Path, author: str, body: str) -> None:
    """The text starts with the name itself."""
    row = parsed(tmp_path, ios("Bob: hi", "Ana: hi", f"{author}: {LRM}{body}"))[2]
    assert (row["author"], row["kind"], row["text"]) == ("", "system", body)


@pytest.mark.parametrize("name", ["A: B", "A: B: C", "A: B: C: D", "Work: Ann"])
def test_a_name_may_hold_several_colons(tmp_path: Path, name: str) -> None:
    """What no line of a name lacks is part of it."""
    rows = parsed(tmp_path, android(*(f"{('Ana', name)[n % 2]}: m{n}" for n in range(8))))
    assert {row["author"] for row in rows} == {"Ana", name}


@pytest.mark.parametrize("bodies", [("Price: 10", "Price: 12"), ("oi: a", "oi: a")])
def test_two_lines_alike_make_no_name(tmp_path: Path, bodies: tuple[str, str]) -> None:
    """A list of two, or the same line twice."""
    rows = parsed(tmp_path, android(*(f"Zed: {body}" for body in bodies), "Ana: ok"))
    assert [(row["author"], row["text"]) for row in rows[:2]] == [("Zed", body) for body in bodies]


def test_a_title_with_a_colon_is_a_name(tmp_path: Path) -> None:
    """Even where another one's name is its start."""
    text = android("Zed: Work: a", "Zed: b", "Ana: c")
    rows = parsed(tmp_path, text, "WhatsApp Chat with Zed: Work.txt")
    assert [row["author"] for row in rows] == ["Zed: Work", "Zed", "Ana"]


@pytest.mark.parametrize(
    "header",
    [
        "13/03/2024, 10:00\u00a0- ",
        "13/03/2024, 10:00 \u200e- ",
        "13/03/2024, 10:00 -\u200e ",
        "[13/03/2024, 10:00:00]\u200e ",
        "\u200e[\u200e13/03/2024, 10:00:00\u200e]\u200e ",
    ],
)
def test_the_end_of_a_header_may_hold_a_mark_or_another_space(tmp_path: Path, header: str) -> None:
    """It is found wherever headers are."""
    rows = parsed(tmp_path, f"{header}Ana: a\n{header}Bob: b\n")
    assert [(row["author"], row["text"]) for row in rows] == [("Ana", "a"), ("Bob", "b")]


def test_headers_without_a_single_message_are_an_error(tmp_path: Path) -> None:
    """Nothing is worse than a chat that is silently empty."""
    with pytest.raises(ExportError, match="headers"):
        parsed(tmp_path, "31/02/2024, 10:00 - Ana: a\n")


@pytest.mark.parametrize(
    "dates",
    [
        ["1/2/24, 10:00 AM", "2/2/24, 10:00 AM"],
        [f"1/{month}/24, 10:00" for month in range(1, 8)],
        [f"{month}/1/24, 10:00" for month in range(1, 8)],
    ],
)
def test_few_dates_that_are_also_one_a_month_stay_open(tmp_path: Path, dates: list[str]) -> None:
    """A week in a row, or a message on the first of each month: nothing in them tells."""
    with pytest.raises(DateOrderError):
        parsed(tmp_path, "".join(f"{date} - Ana: x\n" for date in dates), order=None)


@pytest.mark.parametrize(
    "mark",
    [
        "यह मैसेज एडिट किया गया",
        "Ta wiadomość została zmieniona",
        "Це повідомлення змінено",
        "এই মেসেজটি এডিট করা হয়েছে",
        "یہ پیغام ترمیم شدہ ہے",
    ],
)
def test_an_edit_mark_in_more_languages(tmp_path: Path, mark: str) -> None:
    """On Android nothing but its words tells it."""
    row = parsed(tmp_path, android(f"Ana: ok <{mark}>"))[0]
    assert (row["text"], row["edited"]) == ("ok", True)


@pytest.mark.parametrize(
    ("body", "kind"),
    some(
        [
            ("Wiadomość została usunięta", "deleted"),
            ("Odstranili jste tuto zprávu", "deleted"),
            ("ข้อความนี้ถูกลบ", "deleted"),
            ("คุณลบข้อความนี้", "deleted"),
            ("S'ha suprimit aquest missatge", "deleted"),
            ("This message was deleted by admin Bob", "deleted"),
            ("Usunąłeś(-ęłaś) tę wiadomość", "deleted"),
            ("Du raderade det här meddelandet", "deleted"),
            ("This message was deleted by an admin", "deleted"),
            ("Missed voice call", "call"),
            ("Verpasster Sprachanruf", "call"),
            ("音声通話不在着信", "call"),
            ("Cevapsız sesli arama", "call"),
            ("Missed group video call", "call"),
            ("<Ficheiro não revelado>", "media"),
            ("<Médias omis>", "media"),
            ("Chamada de voz perdida", "call"),
            ("live location shared", "location"),
            ("Localização em tempo real compartilhada", "location"),
            ("Live-Standort wird geteilt", "location"),
        ],
        4,
    ),
)
def test_what_android_writes_without_a_mark(tmp_path: Path, body: str, kind: str) -> None:
    """Whole phrases only: they are nobody's text."""
    rows = parsed(tmp_path, android(f"Ana: {body}", f"Ana: so {body}"))
    assert [(row["kind"], row["text"]) for row in rows] == [(kind, None), ("text", f"so {body}")]


@pytest.mark.parametrize(
    "body", ["fiche contact omise", "contactkaart weggelaten", "تم استبعاد بطاقة جهة الاتصال", "כרטיס איש קשר הושמט"]
)
def test_a_contact_that_was_left_out(tmp_path: Path, body: str) -> None:
    """It is a contact in any language."""
    row = parsed(tmp_path, ios("Ana: hi", f"Ana: {LRM}{body}"))[1]
    assert (row["kind"], row["text"], row["media_missing"]) == ("contact", None, True)


def test_a_caption_before_a_file_that_was_left_out_stays(tmp_path: Path) -> None:
    """The app's mark stands between them."""
    rows = parsed(
        tmp_path,
        ios(
            "Ana: hi",
            f"Ana: my caption {LRM}image omitted",
            f"Ana: two\nlines {LRM}imagem ocultada",
            f"Ana: x.pdf • {LRM}2 pages {LRM}document omitted",
            f"Ana: a mark {LRM}inside",
        ),
    )
    assert [(row["kind"], row["text"], row["media_missing"]) for row in rows[1:]] == [
        ("media", "my caption", True),
        ("media", "two\nlines", True),
        ("media", None, True),
        ("text", f"a mark {LRM}inside", None),
    ]


@pytest.mark.parametrize(
    "text",
    ["استطلاع رأي:\nQ?\nالخيار: a (2 صوت)", "アンケート:\nQ?\nオプション: a (2票)", "投票：\n问？\n选项：甲 (2 票)"],
)
def test_a_poll_in_a_script_without_capitals(tmp_path: Path, text: str) -> None:
    """Its options with votes tell it."""
    row = parsed(tmp_path, android(f"Ana: {text}"))[0]
    assert (row["kind"], row["text"]) == ("poll", text.split("\n", 1)[1])


@pytest.mark.parametrize("body", ["<hello world>", "look <edited>", f"{LRM}oi", "<edited>", "x \u200eI promise"])
def test_what_people_write_in_the_apps_manner_is_theirs(tmp_path: Path, body: str) -> None:
    """No text is ever lost for its looks."""
    for text in (android("Bob: hi", f"Ana: {body}"), ios("Bob: hi", f"Ana: {body}")):
        row = parsed(tmp_path, text)[1]
        assert (row["author"], row["kind"], row["text"]) == ("Ana", "text", body)


@pytest.mark.parametrize(
    "line",
    [
        "Your security code with Ana: Home changed. Tap to learn more.",
        "Ana: Home changed the subject from 'a: b' to 'c: d'",
        "Bob changed the subject from 'a: b' to 'c: d'",
        "Bob added Ana: Home",
    ],
)
def test_a_line_of_the_app_may_hold_a_colon(tmp_path: Path, line: str) -> None:
    """A name with a colon in it, or a subject in single quotes, is no author."""
    rows = parsed(tmp_path, android("Ana: Home: hi", "Ana: Home: ok", "Bob: yes", line))
    expected = ("Ana: Home", "text") if line.startswith("Ana") else ("", "system")
    if not line.startswith("Ana"):
        assert (rows[3]["author"], rows[3]["kind"], rows[3]["text"]) == (*expected, line)
    assert [row["author"] for row in rows[:3]] == ["Ana: Home", "Ana: Home", "Bob"]


def test_what_only_looks_like_a_file_left_out_keeps_its_text(tmp_path: Path) -> None:
    """A language that is not known here costs a kind, never a text."""
    row = parsed(tmp_path, android("Bob: hi", "Ana: <olá a todos>"))[1]
    assert (row["kind"], row["text"]) == ("text", "<olá a todos>")


def test_a_rare_author_is_not_lost_to_another_ones_name(tmp_path: Path) -> None:
    """`Tia Ana` ends like the start of `Ana: Home`, and is someone."""
    rows = parsed(tmp_path, android("Ana: Home: hi", "Ana: Home: ok", "Bob: yes", "Tia Ana: oi"))
    assert rows[3]["author"] == "Tia Ana"


def test_a_message_that_you_deleted_is_no_event(tmp_path: Path) -> None:
    """It starts with your name, too."""
    rows = parsed(tmp_path, ios("You: hi", f"You: {LRM}You deleted this message.", f"You: {LRM}You added Bob"))
    assert [(row["author"], row["kind"]) for row in rows[1:]] == [("You", "deleted"), ("", "system")]


def test_a_list_is_no_poll_and_a_short_quotation_no_subject(tmp_path: Path) -> None:
    """A poll has a question; an apostrophe stands in names."""
    bodies = ["買い物:\n牛乳: 二本 (2本)", "12:\n?\nmilk: two (2 l)"]
    rows = parsed(tmp_path, android(*(f"Ana: {body}" for body in bodies), "The band Rock 'n Roll: oi"))
    assert [row["text"] for row in rows] == [*bodies, "oi"]


def test_what_only_bears_the_mark_keeps_its_text(tmp_path: Path) -> None:
    """Short and marked: the app's in an unknown language, or pasted; it stays as it was written."""
    rows = parsed(tmp_path, ios("Ana: hi", f"Bob: {LRM}image omitted", f"Bob: {LRM}Ana is gone"))
    assert [(row["kind"], row["text"]) for row in rows[1:]] == [("media", None), ("text", f"{LRM}Ana is gone")]


def test_the_group_is_known_without_its_notice(tmp_path: Path) -> None:
    """Under its name stands only what others did; who sent nothing but pictures is still someone."""
    rows = parsed(
        tmp_path,
        ios("Ana: hi", f"Bob: {LRM}image omitted", f"Trip 🌴: {LRM}Ana added Carla", f"Trip 🌴: {LRM}You left"),
    )
    assert [(row["author"], row["kind"], row["text"]) for row in rows] == [
        ("Ana", "text", "hi"),
        ("Bob", "media", None),
        ("", "system", "Ana added Carla"),
        ("", "system", "You left"),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("image omitted", "media"),
        ("Bild weggelassen", "media"),
        ("figurinha omitida", "sticker"),
        ("Contact card omitted", "contact"),
        ("plan.pdf • 2 pages <attached: 00000002-plan.pdf>", "media"),
    ],
)
def test_an_export_that_lost_its_marks_is_told_by_words(tmp_path: Path, body: str, kind: str) -> None:
    """Editors drop what is invisible; where a single mark is left, words alone are somebody's text."""
    rows = parsed(tmp_path, ios("Ana: hi", f"Bob: {body}", f"Bob: the {body} again"))
    assert [(row["kind"], row["text"]) for row in rows[1:]] == [(kind, None), ("text", f"the {body} again")]
    if "<" not in body:
        marked = parsed(tmp_path, ios(f"Ana: {LRM}video omitted", f"Bob: {body}"))
        assert (marked[1]["kind"], marked[1]["text"]) == ("text", body)


def test_a_message_that_never_came_keeps_its_words(tmp_path: Path) -> None:
    """It was not deleted."""
    rows = parsed(tmp_path, ios("Bob: hi", f"Bob: {LRM}Waiting for this message. This may take a while."))
    assert rows[1]["kind"] == "text"
    assert "Waiting" in rows[1]["text"]


@pytest.mark.parametrize(
    "body",
    [
        "bild utesluten",
        "зображення відсутнє",
        "لم يتم إدراج الصورة",
        "फ़ोटो हटाई गई",
        "ไม่มีรูปภาพ",
        "đã bỏ video",
        "ei kuvaa",
    ],
)
def test_a_file_that_was_left_out_leaves_no_text_in_more_languages(tmp_path: Path, body: str) -> None:
    """What the app writes in its place is a marker."""
    rows = parsed(tmp_path, ios("Ana: hi", f"Bob: {LRM}{body}", f"Bob: plan.pdf • {LRM}2 pages {LRM}{body}"))
    assert [(row["kind"], row["text"], row["media_name"]) for row in rows[1:]] == [
        ("media", None, None),
        ("media", None, "plan.pdf"),
    ]


@pytest.mark.parametrize("text", ["\u200fשלום", "\u200fمرحبا بكم."])
def test_a_mark_from_right_to_left_may_be_typed(tmp_path: Path, text: str) -> None:
    """Only with the app's own words after it is it the app's."""
    for lines in (android, ios):
        row = parsed(tmp_path, lines("Ana: hi", f"Bob: {text}", "Bob: ok"))[1]
        assert (row["author"], row["kind"], row["text"]) == ("Bob", "text", text)
