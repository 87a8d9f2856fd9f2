"""What servers answer when they do not: each in a form of its own, copied from what they are known to write."""

from collections.abc import Iterator
from typing import Any

import pytest
from egregora_core.plugin import Document, StageError, UnitRefusedError, WritingStoppedError
from egregora_llm import spending
from egregora_llm.writers import write_post
from model_server import Answer, ModelServer, completion, echo, model_server
from soup import chat_unit

ECHO = echo({"messages": [{"role": "user", "content": "[1] 10:00 Amber Heron: soup"}]})


@pytest.fixture(scope="module")
def one_server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(one_server: ModelServer) -> ModelServer:
    """A server that nothing was asked of, in a run of its own."""
    spending.stage_begins("ingestion", "any")
    one_server.asked.clear()
    return one_server


def ask(server: ModelServer, answer: Answer, **settings: Any) -> StageError | Document:
    """Return what a window comes to whose every request is answered so."""
    server.answer = lambda _: answer
    given = {"model": "small", "base_url": server.url, "retries": 0, "attempts": 2, **settings}
    try:
        made = list(write_post(chat_unit(), prompt="Tell.", merging="Merge.", kept={}, **given))
    except StageError as error:
        return error
    return next(each for each in made if isinstance(each, Document))


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


TOO_LARGE = {
    "OpenAI": Answer(error("maximum context length is 8192", code="context_length_exceeded"), 400),
    "llama.cpp": Answer(error("the request exceeds", type="exceed_context_size_error", n_ctx=2048), 400),
    "llama.cpp, while it writes": Answer(error("Context size has been exceeded.", type="server_error"), 500),
    "vLLM": Answer({"object": "error", "message": "This model's maximum context length is 4096 tokens."}, 400),
    "vLLM, long ago": Answer(error("The prompt is longer than the maximum model length of 4096."), 400),
    "Ollama": Answer(error("input length exceeds the context length", type="api_error"), 400),
    "LM Studio": Answer({"error": "The model is loaded with context length of only 4096 tokens"}, 400),
    "TGI": Answer({"error": "`inputs` tokens + `max_new_tokens` must be <= 4096"}, 422),
    "SGLang": Answer({"object": "error", "message": "exceeds the model's maximum context length"}, 400),
    "Mistral": Answer({"message": "Prompt contains 40000 tokens, too large for model"}, 400),
    "Google": Answer([error("The input token count (1100000) exceeds the maximum")], 400),
    "Groq": Answer(error("Request too large for model", code="rate_limit_exceeded"), 413),
    "a proxy before it": Answer("<html><h1>413 Request Entity Too Large</h1></html>", 413),
    "TabbyAPI": Answer(error("Prompt length 5000 is greater than max_seq_len 4096"), 400),
}


@pytest.mark.slow  # a server is asked again and again
@pytest.mark.parametrize("whose", TOO_LARGE)
def test_a_prompt_too_large_is_known_in_any_words(server: ModelServer, whose: str) -> None:
    """Smaller parts are asked for until there are none; the unit is tried again once the server may read more."""
    found = ask(server, TOO_LARGE[whose])
    assert "set it lower, or let the server read more" in str(found)
    assert not isinstance(found, UnitRefusedError)
    assert len(server.asked) > 1


STOPS = {
    "Ollama": (Answer(error('model "small" not found, try pulling it first'), 404), "no such [llm] model"),
    "vLLM": (Answer({"object": "error", "message": "The model `small` does not exist."}, 404), "no such [llm] model"),
    "LM Studio": (Answer(error("Invalid model", code="model_not_found"), 400), "no such [llm] model"),
    "another path": (Answer("404 page not found", 404), "is not at [llm] base_url"),
    "no key": (Answer(error("Incorrect API key provided: sk-secret"), 401), "refused the key"),
    "not allowed": (Answer(error("Country not supported"), 403), "refuses to answer (403)"),
    "no money": (Answer(error("Insufficient credits"), 402), "quota"),
    "no quota": (Answer(error("You exceeded your quota", code="insufficient_quota"), 429), "quota"),
    "too fast": (Answer(error("Slow down"), 429), "fewer requests"),
}


@pytest.mark.parametrize("whose", STOPS)
def test_what_holds_for_every_unit_stops_the_writer(server: ModelServer, whose: str) -> None:
    """One request, and a reason with what to do, that quotes nothing of the server's."""
    answer, said = STOPS[whose]
    found = ask(server, answer)
    assert isinstance(found, WritingStoppedError)
    assert said in str(found)
    assert "secret" not in str(found)
    assert len(server.asked) == 1


PASSES = {
    "llama.cpp": (Answer(error("Loading model", type="unavailable_error"), 503), "still loading its model"),
    "failed": (Answer("oops", 500), "failed (500)"),
    "a proxy before it": (Answer("<html>Bad gateway</html>", 502), "failed (502)"),
    "no grammar": (
        Answer(error("not supported: soup", param="response_format"), 400),
        "rejected the request (400, response_format); try another [llm] output",
    ),
    "no temperature": (
        Answer(error("Unsupported: soup", param="temperature", code="unsupported_value"), 400),
        "rejected the request (400, unsupported_value, temperature)",
    ),
    "says why in the chat's words": (Answer(error("soup", param="Shall we hike?", code=7), 400), "request (400)"),
    "a page": (Answer("<html>Hello</html>"), "no model's server, or one in trouble"),
    "an error that is none": (Answer(error("Provider returned error", code=502)), "no model's server, or one"),
    "no choice": (Answer({"id": "x", "object": "chat.completion", "choices": []}), "no model's server, or one"),
    "elsewhere": (Answer("", 307, {"Location": "http://127.0.0.1:9/v1/x"}), "no model's server, or one in trouble"),
}


@pytest.mark.parametrize("whose", PASSES)
def test_what_may_pass_fails_the_unit_for_this_run(server: ModelServer, whose: str) -> None:
    """It is tried again by the next, and several in a row stop the writer; no word of the chat is in the reason."""
    answer, said = PASSES[whose]
    found = ask(server, answer)
    assert isinstance(found, StageError)
    assert not isinstance(found, UnitRefusedError | WritingStoppedError)
    assert said in str(found)
    assert "soup" not in str(found)
    assert len(server.asked) == 1
    assert isinstance(ask(server, answer, stop_after=2), WritingStoppedError)


REFUSED = {
    "nothing": (completion(""), "not of the form asked for, 2 times"),
    "a refusal": (completion("I cannot help with that."), "not of the form asked for, 2 times"),
    "filtered": (completion("", finish="content_filter"), "filtered"),
    "cut": (completion('{"title": "a', finish="length"), "cut off at [llm] answer_tokens = 1500"),
}


@pytest.mark.parametrize("whose", REFUSED)
def test_an_answer_that_is_none_refuses_the_unit(server: ModelServer, whose: str) -> None:
    """The same would come again: the reason says what may be done."""
    answer, said = REFUSED[whose]
    found = ask(server, answer)
    assert isinstance(found, UnitRefusedError)
    assert said in str(found)


@pytest.mark.parametrize("output", ["native", "prompted"])
@pytest.mark.parametrize("said", [f"<think>{{}} Hm.</think>\n{ECHO}", f"```json\n{ECHO}\n```"])
def test_an_answer_in_its_usual_wrapping_is_taken(server: ModelServer, said: str, output: str) -> None:
    """Models think aloud, and fence what they write."""
    assert isinstance(ask(server, completion(said), output=output), Document)


def test_a_proxy_of_the_environment_is_not_between_here_and_here(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stays on this machine is not sent to a proxy off it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    assert isinstance(ask(server, completion(ECHO)), Document)
