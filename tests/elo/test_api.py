"""Comparisons from Python: pairs proposed and judgements recorded, by whatever plugin has the workspace open."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import PluginError, UsageError
from egregora_core.plugin.commands import PluginWorkspace, open_plugin_workspace
from egregora_core.plugins import App
from egregora_core.storage import literal
from egregora_elo.api import Comparison, Document, Pair, find, propose, record_many
from egregora_elo.errors import ComparisonError, DocumentError
from egregora_elo.tables import ELO_HISTORY

GUIDE = Path(__file__).parents[2] / "docs/how-to/rank-documents.md"

Opened = Callable[..., AbstractContextManager[PluginWorkspace]]


@pytest.fixture(scope="module")
def app() -> App:
    """The host, with the plugins of this repository."""
    return App(discover=True)


@pytest.fixture
def opened(tmp_path: Path, app: App) -> Opened:
    """A function that opens a workspace in which ranking is enabled."""
    (tmp_path / "egregora.toml").write_text("[ranking]\nenabled = true\n", encoding="utf-8")

    @contextmanager
    def at(plugin: str = "elo", *, read_only: bool = False, **overrides: Any) -> Iterator[PluginWorkspace]:
        found = {f"workspace.{name}": value for name, value in overrides.items()}
        with open_plugin_workspace(app, plugin, tmp_path, read_only=read_only, overrides=found) as workspace:
            yield workspace

    return at


@pytest.fixture
def workspace(opened: Opened) -> Iterator[PluginWorkspace]:
    """The same, open for writing, with four documents by Ines and tables for their ranking."""
    with opened() as workspace:
        fill(workspace)
        yield workspace


def fill(workspace: PluginWorkspace) -> None:
    workspace.create_tables()
    for number, name in enumerate(("one", "two", "three", "four")):
        workspace.connection.execute(
            f"INSERT INTO documents SELECT '{number:08x}-0000-4000-8000-000000000000', 'default', 'post', "
            f"{literal(name)}, 'T', {literal(f'Ines wrote {name}')}, NULL, NULL, NULL, 'f', 'w', "
            """'{"authors": ["Ines"]}', now(), NULL"""
        )


def rows(workspace: PluginWorkspace, columns: str) -> list[tuple[Any, ...]]:
    return workspace.connection.execute(f"SELECT {columns} FROM elo_history ORDER BY sequence").fetchall()


def judged(pair: Pair, outcome: str = "a", **more: Any) -> Comparison:
    return Comparison(pair.a, pair.b, outcome, "a", "m1", **more)


def test_what_is_proposed_is_judged_and_recorded(workspace: PluginWorkspace) -> None:
    """Everything that a judge says is kept; both orders of a pair are two rows of half the weight."""
    (pair,) = propose(workspace, 1, seed=3)
    first = judged(pair, weight=0.5, rationale="It is shorter.", attrs={"prompt": "abc", "tokens": 7})
    second = replace(first, outcome="b", shown_first="b", rationale="Né?", attrs=None)
    ids = record_many(workspace, [first, second])

    assert rows(workspace, "id, document_a, document_b, outcome, shown_first, weight, rationale") == [
        (ids[0], pair.a.id, pair.b.id, "a", "a", 0.5, "It is shorter."),
        (ids[1], pair.a.id, pair.b.id, "b", "b", 0.5, "Né?"),
    ]
    assert [attrs and json.loads(attrs) for (attrs,) in rows(workspace, "attrs")] == [first.attrs, None]
    assert rows(workspace, "DISTINCT judge, source, tenant_id, content_a, timestamp IS NULL, sequence > 0") == [
        ("m1", "program", "default", pair.a.content, False, True)
    ]
    assert workspace.connection.execute("SELECT count(*) FROM elo_ratings").fetchall() == [(2,)]


def test_texts_are_shown_as_to_a_person(workspace: PluginWorkspace) -> None:
    """A pair has the texts of its documents, and nobody in them by name."""
    found = propose(workspace, 6)

    assert len(found) == 6
    assert {each.text for pair in found for each in (pair.a, pair.b)} == {
        f"Person A wrote {name}" for name in ("one", "two", "three", "four")
    }
    assert all(pair.a.text.endswith(str(pair.a.slug)) and pair.why for pair in found)


def test_a_judge_goes_on_until_all_pairs_have_met(workspace: PluginWorkspace) -> None:
    """Asking, judging and recording in turns ends: what is left then has met."""
    met = []
    while new := [pair for pair in propose(workspace, 4, judge="m1") if pair.reason != "information"]:
        met += [frozenset((pair.a.id, pair.b.id)) for pair in new]
        record_many(workspace, map(judged, new))

    assert len(met) == len(set(met)) == 6
    assert propose(workspace, 9, judge="m2")[0].reason == "swiss"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"outcome": "left"}, "comparison 2: 'left' is no outcome: say a, b, tie, both_bad, skip"),
        ({"shown_first": "up"}, "comparison 2: shown_first"),
        ({"weight": -1}, "comparison 2: -1 is no weight"),
        ({"weight": float("nan")}, "comparison 2: nan is no weight"),
        ({"b": Document("nobody")}, "comparison 2: unknown document 'nobody'"),
    ],
)
def test_one_that_cannot_be_taken_leaves_none(workspace: PluginWorkspace, wrong: dict[str, Any], message: str) -> None:
    """All of them or nothing; the error says which it is, from 1."""
    (pair,) = propose(workspace, 1)
    with pytest.raises(ComparisonError, match=message):
        record_many(workspace, [judged(pair), replace(judged(pair), **wrong), judged(pair)])
    with pytest.raises(UsageError, match="cannot be compared with itself"):
        record_many(workspace, [judged(pair), replace(judged(pair), b=pair.a)])

    assert rows(workspace, "id") == []
    assert record_many(workspace, []) == []


def test_a_judgement_is_of_the_text_as_it_was_shown(workspace: PluginWorkspace) -> None:
    """A document that was rewritten meanwhile, or is gone, does not lose what was said of it."""
    (pair,) = propose(workspace, 1)
    workspace.connection.execute(f"UPDATE documents SET body = 'new' WHERE slug = {literal(pair.a.slug)}")
    workspace.connection.execute(f"DELETE FROM documents WHERE slug = {literal(pair.b.slug)}")
    record_many(workspace, [judged(pair)])

    assert rows(workspace, "content_a, content_b") == [(pair.a.content, pair.b.content)]
    assert find(workspace, str(pair.a.slug)).content != pair.a.content


def test_documents_are_found_by_what_they_are_called(workspace: PluginWorkspace) -> None:
    """As the commands find them: by a slug, or the beginning of it."""
    three = find(workspace, "thr")
    record_many(workspace, [Comparison(three, find(workspace, "one"), "tie")])

    assert (three.slug, rows(workspace, "document_a, shown_first, judge")) == ("three", [(three.id, None, None)])
    with pytest.raises(DocumentError, match="no document is called 'five'"):
        find(workspace, "five")


def test_any_plugin_may_have_opened_the_workspace(opened: Opened, workspace: PluginWorkspace) -> None:
    """The settings and tables are those of the ranking, whoever asks; the tenant is the one that was opened."""
    other = replace(workspace, plugin="posts", settings=None, tenant="default")
    record_many(other, map(judged, propose(other, 2)))

    assert len(rows(workspace, "id")) == 2
    with pytest.raises(ComparisonError, match="too few documents"):
        propose(replace(other, tenant="others"), 1)
    with pytest.raises(PluginError, match="'elo' is not loaded"):
        propose(replace(other, app=App(discover=False)), 1)


def test_without_tables_it_says_what_to_do(tmp_path: Path, opened: Opened) -> None:
    """Where ranking is not enabled, nothing is made; reading makes nothing at all."""
    with opened() as workspace, pytest.raises(UsageError, match="no tables for a ranking; run `egregora init-elo`"):
        propose(workspace, 1)
    (tmp_path / "egregora.toml").unlink()
    with opened() as workspace, pytest.raises(UsageError, match="no tables for a ranking"):
        record_many(workspace, [])
    with opened() as workspace:
        assert not workspace.has_tables()


def test_pairs_are_proposed_to_a_reader(opened: Opened) -> None:
    """Reading is enough to ask; a reader cannot record."""
    with opened() as workspace:
        fill(workspace)
    with opened(read_only=True) as workspace:
        assert len(propose(workspace, 3)) == 3
        with pytest.raises(UsageError, match="read-only"):
            record_many(workspace, [])


def test_tables_of_an_older_version_get_what_they_lack(workspace: PluginWorkspace) -> None:
    """What was recorded before there were rationales stays, without one."""
    record_many(workspace, map(judged, propose(workspace, 1)))
    for name in ("rationale", "attrs"):
        workspace.connection.execute(f"ALTER TABLE elo_history DROP COLUMN {name}")
    record_many(workspace, [judged(pair, rationale="Why not.") for pair in propose(workspace, 1)])

    assert rows(workspace, "rationale") == [(None,), ("Why not.",)]
    assert [name for name, *_ in workspace.connection.execute("DESCRIBE elo_history").fetchall()] == [
        *ELO_HISTORY.names
    ]


def test_the_engine_keeps_what_it_may_use(workspace: PluginWorkspace) -> None:
    """A command holds the engine to little memory and one thread; whoever records here goes on with what there was."""
    asked = "SELECT current_setting('threads'), current_setting('memory_limit')"
    workspace.connection.execute("SET threads = 3; SET memory_limit = '300MB'")
    before = workspace.connection.execute(asked).fetchall()
    (pair,) = propose(workspace, 1)
    record_many(workspace, [judged(pair)])

    assert workspace.connection.execute(asked).fetchall() == before


def test_the_example_of_the_guide_judges(app: App, tmp_path: Path, opened: Opened) -> None:
    """What the how-to shows runs as it stands, and asking again asks for what is new alone."""
    with opened() as workspace:
        fill(workspace)
    (example,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(compile(example, str(GUIDE), "exec"), names)  # noqa: S102 - what a reader would type

    assert [len(names["judge_by_length"](app, tmp_path, 4)) for _ in range(3)] == [4, 2, 0]
    with opened(read_only=True) as workspace:
        assert set(rows(workspace, "judge, rationale")) == {("length", "by its length")}
        three = find(workspace, "three").id
        won = "if(outcome = 'a', document_a, document_b)"
        assert [winner for (winner,) in rows(workspace, won)].count(three) == 3
