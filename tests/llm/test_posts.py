"""Posts of a model, over real HTTP: what is cited, what is refused, what is paid for, and what comes of faults."""

import json
from typing import Any

import pytest
from soup import DAYS, GOOD, Desk

pytestmark = pytest.mark.slow  # whole runs against a server


def replies(llmock: Any, *answers: str) -> None:
    for answer in answers:
        llmock.reply(answer)


def test_a_post_says_what_it_rests_on(desk: Desk, llmock: Any) -> None:
    """Each claim links to its messages, which stand below by pseudonym; attrs hold claims with ids of events."""
    replies(llmock, *GOOD)
    desk.run()
    first = desk.bodies()[0]
    events = [str(event) for (event,) in desk.rows("SELECT event_id FROM stage_privacy ORDER BY ts")]
    assert f"Somebody asks whether to hike to the old mill. ([1](message:{events[0]}))" in first
    assert "2024-03-01 10:00: Shall we hike to the old mill on Sunday?" in first
    assert "Ana" not in first
    ((attrs,),) = desk.rows(
        "SELECT attrs::VARCHAR FROM documents WHERE writer = 'llm_posts' ORDER BY window_start LIMIT 1"
    )
    assert json.loads(attrs)["claims"][1] == {"text": "The soup will be brought.", "messages": [events[1]]}
    assert desk.facts()["spent"]["requests"] == DAYS
    assert len(llmock.requests) == DAYS
    llmock.assert_resilient(strict=True)

    desk.run()
    assert len(llmock.requests) == DAYS
