"""Which field is the day: all the evidence, and the honest answer where there is none."""

import time
from pathlib import Path

import pytest
from egregora_core.builtin.whatsapp._date_order import DateEvidence
from egregora_core.builtin.whatsapp._header import parse_header
from egregora_core.builtin.whatsapp._template import templates_of
from egregora_core.errors import DateOrderError
from egregora_core.plugins import DateOrder, Reading, ReadOptions
from whatsapp_reading import read


def reading(
    tmp_path: Path, dates: list[str], head: str = "{}, 10:00 - ", body: str = "Ana: x", **options: str
) -> Reading:
    path = tmp_path / "_chat.txt"
    path.write_text("".join(f"{head.format(date)}{body}\n" for date in dates), encoding="utf-8")
    order: DateOrder | None = options.get("order")  # type: ignore[assignment]  # the tests pass one of the three
    return read(path, ReadOptions(date_order=order))


def decided(reading: Reading) -> tuple[str, str]:
    return reading.facts["date_order"], reading.facts["date_order_confidence"]


@pytest.mark.parametrize(
    ("dates", "answer"),
    [
        (["1/2/24", "13/2/24"], ("DMY", "certain")),
        (["1/2/24", "2/13/24"], ("MDY", "certain")),
        (["2024-01-02"], ("YMD", "certain")),
        (["2/11/19", "10/11/19", "2/11/19"], ("DMY", "likely")),
        (["2/1/24", "2/2/24", "2/4/24", "2/9/24"], ("MDY", "likely")),
        (["4/4/24", "5/5/24"], ("DMY", "certain")),
        (["6/10/2024", "6/11/2024", "6/12/2024"], ("MDY", "likely")),
        (["01/10/2024", "01/11/2024", "01/12/2024"], ("DMY", "likely")),
        (["02/01/2024"], ("DMY", "likely")),
        (["02.01.24"], ("DMY", "likely")),
    ],
)
def test_all_dates_of_a_file_decide_together(tmp_path: Path, dates: list[str], answer: tuple[str, str]) -> None:
    """A field over 12 is proof; then continuous time, then how locales write dates."""
    assert decided(reading(tmp_path, dates)) == answer


@pytest.mark.parametrize(
    ("date", "body", "order"),
    [
        ("3/4/24", "Ana: \u200eIMG-20240403-WA0001.jpg (file attached)", "DMY"),
        ("3/4/24", "Ana: \u200eIMG-20240304-WA0001.jpg (file attached)", "MDY"),
        ("3/4/24", "Ana: \u200e<attached: 00000006-PHOTO-2024-04-03-23-59-59.jpg>", "DMY"),
    ],
)
def test_the_date_in_a_media_name_is_proof(tmp_path: Path, date: str, body: str, order: str) -> None:
    """The phone wrote it in an order that is known."""
    assert decided(reading(tmp_path, [date], body=body)) == (order, "certain")


def test_an_open_order_is_asked_for(tmp_path: Path) -> None:
    """Nothing in the file tells: the error says what was seen and what to pass, and names nobody."""
    with pytest.raises(DateOrderError, match="--date-order") as caught:
        reading(tmp_path, ["1/2/24", "3/4/24", "1/2/24"])
    assert "Ana" not in str(caught.value)


@pytest.mark.parametrize(
    ("dates", "asked"),
    [
        (["1/2/24", "3/4/24", "1/2/24"], "day first or month first (3 of them, none with a day over 12"),
        (["11/10/12"], "day first or month first or year first (1 of them, none with a day over 12"),
    ],
)
def test_what_is_asked_are_the_orders_that_are_left(tmp_path: Path, dates: list[str], asked: str) -> None:
    """Of dates that begin with 13 it would be wrong to say that none has a day over 12."""
    with pytest.raises(DateOrderError) as caught:
        reading(tmp_path, dates)
    assert asked in str(caught.value)


def test_the_question_names_no_order_that_cannot_be(tmp_path: Path) -> None:
    """A first number over 12 is a day or a year."""
    template = templates_of(
        [header for date in ("21/10/12", "22/11/12") if (header := parse_header(f"{date}, 10:00 - Ana: x"))]
    )
    seen = DateEvidence(template[0])
    seen.add([(21, 10, 12), (22, 11, 12)])
    assert seen.question() == (
        "all dates can be read day first or year first (2 of them, no media file's name and no jump in time that "
        "tells); pass --date-order dmy or ymd"
    )


@pytest.mark.parametrize("order", ["DMY", "MDY", "YMD"])
def test_a_given_order_always_wins(tmp_path: Path, order: str) -> None:
    """Even against evidence: the user may know better."""
    assert decided(reading(tmp_path, ["11/12/13"], order=order)) == (order, "given")


def test_a_stray_date_does_not_turn_a_file_around(tmp_path: Path) -> None:
    """One pasted header among two hundred is part of a message, not evidence."""
    dates = [f"{1 + day % 12}/{13 + day % 15}/24" for day in range(200)]
    found = reading(tmp_path, [*dates, "25/1/24"])
    assert decided(found) == ("MDY", "certain")
    assert sum(batch.num_rows for batch in found.batches) == 200


def test_an_export_that_runs_backwards_in_places_is_still_read(tmp_path: Path) -> None:
    """Phones reorder messages now and then."""
    dates = [f"{month}/{day}/24" for month in range(1, 4) for day in range(1, 13)]
    dates[5], dates[20] = dates[20], dates[5]
    assert decided(reading(tmp_path, dates)) == ("MDY", "likely")


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        (["1/2/24, 9:03\u202fAM", "1/2/24, 9:04\u202fPM"], "MDY"),
        (["1/2/24, 9:03 AM", "1/3/24, 9:04 PM", "1/4/24, 9:04 PM"], "MDY"),
        (["1/2/24, 9:03 am"], "DMY"),
        (["1/2/24, 9:03 a.\u202fm."], "DMY"),
    ],
)
def test_the_clock_beside_a_date_tells_the_country(tmp_path: Path, headers: list[str], answer: str) -> None:
    """`AM` after an unpadded date is American, `am` and `a. m.` are not: a guess, and called one."""
    assert decided(reading(tmp_path, headers, head="{} - ")) == (answer, "likely")


def test_the_country_does_not_decide_against_time(tmp_path: Path) -> None:
    """Two days in a row, day first, are as likely as one American day a month."""
    with pytest.raises(DateOrderError):
        reading(tmp_path, ["1/2/24, 9:03 AM", "2/2/24, 9:04 AM"], head="{} - ")


def test_no_message_is_from_the_future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two orders, the one whose dates have all come is meant."""
    today = time.struct_time((2024, 4, 20, 12, 0, 0, 5, 111, 0))
    with monkeypatch.context() as patch:
        patch.setattr("time.localtime", lambda: today)
        assert decided(reading(tmp_path, ["4/5/24", "4/6/24"])) == ("MDY", "likely")
