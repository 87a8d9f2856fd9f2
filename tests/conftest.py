"""What is prepared once for all tests, and how long property tests search.

`--hypothesis-profile=ci` is what CI takes, `quick` what everybody else gets. CI always tries the same examples, so that
it says the same of the same code; everybody else's differ each time. A property test states a number of examples of
its own only where one example is a whole run of the app, too dear for either.
"""

import gc
import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from support import egregora

# Where Python may keep no bytecode, as in many containers, each process of ours compiles ibis anew: a second each.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("quick", max_examples=6, deadline=None)
settings.register_profile("ci", max_examples=15, deadline=None, derandomize=True)
settings.load_profile("quick")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Give a folder of tests all cores; a single file is over before other processes have begun."""
    if any(Path(argument.partition("::")[0]).is_dir() for argument in config.args):
        return None
    config.option.dist = "no"
    return 0


def pytest_configure() -> None:
    """Keep each process of tests to one core, so that their engines start no threads that get in each other's way."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(number) % len(cores)]})


def pytest_collection_finish() -> None:
    """Look less often for garbage, and never among what has been imported: that takes a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def ran_demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A workspace in which the demo has run, with built-in plugins alone, and what it said in a pipe."""
    base = tmp_path_factory.mktemp("demo")
    done = egregora("--no-plugins", "demo", "w", cwd=base, code=0)
    return base / "w", done.stdout.splitlines()


@pytest.fixture(scope="session")
def made_by_demo(ran_demo: tuple[Path, list[str]]) -> Path:
    """A workspace in which the demo has run: to be copied, or only read."""
    return ran_demo[0]


@pytest.fixture
def demo_workspace(made_by_demo: Path, tmp_path: Path) -> Path:
    """A workspace of one's own, `w` in the test's folder, in which the demo has run."""
    return Path(shutil.copytree(made_by_demo, tmp_path / "w"))
