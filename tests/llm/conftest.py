"""A server that answers, and fails, as a model's may; and a workspace whose model it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from soup import Desk, without_model


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


@pytest.fixture(scope="session")
def masked_soup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_model(tmp_path_factory.mktemp("soup"))


@pytest.fixture
def soup(masked_soup: Path, tmp_path: Path) -> Path:
    """The test's folder as a workspace to which only what a model writes has to be added."""
    return Path(shutil.copytree(masked_soup, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def desk(soup: Path, llmock: Any) -> Desk:
    return Desk(soup, llmock.base_url())
