"""Tests of a source on the exports that its author gives."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source, tables
from egregora_core.messages import KINDS, validate_ir_schema
from egregora_core.plugins import SURE, Recognised

from egregora_devtools.conformance._source_base import SourceSuite
from egregora_devtools.conformance.bench import Bench, Row
from egregora_devtools.conformance.damage import damaged_copies, enlarged
from egregora_devtools.conformance.measuring import traces, watched_reading
from egregora_devtools.reading import digest

Benches = Iterator[Bench]

_LOOKED_AT = 1 << 20
_LARGE = 16 << 20
_MARKS = {
    "reply": "reply_to",
    "thread": "thread_root",
    "edit": "edited",
    "reaction": "reactions",
    "mention": "mentions",
    "forward": "forwarded_from",
    "media": "media",
    "album": "more_media",
}
"""By feature, the key of `attrs` that shows it."""


class ReadsItsExports(SourceSuite):
    """What can be said of any export."""

    def test_recognises_its_exports(self, export: Path) -> None:
        """The host, asked which source reads this export, finds this one, which says why."""
        app = self.app()
        with Export(export) as opened:
            chosen = choose_source(app, opened)
        assert chosen.spec == self.spec(app), f"{export.name} is read by {chosen.spec.name} ({chosen.reason})"
        assert chosen.recognised is not None
        assert chosen.recognised.why, 'say by what it is recognised: Recognised("likely", "its first line")'

    def test_leaves_other_files_alone(self, tmp_path: Path) -> None:
        """A file that is no export, even with the name of one, is no business of this source; none makes it fail."""
        app = self.app()
        names = {"notes.md", "picture.png", "data.json", "table.csv", *(export.name for export in self.exports)}
        contents = (
            b"",
            b"Dear diary,\ntoday it rained.\n",
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            b"{}",
            b'{"messages": [{"id": 1, "text": "somebody else\'s"}], "name": "x"}',
            b'[{"a": "b"}]',
            b"id,name\n1,x\n",
        )
        for name in sorted(names):
            for content in contents:
                path = tmp_path / name
                path.write_bytes(content)
                said = app.resolve(self.spec(app).recognise)(Export(path))
                assert isinstance(said, Recognised), f"recognise returns {said!r} of {name!r}: give a Recognised"
                assert said.sure in SURE, f"recognise is {said.sure!r}: it can be {', '.join(SURE)}"
                try:
                    chosen = choose_source(app, Export(path)).spec
                except ExportError:
                    continue
                assert chosen != self.spec(app), f"it takes {name!r} with content {content[:20]!r} for an export"

    def test_recognise_reads_little(self, tmp_path: Path, export: Path) -> None:
        """Whether an export is one is known from its beginning: `recognise` is asked about every file of everybody."""
        app = self.app()
        recognise = app.resolve(self.spec(app).recognise)
        strangers = tmp_path / "stranger.json", tmp_path / f"stranger{export.suffix}"
        for path, content in zip(
            strangers, (b'{"a": "' + b"long " * (_LARGE // 5), b"a line\n" * (_LARGE // 7)), strict=True
        ):
            path.write_bytes(content)
        for path in (enlarged(export, tmp_path / export.name, _LARGE), *strangers):
            with Export(path) as opened:
                recognise(opened)  # once without being watched: what it imports is read from files, too
                with watched_reading() as found:
                    recognise(opened)
            assert found.read < _LOOKED_AT, (
                f"recognise read {found.read / 1e6:.1f} MB of a file of {_LARGE / 1e6:.0f} MB: look at `export.head()`"
            )

    def test_columns_are_known(self, export: Path) -> None:
        """Batches have columns of `SOURCE_COLUMNS` only, of their types: what is misspelt would be lost."""
        self.read_rows(export)

    def test_messages_are_valid_ir(self, conformance_directory: Path, export: Path) -> None:
        """What the host makes of the export is IR v1, row by row, of the kinds that there are."""
        import ibis

        bench = self.ingested(conformance_directory, export)
        validate_ir_schema(ibis.duckdb.connect(bench.settings.database_path, read_only=True).table("ir_messages"))
        for row in bench.messages():
            assert row["source"] == self.spec(self.app()).name
            assert row["attrs"]["kind"] in KINDS, f"no kind of message: {row['attrs']['kind']!r}"
            if row["attrs"]["kind"] == "system":
                assert row["author_raw"] == "", "a system line has no author"

    def test_counts_are_met(self, conformance_directory: Path, export: Path) -> None:
        """An export holds what `counts` says, message for message: what a reader passes over shows nowhere else."""
        bench = self.ingested(conformance_directory, export)
        rows = bench.messages()
        wanted = self.counts.get(export)
        if wanted is None:
            found = dict(sorted(Counter(row["attrs"]["kind"] for row in rows).items()))
            pytest.skip(f"say what {export.name} holds, counted by hand: counts = {{…: {found}}} is what was found")
        found = {key: _count(key, rows, bench.left_out()) for key in wanted}
        if kinds := {key for key in wanted if key in KINDS}:
            found |= {kind: count for kind, count in _kinds(rows).items() if kind not in kinds}
        assert found == dict(wanted), f"{export.name} holds something else than `counts` says"

    def test_supports_what_its_exports_have(self, conformance_directory: Path, export: Path) -> None:
        """What exports have is tried on exports that the kit writes, too: those are known message by message."""
        rows = self.ingested(conformance_directory, export).messages()
        said = [row for row in rows if row["attrs"]["kind"] != "system"]
        have = {feature for feature, key in _MARKS.items() if any(row["attrs"].get(key) for row in said)}
        have |= {kind for kind in ("sticker", "call", "poll", "location", "contact") if _kinds(rows)[kind]}
        have |= {"chats"} if len({row["thread_id"] for row in rows}) > 1 else set()
        events = {row["attrs"]["event"] for row in rows if "event" in row["attrs"]} - set(self.events)
        missing = sorted(have - self.supports)
        if missing or events:
            told = [f"`supports` lacks {', '.join(missing)}"] * bool(missing)
            told += [f"`events` lacks {', '.join(sorted(events))}"] * bool(events)
            pytest.skip(f"{export.name} has what nobody tests: {'; '.join(told)}; add it, and let `write` write it")

    def test_reading_is_deterministic(self, export: Path) -> None:
        """Reading an export twice gives the same batches, people, chats and report."""
        assert self.read_rows(export) == self.read_rows(export), "another result each time"
        task = self.task(export)
        assert digest(task, export) == digest(task, export), "other people, chats or facts each time"

    def test_times_are_moments_or_not(self, export: Path) -> None:
        """Clock times that are taken for moments, or the other way round, are hours away from what they were."""
        with Export(export) as opened:
            said = self.task(export).reading(opened).zoned
        if self.zoned is None:
            pytest.skip(f"say whether the platform's times are moments: zoned = {said} is what `read` says")
        assert said == self.zoned, f"`read` says zoned={said}, the suite zoned = {self.zoned}"

    def test_reading_again_adds_nothing(self, conformance_directory: Path, export: Path) -> None:
        """Ingesting an export again leaves every row as it is."""
        bench = self.ingested(conformance_directory, export)
        before = bench.messages()
        bench.ingest(export, again=True)
        assert bench.messages() == before, "read again, messages are others"

    def test_reading_leaves_nothing_behind(self, export: Path) -> None:
        """Files are closed, also where reading is stopped in the middle; and nothing is printed."""
        task = self.task(export)
        list(task.tables(export))  # once without being watched: modules that are imported open files, too
        recognise = self.app().resolve(self.spec(self.app()).recognise)
        with traces() as found:
            list(task.tables(export))
            with Export(export) as opened:
                recognise(opened)
                next(iter(tables("it", task.reading(opened))), None)
        assert not found.printed, "reading prints: return what there is to say as `notices` of the report"
        assert not found.unclosed, f"a file is left open: use `with`, or `export.open`; {found.unclosed[0]}"
        assert not found.open, f"{found.open} files are open after reading: use `with`, or `export.open`"

    def test_hostile_input_gives_typed_errors(self, tmp_path: Path, export: Path) -> None:
        """Damaged exports are read as far as they go, or refused with an EgregoraError; nothing else is raised."""
        wrong = [
            f"{what}: {type(error).__name__}: {error}"
            for what, error in self.errors(tmp_path, export)
            if not isinstance(error, EgregoraError)
        ]
        assert not wrong, "raise ExportError instead:\n" + "\n".join(wrong)

    def errors(self, directory: Path, export: Path) -> Iterator[tuple[str, Exception]]:
        """Yield what goes wrong with damaged copies of an export."""
        app, task = self.app(), self.task()
        recognise = app.resolve(self.spec(app).recognise)
        for what, path in damaged_copies(export, directory):
            try:
                with Export(path) as opened:
                    recognise(opened)
                for table in task.tables(path):
                    table.validate()
            except Exception as error:  # noqa: BLE001 - which it is, is the question
                yield what, error


def _kinds(rows: list[Row]) -> Counter[str]:
    return Counter(row["attrs"]["kind"] for row in rows)


def _count(key: str, rows: list[Row], left_out: int) -> int:
    if key in KINDS:
        return _kinds(rows)[key]
    wholes = {
        "messages": len(rows),
        "chats": len({row["thread_id"] for row in rows}),
        "authors": len({row["author_uuid"] for row in rows if row["author_raw"]}),
        "left_out": left_out,
    }
    return wholes.get(key, sum(bool(row["attrs"].get(key)) for row in rows))


__all__ = ["Benches", "ReadsItsExports"]
