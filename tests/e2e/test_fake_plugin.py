"""A third party's plugin, installed beside core, end to end: every hook, from the command line."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import hookspecs
from egregora_core.plugins._discovery import installed
from support import egregora, install_fake_plugin

pytestmark = pytest.mark.slow  # whole runs, again and again

CHAT = "".join(f"{1709579000 + 60 * n}\t{'Ana Reis' if n % 2 else 'Bob Stone'}\tline {n % 5}\n" for n in range(40))
OTHERS = [plugin.id for plugin in installed()[0]]


@dataclass(frozen=True)
class Machine:
    """A workspace and a chat that only the fake plugin reads, which is installed in `site`."""

    workspace: Path
    site: Path

    def egregora(self, *arguments: str, code: int = 0, **environment: Any) -> "subprocess.CompletedProcess[str]":
        variables = {"EGREGORA_PLUGINS__DISABLED": json.dumps(OTHERS), **environment}
        return egregora(*arguments, cwd=self.workspace, code=code, environment=variables, site=self.site)

    def run(self, *arguments: str, **environment: str) -> dict[str, str]:
        """Run the pipeline and return what it said of each stage."""
        done = self.egregora("run", *arguments, code=0, **environment)
        lines = (line.split(maxsplit=1) for line in done.stdout.splitlines() if "/" in line.split()[0])
        return {name: text for name, text in lines if not name.startswith("published")}

    def settings(self, text: str) -> None:
        (self.workspace / "egregora.toml").write_text(text, encoding="utf-8")

    def rows(self, query: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.egregora("query", query, "--json").stdout)
        return found

    def tables(self) -> set[object]:
        return {row["table_name"] for row in self.rows("select table_name from duckdb_tables()")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "w").mkdir()
    install_fake_plugin(tmp_path / "site")
    (tmp_path / "w" / "chat.fake").write_text(CHAT, encoding="utf-8")
    return Machine(tmp_path / "w", tmp_path / "site")


def test_it_uses_every_hook(machine: Machine) -> None:
    """A hook that nobody uses is a hook that nobody knows to work."""
    listed = json.loads(machine.egregora("plugins", "--json").stdout)
    (fake,) = (plugin for plugin in listed if plugin["id"] == "fake")

    hooks = {name for name, function in vars(hookspecs).items() if hasattr(function, "egregora_spec")}
    assert set(fake["hooks"]) == hooks
    assert (fake["status"], fake["distribution"], fake["api"]) == ("ok", "egregora-fake", 1)


def test_installed_but_not_enabled_it_only_reads_its_files(machine: Machine) -> None:
    """Its source works; nothing else of it takes part, and core's database is core's."""
    said = machine.run("chat.fake")

    assert list(said) == [
        "ingestion/fake", "privacy/privacy", "generation/posts", "generation/profiles", "publication/markdown"
    ]  # fmt: skip
    assert {name for name in machine.tables() if not str(name).startswith("stage_")} == {
        "ir_messages", "runs", "documents", "pseudonyms", "known_names"
    }  # fmt: skip
    assert "stage_fake_words" not in machine.tables()


def test_enabled_it_takes_part_in_every_step_and_stands_like_any_other(machine: Machine) -> None:
    """Source, both stages, writer, publisher, table, settings, command and observers, one after the other."""
    machine.settings("[fake]\nenabled = true\n")
    log = machine.workspace / "observed"

    first = machine.run("chat.fake", FAKE_LOG=str(log))
    order = [
        "ingestion/fake",
        "privacy/privacy",
        "enrichment/fake_words",
        "generation/posts",
        "generation/profiles",
        "generation/fake_counts",
        "curation/fake_titles",
        "publication/markdown",
        "publication/fake_titles",
    ]
    assert list(first) == order
    observed = [f"{name} {what}" for name in order for what in ("started", "completed")]
    assert log.read_text().splitlines() == observed
    assert "fake_words" in machine.tables()
    titles = (machine.workspace / "fake" / "titles.txt").read_text(encoding="utf-8").splitlines()
    assert titles
    assert all(title.endswith(" (fake)") for title in titles)
    assert "Ana Reis" not in "".join(titles)

    again = machine.run("chat.fake", FAKE_LOG=str(log))
    assert all(text.startswith("stands (run …") for text in again.values()), again
    assert len(log.read_text().splitlines()) == 2 * len(order)

    assert json.loads(machine.egregora("fake", "list", "--json").stdout) == []
    machine.egregora("fake", "add", "line 3", "three")
    assert json.loads(machine.egregora("fake", "list", "--json").stdout) == [{"word": "line 3", "replacement": "three"}]
    changed = machine.run()
    assert changed["privacy/privacy"].startswith("stands")
    assert changed["enrichment/fake_words"].startswith("runs: ")
    marked = "select count(*) n from stage_fake_words where text = 'three*'"
    assert machine.rows(marked) == [{"n": 8}]

    machine.settings('[fake]\nenabled = true\nmark = "+"\n')
    assert machine.run()["enrichment/fake_words"] == "runs: config changed ([fake] mark)"
    assert machine.rows(marked.replace("*'", "+'")) == [{"n": 8}]


def test_lineage_leads_through_a_plugins_stages(machine: Machine) -> None:
    """Each of its runs has a parent, and a status that says how it went."""
    machine.settings("[fake]\nenabled = true\n")
    machine.run("chat.fake")

    runs = json.loads(machine.egregora("runs", "--json").stdout)
    last = next(run["run_id"] for run in runs if run["stage"] == "fake_titles" and run["step"] == "publication")
    line = json.loads(machine.egregora("runs", "lineage", last, "--json").stdout)

    assert [run["stage"] for run in line][:3] == ["fake_titles", "fake_titles", "fake_counts"]
    assert [run["stage"] for run in line][-3:] == ["fake_words", "privacy", "fake"]


def test_an_edited_helper_of_the_plugin_runs_its_stage_again(machine: Machine) -> None:
    """With another module of its package edited: code changed; a comment changes nothing."""
    machine.settings("[fake]\nenabled = true\n")
    machine.run("chat.fake")
    helper, documents = (machine.site / "egregora_fake" / name for name in ("words.py", "documents.py"))

    helper.write_text(helper.read_text().replace("column.concat(mark)", "column.concat(mark)  # louder"))
    assert machine.run()["enrichment/fake_words"].startswith("stands")
    helper.write_text(helper.read_text().replace("column.concat(mark)", "column.upper().concat(mark)"))
    assert machine.run()["enrichment/fake_words"] == "runs: code changed"
    documents.write_text(documents.read_text().replace("messages\\n", "lines\\n"))
    said = machine.run()
    assert said["generation/fake_counts"] == "runs: code changed"
    assert said["enrichment/fake_words"].startswith("stands")


def test_pipeline_stages_choose_and_order(machine: Machine) -> None:
    """What is not named stays out; privacy never does."""
    machine.settings('[fake]\nenabled = true\n[pipeline]\nstages = ["fake_titles"]\n')

    said = machine.run("chat.fake")

    assert "curation/fake_titles" in said
    assert "privacy/privacy" in said
    assert "enrichment/fake_words" not in said


def test_without_its_plugin_a_workspace_works_and_says_what_stayed_behind(machine: Machine) -> None:
    """Its table is an orphan when it is gone, and can be dropped; while it is disabled, it is nobody's to drop."""
    machine.settings("[fake]\nenabled = true\n")
    machine.run("chat.fake")
    machine.egregora("fake", "add", "line 3", "three")

    left = machine.run("--disable", "fake")
    assert not any("fake_" in name for name in left)
    out = machine.egregora("plugins", "doctor", "--disable", "fake").stdout
    assert "fake_words" not in out

    def uninstalled(*arguments: str, code: int = 0) -> str:
        variables = {"EGREGORA_PLUGINS__DISABLED": json.dumps(OTHERS)}
        return egregora(*arguments, cwd=machine.workspace, code=code, environment=variables).stdout

    machine.settings("")
    uninstalled("run")
    doctor = uninstalled("plugins", "doctor")
    assert "table fake_words (1 rows) belongs to no installed plugin" in doctor
    assert "`egregora plugins drop fake_words`" in doctor
    uninstalled("plugins", "drop", "runs", "--yes", code=2)
    uninstalled("plugins", "drop", "fake_words", code=2)  # nobody is there to ask
    uninstalled("plugins", "drop", "fake_words", "--yes")
    assert "fake_words" not in uninstalled("plugins", "doctor")


def test_info_shows_settings_tables_commands_and_stages(machine: Machine) -> None:
    """What an author wrote once is what a user reads: types, defaults, help, columns."""
    shown = machine.egregora("plugins", "info", "egregora-fake").stdout

    for line in (
        "plugin 'fake' (egregora-fake 0.0.1): ok",
        "stage fake_words: step enrichment, version 1, function egregora_fake.stages:replace_words, row_wise True",
        "settings [fake]:",
        "  mark (str) = '*'  What stands around a word that was replaced.",
        "table fake_words: ",
        "  replacement         !string                 What it is replaced by.",
        "command fake: ",
    ):
        assert line in shown
    told = json.loads(machine.egregora("plugins", "info", "fake", "--json").stdout)
    assert {part["kind"] for part in told["parts"]} == {
        *("source", "stage", "writer", "publisher", "engine", "table", "command")
    }
    assert {"key": "fake.enabled", "type": "bool", "default": False, "help": "Whether a run uses it."} in told[
        "settings"
    ]


def test_its_settings_are_checked_shown_and_described(machine: Machine) -> None:
    """Typos, types and variables of a plugin's section are treated as core's own."""
    machine.settings('[fake]\nmrak = "+"\nenabled = "perhaps"\n')
    wrong = machine.egregora("run", code=2).stderr
    assert "egregora.toml: unknown key [fake] mrak; did you mean 'mark'?" in wrong
    assert "egregora.toml: [fake] enabled: " in wrong
    machine.settings('[fake]\nmark = "+"\n')
    shown = machine.egregora("config", "show", "--json", EGREGORA_FAKE__ENABLED="true").stdout
    told = {row["key"]: (row["value"], row["from"]) for row in json.loads(shown)}
    assert told["fake.mark"] == ("+", "egregora.toml")
    assert told["fake.enabled"] == (True, "EGREGORA_FAKE__ENABLED")
    assert told["fake.directory"] == ("fake", "default")
    schema = json.loads(machine.egregora("config", "schema").stdout)
    assert schema["$defs"]["FakeSettings"]["properties"]["mark"]["default"] == "*"
    wrong = machine.egregora("config", "show", code=2, EGREGORA_FAKE__MRAK="x").stderr
    assert "EGREGORA_FAKE__MRAK: unknown key [fake] mrak; did you mean 'mark'?" in wrong


def test_only_a_file_that_is_there_is_told_to_start_at(machine: Machine) -> None:
    """Each publisher names its own first file, or none."""
    machine.settings("[fake]\nenabled = true\n")
    told = machine.egregora("run", "chat.fake").stdout
    starts = [line.partition(": ")[2] for line in told.splitlines() if line.startswith("published in")]
    assert sorted(starts) == ["", "start at site/docs/index.md"]
