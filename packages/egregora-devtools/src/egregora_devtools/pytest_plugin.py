"""The pytest plugin: a suite of the conformance kit is run once for each export that its class names.

Every pytest session of an environment loads this, so it imports nothing of the host. Being an entry point it has pytest
rewrite the kit's asserts, too: a failure shows both sides.
"""

from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let sessions that make warnings errors live with the one that ibis gives of DuckDB."""
    config.addinivalue_line("filterwarnings", r"ignore:fetch_arrow_table\(\) is deprecated:DeprecationWarning")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `export` for each of the class's `exports`."""
    if "export" in metafunc.fixturenames and hasattr(metafunc.cls, "render"):
        metafunc.parametrize("export", metafunc.cls.exports, ids=lambda path: path.name)


@pytest.fixture(scope="class")
def conformance_input(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Prepare what a suite calls its plugin on, once for all of its tests."""
    return request.cls().prepare(tmp_path_factory.mktemp("conformance"))


@pytest.fixture(scope="class")
def conformance_directory(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a directory that all tests of a suite share, for what is made once."""
    return tmp_path_factory.mktemp("conformance")
