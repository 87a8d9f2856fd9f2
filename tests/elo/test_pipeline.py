"""The ranks in the pipeline: a curation stage, posts that carry them, and a page with the board."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import egregora_elo
import pytest
from egregora_core import cli
from egregora_core.plugins import App

pytestmark = pytest.mark.slow  # whole runs, again and again

ENABLED = "[ranking]\nenabled = true\n"


@pytest.fixture
def site(
    made_by_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """The demo's workspace with ranking enabled and some votes, not yet run again."""
    shutil.copytree(made_by_demo, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "egregora.toml").write_text(ENABLED, encoding="utf-8")
    for a, b in (("2024-03-04", "2024-03-11"), ("2024-03-11", "2024-03-18"), ("2024-03-04", "2024-04-02")):
        egregora("elo", "record", a, b, "--winner", "a")
    capsys.readouterr()
    return tmp_path


def egregora(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([*arguments])
    assert not stop.value.code


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """Run the pipeline and return what it says of each stage."""
    egregora(*(arguments or ("run",)))
    lines = capsys.readouterr().out.splitlines()
    return dict(line.split(maxsplit=1) for line in lines if "/" in line.split(maxsplit=1)[0])


def front_matter(page: Path) -> list[str]:
    return page.read_text(encoding="utf-8").split("---\n")[1].splitlines()


@pytest.mark.slow  # whole runs, one after the other
def test_site_shows_the_board_and_posts_their_rank(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ranked post has rank and tier in its front matter; the board is a page, linked from the first one."""
    said = ran(capsys)
    posts = {page.name[:10]: page for page in (site / "site/docs/posts/2024").glob("2024-*.md")}

    assert said["curation/elo_ranks"].startswith("runs: first time")
    assert {"rank: 1", "tier: 1"} <= set(front_matter(posts["2024-03-04"]))
    assert not any(line.startswith("rank") for line in front_matter(posts["2024-04-15"]))
    assert "[Ranking](ranking/index.md)" in (site / "site/docs/index.md").read_text(encoding="utf-8")
    board = (site / "site/docs/ranking/board.md").read_text(encoding="utf-8")
    rows = [line for line in board.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + 4
    assert rows[1].startswith(f"| 1 | [4–8 March 2024](../posts/2024/{posts['2024-03-04'].name}) | 1-4 | 1 |")


def test_stage_is_tracked_like_any_other(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unchanged it stands; a new comparison reruns it and what follows, and nothing before."""
    ran(capsys)
    assert ran(capsys)["curation/elo_ranks"].startswith("stands")
    egregora("elo", "record", "2024-04-15", "2024-03-04", "--winner", "b")
    capsys.readouterr()
    said = ran(capsys)

    assert said["generation/posts"].startswith("stands")
    assert said["curation/elo_ranks"].startswith("runs: input changed")
    assert said["publication/markdown"].startswith("runs: input changed")


def test_attrs_keep_what_was_in_them(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ranks are added to what a writer said; documents without comparisons stay as they were."""
    ran(capsys)
    egregora("query", "--json", "select kind, attrs::varchar as attrs from stage_elo_ranks order by kind, slug")
    rows = [(row["kind"], json.loads(row["attrs"])) for row in json.loads(capsys.readouterr().out)]
    ranked = [attrs for kind, attrs in rows if kind == "post" and "rank" in attrs]

    assert len(ranked) == 4
    assert all({"date", "authors", "tags", "rank", "tier", "board", "elo"} <= attrs.keys() for attrs in ranked)
    assert min(attrs["rank"] for attrs in ranked) == 1
    assert not any("rank" in attrs for kind, attrs in rows if kind == "profile")
    assert [kind for kind, _ in rows].count("ranking") == 1


def test_without_the_plugin_core_works_on(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Left out, it leaves a pipeline without its stage, and the tables that it made stay."""
    ran(capsys)
    (site / "egregora.toml").unlink()
    said = ran(capsys, "run", "--disable", "elo")

    assert "curation/elo_ranks" not in said
    assert not (site / "site/docs/ranking/board.md").exists()
    egregora("query", "--disable", "elo", "--json", "select count(*) as n from elo_history")
    assert json.loads(capsys.readouterr().out) == [{"n": 3}]


def test_nothing_ranked_is_no_page(
    made_by_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Enabled without a comparison, the stage passes documents on as they are."""
    shutil.copytree(made_by_demo, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "egregora.toml").write_text(ENABLED, encoding="utf-8")
    capsys.readouterr()

    assert "curation/elo_ranks" in ran(capsys)
    assert not (tmp_path / "site/docs/ranking").exists()


def test_plugin_registers_what_it_says() -> None:
    """Two tables, one stage, one section, two commands; every string names something."""
    app = App(discover=True)
    (plugin,) = (each for each in app.plugins if each.id == "elo")
    assert (plugin.status, plugin.version) == ("ok", egregora_elo.__version__)

    groups: Sequence[Sequence[Any]] = (app.tables, app.stages, app.settings, app.commands)
    specs = [each.spec for group in groups for each in group if each.plugin == "elo"]
    assert {getattr(spec, "name", "ranking") for spec in specs} == {
        "elo_history", "elo_ratings", "elo_ranks", "ranking", "elo", "init-elo"
    }  # fmt: skip
    for spec in specs:
        for value in vars(spec).values():
            if isinstance(value, str) and value.startswith("egregora_elo."):
                app.resolve(value)
