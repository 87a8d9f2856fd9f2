"""The section `[llm]`: keys are refused, addresses are checked, and what leaves the machine is known."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import egregora_llm
import pytest
from egregora_core.errors import SettingsError
from egregora_core.plugin import WritingStoppedError
from egregora_core.plugins import App
from egregora_core.settings import load_settings
from egregora_llm.asking import hosted_model
from egregora_llm.places import sends_to
from egregora_llm.settings import LlmSettings
from egregora_llm.spending import Meter, Price
from pydantic import ValidationError

SECRET = "sk-very-secret"  # noqa: S105  # invented, and to be found nowhere


@pytest.mark.parametrize(
    "name", ["api_key", "key", "apikey", "API_KEY", "openai_api_key", "token", "auth_token", "secret", "password"]
)
def test_a_field_for_a_key_is_refused(name: str, tmp_path: Path) -> None:
    """The error says where a key belongs, and does not repeat it."""
    (tmp_path / "egregora.toml").write_text(f"[llm]\n{name} = '{SECRET}'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="EGREGORA_LLM_KEY") as refused:
        load_settings(tmp_path, App(plugins=[egregora_llm], discover=False))
    assert SECRET not in str(refused.value)


def test_a_key_in_a_setting_of_the_environment_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a variable would be a setting like any other, and shown."""
    monkeypatch.setenv("EGREGORA_LLM__API_KEY", SECRET)
    with pytest.raises(SettingsError, match="EGREGORA_LLM_KEY") as refused:
        load_settings(tmp_path, App(plugins=[egregora_llm], discover=False))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("url", ["ftp://a/v1", "example.org", "http://u:p@example.org", "http://a/?key=x", "http://[x"])
def test_an_address_is_an_address_alone(url: str) -> None:
    """A key in it would be shown with it."""
    with pytest.raises(ValidationError, match="base_url"):
        LlmSettings(base_url=url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"enabled": True},
        {"model": "x", "base_url": ""},
        {"context_tokens": 2048, "answer_tokens": 1500},
        {"price_in": 1},
        {"currency": "dollars"},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is asked."""
    with pytest.raises(ValidationError):
        LlmSettings(**wrong)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://127.0.0.1:11434/v1", ""),
        ("http://127.9.9.9/v1", ""),
        ("http://localhost:8080/v1", ""),
        ("http://LOCALHOST./v1", ""),
        ("http://models.localhost/v1", ""),
        ("http://[::1]:8080/v1", ""),
        ("http://[::ffff:127.0.0.1]/v1", ""),
        ("http://192.168.1.5:11434/v1", "192.168.1.5"),
        ("http://0.0.0.0:11434/v1", "0.0.0.0"),  # noqa: S104  # an address to look at, nothing is bound to it
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://localhost.example.org/v1", "localhost.example.org"),
        ("http://127.0.0.1.example.org/v1", "127.0.0.1.example.org"),
        ("", "anthropic"),
    ],
)
def test_what_is_not_loopback_leaves_the_machine(url: str, place: str) -> None:
    """Another computer in the house is one, too."""
    assert sends_to(model="anthropic:some-model", base_url=url) == place


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("openai:gpt-5-mini", "openai wants a key: put it into the variable OPENAI_API_KEY of the environment"),
        ("groq:any", 'not installed: pip install "pydantic-ai-slim[groq]"'),
        ("mistral:any", 'not installed: pip install "egregora-llm[mistral]"'),
        ("nobody:any", "names no provider that is known, nobody"),
    ],
)
def test_what_a_provider_lacks_is_said(model: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its package or its key, once for all units."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(WritingStoppedError) as stopped:
        hosted_model(LlmSettings(model=model, base_url=""))
    assert said in str(stopped.value)


def test_a_budget_is_checked_before_a_request() -> None:
    """What it took counts, once that is known; a request whose longest answer would not fit is not begun."""
    price = Price(Decimal(1), Decimal(2), "USD", known=True)
    settings = LlmSettings(budget_tokens=5000, answer_tokens=1000, retries=0)
    meter = Meter()
    meter.settle(meter.reserve(settings, price, 3000), 1, 500, Decimal("0.001"))
    meter.settle(meter.reserve(settings, price, 3000), 2, 2000, None)
    with pytest.raises(WritingStoppedError, match="budget_tokens = 5000"):
        meter.reserve(settings, price, 3000)
    assert (meter.requests, meter.tokens, meter.cost) == (3, 2500, Decimal("0.001"))


@pytest.mark.parametrize("limit", [{"budget_requests": 7}, {"budget_tokens": 7 * 2000}, {"budget_cost": Decimal(14)}])
def test_many_at_once_stay_within_a_budget_and_use_all_of_it(limit: dict[str, Any]) -> None:
    """Each that is under way holds what it may take, sent again or not; who finds nothing left waits for the others."""
    price = Price(Decimal(1000), Decimal(1000), "USD", known=True)
    settings = LlmSettings(answer_tokens=1000, retries=2, **limit)
    meter = Meter()

    def ask(_: int) -> bool:
        try:
            reserved = meter.reserve(settings, price, 1000)
        except WritingStoppedError:
            return False
        meter.settle(reserved, 1, 2000, Decimal(2))
        return True

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(ask, range(20)))
    assert (sum(asked), meter.requests) == (7, 7)


def test_retries_are_part_of_the_budget() -> None:
    """Near its end a request may be sent again less often, and not beyond."""
    settings, meter = LlmSettings(answer_tokens=1000, retries=2, budget_requests=4), Meter()
    first = meter.reserve(settings, Price(), 10)
    second = meter.reserve(settings, Price(), 10)
    assert (first.sendings, second.sendings) == (3, 1)
    meter.settle(first, 3, 0, None)
    meter.settle(second, 1, 0, None)
    with pytest.raises(WritingStoppedError, match="budget_requests = 4"):
        meter.reserve(settings, Price(), 10)


def test_after_the_end_of_a_run_nothing_is_asked() -> None:
    """Nobody would use the answer."""
    meter = Meter()
    meter.end()
    with pytest.raises(WritingStoppedError, match="has ended"):
        meter.reserve(LlmSettings(), Price(), 10)


@pytest.mark.parametrize(
    ("budget", "price", "said"),
    [
        ({"budget_requests": 0}, Price(), "budget_requests = 0"),
        ({"budget_cost": Decimal("0.001")}, Price(Decimal(1), Decimal(1), "USD", known=True), "budget_cost = 0.001"),
        ({"budget_cost": Decimal(5)}, Price(), "nobody knows the price"),
    ],
)
def test_what_is_beyond_a_budget_is_not_asked(budget: dict[str, Any], price: Price, said: str) -> None:
    """A budget in money needs a price: else it would hold nothing back."""
    with pytest.raises(WritingStoppedError, match=said):
        Meter().reserve(LlmSettings(**budget), price, 3000)
