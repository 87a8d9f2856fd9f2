"""What holds for every command: where options stand, how it is summed up, and what a shell may ask of it."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from egregora_core import cli
from egregora_core.cli._context import take_globals
from support import WITHOUT_REPORT, install_plugin

Run = Callable[..., tuple[int, str, str]]

PLUGIN = """
import typer
from egregora_core.plugin.commands import HERE, WorkspaceDir
from egregora_core.plugin import hookimpl
from egregora_core.plugin import CommandSpec
EGREGORA_API = 1
app = typer.Typer(rich_markup_mode=None)
inner = typer.Typer(rich_markup_mode=None, help="Go deeper")
app.add_typer(inner, name="inner")

@app.command()
def place(workspace: WorkspaceDir = HERE) -> None:
    "Say where."
    print(workspace)

@inner.command()
def deep(workspace: WorkspaceDir = HERE) -> None:
    "Say where. At length, with more than one sentence."
    print(workspace)

def own(there: str = typer.Option(..., "--workspace")) -> None:
    print(there)

def clash(width: int = typer.Option(3, "-w")) -> None:
    print(width)

@hookimpl
def register_commands():
    return [CommandSpec(name, f"placing:{name}", help="Say where it is") for name in ("app", "own", "clash")]
"""


@pytest.fixture(scope="module", autouse=True)
def _without_report() -> Iterator[None]:
    """Pages of a package that may be installed are not what this is about."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WITHOUT_REPORT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `egregora …` in an empty directory and returns its exit code, output and messages."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main([*arguments])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return called


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workspace."""
    directory = tmp_path_factory.mktemp("made") / "demo"
    with pytest.raises(SystemExit) as stop:
        cli.main(["demo", str(directory)])
    assert not stop.value.code
    return directory


@pytest.fixture
def workspace(run: Run, made: Path) -> Path:
    """A copy of it, in a directory with a name that a shell would take apart."""
    return Path(shutil.copytree(made, "my chats"))


# --- help and wrong use ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["init-elo", "elo", "elo leaderboard", "own", "app inner deep", "query", "runs tail"]
)
def test_every_command_knows_both_names_of_help(
    command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plugins' commands, too, whatever they were made with."""
    site = tmp_path / "site"
    install_plugin(site, "egregora-placing", {"placing": PLUGIN})
    monkeypatch.syspath_prepend(site)
    shown = run(*command.split(), "--help")
    assert shown[0] == 0
    assert run(*command.split(), "-h") == shown


@pytest.mark.parametrize(
    "arguments",
    [["export", "--format", "xls"], ["ingest", "x", "--date-order", "xyz"], ["elo", "leaderboard", "--format", "x"]],
)
def test_a_wrong_choice_is_told_in_plain_words(arguments: list[str], run: Run) -> None:
    """With what there is to choose from."""
    code, _, err = run(*arguments)
    assert code == 2
    assert f": '{arguments[-1]}' is not one of '" in err


# --- the workspace --------------------------------------------------------------------------------------------------


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("spelling", [["--workspace", "{}"], ["--workspace={}"], ["-w", "{}"], ["-w{}"]])
def test_the_workspace_stands_before_or_after_any_command(spelling: list[str], run: Run, workspace: Path) -> None:
    """Also inside a group and its subcommands, however it is written; the last one of several counts."""
    place = [part.format(workspace) for part in spelling]
    others = [["runs"], ["config", "show"], ["query", "select count(*) from runs"]]
    for command in [["runs", "tail"], *(others if spelling[0] == "--workspace" else [])]:
        wanted = run(*command, *place)
        assert wanted[0] == 0, wanted
        for at in range(len(command)):
            assert run(*command[:at], *place, *command[at:]) == wanted
    assert run("--workspace", "nowhere", "runs", *place)[0] == 0


def test_commands_that_touch_no_workspace_take_it_too(run: Run, workspace: Path) -> None:
    """Nobody has to know which do; its `[plugins]` count everywhere."""
    (workspace / "egregora.toml").write_text('[plugins]\ndisabled = ["markdown"]\n')
    for at in range(3):
        command = ["plugins", "list"]
        command[at:at] = ["-w", str(workspace)]
        code, out, _ = run(*command)
        assert (code, "disabled" in out) == (0, True)
    assert run("schema", "sql", "--workspace", str(workspace))[0] == 0


@pytest.mark.slow
def test_the_demo_goes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    """As an argument or as the option, before or after; one place, or it is wrong use."""
    for arguments in (["demo", "a"], ["demo", "--workspace", "b"], ["--workspace", "c", "demo"]):
        assert run(*arguments)[0] == 0
    assert all((tmp_path / name / "site").is_dir() for name in "abc")
    code, _, err = run("demo", "d", "-w", "e")
    assert (code, "twice" in err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


@pytest.mark.slow
def test_the_demo_says_commands_that_work_as_they_are(run: Run, tmp_path: Path) -> None:
    """A blank or a quotation mark in the name is no obstacle to whoever copies them."""
    _, out, _ = run("demo", "it's mine")
    for line in out.partition("now try:\n")[2].splitlines():
        words = shlex.split(line)
        assert words[0] == "egregora"
        assert run(*words[1:])[0] == 0


@pytest.mark.parametrize("arguments", [["runs", "--workspace"], ["-w"], ["--workspace=", "runs"], ["-w", "", "runs"]])
def test_a_workspace_that_is_not_said_is_wrong_use(arguments: list[str], run: Run) -> None:
    """An empty variable in a script must not mean the current directory."""
    code, _, err = run(*arguments)
    assert (code, "lacks its value" in err) == (2, True)


def test_what_follows_two_dashes_is_left_alone() -> None:
    """A file may be called as an option is."""
    found, rest = take_globals(["run", "-w", "w", "--", "-w", "--debug"])
    assert (found.workspace, found.debug, rest) == (Path("w"), False, ["run", "--", "-w", "--debug"])


# --- plugins --------------------------------------------------------------------------------------------------------


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed plugin with a group, a command with its own `--workspace`, and one whose `-w` is something else."""
    install_plugin(tmp_path / "site", "egregora-placing", {"placing": PLUGIN})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "placing", raising=False)


def test_a_plugins_commands_take_the_workspace_like_all_others(plugin: None, run: Run) -> None:
    """In groups of groups, and where a command has its own option of that name."""
    for command in (["app", "place"], ["app", "inner", "deep"], ["own"]):
        for at in range(len(command) + 1):
            code, out, err = run(*command[:at], "--workspace", "there", *command[at:])
            assert (code, out) == (0, "there\n"), err
    assert run("app", "place")[1] == ".\n"


def test_a_plugins_option_that_is_egregoras_own_is_told(plugin: None, run: Run) -> None:
    """Its value would go to the wrong place without a word."""
    code, _, err = run("clash", "-w", "5")
    assert code == 1
    assert "-w" in err
    assert "Egregora's own" in err


# --- the help -------------------------------------------------------------------------------------------------------


def _lists(text: str) -> dict[str, str]:
    """Return the summaries in a help text, by command, on one line each."""
    found: dict[str, str] = {}
    for line in text.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines():
        if not line.startswith("   "):
            name, _, summary = line.strip().partition(" ")
            found[name] = summary.strip()
        else:
            found[name] += f" {line.strip()}"
    return found


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_each_command_is_summed_up_in_one_whole_sentence(
    columns: str, plugin: None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any width: of ours, of a plugin's that forgot the full stop, and of one that says more than that."""
    monkeypatch.setenv("COLUMNS", columns)
    groups = [[], ["runs"], ["plugins"], ["config"], ["schema"], ["app"], ["app", "inner"]]
    seen: dict[str, str] = {}
    for group in groups:
        _, out, _ = run(*group, "--help")
        seen |= _lists(out)
        assert max(map(len, out.splitlines())) <= int(columns)
    assert len(seen) > 20
    for name, summary in seen.items():
        assert re.fullmatch(r"[A-Z].*[^.]\.", summary), name
    assert seen["app"] == "Say where it is."
    assert seen["deep"] == "Say where."


# --- completion -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_completion_is_printed(shell: str, run: Run) -> None:
    """For the shell that is named; one that nobody knows is wrong use, and says which there are."""
    for arguments in (["--show-completion", shell], [f"--show-completion={shell}"]):
        code, out, _ = run(*arguments)
        assert code == 0
        assert f"complete_{shell}" in out
    code, _, err = run("--show-completion", "tcsh")
    assert (code, "bash, zsh, fish" in err) == (2, True)


def test_completion_is_installed_for_whoever_asks(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start file of the shell reads the script, and it is said where that is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    code, out, _ = run("--install-completion", "bash")
    script = tmp_path / ".bash_completions" / "egregora.sh"
    assert code == 0
    assert str(script) in out
    assert f"source '{script}'" in (tmp_path / ".bashrc").read_text()
    assert "_EGREGORA_COMPLETE=complete_bash" in script.read_text()


@pytest.fixture
def press_tab(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """A function that asks what may come after a line, as bash does; the last word is the one to complete."""

    def offered(line: str) -> list[str]:
        words = ["egregora", *re.findall(r"'[^']*'|\S+|(?<= )$", line)]
        for name, value in (("COMP_WORDS", "\n".join(words)), ("COMP_CWORD", str(len(words) - 1))):
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("_EGREGORA_COMPLETE", "complete_bash")
        code, out, err = run()
        monkeypatch.delenv("_EGREGORA_COMPLETE")
        assert (code, err) == (0, "")
        return sorted(out.split())

    return offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ru", ["run", "runs"]),
        ("--workspace w runs l", ["lineage"]),
        ("runs --workspace w sh", ["show"]),
        ("--disable markdown --no-plugins runs --workspace=w sh", ["show"]),
        ("export --format ", ["csv", "jsonl", "parquet"]),
        ("export --format j", ["jsonl"]),
        ("app --workspace w inn", ["inner"]),
        ("app inner d", ["deep"]),
        ("--workspace 'my chats' app pl", ["place"]),
        ("--works", ["--workspace"]),
        ("--install", ["--install-completion"]),
        ("app place --deb", ["--debug"]),
        ("own --no-such-opt", []),
    ],
)
def test_a_shell_is_told_what_may_come_next(
    line: str, offered: list[str], plugin: None, press_tab: Callable[[str], list[str]]
) -> None:
    """Commands, options and choices, of plugins too, whatever global options stand before."""
    assert press_tab(line) == offered


def test_broken_settings_do_not_disturb_whoever_presses_tab(
    press_tab: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """They are told to whoever runs a command."""
    (tmp_path / "egregora.toml").write_text("[pipeline\n")
    assert press_tab("conf") == ["config"]


def test_a_real_bash_completes(run: Run, tmp_path: Path) -> None:
    """With the script that is printed, word for word."""
    bash, egregora = shutil.which("bash"), Path(sys.executable).parent / "egregora"
    if bash is None:
        pytest.skip("there is no bash here")
    script = run("--show-completion", "bash")[1]
    ask = f"COMP_WORDS=({egregora} --workspace w con)\nCOMP_CWORD=3\n_egregora_completion {egregora}"
    done = subprocess.run(
        [bash, "-c", f'{script}\n{ask}\necho "${{COMPREPLY[@]}}"'],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("config\n", "")


# --- who may read -------------------------------------------------------------------------------------------------


@pytest.mark.slow  # two whole commands
def test_what_egregora_keeps_is_its_owners_alone(run: Run, workspace: Path) -> None:
    """`.egregora/` and all in it, also after a person was forgotten; pages are as public as the user's mask says."""
    before = os.umask(0o022)
    try:
        assert run("forget", "-w", str(workspace), "--author", "Tom Okafor", "--yes")[0] == 0
        assert run("run", "-w", str(workspace))[0] == 0
    finally:
        os.umask(before)
    home = workspace / ".egregora"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == dict.fromkeys(
        [".gitignore", "egregora.duckdb", "run.json", "secret.key"], 0o600
    )
    assert stat.S_IMODE((workspace / "site/docs/index.md").stat().st_mode) == 0o644


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_may_read_is_told(mode: int, run: Run, workspace: Path) -> None:
    """Once a command, with what to do; of the database too, where its directory is open."""
    home = workspace / ".egregora"
    (home / "secret.key").chmod(mode)
    for command in (["runs"], ["query", "select 1"], ["run"]):
        _, _, err = run("-w", str(workspace), *command)
        assert err.count("may be read by others") == 1
        assert f"chmod go= '{home / 'secret.key'}'" in err
    (home / "secret.key").chmod(0o600)
    (home / "egregora.duckdb").chmod(0o644)
    assert "read by others" not in run("-w", str(workspace), "runs")[2]
    home.chmod(0o755)
    assert "egregora.duckdb may be read by others" in run("-w", str(workspace), "runs")[2]
