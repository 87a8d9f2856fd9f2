"""A workspace at which tests read exports in this process, and what was said there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from egregora_core.pipeline import run_ingestion, run_pipeline
from egregora_core.plugins import App
from egregora_core.session import Command, Line, RunOptions, Summary, open_database
from egregora_core.settings import load_settings


class Desk:
    """Commands go through the host with the built-in plugins and `plugins` alone."""

    plugins: Sequence[Any] = ()

    def __init__(self, path: Path, settings: str = "", **always: Any) -> None:
        """Make the workspace; `always` are options of each command, unless it says others."""
        self.path, self._always = path, always
        self.lines: list[Line] = []
        path.mkdir(parents=True, exist_ok=True)
        (path / "egregora.toml").write_text(settings, encoding="utf-8")

    def ingest(self, *exports: Path, **options: Any) -> Summary:
        return self._take(run_ingestion, exports, options)

    def run(self, *exports: Path, **options: Any) -> Summary:
        return self._take(run_pipeline, exports, options)

    def _take(self, verb: Any, exports: Sequence[Path], options: Mapping[str, Any]) -> Summary:
        app = App(self.plugins, discover=False)
        self.lines = []
        wanted = RunOptions(**{**self._always, **options})
        summary: Summary = verb(Command(app, load_settings(self.path, app), wanted, self.lines.append), list(exports))
        return summary

    @property
    def told(self) -> str:
        """All that was printed."""
        return "\n".join(line.text for line in self.lines)

    @property
    def notices(self) -> list[str]:
        return [line.text for line in self.lines if line.warning]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with open_database(self.path / ".egregora" / "egregora.duckdb", read_only=True) as db:
            return db.execute(sql)
