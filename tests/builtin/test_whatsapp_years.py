"""Dates without a year, as old phones wrote them: read where something settles the year, else asked for."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from egregora_core.errors import ExportError, YearError
from egregora_core.pipeline import run_ingestion
from egregora_core.plugins import App, ReadOptions
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings
from whatsapp_reading import how_sure, read

MODERN = datetime(2024, 6, 1).timestamp()  # noqa: DTZ001 - the machine's zone is as good as any


def chat(tmp_path: Path, *lines: str, written: float = MODERN) -> Path:
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.utime(path, (written, written))
    return path


def times(path: Path, year: int | None = None) -> list[str]:
    reading = read(path, ReadOptions(year=year))
    return [row["ts"].isoformat(timespec="minutes") for batch in reading.batches for row in batch.to_pylist()]


@pytest.mark.parametrize(
    "header",
    [
        "18 Jul 12:14 - ",
        "18 Jul, 12:14 - ",
        "Jul 18, 12:14 PM - ",
        "18 de jul 12:14 - ",
        "18. Juli 12:14 - ",
        "18 июл., 12:14 - ",
        "7月18日 12:14 - ",
        "18 juil. à 12:14 - ",
        "Thu, 18 Jul, 12:14 - ",
    ],
)
def test_a_given_year_is_that_of_the_first_message(tmp_path: Path, header: str) -> None:
    """In any language and order; bodies keep what they say."""
    path = chat(tmp_path, f"{header}Ana: a", f"{header}Bob: on 19 Jul 13:00 - ok")
    assert how_sure(path) >= 1
    assert times(path, 2013) == ["2013-07-18T12:14"] * 2


def test_nothing_that_tells_is_asked_for(tmp_path: Path) -> None:
    """The error names the option, and no one."""
    with pytest.raises(YearError, match="--year") as caught:
        times(chat(tmp_path, "18 Jul 12:14 - Ana: a", "19 Jul 12:14 - Bob: b"))
    assert "Ana:" not in str(caught.value)


def test_years_roll_over_where_months_go_back(tmp_path: Path) -> None:
    """A message that is a day late is no new year, nor is one from New Year's Eve."""
    days = ["30 Nov", "31 Dec", "1 Jan", "31 Dec", "1 Jan", "5 Mar", "4 Mar", "2 Feb"]
    found = times(chat(tmp_path, *(f"{day} 10:00 - Ana: x" for day in days)), 2012)
    assert [moment[:4] for moment in found] == ["2012", "2012", "2013", "2012", "2013", "2013", "2013", "2014"]


@pytest.mark.parametrize("name", ["IMG-20140202-WA0001.jpg", "00000012-PHOTO-2014-02-02-12-14-10.jpg"])
def test_a_media_name_settles_the_year(tmp_path: Path, name: str) -> None:
    """Wherever it stands: the years before it follow. A name that holds no date tells nothing."""
    path = chat(
        tmp_path,
        "30 Nov 12:14 - Ana: IMG-20159999-WA0001.jpg (file attached)",
        f"2 Feb 12:14 - Ana: {name} (file attached)",
        "3 Feb 12:15 - Bob: b",
    )
    assert [moment[:10] for moment in times(path)] == ["2013-11-30", "2014-02-02", "2014-02-03"]


def test_what_only_resembles_a_date_starts_no_message(tmp_path: Path) -> None:
    """A word that is no month, and a day that no month has."""
    pasted = "Saal 12 12:14 - x\n31 Feb 12:14 - Ana: odd"
    reading = read(chat(tmp_path, "18 Jul 12:14 - Ana: a", pasted, "19 Jul 12:14 - Bob: b"), ReadOptions(year=2013))
    assert [row["text"] for batch in reading.batches for row in batch.to_pylist()] == [f"a\n{pasted}", "b"]


def test_dates_that_have_a_year_settle_those_that_have_none(tmp_path: Path) -> None:
    """Phones left out the current year only."""
    path = chat(tmp_path, *(f"{day} {month} 2013, 12:14 - Ana: a" for day, month in ((30, "Nov"), (3, "Dec"))))
    with path.open("a") as stream:
        stream.write("".join(f"{day} Jan, 12:14 - Bob: b\n" for day in (2, 3, 4)))
    assert [moment[:10] for moment in times(path)] == [
        "2013-11-30",
        "2013-12-03",
        "2014-01-02",
        "2014-01-03",
        "2014-01-04",
    ]


@pytest.mark.parametrize(("month", "year"), [(9, "2014"), (6, "2013")])
def test_a_file_of_that_time_settles_the_year(tmp_path: Path, month: int, year: str) -> None:
    """Its last message is no later than the file; a file of today is a copy, and tells nothing."""
    written = datetime(2014, month, 1).timestamp()  # noqa: DTZ001 - as above
    assert times(chat(tmp_path, "18 Jul 12:14 - Ana: a", written=written))[0][:4] == year


def test_the_year_is_recorded_with_the_chat(tmp_path: Path) -> None:
    """A later export of the chat needs no `--year`; another one is refused, as another date order is."""
    path, app = chat(tmp_path, "18 Jul 12:14 - Ana: a"), App([], discover=False)
    settings = load_settings(tmp_path, app)

    def ingest(year: int | None) -> None:
        options = RunOptions("UTC", year=year)
        run_ingestion(Command(app, settings, options), [path])

    ingest(2013)
    chat(tmp_path, "18 Jul 12:14 - Ana: a", "19 Jul 12:14 - Bob: b")
    ingest(None)
    with pytest.raises(ExportError, match="first year"):
        ingest(2014)


LEAP = ("28 Feb 12:14 - Ana: hi", "29 Feb 12:15 - Bob: yo", "1 Mar 12:15 - Ana: ok")


def test_a_leap_day_refuses_a_year_without_one(tmp_path: Path) -> None:
    """Else its message would join the one before."""
    with pytest.raises(YearError, match="29 February"):
        times(chat(tmp_path, *LEAP), 2015)
    assert [moment[:10] for moment in times(chat(tmp_path, *LEAP), 2016)] == ["2016-02-28", "2016-02-29", "2016-03-01"]


def test_a_leap_day_counts_in_the_year_that_it_has(tmp_path: Path) -> None:
    """A year or more after the first message."""
    path = chat(tmp_path, "30 Nov 12:14 - Ana: a", *LEAP)
    assert times(path, 2015)[2] == "2016-02-29T12:15"
    with pytest.raises(YearError, match="2016"):
        times(path, 2016)


def test_a_media_name_or_a_file_of_no_leap_year_settles_nothing(tmp_path: Path) -> None:
    """What contradicts the dates is no evidence."""
    with pytest.raises(YearError, match="nothing in it tells"):
        times(chat(tmp_path, *LEAP, "1 Mar 12:16 - Ana: \u200eIMG-20150301-WA0001.jpg (file attached)"))
    with pytest.raises(YearError, match="nothing in it tells"):
        times(chat(tmp_path, *LEAP, written=datetime(2015, 6, 1).timestamp()))  # noqa: DTZ001 - as above


def test_a_leap_day_that_a_written_year_does_not_have_is_told(tmp_path: Path) -> None:
    """It is kept as text, with a word."""
    path = chat(tmp_path, "28 Feb 2015 12:14 - Ana: hi", *LEAP[1:], "2 Mar 12:15 - Ana: ok")
    reading = read(path, ReadOptions())
    assert sum(batch.num_rows for batch in reading.batches) == 3
    assert any("line 2" in notice for notice in reading.notices)


@pytest.mark.parametrize(
    ("first", "second", "year"),
    [
        ("Thu, 18 Jul", "Fri, 19 Jul", "2013"),
        ("Do., 18. Juli", "Fr., 19. Juli", "2013"),
        ("quinta-feira, 18 de julho", "sexta-feira, 19 de julho", "2013"),
        ("Mon, 30 Nov", "Mon, 29 Feb", "2015"),
    ],
)
def test_days_of_the_week_settle_the_year(tmp_path: Path, first: str, second: str, year: str) -> None:
    """In the years of such dates only one has them, in any language."""
    found = times(chat(tmp_path, f"{first} 12:14 - Ana: a", f"{second} 12:14 - Bob: b"))
    assert [len(found), found[0][:4]] == [2, year]


def test_days_of_the_week_that_fit_two_years_are_asked_for(tmp_path: Path) -> None:
    """18 July was a Monday in 2011 and in 2016."""
    with pytest.raises(YearError, match="--year"):
        times(chat(tmp_path, "Mon, 18 Jul 12:14 - Ana: a", "Tue, 19 Jul 12:14 - Bob: b"))
