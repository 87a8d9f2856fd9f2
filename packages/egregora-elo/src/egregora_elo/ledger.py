"""The comparisons of one tenant, and the numbers that a replay makes of them.

Comparisons are the truth: nothing here changes one, except that it may be declared void. Everything in `elo_ratings`,
and the four derived columns of `elo_history`, can be made again at any time and comes out the same.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from egregora_core.plugin import bind, literal

from egregora_elo.board import PROVISIONAL, Board, Model, Pairs, fit
from egregora_elo.counting import PairCounter
from egregora_elo.live import Integers, play
from egregora_elo.settings import RankingSettings
from egregora_elo.tables import ELO_RATINGS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CHUNK = 122_880
"""Comparisons that are in Python at a time: as many rows as DuckDB packs together, as others are packed twice."""

MEMORY_READING, MEMORY_MATCHING, _MEMORY_PLAYING = "128MB", "2GB", "56MB"
"""What the engine may hold while a file is read; while its rows are sought among all others, in joins as large as both;
and while comparisons are played, when Python and the new rows need the rest. What does not fit goes to disk."""

ELO_COLUMNS = ("elo_a_before", "elo_b_before", "elo_a_after", "elo_b_after")

SCORE = "CASE outcome WHEN 'a' THEN 1::DOUBLE WHEN 'b' THEN 0::DOUBLE ELSE 0.5::DOUBLE END"
"""What document a got, in SQL."""


@dataclass(frozen=True)
class Ledger:
    """One tenant's comparisons in an open database. With `condition` (SQL), only those that it holds for count."""

    connection: "duckdb.DuckDBPyConnection"
    tenant: str
    settings: RankingSettings
    condition: str = "true"

    # --- SQL ------------------------------------------------------------------------------------------------------

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

    # --- writing --------------------------------------------------------------------------------------------------

    def hold_to(self, memory: str) -> None:
        """Hold the engine to so much memory from now on, so that the size of an import does not show in it.

        One thread: a replay is one comparison after the other anyway, and each thread would hold blocks of its own.
        """
        self.connection.execute(f"SET threads = 1; SET memory_limit = '{memory}'")

    def append(self, staged: str) -> None:
        """Add the comparisons of table `staged`, whose columns are those of `elo_history` that are not derived.

        `sequence` in it starts at 1 and grows. Where the ratings are of this model the replay goes on from them, which
        gives exactly what a whole one would; else everything is replayed.
        """
        self.hold_to(_MEMORY_PLAYING)
        base = self.value(f"SELECT coalesce(max(sequence), 0) FROM elo_history WHERE {self.mine}")
        current = self.is_current()
        known = dict(self.rows(f"SELECT document_id, rating FROM elo_ratings WHERE {self.mine}")) if current else {}
        documents = self._index(staged)
        ratings = [known.get(document, self.settings.initial) for document in documents]
        for played in self._played(staged, ratings):
            self._execute_with(
                played,
                f"INSERT INTO elo_history BY NAME SELECT * REPLACE (sequence + {base} AS sequence) FROM {staged} "
                f"JOIN given USING (sequence) WHERE {_within(played)}",
            )
        if current:
            self._write_ratings(documents, ratings)
        else:
            self.rebuild()

    def void(self, ids: list[str]) -> None:
        """Declare comparisons void, and replay the others."""
        self.connection.execute(
            bind(f"UPDATE elo_history SET voided_at = ? WHERE {self.mine} AND ", [datetime.now(UTC)])
            + f"id IN ({', '.join(map(literal, ids))})"
        )
        self.rebuild()

    def rebuild(self) -> None:
        """Replay all comparisons. To be called in a transaction, so that no reader sees half of it."""
        self.hold_to(_MEMORY_PLAYING)
        documents = self._index()
        ratings = [self.settings.initial] * len(documents)
        for played in self._played("elo_history", ratings):
            self._execute_with(
                played,
                f"UPDATE elo_history SET {', '.join(f'{name} = given.{name}' for name in ELO_COLUMNS)} FROM given "
                f"WHERE {self.mine} AND elo_history.sequence = given.sequence AND elo_history.{_within(played)}",
            )
        nothing = ", ".join(f"{name} = NULL" for name in ELO_COLUMNS)
        self.connection.execute(
            f"UPDATE elo_history SET {nothing} WHERE {self.mine} AND voided_at IS NOT NULL AND elo_a_before IS NOT NULL"
        )
        self._write_ratings(documents, ratings)

    # --- reading --------------------------------------------------------------------------------------------------

    def is_current(self) -> bool:
        """Tell whether `elo_ratings` holds numbers of this model (or nothing at all, as there is nothing to rate)."""
        models = self.rows(f"SELECT DISTINCT model FROM elo_ratings WHERE {self.mine}")
        if not models:
            return bool(self.value(f"SELECT count(*) = 0 FROM elo_history WHERE {self.valid}"))
        return models == [(self.settings.model_key(),)] and self.condition == "true"

    def ratings(self) -> "pa.Table":
        """Return the rows of `elo_ratings`, or what they would be where the stored ones are of another model."""
        if self.is_current():
            return self.arrow(f"SELECT * FROM elo_ratings WHERE {self.mine} ORDER BY rank, document_id")
        documents = self._index()
        ratings = [self.settings.initial] * len(documents)
        for _ in self._played("elo_history", ratings):
            pass
        return self._rated(documents, ratings)

    def board(self) -> tuple[list[str], Board]:
        """Fit the board, and return it with the documents that its arrays are about."""
        documents, pairs = self.pairs()
        return documents, self._fit(len(documents), pairs)

    def pairs(self) -> tuple[list[str], Pairs]:
        documents = self._index()
        return documents, self._pairs(len(documents))

    # --- parts ----------------------------------------------------------------------------------------------------

    def _index(self, *more: str) -> list[str]:
        """Give the documents numbers from 0, in table `elo_items`, and return them in that order.

        They are those of the valid comparisons, or else those of the tables `more`.
        """
        # Not a UNION of both sides: of a view that joins one table twice, DuckDB 1.5 takes one side for the other.
        sources = more or (f"elo_history WHERE {self.valid}",)
        named = [f"SELECT DISTINCT unnest([document_a, document_b]) AS document_id FROM {source}" for source in sources]
        if more:
            named.append(f"SELECT document_id FROM elo_ratings WHERE {self.mine}")
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE elo_items AS "
            "SELECT (row_number() OVER (ORDER BY document_id) - 1)::INT AS item, "
            f"document_id FROM ({' UNION '.join(named)})"
        )
        return [document for (document,) in self.rows("SELECT document_id FROM elo_items ORDER BY item")]

    def _played(self, table: str, ratings: list[float]) -> "Iterator[pa.Table]":
        """Play the valid comparisons of `table` in order, and yield `sequence` with live Elo beside, chunk by chunk.

        `ratings`, by number of the document, ends as the last comparison left it.
        """
        last = self.value(f"SELECT coalesce(max(sequence), 0) FROM {table} WHERE {self.mine}")
        for start in range(1, last + 1, CHUNK):
            found = self.arrow(
                f"SELECT sequence, a.item AS item_a, b.item AS item_b, {SCORE} AS score, "
                f"{self.moves} AS gain FROM {table} "
                "JOIN elo_items AS a ON a.document_id = document_a JOIN elo_items AS b ON b.document_id = document_b "
                f"WHERE {self.valid} AND sequence BETWEEN {start} AND {start + CHUNK - 1} ORDER BY sequence"
            )
            if found.num_rows:
                yield self._chunk(found, ratings)

    def _chunk(self, found: "pa.Table", ratings: list[float]) -> "pa.Table":
        a, b, score, gain = (found[name].to_numpy() for name in ("item_a", "item_b", "score", "gain"))
        played = play(a, b, score, gain, ratings, self.settings.scale)
        table = found.select(["sequence"])
        for name, values in zip(
            ELO_COLUMNS,
            (played.before_a, played.before_b, played.before_a + played.delta, played.before_b - played.delta),
            strict=True,
        ):
            table = table.append_column(name, [values])
        return table

    def _execute_with(self, table: "pa.Table", sql: str) -> None:
        """Run a statement that calls an Arrow table `given`.

        It is found among the variables here: one that is registered would be held until the transaction ends.
        """
        given = table  # noqa: F841 - the statement's
        self.connection.execute(sql)

    def _pairs(self, size: int) -> Pairs:
        counter = PairCounter(size)
        reader = self.connection.execute(
            f"SELECT a.item, b.item, CASE shown_first WHEN 'a' THEN 1 WHEN 'b' THEN -1 ELSE 0 END::BIGINT, {SCORE}, "
            "weight FROM elo_history JOIN elo_items AS a ON a.document_id = document_a "
            "JOIN elo_items AS b ON b.document_id = document_b "
            f"WHERE {self.valid} AND {self.counts}"
        ).to_arrow_reader(CHUNK)
        for batch in reader:
            counter.add(*(column.to_numpy() for column in batch.columns))
        return counter.pairs()

    def _fit(self, size: int, pairs: Pairs) -> Board:
        return fit(size, pairs, Model(self.settings.prior == "always", self.settings.prior_sd))

    def _totals(self) -> "pa.Table":
        """Return comparisons, wins, losses, ties and the last time of each document, in the order of `elo_items`."""
        sides = " UNION ALL ".join(
            f"SELECT document_{side} AS document_id, {self.counts} AS counted, outcome = '{side}' AS won, "
            f"outcome IN ('a', 'b') AND outcome <> '{side}' AS lost, timestamp FROM elo_history WHERE {self.valid}"
            for side in ("a", "b")
        )
        return self.arrow(
            "SELECT count(*) FILTER (counted) AS comparisons, count(*) FILTER (won) AS wins, "
            "count(*) FILTER (lost) AS losses, count(*) FILTER (counted AND NOT won AND NOT lost) AS ties, "
            f"max(timestamp) FILTER (counted) AS last_updated FROM ({sides}) JOIN elo_items USING (document_id) "
            "GROUP BY item ORDER BY item"
        )

    def _rated(self, documents: list[str], ratings: list[float]) -> "pa.Table":
        """Return the rows of `elo_ratings`, best first."""
        import pyarrow as pa

        pairs = self._pairs(len(documents))
        board = self._fit(len(documents), pairs)
        totals = self._totals()
        places = board.places()
        points = self.settings.scale / np.log(10)
        since = dict(self.rows(f"SELECT document_id, epoch_us(created_at) FROM elo_ratings WHERE {self.mine}"))
        now = int(datetime.now(UTC).timestamp() * 1e6)
        columns: dict[str, Any] = {
            "tenant_id": [self.tenant] * len(documents),
            "document_id": documents,
            "rating": ratings,
            **{name: totals[name] for name in totals.column_names},
            "created_at": pa.array([since.get(d, now) for d in documents], pa.timestamp("us", "UTC")),
            "board": np.round(self.settings.initial + points * board.strength, 9),
            "se": np.round(points * board.se, 9),
            "rank": places.rank.astype(np.int32),
            "rank_low": places.low.astype(np.int32),
            "rank_high": places.high.astype(np.int32),
            "tier": places.tier.astype(np.int32),
            "status": statuses(*(totals[name].to_numpy() for name in ("comparisons", "wins", "losses"))),
            "component": (board.component + 1).astype(np.int32),
            "model": [self.settings.model_key()] * len(documents),
            "fit": [self._found(board, pairs)] * len(documents),
        }
        table = pa.table({name: columns[name] for name in ELO_RATINGS.names})
        return table.take(np.argsort(places.rank, kind="stable"))  # documents are in the order of their ids

    def _found(self, board: Board, pairs: Pairs) -> str:
        points = self.settings.scale / float(np.log(10))
        order = None if board.order_effect is None else round(board.order_effect * points, 9)
        error = None if board.order_se is None else round(board.order_se * points, 9)
        sds = [group.prior_sd for group in board.groups if group.prior_sd is not None]
        weight = round(float(pairs.weight.sum()), 9)
        return json.dumps(
            {"order_effect": order, "order_se": error, "prior_sd": sds[0] if sds else None, "weight": weight}
        )

    def _write_ratings(self, documents: list[str], ratings: list[float]) -> None:
        table = self._rated(documents, ratings)
        self.connection.execute(f"DELETE FROM elo_ratings WHERE {self.mine}")
        self._execute_with(table, "INSERT INTO elo_ratings BY NAME SELECT * FROM given")


def _within(played: "pa.Table") -> str:
    """Return the condition that lets the engine pass over all other rows by their blocks' bounds."""
    return f"sequence BETWEEN {played['sequence'][0]} AND {played['sequence'][-1]}"


def statuses(comparisons: Integers, wins: Integers, losses: Integers) -> list[str]:
    """Say of each document what to keep in mind when its numbers are read."""
    found = []
    for number, won, lost in zip(comparisons.tolist(), wins.tolist(), losses.tolist(), strict=True):
        notes = ["provisional"] if number < PROVISIONAL else []
        notes += ["undefeated"] if won and not lost else []
        notes += ["winless"] if lost and not won else []
        found.append(", ".join(notes) or "established")
    return found


__all__ = ["CHUNK", "ELO_COLUMNS", "SCORE", "Ledger", "statuses"]
