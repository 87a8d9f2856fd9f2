"""Headers of every locale: rendered from CLDR's patterns, read back the same."""

import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.plugins import DateOrder, ReadOptions
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support import some
from whatsapp_reading import read

BIDI = "\u200f"


def render(pattern: str, moment: datetime, periods: tuple[str, str] = ("AM", "PM")) -> str:
    """Return a time in a CLDR pattern."""
    fields = {
        "dd": f"{moment:%d}",
        "d": f"{moment.day}",
        "MM": f"{moment:%m}",
        "M": f"{moment.month}",
        "yy": f"{moment:%y}",
        "y": f"{moment:%Y}",
        "HH": f"{moment:%H}",
        "H": f"{moment.hour}",
        "hh": f"{moment:%I}",
        "h": f"{(moment.hour + 11) % 12 + 1}",
        "mm": f"{moment:%M}",
        "m": f"{moment.minute}",
        "ss": f"{moment:%S}",
        "s": f"{moment.second}",
        "a": periods[moment.hour >= 12],
        "B": periods[moment.hour >= 12],
        "G": "AD",
    }
    return re.sub(
        r"'([^']*)'|([dMyHhmsaBG])\2*",
        lambda match: match[1] if match[1] is not None else fields[match[0]],
        pattern,
    )


def parsed(path: Path, order: DateOrder | None = None) -> list[dict[str, Any]]:
    return [row for batch in read(path, ReadOptions(date_order=order)).batches for row in batch.to_pylist()]


def order_of(date: str) -> DateOrder:
    orders: dict[str, DateOrder] = {"dMy": "DMY", "Mdy": "MDY", "yMd": "YMD"}
    return orders["".join(dict.fromkeys(re.sub(r"'[^']*'|[^dMy]", "", date)))]


moments = st.lists(
    st.datetimes(min_value=datetime.fromisoformat("2012-01-01"), max_value=datetime.fromisoformat("2025-12-31")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    min_size=3,
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(cldr("short_dates"))),
    st.sampled_from(sorted(cldr("glues"))),
    st.data(),
    st.booleans(),
    moments,
    st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "၀၁၂၃၄၅၆၇၈၉", "০১২৩৪৫৬৭৮৯"]),
    st.sampled_from(
        [
            ("AM", "PM"),
            ("a.\u00a0m.", "p.\u00a0m."),
            ("上午", "下午"),
            ("ص", "م"),
            ("пр.об.", "сл.об."),
            ("오전", "오후"),
        ]
    ),
)
def test_a_chat_in_any_locale_is_read_as_it_was_written(
    tmp_path: Path,
    date: str,
    glue: str,
    data: st.DataObject,
    ios: bool,  # noqa: FBT001  # hypothesis passes by position
    times: list[datetime],
    digits: str,
    periods: tuple[str, str],
) -> None:
    """Short date, glue and time of any locale, in any digits, make a header that gives back the time."""
    clock = data.draw(st.sampled_from(sorted(cldr("medium_times") if ios else cldr("short_times"))))
    # Where dots are in both, a time that comes first could be a date; no locale writes so.
    assume(":" in clock or glue.startswith("{1}"))
    kept = [moment if ios else moment.replace(second=0) for moment in sorted(times)]
    lines = []
    for moment in kept:
        head = glue.replace("{1}", render(date, moment)).replace("{0}", render(clock, moment, periods))
        head = head.translate(str.maketrans("0123456789", digits))
        lines.append(f"[{head}] Ana: hi" if ios else f"{head} - Ana: hi")
    path = tmp_path / "_chat.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = parsed(path, order_of(date))
    assert [(row["ts"], row["author"], row["text"]) for row in rows] == [(moment, "Ana", "hi") for moment in kept]


@pytest.mark.parametrize(
    ("header", "moment"),
    some(
        [
            ("3/18/22, 14:56 - ", "2022-03-18T14:56"),
            ("8/19/21, 12:27 PM - ", "2021-08-19T12:27"),
            ("8/19/21, 12:27 AM - ", "2021-08-19T00:27"),
            ("1/14/23, 7:02\u202fPM - ", "2023-01-14T19:02"),
            ("20/6/2017 8:28\u00a0p.\u00a0m. - ", "2017-06-20T20:28"),
            ("28/3/2025, 9:29 p. m. - ", "2025-03-28T21:29"),
            ("2023-12-20, 5:46 p.m. - ", "2023-12-20T17:46"),
            ("13.6.2018 klo 21.25 - ", "2018-06-13T21:25"),
            ("22.05.18 à 18:00 - ", "2018-05-22T18:00"),
            ("2024/1/2 下午3:04 - ", "2024-01-02T15:04"),
            ("22/01/2024 03:04 下午 - ", "2024-01-22T15:04"),
            ("2024/1/2 凌晨12:01 - ", "2024-01-02T00:01"),
            ("2024/1/2 凌晨3:01 - ", "2024-01-02T03:01"),
            ("2024/1/2 中午12:01 - ", "2024-01-02T12:01"),
            ("2024/1/2 晚上9:01 - ", "2024-01-02T21:01"),
            ("2024. 1. 2. 오후 3:04 - ", "2024-01-02T15:04"),
            ("24. 1. 2. PM 9:05 - ", "2024-01-02T21:05"),
            ("۲۰۲۱/۵/۳۰،\u200f ۱۸:۴۴ - ", "2021-05-30T18:44"),
            ("١٨\u200f/٣\u200f/٢٠٢٢، ٢:٥٦ م - ", "2022-03-18T14:56"),
            ("23. 11. 2024. 21:05 - ", "2024-11-23T21:05"),
            ("23.11.24 г., 21:05 ч. - ", "2024-11-23T21:05"),
            ("2024-11-03 21 h 05 - ", "2024-11-03T21:05"),
            ("24/11/30 (21:05) - ", "2024-11-30T21:05"),
            ("113/11/30 21:05 - ", "2024-11-30T21:05"),
            ("21:05 23/11/24 - ", "2024-11-23T21:05"),
            ("२३/११/२४, ९:०५ PM - ", "2024-11-23T21:05"),
            ("09/17/19, 8:30:52 AM \u2013 ", "2019-09-17T08:30:52"),
            ("29/12/2012 17:03:48: ", "2012-12-29T17:03:48"),
            ("3/24/14, 1:59:59 PM: ", "2014-03-24T13:59:59"),
            ("13.06.18 21.25.15: ", "2018-06-13T21:25:15"),
            ("13. 6. 2018. 21:25:15 ", "2018-06-13T21:25:15"),
            ("15/12/2025, 10:34:00 AM ", "2025-12-15T10:34:00"),
            ("[3/18/22, 14:56:01] ", "2022-03-18T14:56:01"),
            ("[30/04/23, 5:33:19 PM] ", "2023-04-30T17:33:19"),
            ("[25.08.23, 5:52:02 PM] ", "2023-08-25T17:52:02"),
            ("[31/12/2022 11:40:26] ", "2022-12-31T11:40:26"),
            ("[5.05.2017 18:01:12] ", "2017-05-05T18:01:12"),
            ("[31/12/2019, 2:14:40 a.m.] ", "2019-12-31T02:14:40"),
            ("[13.3.2022 klo 14.08.18] ", "2022-03-13T14:08:18"),
            ("[14:56:01, 3/18/22] ", "2022-03-18T14:56:01"),
            ("[\u200f18\u200f/3\u200f/2022، 14:56:01] ", "2022-03-18T14:56:01"),
            ("[3/18/2565 BE, 14:56:01] ", "2022-03-18T14:56:01"),
            ("[18/3/2565 พ.ศ. 14:56:01] ", "2022-03-18T14:56:01"),
            ("[18/3/65 14:56:01] ", "2022-03-18T14:56:01"),
            ("[3/18/R4, 14:56:01] ", "2022-03-18T14:56:01"),
            ("[令和4/3/18 14:56:01] ", "2022-03-18T14:56:01"),
            ("[01-29-2018, 23:33:00] ", "2018-01-29T23:33:00"),
            ("[2020.04.01, 12:00:04] ", "2020-04-01T12:00:04"),
            ("[2024/01/02 오후 03:06] ", "2024-01-02T15:06"),
            ("\ufeff\u200e[3/18/22, 14:56:01] ", "2022-03-18T14:56:01"),
        ],
        5,
    ),
)
def test_each_header_seen_in_the_wild_gives_its_time(tmp_path: Path, header: str, moment: str) -> None:
    """One line each of the shapes that phones, years and regions have produced."""
    path = tmp_path / "chat.txt"
    path.write_text(f"{header}Ana: one\n{header}Bob: two\n", encoding="utf-8")
    rows = parsed(path)
    wanted = datetime.fromisoformat(moment)
    assert [(row["ts"], row["author"], row["text"]) for row in rows] == [(wanted, "Ana", "one"), (wanted, "Bob", "two")]


def test_all_hours_of_a_twelve_hour_clock_are_told_apart(tmp_path: Path) -> None:
    """12 AM is midnight, 12 PM noon, and nothing is half a day off in between."""
    start = datetime.fromisoformat("2024-01-25")
    times = [start + timedelta(hours=hour) for hour in range(24)]
    path = tmp_path / "chat.txt"
    path.write_text("".join(f"{render('dd/MM/y, hh:mm a', time)} - A: x\n" for time in times), encoding="utf-8")
    assert [row["ts"] for row in parsed(path)] == times


def test_a_header_of_another_template_is_part_of_the_message(tmp_path: Path) -> None:
    """One template holds for the file: padding and the digits of the year count."""
    path = tmp_path / "chat.txt"
    pasted = (
        "[1.2.2019, 00:00:00] Eve: no\n2/11/19, 14:48 Eve: no\n2/11/19, 14:48 - Eve: no\n[1.02.19, 09:00:00] Eve: no"
    )
    lines = [f"[{day:02}.02.19, 11:09:15] Ana: {day}" for day in range(1, 25)]
    path.write_text("\n".join(lines) + f"\n{pasted}\n[25.02.19, 11:09:15] Bob: end\n", encoding="utf-8")
    rows = parsed(path)
    assert len(rows) == 25
    assert rows[23]["text"] == f"24\n{pasted}"


def chat(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    path = tmp_path / "chat.txt"
    path.write_text(text, encoding="utf-8")
    return [(row["author"], row["text"]) for row in parsed(path)]


def test_few_lines_with_more_pasted_ones_are_still_told_apart(tmp_path: Path) -> None:
    """What was pasted is older than the message around it, after which time goes on."""
    pasted = "\n".join(f"[1/2/23, 9:00:0{second} PM] Zed: old" for second in range(5))
    lines = f"02/01/2024, 09:06 - Bob: look:\n{pasted}\n02/01/2024, 09:07 - Ana: hm\n"
    assert chat(tmp_path, lines) == [("Bob", f"look:\n{pasted}"), ("Ana", "hm")]


def test_a_clock_that_was_set_otherwise_is_the_files_own(tmp_path: Path) -> None:
    """Two exports joined, of 12 and of 24 hours: each line is a message, at its time."""
    lines = [f"1/{day}/24, {day}:05 AM - Ana: {day}" for day in range(2, 12)] + ["1/13/24, 14:05 - Bob: 13"]
    path = tmp_path / "chat.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = parsed(path)
    assert [row["ts"].day for row in rows] == [*range(2, 12), 13]
    assert rows[-1]["ts"].hour == 14


def test_a_line_from_another_clock_may_be_pasted_too(tmp_path: Path) -> None:
    """Then it is older than its message."""
    lines = [f"02/01/2024, 0{hour}:05 - Ana: {hour}" for hour in range(1, 9)]
    pasted = "02/01/2023, 9:00 PM - Zed: old\n02/01/2023, 9:01 PM - Zed: older"
    text = "\n".join([*lines, pasted, "02/01/2024, 09:07 - Bob: hm"])
    assert chat(tmp_path, text)[-2:] == [("Ana", f"8\n{pasted}"), ("Bob", "hm")]


@pytest.mark.parametrize("marks", [1, 70, 130, 3000])
def test_any_number_of_marks_stands_before_a_header(tmp_path: Path, marks: int) -> None:
    """They are no part of it, nor of anything else; the other lines are read as they were without them."""
    lines = [f"{BIDI * marks * (day == 15)}{day}/03/2024, 10:00 - Ana: {day}" for day in range(13, 19)]
    assert chat(tmp_path, "\n".join(lines)) == [("Ana", str(day)) for day in range(13, 19)]


def test_any_number_of_marks_stands_inside_of_a_header(tmp_path: Path) -> None:
    """As above, where the others have some as well."""
    lines = [f"[{day}{BIDI * (200 if day == 15 else 1)}/03/2024, 10:00:00] Ana: {day}" for day in range(13, 19)]
    assert chat(tmp_path, "\n".join(lines)) == [("Ana", str(day)) for day in range(13, 19)]


def test_a_day_that_does_not_exist_starts_no_message(tmp_path: Path) -> None:
    """30 February in the file's own template is something a person wrote."""
    path = tmp_path / "chat.txt"
    path.write_text("28/02/2024, 10:00 - A: x\n30/02/2024, 10:00 - B: y\n01/03/2024, 10:00 - A: z\n", encoding="utf-8")
    assert [row["text"] for row in parsed(path)] == ["x\n30/02/2024, 10:00 - B: y", "z"]


@pytest.mark.slow
def test_the_table_is_what_babel_says() -> None:
    """The checked-in table is compiled from the locale data that is installed."""
    command = [sys.executable, str(Path(__file__).parents[2] / "scripts" / "compile_cldr.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize(
    "clock", ["10:30:00 AM", "10:30 am", "10:30:05", "10:30", "10:30:00\u202fp.\u00a0m.", "10:30 p. m."]
)
@pytest.mark.parametrize("date", ["15/12/2025, ", "15.12.25 "])
@pytest.mark.parametrize("name", some(["John", "Al Bo", "John Smith", "\U0001f98a Jo", "~ Mary", "+1 555 0100"], 3))
def test_a_name_stands_behind_the_clock_alone(tmp_path: Path, clock: str, date: str, name: str) -> None:
    """As some tools and old apps write it: no dash, no brackets."""
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    path.write_text(f"{date}{clock} {name}: note: a\n{date}{clock} Ana: ok\n", encoding="utf-8")
    rows = parsed(path)
    assert [(row["author"], row["text"]) for row in rows] == [(name, "note: a"), ("Ana", "ok")]
