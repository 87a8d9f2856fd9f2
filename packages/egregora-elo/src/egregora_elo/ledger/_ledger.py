"""One tenant's comparisons in an open database, and what SQL about them is made of.

The workspace may have been opened by any plugin: whose settings and tables they are is said here, not by who opened it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import PluginError, UsageError, bind, literal

from egregora_elo.settings import RankingSettings
from egregora_elo.tables import PLUGIN

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from egregora_core.plugin.commands import PluginWorkspace

CHUNK = 122_880
"""Comparisons that are in Python at a time: as many rows as DuckDB packs together, as others are packed twice."""

MEMORY_READING, MEMORY_MATCHING, MEMORY_PLAYING = "128MB", "2GB", "56MB"
"""What the engine may hold while a file is read; while its rows are sought among all others, in joins as large as both;
and while comparisons are played, when Python and the new rows need the rest. What does not fit goes to disk."""

SCORE = "CASE outcome WHEN 'a' THEN 1::DOUBLE WHEN 'b' THEN 0::DOUBLE ELSE 0.5::DOUBLE END"
"""What document a got, in SQL."""


@dataclass(frozen=True)
class Ledger:
    """One tenant's comparisons in an open database. With `condition` (SQL), only those that it holds for count."""

    connection: "duckdb.DuckDBPyConnection"
    tenant: str
    settings: RankingSettings
    condition: str = "true"

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(bind(sql, values)).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        return self.rows(sql, *values)[0][0]

    def arrow(self, sql: str, *values: Any) -> "pa.Table":
        return self.connection.execute(bind(sql, values)).to_arrow_table()

    @property
    def mine(self) -> str:
        """The condition on a row of either table to be this tenant's."""
        return f"tenant_id = {literal(self.tenant)}"

    @property
    def valid(self) -> str:
        """The condition on a comparison to be replayed."""
        return f"{self.mine} AND voided_at IS NULL AND ({self.condition})"

    @property
    def counts(self) -> str:
        """The condition on an outcome to say which of the two is better."""
        outcomes = ["a", "b", "tie"] + (["both_bad"] if self.settings.both_bad == "tie" else [])
        return f"outcome IN ({', '.join(map(literal, outcomes))})"

    @property
    def moves(self) -> str:
        """SQL for the points at stake in a comparison."""
        return f"CASE WHEN {self.counts} THEN {literal(self.settings.k)} * weight ELSE 0::DOUBLE END"

    def hold_to(self, memory: str) -> None:
        """Hold the engine to so much memory from now on, so that the size of an import does not show in it.

        One thread: a replay is one comparison after the other anyway, and each thread would hold blocks of its own.
        """
        self.connection.execute(f"SET threads = 1; SET memory_limit = '{memory}'")

    def execute_with(self, table: "pa.Table", sql: str) -> None:
        """Run a statement that calls an Arrow table `given`.

        It is found among the variables here: one that is registered would be held until the transaction ends.
        """
        given = table  # noqa: F841 - the statement's
        self.connection.execute(sql)


def open_ledger(workspace: "PluginWorkspace", *, write: bool) -> Ledger:
    """Return the comparisons in an open workspace; not to be called in a transaction.

    For writing the tables are made, or given the columns that they lack. Raises UsageError where there are none and
    `[ranking]` does not want them, PluginError where this plugin is not loaded.
    """
    if workspace.plugin != PLUGIN:
        workspace = _as_ours(workspace)
    if not (workspace.has_tables() or (write and workspace.settings.enabled)):
        raise no_tables(workspace.directory)
    if write:
        workspace.create_tables()
    return Ledger(workspace.connection, workspace.tenant, workspace.settings)


def _as_ours(workspace: "PluginWorkspace") -> "PluginWorkspace":
    from egregora_core.plugin.commands import plugin_settings

    settings = plugin_settings(workspace.app, PLUGIN, workspace.directory)
    if settings is None:
        raise PluginError(f"the plugin {PLUGIN!r} is not loaded; `egregora plugins` says why")
    return replace(workspace, plugin=PLUGIN, settings=settings)


def no_tables(directory: Path) -> UsageError:
    return UsageError(
        f"{directory}: there are no tables for a ranking; run `egregora init-elo`, "
        "or set enabled = true in section [ranking] of egregora.toml and run again"
    )
