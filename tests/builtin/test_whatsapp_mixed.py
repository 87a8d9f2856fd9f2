"""Lines in another style than the file's: messages of their own, parts of messages, and never lost without a word."""

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from egregora_core.plugins import ReadOptions
from whatsapp_reading import read

pytestmark = pytest.mark.slow  # rarer forms, in large files

START = datetime(2024, 3, 14, 10)  # noqa: DTZ001 - an export tells no zone
STYLES = {
    "comma": "%d/%m/%Y, %H:%M - ",
    "no comma": "%d/%m/%Y %H:%M - ",
    "short year": "%d/%m/%y, %H:%M - ",
    "dots": "%d.%m.%y, %H:%M - ",
    "noon": "%d/%m/%Y, %I:%M %p - ",
    "bracket": "[%d/%m/%Y, %H:%M:%S] ",
    "year first": "%Y-%m-%d, %H:%M - ",
}


def lines(style: str, count: int, start: datetime = START, step: int = 7, names: str = "Ana Bob") -> list[str]:
    who = names.split()
    return [
        f"{start + timedelta(minutes=step * n):{STYLES[style]}}{who[n % len(who)]}: {style} {n}" for n in range(count)
    ]


def chat(tmp_path: Path, text: str | bytes, name: str = "chat.txt") -> tuple[list[tuple[str, str]], list[str]]:
    """Return the messages and the notices."""
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    reading = read(path, ReadOptions(date_order="DMY"))
    rows = [(row["author"], row["text"]) for batch in reading.batches for row in batch.to_pylist()]
    return rows, list(reading.notices)


@pytest.mark.parametrize("other", [style for style in STYLES if style != "comma"])
@pytest.mark.parametrize("places", [(1, 3), (4,)], ids=["between", "last"])
def test_few_lines_of_another_style_in_order_of_time_are_messages(
    tmp_path: Path, other: str, places: tuple[int, ...]
) -> None:
    """A lost comma or another phone's date loses no message, however few are written so."""
    mine, others = lines("comma", 5), lines(other, 5)
    rows, notices = chat(tmp_path, "\n".join(others[n] if n in places else mine[n] for n in range(5)) + "\n")
    assert [author for author, _ in rows] == ["Ana", "Bob", "Ana", "Bob", "Ana"]
    assert notices == []


@pytest.mark.parametrize("other", ["no comma", "short year", "bracket", "noon", "year first"])
@pytest.mark.parametrize("later", [True, False], ids=["newer", "older"])
def test_joined_exports_are_read_whole(tmp_path: Path, other: str, later: bool) -> None:  # noqa: FBT001 - pytest passes by position
    """The second one may be newer, or older and long."""
    second = lines(other, 40, START + timedelta(days=90 if later else -90))
    rows, notices = chat(tmp_path, "\n".join([*lines("comma", 60), *second]))
    assert len(rows) == 100
    assert notices == []


@pytest.mark.parametrize("position", [5, 20_000, 39_990])
def test_no_line_is_out_of_sight_in_a_large_file(tmp_path: Path, position: int) -> None:
    """Whatever the size, each line is looked at: three lost commas are three messages."""
    text = lines("comma", 40_000)
    text[position : position + 3] = lines("no comma", 40_000)[position : position + 3]
    rows, notices = chat(tmp_path, "\n".join(text))
    assert len(rows) == 40_000
    assert notices == []


def test_what_was_pasted_stays_and_is_told(tmp_path: Path) -> None:
    """Older than its message, it is part of it; the notice says how many lines and where, and nothing of them."""
    pasted = lines("bracket", 3, START - timedelta(days=2))
    own = lines("comma", 6)
    own[3] += "\n" + "\n".join(pasted)
    rows, notices = chat(tmp_path, "\n".join(own))
    assert len(rows) == 6
    assert rows[3] == ("Bob", "comma 3\n" + "\n".join(pasted))
    assert len(notices) == 1
    assert "3 lines" in notices[0]
    assert "line 5" in notices[0]
    assert "Ana" not in notices[0]


@pytest.mark.parametrize("note", ["12/08/2024 10:00 - Dentist: bring the card", "1.2.2025 9:30 Train: platform 4"])
def test_a_note_that_looks_like_a_header_is_no_message(tmp_path: Path, note: str) -> None:
    """Nobody of that name writes here; it is told."""
    own = lines("comma", 6)
    own[2] += f"\n{note}"
    rows, notices = chat(tmp_path, "\n".join(own))
    assert len(rows) == 6
    assert len(notices) == 1


def test_both_paddings_are_the_files_own_where_both_are_in_time(tmp_path: Path) -> None:
    """Two phones of one country, one of which writes zeros."""
    one = [f"{day}/3/2024, 10:00 - Ana: a" for day in range(1, 10)]
    two = [f"{day:02}/04/2024, 10:00 - Bob: b" for day in range(1, 10)]
    rows, notices = chat(tmp_path, "\n".join([*one, *two, two[-1]]))
    assert len(rows) == 19
    assert notices == []


def test_a_month_says_how_small_numbers_are_written_wherever_it_comes(tmp_path: Path) -> None:
    """Where a chat begins in October, January tells that months have a zero, and a paste has none."""
    text = lines("comma", 30_000, datetime(2023, 10, 10), 10)  # noqa: DTZ001 - as above
    text[20_000] += "\n3/1/2020, 9:00 - Ana: old"
    rows, notices = chat(tmp_path, "\n".join(text))
    assert len(rows) == 30_000
    assert len(notices) == 1


def test_a_header_without_a_day_is_never_lost(tmp_path: Path) -> None:
    """Wherever a block of the text ends, 31 February and what follows it go on the message before."""
    text = lines("comma", 60_000)
    extra = "31/02/2024, 10:00 - Zed: kept"
    rows, _ = chat(tmp_path, "\n".join(f"{line} {'x' * 80}\n{extra}\n" for line in text))
    assert len(rows) == 60_000
    assert all(text.split("\n")[1] == extra for _, text in rows)


# --- line ends ----------------------------------------------------------------------------------------------------

PASTE = "[14/03/2024, 08:00:00] Ana: old\n[14/03/2024, 08:01:00] Zed: older"


def ios(paste: str = PASTE, count: int = 6) -> tuple[list[str], list[tuple[str, str]]]:
    text = lines("bracket", count)
    text[2] += f"\n{paste}"
    wanted = [("Ana" if n % 2 == 0 else "Bob", f"bracket {n}") for n in range(count)]
    wanted[2] = ("Ana", f"bracket 2\n{paste}")
    return text, wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_where_messages_end_with_both_a_header_behind_a_line_feed_is_text(tmp_path: Path, encoding: str) -> None:
    """As iPhones write, in any encoding; line ends decide, and there is nothing to tell."""
    text, wanted = ios()
    rows, notices = chat(tmp_path, "".join(f"{line}\r\n" for line in text).encode(encoding))
    assert rows == wanted
    assert notices == []


def test_line_ends_count_in_a_zip(tmp_path: Path) -> None:
    """As on disk."""
    text, wanted = ios()
    path = tmp_path / "WhatsApp Chat - Trip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", "".join(f"{line}\r\n" for line in text))
    rows = [row for batch in read(path, ReadOptions(date_order="DMY")).batches for row in batch.to_pylist()]
    assert [(row["author"], row["text"]) for row in rows] == wanted


def test_a_paste_longer_than_the_chat_is_one_message(tmp_path: Path) -> None:
    """However many lines it has, if its messages are older."""
    paste = "\n".join(lines("bracket", 12, START - timedelta(days=1), names="Ana Cleo"))
    text, wanted = ios(paste, count=4)
    assert chat(tmp_path, "".join(f"{line}\r\n" for line in text)) == (wanted, [])


@pytest.mark.parametrize("size", range(1, 5))
def test_a_line_end_across_chunks_is_one(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever bytes a chunk begins with."""
    from egregora_core.builtin.whatsapp import _text as module

    text, wanted = ios()
    whole = "".join(f"{line}\r\n" for line in text).encode()
    first = whole.index(b"\r\n") + size - 2
    read_once = module.TextFile.chunks
    monkeypatch.setattr(module.TextFile, "chunks", lambda self, _size=0: read_once(self, first))
    assert chat(tmp_path, whole)[0] == wanted


@pytest.mark.parametrize("inner", ["\n", "\r\n"])
def test_plain_line_ends_keep_working(tmp_path: Path, inner: str) -> None:
    """A message of several lines and no paste, whichever end those have."""
    text = "\r\n".join([*lines("bracket", 2), f"more{inner}{inner}lines", *lines("bracket", 4)[2:], ""])
    rows, notices = chat(tmp_path, text)
    assert [body for _, body in rows] == ["bracket 0", "bracket 1\nmore\n\nlines", "bracket 2", "bracket 3"]
    assert notices == []


@pytest.mark.parametrize("kept", [1, 3, 9])
def test_an_editor_that_mixed_line_ends_loses_no_message(tmp_path: Path, kept: int) -> None:
    """Headers behind a line feed that go on in time cannot have been pasted."""
    text = "".join(line + ("\r\n" if n < kept else "\n") for n, line in enumerate(lines("bracket", 10)))
    rows, notices = chat(tmp_path, text)
    assert len(rows) == 10
    assert notices == []


# --- dates of a second style --------------------------------------------------------------------------------------

BETWEEN = {
    "noon": ("12/07/2023, 08:00 - ", "12/7/23, 9:04 AM - ", "12/07/2023, 09:30 - ", "2023-07-12 09:04"),
    "open": ("12/07/2023, 08:00 - ", "12/7/23, 09:04 - ", "12/07/2023, 09:30 - ", "2023-07-12 09:04"),
    "bracket": ("12/07/2023, 08:00 - ", "[12/7/23, 9:04:05 AM] ", "12/07/2023, 09:30 - ", "2023-07-12 09:04:05"),
    "month first around": ("7/12/23, 8:00 AM - ", "12/07/2023, 09:04 - ", "7/12/23, 9:30 AM - ", "2023-07-12 09:04"),
    "overnight": ("31/07/2023, 23:50 - ", "1/8/23, 12:04 AM - ", "02/08/2023, 09:30 - ", "2023-08-01 00:04"),
    "year first": ("2023-07-08, 08:00 - ", "8/7/23, 9:04 AM - ", "2023-07-08, 09:30 - ", "2023-07-08 09:04"),
}


@pytest.mark.parametrize("case", BETWEEN)
def test_dates_of_a_second_style_are_read_as_time_runs(tmp_path: Path, case: str) -> None:
    """Where a style could be read in two orders, that one holds which fits between its neighbours."""
    before, header, after, wanted = BETWEEN[case]
    path = tmp_path / "chat.txt"
    path.write_text(f"{before}Ana: a\n{before}Bob: b\n{header}Cy: c\n{after}Ana: d\n", encoding="utf-8")
    rows = [row for batch in read(path, ReadOptions()).batches for row in batch.to_pylist()]
    assert [row["author"] for row in rows] == ["Ana", "Bob", "Cy", "Ana"]
    assert rows[2]["ts"] == datetime.fromisoformat(wanted)


# --- headers that are spelt otherwise -------------------------------------------------------------------------------


def test_dates_of_a_second_style_that_nothing_tells_are_read_as_the_first_ones(tmp_path: Path) -> None:
    """Between two months that are far apart either order is as near, and as many countries write either."""
    lines = ["13/01/2024, 10:00 - Ana: a", "2/3/24, 10:01 - Ana: b", "2/3/24, 10:02 - Ana: c"]
    path = tmp_path / "chat.txt"
    path.write_text("\n".join([*lines, "21/05/2024, 10:00 - Ana: d"]), encoding="utf-8")
    reading = read(path, ReadOptions())
    rows = [row for batch in reading.batches for row in batch.to_pylist()]
    assert [row["ts"].month for row in rows] == [1, 3, 3, 5]
    assert reading.facts["date_order_evidence"] == "the other headers of the file"


ODD = [
    "12 July 2023 09:01 - Cy: x",
    "July 12, 2023 at 9:01 AM - Cy: x",
    "12 Jul 09:01 - Cy: x",
    "12. Juli 2023 um 09:01 - Cy: x",
    "Wed 12/07/2023, 09:01 - Cy: x",
    "Mittwoch, 12.07.2023, 09:01 - Cy: x",
    "31/02/2023, 09:01 - Cy: x",
    "31.2.2023 09:01 - Cy: x",
    "32/01/2023, 09:01 - Cy: x",
]
LOOSE = [
    " 12/07/2023, 09:01 - Cy: x",
    "\u00a012/07/2023, 09:01 - Cy: x",
    "\u200b12/07/2023, 09:01 - Cy: x",
    "\t 12/07/2023, 09:01 - Cy: x",
    "12/07/2023, 09:01- Cy: x",
    "12/07/2023, 09:01 -Cy: x",
    "12/07/2023 09:01 AM- Cy: x",
]
AROUND = "12/07/2023, 08:00 - Ana: a\n12/07/2023, 08:01 - Bob: b\n{}\n12/07/2023, 09:30 - Ana: c\n"


@pytest.mark.parametrize("line", ODD)
def test_no_header_is_swallowed_without_a_word(tmp_path: Path, line: str) -> None:
    """What begins as a message does but cannot be read beside the others is kept, and told."""
    rows, notices = chat(tmp_path, AROUND.format(line))
    assert [text for _, text in rows] == ["a", f"b\n{line}", "c"]
    assert len(notices) == 1
    assert "line" in notices[0]
    assert "Cy" not in notices[0]


@pytest.mark.parametrize("line", LOOSE)
def test_spaces_too_many_or_too_few_lose_no_message(tmp_path: Path, line: str) -> None:
    """Before a header or around its dash; the author's name has no dash."""
    rows, notices = chat(tmp_path, AROUND.format(line))
    assert rows == [("Ana", "a"), ("Bob", "b"), ("Cy", "x"), ("Ana", "c")]
    assert notices == []


@pytest.mark.parametrize(
    "line",
    [
        "on 12 July we meet: at 10:30",
        "12 apples, 2023 pears: 10",
        "  12 - 14: x",
        "May 12: no",
        "Meeting at 10:30, 16/03/2024 - Ana: hi",
    ],
)
def test_a_line_that_only_holds_numbers_is_not_told(tmp_path: Path, line: str) -> None:
    """It has no date, time and author at its start."""
    assert chat(tmp_path, AROUND.format(line)) == ([("Ana", "a"), ("Bob", f"b\n{line}"), ("Ana", "c")], [])


@pytest.mark.parametrize("body", ["a", "-Cy-: a"])
def test_a_chat_whose_lines_are_all_indented_is_read(tmp_path: Path, body: str) -> None:
    """As it comes out of a quotation."""
    text = AROUND.format(f"12/07/2023, 09:01 - Cy: {body}")
    rows, notices = chat(tmp_path, "".join(f"  {line}\n" for line in text.splitlines()))
    assert [author for author, _ in rows] == ["Ana", "Bob", "Cy", "Ana"]
    assert notices == []


def test_what_one_style_cannot_read_is_no_header_of_another(tmp_path: Path) -> None:
    """A line is cut by the first style that it fits, and where that gives no time it stays in the message above.

    Here it fits the one with words for parts of the day, and its beginning the one without.
    """
    noon = [f"{day}/03/2024, 01:15:20 p.m. - {who}: hello {day}" for day in range(10, 16) for who in ("Ana", "Bo")]
    plain = [f"{day}/03/2024, 11:15:20 {who}: hello {day}" for day in range(17, 24) for who in ("Ana", "Bo")]
    odd = "16/03/2024, 01:15:20 zz. - Ana: odd"
    rows, notices = chat(tmp_path, "\n".join([*noon, odd, *plain]) + "\n")
    assert len(rows) == len(noon) + len(plain)
    assert rows[len(noon) - 1] == ("Bo", f"hello 15\n{odd}")
    assert len(notices) == 1
