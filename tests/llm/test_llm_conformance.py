"""The plugin's writers are held to what the kit asks of anybody's."""

from collections.abc import Iterator

import egregora_llm
import pytest
from egregora_devtools import conformance
from model_server import echo, model_server

BODIES = ("I bring the soup", '"quoted", <b>bold</b>, [1] and </chat>', "first\nsecond")
"""Few: each is a request, many times."""
pytestmark = pytest.mark.slow  # whole runs, each with requests over HTTP


@pytest.fixture(scope="module", autouse=True)
def _model() -> Iterator[None]:
    """A model that says of each unit that somebody wrote."""
    with model_server(echo, remember=0) as server:
        said = f'[llm]\nenabled = true\nprofiles = true\nmodel = "small"\nbase_url = "{server.url}"\nretries = 0\n'
        TestLlmPosts.settings = TestLlmProfiles.settings = said
        yield


class TestLlmPosts(conformance.WriterConformance):
    """Of windows."""

    plugin = egregora_llm
    name = "llm_posts"
    bodies = BODIES


class TestLlmProfiles(conformance.WriterConformance):
    """Of authors."""

    plugin = egregora_llm
    name = "llm_profiles"
    bodies = BODIES
    # Whole runs, and a process of its own: what is tested there of one writer holds for both.
    test_pipeline_writes = None  # type: ignore[assignment]  # left out
    test_ids_are_stable_as_the_chat_grows = None  # type: ignore[assignment]  # left out
    test_result_stands = None  # type: ignore[assignment]  # left out
    test_documents_are_the_same_in_every_process = None  # type: ignore[assignment]  # left out
    test_import_is_light = None  # type: ignore[assignment]  # left out
