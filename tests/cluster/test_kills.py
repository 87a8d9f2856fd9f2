"""A run that is killed, or loses its catalog, in the middle of a step costs nothing that was committed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kills import Kill, trial
from lakes import lake_workspace, needs_postgres

pytestmark = [pytest.mark.cluster, needs_postgres]


@pytest.mark.parametrize(
    "kill", [Kill("driver", "privacy", 0.1), Kill("catalog", "generation", 0.05)], ids=["driver", "catalog"]
)
def test_the_next_run_ends_as_an_undisturbed_one(
    kill: Kill, catalog: Callable[[str], str], made_by_demo: Path, tmp_path: Path
) -> None:
    """Tables, documents and what `runs` says are the same; no run stays `running`, and no error shows a name.

    Many more seeds: `bash scripts/kills.sh 50`.
    """
    trial(kill, lake_workspace(tmp_path / "w", catalog("lake"), like=made_by_demo), made_by_demo)
