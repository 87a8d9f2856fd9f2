"""The writers against a server over real HTTP: what holds is written, what does not is asked for again, and faults."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from egregora_core.plugin import Document, Kept, Spent, StageError, Unit, UnitRefusedError, WritingStoppedError
from egregora_llm import spending
from egregora_llm.writers import write_post, write_profile
from soup import chat_unit, told

pytestmark = pytest.mark.slow  # a server, and waiting for it
PROMPT = "Write in $language, $tone, $words words."
GOOD = told(("The soup will be brought on the hike.", [2]))


class Asked:
    """What one call of a writer came to."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.spent: dict[str, int] = {}
        self.kept: dict[str, str] = {}
        self.error: Exception | None = None


def ask(llmock: Any, unit: Unit | None = None, *, kept: Mapping[str, str] | None = None, **settings: Any) -> Asked:
    """Call the writer of posts as the host does."""
    given = {"model": "small", "base_url": llmock.base_url(), "retries": 1, "timeout": 5, **settings}
    writer = write_profile if settings.get("profiles") else write_post
    found = Asked()
    try:
        for each in writer(unit or chat_unit(), prompt=PROMPT, merging=PROMPT, kept=kept or {}, **given):
            if isinstance(each, Document):
                found.documents.append(each)
            elif isinstance(each, Spent):
                found.spent = dict(each.counts)
            elif isinstance(each, Kept):
                found.kept[each.key] = each.value
    except StageError as error:
        found.error = error
    return found


@pytest.fixture(autouse=True)
def _new_run() -> None:
    """Each test is a run of its own."""
    spending.stage_begins("ingestion", "any")


def prompts(llmock: Any) -> list[str]:
    return [json.dumps(request.body) for request in llmock.requests]


def test_an_answer_that_holds_is_a_document(llmock: Any) -> None:
    """One request; its claims are in `attrs` with the ids of their messages."""
    llmock.reply(GOOD)
    found = ask(llmock)
    (document,) = found.documents
    assert document.attrs["claims"] == [
        {"text": "The soup will be brought on the hike.", "messages": ["00000001-0000-4000-8000-000000000000"]}
    ]
    assert document.slug == "2024-03-01-1000-00000000-told"
    assert found.spent["requests"] == 1
    assert found.spent["tokens_in"] > 0


@pytest.mark.parametrize("output", ["native", "prompted"])
@pytest.mark.parametrize(
    ("bad", "doubt"),
    [
        (told(("The soup will be brought.", [])), "cites no message"),
        (told(("The soup will be brought.", [99])), "cites message 99"),
        (told(("Alexandra Meyer brings the soup.", [2])), "a name"),
        ("this is no JSON", ""),
        ('{"title": "cut off', ""),
    ],
)
def test_an_answer_that_does_not_hold_is_asked_for_again(llmock: Any, bad: str, doubt: str, output: str) -> None:
    """The model is told what is wrong; what was used for both counts."""
    llmock.reply(bad).reply(GOOD)
    found = ask(llmock, output=output)
    assert len(found.documents) == 1
    assert found.spent["requests"] == 2
    assert doubt in prompts(llmock)[1]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (told(("The soup will be brought.", [])), "a claim of the model cites no message, 2 times"),
        (told(("The soup will be brought.", [99])), "cites a message that is not there, 2 times"),
        ("no JSON", "not of the form asked for, 2 times"),
    ],
)
def test_then_the_unit_is_refused(llmock: Any, bad: str, reason: str) -> None:
    """Trying the same again would change nothing; what was spent counts, and nothing of the answer is told."""
    for _ in range(2):
        llmock.reply(bad)
    found = ask(llmock, attempts=2)
    assert isinstance(found.error, UnitRefusedError)
    assert reason in str(found.error)
    assert "soup" not in str(found.error)
    assert found.spent["requests"] == len(llmock.requests) == 2


def test_what_was_answered_is_not_paid_for_twice(llmock: Any) -> None:
    """What is kept answers the same request, good or bad; another model is another request."""
    llmock.reply(told(("The soup will be brought.", [99]))).reply(GOOD)
    first = ask(llmock)
    again = ask(llmock, kept=first.kept)
    assert [each.body for each in again.documents] == [each.body for each in first.documents]
    assert (again.spent, len(llmock.requests)) == ({"answers_kept": 2}, 2)
    assert again.kept == first.kept
    llmock.reply(GOOD)
    ask(llmock, kept=first.kept, model="another")
    assert len(llmock.requests) == 3


def test_passing_faults_are_tried_again(llmock: Any) -> None:
    """429 when the server says, 500 and 503 after a moment; the server finds nothing wrong with how it was asked."""
    llmock.rate_limit(times=1, retry_after=0.2).fail(500).fail(503).reply(GOOD)
    found = ask(llmock, retries=3)
    assert len(found.documents) == 1
    assert (found.spent["requests"], found.spent["retries"]) == (1, 3)
    llmock.assert_resilient()


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refused the key"), (404, "has no such"), (429, "fewer requests")],
)
def test_what_no_unit_can_get_past_stops_the_writer(llmock: Any, status: int, said: str) -> None:
    """A wrong key is asked with once, not for each window."""
    llmock.fail(status, times=None)
    found = ask(llmock, retries=0)
    assert isinstance(found.error, WritingStoppedError)
    assert said in str(found.error)
    assert len(llmock.requests) == 1
    assert found.spent["requests"] == 1


def test_a_server_that_is_down_stops_the_writer_after_some_units(llmock: Any) -> None:
    """One unit that fails is tried again by the next run; several in a row are an outage."""
    llmock.outage()
    errors = [ask(llmock, retries=0, stop_after=3).error for _ in range(3)]
    assert [isinstance(error, WritingStoppedError) for error in errors] == [False, False, True]
    assert not any(isinstance(error, UnitRefusedError) for error in errors)
    llmock.reset()
    llmock.reply(GOOD)
    assert ask(llmock).error is None
    llmock.outage()
    assert not isinstance(ask(llmock, retries=0, stop_after=2).error, WritingStoppedError)


def test_a_server_that_is_slow_is_not_waited_for_longer_than_is_set(llmock: Any) -> None:
    """The unit fails for this run, with the setting in the reason."""
    llmock.delay(2, times=None)
    found = ask(llmock, timeout=0.3, retries=0)
    assert "[llm] timeout = 0.3 s" in str(found.error)
    assert not isinstance(found.error, UnitRefusedError)


def test_a_server_that_is_not_there_fails_the_unit(llmock: Any) -> None:
    """So it is with a connection that nobody takes."""
    found = ask(llmock, base_url="http://127.0.0.1:9/v1", retries=0)
    assert "cannot be reached" in str(found.error)


def test_a_prompt_too_large_is_split_and_merged(llmock: Any) -> None:
    """Parts are asked for one by one, each about numbers of its own; their claims are joined by one more question."""
    long = chat_unit([f"message {n} tells of soup " + "and more soup " * 12 for n in range(60)])
    numbers = list(range(1, 61))
    for part in (numbers[:30], numbers[30:]):
        llmock.reply(told(("There is soup, and more soup.", [part[0]])))
    llmock.reply(told(("There was much soup, and more soup.", [1, 31]), title="Soup"))
    found = ask(llmock, long, context_tokens=3072, answer_tokens=256, attempts=1)
    assert found.error is None
    (document,) = found.documents
    assert len(document.attrs["claims"][0]["messages"]) == 2
    assert len(llmock.requests) >= 3
    assert "<drafts>" in prompts(llmock)[-1]
    assert not any("[60]" in prompt and "[1] 10" in prompt for prompt in prompts(llmock))


def test_a_server_that_reads_less_than_is_set_gets_smaller_parts(llmock: Any) -> None:
    """The first prompt is rejected for its length; then halves are asked for."""
    long = chat_unit([f"message {n} tells of soup " + "and more soup " * 12 for n in range(40)])
    llmock.context_overflow(times=1)
    for number in (1, 21):
        llmock.reply(told(("There is soup, and more soup.", [number])))
    llmock.reply(told(("There was much soup, and more soup.", [1, 21]), title="Soup"))
    found = ask(llmock, long, context_tokens=6000, answer_tokens=256, attempts=1)
    assert found.error is None, found.error
    assert len(llmock.requests) == 4


def test_a_server_that_reads_next_to_nothing_fails_the_unit(llmock: Any) -> None:
    """It ends, with what to do; whether the server reads more by the next run, nobody can tell."""
    llmock.context_overflow(times=None)
    found = ask(llmock)
    assert not isinstance(found.error, UnitRefusedError)
    assert "context_tokens" in str(found.error)


def test_a_budget_stops_before_the_request(llmock: Any) -> None:
    """What would go beyond it is not asked; what was asked before is kept."""
    llmock.reply(GOOD)
    assert ask(llmock, budget_requests=1).error is None
    found = ask(llmock, budget_requests=1)
    assert isinstance(found.error, WritingStoppedError)
    assert len(llmock.requests) == 1


def test_settings_and_files_reach_the_prompt(llmock: Any) -> None:
    """Language, tone and length fill the prompt; what they are not is left as it stands."""
    llmock.reply(GOOD)
    ask(llmock, language="Portuguese", tone="dry", words=77)
    assert "Write in Portuguese, dry, 77 words." in prompts(llmock)[0]


def test_a_profile_is_of_one_person(llmock: Any) -> None:
    """Its title is the pseudonym, whatever the model calls it."""
    unit = chat_unit(["I bring the soup", "soup again"], kind="author")
    llmock.reply(told(("Quiet Otter likes to bring soup.", [1, 2]), title="Everything about soup"))
    (document,) = ask(llmock, unit, profiles=True).documents
    assert (document.kind, document.title) == ("profile", "Quiet Otter")


def test_where_nobody_wrote_a_word_nothing_is_asked(llmock: Any) -> None:
    """A window of the platform's own lines has no post."""
    found = ask(llmock, chat_unit(["Messages are encrypted"], author=""))
    assert (found.documents, found.error, llmock.requests) == ([], None, [])
