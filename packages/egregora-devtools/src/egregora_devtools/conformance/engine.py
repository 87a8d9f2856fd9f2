"""An engine gives what one machine gives: the same input through both, tables and documents compared row by row.

An engine keeps its tables in a lake with its catalog in SQLite, so a test needs no server; one machine in a file.
"""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from egregora_core.errors import StageError
from egregora_core.plugins import App, EngineSpec

from egregora_devtools.conformance import parted_stages
from egregora_devtools.conformance.base import Conformance
from egregora_devtools.conformance.bench import Bench
from egregora_devtools.conformance.samples import BLOCKS, BODIES, chat, whatsapp

_LAKE = '[database]\nurl = "ducklake:sqlite:lake/catalog.sqlite"\ndata = "lake/files"\n'
_STAGES = ("privacy", "marked", "numbered", "counted")
_SAID = "step, stage, status, rows_in, rows_out, input_fingerprint, output_fingerprint, config_hash, code_ref"


class EngineConformance(Conformance):
    """Give `plugin`, and in `engine` what its `[engine]` section says beside the name."""

    kind = EngineSpec
    engine: ClassVar[str] = ""
    """Lines of the section `[engine]`, such as `master = "local[2]"`."""
    bodies: ClassVar[tuple[str, ...]] = (*BODIES, *BLOCKS)

    def app(self, *without: str) -> App:
        """Return a host with the built-in plugins, yours, and stages for parts."""
        app = App([self.plugin, parted_stages], discover=False, disabled=without)
        problems = [str(plugin) for plugin in app.plugins if plugin.status != "ok" and plugin.id not in without]
        assert not problems, "\n".join(problems)
        return app

    def plugin_id(self, app: App) -> str:
        """Return the id that the host gives to the plugin, which is not the kit's own."""
        return next(p.plugin for p in app.engines)

    def test_results_are_those_of_one_machine(self, tmp_path: Path) -> None:
        """Of a chat that grows, ids, texts, documents and what `runs` says come out the same, and then all stands."""
        messages = chat(self.bodies)
        before, after = whatsapp(messages[:7], tmp_path / "before"), whatsapp(messages, tmp_path / "after")
        told: list[dict[str, Any]] = []
        for place in ("", _LAKE + self._section()):
            bench = self._bench(tmp_path / f"bench-{len(told)}", place, _STAGES)
            bench.run(before)
            bench.run(after)
            told.append({table: bench.rows(table, order="ALL") for table in _tables(bench)} | {"runs": _runs(bench)})
        assert all(line.run is None or line.run.status != "failed" for line in bench.run().lines)
        assert len(_runs(bench)) == len(told[-1]["runs"]), "a run that stands was done again"
        assert told[0].keys() == told[1].keys()
        for table in told[0]:
            assert told[0][table] == told[1][table], f"{table} differs from what one machine makes"

    def test_a_stage_of_everything_is_refused(self, tmp_path: Path) -> None:
        """A stage that declares no parts is not run on one task in silence: the error says what to declare."""
        bench = self._bench(tmp_path / "lake", _LAKE + self._section(), ("privacy", "ranked"))
        with pytest.raises(StageError, match='by="row", by="thread" or by="author"'):
            bench.run(whatsapp(chat(self.bodies[:3]), tmp_path))

    def _section(self) -> str:
        return f'[engine]\nname = "{self.spec(self.app()).name}"\n{self.engine}\n'

    def _bench(self, directory: Path, place: str, stages: tuple[str, ...]) -> Bench:
        wanted = ", ".join(f'"{stage}"' for stage in stages)
        settings = f"{place}[pipeline]\nstages = [{wanted}]\n{self.settings}"
        return Bench(directory, self.app(), settings, self.options)


def _tables(bench: Bench) -> list[str]:
    return [table for table in bench.tables() if table != "runs"]


def _runs(bench: Bench) -> list[tuple[Any, ...]]:
    return bench.query(f"SELECT {_SAID} FROM runs WHERE status <> 'cached' ORDER BY run_id")


__all__ = ["EngineConformance"]
