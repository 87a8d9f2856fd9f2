"""What a model's server says of itself: whether it is there, which models it has, how much they read at once."""

import os
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from egregora_llm.places import sends_to
from egregora_llm.settings import KEY_VARIABLE, LlmSettings

_SECONDS = 10.0
_NUM_CTX = re.compile(r"\bnum_ctx\s+(\d+)")
_REFUSED = (401, 403)


@dataclass(frozen=True)
class Server:
    """What was found out."""

    state: str
    """`ok`, or what is wrong."""
    models: list[str] = field(default_factory=list)
    context: int | None = None
    """Tokens that it reads at once; None where it does not say."""


def look_at(settings: LlmSettings) -> Server:
    """Ask a server for its models, and how much it reads at once; nothing of any chat is sent."""
    key = os.environ.get(KEY_VARIABLE)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    leaves = bool(sends_to(model=settings.model, base_url=settings.base_url))
    with httpx.Client(headers=headers, timeout=min(settings.timeout, _SECONDS), trust_env=leaves) as client:
        try:
            answer = client.get(f"{settings.base_url}/models")
        except httpx.HTTPError as error:
            return Server(f"cannot be reached ({type(error).__name__})")
        if answer.status_code in _REFUSED:
            return Server(f"refuses the key ({answer.status_code}); put one into {KEY_VARIABLE}")
        if not answer.is_success:
            return Server(f"answers with an error ({answer.status_code})")
        models = sorted(str(each.get("id")) for each in _json(answer).get("data") or [])
        return Server("ok", models, _context(client, settings))


def _context(client: httpx.Client, settings: LlmSettings) -> int | None:
    """Ask as llama.cpp, vLLM and Ollama want to be asked; others do not say.

    Ollama reads less than its model could, unless it is told to: what it has loaded, or is told, counts.
    """
    root = settings.base_url.removesuffix("/v1")
    try:
        found = _json(client.get(f"{root}/props")).get("default_generation_settings", {}).get("n_ctx")
        listed = _json(client.get(f"{settings.base_url}/models")).get("data") or []
        loaded = _json(client.get(f"{root}/api/ps")).get("models") or []
        shown = _json(client.post(f"{root}/api/show", json={"model": settings.model}))
    except (httpx.HTTPError, AttributeError):
        return None
    told = _NUM_CTX.search(str(shown.get("parameters", "")))
    mine = [
        each for each in (*listed, *loaded) if settings.model in (each.get("id"), each.get("name"), each.get("model"))
    ]
    lengths = [each.get("max_model_len") or each.get("context_length") for each in mine]
    answers = [found, *lengths, int(told[1]) if told else None]
    return next((each for each in answers if isinstance(each, int)), None)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.is_success else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
