"""Who works for which tenant of a lake: one process at a time, by a lease that a dead one loses.

Leases stand in the lake's catalog, beside its own tables. A process renews its lease while it lives; one that does not,
or whose machine is this one and which is gone, is taken over from. What it had not committed is not visible, and its
run is found and marked by the one that takes over.
"""

import os
import socket
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from egregora_core.errors import LockedError
from egregora_core.storage._commits import again, came_second
from egregora_core.storage._database import Database, transaction
from egregora_core.storage._sql import bind

if TYPE_CHECKING:
    from egregora_core.storage._database import Connection

_POLL_SECONDS = 0.1
_RENEWALS = 4
"""How often a lease is renewed before it would end."""


class Lease:
    """A hold on one tenant of a lake. Use it as a context manager: it is renewed by a thread until it is let go."""

    def __init__(self, db: Database, tenant: str, seconds: float) -> None:
        self._connection: Connection = db.cursor()
        self._tenant = tenant
        self._seconds = seconds
        self._mine = f"{uuid4().hex[:8]} {os.getpid()} {socket.gethostname()}"
        self._where = str(db.path)
        self._ended = Event()
        self._clock = _clock(db)
        self._table = _table(db)

    def take(self, patience: float) -> "Lease":
        """Wait up to `patience` seconds for another process; raises LockedError, which names it."""
        deadline = time.monotonic() + patience
        again(self._prepare)
        while not self._taken():
            if time.monotonic() >= deadline:
                raise LockedError(self._refusal(patience))
            time.sleep(_POLL_SECONDS)
        Thread(target=self._renew, name="lease", daemon=True).start()
        return self

    def let_go(self) -> None:
        """Give the lease back, unless somebody else has it by now."""
        self._ended.set()
        beside = self._connection.cursor()
        again(lambda: _run(beside, f"DELETE FROM {self._table} WHERE holder = ?", self._mine))
        beside.close()

    def is_mine(self) -> bool:
        """Tell whether nobody has taken it over, as they may from a process that was stopped for long."""
        found = _run(self._connection, f"SELECT holder FROM {self._table} WHERE tenant = ?", self._tenant)
        return [holder for holder, *_ in found] == [self._mine]

    def _prepare(self) -> None:
        _run(
            self._connection,
            f"CREATE TABLE IF NOT EXISTS {self._table} (tenant VARCHAR PRIMARY KEY, holder VARCHAR, ends DOUBLE)",
        )

    def _taken(self) -> bool:
        """Try once: two who try at the same time are told apart by the table's key."""
        try:
            with transaction(self._connection):
                found = _run(self._connection, f"SELECT holder, ends FROM {self._table} WHERE tenant = ?", self._tenant)
                for holder, ends in found:
                    if ends > self._clock() and not _is_gone(holder):
                        return False
                    _run(
                        self._connection,
                        f"DELETE FROM {self._table} WHERE tenant = ? AND holder = ?",
                        self._tenant,
                        holder,
                    )
                ends = self._clock() + self._seconds
                _run(self._connection, f"INSERT INTO {self._table} VALUES (?, ?, ?)", self._tenant, self._mine, ends)
        except Exception as error:
            if not came_second(error):
                raise
            return False
        return True

    def _renew(self) -> None:
        connection = self._connection.cursor()
        while not self._ended.wait(self._seconds / _RENEWALS):
            try:
                ends = self._clock() + self._seconds
                _run(connection, f"UPDATE {self._table} SET ends = ? WHERE holder = ?", ends, self._mine)
            except Exception:  # noqa: BLE001, S110 - the next try may succeed; else another takes over, as it should
                pass

    def _refusal(self, patience: float) -> str:
        found = _run(self._connection, f"SELECT holder FROM {self._table} WHERE tenant = ?", self._tenant)
        _, pid, host = found[0][0].split(" ", 2) if found else ("", "?", "?")
        return (
            f"tenant {self._tenant!r} of {self._where} is in use by process {pid} on {host}; wait for it to end, or "
            f"raise [database] lock_timeout (now {patience:g} s)"
        )


def _table(db: Database) -> str:
    """Return where leases stand: beside the catalog's own tables, or beside a catalog in SQLite."""
    there = db.scalar("SELECT count(*) FROM duckdb_databases() WHERE database_name = 'leases'")
    return f"{'leases' if there else '__ducklake_metadata_lake'}.egregora_leases"


def at_work(db: Database) -> set[str]:
    """Return the tenants of a lake for whom a living process works."""
    import duckdb

    now = _clock(db)()
    try:
        rows = db.execute(f"SELECT tenant, holder, ends FROM {_table(db)}")
    except duckdb.CatalogException:  # nobody ever wrote
        return set()
    return {tenant for tenant, holder, ends in rows if ends > now and not _is_gone(holder)}


def _clock(db: Database) -> Callable[[], float]:
    """Return a function that tells the time, in seconds: the catalog server's, as machines differ, or this one's."""
    if db.server is None:
        return time.time
    connection, sql = (
        db.cursor(),
        f"FROM postgres_query('{db.server}', 'SELECT extract(epoch FROM clock_timestamp())::float8')",
    )

    def now() -> float:
        return float(connection.execute(sql).fetchall()[0][0])

    return now


def _run(connection: "Connection", sql: str, *values: str | float) -> list[tuple[Any, ...]]:
    return connection.execute(bind(sql, values)).fetchall()


def _is_gone(holder: str) -> bool:
    """Tell whether a holder was a process of this machine that no longer lives."""
    _, pid, host = holder.split(" ", 2)
    if host != socket.gethostname() or os.name == "nt":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


__all__ = ["Lease", "at_work"]
