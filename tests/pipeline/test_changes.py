"""Twelve kinds of change, each against a pipeline that has run: exactly those that matter run again, and say why."""

import importlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.exports import Export
from egregora_core.pipeline import run_pipeline
from egregora_core.plugins import App, Reading, ReadOptions, Recognised, SourceSpec, hookimpl
from egregora_core.session import Command, Line, RunOptions
from egregora_core.settings import load_settings
from egregora_core.storage import fingerprint_relation

STAGE = """
from egregora_core.plugin import hookimpl
from egregora_core.plugin import SettingsSpec, StageSpec
from egregora_core.plugin import validate_stage
from pydantic import BaseModel
from shout_helper import ending

EGREGORA_API = 1
LIMIT = 12

class Shout(BaseModel):
    mark: str = "!"
    colour: str = "red"

def _cut(column):
    return column.left(LIMIT)

@validate_stage
def shout(data, *, mark: str):
    text = _cut(data.text)
    return data.mutate(text=text.upper().concat(mark).concat(ending()))

@hookimpl
def register_stages():
    return [StageSpec("shout", "enrichment", "1", "shout_stage:shout", row_wise=True)]

@hookimpl
def register_settings():
    return SettingsSpec("shout_stage:Shout")
"""
HELPER = 'def ending():\n    return "."\n'


class Lines:
    """A source of our own: one message a line, `minute author text`."""

    EGREGORA_API = 1
    __name__ = "lines"

    @hookimpl
    def register_sources(self) -> list[SourceSpec]:
        return [SourceSpec("lines", "test_changes_lines:recognise", "test_changes_lines:read")]


def recognise(export: Export) -> Recognised:
    return Recognised("certain") if export.path.suffix == ".lines" else Recognised("no")


def read(export: Export, options: ReadOptions) -> Reading:
    import pyarrow as pa

    rows = [line.split(" ", 2) for line in export.path.read_text(encoding="utf-8").splitlines()]
    start = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    table = pa.table(
        {
            "ts": pa.array([start + timedelta(minutes=int(minute)) for minute, _, _ in rows], pa.timestamp("us")),
            "author": [author for _, author, _ in rows],
            "text": [text for _, _, text in rows],
            "kind": ["text"] * len(rows),
        }
    )
    return Reading(iter([table]), options.thread or export.title, zoned=True)


@dataclass
class Project:
    """A workspace, an export and a stage in files that a test may edit."""

    root: Path
    lines: list[Line] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def execute(self, sql: str) -> None:
        with duckdb.connect(self.root / ".egregora" / "egregora.duckdb") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(sql)

    def run(self, **options: Any) -> dict[str, str]:
        """Run the pipeline as a fresh process would, and return what it said of each stage."""
        importlib.invalidate_caches()
        for name in ("shout_stage", "shout_helper"):
            sys.modules.pop(name, None)
        app = App([Lines(), importlib.import_module("shout_stage")], discover=False, disabled=["whatsapp"])
        settings = load_settings(self.root, app)
        self.lines = []
        run_pipeline(Command(app, settings, RunOptions(**options), self.lines.append), [self.root / "chat.lines"])
        return {line.stage: line.text for line in self.lines if not line.warning}

    def texts(self) -> list[str]:
        with duckdb.connect(self.root / ".egregora" / "egregora.duckdb", read_only=True) as connection:
            rows = connection.execute("SELECT text FROM stage_shout ORDER BY ts, seq").fetchall()
        return [text for (text,) in rows]


@contextmanager
def _importable(root: Path) -> Iterator[Project]:
    """Yield the project in a folder, whose modules can be imported meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setitem(sys.modules, "test_changes_lines", sys.modules[__name__])
        yield Project(root)
    for name in ("shout_stage", "shout_helper"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with _importable(tmp_path_factory.mktemp("project")) as made:
        made.write("shout_stage.py", STAGE)
        made.write("shout_helper.py", HELPER)
        made.write("egregora.toml", '[shout_stage]\nmark = "!"\ncolour = "red"\n')
        made.write("chat.lines", "".join(f"{n} Ana{n % 3}x message number {n}\n" for n in range(40)))
        assert made.run()["shout"] == "runs: first time"
        return made.root


@pytest.fixture
def project(first_run: Path, tmp_path: Path) -> Iterator[Project]:
    """A project whose pipeline has run once."""
    with _importable(Path(shutil.copytree(first_run, tmp_path, dirs_exist_ok=True))) as made:
        yield made


def _stands(said: str) -> bool:
    return said.startswith("stands (run …")


@pytest.mark.slow
def test_nothing_changed_stands(project: Project) -> None:
    """Where nothing changed every stage stands, and names the run whose result it is."""
    said = project.run()

    assert all(_stands(text) for text in said.values()), said


HARMLESS: dict[str, Callable[[Project], None]] = {
    "a comment": lambda p: p.edit("shout_stage.py", "    text = _cut", "    # why\n\n    text = _cut"),
    "a local name": lambda p: p.edit(
        "shout_stage.py",
        "    text = _cut(data.text)\n    return data.mutate(text=text.",
        "    body = _cut(data.text)\n    return data.mutate(text=body.",
    ),
    "an unseen setting": lambda p: p.edit("egregora.toml", '"red"', '"blue"'),
    "reordered rows": lambda p: p.execute(
        "CREATE TABLE sorted AS SELECT * FROM ir_messages ORDER BY event_id DESC; DELETE FROM ir_messages; "
        "INSERT INTO ir_messages SELECT * FROM sorted; DROP TABLE sorted"
    ),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_change_that_does_not_matter_runs_nothing(project: Project, change: Callable[[Project], None]) -> None:
    """What cannot change the result leaves it standing."""
    change(project)

    said = project.run()

    assert _stands(said["privacy"]), said
    assert _stands(said["shout"]), said


MATTERS: dict[str, tuple[Callable[[Project], None], str, str]] = {
    "the body": (
        lambda p: p.edit("shout_stage.py", ".upper()", ".lower()"),
        "code changed",
        "message numb!."[:12].lower(),
    ),
    "a helper in the module": (
        lambda p: p.edit("shout_stage.py", "column.left", "column.right"),
        "code changed",
        "AGE NUMBER 0",
    ),
    "a helper in another module": (lambda p: p.edit("shout_helper.py", '"."', '"?"'), "code changed", "MESSAGE NUMB!?"),
    "a constant": (lambda p: p.edit("shout_stage.py", "LIMIT = 12", "LIMIT = 3"), "code changed", "MES!."),
    "a seen setting": (
        lambda p: p.edit("egregora.toml", '"!"', '"#"'),
        "config changed ([shout_stage] mark)",
        "MESSAGE NUMB#.",
    ),
    "a damaged result": (
        lambda p: p.execute("UPDATE stage_shout SET text = 'x' WHERE text IS NOT NULL"),
        "its result was changed from outside",
        "MESSAGE NUMB!.",
    ),
    "a result that lost rows": (
        lambda p: p.execute("DELETE FROM stage_shout WHERE ts > TIMESTAMPTZ '2024-01-01 00:05:00+00'"),
        "its result was changed from outside",
        "MESSAGE NUMB!.",
    ),
}


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(("change", "why", "first"), MATTERS.values(), ids=MATTERS)
def test_a_change_that_matters_runs_again_and_says_why(
    project: Project, change: Callable[[Project], None], why: str, first: str
) -> None:
    """The stage runs again for the reason it gives; the stages before it stand; the result is the new one."""
    change(project)

    said = project.run()

    assert said["shout"] == f"runs: {why}"
    assert _stands(said["privacy"])
    assert _stands(said["lines"])
    assert project.texts()[0].startswith(first)
    assert len(project.texts()) == 40
    assert _stands(project.run()["shout"])


@pytest.mark.slow  # several whole commands
def test_an_input_value_runs_what_depends_on_it_for_the_changed_row_alone(project: Project) -> None:
    """An edited message reaches every stage, and row-wise stages process that message only."""
    project.edit("chat.lines", "message number 7\n", "something else\n")

    said = project.run()

    assert said["lines"].startswith("runs: ")
    assert said["shout"].startswith("runs: input changed")
    processed = {line.stage: line.run.attrs.get("processed") for line in project.lines if line.run}
    assert processed["privacy"] == processed["shout"] == 1
    assert project.texts()[7] == "SOMETHING EL!."


@pytest.mark.slow
def test_new_messages_are_counted_in_the_reason_and_alone_processed(project: Project) -> None:
    """A re-export with three more messages processes those three."""
    text = (project.root / "chat.lines").read_text(encoding="utf-8")
    project.write("chat.lines", text + "".join(f"{n} Ana1x more {n}\n" for n in (50, 51, 51)))

    said = project.run()

    assert said["shout"] == "runs: 3 new messages"
    processed = {line.stage: line.run.attrs.get("processed") for line in project.lines if line.run}
    assert processed["privacy"] == processed["shout"] == 3
    assert project.texts()[-1] == "MORE 51!."


@pytest.mark.slow  # whole runs, again and again
def test_a_new_author_reprocesses_every_row(project: Project) -> None:
    """The set of names belongs to privacy's input: an old message may mention who writes only now."""
    project.edit("chat.lines", "message number 7\n", "ask Zoraida\n")
    project.run()
    text = (project.root / "chat.lines").read_text(encoding="utf-8")
    project.write("chat.lines", text + "60 Zoraida hello\n")

    project.run()

    processed = {line.stage: line.run.attrs.get("processed") for line in project.lines if line.run}
    assert processed["privacy"] == 41
    pseudonym, *_ = project.texts()[7].removeprefix("ASK ").split("!")
    assert pseudonym.replace(" ", "").isalpha()  # its beginning: a stage of this project shortens
    assert pseudonym != "ZORAIDA"


@pytest.mark.parametrize("change", ["ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t ALTER COLUMN a TYPE BIGINT"])
def test_a_renamed_column_or_changed_type_is_another_input(change: str) -> None:
    """The same values under another name or type make another fingerprint."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT range::INTEGER AS a FROM range(10)")
        before = fingerprint_relation(connection, "t")
        connection.execute(change)

        assert fingerprint_relation(connection, "t") != before


def test_force_reruns_the_named_stage_and_dry_run_writes_nothing(project: Project) -> None:
    """`--force STAGE` runs that stage alone; `--dry-run` says what would run, and does not."""
    before = (project.root / ".egregora" / "egregora.duckdb").stat().st_size
    dry = project.run(force=frozenset({"shout"}), dry_run=True)

    assert dry["shout"] == "would run: forced"
    assert dry["privacy"].startswith("would stand")
    assert (project.root / ".egregora" / "egregora.duckdb").stat().st_size == before

    forced = project.run(force=frozenset({"shout"}))

    assert forced["shout"] == "runs: forced"
    assert _stands(forced["privacy"])
    assert _stands(forced["posts"])
