"""What tests of shared stores need: a PostgreSQL server of their own, workspaces on it, and tables to compare."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest
from lakes import SCRIPTS, needs_postgres  # noqa: F401 - for whoever reads what is here


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server, as libpq is told to connect to it."""
    directory = Path(tempfile.mkdtemp(prefix="egregora-pg-", dir="/tmp"))
    directory.chmod(0o755)  # its own user starts it
    started = subprocess.run(
        [SCRIPTS / "postgres.sh", "start", directory / "s"], check=True, capture_output=True, text=True
    )
    yield started.stdout.strip()
    subprocess.run([SCRIPTS / "postgres.sh", "stop", directory / "s"], check=True, capture_output=True)
    shutil.rmtree(directory)


@pytest.fixture
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Return the URL of a new, empty lake by its name: in PostgreSQL, or where a test says so in SQLite."""

    def url(name: str = "lake") -> str:
        if getattr(request, "param", "postgres") == "sqlite":
            return f"ducklake:sqlite:{tmp_path / name}.sqlite"
        server: str = request.getfixturevalue("server")
        database = f"{name}_{tmp_path.name}".lower().replace("-", "_")[-60:]
        subprocess.run(
            [which("psql") or "psql", f"{server} dbname=postgres", "-qc", f'CREATE DATABASE "{database}"'], check=True
        )
        return f"ducklake:postgres:{server} dbname={database}"

    return url
