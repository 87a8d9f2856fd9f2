"""What servers say of themselves, each in its own place."""

from typing import Any

import pytest
from egregora_llm.server import look_at
from egregora_llm.settings import LlmSettings
from model_server import model_server

SERVERS: dict[str, tuple[dict[str, Any], int | None]] = {
    "llama.cpp": ({"/props": {"default_generation_settings": {"n_ctx": 4096}}}, 4096),
    "vLLM": ({"/v1/models": {"data": [{"id": "small", "max_model_len": 32768}]}}, 32768),
    "Ollama, loaded": ({"/api/ps": {"models": [{"name": "small", "context_length": 4096}]}}, 4096),
    "Ollama, told": ({"/api/show": {"parameters": "temperature 1\nnum_ctx 16384"}}, 16384),
    "Ollama, not loaded": ({"/api/show": {"model_info": {"qwen3.context_length": 40960}}}, None),
    "another": ({}, None),
}


@pytest.mark.parametrize("whose", SERVERS)
def test_how_much_a_server_reads_is_found_where_it_says_it(whose: str) -> None:
    """What a model could read is not told for what its server reads."""
    pages, context = SERVERS[whose]
    with model_server(pages={"/v1/models": {"data": [{"id": "small"}]}} | pages) as server:
        found = look_at(LlmSettings(model="small", base_url=server.url))
    assert (found.state, found.models, found.context) == ("ok", ["small"], context)


def test_what_is_no_server_is_said() -> None:
    """A page, an error, and nobody at all."""
    with model_server(pages={"/v1/models": "<html>"}) as server:
        assert look_at(LlmSettings(model="small", base_url=server.url)).models == []
        assert "error (404)" in look_at(LlmSettings(model="small", base_url=f"{server.url}/elsewhere")).state
    assert "cannot be reached" in look_at(LlmSettings(model="small", base_url="http://127.0.0.1:9/v1")).state
