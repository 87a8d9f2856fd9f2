"""What holds for every plugin, whatever it provides: it registers soundly, and lightly."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from egregora_core.pipeline import MESSAGES, NAMES, stage_settings
from egregora_core.plugins import BUILT_IN, App, EngineSpec, PublisherSpec, SourceSpec, StageSpec, WriterSpec
from egregora_core.session import RunOptions

from egregora_devtools.conformance.bench import Bench

HEAVY = ("babel", "duckdb", "ibis", "numpy", "pandas", "pyarrow", "pydantic", "rich", "sqlglot")
"""What registration must not import, since every command waits for it."""

Spec = SourceSpec | StageSpec | WriterSpec | PublisherSpec | EngineSpec


class Conformance:
    """Base of the suites. Subclass one of those."""

    plugin: ModuleType
    """The module that your entry point names."""
    name: ClassVar[str | None] = None
    """Which source, stage, writer, publisher or engine of the plugin is tested, where it has several."""
    settings: ClassVar[str] = ""
    """What egregora.toml says, for your plugin's section."""
    options: ClassVar[RunOptions] = RunOptions("UTC")
    """What a user would say on the command line."""
    kind: ClassVar[type[Any]]

    def app(self) -> App:
        """Return a host with the built-in plugins and yours; fails where yours is broken."""
        app = App([] if self.plugin.__name__ in BUILT_IN.values() else [self.plugin], discover=False)
        problems = [str(plugin) for plugin in app.plugins if plugin.status != "ok"]
        assert not problems, "\n".join(problems)
        return app

    def plugin_id(self, app: App) -> str:
        """Return the id that the host gives to the plugin."""
        built_in = {module: id_ for id_, module in BUILT_IN.items()}
        return built_in.get(self.plugin.__name__) or next(p.id for p in app.plugins if not p.built_in)

    def spec(self, app: App) -> Any:
        """Return what is tested, as the plugin registered it."""
        kinds = {
            SourceSpec: app.sources,
            StageSpec: app.stages,
            WriterSpec: app.writers,
            PublisherSpec: app.publishers,
            EngineSpec: app.engines,
        }
        found = [p.spec for p in kinds[self.kind] if p.plugin == self.plugin_id(app)]  # type: ignore[attr-defined]  # each has specs
        named = [spec for spec in found if self.name in (None, spec.name)]
        names = ", ".join(spec.name for spec in found) or "none"
        assert len(named) == 1, f"say with `name` which {self.kind.__name__} is tested; registered: {names}"
        return named[0]

    def named_settings(self, app: App, bench: Bench) -> dict[str, Any]:
        """Return the fields of its section that the tested function names: its keyword arguments."""
        _, section = bench.settings.section_of(self.plugin_id(app))
        values = {key: value for key, value in section.items() if key != "unit"}
        return stage_settings(app.resolve(self.spec(app).function), values, (NAMES, MESSAGES))

    @pytest.fixture
    def benches(self, tmp_path: Path) -> Iterator[Bench]:
        """Yield new workspaces, as many as a test asks for by `next`."""
        return (Bench(tmp_path / f"workspace-{n}", self.app(), self.settings, self.options) for n in count())

    def test_registration_is_sound(self) -> None:
        """The plugin is accepted, and every string in what it registers can be imported."""
        app = self.app()
        self.spec(app)
        registered = [
            app.sources,
            app.stages,
            app.writers,
            app.publishers,
            app.engines,
            app.tables,
            app.settings,
            app.commands,
        ]
        for provided in (provided for found in registered for provided in found):  # type: ignore[attr-defined]  # lists
            if provided.plugin == self.plugin_id(app):
                for value in vars(provided.spec).values():
                    if isinstance(value, str) and _is_target(value):
                        app.resolve(value)

    def test_import_is_light(self) -> None:
        """Importing and registering the plugin imports nothing heavy: `egregora --help` waits for it."""
        script = (
            f"import sys, {self.plugin.__name__} as plugin\n"
            "from egregora_core.plugins import App\n"
            f"App([] if {self.plugin.__name__ in BUILT_IN.values()} else [plugin], discover=False)\n"
            f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
        )
        heavy = python("-c", script).split()
        assert not heavy, (
            f"importing {self.plugin.__name__} imports {', '.join(heavy)}: name what needs it in strings, "
            "or import it inside functions"
        )


def python(*arguments: str, **environment: str) -> str:
    """Run Python in a process of its own that finds the same modules; return what it prints."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _is_target(value: str) -> bool:
    module, colon, attribute = value.partition(":")
    return bool(colon) and attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))
