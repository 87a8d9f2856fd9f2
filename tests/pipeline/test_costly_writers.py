"""Writers that cost something: what is paid for is kept, nothing is paid for twice, and what was spent is known."""

import json
import os
import shutil
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from egregora_core.errors import PluginError, StageError, UsageError
from egregora_core.pipeline import run_pipeline
from egregora_core.plugin import (
    Document,
    SettingsSpec,
    Spent,
    Unit,
    UnitRefusedError,
    UnitSize,
    WriterSpec,
    WritingStoppedError,
    hookimpl,
)
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions, Summary
from egregora_core.settings import load_settings
from pydantic import BaseModel

pytestmark = pytest.mark.slow  # each of them is several whole runs

DAYS = 6
CHAT = "".join(
    f"{day:02}/03/2024, 10:00 - {name}: word {day}\n" for day in range(1, DAYS + 1) for name in ("Ana", "Bo")
)


class Settings(BaseModel):
    """What the writer under test may be told."""

    tone: str = "dry"
    timeout: int = 10
    concurrency: int = 1


class Model:
    """What stands for the costly thing: it is asked once for each unit, and misbehaves as a test says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble: dict[str, Exception] = {}
        self.cost: Decimal | None = Decimal("0.01")
        self.gate: threading.Barrier | None = None
        self.waits_for: dict[str, str] = {}
        """A day is not finished before another one is."""
        self.finished: dict[str, threading.Event] = defaultdict(threading.Event)
        self.interrupts_at: list[str] = []
        """In the first of these days Ctrl-C is pressed, as soon as all of them are paid for."""


MODEL = Model()


def write(unit: Unit, *, tone: str, timeout: int, prompt: str) -> Iterator[Document | Spent]:
    """Ask the model about one day."""
    day = unit.window_start.strftime("%d")
    MODEL.asked.append(day)
    yield Spent({"requests": 1, "tokens_in": 10}, MODEL.cost, "USD" if MODEL.cost is not None else "")
    if MODEL.gate is not None:
        MODEL.gate.wait(timeout=20)
    if day in MODEL.waits_for:
        assert MODEL.finished[MODEL.waits_for[day]].wait(timeout=20)
    MODEL.finished[f"paid {day}"].set()
    if day in MODEL.interrupts_at:
        if day == MODEL.interrupts_at[0]:
            assert all(MODEL.finished[f"paid {each}"].wait(timeout=20) for each in MODEL.interrupts_at)
            os.kill(os.getpid(), signal.SIGINT)
        assert MODEL.finished["the run"].wait(timeout=20)
    if day in MODEL.trouble:
        raise MODEL.trouble[day]
    MODEL.finished[day].set()
    yield Document("post", "same", f"Day {day}", f"{prompt.strip()} {tone} {timeout > 0}")


def estimate(units: list[UnitSize], *, tone: str) -> Spent:
    """Say what it will take."""
    return Spent({"requests": len(units), "tokens_in": sum(unit.bytes for unit in units) + len(tone)}, None)


def plugin(**changes: Any) -> ModuleType:
    """Make a plugin with the writer under test."""
    module = ModuleType("costly")
    spec = {
        "name": "costly",
        "unit": "window",
        "version": "1",
        "function": f"{__name__}:write",
        "runtime": ("timeout",),
        "files": {"prompt": "costly_prompts:post.md"},
        "estimate": f"{__name__}:estimate",
        **changes,
    }
    module.EGREGORA_API = 1  # type: ignore[attr-defined]
    module.register_writers = hookimpl(lambda: [WriterSpec(**spec)])  # type: ignore[attr-defined]
    module.register_settings = hookimpl(lambda: SettingsSpec(f"{__name__}:Settings"))  # type: ignore[attr-defined]
    return module


class Desk:
    """A workspace with the plugin, and one chat."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = ""
        self.chat = root / "WhatsApp Chat with Hikers.txt"

    def run(self, **options: Any) -> Summary:
        """Run all six steps, and forget what was asked before."""
        return self.run_with(plugin(), **options)

    def run_with(self, *plugins: ModuleType, **options: Any) -> Summary:
        MODEL.asked.clear()
        text = f"[windows]\nby = 'days'\nsize = 1\n[costly]\n{self.settings}\n"
        (self.root / "egregora.toml").write_text(text, encoding="utf-8")
        app = App(plugins=[*plugins], discover=False, disabled={"summary": "a test"})
        said = RunOptions(timezone="UTC", date_order="DMY", **options)
        return run_pipeline(Command(app, load_settings(self.root, app), said), [self.chat])

    def line(self, summary: Summary) -> str:
        return next(line.text for line in summary.lines if line.stage == "costly" and not line.warning)

    def notes(self, summary: Summary) -> list[str]:
        return [line.text for line in summary.lines if line.stage == "costly" and line.warning]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.root / ".egregora/egregora.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def facts(self) -> dict[str, Any]:
        """Return what the newest run of the writer recorded."""
        (found,) = self.rows("SELECT attrs::VARCHAR FROM runs WHERE stage = 'costly' ORDER BY run_id DESC LIMIT 1")
        facts: dict[str, Any] = json.loads(found[0])
        return facts

    def bodies(self) -> list[str]:
        return [
            body for (body,) in self.rows("SELECT body FROM documents WHERE writer = 'costly' ORDER BY window_start")
        ]


def _masked(root: Path, chat: str) -> Path:
    """Make a workspace in which a chat has gone through all that comes before the writer."""
    root.mkdir()
    desk = Desk(root)
    desk.chat.write_text(chat, encoding="utf-8")
    desk.run_with()
    return root


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _masked(tmp_path_factory.mktemp("days") / "w", CHAT)


@pytest.fixture
def desk(days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    package = tmp_path / "packages" / "costly_prompts"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "post.md").write_text("said:\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    MODEL.__init__()  # type: ignore[misc]  # each test has a new one
    return Desk(Path(shutil.copytree(days, tmp_path / "w")))


def test_what_is_spent_is_recorded_and_nothing_is_paid_for_twice(desk: Desk) -> None:
    """Counts and costs are summed in `runs`; an unchanged run asks nothing."""
    desk.run()
    assert len(MODEL.asked) == DAYS
    facts = desk.facts()
    assert facts["spent"] == {"requests": DAYS, "tokens_in": 10 * DAYS}
    assert facts["cost"] == {"USD": "0.06"}
    assert desk.line(desk.run()).startswith("stands")
    assert MODEL.asked == []


def test_a_cost_that_nobody_knows_is_not_zero(desk: Desk) -> None:
    """It is counted how often that was so."""
    MODEL.cost = None
    desk.run()
    assert (desk.facts()["cost"], desk.facts()["unpriced"]) == ("unknown", DAYS)


def test_a_unit_that_was_refused_is_not_asked_again_until_something_changes(desk: Desk) -> None:
    """The run is degraded, the next one stands and says why; another tone tries again."""
    MODEL.trouble["03"] = UnitRefusedError("the answer cited nothing")
    summary = desk.run()
    assert summary.degraded
    assert desk.notes(summary) == ["1 window failed (the answer cited nothing); trying again would change nothing"]
    assert len(desk.bodies()) == DAYS - 1
    assert desk.facts()["spent"]["requests"] == DAYS  # what failed was paid for, too

    MODEL.trouble.clear()
    line = desk.line(desk.run())
    assert line.startswith("stands")
    assert "1 window refused" in line
    assert MODEL.asked == []

    desk.settings = "tone = 'warm'"
    line = desk.line(desk.run())
    assert "config changed ([costly] tone)" in line
    assert len(desk.bodies()) == DAYS == len(MODEL.asked)


def test_another_failure_is_tried_again_alone(desk: Desk) -> None:
    """What failed for a passing reason is asked again; what stands beside it is not, and the line says what changed."""
    MODEL.trouble = {"02": TimeoutError(), "05": UnitRefusedError("too long")}
    desk.run()
    MODEL.trouble = {"02": TimeoutError()}
    assert "1 window failed and is tried again" in desk.line(desk.run())
    assert MODEL.asked == ["02"]
    ((attempts,),) = desk.rows("SELECT attempts FROM stage_generation_units WHERE failure = 'TimeoutError'")
    assert attempts == 2
    MODEL.trouble = {}
    desk.run()
    assert len(desk.bodies()) == DAYS - 1
    assert desk.line(desk.run()).startswith("stands")


def test_a_writer_can_stop(desk: Desk) -> None:
    """What is finished is kept and published, the reason is recorded, and the next run goes on with what is missing."""
    MODEL.trouble["04"] = WritingStoppedError("the quota is used up")
    summary = desk.run()
    assert MODEL.asked == ["01", "02", "03", "04"]
    assert (summary.degraded, len(desk.bodies())) == (True, 3)
    assert summary.published
    assert desk.notes(summary) == ["stopped: the quota is used up; 3 windows left; the next run goes on"]

    MODEL.trouble.clear()
    assert "it was stopped (the quota is used up)" in desk.line(desk.run())
    assert MODEL.asked == ["04", "05", "06"]
    assert len(desk.bodies()) == DAYS


def test_if_it_stops_at_once_the_run_fails_and_its_facts_stay(desk: Desk) -> None:
    """A key that is refused costs one request, and that one is on record."""
    MODEL.trouble["01"] = WritingStoppedError("the key was refused")
    with pytest.raises(StageError, match="the key was refused"):
        desk.run()
    assert MODEL.asked == ["01"]
    assert desk.facts()["spent"] == {"requests": 1, "tokens_in": 10}


@pytest.mark.parametrize("concurrency", [2, 3])
def test_several_units_are_written_at_once_and_added_in_their_order(desk: Desk, concurrency: int) -> None:
    """Each waits here until the others are asked, too; which one keeps the slug is decided by what they are."""
    desk.run()
    alone = desk.rows("SELECT slug, title FROM documents WHERE writer = 'costly' ORDER BY title")
    desk.settings = f"concurrency = {concurrency}\ntone = 'warm'"
    MODEL.gate = threading.Barrier(concurrency)
    desk.run()
    assert desk.rows("SELECT slug, title FROM documents WHERE writer = 'costly' ORDER BY title") == alone
    assert {body.split()[1] for body in desk.bodies()} == {"warm"}

    MODEL.gate, desk.settings = None, "concurrency = 1\ntone = 'warm'"
    assert desk.line(desk.run()).startswith("stands")


@pytest.mark.parametrize(
    "waits_for",
    [{"01": "02", "03": "04", "05": "06"}, {"01": "03", "02": "03"}, {"01": "02", "02": "03", "04": "05", "05": "06"}],
)
def test_the_order_of_finishing_decides_nothing(desk: Desk, waits_for: dict[str, str]) -> None:
    """Where later units are finished first, documents, slugs and failures are as if one had come after the other.

    Whose the slug is follows from all documents there are, so it may be another's once those that failed are there.
    """
    MODEL.trouble = {"02": TimeoutError(), "04": UnitRefusedError("too long")}
    desk.run()
    made = "SELECT document_id, slug, title, unit_fingerprint, attrs::VARCHAR FROM documents WHERE writer = 'costly'"
    alone, failures = desk.rows(f"{made} ORDER BY title"), desk.facts()["failures"]

    desk.settings = "concurrency = 3"
    MODEL.finished.clear()
    MODEL.waits_for = waits_for
    MODEL.trouble = {}  # what waits for a unit that fails would wait for ever
    desk.run(force=frozenset({"costly"}))
    assert MODEL.asked[0] == "01"
    whole = desk.rows(f"{made} ORDER BY title")
    stayed = [row for row in whole if row[2] not in {"Day 02", "Day 04"}]
    assert [(row[0], *row[2:]) for row in stayed] == [(row[0], *row[2:]) for row in alone]
    assert [row[1] for row in whole].count("same") == [row[1] for row in alone].count("same") == 1
    MODEL.waits_for, desk.settings = {}, "concurrency = 1"
    desk.run(force=frozenset({"costly"}))
    assert desk.rows(f"{made} ORDER BY title") == whole

    MODEL.trouble = {"02": TimeoutError(), "04": UnitRefusedError("too long")}
    desk.settings = "concurrency = 3"
    desk.run(force=frozenset({"costly"}))
    assert desk.facts()["failures"] == failures


def test_a_unit_that_takes_long_keeps_no_other_waiting(desk: Desk) -> None:
    """While one is under way all others are asked, finished and stored, two at a time."""
    desk.settings = "concurrency = 2"
    MODEL.waits_for = {"01": f"{DAYS:02}"}
    desk.run()
    assert len(desk.bodies()) == DAYS
    assert "failures" not in desk.facts()


@pytest.mark.parametrize("under_way", [["03"], ["03", "04"]])
def test_what_was_spent_is_known_after_ctrl_c(desk: Desk, under_way: list[str]) -> None:
    """Of units that are finished, and of those that were under way; the run is `interrupted`, the next one goes on."""
    desk.settings = f"concurrency = {len(under_way)}"
    MODEL.interrupts_at = under_way
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    MODEL.finished["the run"].set()
    ((status,),) = desk.rows("SELECT status FROM runs WHERE stage = 'costly'")
    assert status == "interrupted"
    assert len(desk.bodies()) == 2
    paid = 2 + len(under_way)
    assert desk.facts()["spent"] == {"requests": paid, "tokens_in": 10 * paid}
    assert desk.facts()["cost"] == {"USD": f"0.0{paid}"}

    MODEL.interrupts_at = []
    desk.run()
    assert len(MODEL.asked) == DAYS - 2
    assert desk.facts()["spent"]["requests"] == DAYS - 2


def test_what_was_spent_counts_though_ctrl_c_comes_while_a_writer_is_told_to_begin(desk: Desk) -> None:
    """The thread that writes has paid before the one that told it to goes on, which then finds the signal."""
    MODEL.interrupts_at = ["01"]
    before = sys.getswitchinterval()
    sys.setswitchinterval(10)
    try:
        with pytest.raises(KeyboardInterrupt):
            desk.run()
    finally:
        sys.setswitchinterval(before)
    MODEL.finished["the run"].set()
    assert desk.facts()["spent"] == {"requests": 1, "tokens_in": 10}


def test_a_stop_among_several_keeps_what_was_under_way(desk: Desk) -> None:
    """What was asked together with the one that stopped is paid for, so it counts."""
    desk.settings = "concurrency = 3"
    MODEL.trouble["02"] = WritingStoppedError("no budget")
    desk.run()
    assert desk.facts()["stopped"] == "no budget"
    assert len(desk.bodies()) == len(MODEL.asked) - 1
    MODEL.trouble.clear()
    desk.run()
    assert len(desk.bodies()) == DAYS


def test_settings_that_cannot_change_the_text_write_nothing_anew(desk: Desk) -> None:
    """A time limit is given to the writer and is no reason to run; a tone is."""
    desk.run()
    desk.settings = "timeout = 99"
    assert desk.line(desk.run()).startswith("stands")
    desk.settings = "timeout = 99\ntone = 'warm'"
    assert "config changed ([costly] tone)" in desk.line(desk.run())


def test_a_file_of_ones_own_stands_in_for_the_plugins(desk: Desk) -> None:
    """It counts by its content, and a reason names it."""
    desk.run()
    assert desk.bodies()[0] == "said: dry True"
    own = desk.root / "costly" / "post.md"
    own.parent.mkdir()
    own.write_text("said:\n", encoding="utf-8")
    assert desk.line(desk.run()).startswith("stands")
    own.write_text("told:\n", encoding="utf-8")
    assert "config changed (costly/post.md)" in desk.line(desk.run())
    assert desk.bodies()[0] == "told: dry True"
    own.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(StageError, match=r"post\.md: cannot be read"):
        desk.run()


def test_a_dry_run_says_what_it_will_take(desk: Desk) -> None:
    """Units and the writer's own estimate, of what would be written; nothing is asked."""
    desk.run()
    desk.settings = "tone = 'warm'"
    line = desk.line(desk.run(dry_run=True))
    assert line.startswith("would run: config changed ([costly] tone) (6 of 6 windows, about 6 requests, about ")
    assert line.endswith("tokens in, cost unknown)")
    assert MODEL.asked == []


def test_a_limit_leaves_the_rest_for_later(desk: Desk) -> None:
    """The first units are written; each run goes on where the last one ended, and the last one is complete."""
    summary = desk.run(limit=4)
    assert not summary.degraded
    assert (MODEL.asked, desk.notes(summary)) == (
        ["01", "02", "03", "04"],
        ["2 windows left for later (--limit); the next run goes on"],
    )
    assert "2 windows left for later" in desk.line(desk.run(limit=4))
    assert MODEL.asked == ["05", "06"]
    assert desk.line(desk.run()).startswith("stands")


def test_what_a_writer_declares_is_checked() -> None:
    """A file without its package, or an estimate that is no target, is said before anything runs."""
    for wrong in ({"files": {"prompt": "post.md"}}, {"estimate": "nowhere"}, {"runtime": "timeout"}, {"sends_to": "x"}):
        app = App(plugins=[plugin(**wrong)], discover=False)
        (failed,) = [each for each in app.plugins if each.status == "failed"]
        assert "expected" in str(failed.cause)
    with pytest.raises(PluginError, match="expected"):
        App(plugins=[plugin(files={"prompt": "post.md"})], discover=False, strict=True)


def test_if_only_refused_units_are_left_nothing_is_asked_and_the_run_ends(desk: Desk) -> None:
    """The run in which all were refused failed; the next ones ask nothing, publish what there is, and then stand."""
    MODEL.trouble = {f"{day:02}": UnitRefusedError("too short") for day in range(1, DAYS + 1)}
    with pytest.raises(StageError, match="too short"):
        desk.run()
    assert desk.run().published
    assert MODEL.asked == []
    assert desk.line(desk.run()).startswith("stands")


def test_what_is_spent_after_a_bad_document_counts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a writer yields is taken before any of it is checked."""

    def careless(unit: Unit, *, prompt: str) -> Iterator[Document | Spent]:
        yield Document("post", f"day {unit.key}", "bad slug", prompt)
        yield Spent({"requests": 1}, Decimal(0), "USD")

    monkeypatch.setattr(f"{__name__}.write", careless)
    with pytest.raises(StageError, match="failed on all"):
        desk.run()
    assert desk.facts()["spent"] == {"requests": DAYS}


def test_a_limit_does_not_starve_what_stands_behind_a_failure(desk: Desk) -> None:
    """What failed before comes after what was never asked."""
    MODEL.trouble["01"] = TimeoutError()
    assert desk.run(limit=1).degraded
    desk.run(limit=1)
    assert MODEL.asked == ["02"]


def test_a_fault_in_an_estimate_is_the_plugins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said whose it is, as of everything that a plugin brings."""

    def broken(_units: list[UnitSize]) -> Spent:
        raise RuntimeError

    desk.run()
    monkeypatch.setattr(f"{__name__}.estimate", broken)
    desk.settings = "tone = 'warm'"
    with pytest.raises(StageError, match=r"estimate of writer 'costly' failed \(RuntimeError\)"):
        desk.run(dry_run=True)


def dear(units: list[UnitSize]) -> Spent:
    """Say that each unit takes 40 cents."""
    return Spent({"requests": len(units)}, Decimal("0.40") * len(units), "USD")


def test_above_a_set_cost_it_asks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at the terminal is asked; without one it is an error that says what to do, and nothing is spent."""
    monkeypatch.setattr(f"{__name__}.estimate", dear)
    with pytest.raises(UsageError, match=r"about 6 requests, 2\.40 USD, which is more than .*ask_above = 1; say --yes"):
        desk.run()
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return len(asked) > 1

    with pytest.raises(UsageError, match="nothing was spent"):
        desk.run(may_spend=answer)
    assert MODEL.asked == []
    desk.run(may_spend=answer)
    assert len(desk.bodies()) == DAYS
    assert asked[1] == "writer 'costly' will take 6 of 6 windows, about 6 requests, 2.40 USD. Go on?"
    desk.run(may_spend=answer)  # what stands costs nothing
    assert len(asked) == 2


def test_it_asks_only_where_more_is_spent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the set cost, with `--yes`, for a part that costs little, and in a dry run nobody is asked."""
    monkeypatch.setattr(f"{__name__}.estimate", dear)
    desk.run(dry_run=True)
    assert MODEL.asked == []
    desk.run(limit=2)
    assert len(MODEL.asked) == 2
    anew = frozenset({"costly"})
    with pytest.raises(UsageError, match="about 6 requests"):
        desk.run(force=anew)
    desk.run(force=anew, yes=True)
    assert len(MODEL.asked) == DAYS
    desk.settings = "[pipeline]\nask_above = 2.4"
    desk.run(force=anew)
    assert len(MODEL.asked) == DAYS


# --- what it makes is not trusted ---------------------------------------------------------------------------------

LINKED = """\
01/03/2024, 10:00 - Ana Reis: look https://example.org/a_(b)?c=1 now
01/03/2024, 10:01 - Bo Quist: www.example.net/x
"""


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _masked(tmp_path_factory.mktemp("links") / "w", LINKED)


@pytest.fixture
def linked(links: Path, desk: Desk) -> Desk:
    """A chat of one day, whose messages name two places."""
    shutil.rmtree(desk.root)
    shutil.copytree(links, desk.root)
    return desk


LINKS = [
    ("see [it](https://example.org/a_(b)?c=1) there", "see [it](https://example.org/a_(b)?c=1) there"),
    ("see [it](https://evil.example/a)", "see it"),
    ("![pixel](https://evil.example/p.gif)", "pixel"),
    ("<img src=https://evil.example/p.gif>", "&lt;img src=[link]>"),
    ("a <script>alert(1)</script> b", "a &lt;script>alert(1)&lt;/script> b"),
    ("<https://example.org/a_(b)?c=1>", "<https://example.org/a_(b)?c=1>"),
    ("<javascript:alert(1)>", "&lt;[link]>"),
    ("[x](javascript:alert(1))", "x"),
    ("[x][y]\n\n[y]: https://evil.example/z\n\n.", "[x][y]\n\n\n\n."),
    ("[x](&#106;avascript:alert(1))", "[x](&amp;#106;avascript:alert(1))"),
    ("https://evil.example and www.evil.example/?q", "[link] and [link]"),
    ("[page](../profiles/someone.md) and 2 < 3", "[page](../profiles/someone.md) and 2 < 3"),
    ("[up](//evil.example/x)", "up"),
    ("[`](https://evil.example)`](https://evil.example/2)", "``]([link]"),
]
"""What a writer makes, and what is kept of it."""


def test_links_lead_only_where_the_messages_do(linked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is a link, a picture or HTML is text; nothing of it can act on a page."""

    def linking(unit: Unit, *, prompt: str) -> Iterator[Document]:
        for number, (made, _) in enumerate(LINKS):
            yield Document("post", f"link-{number}-{unit.key[-8:]}", f"Link {number:02}", f"{made} {prompt.strip()}")

    monkeypatch.setattr(f"{__name__}.write", linking)
    linked.run()
    found = linked.rows("SELECT body FROM documents WHERE writer = 'costly' ORDER BY title")
    assert [body for (body,) in found] == [f"{kept} said:" for _, kept in LINKS]


@pytest.mark.parametrize("made", ["Ana Reis was there", "ana reis was there", "then Quist spoke", "**Bo** said"])
def test_a_document_that_names_somebody_fails_its_unit(linked: Desk, made: str) -> None:
    """By a whole name in any case, or a word of one with its capital; the name is in no message and no record."""
    own = linked.root / "costly" / "post.md"
    own.parent.mkdir()
    own.write_text(made, encoding="utf-8")
    if "Bo" in made:
        assert linked.run().documents.get("post", 0) == 1  # two letters are no name for sure
        return
    with pytest.raises(StageError, match="names somebody in its body") as failed:
        linked.run()
    assert "Reis" not in str(failed.value)
    assert "Quist" not in str(failed.value)
    assert linked.facts()["windows_failed"] == 1
    ((failure, refused),) = linked.rows("SELECT failure, refused FROM stage_generation_units")
    assert (failure, refused) == ("document 1 of the unit names somebody in its body", True)


def test_words_that_may_be_anybodys_name_nobody(desk: Desk) -> None:
    """Months, and words that the messages still hold after privacy, are said; a pseudonym is, too."""
    shutil.rmtree(desk.root)
    _masked(
        desk.root, "01/03/2024, 10:00 - May Rivers: hello there\n01/03/2024, 10:01 - Bo Quist: May comes after April\n"
    )
    ((pseudonym,),) = desk.rows("SELECT author_raw FROM stage_privacy WHERE text LIKE 'hello%'")
    own = desk.root / "costly" / "post.md"
    own.parent.mkdir()
    own.write_text(f"In May, {pseudonym} said hello.", encoding="utf-8")
    desk.run()
    assert desk.bodies() == [f"In May, {pseudonym} said hello. dry True"]


def test_plain_text_is_shown_as_it_is(linked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer whose bodies are text needs to know nothing of Markdown: no sign of it means anything."""
    from markdown_it import MarkdownIt

    text = "# no heading\n* no list\n<b>no tag</b> [no](https://link.example) 1. `no code` & &amp; \\"
    own = linked.root / "costly" / "post.md"
    own.parent.mkdir()
    own.write_text(text, encoding="utf-8")
    app = App(plugins=[plugin(body="text")], discover=False)
    run_pipeline(Command(app, load_settings(linked.root, app), RunOptions("UTC", "DMY")), [linked.chat])
    (body,) = linked.bodies()
    shown = MarkdownIt("commonmark").render(body)
    assert shown.count("<p>") == 1
    assert "<b>" not in shown
    assert "<a " not in shown
    assert "# no heading<br />\n* no list<br />\n&lt;b&gt;no tag&lt;/b&gt; [no](https://link.example)" in shown
