"""A stage is a function of its input alone, and changes only what it says it changes.

The stage is called on tables of an engine in memory, and run by the host, which must find that its result stands.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

import pytest
from egregora_core.errors import EgregoraError
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, check_expression, check_rows
from egregora_core.pipeline import NAMES
from egregora_core.plugins import App, StageSpec
from egregora_core.privacy import names_of
from egregora_core.session import RunOptions
from egregora_core.storage import TableSchema

from egregora_devtools.conformance.base import Conformance
from egregora_devtools.conformance.bench import Bench, Row, content_of
from egregora_devtools.conformance.samples import BLOCKS, BODIES, Message, chat, whatsapp

Benches = Iterator[Bench]

_HOSTILE = """
    SELECT * EXCLUDE (pos) REPLACE (
        CASE pos % 6 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN repeat(chr(8238) || '[(*+?', 900)
                     WHEN 3 THEN chr(128105) || chr(8205) || chr(65279) WHEN 4 THEN '%s $1 {0}' ELSE text END AS text,
        CASE pos % 3 WHEN 0 THEN NULL WHEN 1 THEN '{"kind":"text"}'::JSON ELSE attrs END AS attrs,
        CASE pos % 4 WHEN 0 THEN '' ELSE author_raw END AS author_raw
    ) FROM (SELECT *, row_number() OVER (ORDER BY event_id) AS pos FROM data)
"""


class StageConformance(Conformance):
    """Give `plugin`, and `changes`: the columns that the stage may write."""

    kind = StageSpec
    changes: ClassVar[frozenset[str]] = frozenset()
    """Columns that differ in the output; bodies are changed only by a stage that says `text` (or `body`)."""
    keeps_rows: ClassVar[bool] = True
    """Each row of the input is in the output, and no other."""
    bodies: ClassVar[tuple[str, ...]] = (*BODIES, *BLOCKS)
    """Texts that the messages have: add some that your stage is about."""

    def test_result_is_valid(self, conformance_input: "Engine") -> None:
        """Names, types and rows of the output are those of its schema."""
        conformance_input.check("data")

    def test_result_is_deterministic(self, conformance_input: "Engine") -> None:
        """The same input gives the same output."""
        assert conformance_input.apply("data") == conformance_input.apply("data")

    def test_result_stands(self, benches: Benches, tmp_path: Path) -> None:
        """Run again, the stage's result stands: what it computes does not change from one call to the next."""
        bench = next(benches)
        bench.begin_as(self._before(tmp_path.parent))
        export = whatsapp(self._chat(), tmp_path)
        bench.run(export)
        name = self.spec(self.app()).name
        (line,) = [line for line in bench.run(export).lines if line.stage == name and not line.warning]
        assert line.run is not None
        assert line.run.status == "cached", f"unchanged, but {line.text}"

    def test_order_of_rows_is_nothing(self, conformance_input: "Engine") -> None:
        """The output does not depend on the order in which the rows lie."""
        conformance_input.table("shuffled", f"SELECT * FROM data ORDER BY md5({conformance_input.key}::VARCHAR)")
        assert conformance_input.apply("shuffled") == conformance_input.apply("data")

    def test_no_row_is_lost(self, conformance_input: "Engine") -> None:
        """Every row of the input is in the output, once, and no other."""
        if not self.keeps_rows:
            pytest.skip("keeps_rows = False")
        assert [row[conformance_input.key] for row in conformance_input.apply("data")] == [
            row[conformance_input.key] for row in conformance_input.rows("data")
        ]

    def test_only_what_is_declared_changes(self, conformance_input: "Engine") -> None:
        """Bodies, ids and all other columns that `changes` does not name are as they were."""
        before = {row[conformance_input.key]: row for row in conformance_input.rows("data")}
        changed = {
            column
            for row in conformance_input.apply("data")
            for column, value in row.items()
            if row[conformance_input.key] in before and before[row[conformance_input.key]][column] != value
        }
        assert changed <= self.changes, f"changed, but not in `changes`: {', '.join(sorted(changed - self.changes))}"

    def test_rows_are_independent(self, conformance_input: "Engine") -> None:
        """A stage that says `row_wise` gives each row the output that it gets alone."""
        if not self.spec(self.app()).row_wise:
            pytest.skip("row_wise = False")
        conformance_input.table(
            "half", f"SELECT * FROM data WHERE substr(md5({conformance_input.key}::VARCHAR), 1, 1) < '8'"
        )
        whole = {row[conformance_input.key]: row for row in conformance_input.apply("data")}
        assert conformance_input.rows("half"), "nothing was tested"
        for row in conformance_input.apply("half"):
            assert row == whole[row[conformance_input.key]], "depends on other rows: say row_wise=False"

    def test_growing_chat_gives_what_a_fresh_one_gives(self, benches: Benches, tmp_path: Path) -> None:
        """Run on a chat that grows, the stage ends with what it makes of the whole chat at once."""
        messages, table = self._chat(), f"stage_{self.spec(self.app()).name}"
        grown, fresh = next(benches), next(benches)
        grown.run(whatsapp(messages[:6], tmp_path / "before"))
        whole = whatsapp(messages, tmp_path / "after")
        grown.run(whole)
        fresh.begin_as(self._before(tmp_path.parent))
        fresh.run(whole)
        assert grown.rows(table) == fresh.rows(table)

    def test_stage_stays_in_the_engine(self, conformance_input: "Engine") -> None:
        """The function only describes its output: it fetches no row, so its memory does not grow with the chat."""
        import ibis
        from ibis.common.exceptions import IbisError

        try:
            result = conformance_input.call(ibis.table(conformance_input.schema.ibis, name="data"))
        except IbisError as error:
            pytest.fail(f"it fetches rows while it is called ({error}): return the expression instead")
        check_expression(result, conformance_input.schema, where="output")

    def test_empty_input_is_fine(self, conformance_input: "Engine") -> None:
        """No rows give no rows."""
        conformance_input.table("empty", "SELECT * FROM data LIMIT 0")
        assert conformance_input.apply("empty") == []

    def test_hostile_input_gives_typed_errors(self, conformance_input: "Engine") -> None:
        """Null and strange texts, attributes and authors give valid rows, or an EgregoraError."""
        if conformance_input.schema is IR_MESSAGES:
            conformance_input.table("hostile", _HOSTILE)
        else:
            conformance_input.table(
                "hostile", "SELECT * REPLACE ('' AS body, NULL::JSON AS attrs, '<b>' AS title) FROM data"
            )
        try:
            conformance_input.check("hostile")
        except EgregoraError:
            return
        except Exception as error:  # noqa: BLE001 - that any is raised is the failure
            pytest.fail(f"{type(error).__name__}: {error}; raise a StageError, or return valid rows")

    # --- how ----------------------------------------------------------------------------------------------------

    def _chat(self) -> list[Message]:
        return chat(self.bodies)

    def _before(self, session: Path) -> Bench:
        return run_once(session, tuple(self.bodies), self.options)

    def prepare(self, directory: Path) -> "Engine":
        """Return an engine whose table `data` is what the stage would be given."""
        app = self.app()
        spec = self.spec(app)
        before = self._before(directory.parent)
        table = {"curation": "documents", "privacy": "ir_messages"}.get(spec.step, "stage_privacy")
        schema = DOCUMENTS if spec.step == "curation" else IR_MESSAGES
        settings = self.named_settings(app, Bench(directory / "settings", app, self.settings, self.options))
        return Engine(before, table, schema, app.resolve(spec.function), settings)


@cache
def run_once(session: Path, bodies: tuple[str, ...], options: RunOptions) -> Bench:
    """Return a workspace that has run without the plugin: one for all suites of a session of pytest."""
    directory = Path(mkdtemp(prefix="before-", dir=session))
    bench = Bench(directory / "workspace", App(discover=False), "", options)
    bench.run(whatsapp(chat(bodies), directory))
    return bench


class Engine:
    """DuckDB in memory with tables to put before a stage."""

    def __init__(self, bench: Bench, table: str, schema: TableSchema, function: Any, settings: dict[str, Any]) -> None:
        import ibis

        self.schema = schema
        self.key = schema.columns[0].name
        self._function, self._settings = function, settings
        self._ibis = ibis.duckdb.connect()
        self._ibis.con.execute(f"ATTACH '{bench.settings.database_path}' AS workspace (READ_ONLY)")
        self.table("data", f"SELECT * FROM workspace.{table}")

    def table(self, name: str, select: str) -> None:
        self._ibis.con.execute(f"CREATE OR REPLACE TABLE {name} AS {select}")

    def rows(self, table: str) -> list[Row]:
        return content_of(self._ibis.con, table, order=self.key)

    def call(self, data: Any) -> Any:
        """Call the stage as the host does: with its settings, and the names where it asks for them."""
        import inspect

        arguments = dict(self._settings)
        if NAMES in inspect.signature(self._function).parameters:
            arguments[NAMES] = names_of(self._ibis.table("data"))
        return self._function(data, **arguments)

    def apply(self, table: str) -> list[Row]:
        """Return the stage's output over a table, by key."""
        self._ibis.create_table("result", self.call(self._ibis.table(table)), overwrite=True)
        return self.rows("result")

    def check(self, table: str) -> None:
        """Raise SchemaError unless the stage's output over a table is valid."""
        check_expression(self.call(self._ibis.table(table)), self.schema, where="output")
        self.apply(table)
        check_rows(self._ibis.con, "result", self.schema, where="output")


__all__ = ["StageConformance", "run_once"]
