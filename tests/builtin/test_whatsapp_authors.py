"""Who writes: rules for names with colons, long names, lines of nobody's, and the name under which the app writes."""

from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import ReadOptions
from support import some
from whatsapp_reading import read

LRM = "\u200e"
NOTICE = (
    f"{LRM}Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them."
)


def parsed(tmp_path: Path, text: str, name: str = "_chat.txt") -> list[dict[str, Any]]:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [row for batch in read(path, ReadOptions(date_order="DMY")).batches for row in batch.to_pylist()]


def android(*bodies: str) -> str:
    return "".join(f"25/01/2024, {10 + number // 60}:{number % 60:02} - {body}\n" for number, body in enumerate(bodies))


def ios(*bodies: str) -> str:
    return "".join(
        f"{LRM * (LRM in body)}[25/01/2024, 10:{number:02}:07] {body}\n" for number, body in enumerate(bodies)
    )


THEIRS = [
    (f"{LRM}<attached: 00000002-PHOTO-2024-01-25-10-01-07.jpg>", "media"),
    (f"{LRM}image omitted", "media"),
    (f"{LRM}Missed voice call. {LRM}Tap to call back", "call"),
    (f"{LRM}Video call, {LRM}5 min", "call"),
    (f"{LRM}This message was deleted.", "deleted"),
    (f"{LRM}Location: https://maps.google.com/?q=52.1,5.1", "location"),
    (f"{LRM}POLL:\nWhen?\n{LRM}OPTION: Monday ({LRM}2 votes)", "poll"),
    (f"{LRM}sticker omitted", "sticker"),
]


@pytest.mark.parametrize(("body", "kind"), some(THEIRS, 3))
@pytest.mark.parametrize("notice", [0, 1])
@pytest.mark.parametrize("name", ["Zoe Quark/_chat.txt", "_chat.txt"])
def test_a_chat_is_no_group_because_one_side_wrote_no_text(
    tmp_path: Path, body: str, kind: str, notice: int, name: str
) -> None:
    """What is sent instead of a text is somebody's, whether or not the title and the first notice name them."""
    lines = [f"Zoe Quark: {NOTICE}"] * notice + [f"Zoe Quark: {body}", "Bob: ok Zoe Quark", f"Zoe Quark: {body}"]
    rows = parsed(tmp_path, ios(*lines), name)
    assert [(row["author"], row["kind"]) for row in rows] == [("", "system")] * notice + [
        ("Zoe Quark", kind),
        ("Bob", "text"),
        ("Zoe Quark", kind),
    ]


@pytest.mark.parametrize(("body", "kind"), some(THEIRS, 3))
@pytest.mark.parametrize("name", ["Trip/_chat.txt", "_chat.txt"])
def test_who_sends_no_text_in_a_group_is_somebody(tmp_path: Path, body: str, kind: str, name: str) -> None:
    """The app's mark is no part of a name, and the group stays the app's."""
    events = (f"Trip: {NOTICE}", f"Trip: {LRM}Ana added Omid", f"Trip: {LRM}You created this group")
    rows = parsed(
        tmp_path, ios(*events, "Ana: hi", f"Cleo: {body}", f"Cleo: {body}", "Bob: yes", f"Cleo: {body}"), name
    )
    assert [(row["author"], row["kind"]) for row in rows] == [
        *[("", "system")] * 3,
        ("Ana", "text"),
        *[("Cleo", kind)] * 2,
        ("Bob", "text"),
        ("Cleo", kind),
    ]
    assert rows[1]["text"] == "Ana added Omid"


@pytest.mark.parametrize(
    "body", ["This message can't be displayed here", "Waiting for this message. This may take a while."]
)
def test_what_stands_for_a_message_makes_nobody_the_app(tmp_path: Path, body: str) -> None:
    """It is as long as a notice, and somebody's."""
    rows = parsed(tmp_path, ios("Ana: hi", f"Cleo: {LRM}{body}", "Bob: x", f"Cleo: {LRM}{body}"))
    assert [row["author"] for row in rows] == ["Ana", "Cleo", "Bob", "Cleo"]


@pytest.mark.parametrize("word", ["location", "Standort", "Localização", "Link"])
def test_a_word_before_a_link_is_no_part_of_a_name(tmp_path: Path, word: str) -> None:
    """Somebody who only sends places is known by their name."""
    bodies = [f"{word}: https://maps.google.com/?q=52.{number},5.1" for number in range(4)]
    rows = parsed(tmp_path, android("Ana: hi", *(f"Rider: {body}" for body in bodies), "Ana: ok"))
    assert [row["author"] for row in rows] == ["Ana", *["Rider"] * 4, "Ana"]


@pytest.mark.parametrize(
    ("tail", "others"),
    [
        ("Update", []),
        ("Daily update", []),
        ("Pergunta", []),
        ("Новости", []),
        ("*Note*", []),
        ("Fizz", ["Meena: Fizz: a", "Meena: ok"]),
        ("Meena", ["Meena: ok"]),
        ("fizz", []),
        ("Really?", []),
        ("Fizz", ["Ravi: ok"]),
    ],
)
def test_what_a_body_may_begin_with_is_no_part_of_a_name(tmp_path: Path, tail: str, others: list[str]) -> None:
    """A label, what others write too, another one's name, or what one message of the same person lacks."""
    rows = parsed(tmp_path, android("Boss: hi", *(f"Ravi: {tail}: {text}" for text in "abc"), *others))
    assert [(row["author"], row["text"]) for row in rows[1:4]] == [("Ravi", f"{tail}: {text}") for text in "abc"]


@pytest.mark.parametrize(
    "body", ["<Media omitted>", "This message was deleted", f"{LRM}IMG-20240125-WA0001.jpg (file attached)"]
)
def test_what_the_app_writes_follows_a_whole_name(tmp_path: Path, body: str) -> None:
    """Nobody can write a text before it, so even a label is part of a name."""
    rows = parsed(tmp_path, android("Ana: hi", "Work: Info: a", f"Work: Info: {body}", "Work: Info: b"))
    assert {row["author"] for row in rows} == {"Ana", "Work: Info"}


def test_who_writes_once_shares_the_first_part_of_a_name(tmp_path: Path) -> None:
    """Where nobody is called by the first part alone, each has a longer name."""
    rows = parsed(tmp_path, android("Work: Carla: hi", "Work: Carla: and you", "Work: Ben: yo", "Bob added Work: Ben"))
    assert [row["author"] for row in rows] == ["Work: Carla", "Work: Carla", "Work: Ben", ""]


NOTICES = [
    "You joined a group via invite in the community",
    "+1 204-555-0103 added you to a group in the community",
    "You created the group",
    "~\u00a0Kim Lee created the group",
    "Welcome to the community",
    "Você criou o grupo",
    "Kim adicionou você a um grupo na comunidade",
    "Kim te añadió a un grupo de la comunidad",
    "Kim hat dich zu einer Gruppe in der Community hinzugefügt",
    "Kim vous a ajouté à un groupe dans la communauté",
    "Kim ti ha aggiunto a un gruppo nella community",
    "Kim heeft je toegevoegd aan een groep in de community",
    "Ким добавил вас в группу сообщества",
    "Ким додав вас до групи у спільноті",
    "Kim dodał Cię do grupy w społeczności",
    "Kim vás přidal do skupiny v komunitě",
    "Kim sizi topluluktaki bir gruba ekledi",
    "Kim menambahkan Anda ke grup di komunitas",
    "Kim lade till dig i en grupp i communityn",
    "Kim lisäsi sinut yhteisön ryhmään",
    "Kim hozzáadott téged egy csoporthoz a közösségben",
    "Kim te-a adăugat într-un grup și a creat comunitatea",
    "Ο Κιμ σας πρόσθεσε σε μια ομάδα στην κοινότητα",
    "Ким ви добави в група в общността",
    "קים הוסיף אותך לקבוצה בקהילה",
    "أضافك كيم إلى مجموعة في المجتمع",
    "Kim ने आपको कम्यूनिटी के ग्रुप में जोड़ा",
    "Kim เพิ่มคุณเข้ากลุ่มในชุมชน",
    "Kim đã thêm bạn vào một nhóm trong cộng đồng",
    "Kim さんがあなたをコミュニティ内のグループに追加しました",
    "Kim님이 회원님을 커뮤니티의 그룹에 추가했습니다",
    "Kim 将您添加到社群的群组",
    "Kim 已將你新增至社群的群組",
    # Languages that leave out "you" make notices of two or three words.
    "Creaste el grupo",
    "Te uniste al grupo",
    "Criaste o grupo",
    "Aderiste a um grupo na comunidade",
    "Ai creat grupul",
    "Utworzyłeś grupę",
    "Utworzyłaś grupę",
    "Loit ryhmän",
    "Liityit ryhmään yhteisössä",
    "Grubu oluşturdunuz",
    "لقد أنشأت المجموعة",
    "您已创建群组",
]


@pytest.mark.parametrize("times", [1, 3])
def test_a_line_of_the_app_with_a_colon_is_nobodys(tmp_path: Path, times: int) -> None:
    """An action of the app's and what it is done to tell it, in any of its languages; it makes `You` no name."""
    lines = [f"{start}: 'Maple'" for start in NOTICES for _ in range(times)]
    rows = parsed(tmp_path, android(*lines, "Ana: hi", "Bob: thank You"))
    assert [(row["author"], row["kind"], row["text"]) for row in rows] == [
        *(("", "system", line) for line in lines),
        ("Ana", "text", "hi"),
        ("Bob", "text", "thank You"),
    ]


@pytest.mark.parametrize("name", ["Grupo Criou", "Baptiste Groupe Vert", "Celeste Grupo", "Create Group", "Uniste Ana"])
def test_a_name_that_resembles_a_notice_is_a_name(tmp_path: Path, name: str) -> None:
    """What you did is told by a verb in its place and what it was done to, not by one of the two."""
    rows = parsed(tmp_path, android(f"{name}: hi", "Bob: yo"))
    assert [row["author"] for row in rows] == [name, "Bob"]


NAMES = [
    "Profa. Dra. Maria das Graças Albuquerque - Coordenação",
    "Dr. med. Annegret von Hohenstein-Schwarzburg. Praxis Mitte, 2. Stock",
    "Ana Neighbour From The Third Floor With The Dog. Old Number",
    'Zé "Pipoca',
    'Pizza 5" Express',
    "O'Hara and the boys from 'Rock'n Roll' Club",
    "Associação De Pais E Mestres Da Escola Municipal Professora Doutora Maria Das Graças Albuquerque De Souza",
    "Ana vizinha do bloco 3",
    "Admin Group Maple",
    "Grupo Família",
]


@pytest.mark.parametrize("times", [1, 3])
def test_a_long_or_odd_name_is_a_name(tmp_path: Path, times: int) -> None:
    """Even where it occurs once; capitals and what follows tell it from prose."""
    lines = [f"{name}: bom dia {number}" for name in NAMES for number in range(times)]
    rows = parsed(tmp_path, android("Ana: hi", *lines, "Bob: ok"))
    assert [row["author"] for row in rows] == ["Ana", *(name for name in NAMES for _ in range(times)), "Bob"]


def test_prose_before_a_colon_is_no_name(tmp_path: Path) -> None:
    """The app's sentences in words that are not known here: long, in small letters, and going on after a full stop."""
    line = "Zprfa tulem no wexi grundo pilate ser vosta. Tarne olup kine wesso: borta"
    rows = parsed(tmp_path, android("Ana: hi", line, "Bob: ok"))
    assert (rows[1]["author"], rows[1]["kind"], rows[1]["text"]) == ("", "system", line)


@pytest.mark.parametrize(
    "quoted", ['"Fiesta: hoy"', "«Fiesta: hoy»", "“Fiesta: hoy”", "„Fiesta: hoy“", "「Fiesta: hoy」"]
)
def test_a_colon_inside_of_a_quotation_ends_no_name(tmp_path: Path, quoted: str) -> None:
    """The app quotes titles that people chose, in words that are not known here."""
    line = f"Zoe wexed zprf {quoted} olup"
    rows = parsed(tmp_path, android("Ana: hi", line, "Bob: ok"))
    assert (rows[1]["author"], rows[1]["text"]) == ("", line)


SENT = [
    "Live location shared",
    "Live location ended",
    "Localização em tempo real compartilhada",
    "Event: Party",
    "Event: Party at the old mill, bring a friend and something to drink for them.",
    "Payment sent",
    "null",
    "",
]


PERSONAL = [
    f"{LRM}Your security code with Zoe Quark changed. Tap to learn more.",
    f"{LRM}Zoe Quark changed their phone number to a new number. Tap to message or add the new number.",
    f"{LRM}You turned on disappearing messages. New messages will disappear after 90 days.",
]


@pytest.mark.parametrize(
    ("body", "notice"), some([*((body, NOTICE) for body in SENT), *((SENT[0], notice) for notice in PERSONAL)], 3)
)
@pytest.mark.parametrize("name", ["Zoe Quark/_chat.txt", "_chat.txt"])
def test_only_a_group_is_told_to_be_one(tmp_path: Path, body: str, notice: str, name: str) -> None:
    """In whatever words the app says what somebody sent, known or not, it is theirs."""
    rows = parsed(
        tmp_path, ios(f"Zoe Quark: {NOTICE}", f"Zoe Quark: {notice}", "Bob: hi", f"Zoe Quark: {LRM}{body}"), name
    )
    assert [row["author"] for row in rows] == ["", "", "Bob", "Zoe Quark"]


@pytest.mark.parametrize("title", ["Zoe Quark", "Quill Family"])
@pytest.mark.parametrize("named", [True, False])
def test_the_name_above_what_the_app_wrote_is_not_lost(tmp_path: Path, title: str, *, named: bool) -> None:
    """Where it is not the chat's title already, the message mentions it: names that are known can be masked."""
    rows = parsed(tmp_path, ios(f"{title}: {NOTICE}", "Bob: ok"), f"{title if named else 'exports'}/_chat.txt")
    assert [row["mentions"] or [] for row in rows] == [[] if named else [title], []]
