"""What the app writes into bodies, in many languages and forms, and what people type that resembles it."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import ReadOptions
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whatsapp_reading import read

LRM, RLM = "\u200e", "\u200f"
NOTICE = "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them."


def messages(tmp_path: Path, text: str, name: str = "_chat.txt") -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return [row for batch in read(path, ReadOptions(date_order="DMY")).batches for row in batch.to_pylist()]


def android(tmp_path: Path, bodies: list[str]) -> list[dict[str, Any]]:
    """Return what is read of bodies that Ana wrote."""
    lines = [f"25/01/2024, {number // 60:02}:{number % 60:02} - Ana: {body}\n" for number, body in enumerate(bodies)]
    rows = messages(tmp_path, "".join([*lines, "26/01/2024, 10:00 - Bob: ok\n"]), "WhatsApp Chat with Bob.txt")
    return rows[:-1]


def ios(tmp_path: Path, bodies: list[str], *, marked: bool = True) -> list[dict[str, Any]]:
    """Return what is read of bodies that Ana wrote in a group."""
    lines = [f"[25/01/2024, {n // 60:02}:{n % 60:02}:07] Ana: {body}\r\n" for n, body in enumerate(bodies)]
    opening = f"[25/01/2024, 00:00:00] Trip: {LRM}{NOTICE}\r\n" if marked else "[25/01/2024, 00:00:00] Bob: hi\r\n"
    rows = messages(tmp_path, "".join([opening, *lines, "[26/01/2024, 10:00:00] Bob: ok\r\n"]))
    return rows[1:-1]


def facts(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


ATTACHED_IOS = [
    (f"Contract Zoe Quark.docx {LRM}document omitted", "Contract Zoe Quark.docx", None),
    (f"{LRM}Contract Zoe Quark.docx • {LRM}3 pages {LRM}document omitted", "Contract Zoe Quark.docx", None),
    (f"Zoe Quark 🎉 plan {LRM}document omitted", "Zoe Quark 🎉 plan", None),
    (f"README • {LRM}12 KB {LRM}document omitted", "README", None),
    (f"costs.numbers {LRM}Dokument weggelassen", "costs.numbers", None),
    (f"look at this\ncosts.numbers • {LRM}2 pages {LRM}documento omitido", "costs.numbers", "look at this"),
    (f"see: the sunset {LRM}image omitted", None, "see: the sunset"),
    (f"the two\nof us {LRM}vídeo não revelado", None, "the two\nof us"),
    (f"Screen.png {LRM}image omitted", "Screen.png", None),
    (f"{LRM}<attached: 00000012-route.geojson>", "00000012-route.geojson", None),
    (f"{LRM}<attached: 00000013-Makefile>", "00000013-Makefile", None),
    (f"README • {LRM}1 page {LRM}<Anhang: 00000014-README>", "00000014-README", None),
    (f"our plan: b {LRM}<attached: 00000015-plan (1) 🎉.sketch>", "00000015-plan (1) 🎉.sketch", "our plan: b"),
    (f"{LRM}<00000016-bütçe 2024.numbers eklendi>", "00000016-bütçe 2024.numbers", None),
    (f"{LRM}2015-08-14-PHOTO-00004762.jpg <{LRM}attached>", "2015-08-14-PHOTO-00004762.jpg", None),
    (f"{LRM}Zoe Quark.pdf <{LRM}angehängt>", "Zoe Quark.pdf", None),
    ("2016-01-02-AUDIO-00000001.opus <adjunto>", "2016-01-02-AUDIO-00000001.opus", None),
    (f"{RLM}<{RLM}المُرفق: 00000017-PHOTO-2024-02-11-23-59-59.jpg>", "00000017-PHOTO-2024-02-11-23-59-59.jpg", None),
]
ATTACHED_ANDROID = [
    (f"{LRM}Costs 2024.numbers (file attached)", "Costs 2024.numbers", None),
    (f"{LRM}route.geojson (Datei angehängt)\nthe route", "route.geojson", "the route"),
    (f"{LRM}Zoe Quark 🎉 plan (arquivo anexado)", "Zoe Quark 🎉 plan", None),
    (f"{LRM}Makefile (file attached)\nline: one\n\nline two", "Makefile", "line: one\n\nline two"),
    (f"{LRM}scan (2).pdf (fichier joint)", "scan (2).pdf", None),
    ("model.sketch (ficheiro anexado)", "model.sketch", None),
    ("README (dosya ekli)", "README", None),
    (f"{LRM}DOC-20240211-WA0003. (file attached)", "DOC-20240211-WA0003.", None),
    (f"{LRM}DOC-20240211-WA0004.pdf (file attached)\nContract Zoe Quark.pdf", "DOC-20240211-WA0004.pdf", None),
    (f"{RLM}IMG-20240211-WA0001.jpg (الملف مرفق)\nصباح", "IMG-20240211-WA0001.jpg", "صباح"),
    ("IMG-20240211-WA0002.jpg (in no known language)", "IMG-20240211-WA0002.jpg", None),
    ("<Media omitted>\nZoe_Quark.pdf", "Zoe_Quark.pdf", None),
    ("<Mídia oculta>\nthe file: Zoe_Quark.pdf", None, "the file: Zoe_Quark.pdf"),
]


def test_the_name_of_an_attachment_leaves_the_text_and_a_caption_stays(tmp_path: Path) -> None:
    """Names hold people's words: with or without an extension, with spaces, emoji, brackets; captions are theirs."""
    for cases, read_bodies in ((ATTACHED_IOS, ios), (ATTACHED_ANDROID, android)):
        rows = read_bodies(tmp_path, [body for body, _, _ in cases])
        assert facts(rows, "media_name", "text") == [(name, caption) for _, name, caption in cases]
        assert {row["kind"] for row in rows} == {"media"}


def test_what_is_typed_before_a_map_link_stays(tmp_path: Path) -> None:
    """Only the app's own label goes, in any language."""
    link = "https://maps.google.com/?q=52.1,-5.1"
    typed = [
        "dinner here at 8: https://maps.app.goo.gl/AbCd",
        f"Ana’s new flat: {link}",
        f"I am here\nlocation: {link}",
        f"we met at this location: {link}",
        f"{link} come",
        "Location: https://www.google.com/maps/place/x",
    ]
    assert facts(android(tmp_path, typed), "text") == [(text,) for text in typed]
    assert facts(ios(tmp_path, typed), "text") == [(text,) for text in typed]
    labels = ["location: ", "Standort: ", "localização: ", "位置：", "الموقع: ", "местоположение: ", "स्थान: "]
    rows = android(tmp_path, [label + link for label in labels])
    assert facts(rows, "kind", "text") == [("location", link)] * len(labels)
    (row,) = ios(tmp_path, [f"{LRM}Location: {link}\nsee you"])
    assert (row["kind"], row["text"]) == ("location", f"{link}\nsee you")


def test_a_text_that_begins_with_a_pasted_mark_is_kept(tmp_path: Path) -> None:
    """Web pages hold such marks; on Android the app puts one before attachments alone, on iOS before its own words."""
    pasted = [
        f"{LRM}Works with any charger.",
        f"{LRM}Stainless Steel",
        f"{LRM}https://example.org/a.b",
        f"{LRM}Amazon.com (official)",
        f"{LRM}Version 1.2 (new)",
        f"{LRM}call me",
        f"{LRM}He omitted the details",
        f"{LRM}You deleted it, I know.",
        f"{RLM}שלום, מה שלומך?",
        f"{RLM}تم حذف الملف",
        f"price {LRM}<20 euros>",
    ]
    for rows in (android(tmp_path, pasted), ios(tmp_path, pasted)):
        assert facts(rows, "author", "kind", "text") == [("Ana", "text", body) for body in pasted]


LEFT_OUT = [
    ("imagem não revelada", "media"),
    ("ficheiro de áudio não revelado", "media"),
    ("वीडियो छोड़ा गया", "media"),
    ("फ़ोटो हटाई गई", "media"),
    ("स्टिकर छोड़ा गया", "sticker"),
    ("video note omitted", "media"),
    ("Videonotiz weggelassen", "media"),
    ("لم يتم إدراج الصورة", "media"),
    ("تم حذف الملصقات", "sticker"),
    ("Kontaktkort udeladt", "contact"),
    ("ドキュメントは含まれていません", "media"),
    ("圖片已略去", "media"),
    ("ไม่มีรูปภาพ", "media"),
    ("đã bỏ qua hình ảnh", "media"),
    ("pominięto naklejkę", "sticker"),
    ("Missed group video call", "call"),
    ("Voice call, 5 min", "call"),
    ("Video call, No answer", "call"),
    ("Missed voice call, Tap to call back", "call"),
    ("Verpasster Sprachanruf", "call"),
    ("Chamada de voz, 1 hr 5 min", "call"),
    ("This message was deleted by an admin.", "deleted"),
    ("Ta wiadomość została usunięta.", "deleted"),
    ("यह मैसेज डिलीट कर दिया गया", "deleted"),
]


@pytest.mark.parametrize("mark", [LRM, RLM, ""])
def test_what_ios_says_of_what_it_left_out_is_told_in_any_spelling(tmp_path: Path, mark: str) -> None:
    """With its mark, with that of right-to-left languages, and where an editor dropped them; letters in two forms."""
    composed = [text.replace("\u0921\u093c", "\u095c").replace("\u092b\u093c", "\u095e") for text, _ in LEFT_OUT]
    for bodies in ([text for text, _ in LEFT_OUT], composed, [unicodedata.normalize("NFD", x) for x in composed]):
        rows = ios(tmp_path, [mark + body for body in bodies], marked=bool(mark))
        assert facts(rows, "author", "kind", "text") == [("Ana", kind, None) for _, kind in LEFT_OUT]


def test_a_files_name_is_told_where_the_marks_were_lost(tmp_path: Path) -> None:
    """The phrase for a document stands behind it; a sentence that ends so is a sentence."""
    rows = ios(
        tmp_path,
        ["Zoe Quark.docx document omitted", "plan b.pdf • 2 pages document omitted", "why was the document omitted"],
        marked=False,
    )
    assert facts(rows, "media_name", "text") == [
        ("Zoe Quark.docx", None),
        ("plan b.pdf", None),
        (None, "why was the document omitted"),
    ]


def test_the_notice_of_encryption_is_the_apps_without_its_mark_too(tmp_path: Path) -> None:
    """In a chat of two it stands under the other one's name."""
    rows = messages(tmp_path, f"[25/01/2024, 10:00:00] Ana: {NOTICE}\n[25/01/2024, 10:01:00] Ana: hi\n")
    assert facts(rows, "author", "kind", "text") == [("", "system", NOTICE), ("Ana", "text", "hi")]


LONG_NOTICES = [
    NOTICE,
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read them. Tap.",
    "Messages to this chat and calls are now secured with end-to-end encryption. Tap for more info.",
    "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand außerhalb dieses Chats kann sie lesen.",
    "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta. Saiba mais",
    "Сообщения и звонки защищены сквозным шифрованием. Третьи лица не могут прочитать ваши сообщения.",
]


def test_the_whole_notice_of_encryption_is_the_apps_under_whatever_name(tmp_path: Path) -> None:
    """Tools that rewrite exports put a name before it; what somebody says of it is theirs."""
    said = ["Messages and calls are end-to-end encrypted", f"look: {NOTICE}", f"{NOTICE}\nis that so?"]
    for rows in (
        android(tmp_path, LONG_NOTICES),
        ios(tmp_path, LONG_NOTICES),
        ios(tmp_path, LONG_NOTICES, marked=False),
    ):
        assert facts(rows, "author", "kind", "text") == [("", "system", body) for body in LONG_NOTICES]
    assert facts(android(tmp_path, said), "author", "kind", "text") == [("Ana", "text", body) for body in said]


def test_what_somebody_did_is_the_apps_where_the_marks_were_lost(tmp_path: Path) -> None:
    """In the third person under their own name, as iPhones write it."""
    said = ["Ana changed the group description", "Ana changed this group's icon", "Ana changed her mind", "I left"]
    rows = ios(tmp_path, said, marked=False)
    assert facts(rows, "author", "kind") == [("", "system"), ("", "system"), ("Ana", "text"), ("Ana", "text")]


def test_what_was_pinned_is_the_apps_under_ones_own_name(tmp_path: Path) -> None:
    """In the second person, or with the name; in any language at hand."""
    said = ["You pinned a message", "Ana pinned a message", "Du hast eine Nachricht angeheftet", "Fijaste un mensaje"]
    rows = ios(tmp_path, [LRM + body for body in said])
    assert facts(rows, "author", "kind", "text") == [("", "system", body) for body in said]


def test_a_message_that_this_phone_cannot_show_is_its_authors_text(tmp_path: Path) -> None:
    """All such placeholders alike: somebody wrote, and what the app says of it is all that is known."""
    said = [
        "Waiting for this message. This may take a while.",
        "This message can't be displayed here. Please open WhatsApp on your phone to view the message.",
        "You received a view once message. For added privacy, you can only open it on your phone.",
        "Warten auf diese Nachricht. Dies kann eine Weile dauern.",
    ]
    for rows in (
        ios(tmp_path, [LRM + body for body in said]),
        ios(tmp_path, said, marked=False),
        android(tmp_path, said),
    ):
        assert facts(rows, "author", "kind", "text") == [("Ana", "text", body) for body in said]


TYPED = [
    "this message was deleted",
    "message deleted",
    "missed voice call",
    "image omitted",
    "<I omitted it>",
    "use <edit mode>",
    "<ça va>",
    "<note: see file.txt>",
    "I sent the contract (file attached)",
    "see main.py (it is short)",
    "SHOPPING:\nmilk: 2 (3 l)\nthen home",
    "NOTES:\nA: 1 (2)",
    "voice call, 5 pm?",
    "Voice call, 5 pm",
    "This message was deleted by admin because he was cross",
    "a • b (c)",
    "we said <edited> things",
    "great place: https://foursquare.com/v/4b05",
]


def test_what_people_type_that_resembles_the_apps_words_is_kept(tmp_path: Path) -> None:
    """A phrase counts whole and as spelt; half of one is somebody's words."""
    for rows in (android(tmp_path, TYPED), ios(tmp_path, TYPED)):
        assert facts(rows, "author", "text") == [("Ana", body) for body in TYPED]


_PIECES = st.sampled_from(
    [
        *("omitted", "deleted", "attached", "image", "file", "message", "edited", "call", "location", "admin", "POLL"),
        *("<", ">", "(", ")", "（", "）", " • ", ": ", "：", ".", ", ", "\n", " ", "https://maps.google.com/?q=1,2"),
        *("report.pdf", "a.geojson", "00012", "5 min", "OPTION: a (2)", "Ana", "pinned", "weggelassen", "Nachricht"),
    ]
)
_ANY = st.text(st.characters(exclude_characters="\r\u200e\u200f\u2068\ufeff", exclude_categories=["Cs"]), max_size=30)
_BODY = st.one_of(_ANY, st.lists(st.one_of(_PIECES, _ANY), max_size=8).map("".join))
_LISTED = re.compile(
    # Whole forms of the app: an attachment by its own phrase or by a name that the app gives, an edit, a file left out.
    r"\([^()]*attached\)|（[^（）]*attached）|[<:：] ?attached|attached ?[>:：]|<[^<>]*(?:omitted|weggelassen|edited)"
    r"|<[^<>]*[0-9]{5,}-|^location ?[:：] ?http|^POLL ?[:：]",
    re.IGNORECASE | re.MULTILINE,
)


@pytest.mark.slow  # many texts are read
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_BODY.filter(lambda body: not _LISTED.search(body)), min_size=1, max_size=60))
@example(TYPED)
def test_whatever_is_typed_without_marks_comes_out_as_written(tmp_path: Path, bodies: list[str]) -> None:
    """On either phone, whatever stands in it, if it is none of the app's whole phrases."""
    wanted = [("Ana", body) for body in bodies]
    assert facts(android(tmp_path, bodies), "author", "text") == wanted
    # A line break alone is part of an iOS message; a file's last one ends it.
    assert facts(ios(tmp_path, bodies), "author", "text") == wanted


AFTER = [
    (f"{LRM}video omitted because it was bad", "media", "because it was bad"),
    (f"{LRM}image omitted hello", "media", "hello"),
    (f"{LRM}Bild weggelassen. schade", "media", "schade"),
    (f"{LRM}figurinha omitida kkk", "sticker", "kkk"),
    (f"{LRM}vídeo omitido porque sí", "media", "porque sí"),
    (f"plan.pdf {LRM}document omitted hello", "media", "hello"),
    (f"{LRM}plan.pdf • {LRM}2 pages {LRM}document omitted ok then", "media", "ok then"),
    (f"{LRM}Voice call, {LRM}5 min ok", "call", "ok"),
    (f"{LRM}Video call, {LRM}1 hr 5 min was good", "call", "was good"),
    (f"{LRM}the video was omitted by me", "media", "the video was omitted by me"),
    (f"{LRM}Voice call, {LRM}5 min", "call", None),
    (f"{LRM}Missed voice call, {LRM}Tap to call back", "call", None),
]


def test_what_follows_a_marker_is_somebodys_words(tmp_path: Path) -> None:
    """On its line, behind a full stop or a length; what is only like a marker is kept whole."""
    rows = ios(tmp_path, [body for body, _, _ in AFTER])
    assert facts(rows, "kind", "text") == [(kind, text) for _, kind, text in AFTER]


EVENTS = [
    ("Ana created group “Trip”", "create"),
    ('Ana criou o grupo "Passeio"', "create"),
    ("Ana hat die Gruppe „Ausflug“ erstellt", "create"),
    ("Ana added Bob", "add"),
    ("Ana adicionou Bob", "add"),
    ("Ana añadió a Bob", "add"),
    ("Ana hat Bob hinzugefügt", "add"),
    ("Ana a ajouté Bob", "add"),
    ("Ana ha aggiunto Bob", "add"),
    ("Ana heeft Bob toegevoegd", "add"),
    ("You were added", "add"),
    ("Ana removed Bob", "remove"),
    ("Ana eliminó a Bob", "remove"),
    ("Ana hat Bob entfernt", "remove"),
    ("Bob left", "leave"),
    ("Bob saiu", "leave"),
    ("Bob salió del grupo", "leave"),
    ("Bob hat die Gruppe verlassen", "leave"),
    ("Du hast die Gruppe „Trip“ erstellt.", "create"),
    ("Du hast den Betreff von „A“ zu „B“ geändert.", "rename"),
    ("Du hast Bob hinzugefügt.", "add"),
    ("Creaste el grupo “Trip”", "create"),
    ("Eliminaste a Bob", "remove"),
    ("Vous avez créé le groupe “Trip”", "create"),
    ("Vous avez ajouté Bob", "add"),
    ("Hai cambiato l'oggetto da “A” a “B”", "rename"),
    ("Bob a quitté le groupe", "leave"),
    ("Bob joined using this group's invite link", "join"),
    ("Bob entrou usando o link", "join"),
    ("Ana changed the subject from “A” to “B”", "rename"),
    ("Ana mudou o nome do grupo para “B”", "rename"),
    ("Ana changed this group's icon", "picture"),
    ("Ana changed the group description", "topic"),
    ("Ana pinned a message", "pin"),
    ("You're now an admin", "role"),
    (NOTICE, "settings"),
    ("Your security code with Bob changed.", "settings"),
    ("Ana turned on something new", "other"),
]


def test_lines_of_the_app_say_what_happened(tmp_path: Path) -> None:
    """In the commonest languages; what is told in another way is `other`, and what people write is no event."""
    lines = [f"25/01/2024, 10:{number:02} - {line}\n" for number, (line, _) in enumerate(EVENTS)]
    rows = messages(tmp_path, "".join([*lines, "25/01/2024, 11:00 - Ana: Bob left\n"]), "WhatsApp Chat with Trip.txt")
    assert facts(rows, "text", "kind", "event") == [
        *((line, "system", event) for line, event in EVENTS),
        ("Bob left", "text", None),
    ]
