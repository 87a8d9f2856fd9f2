"""Two exports of one chat: what the newer says counts, and no file is lost that one of them holds, in either order."""

import json
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from door import Desk, say
from egregora_core.errors import EgregoraError

pytestmark = pytest.mark.slow  # several exports each

DAY = "2024-06-0{}T00:00:00"
A, B = {"name": "a.png"}, {"name": "b.png"}
HERE = {"name": "in/a.png", "size": 5, "missing": False}
GONE = {"missing": True}
AT_A, AT_B = {"url": "https://x.example/a"}, {"url": "https://x.example/b"}

NEWER_COUNTS: dict[str, tuple[list[Any], list[Any], list[Any]]] = {
    "none, then missing": ([], [GONE], [GONE]),
    "none, then a name": ([], [A], [A]),
    "none, then an address": ([], [AT_B], [AT_B]),
    "missing, then a name": ([GONE], [A], [A]),
    "missing, then there": ([{**A, **GONE}], [HERE], [HERE]),
    "another name": ([A], [B], [B]),
    "another address": ([AT_A], [AT_B], [AT_B]),
    "another address of one name": ([{**A, **AT_A}], [{**A, **AT_B}], [{**A, **AT_B}]),
    "one, then none": ([A], [], []),
    "an address, then none": ([AT_A], [], []),
    "one, then two": ([A], [A, B], [A, B]),
    "two, then one": ([A, B], [B], [B]),
    "another file in its place": ([HERE], [B], [B]),
    "another that is missing": ([HERE], [{**B, **GONE}], [{**B, **GONE}]),
    "there, then there as another": ([HERE], [{**B, "missing": False}], [{**B, "missing": False}]),
}
FILE_STAYS: dict[str, tuple[list[Any], list[Any], list[Any]]] = {
    "there, then missing": ([HERE], [GONE], [HERE]),
    "there, then missing by its name": ([HERE], [{**A, **GONE}], [HERE]),
    "there, then told by its name alone": ([HERE], [A], [HERE]),
    "there, then missing at an address": ([HERE], [{**A, **GONE, **AT_B}], [{**HERE, **AT_B}]),
    "there, then none": ([HERE], [], [HERE]),
    "there, then one of two": ([HERE], [{**B, **GONE}, {**A, **GONE}], [{**B, **GONE}, HERE]),
    "the second is there": (
        [GONE, {**B, "missing": False}],
        [{**A, **GONE}, GONE],
        [{**A, **GONE}, {**B, "missing": False}],
    ),
}
CASES = {**NEWER_COUNTS, **FILE_STAYS}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _media(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """Return the attachments of each message, as a source would tell them."""
    found = {}
    for msg_id, text, url, kind in desk.query("SELECT msg_id, attrs::VARCHAR, media_url, media_type FROM ir_messages"):
        attrs = json.loads(text)
        first = {**attrs.get("media", {}), "url": url, "type": kind}
        told = [{k: v for k, v in one.items() if v is not None} for one in [first, *attrs.get("more_media", [])]]
        found[msg_id] = [one for one in told if one]
    return found


@pytest.mark.parametrize("kind", ["media", "text"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_attachments_of_the_newer_export_count(desk: Desk, order: tuple[int, ...], kind: str) -> None:
    """In either order; a file that one of the two holds stays where the other only lacks it."""
    for n in order:
        chat = [
            say("x", minute=m, msg_id=case, media=CASES[case][n] or None, kind=kind) for m, case in enumerate(CASES)
        ]
        desk.ingest(desk.write(chat, f"{n}.door", thread="T", as_of=DAY.format(n + 1)), force=frozenset({"ingestion"}))
    assert _media(desk) == {case: wanted for case, (_, _, wanted) in CASES.items()}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_makes_the_kind_of_its_message(desk: Desk, order: tuple[int, ...]) -> None:
    """A sticker stays one where a later export only knows that something was there; what is deleted has no file."""
    told = [
        [
            say(None, msg_id="1", kind="sticker", media=[HERE]),
            say(None, minute=1, msg_id="2", kind="media", media=[HERE]),
        ],
        [say(None, msg_id="1", kind="media", media=[GONE]), say(None, minute=1, msg_id="2", kind="deleted")],
    ]
    for n in order:
        desk.ingest(desk.write(told[n], thread="T", as_of=DAY.format(n + 1)))
    assert desk.query("SELECT attrs->>'kind' FROM ir_messages ORDER BY ts") == [("sticker",), ("deleted",)]
    assert _media(desk) == {"1": [HERE], "2": []}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_is_found_for_what_was_edited(desk: Desk, order: tuple[int, ...]) -> None:
    """Without ids, too: the export before the edit has the file, the one behind it does not."""
    told = [
        say("first", msg_id=None, kind="media", media=[HERE]),
        say("second", kind="media", media=[GONE], edited=True),
    ]
    for n in order:
        desk.ingest(desk.write([told[n], say("bye", minute=9)], thread="T"))
    assert desk.query("SELECT text, attrs->>'$.media.name' FROM ir_messages ORDER BY ts")[0] == ("second", "in/a.png")


def test_what_is_known_of_attachments_already_is_not_written_again(desk: Desk) -> None:
    """With all that an attachment may say, also where it was put together from two exports."""
    full = {"name": "c.pdf", "url": "https://x.example/c", "type": "application/pdf", "size": 7, "missing": False}
    told: list[list[Any]] = [
        [full],
        [full, HERE],
        [AT_A],
        [{"size": 3, **AT_A}],
        [{"type": "image/png"}],
        [GONE, full],
        [{}],
    ]
    chat = [say(str(n), minute=n, msg_id=str(n), media=media) for n, media in enumerate(told)]
    less = [say(str(n), minute=n, msg_id=str(n), media=[GONE] * len(media)) for n, media in enumerate(told[:2])]
    desk.ingest(desk.write(less, thread="T", as_of=DAY.format(4)))
    desk.ingest(desk.write(chat, thread="T", as_of=DAY.format(1)))
    before = desk.query("SELECT m::VARCHAR FROM ir_messages AS m ORDER BY ts")
    for n in (2, 3):
        desk.ingest(desk.write([*chat, say("more", minute=30 + n, msg_id=f"m{n}")], thread="T", as_of=DAY.format(n)))
    after = desk.query("SELECT m::VARCHAR FROM ir_messages AS m ORDER BY ts")
    assert after[: len(before)] == before


# --- which export is the newer ------------------------------------------------------------------------------------


def _two_chats(text: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an export of two chats whose last message is in the chat in which nothing else happens."""
    return [say(text, msg_id="1", thread="A"), *more, say("end", minute=50, msg_id="9", thread="B")]


def _texts(desk: Desk) -> list[Any]:
    return [text for (text,) in desk.query("SELECT text FROM ir_messages ORDER BY ts, thread_id")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_an_export_is_as_new_as_the_last_message_of_each_chat(desk: Desk, order: tuple[int, ...]) -> None:
    """Where another chat holds the last message of both, what was edited or deleted in this one stays so."""
    told = [
        _two_chats("first", say("gone", minute=1, msg_id="2", thread="A"), say("x", minute=2, msg_id="3", thread="A")),
        _two_chats("second", say("x", minute=2, msg_id="3", thread="A"), say("y", minute=3, msg_id="4", thread="A")),
    ]
    for n in order:
        desk.ingest(desk.write(told[n], f"{n}.door", complete=True), force=frozenset({"ingestion"}))
    assert _texts(desk) == ["second", None, "x", "y", "end"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_a_quiet_chat_the_export_that_goes_on_is_the_newer(desk: Desk, order: tuple[int, ...]) -> None:
    """Nobody wrote in it since, but in another chat of the same export."""
    told = [_two_chats("first"), [*_two_chats("second"), say("later", minute=55, msg_id="10", thread="B")]]
    for n in order:
        desk.ingest(desk.write(told[n]))
    assert _texts(desk) == ["second", "end", "later"]


@pytest.mark.parametrize("as_of", [None, DAY.format(1)], ids=["nobody says it", "both say it"])
@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_of_two_that_are_equally_new_none_undoes_a_deletion_or_edit(
    desk: Desk, order: tuple[int, ...], as_of: str | None
) -> None:
    """Be the message lacking, marked as deleted, or edited, with or without a time."""
    edited = {"edited_at": "2024-05-01T11:00:00"}
    told = [
        [say("a", minute=n, msg_id=str(n)) for n in range(6)],
        [
            say("a", msg_id="0"),
            say("b", minute=1, msg_id="1", edited=True),
            say("b", minute=2, msg_id="2", **edited),
            say(None, minute=3, msg_id="3", kind="deleted"),
            say("a", minute=5, msg_id="5"),
        ],
    ]
    more: dict[str, Any] = {"as_of": as_of} if as_of else {}
    for n in order:
        desk.ingest(desk.write(told[n], thread="T", complete=True, **more))
    assert _texts(desk) == ["a", "b", "b", None, None, "a"]


def test_an_export_that_is_read_again_is_no_other_export(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a newer release of a source reads in it was not deleted: it was not read before."""
    path = desk.write([say(str(n), minute=n, msg_id=str(n)) for n in range(3)], thread="T", complete=True)
    with monkeypatch.context() as older:
        older.setattr("door._batches", lambda messages: iter([_rows(messages[::2])]))
        desk.ingest(path)
    assert _texts(desk) == ["0", "2"]
    desk.ingest(path, force=frozenset({"ingestion"}))
    assert _texts(desk) == ["0", "1", "2"]


def _rows(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**message, "ts": datetime.fromisoformat(message["ts"])} for message in messages]


# --- `Reading.as_of` ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_as_of_without_a_zone_is_by_the_clock_of_the_messages(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Eleven at night in Honolulu is later than ten there, and than the next morning in UTC."""
    desk = Desk(tmp_path, '[pipeline]\ntimezone = "Pacific/Honolulu"\n')
    told = [("first", "2024-06-02T08:00:00+00:00"), ("second", "2024-06-01T23:00:00")]
    for n in order:
        text, as_of = told[n]
        desk.ingest(desk.write([say(text, msg_id="1")], thread="T", zoned=False, as_of=as_of))
    assert _texts(desk) == ["second"]


@pytest.mark.parametrize("wrong", ["yesterday", 17, [2024]])
def test_as_of_that_is_no_time_is_an_error(desk: Desk, wrong: Any) -> None:
    """It names the source and the field, and not what stands there."""
    with pytest.raises(EgregoraError, match=r"source 'door': `Reading.as_of` is a \w+, expected a datetime") as caught:
        desk.ingest(desk.write([say("a", msg_id="1")], thread="T", wrong_as_of=wrong))
    assert "yesterday" not in str(caught.value)
