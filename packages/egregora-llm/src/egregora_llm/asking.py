"""One question to a model, until its answer holds: paid for within the budget, kept, and never asked twice.

The heavy libraries are imported here, and by nobody else, when the first question is asked.
"""

import asyncio
import hashlib
import json
import os
import re
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from egregora_core.plugin import Kept, StageError, UnitRefusedError, WritingStoppedError
from pydantic import BaseModel

from egregora_llm.answers import Doubt
from egregora_llm.chat import tokens_of
from egregora_llm.faults import TooLargeError, meaning_of, no_answer
from egregora_llm.places import sends_to
from egregora_llm.settings import KEY_VARIABLE, LlmSettings
from egregora_llm.spending import Bill, Meter, Price, Reserved

if TYPE_CHECKING:
    from pydantic_ai.models import Model

Answer = TypeVar("Answer", bound=BaseModel)

_TOLD = 10
"""Doubts that a model is told at once."""
_EXTRAS = ("anthropic", "google", "mistral")
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9_]*_(?:KEY|TOKEN)\b")
_USUAL = 1_000
_FORM_TOKENS = 350
"""What the form of the answer adds to a prompt, about."""


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """What a model is asked, and when its answer holds."""

    instructions: str
    prompt: str
    form: type[Answer]
    doubts: Callable[[Answer], list[Doubt]] = lambda _answer: []
    """What is wrong with an answer; empty where nothing is."""

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
    answered: bool = False
    """Whether the last request had an answer of a model, good or bad."""
    cut: bool = False
    """Whether the last answer ended because it was as long as an answer may be."""

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
    wrong: list[Doubt] = []
    warnings.filterwarnings("ignore", "Sampling parameters", UserWarning)  # once for each window, on the terminal
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
                said = "; ".join(each.for_model for each in wrong[:_TOLD])
                raise ModelRetry(f"{said}. Answer again, all of it, with that put right.")
            return answer

        try:
            result = await agent.run(question.prompt)
        except StageError:  # of the budget
            raise
        except exceptions.ModelAPIError as error:
            meaning = meaning_of(error, settings)
            raise (meaning if isinstance(meaning, TooLargeError) else _fault(desk, meaning)) from error
        except Exception as error:
            if not desk.answered:
                raise _fault(desk, StageError(no_answer())) from error
            if isinstance(error, exceptions.UnexpectedModelBehavior):
                raise _refusal(desk, wrong, error) from error
            raise
    desk.meter.fine()
    return result.output


def _refusal(desk: Desk, wrong: list[Doubt], error: Exception) -> UnitRefusedError:
    """Return why no answer held; what the model said is not quoted."""
    from pydantic_ai.exceptions import ContentFilterError

    settings = desk.settings
    times = f"{settings.attempts} time{'s' if settings.attempts > 1 else ''}"
    if isinstance(error, ContentFilterError):
        return UnitRefusedError("the model's provider filtered the answer")
    if desk.cut:
        limit = settings.answer_tokens
        return UnitRefusedError(
            f"the model's answer was cut off at [llm] answer_tokens = {limit}: allow more, ask for fewer [llm] words, "
            "or take a model that does not think aloud"
        )
    if not wrong:
        return UnitRefusedError(f"the model's answer was not of the form asked for, {times}")
    return UnitRefusedError(f"{wrong[0].for_record}, {times}")


def _fault(desk: Desk, what: StageError) -> StageError:
    """Return a fault, or what stops the writer where it is one of too many in a row."""
    if isinstance(what, WritingStoppedError):
        return what
    try:
        desk.meter.fault(desk.settings, str(what))
    except WritingStoppedError as stop:
        return stop
    return what


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
        async with hosted_model(settings) as model:
            yield model
        return
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async def sent(_request: object) -> None:
        desk.sent += 1

    key = os.environ.get(KEY_VARIABLE) or "none"
    leaves = bool(sends_to(model=settings.model, base_url=settings.base_url))
    client = DefaultAsyncHttpxClient(
        event_hooks={"request": [sent]},
        follow_redirects=False,  # nobody agreed to where they lead
        trust_env=leaves,  # a proxy is not this machine
        verify=settings.base_url.startswith("https:"),  # else certificates are read for nothing, with each question
    )
    async with AsyncOpenAI(
        base_url=settings.base_url,
        api_key=key,
        max_retries=settings.retries,
        timeout=settings.timeout,
        http_client=client,
    ) as openai:
        yield OpenAIChatModel(settings.model, provider=OpenAIProvider(openai_client=openai))


def hosted_model(settings: LlmSettings) -> "Model":
    """Return the model of a provider; raises WritingStoppedError where its package, or its key, is missing."""
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    provider = settings.model.partition(":")[0]
    try:
        return infer_model(settings.model)
    except ImportError:
        whose = "egregora-llm" if provider in _EXTRAS else "pydantic-ai-slim"
        raise WritingStoppedError(
            f'the package for [llm] model of {provider} is not installed: pip install "{whose}[{provider}]"'
        ) from None
    except UserError as error:
        if variable := _VARIABLE.search(str(error)):
            raise WritingStoppedError(
                f"{provider} wants a key: put it into the variable {variable[0]} of the environment"
            ) from None
        raise WritingStoppedError(
            f"[llm] model names no provider that is known, {provider}: see https://pydantic.dev/docs/ai/models"
        ) from None


def _metered(desk: Desk, model: "Model", tokens: int) -> "Model":
    """Return the model with its budget before it, and what it answered before in front of that."""
    from pydantic_ai import exceptions
    from pydantic_ai.messages import ModelMessagesTypeAdapter, ModelResponse
    from pydantic_ai.models.wrapper import WrapperModel

    settings, price = desk.settings, price_of(desk.settings)

    class Metered(WrapperModel):
        """Asks the budget, then the model; what was asked before is answered from what is kept."""

        async def request(self, messages: Any, model_settings: Any, model_request_parameters: Any) -> ModelResponse:
            key = _request_key(settings, messages, model_request_parameters)
            if known := desk.kept.get(key) or desk.used.get(key):
                desk.used[key], desk.answered = known, True
                desk.bill.add({"answers_kept": 1}, Decimal(0), settings.currency)
                (response,) = ModelMessagesTypeAdapter.validate_json(known)
                assert isinstance(response, ModelResponse)  # noqa: S101  # what was written below
                return response
            reserved = desk.meter.reserve(settings, price, tokens + tokens_of(_said_since(messages)))
            _may_resend(self.wrapped, reserved.sendings - 1)
            before, used, desk.answered = desk.sent, _Used(), False
            try:
                response = await super().request(messages, model_settings, model_request_parameters)
                used = _Used.of(response.usage, reserved, price)
                desk.answered = True
                desk.cut = response.finish_reason == "length"
            except exceptions.ModelAPIError as error:
                if isinstance(error, exceptions.ModelTimeoutError | exceptions.ModelRequestTimeout):
                    times = max(1, desk.sent - before)  # the server may have answered all the same
                    used = _Used(reserved.tokens * times, None if not price.known else reserved.cost * times)
                raise
            finally:
                sent = max(1, desk.sent - before)
                desk.meter.settle(reserved, sent, used.tokens, used.cost)
                again = {"retries": sent - 1} if sent > 1 else {}
                desk.bill.add({"requests": 1, **used.counts, **again}, used.cost, price.currency or settings.currency)
            desk.used[key] = ModelMessagesTypeAdapter.dump_json([response]).decode()
            return response

    return Metered(model)


@dataclass(frozen=True)
class _Used:
    """What a request came to, all of its sendings together."""

    tokens: int = 0
    cost: Decimal | None = Decimal(0)
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, usage: Any, reserved: Reserved, price: Price) -> "_Used":
        """Return it as the server tells it; one that does not say has used what there was room for."""
        told = {"tokens_in": usage.input_tokens, "tokens_out": usage.output_tokens}
        if not any(told.values()):
            return cls(reserved.tokens, reserved.cost if price.known else None)
        return cls(sum(told.values()), price.of(**told), told)


def _may_resend(model: "Model", times: int) -> None:
    """Have the client of a provider send a request again so many times at most, after a passing fault."""
    client: Any = getattr(model, "client", None)
    if hasattr(client, "max_retries"):
        client.max_retries = times


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
