"""The command line: quick to start, exit codes that mean something, JSON for programs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import egregora as _egregora

HEAVY = ("ibis", "duckdb", "pydantic", "pyarrow", "pandas", "numpy", "rich", "babel")


def _imported(arguments: list[str], cwd: Path) -> set[str]:
    """Return which heavy modules a command imports."""
    code = (
        "import sys\nfrom egregora_core.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1].replace("'", '"')))


@pytest.fixture(scope="module")
def workspace(made_by_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made by the demo."""
    return Path(shutil.copytree(made_by_demo, tmp_path_factory.mktemp("cli") / "w"))


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """Start-up is a promise: neither ibis nor duckdb nor pydantic to show the help."""
    assert _imported(["--help"], tmp_path) == set()


@pytest.mark.parametrize("arguments", [["run", "--help"], ["plugins"], ["--version"]])
def test_plugins_are_listed_without_their_modules(arguments: list[str], tmp_path: Path) -> None:
    """Registration is light: the host imports nothing heavy to say what there is."""
    assert _imported(arguments, tmp_path) <= {"pydantic"}  # typer reads the values of options with it


@pytest.mark.slow
def test_runs_imports_the_engine_alone(workspace: Path) -> None:
    """`egregora runs` answers at once: no ibis, and nothing that DuckDB drags in for parameters."""
    allowed = {"duckdb", "pydantic"}  # typer reads an option's value with pydantic

    assert _imported(["runs"], workspace) <= allowed
    assert _imported(["runs", "lineage"], workspace) <= allowed


def test_an_unchanged_run_imports_no_ibis(workspace: Path) -> None:
    """Where every result stands, nothing is computed and nothing heavy imported."""
    export = next(workspace.glob("*.txt"))

    # The demo's workspace was made by the built-in plugins, so the others would have something to make.
    assert _imported(["--no-plugins", "run", export.name], workspace) == {"duckdb", "pydantic"}


@pytest.mark.slow
def test_the_demo_says_what_it_made_and_where(tmp_path: Path) -> None:
    """The first minute shows something."""
    done = _egregora("demo", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "posts" in done.stdout
    assert (tmp_path / "egregora-demo" / "site" / "docs" / "index.md").is_file()
    assert "egregora-demo/site" in done.stdout


def test_runs_are_listed_shown_explained_and_traced(workspace: Path) -> None:
    """People get tables, programs JSON; a part of an id is enough."""
    listed = json.loads(_egregora("runs", "--json", cwd=workspace).stdout)
    newest = next(run for run in listed if run["step"] == "publication")

    assert {run["step"] for run in listed} >= {"ingestion", "privacy", "generation", "publication"}
    shown = json.loads(_egregora("runs", "show", newest["run_id"][-6:], "--json", cwd=workspace).stdout)
    assert shown["run_id"] == newest["run_id"]
    line = json.loads(_egregora("runs", "lineage", newest["run_id"], "--json", cwd=workspace).stdout)
    assert [run["step"] for run in line] == ["publication", "generation", "generation", "privacy", "ingestion"]
    assert "because: " in _egregora("runs", "explain", newest["run_id"], cwd=workspace).stdout


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_export_writes_pseudonymised_messages(form: str, workspace: Path, tmp_path: Path) -> None:
    """Without --raw no name leaves; with it everything does."""
    import duckdb

    read = {"parquet": "read_parquet", "csv": "read_csv", "jsonl": "read_json"}[form]
    for options, expected in (((), 0), (("--raw",), 1)):
        path = tmp_path / f"out{expected}.{form}"
        assert _egregora("export", "--format", form, "-o", str(path), *options, cwd=workspace).returncode == 0
        query = f"SELECT count(*) FILTER (author_raw = 'Marta Leal') > 0, count(*) > 50 FROM {read}('{path}')"
        assert duckdb.execute(query).fetchall() == [(bool(expected), True)]


def test_schema_is_printed_for_people_databases_and_programs(tmp_path: Path) -> None:
    """One definition, three forms."""
    assert "event_id" in _egregora("schema", "show", cwd=tmp_path).stdout
    assert "CREATE TABLE IF NOT EXISTS ir_messages" in _egregora("schema", "sql", cwd=tmp_path).stdout
    assert "event_id" in json.loads(_egregora("schema", "json", cwd=tmp_path).stdout)["properties"]


def test_validate_reports_and_writes_nothing(workspace: Path, tmp_path: Path) -> None:
    """An export and a table are looked at; the directory stays as it was."""
    export = next(workspace.glob("*.txt")).resolve()

    done = _egregora("validate", str(export), "--json", "--timezone", "UTC", cwd=tmp_path)

    assert json.loads(done.stdout)["authors"] == 3
    assert list(tmp_path.iterdir()) == []
    assert json.loads(_egregora("validate", "stage_privacy", "--json", cwd=workspace).stdout)["schema"] == "ir_messages"
    assert _egregora("validate", "stage_nothing", cwd=workspace).returncode == 2


@pytest.mark.parametrize("arguments", [["rnu"], ["run"], ["runs", "--limit", "0"], ["--disable", "nobody", "plugins"]])
def test_wrong_use_ends_with_2(arguments: list[str], tmp_path: Path) -> None:
    """0 is done, 1 failed, 2 wrong use."""
    assert _egregora(*arguments, cwd=tmp_path).returncode == 2


def test_plugin_options_work_before_and_after_the_command(tmp_path: Path) -> None:
    """Nobody has to remember where an option goes."""
    for arguments in (["--disable", "markdown", "plugins"], ["plugins", "--disable=markdown"]):
        assert "disabled" in _egregora(*arguments, cwd=tmp_path).stdout


@pytest.mark.slow
def test_forget_removes_a_person_and_all_that_was_made_of_their_messages(demo_workspace: Path) -> None:
    """Messages, derived rows, documents and pages go; the name goes from what others wrote, too."""
    assert _egregora("forget", "--author", "Tom Okafor", cwd=demo_workspace).returncode == 2  # nobody is there to ask
    done = _egregora("forget", "--author", "Tom Okafor", "--yes", cwd=demo_workspace)

    assert done.returncode == 0, done.stderr
    query = "select count(*) from (select text, author_raw, attrs->>'mentions' m from ir_messages) where {}"
    for condition in ("author_raw = 'Tom Okafor'", "text like '%Okafor%'", "m like '%Okafor%'"):
        counted = _egregora("query", query.format(condition), "--csv", cwd=demo_workspace)
        assert counted.stdout.splitlines()[1] == "0", condition
    pages = [path.read_text() for path in (demo_workspace / "site" / "docs").rglob("*.md")]
    assert not any("wine" in page for page in pages)
    again = _egregora("run", next(demo_workspace.glob("*.txt")).name, cwd=demo_workspace)
    assert again.returncode == 0
    assert "runs: " in again.stdout.splitlines()[1]  # the thread was forgotten since, so the file is read anew


def test_the_list_of_plugins_imports_nothing_heavy(tmp_path: Path) -> None:
    """What tells which plugin is at fault must depend on as little as possible."""
    assert _imported(["plugins"], tmp_path) == set()
    assert _imported(["--disable", "markdown", "plugins", "--json"], tmp_path) == set()


def test_help_is_there_whatever_the_settings_say(tmp_path: Path) -> None:
    """Wrong settings are a warning to whoever asks for help, and an error to everybody else."""
    (tmp_path / "egregora.toml").write_text("[pipeline\n")

    shown = _egregora("--help", cwd=tmp_path)

    assert shown.returncode == 0
    assert "warning: " in shown.stderr
    assert "Commands:" in shown.stdout
    assert _egregora("plugins", cwd=tmp_path).returncode == 2


def test_privacy_cannot_be_left_out(workspace: Path) -> None:
    """No option publishes real names."""
    export = next(workspace.glob("*.txt")).name
    for arguments in (["--disable", "privacy"], ["--no-plugins", "--disable=privacy"]):
        done = _egregora("run", export, *arguments, cwd=workspace)
        assert done.returncode == 2
        assert "cannot be disabled" in done.stderr


def test_a_query_prints_tables_csv_and_json(workspace: Path) -> None:
    """JSON is one array, whatever the number of rows; a comment at the end is no obstacle."""
    query = "select i, 'é' as letter from range({0}) t(i) -- {0} rows"

    for number in (0, 1, 2500):
        found = json.loads(_egregora("query", query.format(number), "--json", cwd=workspace).stdout)
        assert [row["i"] for row in found] == list(range(number))
        printed = _egregora("query", query.format(number), "--csv", cwd=workspace).stdout.splitlines()
        assert len(printed) == number + 1
    assert _egregora("query", query.format(2), cwd=workspace).stdout.split() == ["i", "letter", "0", "é", "1", "é"]
    assert _egregora("query", query.format(0), cwd=workspace).stdout == "no rows\n"


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("form", [["--csv"], ["--json"], []])
def test_a_reader_that_leaves_early_is_no_error(form: list[str], workspace: Path) -> None:
    """`egregora query … | head` ends quietly."""
    command = [sys.executable, "-m", "egregora_core", "query", "select * from range(200000)", *form]
    with subprocess.Popen(command, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_interrupt_says_that_nothing_is_lost(tmp_path: Path) -> None:
    """Ctrl-C ends with 130 and one line, wherever it comes."""
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from egregora_core.cli import _plugins, main\n"
        "_plugins.print_versions = lambda: signal.raise_signal(signal.SIGINT)\n"
        "main(['--version'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 130
    assert done.stderr.startswith("interrupted; ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("place", [["-w", "w"], ["-ww"], ["--workspace=w"], ["--workspace", "w"]])
def test_a_workspace_is_found_however_it_is_written(place: list[str], workspace: Path) -> None:
    """Its `[plugins]` section is read before anything else, from the same place."""
    (workspace / "egregora.toml").write_text('[plugins]\ndisabled = ["nobody"]\n')
    try:
        assert "nobody" in _egregora("runs", *place, cwd=workspace.parent).stderr
    finally:
        (workspace / "egregora.toml").unlink()


def test_a_plugins_command_is_imported_when_it_is_called(tmp_path: Path) -> None:
    """A function or a group hangs under `egregora`, gets its own arguments, and costs the help nothing."""
    (tmp_path / "egregora_echo-1.2.dist-info").mkdir()
    (tmp_path / "egregora_echo-1.2.dist-info" / "METADATA").write_text("Name: egregora-echo\nVersion: 1.2\n")
    (tmp_path / "egregora_echo-1.2.dist-info" / "entry_points.txt").write_text("[egregora]\necho = echo_plugin\n")
    (tmp_path / "echo_plugin.py").write_text(
        "from egregora_core.plugin import hookimpl, CommandSpec\n"
        "EGREGORA_API = 1\n@hookimpl\ndef register_commands():\n"
        "    return [CommandSpec('echo', 'echo_command:echo', 'Say it again.')]\n"
    )
    (tmp_path / "echo_command.py").write_text(
        "from egregora_core.errors import ExportError\n"
        "print('imported')\n"
        "def echo(word: str, times: int = 1) -> None:\n"
        "    if word == 'no':\n        raise ExportError('nothing to say')\n"
        "    print(*[word] * times)\n"
    )

    shown = _egregora("--help", cwd=tmp_path, site=tmp_path)
    assert "Say it again." in shown.stdout
    assert "imported" not in shown.stdout
    assert _egregora("echo", "hi", "--times", "2", cwd=tmp_path, site=tmp_path).stdout == "imported\nhi hi\n"
    assert "WORD" in _egregora("echo", "--help", cwd=tmp_path, site=tmp_path).stdout.upper()
    failed = _egregora("echo", "no", cwd=tmp_path, site=tmp_path)
    assert (failed.returncode, failed.stderr) == (1, "error: nothing to say\n")
    assert _egregora("echo", cwd=tmp_path, site=tmp_path).returncode == 2


def test_run_without_an_export_works_on_what_is_stored(demo_workspace: Path, tmp_path: Path) -> None:
    """After `forget`, or with another setting, the messages that are there are enough; with none it asks for a file."""
    assert _egregora("run", cwd=tmp_path).returncode == 2
    (demo_workspace / "egregora.toml").write_text('[windows]\nby = "messages"\nsize = 10\n', encoding="utf-8")

    done = _egregora("run", cwd=demo_workspace)

    assert done.returncode == 0, done.stderr
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if "/" in line.split()[0])
    assert said["generation/posts"].startswith("runs: config changed ([windows] by, [windows] size)")
    assert said["generation/profiles"].startswith("stands")  # an author's profile sees no windows


def test_a_stage_that_nobody_provides_is_wrong_use(workspace: Path) -> None:
    """A misspelt stage is said, with a guess, and nothing runs."""
    done = _egregora("run", "--force", "privcy", cwd=workspace)

    assert done.returncode == 2
    assert "did you mean 'privacy'" in done.stderr


@pytest.mark.slow  # several whole runs
def test_tenants_publish_apart(demo_workspace: Path) -> None:
    """One tenant's pages never take the place of another's."""
    before = sorted(path.name for path in (demo_workspace / "site").rglob("*"))
    export = next(demo_workspace.glob("*.txt")).name

    assert _egregora("run", export, "--tenant", "other", "--timezone", "UTC", cwd=demo_workspace).returncode == 0

    assert sorted(path.name for path in (demo_workspace / "site").rglob("*")) == before
    assert (demo_workspace / "site-other" / "docs" / "index.md").is_file()
    query = "select count(distinct event_id), count(*) from ir_messages"
    counted = _egregora("query", query, "--csv", cwd=demo_workspace).stdout.splitlines()[1]
    assert counted == "112,112"  # the same export twice, and no id in common
