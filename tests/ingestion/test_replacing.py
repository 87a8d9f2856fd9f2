"""`--replace`: each chat is cleared once per command, all that is given is read, and what is lost is counted truly."""

from pathlib import Path

import pytest
from support import egregora

pytestmark = pytest.mark.slow  # several exports each

OLD = "01/12/2023, 10:00 - Ana: first\n20/12/2023, 10:00 - Bob: second\n"
NEW = "13/03/2024, 10:00 - Ana: third\n14/03/2024, 10:00 - Bob: fourth\n"


def _write(here: Path, name: str, text: str) -> str:
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


def _ingest(here: Path, *arguments: str, code: int = 0) -> str:
    """Return the notes."""
    return egregora("ingest", *arguments, "--date-order", "dmy", cwd=here, code=code).stderr


def _texts(here: Path) -> list[str]:
    query = "select text from ir_messages order by thread_id, ts, seq"
    return egregora("query", query, "--csv", cwd=here, code=0).stdout.split()[1:]


def test_all_exports_of_one_chat_are_read_that_a_command_gives(tmp_path: Path) -> None:
    """Parts that have no message in common, under one title: with another zone as without, and again."""
    both = [_write(tmp_path, "old/Hikers.txt", OLD), _write(tmp_path, "new/Hikers.txt", NEW)]
    _ingest(tmp_path, *both, "--thread", "Ana", "--timezone", "UTC")
    all_of_them = ["first", "second", "third", "fourth"]
    assert _texts(tmp_path) == all_of_them
    for zone in ("America/Sao_Paulo", "Asia/Tokyo", "Asia/Tokyo"):
        notes = _ingest(tmp_path, *both, "--thread", "Ana", "--timezone", zone, "--replace")
        assert _texts(tmp_path) == all_of_them
        assert "gone" not in notes
    assert "stands" in egregora("ingest", both[0], "--thread", "Ana", cwd=tmp_path, code=0).stdout


def test_chats_with_nothing_in_common_under_one_title_are_read_again_together(tmp_path: Path) -> None:
    """Who gives them one title means one chat; a third, which was not given, is counted as gone."""
    given = [_write(tmp_path, f"{name}.txt", text) for name, text in (("a", OLD), ("b", NEW))]
    other = _write(tmp_path, "c.txt", "15/05/2024, 10:00 - Cleo: fifth\n16/05/2024, 10:00 - Bob: sixth\n")
    _ingest(tmp_path, *given, other, "--thread", "One", "--timezone", "UTC")
    notes = _ingest(tmp_path, *given, "--thread", "One", "--timezone", "Asia/Tokyo", "--replace")
    assert _texts(tmp_path) == ["first", "second", "third", "fourth"]
    assert "note: 2 messages that only earlier exports held are gone" in notes


def test_a_part_that_stood_in_the_chat_needs_no_title_to_be_read_again(tmp_path: Path) -> None:
    """That they are one chat was said before. A part that is new has to be told of as ever."""
    both = [_write(tmp_path, "old/Hikers.txt", OLD), _write(tmp_path, "new/Hikers.txt", NEW)]
    _ingest(tmp_path, *both, "--thread", "Hikers", "--timezone", "UTC")
    notes = _ingest(tmp_path, *both, "--timezone", "Asia/Tokyo", "--replace")
    assert len(_texts(tmp_path)) == 4
    assert "gone" not in notes
    new = _write(tmp_path, "newer/Hikers.txt", NEW.replace("t", "x"))
    assert "not one message is in both" in _ingest(tmp_path, both[0], new, "--replace", code=1)


def test_overlapping_exports_are_one_chat_after_replacing_too(tmp_path: Path) -> None:
    """What two files share is one message; other chats of the command are cleared for themselves."""
    files = [
        _write(tmp_path, "a/Hikers.txt", OLD),
        _write(tmp_path, "b/Hikers.txt", OLD + NEW),
        _write(tmp_path, "c/Club.txt", NEW.replace("Bob", "Eve")),
    ]
    _ingest(tmp_path, *files, "--timezone", "UTC")
    before = sorted(_texts(tmp_path))
    assert "gone" not in _ingest(tmp_path, *files, "--timezone", "Asia/Tokyo", "--replace")
    assert sorted(_texts(tmp_path)) == before
    assert len(before) == 6


@pytest.mark.parametrize(
    ("hours", "text"),
    [("19:13 22:13", "number {}"), ("19:13 22:13 01:13", "ok"), ("10:00 10:00 13:00 16:00", "number {}")],
)
def test_messages_that_lie_as_far_apart_as_the_zones_are_not_lost(hours: str, text: str, tmp_path: Path) -> None:
    """A message is found again by what the phone's clock showed, not by the moment that this was taken for."""
    lines = [f"1{7 + (hour < '05')}/04/2025, {hour} - Ana: {text.format(n)}\n" for n, hour in enumerate(hours.split())]
    chat = _write(tmp_path, "Hikers.txt", "".join(sorted(lines)))
    for zone in ("UTC", "America/Sao_Paulo", "Asia/Tokyo"):
        assert "gone" not in _ingest(tmp_path, chat, "--timezone", zone, "--replace")
    _write(tmp_path, "Hikers.txt", "".join(sorted(lines)[1:]))
    assert "1 message that only earlier exports held is gone" in _ingest(
        tmp_path, chat, "--timezone", "UTC", "--replace"
    )
