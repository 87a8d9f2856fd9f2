"""No installed plugin takes the host down: each fault is one line, explained by the doctor, and hurts nobody else."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from egregora_core.plugins._discovery import installed
from support import egregora, install_plugin

HEAD = """
from egregora_core.plugin import hookimpl
from egregora_core.plugins._specs import *
from egregora_core.plugin import CommandSpec, SettingsSpec, SourceSpec, StageSpec, TableSpec, WriterSpec
EGREGORA_API = 1
"""


def hook(name: str, body: str, arguments: str = "") -> str:
    return f"{HEAD}\n@hookimpl\ndef {name}({arguments}):\n    {body}\n"


@dataclass(frozen=True)
class Fault:
    """A broken plugin `egregora-bad` 1.0: its source, where it fails, and words of the cause."""

    source: str
    phase: str
    cause: str
    entry: str | None = None
    others: dict[str, str] = field(default_factory=dict)
    """More plugins, by distribution, that are well."""


STAGE = "return [StageSpec({!r}, 'enrichment', '1', 'nowhere.to_be:found')]"

FAULTS = {
    "missing module": Fault("import no_such_module", "import", "No module named 'no_such_module'"),
    "syntax error": Fault("def (:", "import", "SyntaxError"),
    "SystemExit": Fault("import sys\nsys.exit(3)", "import", "SystemExit: 3"),
    "KeyboardInterrupt": Fault("raise KeyboardInterrupt", "import", "KeyboardInterrupt"),
    "a BaseException of its own": Fault(
        "class Out(BaseException):\n    pass\nraise Out('of here')", "import", "Out: of"
    ),
    "an error without words": Fault(
        "class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute", "import", "Mute"
    ),
    "misspelt hook": Fault(hook("register_source", "return []"), "hooks", "did you mean 'register_sources'"),
    "unknown argument": Fault(hook("run_started", "pass", "runn"), "hooks", "did you mean 'run'"),
    "default": Fault(hook("run_started", "pass", "run=None"), "hooks", "no default"),
    "keyword-only": Fault(hook("run_started", "pass", "*, run"), "hooks", "not keyword-only"),
    "wrapper": Fault(
        f"{HEAD}\n@hookimpl(wrapper=True)\ndef register_sources():\n    return (yield)\n", "hooks", "wrappers"
    ),
    "hook raises": Fault(hook("register_stages", "1 / 0"), "registration", "ZeroDivisionError"),
    "hook exits": Fault(hook("register_stages", "raise SystemExit"), "registration", "SystemExit"),
    "wrong type": Fault(hook("register_stages", "return ['x']"), "registration", "returned a str, expected StageSpec"),
    "no sequence": Fault(hook("register_sources", "return 3"), "registration", "returned a int, expected a list of"),
    "forgotten return": Fault(hook("register_sources", "pass"), "registration", "returned None, expected a list of"),
    "function for a target": Fault(
        hook("register_writers", "return [WriterSpec('w', 'window', '1', print)]"),
        "registration",
        "package.module:attr",
    ),
    "unknown step": Fault(
        hook("register_stages", "return [StageSpec('s', 'enrichmnt', '1', 'a:b')]"),
        "registration",
        "did you mean 'enrichment'",
    ),
    "reads another's table": Fault(
        hook("register_stages", "return [StageSpec('s', 'enrichment', '1', 'a:b', reads=('elo_ratings',))]"),
        "registration",
        "no table of its plugin",
    ),
    "no API number": Fault("pass", "API check", "states no EGREGORA_API"),
    "another API number": Fault("EGREGORA_API = 99", "API check", "is written for API 99, this Egregora has API 1"),
    "another entry point": Fault(
        HEAD, "discovery", "called 'good', but distribution 'egregora-bad'", "good = bad_module"
    ),
    "two entry points": Fault(HEAD, "discovery", "called 'bad' and 'bad2'", "bad = bad_module\nbad2 = bad_module"),
    "no module": Fault(HEAD, "discovery", "expected the name of a module", "bad = not a module"),
    "one id": Fault(
        HEAD, "discovery", "two plugins have this name: bad 2.0 and egregora-bad 1.0", others={"bad": HEAD}
    ),
    "another's stage": Fault(
        hook("register_stages", STAGE.format("shared")),
        "registration",
        "stage 'shared' is already provided by 'aaa' (egregora-aaa 2.0)",
        others={
            "egregora-aaa": hook(
                "register_stages", "return [StageSpec('shared', 'enrichment', '1', f'{__name__}:same')]"
            )
            + "\ndef same(data):\n    return data\n"
        },
    ),
    "a built-in stage": Fault(
        hook("register_stages", STAGE.format("privacy")), "registration", "provided by 'privacy' (egregora-core"
    ),
    "a step's name": Fault(hook("register_stages", STAGE.format("all")), "registration", "already provided by core"),
    "a built-in command": Fault(
        hook("register_commands", "return [CommandSpec('run', 'a:b', 'Run away.')]"), "registration", "command 'run'"
    ),
    "another's command": Fault(
        hook("register_commands", "return [CommandSpec('shared', 'a:b', 'Share.')]"),
        "registration",
        "command 'shared' is already provided by 'aaa' (egregora-aaa 2.0)",
        others={"egregora-aaa": hook("register_commands", "return [CommandSpec('shared', 'a:b', 'Share.')]")},
    ),
    "another's table": Fault(
        hook("register_tables", "return [TableSpec('elo_ratings', 'a:b')]"), "registration", "must be called bad_<noun>"
    ),
    "one table twice": Fault(
        hook("register_tables", "return [TableSpec('bad_x', 'a:b'), TableSpec('bad_x', 'a:b')]"),
        "registration",
        "table 'bad_x' is already provided by 'bad' (egregora-bad 1.0)",
    ),
    "core's section": Fault(
        hook("register_settings", "return SettingsSpec('a:b', section='windows')"), "registration", "provided by core"
    ),
    "a source that is there": Fault(
        hook("register_sources", "return [SourceSpec('whatsapp', 'a:b', 'a:b')]"),
        "registration",
        "provided by 'whatsapp'",
    ),
}


OTHERS = [plugin.id for plugin in installed()[0]]
"""What else this environment has installed: no part of the machine that the tests are about."""


@dataclass(frozen=True)
class Machine:
    """A site directory on PYTHONPATH, and a workspace in which the demo has run."""

    site: Path
    workspace: Path

    def start(self, *arguments: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "egregora_core", *arguments],
            cwd=cwd or self.workspace,
            env={**os.environ, "PYTHONPATH": str(self.site), "EGREGORA_PLUGINS__DISABLED": json.dumps(OTHERS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def egregora(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        variables = {"EGREGORA_PLUGINS__DISABLED": json.dumps(OTHERS)}
        return egregora(*arguments, cwd=self.workspace, environment=variables, site=self.site)

    def settings(self, text: str) -> None:
        (self.workspace / "egregora.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def machine(demo_workspace: Path, tmp_path: Path) -> Machine:
    (tmp_path / "site").mkdir()
    return Machine(tmp_path / "site", demo_workspace)


def break_it(machine: Machine, fault: Fault) -> None:
    install_plugin(machine.site, "egregora-bad", {"bad_module": fault.source}, entry=fault.entry)
    for distribution, source in fault.others.items():
        module = f"{distribution.replace('-', '_')}_module"
        install_plugin(machine.site, distribution, {module: source}, version="2.0")


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_broken_plugin_costs_one_line_and_is_explained(fault: Fault, machine: Machine) -> None:
    """Help, the list and an unchanged run work; the doctor says what, where, why and what to do; strict is fatal."""
    break_it(machine, fault)
    commands = {
        "help": ["--help"],
        "list": ["plugins", "--json"],
        "doctor": ["plugins", "doctor", "--json"],
        "strict": ["--strict-plugins", "--help"],
    }
    found = {name: machine.egregora(*arguments) for name, arguments in commands.items()}
    ran = machine.egregora("run")

    line = f"warning: plugin 'bad' (egregora-bad 1.0) failed at {fault.phase}: "
    for name in ("help", "list", "doctor"):
        err, code = found[name].stderr, found[name].returncode
        said = [text for text in err.splitlines() if "(egregora-bad 1.0)" in text]
        assert len(said) == 1, err
        assert said[0].startswith(line)
        assert fault.cause in said[0]
        assert code == (1 if name == "doctor" else 0)
    assert "Commands:" in found["help"].stdout
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("stands") >= 4
    assert ran.stderr.count("(egregora-bad 1.0) failed") == 1
    listed = next(p for p in json.loads(found["list"].stdout) if p["distribution"] == "egregora-bad")
    assert (listed["status"], listed["phase"], listed["version"]) == ("failed", fault.phase, "1.0")
    told = next(p for p in json.loads(found["doctor"].stdout)["broken"] if p["distribution"] == "egregora-bad")
    assert (told["plugin"], told["version"], told["phase"]) == ("bad", "1.0", fault.phase)
    assert fault.cause in told["cause"]
    assert told["uninstall"].endswith("pip uninstall egregora-bad")
    assert found["strict"].returncode == 1
    assert found["strict"].stderr.startswith("error: plugin ")
    assert line.removeprefix("warning: ") in found["strict"].stderr


def test_an_installed_plugin_never_takes_a_built_in_ones_place(machine: Machine) -> None:
    """`egregora-markdown` of somebody else's is the broken one, and pages are published as before."""
    install_plugin(machine.site, "egregora-markdown", {"other_markdown": HEAD})

    listed = json.loads(machine.egregora("plugins", "--json").stdout)

    statuses = {p["distribution"]: p["status"] for p in listed if p["id"] == "markdown"}
    assert statuses == {"egregora-core": "ok", "egregora-markdown": "failed"}
    assert machine.egregora("run").returncode == 0


def test_everything_is_broken_at_once(machine: Machine) -> None:
    """One line for each, and every other command answers."""
    sources = [fault for fault in FAULTS.values() if not fault.others and fault.entry is None]
    for number, fault in enumerate(sources):
        source = fault.source.replace("bad_", f"bad{number}_")
        install_plugin(machine.site, f"egregora-bad{number}", {f"bad_{number}_module": source})

    for arguments in (["--help"], ["runs"], ["plugins"], ["config", "show"], ["query", "select 1"]):
        done = machine.egregora(*arguments)
        assert done.returncode == 0, done.stderr
        assert sum("(egregora-bad" in line for line in done.stderr.splitlines()) == len(sources), done.stderr


@pytest.mark.parametrize(
    ("fault", "settings", "arguments"),
    [
        ("missing module", '[plugins]\nrequired = ["egregora-bad"]\n', []),
        ("hook raises", '[plugins]\nrequired = ["bad>=0.5"]\n', []),
        ("another API number", "[bad]\nenabled = true\n", []),
        ("SystemExit", '[pipeline]\nstages = ["privacy", "badly"]\n', []),
        ("misspelt hook", "", ["--force", "badly"]),
    ],
)
def test_a_run_that_needs_a_broken_plugin_fails_at_once(
    fault: str, settings: str, arguments: list[str], machine: Machine
) -> None:
    """Required, enabled, or asked for by the name of a stage: the same explanation, and nothing runs."""
    break_it(machine, FAULTS[fault])
    machine.settings(settings)

    done = machine.egregora("run", *arguments)

    assert done.returncode == 1
    assert done.stdout == ""
    error = done.stderr.partition("error: ")[2]
    assert f"plugin 'bad' (egregora-bad 1.0) failed at {FAULTS[fault].phase}: " in error
    assert FAULTS[fault].cause in error
    assert "egregora --disable bad" in error


def test_an_export_that_a_broken_plugin_may_read_says_so(machine: Machine, tmp_path: Path) -> None:
    """Nobody recognises the file: the reason may be the plugin that does not work."""
    break_it(machine, FAULTS["missing module"])
    (tmp_path / "chat.bad").write_text("hello", encoding="utf-8")

    done = machine.egregora("run", str(tmp_path / "chat.bad"))

    assert done.returncode == 1
    assert "not working: plugin 'bad' (egregora-bad 1.0) failed at import" in done.stderr.partition("error: ")[2]


# --- broken later than at the start -------------------------------------------------------------------------------


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("run_started", "RuntimeError('said to Marta')"),
        ("run_started", "KeyboardInterrupt"),
        ("run_finished", "SystemExit(4)"),
    ],
)
def test_an_observer_that_raises_breaks_no_run(name: str, error: str, machine: Machine) -> None:
    """It is reported once, without its words, which may quote a message; under --strict-plugins the run ends with 1."""
    install_plugin(machine.site, "egregora-bad", {"bad_module": hook(name, f"raise {error}", "run")})

    done = machine.egregora("run", "--force", "generation", "--force", "publication")
    strict = machine.egregora("run", "--force", "publication", "--strict-plugins")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("runs: forced") == 3
    said = [line for line in done.stderr.splitlines() if "egregora-bad" in line]
    assert len(said) == 1
    assert f"plugin 'bad' (egregora-bad 1.0) failed at {name}: {error.partition('(')[0]}; the run goes on" in said[0]
    assert "Marta" not in done.stderr
    assert strict.returncode == 1
    assert strict.stdout.count("runs: forced") == 1


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("Settings = dict", "expected a pydantic model"),
        ("Settings = ['an', 'example']", "expected a pydantic model"),
        ("import pydantic\nclass Settings(pydantic.BaseModel):\n    size: int", "size has no default"),
    ],
)
def test_broken_settings_cost_their_plugin_alone(settings: str, cause: str, machine: Machine) -> None:
    """A section is imported long after registration: commands that read settings go on without that plugin."""
    source = hook("register_settings", "return SettingsSpec('bad_settings:Settings')")
    install_plugin(machine.site, "egregora-bad", {"bad_module": source, "bad_settings": settings})

    run, doctor = machine.egregora("run"), machine.egregora("plugins", "doctor")
    machine.settings("[bad]\nenabled = true\n")
    needed = machine.egregora("run")

    assert run.returncode == 0, run.stderr
    assert run.stderr.count("failed at settings") == 1
    assert cause in run.stderr
    assert doctor.returncode == 1
    assert cause in doctor.stdout
    assert needed.returncode == 1
    assert cause in needed.stderr.partition("error: ")[2]


def test_what_cannot_be_imported_on_first_use_is_found_by_the_doctor(machine: Machine) -> None:
    """A stage whose module is missing is named with its plugin by the run that needs it, and by the doctor before."""
    install_plugin(machine.site, "egregora-bad", {"bad_module": hook("register_stages", STAGE.format("lost"))})

    doctor, run = machine.egregora("plugins", "doctor"), machine.egregora("run")

    assert doctor.returncode == 1
    assert "first use: 'nowhere.to_be:found' of egregora-bad 1.0 cannot be imported" in doctor.stdout
    assert run.returncode == 1
    assert "'nowhere.to_be:found' of egregora-bad 1.0 cannot be imported" in run.stderr
    assert "egregora --disable bad" in run.stderr
    assert machine.egregora("--disable", "bad", "run").returncode == 0


@pytest.mark.slow  # a whole run
def test_a_source_that_raises_while_it_looks_at_a_file_is_passed_over(machine: Machine) -> None:
    """Whoever else recognises the file reads it."""
    source = hook("register_sources", "return [SourceSpec('bad', 'bad_module:recognise', 'bad_module:recognise')]")
    source += "\ndef recognise(path):\n    raise RuntimeError(path.head())\n"
    install_plugin(machine.site, "egregora-bad", {"bad_module": source})
    export = next(machine.workspace.glob("*.txt"))
    export.write_text(export.read_text(encoding="utf-8") + "10/03/2025, 20:00 - Marta Leal: more\n", encoding="utf-8")

    done = machine.egregora("run", export.name)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("(egregora-bad 1.0) failed at source bad: RuntimeError") == 1
    assert "Marta" not in done.stderr


def test_a_command_that_fails_names_its_plugin(machine: Machine) -> None:
    """An error in somebody's command is no fault in Egregora."""
    source = (
        hook("register_commands", "return [CommandSpec('bad', 'bad_module:go', 'Go.')]") + "\ndef go():\n    1 / 0\n"
    )
    install_plugin(machine.site, "egregora-bad", {"bad_module": source})

    done = machine.egregora("bad")

    assert done.returncode == 1
    assert done.stderr.startswith("error: command 'bad' of egregora-bad 1.0 failed: ZeroDivisionError")
    assert "Traceback" in machine.egregora("bad", "--debug").stderr


def test_what_a_plugin_prints_while_it_is_loaded_disturbs_no_program(machine: Machine) -> None:
    """The standard output belongs to the command, which may print JSON."""
    install_plugin(machine.site, "egregora-loud", {"loud_module": f"print('hello')\n{HEAD}"})

    done = machine.egregora("plugins", "--json")

    assert any(plugin["id"] == "loud" for plugin in json.loads(done.stdout))
    assert "hello" in done.stderr


def test_ctrl_c_while_a_plugin_is_imported_is_the_users(machine: Machine) -> None:
    """A KeyboardInterrupt that a plugin raises is its fault; one that comes as a signal ends the command."""
    source = "print('here', flush=True)\nimport time\ntime.sleep(60)\n"
    install_plugin(machine.site, "egregora-slow", {"slow_module": source})

    process = machine.start("plugins")
    assert process.stderr is not None
    assert process.stderr.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err.startswith("interrupted; ")


# --- metadata -----------------------------------------------------------------------------------------------------


def test_a_distribution_that_is_visible_twice_is_one_plugin(machine: Machine, tmp_path: Path) -> None:
    """The first on sys.path counts, as it does for Python; the doctor mentions the other."""
    second = tmp_path / "second"
    install_plugin(machine.site, "egregora-twice", {"twice_module": HEAD}, version="2.0")
    install_plugin(second, "egregora-twice", {"twice_module": "raise RuntimeError"}, version="1.0")
    both = Machine(Path(f"{machine.site}{os.pathsep}{second}"), machine.workspace)

    listed, _ = both.start("plugins", "--json").communicate(timeout=60)
    doctor, _ = both.start("plugins", "doctor", "--json").communicate(timeout=60)

    assert [(p["version"], p["status"]) for p in json.loads(listed) if p["id"] == "twice"] == [("2.0", "ok")]
    told = json.loads(doctor)
    assert f"egregora-twice 1.0 in {second} is hidden by 2.0 in {machine.site}" in told["hidden"]
    assert "twice" not in {each["plugin"] for each in told["broken"]}


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("METADATA", None),
        ("METADATA", b""),
        ("METADATA", b"\xff\xfe\x00"),
        ("entry_points.txt", b"[egregora]\nbad\n"),
        ("entry_points.txt", b"[egregora]\n= bad\n"),
        ("entry_points.txt", b"[egregora]\n\xff\xfe"),
        ("entry_points.txt", b"[egregora]"),
    ],
)
def test_damaged_metadata_hurt_nobody_else(file: str, content: bytes | None, machine: Machine) -> None:
    """Whatever an interrupted installer left, the list and the help are there."""
    info = install_plugin(machine.site, "egregora-bad", {"bad_module": HEAD})
    install_plugin(machine.site, "egregora-good", {"good_module": HEAD})
    if content is None:
        (info / file).unlink()
    else:
        (info / file).write_bytes(content)

    done = machine.egregora("plugins", "--json")

    assert done.returncode == 0, done.stderr
    assert {p["status"] for p in json.loads(done.stdout) if p["id"] == "good"} == {"ok"}
