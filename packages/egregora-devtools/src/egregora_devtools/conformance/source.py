"""A source reads what it says it reads, all of it, as it was written, and the same each time.

Two kinds of exports: those that the class names are real ones, and are read as they are; those that the kit writes with
`render` are of messages that it knows, so that it can tell what is missing.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source, tables
from egregora_core.messages import KINDS, validate_ir_schema
from egregora_core.plugins import ReadOptions, Recognised, SourceSpec

from egregora_devtools.conformance.base import Conformance, python
from egregora_devtools.conformance.bench import Bench, by_id
from egregora_devtools.conformance.samples import AUTHORS, BLOCKS, BODIES, TELLTALE, Message, chat, damaged

Benches = Iterator[Bench]

ALLOCATORS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 17),
}
"""Environment in which what is freed goes back to the system, so that a process's size is what it needs."""


class SourceConformance(Conformance):
    """Give `plugin`, `exports`, and `render` (or `write`)."""

    kind = SourceSpec
    exports: ClassVar[Sequence[Path]] = ()
    """Exports of the platform, invented: at least one."""
    multiline: ClassVar[bool] = True
    """A message may have several lines."""
    any_order: ClassVar[bool] = True
    """An export may list its messages in any order (newest first, say)."""
    streams: ClassVar[bool] = True
    """Memory does not grow with the export."""
    megabytes: ClassVar[tuple[int, int]] = (32, 128)
    """Sizes of the exports between which memory must not grow by half of the difference."""

    def render(self, message: Message) -> str:
        """Return a message as it stands in an export, end of line included."""
        raise NotImplementedError

    def write(self, messages: Sequence[Message], path: Path) -> None:
        """Write an export of these messages, where joining what `render` returns is not how it is done."""
        path.write_text("".join(map(self.render, messages)), encoding="utf-8", newline="")

    # --- the exports of the class -------------------------------------------------------------------------------

    def test_recognises_its_exports(self, export: Path) -> None:
        """The host, asked which source reads this export, finds this one."""
        app = self.app()
        with Export(export) as opened:
            assert choose_source(app, opened).spec == self.spec(app)

    def test_leaves_other_files_alone(self, tmp_path: Path) -> None:
        """A file that is no export, even with the name of one, is no business of this source; none makes it fail."""
        app = self.app()
        names = {"notes.md", "picture.png", "data.json", "table.csv", *(export.name for export in self.exports)}
        for name in sorted(names):
            for content in (b"", b"Dear diary,\ntoday it rained.\n", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"{}"):
                path = tmp_path / name
                path.write_bytes(content)
                said = app.resolve(self.spec(app).recognise)(Export(path))
                assert isinstance(said, Recognised), f"recognise returns {said!r} of {name!r}: give a Recognised"
                try:
                    chosen = choose_source(app, Export(path)).spec
                except ExportError:
                    continue
                assert chosen != self.spec(app), f"it takes {name!r} with content {content[:20]!r} for an export"

    def test_columns_are_known(self, export: Path) -> None:
        """Batches have columns of `SOURCE_COLUMNS` only, of their types: what is misspelt would be lost."""
        for _table in tables("it", self._read(export)):
            pass

    def test_messages_are_valid_ir(self, benches: Benches, export: Path) -> None:
        """What the host makes of the export is IR v1, row by row, of the kinds that there are."""
        import ibis

        bench = next(benches)
        bench.ingest(export)
        validate_ir_schema(ibis.duckdb.connect(bench.settings.database_path, read_only=True).table("ir_messages"))
        for row in bench.messages():
            assert row["source"] == self.spec(self.app()).name
            assert row["attrs"]["kind"] in KINDS, f"no kind of message: {row['attrs']['kind']!r}"
            if row["attrs"]["kind"] == "system":
                assert row["author_raw"] == "", "a system line has no author"

    def test_reading_is_deterministic(self, export: Path) -> None:
        """Reading an export twice gives the same batches."""
        first, second = ([batch.to_pylist() for batch in tables("it", self._read(export))] for _ in range(2))
        assert first == second

    def test_reading_again_adds_nothing(self, benches: Benches, export: Path) -> None:
        """Ingesting an export again leaves every row as it is."""
        bench = next(benches)
        bench.ingest(export)
        before = bench.messages()
        bench.ingest(export, again=True)
        assert bench.messages() == before

    def test_hostile_input_gives_typed_errors(self, tmp_path: Path, export: Path) -> None:
        """Damaged exports are read as far as they go, or refused with an EgregoraError; nothing else is raised."""
        wrong = [
            f"{what}: {type(error).__name__}: {error}"
            for what, error in self._errors(tmp_path, export.name, export.read_bytes())
            if not isinstance(error, EgregoraError)
        ]
        assert not wrong, "raise ExportError instead:\n" + "\n".join(wrong)

    # --- exports that the kit writes ----------------------------------------------------------------------------

    def test_errors_quote_nothing(self, tmp_path: Path) -> None:
        """No error holds the text of a message or the name of its author."""
        path = self._written(tmp_path, chat([f"{TELLTALE} {number}" for number in range(40)]))
        for what, error in self._errors(tmp_path / "damaged", path.name, path.read_bytes()):
            quoted = [word for word in (TELLTALE, *AUTHORS) if word in str(error)]
            assert not quoted, f"{what}: the error quotes the export: {quoted}"

    def test_nothing_is_lost(self, benches: Benches, tmp_path: Path) -> None:
        """Each message of an export is one row, with its author and time; an identical twin counts."""
        written = chat(BODIES)
        bench = next(benches)
        bench.ingest(self._written(tmp_path, written))
        found = [(row["ts"][:16], row["author_raw"]) for row in bench.messages()]
        assert found == [(f"{message.ts:%Y-%m-%d %H:%M}", message.author) for message in written]

    def test_bodies_are_kept(self, benches: Benches, tmp_path: Path) -> None:
        """A text is stored as it was written: no normalising, stripping or unescaping."""
        written = chat(BODIES)
        bench = next(benches)
        bench.ingest(self._written(tmp_path, written))
        assert [row["text"] for row in bench.messages()] == [message.text for message in written]

    def test_bodies_of_several_lines_are_kept(self, benches: Benches, tmp_path: Path) -> None:
        """So is a text of several lines, blank ones included."""
        if not self.multiline:
            pytest.skip("multiline = False")
        written = chat([*BLOCKS, "end"])
        bench = next(benches)
        bench.ingest(self._written(tmp_path, written))
        assert [row["text"] for row in bench.messages()] == [message.text for message in written]

    def test_ids_survive_trimming(self, benches: Benches, tmp_path: Path) -> None:
        """An export that starts later or ends earlier gives its messages the ids that they have in the whole."""
        written = chat(BODIES)
        whole = self._ids(next(benches), tmp_path / "whole", written)
        for what, part in (("start", written[4:]), ("end", written[:-4])):
            found = self._ids(next(benches), tmp_path / what, part)
            assert found == {id_: key for id_, key in whole.items() if id_ in found}, f"cut at its {what}: other ids"
            assert len(found) == len(part), f"cut at its {what}: messages got one id"

    def test_ids_survive_appending(self, benches: Benches, tmp_path: Path) -> None:
        """An export that has grown adds its new messages and leaves the others as they are."""
        written = chat(BODIES)
        bench = next(benches)
        self._ids(bench, tmp_path / "before", written[:6])
        before = by_id(bench.messages())
        after = self._ids(bench, tmp_path / "after", written)
        assert before.items() <= by_id(bench.messages()).items(), "messages that were there already have changed"
        assert after == self._ids(next(benches), tmp_path / "fresh", written), (
            "ids differ from those of a fresh reading"
        )

    def test_ids_survive_reordering(self, benches: Benches, tmp_path: Path) -> None:
        """The same messages in another order, or in two exports read in either order, have the same ids."""
        if not self.any_order:
            pytest.skip("any_order = False")
        written = chat(BODIES)
        whole = self._ids(next(benches), tmp_path / "whole", written)
        assert self._ids(next(benches), tmp_path / "reversed", written[::-1]) == whole
        bench = next(benches)
        self._ids(bench, tmp_path / "second", written[5:])
        assert self._ids(bench, tmp_path / "first", written[:8]) == whole

    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """An export four times as large takes hardly more memory to read."""
        if not self.streams:
            pytest.skip("streams = False")
        small, large = (self._written(tmp_path / str(size), _long_chat(size)) for size in self.megabytes)
        target = self.spec(self.app()).read
        peaks = python("-m", "egregora_devtools.peak", target, str(small), str(large), **ALLOCATORS).split()
        grown, more = (int(peaks[1]) - int(peaks[0])) >> 10, self.megabytes[1] - self.megabytes[0]
        assert grown < more / 2, f"{more} MB more to read took {grown} MB more memory: read in bounded chunks"

    # --- how ----------------------------------------------------------------------------------------------------

    def _read(self, path: Path) -> Any:
        app = self.app()
        options = ReadOptions(self.options.thread, self.options.date_order, self.options.year)
        return app.resolve(self.spec(app).read)(Export(path), options)

    def _written(self, directory: Path, messages: Sequence[Message]) -> Path:
        """Write an export under the name that the class's first export has, so that it is the same chat's."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / self.exports[0].name
        try:
            self.write(messages, path)
        except NotImplementedError:
            pytest.skip("give `render` or `write`: the kit cannot write an export")
        return path

    def _ids(self, bench: Bench, directory: Path, messages: Sequence[Message]) -> dict[str, tuple[str, str, str]]:
        bench.ingest(self._written(directory, messages))
        return {row["event_id"]: (row["ts"], row["author_raw"], row["text"]) for row in bench.messages()}

    def _errors(self, directory: Path, name: str, content: bytes) -> Iterator[tuple[str, Exception]]:
        app = self.app()
        recognise = app.resolve(self.spec(app).recognise)
        for what, damage in damaged(content):
            path = directory / what / name
            path.parent.mkdir(parents=True)
            path.write_bytes(damage)
            try:
                recognise(Export(path))
                for batch in tables("it", self._read(path)):
                    batch.validate()
            except Exception as error:  # noqa: BLE001 - which it is, is the question
                yield what, error


def _long_chat(megabytes: int) -> list[Message]:
    bodies = [f"{number} " + "long " * 800 for number in range(megabytes * 256)]
    return chat(bodies, step=timedelta(minutes=3))
