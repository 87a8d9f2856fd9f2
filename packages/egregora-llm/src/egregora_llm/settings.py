"""The section `[llm]`: which model, what it writes, and what it may cost. A key is never a setting."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from egregora_core.plugin.settings import Section
from pydantic import Field, field_validator, model_validator

KEY_VARIABLE = "EGREGORA_LLM_KEY"
"""The variable of the environment that holds the key of the server at `base_url`."""

_SECRET = re.compile(r"key|token$|secret|passw|credential|^auth", re.IGNORECASE)


class LlmSettings(Section):
    """Section `[llm]`: posts, profiles and judgements by a language model."""

    enabled: bool = False
    """Whether `run` has the model write; creates the tables."""
    model: str = ""
    """The model's name, as its server calls it; without a `base_url` with its provider: `anthropic:claude-sonnet-4-5`.
    """
    base_url: str = "http://127.0.0.1:11434/v1"
    """A server that speaks OpenAI's protocol; by default Ollama on this machine. Empty: the provider that `model`
    names. Where it is not this machine, messages leave it, and somebody is asked first."""
    output: Literal["native", "prompted", "tool"] = "native"
    """How an answer is kept to its form: by the server's grammar, by the prompt alone, or as a call of a tool."""
    posts: bool = True
    """Whether it writes a post for each window."""
    profiles: bool = False
    """Whether it writes a profile of each author."""
    beside: bool = False
    """Whether its posts stand beside the built-in ones of the same windows, to be compared; else in place of them."""
    language: str = ""
    """The language to write in, such as `English`; empty: that of the chat."""
    tone: str = "plain and friendly, neither flattering nor mocking"
    """How it sounds, in words for the model."""
    words: int = Field(default=200, ge=20, le=5000)
    """About how long a text is."""
    context_tokens: int = Field(default=8192, ge=1024)
    """How much the model can read at once, prompt and answer together; what is larger is split and merged."""
    answer_tokens: int = Field(default=1500, ge=64)
    """How long an answer may be."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0: the likeliest words, and with most servers the same answer to the same question."""
    attempts: int = Field(default=3, ge=1, le=10)
    """How often one answer is asked for, where it cites nothing, or what is not there."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """How many units are asked for at once."""
    timeout: float = Field(default=180.0, gt=0, allow_inf_nan=False)
    """How long one answer is waited for, seconds."""
    retries: int = Field(default=2, ge=0, le=10)
    """How often a request is sent again after a passing fault; where the server says when, then."""
    stop_after: int = Field(default=3, ge=1)
    """After so many units in a row that failed for a passing fault the writer stops for this run."""
    budget_requests: int | None = Field(default=None, ge=0)
    """The most requests of one run, of all writers together and those sent again included; checked before each."""
    budget_tokens: int | None = Field(default=None, ge=0)
    """The most tokens of one run, prompts and answers together; checked before each request, with its longest answer.
    """
    budget_cost: Decimal | None = Field(default=None, ge=0, allow_inf_nan=False)
    """The most money of one run; checked before each request, as tokens are. Needs a model whose price is known."""
    price_in: Decimal | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Price of a million tokens of a prompt, where you know it better than the list of prices, or run your own."""
    price_out: Decimal | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Price of a million tokens of an answer."""
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    """Currency of the prices; the list of prices is in USD."""
    kappa: float = Field(default=0.4, ge=-1, le=1)
    """The agreement with people (Cohen's kappa) from which a judge's comparisons are called trustworthy."""

    @model_validator(mode="before")
    @classmethod
    def _no_key(cls, data: Any) -> Any:
        """Refuse a key in a file or a listed variable, without quoting it."""
        if isinstance(data, Mapping):
            known = cls.model_fields
            if any(isinstance(name, str) and name not in known and _SECRET.search(name) for name in data):
                raise ValueError(
                    "a key is no setting, since settings are shown and copied: put it into the variable "
                    f"{KEY_VARIABLE} of the environment, or the one that the provider names"
                )
        return data

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            wrong = parts.scheme not in {"http", "https"} or not parts.hostname
        except ValueError:
            wrong = True
        if wrong:
            raise ValueError("is no address of a server: http:// or https://, a host, and mostly /v1")
        if parts.username or parts.password or parts.query:
            raise ValueError(f"holds more than an address; a key goes into the variable {KEY_VARIABLE}")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and not self.model:
            raise ValueError("model is empty: name one, such as `qwen3:8b` of `ollama list`")
        if self.model and not self.base_url and ":" not in self.model:
            raise ValueError("without a base_url the model needs its provider, such as `openai:gpt-5-mini`")
        if self.answer_tokens * 2 > self.context_tokens:
            raise ValueError("answer_tokens must be at most half of context_tokens, or there is no room for messages")
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("price_in and price_out belong together")
        return self


def settings_of(values: Mapping[str, Any]) -> LlmSettings:
    """Return the settings that a writer was called with; the host's own have their defaults."""
    return LlmSettings(**{name: value for name, value in values.items() if name in LlmSettings.model_fields})
