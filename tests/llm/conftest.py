"""A server that answers, and fails, as a model's may; and a workspace whose model it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from soup import Desk


@pytest.fixture(scope="session")
def model_server() -> Iterator[Any]:
    """One server for all tests: it takes a second to start."""
    from llmock.testing import LLMockServer

    with LLMockServer() as server:
        yield server


@pytest.fixture
def llmock(model_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The server, told to answer in a form of its own unless a test scripts more; it forgets what was before."""
    from llmock.pytest_plugin import LLMock

    monkeypatch.setenv("EGREGORA_LLM_KEY", "test-key")
    return LLMock(model_server).reset()


@pytest.fixture
def desk(tmp_path: Path, llmock: Any) -> Desk:
    return Desk(tmp_path, llmock.base_url())
