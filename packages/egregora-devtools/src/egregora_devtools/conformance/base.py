"""What holds for every plugin, whatever it provides: it registers soundly, and lightly."""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from egregora_core.pipeline import NAMES, PUBLISHER_ARGUMENTS, stage_settings
from egregora_core.plugins import BUILT_IN, App, EngineSpec, PublisherSpec, SourceSpec, StageSpec, WriterSpec
from egregora_core.session import RunOptions

from egregora_devtools.conformance.bench import Bench

SLOW = frozenset({
    *("asyncio", "concurrent", "csv", "ctypes", "decimal", "email", "ftplib", "html", "http", "imaplib", "logging"),
    *("lzma", "mailbox", "multiprocessing", "pdb", "pydoc", "smtplib", "socket", "socketserver", "sqlite3", "ssl"),
    *("statistics", "tarfile", "tempfile", "tkinter", "unittest", "urllib.request", "uuid", "wsgiref", "xml"),
    *("xmlrpc", "zipfile", "zoneinfo"),
})  # fmt: skip
"""Modules of Python that registration must not import, since every command waits for it; nor anybody else's."""

Spec = SourceSpec | StageSpec | WriterSpec | PublisherSpec | EngineSpec


class Conformance:
    """Base of the suites. Subclass one of those.

    What a subclass adds, helpers and tests, has names of its own: one that the suite has for a helper is refused.
    """

    plugin: ModuleType
    """The module that your entry point names."""
    name: ClassVar[str | None] = None
    """Which source, stage, writer, publisher or engine of the plugin is tested, where it has several."""
    settings: ClassVar[str] = ""
    """What egregora.toml says, for your plugin's section."""
    options: ClassVar[RunOptions] = RunOptions("UTC")
    """What a user would say on the command line."""
    kind: ClassVar[type[Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a subclass that would replace a helper of its suite unknowingly. Raises TypeError."""
        super().__init_subclass__(**kwargs)
        if not _is_ours(cls):
            helpers = {
                name for base in cls.__mro__[1:] if _is_ours(base) for name in vars(base) if _is_helper(base, name)
            }
            if taken := sorted(helpers & set(vars(cls))):
                raise TypeError(
                    f"{cls.__name__} has {', '.join(taken)}, and so has the suite, which would call yours instead of "
                    "its own; give yours another name"
                )

    def app(self, *without: str) -> App:
        """Return a host with yours and the built-in plugins, but for some; fails where yours is broken."""
        app = App([] if self.plugin.__name__ in BUILT_IN.values() else [self.plugin], discover=False, disabled=without)
        problems = [str(plugin) for plugin in app.plugins if plugin.status != "ok" and plugin.id not in without]
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

    def named_settings(self, app: App, bench: Bench, given: Collection[str] = ()) -> dict[str, Any]:
        """Return the fields of its section that the tested function names as arguments, but for `given` ones."""
        _, section = bench.settings.section_of(self.plugin_id(app))
        values = {key: value for key, value in section.items() if key != "unit"}
        return stage_settings(app.resolve(self.spec(app).function), values, (NAMES, *PUBLISHER_ARGUMENTS, *given))

    @pytest.fixture
    def benches(self, tmp_path: Path) -> Iterator[Bench]:
        """Yield new workspaces, as many as a test asks for by `next`."""
        return self.new_benches(tmp_path)

    def new_benches(self, directory: Path) -> Iterator[Bench]:
        """Yield new workspaces in a directory. Fails where the plugin would be left out of a run there."""
        for number in count():
            app = self.app()
            bench = Bench(directory / f"workspace-{number}", app, self.settings, self.options)
            section, _ = bench.settings.section_of(self.plugin_id(app))
            assert self.kind is SourceSpec or bench.settings.enabled(self.plugin_id(app)) is not False, (
                f"[{section}] says enabled = false, so the host leaves your plugin out; say in the suite: "
                f'settings = "[{section}]\\nenabled = true\\n"'
            )
            yield bench

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
        names = _imports(self.plugin.__name__, getattr(self.plugin, "__file__", None))
        own = self.plugin.__name__.partition(".")[0]
        strangers = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {own, "egregora_core"}
        heavy = sorted(strangers | SLOW.intersection(names))
        assert not heavy, (
            f"importing {self.plugin.__name__} imports {', '.join(heavy)}: name what needs it in strings, "
            "or import it inside functions"
        )


@cache
def _imports(plugin: str, _file: str | None) -> list[str]:
    """Return what a plugin imports, which a process is started for once, however many suites the plugin has.

    One in another file is another plugin, whatever it is called.
    """
    names: list[str] = json.loads(python("-c", _IMPORTS, plugin, json.dumps(sorted(BUILT_IN.values()))))
    return names


def _is_ours(suite: type) -> bool:
    return suite.__module__.startswith(f"{__package__}.")


def _is_helper(suite: type, name: str) -> bool:
    """Tell whether a name is of a function that the suite itself calls, and nobody is asked to write."""
    value = inspect.getattr_static(suite, name)
    is_called = inspect.isfunction(value) or isinstance(value, property) or name == "benches"
    return is_called and not name.startswith(("test_", "__")) and name not in {"render", "write"}


_IMPORTS = """
import importlib, json, sys
import egregora_core.plugin
from egregora_core.plugins import App
name, built_in = sys.argv[1], json.loads(sys.argv[2])
if name not in built_in:
    App([], discover=False)
else:
    import importlib_metadata, pluggy
before = set(sys.modules)
plugin = importlib.import_module(name)
App([] if name in built_in else [plugin], discover=False)
print(json.dumps(sorted(set(sys.modules) - before)))
"""
"""Prints what a plugin imports, as JSON. A built-in one comes with the host, which needs these two in any case."""


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


def other_seed() -> str:
    """Return a seed of hashes that is not this process's."""
    return "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"


def _is_target(value: str) -> bool:
    module, colon, attribute = value.partition(":")
    return bool(colon) and attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))
