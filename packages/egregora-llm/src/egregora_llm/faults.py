"""What a server's error means, in whatever form it comes: split further, stop the run, or try again with the next one.

Servers agree on little but the number of an error. What they write may repeat a message, so none of it is passed on
but the names of what they object to.
"""

import json
import re
from typing import Any

from egregora_core.plugin import StageError, WritingStoppedError

from egregora_llm.settings import KEY_VARIABLE, LlmSettings

_TOO_LARGE = re.compile(
    r"exceed_context_size|context_length_exceeded|context (?:length|size|window)|maximum (?:context|model) length|n_ctx"
    r"|max_seq_len|too long|too large|token count .{0,40}exceeds|tokens.{0,60}must be <=|entity too large",
    re.IGNORECASE,
)
"""How servers say that a prompt, with room for its answer, is more than they take at once."""
_LOADING = re.compile(r"loading", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,200}(?:not found|not exist|no such|unknown|not loaded)|model_not_found", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z][A-Za-z_.]{2,40}")
_FORM = re.compile(r"response_format|json_schema|grammar|structured|tool", re.IGNORECASE)


_FORBIDDEN, _ENTITY, _UNAVAILABLE, _SERVERS_OWN = 403, 413, 503, 500


class TooLargeError(Exception):
    """The server reads less at once than the prompt has: split it further."""


def meaning_of(error: Any, settings: LlmSettings) -> StageError | TooLargeError:
    """Return what becomes of an error of Pydantic AI: a StageError that is no WritingStoppedError may pass."""
    status, body = getattr(error, "status_code", 0), getattr(error, "body", None)
    said = body if isinstance(body, str) else json.dumps(body, default=str)
    if _is_too_large(error, status, said):
        return TooLargeError()
    if stops := _stops(error, status, said):
        return WritingStoppedError(stops)
    return StageError(_passing(error, status, said, settings))


def _is_too_large(error: Any, status: int, said: str) -> bool:
    from pydantic_ai.exceptions import ModelContextWindowExceededError

    return (
        isinstance(error, ModelContextWindowExceededError)
        or status == _ENTITY
        or (status in {400, 422, 500} and _TOO_LARGE.search(said) is not None)
    )


def _stops(error: Any, status: int, said: str) -> str:
    """Return why no question can be asked for now; empty where one may."""
    from pydantic_ai import exceptions as kinds

    stops = (
        (
            status == _FORBIDDEN,
            "the model's server refuses to answer (403): this key may not use this model, or not here",
        ),
        (
            isinstance(error, kinds.ModelAuthenticationError),
            f"the model's server refused the key: put the right one into {KEY_VARIABLE}, or the provider's variable",
        ),
        (isinstance(error, kinds.ModelQuotaExceededError), "the quota at the model's server is used up"),
        (
            isinstance(error, kinds.ModelRateLimitError),
            "the model's server wants fewer requests (429); run again later",
        ),
        (
            isinstance(error, kinds.ModelNotFoundError) or (status in {400, 404} and _NO_MODEL.search(said)),
            "the model's server has no such [llm] model, or is not at [llm] base_url; see `egregora llm check`",
        ),
    )
    return next((what for holds, what in stops if holds), "")


def _passing(error: Any, status: int, said: str, settings: LlmSettings) -> str:
    from pydantic_ai import exceptions as kinds

    if isinstance(error, kinds.ModelTimeoutError | kinds.ModelRequestTimeout):
        return f"no answer within [llm] timeout = {settings.timeout:g} s"
    if status == _UNAVAILABLE and _LOADING.search(said):
        return "the model's server is still loading its model"
    if status >= _SERVERS_OWN:
        return f"the model's server failed ({status})"
    if status:
        hint = "; try another [llm] output" if _FORM.search(said) else ""
        return f"the model's server rejected the request ({', '.join([str(status), *_objected(error)])}){hint}"
    if isinstance(error, kinds.ModelConnectionError):
        return "the model's server cannot be reached, or hung up"
    return no_answer()


def no_answer() -> str:
    """Say that what came back is no answer of a model at all."""
    return "what answers at [llm] base_url is no model's server, or one in trouble: it gave no answer of the usual form"


def _objected(error: Any) -> list[str]:
    """Return which of a request's fields the server objects to, and its word for that, where these are names."""
    body: Any = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    named = [(inner if isinstance(inner, dict) else body).get(name) for name in ("code", "param")]
    return [each for each in named if isinstance(each, str) and _NAME.fullmatch(each)]
