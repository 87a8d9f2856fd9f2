"""The commands, from outside: what a person types, and what comes back."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from egregora_core import cli
from egregora_elo.documents import Document, short_ids
from support import SHARED, egregora

GOLDEN = SHARED / "golden/elo_golden.json"
needs_golden = pytest.mark.skipif(not GOLDEN.is_file(), reason="the collection of golden values is not on this machine")

Run = Callable[..., str]
VOTES = [("x", "y", "model_a"), ("y", "z", "model_a"), ("z", "x", "model_a"), ("x", "z", "tie")]
HEAD = ("model_a", "model_b", "winner")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `egregora …` and returns what it prints; `code` is the exit code it must have."""

    def called(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as stop:
            cli.main([*arguments])
        out, err = capsys.readouterr()
        assert (stop.value.code or 0) == code, out + err
        return out if code == 0 else err

    return called


def votes(path: Path, rows: list[Any], head: tuple[str, ...] = HEAD, name: str = "votes.csv") -> str:
    with (path / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return name


@pytest.fixture
def board(run: Run, workspace: Path) -> Callable[..., dict[str, dict[str, Any]]]:
    """A function that imports rows into a new ranking and returns its leaderboard by document."""

    def ranked(rows: list[Any], head: tuple[str, ...] = HEAD) -> dict[str, dict[str, Any]]:
        run("init-elo")
        run("elo", "import", votes(workspace, rows, head), "--allow-unknown")
        return {row["document_id"]: row for row in json.loads(run("elo", "leaderboard", "--json"))}

    return ranked


@pytest.fixture
def demo(run: Run, made_by_demo: Path, workspace: Path) -> Path:
    """The demo's workspace, with tables for a ranking."""
    shutil.copytree(made_by_demo, workspace, dirs_exist_ok=True)
    run("init-elo")
    return Path()


# --- ids ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_ids_that_record_takes_are_on_the_board(run: Run, demo: Path) -> None:
    """Of what was compared in a column, of what was not below; both short, and enough for every command."""
    empty = run("elo", "leaderboard")
    waiting = re.findall(r"([0-9a-f]{8}) \(", empty.partition("not compared yet: ")[2])
    assert len(waiting) == 5
    run("elo", "record", waiting[0], waiting[1], "--winner", "a")

    heading, *rows = run("elo", "leaderboard").splitlines()[:3]
    ids = [row[heading.index("  id  ") + 2 :].split()[0] for row in rows]
    assert ids == waiting[:2]
    assert "won" in run("elo", "history", ids[0])
    assert run("elo", "leaderboard", "--format", "markdown").count(f"| {ids[0]} |") == 1
    assert not set(ids) & set(run("elo", "leaderboard").partition("not compared yet: ")[2].split())


def test_a_short_id_is_the_shortest_that_no_other_shares() -> None:
    """Eight characters, or as many more as it takes; labels stay whole."""
    known = ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa7", "model x", "model y"]
    known += ["3fa85f65-5717-4562-b3fc-2c963f66afa6", "3fa85f64-6717-4562-b3fc-2c963f66afa6"]
    ids = short_ids({name: Document(name) for name in known})

    assert list(ids) == sorted(known)
    for name, short in ids.items():
        assert [other for other in known if other.startswith(short)] == [name]
    assert ids["3fa85f65-5717-4562-b3fc-2c963f66afa6"] == "3fa85f65"
    assert ids["3fa85f64-6717-4562-b3fc-2c963f66afa6"] == "3fa85f64-6"
    assert ids["model x"] == "model x"


def test_a_leaderboard_as_csv_runs_in_no_spreadsheet(run: Run, workspace: Path) -> None:
    """A label is whatever an import says; --exact leaves it so."""
    run("init-elo")
    run("elo", "import", votes(workspace, [("=1+1", "y", "model_a")]), "--allow-unknown")
    assert "\n1,'=1+1," in run("elo", "leaderboard", "--format", "csv")
    assert "\n1,=1+1," in run("elo", "leaderboard", "--format", "csv", "--exact")


# --- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # whole runs, one after the other
def test_nothing_is_there_before_it_is_wanted(run: Run) -> None:
    """Without init-elo or the setting: no table, no stage, and commands that say what to do."""
    out = run("demo", ".")

    assert "curation" not in out
    assert "elo_" not in run("query", "select table_name from duckdb_tables()")
    for command in (["leaderboard"], ["next"], ["audit"], ["record", "a", "b", "--winner", "a"]):
        assert "run `egregora init-elo`" in run("elo", *command, code=2)


def test_what_cannot_work_leaves_no_workspace_behind(run: Run, tmp_path: Path) -> None:
    """A command that lacks its tables makes nothing in an empty directory."""
    empty = tmp_path / "empty"
    empty.mkdir()

    for command in (["record", "a", "b", "--winner", "a"], ["import", "votes.csv"], ["rebuild"], ["void", "x"]):
        assert "run `egregora init-elo`" in run("elo", *command, "-w", str(empty), code=2)
        assert not list(empty.iterdir())


def test_before_there_is_anything(run: Run) -> None:
    """In a new directory every command says what to do first, as wrong use."""
    for command in (["leaderboard"], ["next"], ["audit"], ["matrix"], ["history", "x"], ["void", "x"], ["vote"]):
        assert "run `egregora init-elo`" in run("elo", *command, code=2)


def test_an_empty_ranking_is_no_error(run: Run) -> None:
    """Every form of every report says that there is nothing yet."""
    run("init-elo")
    for report in (["leaderboard"], ["leaderboard", "--format", "markdown"], ["matrix"]):
        assert run("elo", *report).startswith("no comparisons yet\n")
    assert run("elo", "leaderboard", "--format", "csv").startswith("rank,document_id,")
    assert json.loads(run("elo", "matrix", "--json")) == json.loads(run("elo", "leaderboard", "--json")) == []
    assert json.loads(run("elo", "audit", "--json"))["comparisons"]["valid"] == 0
    assert "too few documents to compare, 0" in run("elo", "next", code=1)
    assert "no document is called 'x'" in run("elo", "history", "x", code=2)
    assert "no comparison has the id 'x'" in run("elo", "void", "x", code=2)
    assert "no document is called 'x'" in run("elo", "record", "x", "y", "--winner", "a", code=2)
    assert "choose one" in run("elo", "leaderboard", "--json", "--format", "csv", code=2)


def test_init_elo_creates_both_tables_once(run: Run) -> None:
    """Once they are there, it says so."""
    assert "created elo_history, elo_ratings" in run("init-elo")
    assert "the tables are there already" in run("init-elo")
    assert "elo_ratings" in run("query", "select table_name from duckdb_tables()")


def test_enabled_is_enough(run: Run, workspace: Path) -> None:
    """With `enabled = true` a command that writes creates what it needs."""
    (workspace / "egregora.toml").write_text("[ranking]\nenabled = true\n", encoding="utf-8")
    assert "4 of 4 comparisons added" in run("elo", "import", votes(workspace, VOTES), "--allow-unknown")


# --- leaderboard --------------------------------------------------------------------------------------------------


def test_leaderboard_has_four_forms(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """Table, JSON, CSV and Markdown say the same; rows carry what is promised."""
    rows = board(VOTES)
    assert set(rows) == {"x", "y", "z"}
    wanted = {"document_id", "elo", "board", "se", "rank_low", "rank_high", "status", "component"}
    assert all(wanted <= row.keys() for row in rows.values())

    read = list(csv.DictReader(io.StringIO(run("elo", "leaderboard", "--format", "csv"))))
    assert [float(row["elo"]) for row in read] == [row["elo"] for row in rows.values()]
    table, markdown = run("elo", "leaderboard").splitlines(), run("elo", "leaderboard", "--format", "markdown")
    assert [line.split()[7] for line in table[1:4]] == list(rows)
    assert table[-1].startswith("go on:")
    assert markdown.startswith("| rank | range | tier | board |")
    assert len(json.loads(run("elo", "leaderboard", "--json", "--limit", "1"))) == 1


def test_settings_are_heeded_at_once(
    run: Run, board: Callable[..., dict[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another K shows its numbers without a rebuild, which then stores them."""
    board([("x", "y", "model_a")])
    monkeypatch.setenv("EGREGORA_RANKING__K", "20")
    assert json.loads(run("elo", "leaderboard", "--json"))[0]["elo"] == 1510
    assert "2 documents rated" in run("elo", "rebuild")
    assert "1510" in run("query", "select rating from elo_ratings")


# --- golden values ------------------------------------------------------------------------------------------------


def golden(section: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))[section]
    return found


def games(section: dict[str, Any]) -> list[tuple[str, str, str]]:
    items, wins = section["items"], section["wins_row_beats_col"]
    return [
        (a, b, "model_a")
        for a, row in zip(items, wins, strict=True)
        for b, n in zip(items, row, strict=True)
        for _ in range(n)
    ]


@needs_golden
@pytest.mark.parametrize("section", ["bt_wikipedia", "bt_baseball_al1987", "bt_map_undefeated_chain"])
def test_board_is_the_published_one(section: str, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """Bradley-Terry where it exists, and the posterior's mode with its error where it does not."""
    values = golden(section)
    rows = board(games(values))
    scale = values.get("elo_scale") or values.get("elo_scale_centred_1500") or values["computed"]
    points = scale.get("elo_scale_centred_1500") if isinstance(scale, dict) else scale
    wanted = list(points.values()) if isinstance(points, dict) else points

    assert [rows[item]["board"] for item in values["items"]] == pytest.approx(wanted, abs=1e-6)
    if "laplace_sd" in values:
        errors = [rows[item]["se"] * 2.302585092994046 / 400 for item in values["items"]]
        assert errors == pytest.approx(values["laplace_sd"], abs=1e-9)
        assert [rows[i]["status"] for i in "abc"] == ["provisional, undefeated", "provisional", "provisional, winless"]


@needs_golden
def test_live_elo_is_the_published_one(
    board: Callable[..., dict[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of evalica, with the K and the start that it was computed with."""
    values = golden("elo_evalica_readme")
    monkeypatch.setenv("EGREGORA_RANKING__K", str(values["k"]))
    monkeypatch.setenv("EGREGORA_RANKING__INITIAL", str(values["initial"]))
    rows = board(values["battles"], ("left", "right", "winner"))

    assert {item: row["elo"] for item, row in rows.items()} == pytest.approx(values["computed"], abs=1e-6)


@needs_golden
@pytest.mark.parametrize("number", range(6))
def test_live_elo_depends_on_order_and_the_board_does_not(
    number: int, board: Callable[..., dict[str, dict[str, Any]]]
) -> None:
    """Each order of the same three comparisons has its own live Elo, and the same board."""
    values = golden("elo_order_dependence")["permutations"][number]
    rows = board([(battle[0], battle[2], "a") for battle in values["order"]], ("a", "b", "winner"))

    assert {item: row["elo"] for item, row in rows.items()} == pytest.approx(values["ratings"], abs=1e-6)
    assert {row["board"] for row in rows.values()} == {1500.0}


@needs_golden
def test_ties_are_half_wins(board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """The chocolate puddings."""
    values = golden("ties_davidson_pudding")
    rows = []
    for i, j, *counts in values["rows_i_j_wins_i_wins_j_ties"]:
        rows += [(i, j, w) for w, n in zip(("model_a", "model_b", "tie"), counts, strict=True) for _ in range(n)]
    found = board(rows)

    wanted = values["bt_ties_as_half_wins"]["elo_scale_centred_1500"]
    assert [found[str(number)]["board"] for number in range(1, 7)] == pytest.approx(wanted, abs=1e-6)


@needs_golden
def test_order_effect_is_the_published_one(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """The home advantage of 1987, and the strengths that allow for it."""
    values = golden("bt_order_effect_baseball")
    rows = []
    for home, away, won, lost in values["rows_home_away_homewins_awaywins"]:
        rows += [(home, away, "model_a", "model_a")] * won + [(home, away, "model_b", "model_a")] * lost
    found = board(rows, (*HEAD, "shown_first"))
    strength = {item: 10 ** (row["board"] / 400) for item, row in found.items()}
    shares = {item: value / sum(strength.values()) for item, value in strength.items()}

    assert shares == pytest.approx(values["computed"]["pi"], abs=1e-9)
    position = json.loads(run("elo", "audit", "--json"))["position"]
    assert position["log_odds"] == pytest.approx(values["computed"]["order_effect"], abs=1e-8)
    assert position["low"] < position["order_effect"] < position["high"]
    assert "shown first is worth +53 points (+8 to +97)" in run("elo", "leaderboard")


# --- one at a time ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_record_void_and_history(run: Run, demo: Path) -> None:
    """A comparison is recorded by slug or beginning of an id, shown from both sides, and taken back."""
    slugs = [row["slug"] for row in json.loads(run("query", "--json", "select slug from documents where kind='post'"))]
    one, two = sorted(slugs)[:2]
    out = run("elo", "record", one, two, "--winner", "a", "--judge", "ann")
    assert "live Elo 1516" in out
    assert "\ngo on: " in out

    ((mine,), (other,)) = (json.loads(run("elo", "history", each, "--json")) for each in (one, two))
    assert (mine["result"], mine["elo_before"], mine["elo_after"]) == ("won", 1500, 1516)
    assert (other["result"], other["elo_after"], other["judge"]) == ("lost", 1484, "ann")
    assert "1 declared void" in run("elo", "void", mine["id"][:8])
    assert "is void already" in run("elo", "void", mine["id"], code=2)
    assert json.loads(run("elo", "history", one, "--json"))[0]["voided_at"]
    assert json.loads(run("elo", "leaderboard", "--json")) == []


def test_a_name_that_is_none_or_several(run: Run, demo: Path) -> None:
    """An ambiguous name lists what it may be; an unknown one says where names are shown."""
    told = run("elo", "history", "2024-0", code=2)
    assert "'2024-0' may be " in told
    assert " and 1 more" in told
    assert "no document is called 'nobody'" in run("elo", "history", "nobody", code=2)
    assert "cannot be compared with itself" in run("elo", "record", "2024-03-04", "2024-03-04", "--winner=a", code=2)
    assert "is no outcome" in run("elo", "record", "2024-03-04", "2024-03-11", "--winner=left!", code=2)


def test_next_says_why(run: Run, demo: Path) -> None:
    """JSON, with the pair and the reason; the same seed breaks ties the same way."""
    found = json.loads(run("elo", "next", "--seed", "1"))
    assert found["reason"] == "connect"
    assert "6 groups" in found["why"]
    assert found["document_a"] != found["document_b"]
    assert found["slug_a"].startswith("2024-")
    assert json.loads(run("elo", "next", "--seed", "1")) == found


def test_matrix_and_audit(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """Who won against whom; and what to know before the ranking is believed."""
    board(VOTES)
    cells = {(cell["document"], cell["opponent"]): cell for cell in json.loads(run("elo", "matrix", "--json"))}
    assert (cells["x", "z"]["wins"], cells["x", "z"]["losses"], cells["x", "z"]["ties"]) == (0, 1, 1)
    assert "1-0-1" in run("elo", "matrix")

    found = json.loads(run("elo", "audit", "--json"))
    assert found["comparisons"] == {"valid": 4, "outcomes": {"a": 3, "tie": 1}, "void": 0, "stale": 0}
    assert (found["connectivity"]["groups"], found["connectivity"]["undefeated"]) == (1, [])
    assert (found["cycles"]["triads"], found["cycles"]["circular"]) == (1, 1)
    assert found["coverage"] | {"gini": 0} == {
        "documents": 3, "fewest": 2, "median": 3.0, "most": 3, "gini": 0, "pairs_met": 3, "pairs": 3
    }  # fmt: skip
    assert "circular" in run("elo", "audit")


def test_audit_finds_who_moves_the_board(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """A judge who contradicts the others agrees seldom with the board, and moves it."""
    rows = [(a, b, "a", "ann") for a, b in ("xy", "yz", "xz")] * 5
    rows += [(a, b, "b", "eve") for a, b in ("xy", "yz", "xz")] * 2
    board(rows, ("a", "b", "winner", "judge"))
    ann, eve = json.loads(run("elo", "audit", "--json"))["judges"]

    assert (ann["judge"], ann["comparisons"], ann["agreement"]) == ("ann", 15, 1.0)
    assert (eve["agreement"], eve["largest_move_without"] > 0) == (0.0, True)


def test_labels_that_are_nearly_the_same_are_told(
    run: Run, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They stay two documents, and whoever meant one is told."""
    run("init-elo")
    with pytest.raises(SystemExit):
        cli.main(["elo", "import", votes(workspace, [("Ann", "bob", "tie"), ("ann", "bob", "tie")]), "--allow-unknown"])
    assert "note: alike, but not the same: 'Ann', 'ann'" in capsys.readouterr().err


# --- voting -------------------------------------------------------------------------------------------------------


def cast(keys: str, *arguments: str) -> str:
    """Vote with keys from a pipe."""
    return egregora("elo", "vote", *arguments, cwd=Path(), code=0, keys=keys).stdout


@pytest.mark.slow
def test_voting_by_keys(run: Run, demo: Path) -> None:
    """One key an answer; each is told with what it changed; undo takes the last one back, and quit leaves."""
    out = cast("1 2 t b s ? u q")
    outcomes = (
        "select outcome, shown_first, judge, source, voided_at is null as valid from elo_history order by sequence"
    )
    rows = json.loads(run("query", "--json", outcomes))

    assert [row["outcome"] for row in rows] == ["a", "b", "tie", "both_bad", "skip"]
    assert [row["valid"] for row in rows] == [True, True, True, True, False]
    assert {(row["shown_first"], row["judge"], row["source"]) for row in rows} == {("a", "me", "vote")}
    assert out.count("(new)") >= 4
    assert "1 left   2 right   t tie   b both bad   s skip   u undo   q quit" in out
    assert "is void" in out


@pytest.mark.slow
def test_voting_is_blind_and_goes_on_later(run: Run, demo: Path) -> None:
    """Before an answer nothing says which documents they are; the next session proposes other pairs."""
    names = json.loads(run("query", "--json", "select slug, document_id from documents where kind='post'"))
    shown = cast("")
    assert "│" in shown
    assert not any(name in shown for row in names for name in row.values())

    for _ in range(3):
        cast("1")
    pairs = json.loads(run("query", "--json", "select distinct document_a, document_b from elo_history"))
    assert len(pairs) == 3
    assert "there is no vote to undo" in cast("u", "--judge", "somebody else")


def test_nothing_to_vote_on_is_an_error(run: Run) -> None:
    """Declared labels have no text: there is nothing to show."""
    run("init-elo")
    told = run("elo", "vote", code=1)
    assert "too few documents to compare, 0" in told
    assert "--allow-unknown" not in told


# --- tenants and errors -------------------------------------------------------------------------------------------


def test_tenants_have_rankings_of_their_own(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """Every command takes the tenant."""
    board(VOTES)
    assert json.loads(run("elo", "leaderboard", "--json", "--tenant", "other")) == []
    assert "unknown document 'x'" in run("elo", "import", "votes.csv", "--tenant", "other", code=1)


def test_a_refused_import_leaves_everything(run: Run, workspace: Path) -> None:
    """Exit code 1, the line and the reason, and not one row."""
    run("init-elo")
    told = run("elo", "import", votes(workspace, [*VOTES, ("x", "y", "TYPO")]), "--allow-unknown", code=1)
    assert "votes.csv:6: unknown winner 'TYPO'" in told
    assert json.loads(run("query", "--json", "select count(*) as n from elo_history")) == [{"n": 0}]

    out = run("elo", "import", "votes.csv", "--allow-unknown", "--skip-invalid")
    assert "4 of 5 comparisons added; 1 invalid left out; 3 documents declared" in out
    assert "0 of 5 comparisons added; 4 were here already" in run("elo", "import", "votes.csv", "--skip-invalid")


@pytest.mark.parametrize("text", ["a", "=left", "a="])
def test_a_mapping_that_is_none(run: Run, workspace: Path, text: str) -> None:
    """What was typed is shown, with an example of what is meant."""
    run("init-elo")
    told = run("elo", "import", votes(workspace, VOTES), "--column", text, code=2)
    assert f"--column {text!r}: say FIELD=COLUMN, such as a=left_doc" in told


@pytest.mark.slow  # several whole commands
def test_a_void_of_several_is_all_or_nothing(run: Run, board: Callable[..., dict[str, dict[str, Any]]]) -> None:
    """With an id that nobody knows, or another tenant's, none is void; an id that stands there twice counts once."""
    board(VOTES)
    ids = [row["id"] for row in json.loads(run("elo", "history", "x", "--json"))]
    assert "no comparison has the id 'nothere'" in run("elo", "void", ids[0], "nothere", code=2)
    assert "1 declared void" in run("elo", "void", ids[0], ids[0])
    assert f"no comparison has the id {ids[1]!r}" in run("elo", "void", ids[1], "--tenant", "other", code=2)
    assert json.loads(run("elo", "audit", "--json"))["comparisons"]["void"] == 1
