"""Where nobody answers it is said at once, without Java: what Spark itself would do for minutes."""

import socket
from types import SimpleNamespace

import pytest
from egregora_spark.cluster import SparkError, connect


@pytest.fixture
def nobody() -> str:
    """Return an address of this machine where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("master", "spark://{}"),
        ("master", "spark://{0},no.such.host.invalid:7077"),
        ("remote", "sc://{}"),
        ("remote", "sc://{}/;user_id=egregora"),
    ],
)
def test_an_address_where_nobody_answers_is_told_at_once(nobody: str, setting: str, address: str) -> None:
    """The error names each place that was tried, and the setting to look at."""
    settings = SimpleNamespace(**{"master": None, "remote": None, "options": {}, setting: address.format(nobody)})
    with pytest.raises(SparkError, match=rf"nobody answers at {nobody}.*\[engine\] {setting}"), connect(settings):
        pass
