"""A plugin's own tables: made when it is enabled or by its command, extended or refused, and read by its stages."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
import typer
from egregora_core.cli.demo import example_export
from egregora_core.errors import LockedError, PluginError, SchemaError, StageError, UsageError, WorkspaceError
from egregora_core.pipeline import run_pipeline
from egregora_core.plugin.commands import open_plugin_workspace
from egregora_core.plugins import App, Provided
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings
from support import at_work

pytestmark = pytest.mark.slow  # whole runs, again and again

MODULE = "tally"
PLUGIN = """
from typing import Any

import ibis
from egregora_core.plugin import hookimpl
from egregora_core.plugin import Column, TableSchema
from egregora_core.plugin.settings import Section
from egregora_core.plugin import SettingsSpec, StageSpec, TableSpec, WriterSpec
from egregora_core.plugin import validate_stage

EGREGORA_API = 1

class Settings(Section):
    enabled: bool = False
    unit: str = "words"

MARKS = TableSchema(
    "tally_marks",
    (Column("tenant_id", "!string", "Whose."), Column("mark", "!string", "What is appended to a text.")),
    key=("tenant_id",),
)
LIMITS = ibis.schema(
    {"name": "!string", "most": "decimal(10, 2)", "tags": "array<string>", "at": "timestamp('UTC', 6)"}
)

@hookimpl
def register_settings():
    return SettingsSpec(f"{__name__}:Settings")

@hookimpl
def register_tables():
    return [
        TableSpec("tally_marks", f"{__name__}:MARKS", key=("tenant_id",)),
        TableSpec("tally_limits", f"{__name__}:LIMITS", key=("name",)),
    ]

@hookimpl
def register_stages():
    return [StageSpec("mark", "enrichment", "1", f"{__name__}:mark", row_wise=True, reads=("tally_marks",))]

@hookimpl
def register_writers():
    return [WriterSpec("tallies", "window", "1", f"{__name__}:write")]

@validate_stage
def mark(data: Any, *, tally_marks: Any) -> Any:
    marked = data.left_join(tally_marks, data.tenant_id == tally_marks.tenant_id)
    return marked.select(*[
        data.text.concat(marked.mark.fill_null("")).name("text") if name == "text" else data[name]
        for name in data.columns
    ])

def write(unit):
    return []
"""


@dataclass
class Project:
    """A workspace, the demo's export, and a plugin in a file that a test may edit."""

    root: Path

    def module(self, *edits: tuple[str, str]) -> ModuleType:
        text = PLUGIN
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (self.root / f"{MODULE}.py").write_text(text, encoding="utf-8")
        sys.modules.pop(MODULE, None)
        importlib.invalidate_caches()
        return importlib.import_module(MODULE)

    def app(self, *edits: tuple[str, str]) -> App:
        app = App([self.module(*edits)], discover=False)
        assert app.warnings == []
        return app

    def enable(self, word: str = "true") -> None:
        (self.root / "egregora.toml").write_text(f"[tally]\nenabled = {word}\n", encoding="utf-8")

    def run(self, app: App, **options: Any) -> dict[str, str]:
        """Run the pipeline and return what it said of each stage."""
        settings = load_settings(self.root, app)
        summary = run_pipeline(Command(app, settings, RunOptions("UTC", **options)), [self.root / "book_club.txt"])
        return {line.stage: line.text for line in summary.lines if not line.warning}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.root / ".egregora/egregora.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> set[str]:
        return {name for (name,) in self.query("SELECT table_name FROM duckdb_tables()")}


@pytest.fixture(scope="module")
def made_without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the demo's export has gone through all steps, without the plugin."""
    root = tmp_path_factory.mktemp("without")
    example_export(root).rename(root / "book_club.txt")
    Project(root).run(App(discover=False))
    return root


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A folder in which nothing has run."""
    root = tmp_path / "w"
    root.mkdir()
    monkeypatch.syspath_prepend(root)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two versions of a module within one second
    yield Project(root)
    sys.modules.pop(MODULE, None)


@pytest.fixture
def project(new: Project, made_without: Path) -> Project:
    """A workspace of the test's own in which all but the plugin has run."""
    shutil.copytree(made_without, new.root, dirs_exist_ok=True)
    return new


def test_a_plugin_that_is_not_enabled_leaves_no_trace(project: Project) -> None:
    """Installed is not enabled: core's tables and derived ones, no stage, no writer, of a plugin no table."""
    said = project.run(project.app())

    assert {name for name in project.tables() if not name.startswith("stage_")} == {
        "documents",
        "ir_messages",
        "known_names",
        "pseudonyms",
        "runs",
    }
    assert "stage_mark" not in project.tables()
    assert not {"mark", "tallies"} & said.keys()


def test_an_enabled_plugin_gets_its_tables_at_the_start_of_a_run(project: Project) -> None:
    """Both kinds of declaration become tables, with their keys and types; a dry run makes none."""
    project.enable()
    app = project.app()

    assert project.run(app, dry_run=True)["mark"] == "would run: tally_marks is made first"
    assert not {"tally_marks", "tally_limits"} & project.tables()
    assert project.run(app)["mark"] == "runs: first time"
    assert project.tables() >= {"tally_marks", "tally_limits", "stage_mark"}
    columns = "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = 'tally_limits'"
    assert project.query(columns) == [
        ("name", "VARCHAR", False),
        ("most", "DECIMAL(10,2)", True),
        ("tags", "VARCHAR[]", True),
        ("at", "TIMESTAMP WITH TIME ZONE", True),
    ]
    key = (
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' AND table_name"
    )
    assert project.query(f"{key} = 'tally_limits'") == [(["name"],)]
    assert project.query(f"{key} = 'tally_marks'") == [(["tenant_id"],)]


def test_a_new_nullable_column_is_added_and_any_other_difference_refused(project: Project) -> None:
    """Rows stay; what cannot be extended is said with what differs and what to do."""
    project.enable()
    app = project.app()
    project.run(app)
    with open_plugin_workspace(app, MODULE, project.root) as workspace, workspace.transaction():
        workspace.connection.execute("INSERT INTO tally_limits VALUES ('a', 1.5, ['x'], NULL)")
    wider = project.app(('"tags": "array<string>"', '"tags": "array<string>", "note": "string"'))

    project.run(wider)

    assert project.query("SELECT name, tags, note FROM tally_limits") == [("a", ["x"], None)]
    for edit, difference in (
        (('"most": "decimal(10, 2)"', '"most": "int64"'), r"column most is DECIMAL\(10,2\), expected BIGINT"),
        (('"most": "decimal(10, 2)", ', ""), "has an unknown column most"),
        (('"tags"', '"must": "!string", "tags"'), "lacks column must, which must not be null"),
        (('key=("name",)', "key=()"), r"has key \(name\), expected \(\)"),
    ):
        with pytest.raises(SchemaError, match=f"{difference}.*egregora plugins drop tally_limits"):
            project.run(project.app(edit))


def test_a_stage_reads_its_plugins_table_and_runs_when_that_changes(project: Project) -> None:
    """Each tenant sees its own rows; a changed row reprocesses every message, an unchanged table none."""
    project.enable()
    app = project.app()
    project.run(app)
    with open_plugin_workspace(app, MODULE, project.root) as workspace, workspace.transaction():
        workspace.connection.execute("INSERT INTO tally_marks VALUES ('default', ' #1'), ('other', ' #2')")

    assert project.run(app)["mark"] == "runs: input changed"
    ends = "SELECT DISTINCT right(text, 3) FROM stage_mark WHERE text IS NOT NULL"
    assert project.query(ends) == [(" #1",)]
    assert project.run(app)["mark"].startswith("stands")
    with open_plugin_workspace(app, MODULE, project.root) as workspace, workspace.transaction():
        workspace.connection.execute("UPDATE tally_marks SET mark = ' #3' WHERE tenant_id = 'other'")
    assert project.run(app)["mark"].startswith("stands")


def test_enabled_false_keeps_a_plugin_out_of_the_run(project: Project) -> None:
    """Its stages and writers are left out although it stays installed; its tables stay as they are."""
    project.enable()
    app = project.app()
    assert {"mark", "tallies"} <= project.run(app).keys()
    project.enable("false")

    assert not {"mark", "tallies"} & project.run(app).keys()
    assert project.tables() >= {"tally_marks", "tally_limits"}


def test_without_an_enabled_setting_only_a_command_makes_the_tables(project: Project) -> None:
    """A run that would read such a table before that says who makes it."""
    app = project.app(("    enabled: bool = False\n", ""))

    with pytest.raises(StageError, match=r"reads tally_marks.*a command of plugin 'tally' makes it"):
        project.run(app)
    with open_plugin_workspace(app, MODULE, project.root) as workspace:
        assert not workspace.has_tables()
        assert workspace.create_tables() == ["tally_marks", "tally_limits"]
        assert workspace.has_tables()
        assert workspace.create_tables() == []
    assert project.run(app)["mark"] == "runs: first time"


def test_a_command_sees_its_section_and_its_tenant(new: Project) -> None:
    """Settings are the plugin's own model, with what the command line said; a new workspace is made for writing."""
    app = new.app()

    with pytest.raises(WorkspaceError, match="there is no database yet"):
        open_plugin_workspace(app, MODULE, new.root, read_only=True).__enter__()
    overrides = {"workspace.tenant": "other", "tally.unit": "lines"}
    with open_plugin_workspace(app, MODULE, new.root, overrides=overrides) as found:
        assert (found.tenant, found.settings.unit, found.plugin) == ("other", "lines", MODULE)
        assert found.directory == new.root
    with open_plugin_workspace(app, MODULE, new.root, read_only=True) as found:
        assert (found.tenant, found.settings.unit) == ("default", "words")
        with pytest.raises(UsageError, match="read-only"):
            found.create_tables()
    with pytest.raises(PluginError, match="no working plugin"):
        open_plugin_workspace(app, "nobody", new.root).__enter__()


def test_a_command_that_writes_leaves_results_trusted_and_marks_what_died(project: Project) -> None:
    """It keeps the stamp as a run does, and turns `running` rows whose process is gone into `interrupted`."""
    project.enable()
    app = project.app()
    project.run(app)
    with duckdb.connect(project.root / ".egregora/egregora.duckdb") as connection:
        connection.execute("UPDATE runs SET status = 'running' WHERE stage = 'profiles'")

    with open_plugin_workspace(app, MODULE, project.root):
        pass

    assert project.query("SELECT DISTINCT status FROM runs WHERE stage = 'profiles'") == [("interrupted",)]

    with at_work(project.root) as session:
        assert session.trusted


def test_a_command_that_reads_names_who_holds_the_database(project: Project) -> None:
    """As every reading command: who it is, and how far they are."""
    import subprocess

    app = project.app()
    project.run(app)
    (project.root / "egregora.toml").write_text("[database]\nlock_timeout = 0\n", encoding="utf-8")
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(project.root / ".egregora/egregora.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LockedError, match=f"in use by process {holder.pid}"):
            open_plugin_workspace(app, MODULE, project.root, read_only=True).__enter__()
        holder.communicate()


def test_a_declaration_that_is_none_is_said(project: Project) -> None:
    """A schema of another type or name is an error that says what was expected."""
    project.enable()
    for edit, message in (
        (("LIMITS = ibis.schema", "LIMITS = dict"), "is a dict, expected a TableSchema or an ibis schema"),
        (('    "tally_marks",', '    "tally_mark",'), "is table 'tally_mark'"),
    ):
        with pytest.raises(PluginError, match=message):
            project.run(project.app(edit))


def test_a_plugins_command_gets_the_host(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`context.obj` is the App, for a plain function and for a group."""
    from egregora_core import cli
    from egregora_core.plugins import CommandSpec

    seen: list[Any] = []
    group = typer.Typer()

    @group.callback()
    def top(context: typer.Context) -> None:
        seen.append(context.obj)

    @group.command()
    def below(context: typer.Context) -> None:
        seen.append(context.obj)

    def plain(context: typer.Context) -> None:
        seen.append(context.obj)

    app = App(discover=False)
    root = typer.Typer()
    root.callback()(lambda: None)
    monkeypatch.setattr(app, "resolve", {"m:group": group, "m:plain": plain}.__getitem__)
    cli._add_plugin_command(root, app, Provided("mine", CommandSpec("group", "m:group", "A group.")))
    cli._add_plugin_command(root, app, Provided("mine", CommandSpec("plain", "m:plain", "A function.")))
    for arguments in (["group", "below"], ["plain"]):
        with pytest.raises(SystemExit):
            typer.main.get_command(root)(arguments, obj=app)

    assert seen == [app, app, app]
