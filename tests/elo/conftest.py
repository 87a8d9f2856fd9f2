"""Workspaces with documents and comparisons in them."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.messages import DOCUMENTS
from egregora_core.storage import literal
from egregora_elo.ledger import Ledger
from egregora_elo.settings import RankingSettings
from egregora_elo.tables import ELO_HISTORY, ELO_RATINGS

Write = Callable[..., Path]
Rows = Callable[..., None]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database file with core's documents and the tables of the ranking."""
    with duckdb.connect(tmp_path / "ranking.duckdb") as opened:
        opened.execute("SET TimeZone = 'UTC'")
        for table in (DOCUMENTS, ELO_HISTORY, ELO_RATINGS):
            opened.execute(table.ddl())
        yield opened


@pytest.fixture
def ledger(connection: duckdb.DuckDBPyConnection) -> Ledger:
    """The comparisons of tenant `default`, none yet."""
    return Ledger(connection, "default", RankingSettings())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes rows to a CSV file."""

    def written(
        rows: Iterable[Sequence[Any]], head: Sequence[str] = ("a", "b", "winner"), name: str = "votes.csv"
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows(rows)
        return path

    return written


@pytest.fixture
def add_document(connection: duckdb.DuckDBPyConnection) -> Callable[..., str]:
    """A function that puts a document into core's table and returns its id."""

    def added(number: int, slug: str, *, title: str = "T", body: str = "B", kind: str = "post") -> str:
        document_id = f"{number:08x}-0000-4000-8000-000000000000"
        connection.execute(
            f"INSERT INTO documents SELECT '{document_id}', 'default', {literal(kind)}, {literal(slug)}, "
            f"{literal(title)}, {literal(body)}, NULL, NULL, NULL, 'f', 'w', '{{}}', now(), NULL"
        )
        return document_id

    return added
