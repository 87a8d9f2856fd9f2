"""A large export is read once, on assumptions: where they do not hold, it is read again, and comes out the same."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.pipeline import RunOptions, run_ingestion
from egregora_core.plugins import App
from egregora_core.settings import load_settings
from egregora_core.sources.whatsapp import read
from egregora_core.specs import ReadAgainError, ReadOptions
from egregora_core.workspace import Workspace

COUNT = 90_000
"""Messages of an export of more than 4 MB, the smallest that is read so."""

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def lines(count: int = COUNT, order: str = "%d/%m/%Y") -> list[str]:
    """Return an Android chat of two people, five minutes a message."""
    names = ("Ana", "Bruno")
    start = datetime(2022, 1, 1, 8, 0)  # noqa: DTZ001 - a phone's wall clock
    moments = (start + timedelta(minutes=5 * number) for number in range(count))
    return [
        f"{moment:{order}, %H:%M} - {names[number % 2]}: message {number}, and some more of it\n"
        for number, moment in enumerate(moments)
    ]


def rows(path: Path, *, hopeful: bool) -> tuple[str, dict[str, Any]]:
    """Return a digest of the messages, and the facts."""
    reading = read(path, ReadOptions(hopeful=hopeful))
    digest = hashlib.sha256()
    for batch in reading.batches:
        digest.update(repr(batch.to_pylist()).encode())
    return digest.hexdigest(), dict(reading.facts)


def write(path: Path, content: Sequence[str]) -> Path:
    path.write_text("".join(content), encoding="utf-8")
    return path


def test_hope_gives_what_care_gives(tmp_path: Path) -> None:
    """A chat without surprises reads the same, and is read once: messages, facts, milestones."""
    content = lines()
    content[70] = content[70].replace("\n", "\nand: a second line\n")
    content[500] = content[500][:20] + "Ana added Bruno\n"
    content[60_000] = content[60_000][:20] + 'Ana changed the subject from "a: b" to "c"\n'
    path = write(tmp_path / "WhatsApp Chat with Ana.txt", content)

    assert rows(path, hopeful=True) == rows(path, hopeful=False)


@pytest.mark.parametrize(
    ("last", "change"),
    [
        pytest.param(1000, lambda text: text.replace("Bruno:", "Work: Carla:"), id="a name with a colon"),
        pytest.param(3, lambda text: text[:20] + 'The "Boss: how are you?\n', id="a name with a quotation mark"),
        pytest.param(1, lambda text: "30/02/2022" + text[10:], id="a date that is none"),
        pytest.param(2000, lambda text: f"{text[:12]}{int(text[12:14])}{text[14:]}", id="hours without a zero"),
        pytest.param(1000, lambda text: text[:11] + "\u200e" + text[11:], id="marks in headers"),
        pytest.param(1000, lambda text: text[:17].translate(ARABIC) + text[17:], id="other digits"),
    ],
)
def test_what_only_the_whole_file_tells_is_told_at_the_end(
    tmp_path: Path, last: int, change: Callable[[str], str]
) -> None:
    """Where an assumption was wrong, the reading says so before it ends."""
    content = lines(72_000)  # what is left of it after 4 MB is short enough to be looked at line by line
    content[-last:] = map(change, content[-last:])
    path = write(tmp_path / "WhatsApp Chat with Ana.txt", content)

    with pytest.raises(ReadAgainError):
        rows(path, hopeful=True)


def test_dates_that_stay_open_are_not_hoped_for(tmp_path: Path) -> None:
    """Where samples do not tell day from month, all of the file is looked at first."""
    content = [line.replace(line[:10], "03/04/2022", 1) for line in lines()]
    content[-40_000:] = [line.replace(line[:10], "13/04/2022", 1) for line in lines()[-40_000:]]
    path = write(tmp_path / "WhatsApp Chat with Ana.txt", content)

    assert rows(path, hopeful=True) == rows(path, hopeful=False)


def test_the_table_holds_what_a_second_reading_found(tmp_path: Path) -> None:
    """Nothing of a reading that did not hold is kept."""
    content = lines()
    content[-500:] = [line.replace("Bruno:", "Work: Carla:") for line in content[-500:]]
    path = write(tmp_path / "WhatsApp Chat with Ana.txt", content)
    app = App([], discover=False)

    run_ingestion(app, Workspace(tmp_path), load_settings(tmp_path, app), [path], RunOptions(timezone="UTC"))

    with duckdb.connect(tmp_path / ".egregora" / "egregora.duckdb", read_only=True) as connection:
        found = connection.execute("SELECT author_raw, count(*) FROM ir_messages GROUP BY 1 ORDER BY 1").fetchall()
    assert found == [("Ana", COUNT // 2), ("Bruno", COUNT // 2 - 250), ("Work: Carla", 250)]
