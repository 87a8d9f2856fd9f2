"""Whoever runs the command says which plugins are loaded, before a line of theirs is executed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from egregora_core.plugins._discovery import installed
from support import egregora, install_plugin

OTHERS = [plugin.id for plugin in installed()[0]]
LOUD = """
print("echo is imported")
from egregora_core.plugin import hookimpl
EGREGORA_API = 1

@hookimpl
def run_started(run):
    pass
"""


@dataclass(frozen=True)
class Machine:
    """A folder with the plugin `egregora-echo-chamber` 1.2 installed, which says when it is imported."""

    path: Path

    def egregora(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return egregora(*arguments, cwd=self.path, environment=environment, site=self.path / "site")

    def listed(self, *arguments: str, **environment: str) -> tuple[dict[str, object], bool]:
        """Return the plugin as it is listed, and whether it was imported."""
        done = self.egregora("plugins", "--json", *arguments, **environment)
        assert done.returncode == 0, done.stderr
        plugin = next(each for each in json.loads(done.stdout) if each["id"] == "echo_chamber")
        return plugin, "echo is imported" in done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    install_plugin(tmp_path / "site", "egregora-echo-chamber", {"egregora_echo": LOUD}, version="1.2")
    return Machine(tmp_path)


def test_an_installed_plugin_is_loaded_and_listed(machine: Machine) -> None:
    """Distribution, version, API and hooks; a dash in its name is an underscore in its id."""
    plugin, imported = machine.listed()

    assert imported
    assert plugin == {
        "id": "echo_chamber",
        "distribution": "egregora-echo-chamber",
        "version": "1.2",
        "status": "ok",
        "phase": None,
        "cause": None,
        "api": 1,
        "hooks": ["run_started"],
        "contributes": [],
        "built_in": False,
    }


@pytest.mark.parametrize(
    ("arguments", "settings", "variable", "cause"),
    [
        (["--disable", "echo_chamber"], "", "[]", "--disable"),
        (["--disable=egregora-echo-chamber"], "", "[]", "--disable"),
        (["--disable", "echo-chamber"], "", "[]", "--disable"),
        (["--no-plugins"], "", "[]", "--no-plugins"),
        ([], '[plugins]\ndisabled = ["echo_chamber"]\n', None, "[plugins] disabled in egregora.toml"),
        ([], "", '["echo_chamber"]', "EGREGORA_PLUGINS__DISABLED"),
    ],
)
def test_a_disabled_plugin_is_not_imported_and_listed_from_its_metadata(
    arguments: list[str], settings: str, variable: str | None, cause: str, machine: Machine
) -> None:
    """By its id or its distribution; on the command line, in the file, in the environment; who said so is told."""
    (machine.path / "egregora.toml").write_text(settings, encoding="utf-8")

    plugin, imported = machine.listed(
        *arguments, **({} if variable is None else {"EGREGORA_PLUGINS__DISABLED": variable})
    )

    assert not imported
    assert (plugin["status"], plugin["cause"]) == ("disabled", cause)
    assert (plugin["distribution"], plugin["version"], plugin["api"]) == ("egregora-echo-chamber", "1.2", None)


@pytest.mark.parametrize(
    ("arguments", "settings", "variable", "message"),
    [
        (["--disable", "echo_chambre"], "", "[]", "did you mean 'echo_chamber'?"),
        (["--no-plugins", "--disable", "echo_chambre"], "", "[]", "did you mean 'echo_chamber'?"),
        (
            [],
            '[plugins]\ndisabled = ["echo_chambre"]\n',
            None,
            "[plugins] disabled in egregora.toml: no plugin to disable",
        ),
        (
            [],
            '[plugins]\ndisable = ["echo_chamber"]\n',
            "[]",
            "unknown key [plugins] disable; did you mean 'disabled'?",
        ),
        ([], "", '["echo_chambre"]', "EGREGORA_PLUGINS__DISABLED: no plugin to disable"),
    ],
)
def test_a_misspelt_name_loads_nothing(
    arguments: list[str], settings: str, variable: str | None, message: str, machine: Machine
) -> None:
    """Whoever wants a plugin out must not get it in by a typo."""
    (machine.path / "egregora.toml").write_text(settings, encoding="utf-8")
    environment = {} if variable is None else {"EGREGORA_PLUGINS__DISABLED": variable}

    done = machine.egregora("plugins", *arguments, **environment)

    assert done.returncode == 2
    assert message in done.stderr
    assert "echo is imported" not in done.stderr


@pytest.mark.parametrize(
    ("required", "message"),
    [
        ("egregora-echo-chamber>=1.1", None),
        ("egregora_echo_chamber", None),
        ("echo-chamber<2", None),
        ("egregora-echo-chamber>=2", "1.2 is installed: "),
        ("egregora-nowhere>=0.2", "required but not installed: "),
        ("egregora echo", "is no requirement"),
    ],
)
def test_required_plugins_are_checked(required: str, message: str | None, machine: Machine) -> None:
    """What is installed is said, and the command that installs what is wanted; a broken text is wrong use."""
    (machine.path / "egregora.toml").write_text(f'[plugins]\nrequired = ["{required}"]\n', encoding="utf-8")

    done = machine.egregora("config", "show")

    assert done.returncode == (0 if message is None else 2 if "no requirement" in message else 1)
    if message is not None:
        assert message in done.stderr
    if message and "installed" in message:
        assert f"pip install {'-U ' if '1.2' in message else ''}'{required}'" in done.stderr


def test_a_required_plugin_that_is_disabled_stops_the_run(machine: Machine) -> None:
    """Two settings that contradict each other are said, with who disabled it."""
    (machine.path / "egregora.toml").write_text('[plugins]\nrequired = ["echo-chamber"]\n', encoding="utf-8")

    done = machine.egregora("config", "show", "--disable", "echo_chamber")

    assert done.returncode == 1
    assert "required plugin 'echo_chamber' (egregora-echo-chamber 1.2): disabled by --disable" in done.stderr


def test_disabling_lifts_the_need_of_an_enabled_section(machine: Machine) -> None:
    """The way out that a broken plugin's message shows must be one."""
    (machine.path / "egregora.toml").write_text("[echo_echo]\nenabled = true\n", encoding="utf-8")
    install_plugin(machine.path / "site", "egregora-echo-echo", {"echo_echo": "import no_such_module"})
    (machine.path / "chat.txt").write_text("10/03/2025, 20:00 - Ana: hello\n", encoding="utf-8")
    run = ["run", "chat.txt", "--timezone", "UTC"]

    assert machine.egregora(*run, "--disable", "echo_echo").returncode == 0
    refused = machine.egregora(*run)
    assert refused.returncode == 1
    assert (
        "[echo_echo] says enabled = true, but plugin 'echo_echo' (egregora-echo-echo 1.0) failed at import"
        in refused.stderr
    )


def test_order_is_by_step_then_id(machine: Machine) -> None:
    """However the file system lists them; built-in parts come first within a step."""
    for name in ("zeta", "alpha", "mid"):
        module = f"egregora_{name}"
        source = (
            "from egregora_core.plugin import hookimpl, StageSpec, WriterSpec\n"
            "EGREGORA_API = 1\n@hookimpl\ndef register_stages():\n"
            f"    return [StageSpec('{name}_late', 'curation', '1', 'a:b'),\n"
            f"            StageSpec('{name}_soon', 'enrichment', '1', 'a:b')]\n"
            f"@hookimpl\ndef register_writers():\n    return [WriterSpec('{name}', 'window', '1', 'a:b')]\n"
        )
        install_plugin(machine.path / "site", f"egregora-{name}", {module: source})
    code = (
        "import json; from egregora_core.plugins import App\n"
        f"app = App(disabled={OTHERS})\n"
        "print(json.dumps([[p.spec.name for p in found] for found in (app.stages, app.writers)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(machine.path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )

    stages, writers = json.loads(done.stdout)
    expected = [f"{name}_{when}" for when in ("soon", "late") for name in ("alpha", "mid", "zeta")]
    assert stages == ["privacy", *expected]
    assert writers == ["posts", "profiles", "alpha", "mid", "zeta"]


def test_freeze_prints_the_line_that_survives_upgrades(machine: Machine) -> None:
    """Core and each plugin, by name; pinned where asked; from its folder where it was installed from one."""
    info = install_plugin(machine.path / "site", "egregora-local", {"egregora_local": "EGREGORA_API = 1"})
    origin = {"url": "file:///somewhere/egregora-local", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")

    line = machine.egregora("plugins", "freeze").stdout
    pinned = machine.egregora("plugins", "freeze", "--pin").stdout

    assert line.startswith("uv tool install ")
    assert "--with egregora-echo-chamber" in line
    assert "--with-editable /somewhere/egregora-local" in line
    assert "--with egregora-echo-chamber==1.2" in pinned


@pytest.mark.parametrize("arguments", [["--help"], ["plugins"], ["--version"]])
def test_a_plugins_own_modules_are_not_imported_to_say_what_there_is(arguments: list[str], machine: Machine) -> None:
    """Specs are strings: what they name is imported on first use."""
    source = (
        "from egregora_core.plugin import *\nEGREGORA_API = 1\n"
        "@hookimpl\ndef register_settings():\n    return SettingsSpec('egregora_lazy_heavy:Settings')\n"
        "@hookimpl\ndef register_tables():\n    return [TableSpec('lazy_rows', 'egregora_lazy_heavy:ROWS')]\n"
        "@hookimpl\ndef register_commands():\n    return [CommandSpec('lazy', 'egregora_lazy_heavy:go', 'Go.')]\n"
    )
    modules = {"egregora_lazy": source, "egregora_lazy_heavy": "raise SystemExit('imported')"}
    install_plugin(machine.path / "site", "egregora-lazy", modules)

    done = machine.egregora(*arguments)

    assert done.returncode == 0, done.stderr
    assert "egregora-lazy" not in done.stderr
