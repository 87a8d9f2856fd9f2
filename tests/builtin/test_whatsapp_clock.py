"""Headers in the file's own style with a time that no clock shows: text of the message above, and told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugins import Reading, ReadOptions
from support import some
from whatsapp_reading import read

FORMS = {
    "24 hours": ("12/07/2023, {} - ", "08:00"),
    "padded": ("02/07/2023, {} - ", "08:00"),
    "seconds": ("12/07/2023, {} - ", "08:00:00"),
    "padded seconds": ("02/07/2023, {} - ", "08:00:00"),
    "12 hours": ("12/7/23, {} - ", "8:00 AM"),
    "narrow space": ("12/7/23, {} - ", "8:00\u202fPM"),
    "period first": ("2023/7/12 {} - ", "上午8:00"),
    "dots": ("12.07.23, {} - ", "08.00"),
    "bracket": ("[12/07/2023, {}] ", "08:00:00"),
    "bracket, 12 hours": ("[12/7/23, {}] ", "8:00:00 AM"),
    "marked bracket": ("\u200e[12/07/2023, {}] ", "08:00:00"),
    "time first": ("{}, 12/07/2023 - ", "08:00"),
    "arabic digits": ("١٢/٠٧/٢٠٢٣، {} - ", "٠٨:٠٠"),
    "no year": ("18 Jul {} - ", "08:00"),
}
CLOCKS = {
    "24 hours": ["25:00", "24:60", "12:75", "99:99"],
    "padded": ["25:00", "12:60", "38:12"],
    "seconds": ["25:00:00", "12:75:00", "12:30:61", "12:30:99"],
    "padded seconds": ["25:00:00", "12:75:00", "12:30:61", "12:30:99"],
    "12 hours": ["25:00 PM", "38:00 AM", "9:60 PM", "99:00 AM"],
    "narrow space": ["25:00\u202fPM", "9:75\u202fAM"],
    "period first": ["上午25:00", "下午9:75"],
    "dots": ["25.00", "12.75"],
    "bracket": ["25:00:00", "12:75:10", "12:30:75"],
    "bracket, 12 hours": ["25:00:00 PM", "9:75:10 AM", "9:30:75 AM"],
    "marked bracket": ["25:00:00", "12:75:10", "12:30:75"],
    "time first": ["25:00", "12:75"],
    "arabic digits": ["٢٥:٠٠", "١٢:٧٥"],
    "no year": ["25:00", "12:75"],
}
ONE = "a line begins with a date or time that does not exist; it was kept as text of the message above"


def reading(path: Path, text: str, last: Mapping[str, Any] | None = None) -> Reading:
    path.write_text(text, encoding="utf-8", newline="")
    return read(path, ReadOptions(date_order="DMY", year=2023, thread="Trip", last=lambda _: last or {}))


def rows(found: Reading) -> list[tuple[str, str]]:
    return [(row["author"], row["text"]) for batch in found.batches for row in batch.to_pylist()]


@pytest.mark.parametrize(("form", "clock"), some([(form, clock) for form in CLOCKS for clock in CLOCKS[form]], 3))
def test_a_time_that_no_clock_shows_is_kept_and_told(tmp_path: Path, form: str, clock: str) -> None:
    """In every form of header: one notice, and the words are in the message above."""
    header, good = FORMS[form]
    before, odd = header.format(good), header.format(clock)
    found = reading(tmp_path / "chat.txt", f"{before}Ana: a\n{before}Bob: b\n{odd}Cy: x\nmore\n{before}Ana: c\n")
    authors, texts = zip(*rows(found), strict=True)
    assert authors == ("Ana", "Bob", "Ana")
    assert texts[1].startswith("b\n")
    assert texts[1].endswith("Cy: x\nmore")
    assert list(found.notices) == [ONE]


@pytest.mark.parametrize(
    ("form", "clock"),
    [
        ("24 hours", "24:00"),
        ("24 hours", "23:59"),
        ("seconds", "12:30:60"),
        ("padded seconds", "12:30:60"),
        ("12 hours", "0:30 PM"),
        ("12 hours", "13:00 PM"),
        ("12 hours", "24:15 AM"),
        ("bracket, 12 hours", "13:00:00 PM"),
        ("bracket", "24:00:59"),
    ],
)
def test_an_odd_time_that_can_be_read_is_a_message(tmp_path: Path, form: str, clock: str) -> None:
    """Midnight as 24:00, a 24-hour clock beside a day period, a second put in: nothing to tell."""
    header, good = FORMS[form]
    before, odd = header.format(good), header.format(clock)
    found = reading(tmp_path / "chat.txt", f"{before}Ana: a\n{odd}Cy: x\n{before}Ana: c\n")
    assert rows(found) == [("Ana", "a"), ("Cy", "x"), ("Ana", "c")]
    assert list(found.notices) == []


def test_dates_and_times_that_do_not_exist_are_told_as_one(tmp_path: Path) -> None:
    """A line with both is one line."""
    lines = ["31/02/2023, 08:00 - Cy: x", "12/07/2023, 25:00 - Cy: y", "31/02/2023, 12:75 - Cy: z"]
    text = "\n".join(["12/07/2023, 08:00 - Ana: a", *lines, "12/07/2023, 08:00 - Ana: b"])
    found = reading(tmp_path / "chat.txt", text)
    assert rows(found) == [("Ana", "\n".join(["a", *lines])), ("Ana", "b")]
    assert [notice.partition(" begin")[0] for notice in found.notices] == ["at least 3 lines"]


def test_a_paste_without_an_author_is_told_as_well(tmp_path: Path) -> None:
    """As any line that begins with a header."""
    text = "12/07/2023, 08:00 - Ana: a\n12/07/2023, 25:00 - see above\n12/07/2023, 08:01 - Ana: b\n"
    assert list(reading(tmp_path / "chat.txt", text).notices) == [ONE]


def long_chat(count: int) -> list[str]:
    start = datetime(2023, 1, 1, 8)  # noqa: DTZ001 - an export tells no zone
    return [f"{start + timedelta(minutes=3 * n):%d/%m/%Y, %H:%M} - Ana: {n} {'and so on ' * 4}" for n in range(count)]


@pytest.mark.parametrize("places", [(5,), (11_999,), (1, 6_000, 6_001, 11_000)])
def test_each_line_of_a_large_file_counts(tmp_path: Path, places: tuple[int, ...]) -> None:
    """Wherever it stands, and however many there are."""
    lines = long_chat(12_000)
    for place in places:
        lines[place] += "\n01/01/2023, 25:00 - Cy: x"
    found = reading(tmp_path / "chat.txt", "\n".join(lines))
    wanted = ONE if len(places) == 1 else f"at least {len(places)} lines begin"
    assert [notice.startswith(wanted) for notice in found.notices] == [True]
    assert sum(len(batch) for batch in found.batches) == 12_000


def test_a_longer_export_tells_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning, which is looked at again for its headers, was told of the first time."""
    read_as_usual = TextFile.chunks
    monkeypatch.setattr(TextFile, "chunks", lambda self, size=1 << 17: read_as_usual(self, size))
    lines = long_chat(12_000)
    for place in (3, 11_980):
        lines[place] += "\n01/01/2023, 12:75 - Cy: x"
    first = reading(tmp_path / "chat.txt", "\n".join(lines[:11_900]) + "\n")
    rows(first)
    second = reading(tmp_path / "chat.txt", "\n".join(lines) + "\n", first.facts)
    assert second.continued is not None
    assert list(first.notices) == list(second.notices) == [ONE]
    assert ("Ana", lines[11_980].partition("Ana: ")[2]) in rows(second)
