"""Whole runs with a model over real HTTP: what is cited, what stands in for what, and what attacks come to."""

import json
import posixpath
import re
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import StageError, UsageError
from egregora_core.pipeline import forget, messages_to_read
from egregora_core.plugin import Site
from egregora_core.session import Command, open_database, open_session
from egregora_core.settings import load_settings
from egregora_report.site import publish
from model_server import Answer, completion, model_server
from soup import DAYS, GOOD, Desk, told
from support import egregora

pytestmark = pytest.mark.slow  # whole runs against a server


def replies(llmock: Any, *answers: str) -> None:
    for answer in answers:
        llmock.reply(answer)


def test_a_post_says_what_it_rests_on(desk: Desk, llmock: Any) -> None:
    """Each claim links to its messages, which stand below by pseudonym; a second run asks nothing."""
    replies(llmock, *GOOD)
    desk.run()
    first = desk.bodies()[0]
    events = [str(event) for (event,) in desk.rows("SELECT event_id FROM stage_privacy ORDER BY ts")]
    assert f"Somebody asks whether to hike to the old mill. ([1](message:{events[0]}))" in first
    assert "2024-03-01 10:00: Shall we hike to the old mill on Sunday?" in first
    assert "Ana" not in first
    attrs = "SELECT attrs::VARCHAR FROM documents WHERE writer = 'llm_posts' ORDER BY window_start LIMIT 1"
    claims = json.loads(desk.rows(attrs)[0][0])["claims"]
    assert claims[1] == {"text": "The soup will be brought.", "messages": [events[1]]}
    assert desk.facts()["spent"]["requests"] == DAYS
    llmock.assert_resilient(strict=True)
    desk.run()
    assert len(llmock.requests) == DAYS


def test_in_the_report_a_claim_leads_to_its_message(desk: Desk, llmock: Any) -> None:
    """The link is to the page on which the message can be read, and to its place there."""
    replies(llmock, *GOOD)
    desk.run()
    names = ("document_id", "kind", "slug", "title", "body", "writer", "attrs")
    rows = desk.rows(f"SELECT {', '.join(names)} FROM documents WHERE writer = 'llm_posts'")
    documents = iter([dict(zip(names, row, strict=True)) | {"window_start": None} for row in rows])
    settings = load_settings(desk.root, desk.app())
    with open_database(settings.database_path, read_only=True) as db:
        files = publish(documents, messages=messages_to_read(db, settings), site=Site())
        wanted = (
            file for file in files if file.path.startswith(("writings/", "chats/")) and file.path.endswith(".html")
        )
        pages = {file.path: file.read().decode() for file in wanted}
    posts = {path: page for path, page in pages.items() if path.startswith("writings/post/2024")}
    links = [(path, link) for path in posts for link in re.findall(r'<a href="([^"]*)"[^>]*>\d+</a>', posts[path])]
    assert len(links) == 5
    for path, link in links:
        page, _, place = link.partition("#")
        assert f'id="{place}"' in pages[posixpath.normpath(f"{posixpath.dirname(path)}/{page}")]


def test_a_post_of_the_model_stands_in_for_the_built_in_one(desk: Desk, llmock: Any) -> None:
    """Window by window: where the model wrote none, the built-in post stays; turned off, all of them are back."""

    def posts() -> list[tuple[str, str]]:
        return desk.rows("SELECT strftime(window_start, '%d'), writer FROM documents WHERE kind = 'post' ORDER BY ALL")

    replies(llmock, GOOD[0], *["nothing"] * 3, GOOD[2])
    assert desk.run().degraded
    assert posts() == [("01", "llm_posts"), ("02", "posts"), ("03", "llm_posts")]
    desk.run()
    assert posts() == [("01", "llm_posts"), ("02", "posts"), ("03", "llm_posts")]
    pages = [path.name for path in (desk.root / "site/docs/posts/2024").glob("2024*.md")]
    assert len(pages) == DAYS

    desk.settings["beside"] = True
    desk.run()
    assert len(posts()) == 2 * DAYS - 1
    desk.settings |= {"beside": False, "enabled": False}
    desk.run()
    assert [writer for _, writer in posts()] == ["posts"] * DAYS
    asked = len(llmock.requests)
    desk.settings["enabled"] = True
    desk.run()
    assert posts() == [("01", "llm_posts"), ("02", "posts"), ("03", "llm_posts")]
    assert len(llmock.requests) == asked  # what was answered is kept, and paid for once


def test_what_was_answered_outlives_a_change_and_goes_with_its_messages(desk: Desk, llmock: Any) -> None:
    """A tone and back costs one answer each; `forget` leaves no answer behind."""
    replies(llmock, *GOOD)
    desk.run()
    desk.settings["tone"] = "dry"
    replies(llmock, *GOOD)
    desk.run()
    del desk.settings["tone"]
    desk.run()
    assert len(llmock.requests) == 2 * DAYS
    assert desk.facts()["spent"] == {"answers_kept": DAYS}
    assert desk.rows("SELECT count(*) FROM llm_answers") == [(2 * DAYS,)]

    app = desk.app()
    with open_session(Command(app, load_settings(desk.root, app))) as session:
        forget(session, author="Bo Quist")
    assert desk.rows("SELECT count(*) FROM llm_answers") == [(0,)]


def test_what_a_judge_said_goes_with_the_people_it_was_said_of(desk: Desk, llmock: Any) -> None:
    """Its reason may repeat what somebody wrote: `forget` removes the comparison; those of people stay."""
    replies(llmock, *GOOD)
    desk.run()
    with (desk.root / "egregora.toml").open("a", encoding="utf-8") as settings:
        settings.write("[ranking]\nenabled = true\n")
    llmock.reply(json.dumps({"why": "The soup was wonderful.", "better": "first"}), times=None)
    egregora("init-elo", cwd=desk.root, code=0)
    egregora("llm", "judge", "--pairs", "2", cwd=desk.root, code=0)
    slugs = [slug for (slug,) in desk.rows("SELECT slug FROM documents WHERE kind = 'post' ORDER BY slug LIMIT 2")]
    egregora("elo", "record", *slugs, "--winner", "a", "--judge", "me", cwd=desk.root, code=0)
    assert desk.rows("SELECT count(*) FROM elo_history") == [(5,)]
    egregora("forget", "--author", "Bo Quist", "--yes", cwd=desk.root, code=0)
    assert desk.rows("SELECT judge FROM elo_history") == [("me",)]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("About soup", "Ana Reis brings the soup"),
        ("About soup", "the soup of ana reis"),
        ("Soup by Quist", "the soup is brought"),
    ],
)
def test_a_name_that_gets_out_of_a_model_fails_its_unit(desk: Desk, llmock: Any, title: str, text: str) -> None:
    """Whatever made the model say it; the answer is paid for and kept, and its unit not asked again."""
    desk.settings["attempts"] = 1
    replies(
        llmock,
        *[told((f"{text} on the hike to the mill, in the rain, which was wonderful.", [1, 2]), title=title)] * DAYS,
    )
    with pytest.raises(StageError) as failed:
        desk.run()
    assert "Reis" not in str(failed.value)
    assert "Quist" not in str(failed.value)
    assert desk.bodies() == []
    assert "Quist" not in json.dumps(desk.facts())


def test_messages_leave_the_machine_only_with_consent(desk: Desk) -> None:
    """Without somebody to ask it is an error that says what to do; once agreed to, it is recorded, and always said."""
    desk.settings |= {"base_url": "http://model.invalid/v1", "retries": 0, "timeout": 1}
    with pytest.raises(UsageError, match=r"--send-to model\.invalid"):
        desk.run()
    assert not (desk.root / ".egregora/sends-to.json").exists()
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    with pytest.raises(UsageError, match="nothing was sent"):
        desk.run(may_send=no)
    assert "off this machine, to model.invalid" in asked[0]

    for options in ({"send_to": frozenset({"model.invalid"})}, {}):
        with pytest.raises(StageError, match="cannot be reached"):
            desk.run(**options)
        assert desk.facts()["sends_to"] == "model.invalid"
    assert list(json.loads((desk.root / ".egregora/sends-to.json").read_text())) == ["model.invalid"]


def test_a_dry_run_tells_what_it_will_take_and_where_it_goes(desk: Desk, llmock: Any) -> None:
    """From the sizes of windows, with the price where it is known; nothing is asked."""
    desk.settings |= {"enabled": True, "price_in": 1, "price_out": 2, "currency": "EUR"}
    desk.run(limit=0)
    lines = [line.text for line in desk.run(dry_run=True).lines if line.stage == "llm_posts"]
    assert "3 of 3 windows, about 3 requests, about " in lines[-1]
    assert lines[-1].endswith(" EUR)")
    desk.settings |= {"base_url": "http://model.invalid/v1", "tone": "dry"}
    lines = [line.text for line in desk.run(dry_run=True).lines if line.stage == "llm_posts"]
    assert "would send messages, without names, to model.invalid" in lines
    assert llmock.requests == []


def test_several_windows_at_once_make_the_same(desk: Desk, llmock: Any) -> None:
    """As one after the other, to the last id."""
    llmock.reply(told(("They talk of the mill and of the soup.", [1])), times=None)
    made = (
        "SELECT document_id, slug, title, body, attrs::VARCHAR FROM documents WHERE writer = 'llm_posts' ORDER BY ALL"
    )
    desk.settings["concurrency"] = 3
    desk.run()
    several = desk.rows(made)
    assert len(several) == DAYS
    desk.settings["concurrency"] = 1
    desk.run(force=frozenset({"llm_posts"}))
    assert desk.rows(made) == several


def test_one_budget_is_for_all_writers_of_a_run(soup: Path) -> None:
    """Posts and profiles together, several at once, ask as often as it says; the next run goes on from there."""
    with model_server() as server:
        desk = Desk(soup, server.url)
        desk.settings |= {"profiles": True, "concurrency": 3, "budget_requests": DAYS + 1}
        assert desk.run().degraded
        assert len(server.asked) == DAYS + 1
        assert "budget_requests = 4" in desk.facts("llm_profiles")["stopped"]
        assert not desk.run().degraded
        assert len(server.asked) == DAYS + 2
        desk.settings |= {"profiles": False}
        lines = [line.text for line in desk.run().lines if line.stage.startswith("llm")]
    assert ["stands" in line for line in lines] == [True]  # profiles take no part, and posts do not depend on that
    assert desk.bodies("llm_profiles") == []


def test_a_key_is_written_nowhere(soup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in an error, a record or an answer that is kept, even where the server repeats it."""
    key = "sk-very-secret-0123456789"
    monkeypatch.setenv("EGREGORA_LLM_KEY", key)
    answers = [completion(GOOD[0]), Answer({"error": {"message": f"Incorrect key {key}", "code": key}}, 401)]
    with model_server(lambda _: answers[0] if len(server.asked) == 1 else answers[1]) as server:
        desk = Desk(soup, server.url)
        said = "\n".join(line.text for line in desk.run().lines)
    assert "refused the key" in said
    assert len(desk.bodies()) == 1
    assert key not in said
    assert not [file for file in soup.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


def test_an_own_prompt_is_read_from_the_workspace(desk: Desk, llmock: Any) -> None:
    """A file `llm/prompts/post.md` stands in for the package's, and the reason names it."""
    replies(llmock, *GOOD)
    desk.run()
    own = desk.root / "llm/prompts/post.md"
    own.parent.mkdir(parents=True)
    own.write_text("Be brief, in $language.", encoding="utf-8")
    replies(llmock, *GOOD)
    (line,) = [line.text for line in desk.run().lines if line.stage == "llm_posts"]
    assert "config changed (llm/prompts/post.md)" in line
    assert "Be brief, in the language" in json.dumps(llmock.requests[-1].body)


def test_the_commands_say_how_things_are(desk: Desk, llmock: Any, tmp_path: Path) -> None:
    """`check` asks the server, `estimate` nobody, and `eval` measures what is there."""
    replies(llmock, *GOOD)
    desk.run()
    checked = egregora("llm", "check", "--json", cwd=tmp_path, code=0)
    facts = json.loads(checked.stdout)
    assert (facts["state"], facts["messages leave this machine"]) == ("ok", "no")
    assert facts["price of a million tokens"] == "unknown"
    assert "llm_posts: would stand" in egregora("llm", "estimate", cwd=tmp_path, code=0).stdout
    measured = json.loads(egregora("llm", "eval", "--json", cwd=tmp_path, code=0).stdout)
    assert measured["claims"] == 4
    assert measured["names leaked"] == 0
    assert measured["windows covered"] == 1.0
    assert 0 < measured["claims supported"] <= 1
