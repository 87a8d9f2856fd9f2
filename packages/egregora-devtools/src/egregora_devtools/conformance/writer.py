"""A writer makes the same documents of the same unit, whenever and after whatever it is called.

Units are real ones: a recording writer in the same host keeps what the host hands out, pseudonymised.
"""

import gc
import pickle
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from egregora_core.errors import EgregoraError, UnitRefusedError
from egregora_core.generation import Guard, HeldMessages, writer_files
from egregora_core.plugins import BUILT_IN, App, WriterSpec
from egregora_core.session import Summary

from egregora_devtools.conformance.base import Conformance, other_seed, python
from egregora_devtools.conformance.bench import Bench, Ran, Row
from egregora_devtools.conformance.samples import BLOCKS, BODIES, Message, whatsapp
from egregora_devtools.conformance.units import Units, long_chat, recorded_once
from egregora_devtools.replay import results

Benches = Iterator[Bench]

_URL = re.compile(r"https?://[^\s<>()\[\]\"']+")
_PASSES = 10
_SLACK = 250_000
"""What interpreters and caches of bounded size keep, in bytes."""


class WriterConformance(Conformance):
    """Give `plugin`."""

    kind = WriterSpec
    every_unit: ClassVar[bool] = True
    """Every unit gets a document at least."""
    bodies: ClassVar[tuple[str, ...]] = (*BODIES, *BLOCKS)
    """Texts that the messages have: add some that your writer is about."""

    def test_documents_are_valid(self, conformance_input: Units) -> None:
        """Documents have kinds, slugs, titles, bodies and attrs that the host accepts."""
        for unit in conformance_input:
            conformance_input.write(unit)

    def test_slugs_are_unique(self, conformance_input: Units) -> None:
        """No two documents of one kind have one slug, whatever their units: the host would have to rename one."""
        documents = [document for unit in conformance_input for document in conformance_input.write(unit)]
        slugs = [(document.kind, document.slug.casefold()) for document in documents]
        twice = sorted({slug for _, slug in slugs if [other for _, other in slugs].count(slug) > 1})
        assert len(slugs) == len(set(slugs)), f"of several documents: {', '.join(twice)}"

    def test_pipeline_writes(self, conformance_directory: Path) -> None:
        """The host runs it on a chat, and no unit fails."""
        assert self._status(self._ran_once(conformance_directory).summary) == "completed"

    def test_documents_are_deterministic(self, conformance_input: Units) -> None:
        """A unit gives the same documents each time."""
        for unit in conformance_input:
            assert conformance_input.write(unit) == conformance_input.write(unit)

    def test_documents_are_the_same_in_every_process(self, conformance_input: Units, tmp_path: Path) -> None:
        """No document depends on the order in which a process happens to keep a set."""
        pickled = tmp_path / "units.pickle"
        pickled.write_bytes(
            pickle.dumps((self.spec(self.app()).function, conformance_input.units, conformance_input.settings))
        )
        there = python("-m", "egregora_devtools.replay", str(pickled), PYTHONHASHSEED=other_seed())
        same = there == results(str(pickled))  # apart from the assert, which would print both
        assert same, "documents differ from one process to the next: sort what comes out of a set"

    def test_documents_do_not_depend_on_batches(self, conformance_input: Units) -> None:
        """A unit that is too large for memory, so that most of it is on the disk, gives the documents of a table."""
        import pyarrow as pa

        for unit in conformance_input:
            table = unit.messages
            reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=1))
            held = HeldMessages(reader, most=0).rows(0, table.num_rows)
            made = conformance_input.write(replace(unit, messages=held))
            assert made == conformance_input.write(unit), "a unit that comes in batches gives other documents"

    def test_units_are_independent(self, conformance_input: Units) -> None:
        """A unit's documents do not depend on which units were written before it."""
        forward = [conformance_input.write(unit) for unit in conformance_input]
        assert [conformance_input.write(unit) for unit in reversed(conformance_input.units)][::-1] == forward

    def test_ids_are_stable_as_the_chat_grows(
        self, benches: Benches, tmp_path: Path, conformance_directory: Path
    ) -> None:
        """A chat that grows ends with the documents, and ids of documents, that the whole chat has at once."""
        fresh, grown = self._ran_once(conformance_directory), next(benches)
        grown.run(whatsapp(self._chat()[:6], tmp_path))
        grown.run(fresh.export)
        assert self._documents(grown) == self._documents(fresh.bench)

    def test_result_stands(self, conformance_directory: Path) -> None:
        """Run again, the writer's documents stand."""
        ran = self._ran_once(conformance_directory)
        assert self._status(ran.bench.run(ran.export)) == "cached", "unchanged, but written again"

    def test_every_unit_is_written(self, conformance_input: Units) -> None:
        """No unit goes without a document."""
        if not self.every_unit:
            pytest.skip("every_unit = False")
        without = [unit.key for unit in conformance_input if not conformance_input.write(unit)]
        assert not without, f"{len(without)} units have no document"

    def test_host_lets_documents_through(self, conformance_input: Units) -> None:
        """They name nobody, and link where their unit's messages lead alone: else the host refuses or cleans them."""
        if self.plugin.__name__ in BUILT_IN.values():
            pytest.skip("comes with the host, which looks at what others write")
        guard = Guard(self.spec(self.app()).body, conformance_input.names_somebody)
        for unit in conformance_input:
            for document in conformance_input.write(unit):
                try:
                    (passed,) = guard.pass_on(unit, [document])
                except UnitRefusedError as error:
                    pytest.fail(f"the host would refuse a unit: {error}; write of what `unit.messages` holds alone")
                lost = sum(url not in passed.body for url in _URL.findall(document.body) if guard.body == "markdown")
                assert not lost, f"{lost} links lead where no message of the unit does: the host takes them out"

    def test_hostile_units_give_typed_errors(self, conformance_input: Units) -> None:
        """Units without texts, authors or attributes give valid documents, or an EgregoraError."""
        import pyarrow as pa

        for unit in conformance_input.units[:2]:
            for column, value in (("text", None), ("text", "# <b>*_`[|](\u202e"), ("attrs", None), ("author_raw", "")):
                place = unit.messages.column_names.index(column)
                field = unit.messages.schema.field(place)
                values = pa.array([value] * unit.messages.num_rows, field.type)
                hostile = replace(unit, messages=unit.messages.set_column(place, field, values))
                try:
                    conformance_input.write(hostile)
                except EgregoraError:
                    continue
                except Exception as error:  # noqa: BLE001 - that any is raised is the failure
                    pytest.fail(f"{column} {value!r} in every message: {type(error).__name__}: {error}")

    def test_memory_is_bounded(self, conformance_input: Units) -> None:
        """Nothing of a unit is kept once its documents are made: memory does not grow from unit to unit."""
        for _ in range(2):  # what a first call imports and sets up is kept for good
            size = sum(len(document.body) for unit in conformance_input for document in conformance_input.write(unit))
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(_PASSES):
                for unit in conformance_input:
                    conformance_input.write(unit)
            gc.collect()  # what is only waiting for that is not kept
            kept = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert kept < max(size * _PASSES / 2, _SLACK), f"{kept:,} bytes are kept after {size * _PASSES:,} were written"

    # --- how ----------------------------------------------------------------------------------------------------

    def _chat(self) -> list[Message]:
        return long_chat(tuple(self.bodies))

    def prepare(self, directory: Path) -> Units:
        """Return the units that the host makes of a chat."""
        app = self.app()
        spec = self.spec(app)
        recorded = recorded_once(directory.parent, tuple(self.bodies), self.options)
        units = [unit for unit in recorded.units if unit.kind == spec.unit]
        settings = self._given(app, Bench(directory / "settings", app, self.settings, self.options))
        return Units(units, spec.name, app.resolve(spec.function), settings, recorded.names_somebody)

    def _ran_once(self, directory: Path) -> Ran:
        """Run a chat with the writer: the host alone has taken it through the steps before, as it does for any."""
        if directory not in _RAN:
            bench, export = next(self.new_benches(directory)), whatsapp(self._chat(), directory)
            bench.begin_as(recorded_once(directory.parent, tuple(self.bodies), self.options).bench)
            _RAN[directory] = Ran(bench, export, bench.run(export))
        return _RAN[directory]

    def _given(self, app: App, bench: Bench) -> dict[str, Any]:
        """Return what the host gives to the writer beside a unit: settings, files that it reads, and nothing kept."""
        spec = self.spec(app)
        files = writer_files(spec, self.plugin_id(app), bench.directory)
        texts: dict[str, Any] = {file.argument: file.text for file in files}
        kept: dict[str, Any] = {"kept": {}} if spec.keeps else {}
        return self.named_settings(app, bench, [*texts, *kept]) | texts | kept

    def _documents(self, bench: Bench) -> list[Row]:
        return bench.rows(f"(SELECT * FROM documents WHERE writer = '{self.spec(self.app()).name}')")

    def _status(self, summary: Summary) -> str:
        name = self.spec(self.app()).name
        (run,) = [line.run for line in summary.lines if line.stage == name and not line.warning]
        return run.status if run else "none"


_RAN: dict[Path, Ran] = {}
"""By the directory that all tests of a suite share."""


__all__ = ["WriterConformance"]
