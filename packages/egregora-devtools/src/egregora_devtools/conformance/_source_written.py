"""Tests of a source on exports that the kit writes: it knows each message, so it sees what is missing."""

import json
import pickle
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from egregora_core.exports import Export
from egregora_core.ingestion import tables

from egregora_devtools.conformance._source_base import TINY, Told, ids_of, shown, shrink
from egregora_devtools.conformance._source_exports import Benches, ReadsItsExports
from egregora_devtools.conformance.base import other_seed, python
from egregora_devtools.conformance.bench import Bench, Row, by_id
from egregora_devtools.conformance.conversation import everything
from egregora_devtools.conformance.damage import contents, packed
from egregora_devtools.conformance.samples import AUTHORS, BLOCKS, MEMBERS, TELLTALE, Message
from egregora_devtools.reading import Task, digest

ALLOCATORS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 17),
}
"""Environment in which what is freed goes back to the system, so that a process's size is what it needs."""

_HOST_CHUNKS = ("exports._text:_CHUNK", "exports._json_text:_CHUNK", "exports._export:_BUFFER")
"""What `Export` reads at once."""


class KeepsWhatIsWritten(ReadsItsExports):
    """Messages come out as they went in."""

    def prepare(self, directory: Path) -> Told:
        """Write an export that says all that the platform can say, and ingest it, once for many tests."""
        messages = self._everything
        bench = Bench(directory / "told", self.app(), self.settings, self.options)
        bench.ingest(self.written(directory, messages))
        names = frozenset(row["name"] for row in bench.rows("known_names"))
        return Told(messages, bench.messages(), self.precision, names)

    @property
    def _everything(self) -> list[Message]:
        return everything(self.platform, self.bodies)

    def test_nothing_is_lost(self, conformance_input: Told) -> None:
        """Each message of an export is one row, with its author and time; an identical twin counts."""
        rows = conformance_input.rows
        found = [(shown(row["ts"], self.precision), row["author_raw"]) for row in rows]
        wanted = [(shown(each.ts, self.precision), each.author) for each in conformance_input.messages]
        assert len(found) == len(wanted), f"of {len(wanted)} messages {len(found)} are there"
        assert found == wanted, f"times or authors differ (times are as exact as precision = {self.precision!r} says)"

    def test_bodies_are_kept(self, conformance_input: Told) -> None:
        """A text is stored as it was written: no normalising, stripping, cutting or unescaping."""
        _same_texts(conformance_input.rows, conformance_input.messages[: len(self.bodies) + 1])

    def test_bodies_of_several_lines_are_kept(self, tmp_path: Path) -> None:
        """So is a text of several lines, blank ones included."""
        if not self.multiline:
            pytest.skip("multiline = False")
        written = self.chat([*BLOCKS, "end"])
        rows = self.read_rows(self.written(tmp_path, written))
        _same_texts(sorted(rows, key=lambda row: row["ts"]), written)

    def test_no_message_is_lost_between_chunks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A large export is read to the last message, and one that is read in pieces of a few bytes, too."""
        bodies = [f"{number} " + "é👩‍👧 " * (number % 190) for number in range(1200)]
        large = self.chat(bodies, step=timedelta(minutes=3))
        self._all_there(self.written(tmp_path / "large", large), large, "read as it is")
        small = self.chat([body[:40] for body in bodies[:120]])
        path = self.written(tmp_path / "small", small)
        for target in (*(f"egregora_core.{name}" for name in _HOST_CHUNKS), *([self.chunk] if self.chunk else [])):
            shrink(monkeypatch, target)
        self._all_there(path, small, f"read in pieces of {TINY}")

    def _all_there(self, path: Path, written: Sequence[Message], how: str) -> None:
        rows = self.read_rows(path)
        assert len(rows) == len(written), f"{how}, {len(rows):,} of {len(written):,} messages are there"
        found = sorted((shown(row["ts"], self.precision), row["text"]) for row in rows)
        wanted = sorted((shown(message.ts, self.precision), message.text) for message in written)
        wrong = sum(one != other for one, other in zip(found, wanted, strict=True))
        assert not wrong, f"{how}, {wrong:,} of {len(written):,} messages have another time or text"

    def test_folders_and_zips_read_as_files_do(self, tmp_path: Path) -> None:
        """Whoever packs or unpacks an export still has it, if the source reads it so at all."""
        written = self.chat(self.bodies[:4])
        export = self.written(tmp_path / "written", written)
        app = self.app()
        recognise = app.resolve(self.spec(app).recognise)
        rows = [self._said(row) for row in self.read_rows(export)]
        for what, as_zip in (("folder", False), ("zip", True)):
            path = packed(contents(export), tmp_path / what / f"{export.stem}{'.zip' * as_zip}", as_zip=as_zip)
            with Export(path) as opened:
                sure = recognise(opened).sure
            assert sure == "no" or [self._said(row) for row in self.read_rows(path)] == rows, f"as a {what}, it differs"

    def _said(self, row: Row) -> tuple[str, Any, Any]:
        return shown(row["ts"], self.precision), row.get("author"), row.get("text")

    # --- nothing of it gets out -----------------------------------------------------------------------------------

    def test_errors_quote_nothing(self, tmp_path: Path) -> None:
        """No error holds the text of a message or the name of its author."""
        path = self.written(tmp_path, self._telltale())
        for what, error in self.errors(tmp_path / "damaged", path):
            quoted = _quoted(str(error))
            assert not quoted, f"{what}: the error quotes the export: {quoted}; say what is wrong, where, what to do"

    def test_reports_quote_nothing(self, tmp_path: Path) -> None:
        """Nor do facts, notices, what is left out, and the reason of `recognise`: they are recorded or shown."""
        path = self.written(tmp_path, self._telltale())
        app = self.app()
        with Export(path) as export:
            why = app.resolve(self.spec(app).recognise)(export).why
            reading = self.task(path).reading(export)
            for _table in tables("it", reading):
                pass
        report = reading.report()
        for what, said in (
            ("the reason of recognise", why),
            ("facts", {**reading.facts, **report.facts}),
            ("notices", [*reading.notices, *report.notices]),
            ("left_out", report.left_out),
        ):
            quoted = _quoted(json.dumps(said, ensure_ascii=False, default=str))
            assert not quoted, f"{what} quotes the export: {quoted}; count, and name nobody"

    def _telltale(self) -> list[Message]:
        return everything(self.platform, [f"{TELLTALE} {number}" for number in range(40)])

    # --- the same again -------------------------------------------------------------------------------------------

    def test_reading_is_the_same_in_every_process(self, tmp_path: Path) -> None:
        """Nothing depends on the seed of hashes: no id, no order that comes out of a set."""
        paths = (*self.exports, self.written(tmp_path / "written", self._everything))
        task = self.task(*paths)
        there = _in_a_process(task, tmp_path, PYTHONHASHSEED=other_seed())
        assert there == [digest(task, path) for path in paths], (
            "another process reads it otherwise: `hash()` differs from one to the next, as does the order of a set"
        )

    def test_ids_survive_trimming(self, conformance_input: Told, benches: Benches, tmp_path: Path) -> None:
        """An export that starts later or ends earlier gives its messages the ids that they have in the whole."""
        written = self.chat(self.bodies)
        for what, part in (("start", written[4:]), ("end", written[:-4])):
            found = self._ids(next(benches), tmp_path / what, part)
            assert found.items() <= conformance_input.ids.items(), (
                f"cut at its {what}: other ids; leave `msg_id` null where the platform gives none"
            )
            assert len(found) == len(part), f"cut at its {what}: messages got one id"

    def test_ids_survive_appending(self, conformance_input: Told, benches: Benches, tmp_path: Path) -> None:
        """An export that has grown adds its new messages and leaves the others as they are."""
        written = self.chat(self.bodies)
        bench = next(benches)
        self._ids(bench, tmp_path / "before", written[:6])
        before = by_id(bench.messages())
        after = self._ids(bench, tmp_path / "after", written)
        now = by_id(bench.messages())
        changed = sum(now.get(id_) != row for id_, row in before.items())
        assert not changed, f"{changed} of {len(before)} messages that were there already have changed"
        assert len(after) == len(written), f"there are {len(after)} messages instead of {len(written)}"
        assert after.items() <= conformance_input.ids.items(), "ids differ from those of a fresh reading"

    def test_ids_survive_reordering(self, conformance_input: Told, benches: Benches, tmp_path: Path) -> None:
        """The same messages in another order, or in two exports read in either order, have the same ids."""
        written = self.chat(self.bodies)
        bench = next(benches)
        bench.ingest(self.written(tmp_path / "second", written[5:]), self.written(tmp_path / "first", written[:8]))
        found = ids_of(bench.messages())
        assert len(found) == len(written), f"in two exports, {len(written)} messages are {len(found)}"
        assert found.items() <= conformance_input.ids.items(), "in two exports, messages have other ids"
        if self.any_order:
            found = self._ids(next(benches), tmp_path / "reversed", written[::-1])
            assert found.items() <= conformance_input.ids.items(), (
                "listed backwards, messages have other ids; where no export is, say any_order = False"
            )

    def _ids(self, bench: Bench, directory: Path, messages: Sequence[Message]) -> dict[str, tuple[str, str, str]]:
        bench.ingest(self.written(directory, messages))
        return ids_of(bench.messages())

    # --- memory ---------------------------------------------------------------------------------------------------

    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """An export several times as large takes hardly more memory to read, and is read to its end."""
        if not self.streams:
            pytest.skip("streams = False")
        chats = [_long_chat(self, size) for size in self.megabytes]
        paths = [self.put(tmp_path / str(size), each) for size, each in zip(self.megabytes, chats, strict=True)]
        told = [line.split() for line in _in_a_process(self.task(*paths, memory=True), tmp_path, **ALLOCATORS)]
        assert [int(rows) for _, rows in told] == [len(each) for each in chats], "not each message is there"
        (small, _), (large, _) = told
        grown, more = (int(large) - int(small)) >> 10, self.megabytes[1] - self.megabytes[0]
        assert grown < more / 2, f"{more} MB more to read took {grown} MB more memory: read in bounded chunks"


def _same_texts(rows: Sequence[Row], messages: Sequence[Message]) -> None:
    assert len(rows) >= len(messages), f"of {len(messages)} messages {len(rows)} are there"
    for number, (row, message) in enumerate(zip(rows, messages, strict=False)):
        text, body = row["text"] or "", message.text or ""
        assert text == body, (
            f"message {number} has another text ({len(text):,} characters instead of {len(body):,}); where the "
            "platform cannot say such a text, leave it out of `bodies`"
        )


def _in_a_process(task: Task, directory: Path, **environment: str) -> list[str]:
    pickled = directory / "task.pickle"
    pickled.write_bytes(pickle.dumps(task))
    return python("-m", "egregora_devtools.reading", str(pickled), **environment).split("\n")[:-1]


def _quoted(text: str) -> list[str]:
    names = (*AUTHORS, *MEMBERS.values(), "Petra Walk", "Plaza Nova")
    words = [TELLTALE[:8], *(name.rpartition(" ")[2] for name in names)]
    return [word for word in words if word.casefold() in text.casefold()]


def _long_chat(suite: KeepsWhatIsWritten, megabytes: int) -> list[Message]:
    bodies = [f"{number} " + "long " * 800 for number in range(megabytes * 256)]
    return suite.chat(bodies, step=timedelta(minutes=3))


__all__ = ["KeepsWhatIsWritten"]
