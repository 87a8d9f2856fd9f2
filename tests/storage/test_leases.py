"""Leases beside a catalog in SQLite: whoever takes or renews one is in nobody's way."""

import subprocess
import sys
from pathlib import Path

from egregora_core.session import open_database
from egregora_core.storage import Lease
from egregora_core.workspace import Lake

RENEWING = """
import sqlite3, sys
leases = sqlite3.connect(sys.argv[1], isolation_level=None)
leases.execute("BEGIN EXCLUSIVE")
leases.execute("UPDATE egregora_leases SET ends = ends + 1")
print("begun", flush=True)
sys.stdin.read()
leases.execute("COMMIT")
"""


def test_tables_are_listed_while_another_process_renews_its_lease(tmp_path: Path) -> None:
    """The engine looks into every file that is attached, also into that of the leases, which is being written."""
    lake = Lake(f"sqlite:{tmp_path / 'c.sqlite'}", str(tmp_path / "files"))
    with open_database(lake) as db:
        held = Lease(db, "default", 30).take(1)
        command = [sys.executable, "-c", RENEWING, str(tmp_path / "c.sqlite.leases")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as renewing:
            assert renewing.stdout is not None
            assert renewing.stdout.readline() == b"begun\n"
            with db.cursor() as cursor:
                found = cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            renewing.communicate()
        assert ("runs",) in found
        held.let_go()
