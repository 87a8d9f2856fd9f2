"""A lake instead of a file: the same tables, several processes, and nothing left of what is forgotten."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from egregora_core.errors import LockedError, WorkspaceError
from egregora_core.session import open_database
from egregora_core.storage import Lease
from egregora_core.workspace import read_early
from forked import Forked, command
from lakes import contents, lake_workspace, needs_postgres, rows, said
from support import WITHOUT_REPORT, egregora

pytestmark = [pytest.mark.cluster, needs_postgres]

Catalog = Callable[[str], str]
EXPORT = "WhatsApp Chat with Book club.txt"
RUN = ("run", "--timezone", "Europe/Lisbon")
both = pytest.mark.parametrize("catalog", ["postgres", "sqlite"], indirect=True)


def _run(workspace: Path, *arguments: str, code: int = 0) -> str:
    return egregora("--no-plugins", "-w", str(workspace), *arguments, cwd=workspace.parent, code=code).stdout


@both
def test_a_lake_holds_what_a_file_holds_and_nothing_of_what_is_forgotten(
    catalog: Catalog, made_by_demo: Path, tmp_path: Path
) -> None:
    """Ids, fingerprints, documents and the strings in `runs` are the same; a second run finds that all of it stands.

    A forgotten name is in no file of the lake, in no old state of its tables, and in no statistic of the catalog.
    """
    lake = lake_workspace(tmp_path / "w", catalog("lake"), like=made_by_demo)
    _run(lake, *RUN, str(made_by_demo / EXPORT))
    assert contents(lake) == contents(made_by_demo)
    assert said(lake) == said(made_by_demo)

    again = _run(lake, "run")
    assert again.count("stands") == 4
    assert "runs:" not in again

    ((name,), *_) = rows(lake, "SELECT author_raw FROM ir_messages WHERE author_raw <> '' ORDER BY author_raw")
    assert name in _everything(lake)
    _run(lake, "forget", "--author", name, "--yes")
    assert name not in _everything(lake)
    assert rows(lake, "SELECT count(*) > 0 FROM ir_messages") == [(True,)]


def _everything(lake: Path) -> str:
    """Return all that the files and the catalog of a lake say, as text."""
    place = read_early(lake).database
    files = (lake.parent / "files").rglob("*.parquet")
    found = [str(duckdb.sql(f"SELECT COLUMNS(*)::VARCHAR FROM '{file}'").fetchall()) for file in files]
    with open_database(place, read_only=True) as db:
        catalog = "__ducklake_metadata_lake"
        tables = db.execute(f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{catalog}'")
        for (table,) in tables:
            found.append(str(db.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {catalog}.{table}")))
    return "\n".join(found)


def test_a_workspace_moves_into_a_lake_and_back(catalog: Catalog, demo_workspace: Path) -> None:
    """`migrate` copies every table row by row, there and back; the next run has nothing to do."""
    url = catalog("lake")
    before = contents(demo_workspace)
    everything = "SELECT COLUMNS(*)::VARCHAR FROM runs ORDER BY ALL"
    told = rows(demo_workspace, everything)
    _run(demo_workspace, "migrate", url, "--data", "files")
    settings = demo_workspace / "egregora.toml"
    settings.write_text(f'[database]\nurl = "{url}"\ndata = "files"\n', encoding="utf-8")
    assert (contents(demo_workspace), rows(demo_workspace, everything)) == (before, told)

    _run(demo_workspace, "migrate", "duckdb://back.duckdb")
    settings.write_text('[database]\nurl = "duckdb://back.duckdb"\n', encoding="utf-8")
    assert (contents(demo_workspace), rows(demo_workspace, everything)) == (before, told)
    assert "runs:" not in _run(demo_workspace, "run")
    refused = egregora("--no-plugins", "-w", "w", "migrate", url, "--data", "files", cwd=demo_workspace.parent, code=2)
    assert "already" in refused.stderr


def _start(workspace: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return Forked(
        command("--no-plugins", "-w", workspace, *arguments),
        env={**os.environ, **WITHOUT_REPORT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@both
def test_processes_write_at_the_same_time_each_for_its_tenant(
    catalog: Catalog, made_by_demo: Path, tmp_path: Path
) -> None:
    """Processes run the whole pipeline in a lake that is new to both; each tenant has what it would have alone."""
    lake = lake_workspace(tmp_path / "w", catalog("lake"), like=made_by_demo)
    tenants = ["first", "second"]
    started = [_start(lake, *RUN, "--tenant", tenant, str(made_by_demo / EXPORT)) for tenant in tenants]
    ends = [(process.communicate()[1].decode(), process.returncode) for process in started]
    assert [code for _, code in ends] == [0, 0], ends
    counts = "SELECT count(*) FROM {} GROUP BY tenant_id ORDER BY tenant_id"
    for table in ("ir_messages", "stage_privacy", "documents"):
        found = rows(lake, counts.format(table))
        assert len(found) == 2
        assert len(set(found)) == 1
    assert rows(lake, "SELECT DISTINCT status FROM runs WHERE status <> 'cached'") == [("completed",)]


@both
def test_one_process_works_for_a_tenant(catalog: Catalog, tmp_path: Path) -> None:
    """Who comes second is told who is at work; another tenant is free; a lease that ends is anybody's."""
    lake = lake_workspace(tmp_path / "w", catalog("lake"))
    place = read_early(lake).database
    with open_database(place) as one, open_database(place) as two:
        held = Lease(one, "default", 30).take(0)
        with pytest.raises(LockedError, match=f"process {os.getpid()} on"):
            Lease(two, "default", 30).take(0)
        Lease(two, "other", 30).take(0).let_go()
        held.let_go()
        short = Lease(one, "default", 0.001)
        short.take(0)
        short._ended.set()  # its process hangs, and renews it no more
        taken = Lease(two, "default", 30).take(5)
        assert taken.is_mine()
        assert not short.is_mine()
        taken.let_go()


def test_a_lake_that_was_moved_says_where_its_files_were(tmp_path: Path) -> None:
    """And what to do: it knows them by their paths."""
    lake = lake_workspace(tmp_path / "w", "ducklake:catalog.ducklake")
    with open_database(read_early(lake).database):
        pass
    settings = lake / "egregora.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("/files", "/elsewhere"), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"has its files in .*/files/.*data says .*/elsewhere.*egregora migrate"):
        open_database(read_early(lake).database)


def test_a_lake_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    """The error says what to check, and never what the password is."""
    url = "ducklake:postgres:host=/nowhere dbname=x user=egregora password=tell-nobody"
    lake = lake_workspace(tmp_path / "w", url)
    done = egregora("--no-plugins", "-w", "w", "runs", cwd=tmp_path, code=1)
    assert "cannot be opened" in done.stderr
    assert "tell-nobody" not in done.stdout + done.stderr
    shown = egregora("--no-plugins", "-w", str(lake), "config", "show", cwd=tmp_path, code=0)
    assert "tell-nobody" not in shown.stdout + shown.stderr
