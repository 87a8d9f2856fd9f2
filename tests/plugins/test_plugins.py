"""The host: built-in parts come through the same hooks, and one bad plugin disturbs nobody."""

import inspect
import signal
import sys
import threading
import types
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from egregora_core.cli import _typer
from egregora_core.errors import PluginError, SettingsError, UsageError
from egregora_core.plugins import (
    BUILT_IN,
    App,
    CommandSpec,
    Provided,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    WriterSpec,
    hookimpl,
    hookspecs,
    uninstall_command,
    upgrade_command,
)
from egregora_core.plugins._discovery import short_name
from egregora_core.plugins._installing import install_command
from egregora_core.plugins._loading import CORE_COMMANDS, CORE_SECTIONS
from egregora_core.plugins.hookspecs import EGREGORA_API
from egregora_core.settings import Section, json_schema, load_settings
from egregora_core.settings._sections import Settings
from egregora_core.tracking import Run
from pydantic import BaseModel


def _plugin(name: str, api: Any = EGREGORA_API, **hooks: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    if api is not None:
        module.EGREGORA_API = api  # type: ignore[attr-defined]  # what a plugin states
    for hook, function in hooks.items():
        function.__name__ = hook
        setattr(module, hook, hookimpl(function))
    return module


def _nothing() -> list[Any]:
    return []


def _wrong_argument(runn: Run) -> None:
    """Ask for an argument that the hook does not have."""


def _with_default(run: Run | None = None) -> None:
    """Give an argument a default: pluggy would never pass it."""


def _status(app: App, name: str) -> Any:
    return next(plugin for plugin in app.plugins if plugin.id == name)


def test_everything_built_in_is_a_plugin_and_ok() -> None:
    """Core has no other way in than the hooks."""
    app = App(discover=False)

    assert [plugin.id for plugin in app.plugins] == sorted(BUILT_IN)
    assert {plugin.status for plugin in app.plugins} == {"ok"}
    assert {"discord", "slack", "telegram", "generic", "whatsapp"} <= {each.spec.name for each in app.sources}
    assert [provided.spec.name for provided in app.stages] == ["privacy"]
    assert [provided.spec.name for provided in app.writers] == ["posts", "profiles"]
    assert [provided.spec.name for provided in app.publishers] == ["markdown"]


def test_every_target_of_a_built_in_part_exists() -> None:
    """Strings are imported on first use, so somebody has to see that they name something."""
    app = App(discover=False)
    found: list[Provided[Any]] = [*app.sources, *app.stages, *app.writers, *app.publishers, *app.settings]
    targets = [value for provided in found for value in vars(provided.spec).values() if isinstance(value, str)]

    for target in targets:
        if ":" in target:
            assert callable(app.resolve(target))


BROKEN: dict[str, tuple[types.ModuleType, str, str]] = {
    "no API number": (_plugin("bad", api=None), "API check", "states no EGREGORA_API"),
    "another API number": (_plugin("bad", api=2), "API check", "API 2"),
    "a misspelt hook": (_plugin("bad", register_source=_nothing), "hooks", "did you mean 'register_sources'"),
    "an unknown argument": (_plugin("bad", run_started=_wrong_argument), "hooks", "did you mean 'run'"),
    "an argument with a default": (_plugin("bad", run_started=_with_default), "hooks", "no default"),
    "a hook that raises": (_plugin("bad", register_sources=lambda: 1 / 0), "registration", "ZeroDivisionError"),
    "a wrong type": (_plugin("bad", register_sources=lambda: ["x"]), "registration", "expected SourceSpec"),
    "a clash with a built-in": (
        _plugin("bad", register_sources=lambda: [SourceSpec("whatsapp", "a:b", "a:c")]),
        "registration",
        "already provided by 'whatsapp' (egregora-core",
    ),
}


@pytest.mark.parametrize(("plugin", "phase", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_a_status_and_the_others_work(plugin: types.ModuleType, phase: str, cause: str) -> None:
    """It is named with its phase, its cause and what to do; `strict` makes it fatal."""
    app = App([plugin], discover=False)

    status = _status(app, "bad")
    assert (status.status, status.phase) == ("failed", phase)
    assert cause in status.cause
    assert "--disable bad" in str(status)
    assert {"discord", "slack", "telegram", "generic", "whatsapp"} <= {each.spec.name for each in app.sources}
    with pytest.raises(PluginError, match="bad"):
        App([plugin], discover=False, strict=True)


def test_a_plugin_that_exits_at_import_is_a_status() -> None:
    """Even SystemExit stays in its plugin."""

    class Leaving:
        __name__ = "leaving"

        @property
        def EGREGORA_API(self) -> int:  # noqa: N802 - the name is the contract's
            raise SystemExit(3)

    app = App([Leaving()], discover=False)

    assert _status(app, "leaving").status == "failed"


def test_disabled_is_obeyed_and_must_exist() -> None:
    """A disabled plugin contributes nothing; a name that nobody has is an error with a guess."""
    app = App(discover=False, disabled=["markdown"])

    assert _status(app, "markdown").status == "disabled"
    assert app.publishers == []
    with pytest.raises(UsageError, match="did you mean 'markdown'"):
        App(discover=False, disabled=["markdwon"])


def test_order_is_by_id_and_never_by_registration() -> None:
    """The same plugins in any order give the same order of stages and writers."""
    one = _plugin("aa", register_writers=lambda: [WriterSpec("w1", "window", "1", "m:f")])
    two = _plugin("bb", register_stages=lambda: [StageSpec("s", "enrichment", "1", "m:f")])

    def names(app: App) -> list[str]:
        return [p.spec.name for p in app.stages] + [p.spec.name for p in app.writers]

    assert names(App([one, two], discover=False)) == names(App([two, one], discover=False))


def test_an_observer_that_raises_is_reported_once_and_breaks_nothing() -> None:
    """Observers see every run; what they raise stays with them."""
    seen: list[str] = []

    def angry(run: Run) -> None:
        raise RuntimeError(run.stage)

    app = App(
        [_plugin("angry", run_finished=angry), _plugin("calm", run_finished=lambda run: seen.append(run.stage))],
        discover=False,
    )
    run = Run(UUID(int=1), "privacy", "privacy", "default")
    app.notify("run_finished", run)
    app.notify("run_finished", run)

    assert seen == ["privacy", "privacy"]
    assert len(app.warnings) == 1


def test_required_plugins_are_checked_with_their_versions() -> None:
    """What is missing or too old is said with the command that installs it."""
    app = App(discover=False)

    app.require(["egregora-core>=0.0.1"])
    with pytest.raises(PluginError, match="pip install"):
        app.require(["egregora-elo>=0.2"])
    with pytest.raises(PluginError, match="is installed"):
        app.require(["egregora-core>=99"])


def test_two_apps_do_not_see_each_other() -> None:
    """There is no global: a host is what it was built with."""
    command = CommandSpec("hello", "m:f", "Say hello.")
    with_plugin = App([_plugin("mine", register_commands=lambda: [command])], discover=False)

    without = App(discover=False)

    assert [provided.spec.name for provided in with_plugin.commands] == ["hello"]
    assert without.commands == []
    with_plugin.fail("mine", "settings", ValueError("broken"))
    assert with_plugin.commands == []
    assert without.warnings == []
    again = App([_plugin("mine", register_commands=lambda: [command])], discover=False)
    assert [provided.spec.name for provided in again.commands] == ["hello"]


def test_two_apps_have_two_sets_of_settings(tmp_path: Path) -> None:
    """A section is known to the host whose plugin registered it, and to no other."""

    class Mine(Section):
        size: int = 3

    plugin = _plugin("mine", register_settings=lambda: SettingsSpec("mine_settings:Mine"))
    plugin.Mine = Mine  # type: ignore[attr-defined]  # what the module has
    sys.modules["mine_settings"] = plugin
    try:
        with_plugin, without = App([plugin], discover=False), App(discover=False)
        assert load_settings(tmp_path, with_plugin, {"mine.size": 4}).section_model("mine") == Mine(size=4)
        assert "mine" in json_schema(with_plugin)["properties"]
        assert "mine" not in json_schema(without)["properties"]
        assert load_settings(tmp_path, without).section_model("mine") is None
    finally:
        del sys.modules["mine_settings"]


def test_a_plugins_section_refuses_unknown_keys_whatever_its_model_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typo is said with file, key path and a guess, inside a nested model as well; variables name their origin."""

    class Limits(BaseModel, extra="forbid"):
        most: int = 3

    class Careless(BaseModel):
        size: int = 3
        limits: Limits = Limits()

    plugin = _plugin("mine", register_settings=lambda: SettingsSpec("mine_settings:Careless"))
    plugin.Careless = Careless  # type: ignore[attr-defined]  # what the module has
    monkeypatch.setitem(sys.modules, "mine_settings", plugin)
    file = tmp_path / "egregora.toml"
    file.write_text("[mine]\nsiez = 1\nlimits = { mots = 1 }\n", encoding="utf-8")
    app = App([plugin], discover=False)

    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, app)
    assert sorted(str(refused.value).splitlines()) == [
        f"{file}: unknown key [mine] limits.mots; did you mean 'most'?",
        f"{file}: unknown key [mine] siez; did you mean 'size'?",
    ]
    file.write_text("[mine]\nsize = 1\n", encoding="utf-8")
    monkeypatch.setenv("EGREGORA_MINE__LIMITS__MOST", "7")
    loaded = load_settings(tmp_path, app)
    assert loaded.section_model("mine").limits.most == 7
    assert {key: origin for key, _, origin in loaded.explain() if key.startswith("mine.")} == {
        "mine.size": str(file),
        "mine.limits": "EGREGORA_MINE__LIMITS__MOST",
    }


@pytest.mark.parametrize(
    ("distribution", "id_"),
    [("egregora-elo", "elo"), ("Egregora_Chat.Stats", "chat_stats"), ("chat-stats", "chat_stats"), ("elo", "elo")],
)
def test_a_plugin_has_the_name_of_its_distribution(distribution: str, id_: str) -> None:
    """As packaging compares names, in snake case, without `egregora-`."""
    assert short_name(distribution) == id_


@pytest.mark.parametrize(
    ("module", "id_"), [("egregora_elo", "elo"), ("egregora_elo.plugin", "elo"), ("elsewhere.inner.notes", "notes")]
)
def test_a_module_given_by_a_test_has_the_id_that_it_has_when_installed(module: str, id_: str) -> None:
    """Tables and sections are called the same in a test and in use."""
    assert _status(App([_plugin(module)], discover=False), id_).status == "ok"


def test_plugins_load_outside_of_the_main_thread() -> None:
    """Signals are Python's main thread's: elsewhere a KeyboardInterrupt is somebody's `raise`."""

    class Rude:
        __name__ = "rude"

        @property
        def EGREGORA_API(self) -> int:  # noqa: N802 - the name is the contract's
            raise KeyboardInterrupt

    found: list[App] = []
    thread = threading.Thread(target=lambda: found.append(App([Rude()], discover=False)))
    thread.start()
    thread.join()

    assert _status(found[0], "rude").cause == "KeyboardInterrupt"


def test_a_handler_of_ctrl_c_is_left_as_it_was() -> None:
    """Whatever a plugin installs while it is imported, and whoever ran before the host."""
    former = signal.getsignal(signal.SIGINT)

    class Grabbing:
        __name__ = "grabbing"

        @property
        def EGREGORA_API(self) -> int:  # noqa: N802 - the name is the contract's
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return EGREGORA_API

    App([Grabbing()], discover=False)

    assert signal.getsignal(signal.SIGINT) is former


def test_commands_that_install_fit_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `uv tool` is changed by naming all that belongs to it; anything else by pip."""
    assert install_command("egregora-elo>=0.2").endswith("pip install 'egregora-elo>=0.2'")
    assert upgrade_command("egregora-elo").endswith("pip install -U egregora-elo")

    (tmp_path / "uv-receipt.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    assert upgrade_command("egregora-elo") == "uv tool upgrade egregora-core"
    assert uninstall_command("a", ["a", "b"]).endswith("--with b")
    assert "--with a" not in uninstall_command("a", ["a", "b"])
    assert install_command("c", plugins=["b"]).endswith("--with b --with c")


def test_every_hook_has_one_sentence_of_documentation() -> None:
    """hookspecs.py is the plugin manual."""
    for name, function in vars(hookspecs).items():
        if hasattr(function, "egregora_spec"):
            assert (inspect.getdoc(function) or "").strip().endswith("."), name


def test_privacy_cannot_be_disabled() -> None:
    """Without it, every document would hold real names."""
    with pytest.raises(UsageError, match="cannot be disabled"):
        App(discover=False, disabled=["privacy"])


def test_nothing_takes_the_place_of_core() -> None:
    """A plugin's command or section cannot have the name of one of core's, and the lists of those are whole."""
    hijack = _plugin("hijack", register_commands=lambda: [CommandSpec("run", "a:b", "Run away.")])
    shadow = _plugin("shadow", register_settings=lambda: SettingsSpec("a:b", section="windows"))

    app = App([hijack, shadow], discover=False)

    assert "command 'run' is already provided by core" in _status(app, "hijack").cause
    assert "settings 'windows' is already provided by core" in _status(app, "shadow").cause
    assert set(CORE_SECTIONS) == set(Settings.model_fields)
    root = typer.main.get_command(_typer(App(discover=False)))
    assert set(CORE_COMMANDS) == set(root.commands)  # type: ignore[attr-defined]  # a group


def test_a_module_that_exits_when_it_is_first_used_is_an_error_of_its_plugin() -> None:
    """A target is imported long after registration, and guarded as well."""
    bad = _plugin("bad", register_writers=lambda: [WriterSpec("w", "window", "1", "nowhere.at_all:write")])
    app = App([bad], discover=False)

    with pytest.raises(PluginError, match=r"'nowhere.at_all:write' of \(given\) 0 cannot be imported"):
        app.resolve("nowhere.at_all:write")


@pytest.mark.parametrize("broken", [False, True])
def test_installed_plugins_are_found_and_one_that_fails_names_its_distribution(
    broken: bool,  # noqa: FBT001 - a parameter
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry point is a plugin; a disabled one is not even imported."""
    info = tmp_path / "egregora_echo-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: egregora-echo\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[egregora]\necho = egregora_echo_plugin\n")
    (tmp_path / "egregora_echo_plugin.py").write_text("import missing_dependency" if broken else "EGREGORA_API = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "egregora_echo_plugin", raising=False)

    disabled = App(disabled=["echo"])
    assert "egregora_echo_plugin" not in sys.modules
    assert _status(disabled, "echo").status == "disabled"

    status = _status(App(), "echo")
    assert (status.distribution, status.version) == ("egregora-echo", "1.2")
    assert status.status == ("failed" if broken else "ok")
    if broken:
        assert status.phase == "import"
        assert "pip uninstall egregora-echo" in str(status)
