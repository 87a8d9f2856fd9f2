"""Headers whose dates are spelt or of another calendar: read as what they mean, and nothing else is touched."""

from datetime import date, datetime
from pathlib import Path

import pytest
from egregora_core.builtin.whatsapp._dialect import solar_date
from egregora_core.errors import ExportError
from egregora_core.plugins import ReadOptions
from whatsapp_reading import how_sure, read


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("18 mars 2022 à 14:56 - ", "2022-03-18T14:56"),
        ("18 de marzo de 2022, 14:56 - ", "2022-03-18T14:56"),
        ("18. März 2022 um 14:56 - ", "2022-03-18T14:56"),
        ("[18 мар. 2022 г., 14:56:01] ", "2022-03-18T14:56:01"),
        ("Friday, March 18, 2022 at 2:56 PM - ", "2022-03-18T14:56"),
        ("\u200e[Mar 18, 2022, 2:56:01\u202fPM] ", "2022-03-18T14:56:01"),
        ("[14:56:01, 18 March 2022] ", "2022-03-18T14:56:01"),
        ("18-Mar-22 14:56 - ", "2022-03-18T14:56"),
        ("18 मार्च 2022, 2:56 pm - ", "2022-03-18T14:56"),
        ("[令和元年5月1日 14:56:01] ", "2019-05-01T14:56:01"),
        ("[R06/3/18 14:56:01] ", "2024-03-18T14:56:01"),
        ("平成31/3/18 14:56 - ", "2019-03-18T14:56"),
        ("[3/18/R4, 14:56:01] ", "2022-03-18T14:56:01"),
        ("[۱۴۰۰/۱۲/۲۷،\u200f ۱۴:۵۶:۰۱] ", "2022-03-18T14:56:01"),
        ("27/12/1400, 14:56 - ", "2022-03-18T14:56"),
    ],
)
def test_a_spelt_date_is_the_day_it_means(tmp_path: Path, header: str, moment: str) -> None:
    """A date in a body stays as written, even of the same spelling."""
    body = f"two: x\nas of {header}and so on"
    path = tmp_path / "_chat.txt"
    path.write_text(f"{header}Ana: one\n{header}Bob: {body}\n", encoding="utf-8")
    rows = [row for batch in read(path, ReadOptions()).batches for row in batch.to_pylist()]
    wanted = datetime.fromisoformat(moment)
    assert [(row["ts"], row["author"], row["text"]) for row in rows] == [(wanted, "Ana", "one"), (wanted, "Bob", body)]
    assert how_sure(path) >= 1


def test_a_spelt_date_without_its_weekday_is_part_of_the_message(tmp_path: Path) -> None:
    """The spelling of most headers is the file's."""
    pasted = "18 Mar 2022, 14:56 - Zed: old"
    lines = [f"Fri, {day} Mar 2022, 14:56 - Ana: {day}" for day in range(18, 22)]
    path = tmp_path / "_chat.txt"
    path.write_text("\n".join([*lines, pasted, "Fri, 25 Mar 2022, 14:56 - Bob: ok"]), encoding="utf-8")
    rows = [row for batch in read(path, ReadOptions()).batches for row in batch.to_pylist()]
    assert [row["text"] for row in rows] == ["18", "19", "20", f"21\n{pasted}", "ok"]


@pytest.mark.parametrize(
    ("solar", "ours"),
    [
        ((1395, 1, 1), "2016-03-20"),
        ((1399, 12, 30), "2021-03-20"),
        ((1400, 1, 1), "2021-03-21"),
        ((1401, 7, 1), "2022-09-23"),
        ((1402, 12, 29), "2024-03-19"),
        ((1403, 1, 1), "2024-03-20"),
        ((1403, 12, 30), "2025-03-20"),
        ((1404, 1, 1), "2025-03-21"),
    ],
)
def test_the_persian_year_begins_at_the_equinox(solar: tuple[int, int, int], ours: str) -> None:
    """Leap years come after four years, now and then after five."""
    assert solar_date(*solar) == date.fromisoformat(ours)


def test_a_day_that_the_persian_year_lacks_starts_no_message(tmp_path: Path) -> None:
    """1404 is no leap year: the line is part of the message above, and told."""
    path = tmp_path / "_chat.txt"
    pasted = "[1404/12/30, 14:56:01] Ana: two"
    path.write_text(f"[1403/12/30, 14:56:01] Ana: one\n{pasted}\n[1405/1/2, 14:56:01] Ana: three\n", encoding="utf-8")
    reading = read(path, ReadOptions())
    rows = [row for batch in reading.batches for row in batch.to_pylist()]
    assert [row["text"] for row in rows] == [f"one\n{pasted}", "three"]
    assert any("does not exist" in notice for notice in reading.notices)


def test_a_calendar_that_is_not_read_is_an_error(tmp_path: Path) -> None:
    """The Islamic months begin as authorities say: half a guess would be days off."""
    path = tmp_path / "_chat.txt"
    path.write_text("[1443/8/15, 14:56:01] Ana: one\n", encoding="utf-8")
    with pytest.raises(ExportError, match="Islamic"):
        read(path, ReadOptions())


@pytest.mark.slow  # a large file
def test_a_clock_that_is_set_otherwise_late_in_a_file_loses_no_message(tmp_path: Path) -> None:
    """Two exports in one file, the later one with a clock of 12 hours: every header is a message, however late."""
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    lines = [
        f"{1 + n % 28:02d}/{1 + n // 28 % 12:02d}/{2000 + 20 + n // 336 % 5}, "
        + (f"{8 + n % 12:02d}:00" if n < 14_000 else f"{1 + n % 12:02d}:00 pm")
        + f" - Ana: hello {n}\n"
        for n in range(20_000)
    ]
    path.write_text("".join(lines), encoding="utf-8")

    assert sum(batch.num_rows for batch in read(path, ReadOptions(date_order="DMY")).batches) == len(lines)
