"""One question to a model, until its answer holds: paid for within the budget, kept, and never asked twice.

The heavy libraries are imported here, and by nobody else, when the first question is asked.
"""

import asyncio
import hashlib
import json
import os
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from egregora_core.plugin import Kept, StageError, UnitRefusedError, WritingStoppedError
from pydantic import BaseModel

from egregora_llm.chat import tokens_of
from egregora_llm.places import sends_to
from egregora_llm.settings import KEY_VARIABLE, LlmSettings
from egregora_llm.spending import Bill, Meter, Price

if TYPE_CHECKING:
    from pydantic_ai.models import Model

Answer = TypeVar("Answer", bound=BaseModel)

_USUAL = 1_000
_FORM_TOKENS = 350
"""What the form of the answer adds to a prompt, about."""
_TOO_LARGE = ("exceed_context_size", "context_length_exceeded", "context length", "context size", "n_ctx", "too long")
"""How servers say that a prompt is larger than what they read at once."""


class TooLargeError(Exception):
    """The server reads less at once than the prompt has: split it further."""


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """What a model is asked, and when its answer holds."""

    instructions: str
    prompt: str
    form: type[Answer]
    doubts: Callable[[Answer], list[str]] = lambda _answer: []
    """What is wrong with an answer, in words for the model; empty where nothing is."""

    @property
    def tokens(self) -> int:
        return tokens_of(self.instructions) + tokens_of(self.prompt) + _FORM_TOKENS


@dataclass
class Desk:
    """Where questions of one unit are asked: the model, its budget, and what was answered before."""

    settings: LlmSettings
    meter: Meter
    kept: Mapping[str, str] = field(default_factory=dict)
    """Answers by the hash of their request."""
    make_model: "Callable[[LlmSettings], Model] | None" = None
    """Makes the model where it is none behind a server: for tests."""
    bill: Bill = field(default_factory=Bill)
    used: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    """How often something was sent over the wire, retries of the client included."""

    def ask(self, question: Question[Answer]) -> Answer:
        """Return an answer that holds.

        Raises UnitRefusedError where there is none after all attempts, TooLargeError where the prompt is too large,
        WritingStoppedError where no question can be asked for now, and StageError for a passing fault.
        """
        return asyncio.run(_ask(self, question))

    def to_keep(self) -> list[Kept]:
        """Return the answers that this unit rests on, to be found again."""
        return [Kept(key, value) for key, value in self.used.items()]


async def _ask(desk: Desk, question: Question[Answer]) -> Answer:
    from pydantic_ai import Agent, ModelRetry, exceptions

    settings = desk.settings
    wrong: list[str] = []
    async with _model(desk) as model:
        agent: Agent[object, Answer] = Agent(
            _metered(desk, model, question.tokens),
            output_type=_output(settings, question.form),
            instructions=question.instructions,
            retries={"output": settings.attempts - 1},
            model_settings={
                "temperature": settings.temperature,
                "max_tokens": settings.answer_tokens,
                "timeout": settings.timeout,
            },
        )

        @agent.output_validator
        def _holds(answer: Answer) -> Answer:
            wrong[:] = question.doubts(answer)
            if wrong:
                raise ModelRetry("; ".join(wrong[:10]) + ". Answer again, all of it, with that put right.")
            return answer

        try:
            result = await agent.run(question.prompt)
        except exceptions.UnexpectedModelBehavior as error:
            raise _refusal(settings, wrong, error) from error
        except exceptions.ModelAPIError as error:
            raise _told(desk, error) from error
    desk.meter.fine()
    return result.output


def _refusal(settings: LlmSettings, wrong: list[str], error: Exception) -> UnitRefusedError:
    """Return why no answer held; what the model said is not quoted."""
    from pydantic_ai.exceptions import ContentFilterError

    times = f"{settings.attempts} time{'s' if settings.attempts > 1 else ''}"
    if isinstance(error, ContentFilterError):
        return UnitRefusedError("the model's provider filtered the answer")
    if not wrong:
        return UnitRefusedError(f"the model's answer was not of the form asked for, {times}")
    what = wrong[0].partition(" ")[2].partition(" ")[2] if wrong[0].startswith("claim") else "is in doubt"
    what = "cites a message that is not there" if what.startswith("cites message") else what
    return UnitRefusedError(f"a claim of the model {what}, {times}")


def _told(desk: Desk, error: Any) -> Exception:
    """Return what becomes of a fault: the run stops, the unit is refused, or it is tried again by the next run."""
    from pydantic_ai import exceptions as kinds

    if isinstance(error, kinds.ModelContextWindowExceededError) or _is_too_large(error):
        return TooLargeError()
    stops = {
        kinds.ModelAuthenticationError: "the model's server refused the key: put the right one into "
        f"{KEY_VARIABLE}, or the provider's own variable",
        kinds.ModelQuotaExceededError: "the quota at the model's server is used up",
        kinds.ModelRateLimitError: "the model's server wants fewer requests (429); run again later",
        kinds.ModelNotFoundError: "the model's server has no such [llm] model; `egregora llm check` lists its own",
    }
    passing = {
        kinds.ModelConnectionError: "the model's server cannot be reached, or hung up",
        kinds.ModelServerError: "the model's server failed",
        kinds.ModelUnavailableError: "the model's server failed",
    }
    if what := next((said for kind, said in stops.items() if isinstance(error, kind)), ""):
        return WritingStoppedError(what)
    if isinstance(error, kinds.ModelRequestRejectedError):
        return UnitRefusedError("the model's server rejected the request")
    what = next(
        (said for kind, said in passing.items() if isinstance(error, kind)), "the model's server answered oddly"
    )
    if isinstance(error, kinds.ModelTimeoutError | kinds.ModelRequestTimeout):
        what = f"no answer within [llm] timeout = {desk.settings.timeout:g} s"
    try:
        desk.meter.fault(desk.settings, what)
    except WritingStoppedError as stop:
        return stop
    return StageError(what)


def _is_too_large(error: Any) -> bool:
    from pydantic_ai.exceptions import ModelRequestRejectedError

    said = json.dumps(error.body, default=str).lower()
    return isinstance(error, ModelRequestRejectedError) and any(words in said for words in _TOO_LARGE)


# --- the model ----------------------------------------------------------------------------------------------------


def _output(settings: LlmSettings, form: type[BaseModel]) -> Any:
    from pydantic_ai import NativeOutput, PromptedOutput, ToolOutput

    return {"native": NativeOutput, "prompted": PromptedOutput, "tool": ToolOutput}[settings.output](form)


@asynccontextmanager
async def _model(desk: Desk) -> AsyncIterator["Model"]:
    """Yield the model with a client of its own, which lives in this question's event loop and is closed with it."""
    if desk.make_model is not None:
        yield desk.make_model(desk.settings)
        return
    settings = desk.settings
    if not settings.base_url:
        from pydantic_ai.models import infer_model

        async with infer_model(settings.model) as model:
            yield model
        return
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async def sent(_request: object) -> None:
        desk.sent += 1

    key = os.environ.get(KEY_VARIABLE) or "none"
    async with AsyncOpenAI(
        base_url=settings.base_url,
        api_key=key,
        max_retries=settings.retries,
        timeout=settings.timeout,
        http_client=DefaultAsyncHttpxClient(event_hooks={"request": [sent]}),
    ) as client:
        yield OpenAIChatModel(settings.model, provider=OpenAIProvider(openai_client=client))


def _metered(desk: Desk, model: "Model", tokens: int) -> "Model":
    """Return the model with its budget before it, and what it answered before in front of that."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter, ModelResponse
    from pydantic_ai.models.wrapper import WrapperModel

    settings, price = desk.settings, price_of(desk.settings)

    class Metered(WrapperModel):
        """Asks the budget, then the model; what was asked before is answered from what is kept."""

        async def request(self, messages: Any, model_settings: Any, model_request_parameters: Any) -> ModelResponse:
            key = _request_key(settings, messages, model_request_parameters)
            if known := desk.kept.get(key) or desk.used.get(key):
                desk.used[key] = known
                desk.bill.add({"answers_kept": 1}, Decimal(0), settings.currency)
                (response,) = ModelMessagesTypeAdapter.validate_json(known)
                assert isinstance(response, ModelResponse)  # noqa: S101  # what was written below
                return response
            reserved = desk.meter.reserve(settings, price, tokens + tokens_of(_said_since(messages)))
            used, cost, sent = 0, None, desk.sent
            counts = {"requests": 1}
            try:
                response = await super().request(messages, model_settings, model_request_parameters)
                usage = response.usage
                used = usage.input_tokens + usage.output_tokens or reserved.tokens
                cost = price.of(usage.input_tokens, usage.output_tokens)
                counts |= {"tokens_in": usage.input_tokens, "tokens_out": usage.output_tokens}
            finally:
                desk.meter.settle(reserved, used, cost)
                counts |= {"retries": desk.sent - sent - 1} if desk.sent - sent > 1 else {}
                desk.bill.add(counts, cost if used else Decimal(0), price.currency or settings.currency)
            desk.used[key] = ModelMessagesTypeAdapter.dump_json([response]).decode()
            return response

    return Metered(model)


def _said_since(messages: Any) -> str:
    """Return what came after the first question: answers that did not hold, and what was wrong with them."""
    return " ".join(str(getattr(part, "content", "")) for message in messages[1:] for part in message.parts)


def _request_key(settings: LlmSettings, messages: Any, parameters: Any) -> str:
    """Return what stands for a request: the model, what decides its words, and all that it is told."""
    said = [
        [type(part).__name__, str(getattr(part, "content", "") or getattr(part, "args", ""))]
        for message in messages
        for part in message.parts
    ]
    instructions = [getattr(message, "instructions", None) for message in messages]
    form = parameters.output_object.json_schema if parameters.output_object else settings.output
    decides = [settings.model, settings.temperature, settings.answer_tokens, settings.output]
    return hashlib.sha256(json.dumps([decides, instructions, said, form], sort_keys=True).encode()).hexdigest()


# --- prices -------------------------------------------------------------------------------------------------------


def price_of(settings: LlmSettings) -> Price:
    """Return what a million tokens cost; of a model on this machine nobody knows, unless the settings say it."""
    if settings.price_in is not None and settings.price_out is not None:
        return Price(settings.price_in, settings.price_out, settings.currency, known=True)
    leaves = sends_to(model=settings.model, base_url=settings.base_url)
    return _listed_price(settings.model, settings.base_url) if leaves else Price()


@cache
def _listed_price(model: str, base_url: str) -> Price:
    from genai_prices import Usage, calc_price

    provider, _, name = model.partition(":") if not base_url else ("", "", model)
    usual = Usage(input_tokens=_USUAL, output_tokens=_USUAL)  # a very long prompt may be dearer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = (
                calc_price(usual, model_ref=name, provider_api_url=base_url)
                if base_url
                else calc_price(usual, model_ref=name, provider_id=provider)
            )
    except (LookupError, ValueError):
        return Price()
    return Price(found.input_price * 1_000_000 / _USUAL, found.output_price * 1_000_000 / _USUAL, "USD", known=True)
