"""What hundreds of made-up exports taught: rare forms that are not lost, and common texts not mistaken for them."""

from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import DateOrderError, ExportError
from egregora_core.sources.whatsapp import read
from egregora_core.specs import DateOrder, ReadOptions

LRM = "\u200e"


def parsed(
    tmp_path: Path, text: str, name: str = "_chat.txt", order: DateOrder | None = "DMY"
) -> list[dict[str, Any]]:
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
