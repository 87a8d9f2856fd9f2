"""Measure the ranking against evalica in the same run, and its way from a Parquet file into both tables.

    uv run python benchmarks/elo.py [--comparisons 1000000] [--documents 1000] [--large]

`--large` adds ten million comparisons and their peak of memory, each in a process of its own.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from egregora_core.messages import DOCUMENTS
from egregora_elo.ledger import Ledger
from egregora_elo.ratings import Games, PairCounter, fit, play
from egregora_elo.recording import ImportOptions, import_file
from egregora_elo.settings import RankingSettings
from egregora_elo.tables import ELO_HISTORY, ELO_RATINGS
from run import best, report, timed

LARGE = 10_000_000
MEMORY = "160MB"
"""What DuckDB may hold where the peak of the board is measured; the rest is Python, numpy and Arrow."""
NAMES_SQL = """
CREATE TEMP TABLE named AS
SELECT (row_number() OVER (ORDER BY name) - 1)::INT AS item, name
FROM (SELECT DISTINCT model_a AS name FROM votes UNION SELECT DISTINCT model_b FROM votes)
"""
ITEMS_SQL = """
SELECT a.item, b.item, 0::BIGINT, (winner = 'model_a')::DOUBLE, 1::DOUBLE FROM votes
JOIN named AS a ON a.name = model_a JOIN named AS b ON b.name = model_b
"""


def make_votes(path: Path, comparisons: int, documents: int) -> None:
    """Write comparisons of documents with normal strengths to a Parquet file, a million at a time."""
    random = np.random.default_rng(0)
    true = random.normal(0, 1, documents)
    names = pa.array([f"document-{number:05d}" for number in range(documents)])
    sides = pa.array(["model_a", "model_b"])
    schema = pa.schema([(name, pa.string()) for name in ("model_a", "model_b", "winner")])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, comparisons, 1_000_000):
            size = min(1_000_000, comparisons - start)
            a = random.integers(0, documents, size)
            b = (a + random.integers(1, documents, size)) % documents
            lost = random.random(size) > 1 / (1 + np.exp(true[b] - true[a]))
            columns = [names.take(pa.array(a)), names.take(pa.array(b)), sides.take(pa.array(lost.astype(int)))]
            writer.write_table(pa.table(columns, schema=schema))


def read_votes(path: Path) -> tuple[pa.ChunkedArray, pa.ChunkedArray, pa.ChunkedArray]:
    table = pq.read_table(path)
    return table["model_a"], table["model_b"], table["winner"]


def live_elo(a: pa.ChunkedArray, b: pa.ChunkedArray, winner: pa.ChunkedArray) -> list[float]:
    """Return the ratings after all comparisons, labels included."""
    size = len(a)
    both = pa.chunked_array([*a.chunks, *b.chunks]).combine_chunks().dictionary_encode()
    item = both.indices.to_numpy()
    score = winner.combine_chunks().dictionary_encode()
    won = np.array([name == "model_a" for name in score.dictionary.to_pylist()], float)[score.indices.to_numpy()]
    ratings = [1500.0] * len(both.dictionary)
    play(Games(item[:size], item[size:], won, np.full(size, 32.0)), ratings, 400.0)
    return ratings


def board(path: Path, memory: str = "2GB") -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Count pairs in the engine and fit; return the standard errors."""
    with duckdb.connect(config={"memory_limit": memory, "temp_directory": str(path.parent / "spill")}) as connection:
        connection.execute(f"CREATE VIEW votes AS FROM read_parquet('{path}')")
        connection.execute(NAMES_SQL)
        size = connection.execute("SELECT count(*) FROM named").fetchall()[0][0]
        counter = PairCounter(size)
        for batch in connection.execute(ITEMS_SQL).to_arrow_reader(250_000):
            counter.add(*(column.to_numpy() for column in batch.columns))
    return fit(size, counter.pairs()).se


def import_votes(path: Path, directory: Path) -> None:
    """Import a file into a new database as the command does, and close it."""
    config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": str(directory / "spill")}
    with duckdb.connect(directory / "votes.duckdb", config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in (DOCUMENTS, ELO_HISTORY, ELO_RATINGS):
            connection.execute(table.ddl())
        connection.execute("BEGIN")
        import_file(Ledger(connection, "default", RankingSettings()), path, ImportOptions(allow_unknown=True))
        connection.execute("COMMIT")


def measure(path: Path, comparisons: int) -> None:
    """Compare with evalica, which gets lists of strings, what it takes; ours is the column as Arrow has it."""
    import evalica  # here, as its 100 MB would count in every task's peak

    a, b, winner = read_votes(path)
    xs, ys = a.to_pylist(), b.to_pylist()
    winners = [evalica.Winner.X if won == "model_a" else evalica.Winner.Y for won in winner.to_pylist()]
    theirs = best(lambda: timed(lambda: evalica.elo(xs, ys, winners, initial=1500, k=32, scale=400)))
    ours = best(lambda: timed(lambda: live_elo(a, b, winner)))
    report("live Elo, evalica", f"{theirs:.2f} s")
    report("live Elo", f"{ours:.2f} s = {theirs / ours:.1f} x evalica", "at least 1.0 x")
    theirs = best(lambda: timed(lambda: evalica.bradley_terry(xs, ys, winners)))
    ours = best(lambda: timed(lambda: board(path)))
    report("Bradley-Terry without errors, evalica", f"{theirs:.2f} s")
    report("board with errors, from Parquet", f"{ours:.2f} s = {theirs / ours:.1f} x evalica", "at least 1.0 x")

    def imported() -> float:
        with tempfile.TemporaryDirectory() as directory:
            return timed(lambda: import_votes(path, Path(directory)))

    ours = best(imported)
    report("import from Parquet into both tables", f"{comparisons / ours:,.0f} /s", "at least 300,000 /s")


def stream_elo(path: Path) -> list[float]:
    """Play a file chunk by chunk, as a replay does."""
    names: dict[str, int] = {}
    ratings: list[float] = []
    for batch in pq.ParquetFile(path).iter_batches(200_000):
        sides = []
        for name in ("model_a", "model_b"):
            coded = batch[name].dictionary_encode()
            for document in coded.dictionary.to_pylist():
                if document not in names:
                    names[document] = len(names)
                    ratings.append(1500.0)
            sides.append(np.array([names[d] for d in coded.dictionary.to_pylist()])[coded.indices.to_numpy()])
        won = np.asarray(pa.compute.equal(batch["winner"], "model_a")).astype(float)
        play(Games(sides[0], sides[1], won, np.full(len(won), 32.0)), ratings, 400.0)
    return ratings


LARGE_TASKS: dict[str, Callable[[Path], object]] = {
    "live Elo": stream_elo,
    "board with errors": lambda path: board(path, MEMORY),
    "import into both tables": lambda path: import_votes(path, path.parent),
}


def measure_large(path: Path) -> None:
    for name in LARGE_TASKS:
        done = subprocess.run(
            [sys.executable, __file__, "--task", name, "--file", str(path)], capture_output=True, text=True, check=True
        )
        seconds, megabytes = done.stdout.split()
        report(f"ten million: {name}", f"{float(seconds):.1f} s, {float(megabytes):.0f} MB", "under 400 MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--task", choices=LARGE_TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.task:
        seconds = timed(lambda: LARGE_TASKS[wanted.task](wanted.file))
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    if wanted.make:
        make_votes(wanted.make, LARGE, wanted.documents)
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "votes.parquet"
        if wanted.large:  # first: a child's peak begins at its parent's
            subprocess.run(
                [sys.executable, __file__, "--make", str(path), "--documents", str(wanted.documents)], check=True
            )
            measure_large(path)
        make_votes(path, wanted.comparisons, wanted.documents)
        measure(path, wanted.comparisons)


if __name__ == "__main__":
    main()
