"""The one time that rows change places: each part split by thread or author, so that one of them is in one part."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egregora_core.pipeline._jobs import Output
from egregora_core.storage import Database, literal


@dataclass(frozen=True)
class SplitJob:
    """Write a part's rows into one file for each bucket. Which bucket is DuckDB's hash of the column."""

    column: str
    buckets: int
    name: str = "split"
    title: str = "splitting the messages"
    table: str = ""
    view: str = "part"

    def select(self, db: Database) -> tuple[str, Any]:
        raise NotImplementedError("on one machine all rows are in one part")

    def on_part(self, db: Database, output: Output) -> dict[str, Any]:
        directory = output.beside / output.name
        db.execute(
            f"COPY (SELECT *, (hash({self.column}) % {self.buckets})::INTEGER AS bucket FROM {self.view}) "
            f"TO {literal(str(directory))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (bucket))"
        )
        found = sorted(directory.glob("bucket=*/*.parquet"))
        return {"pieces": [(_bucket(file), str(file)) for file in found]}


def _bucket(file: Path) -> int:
    return int(file.parent.name.partition("=")[2])


__all__ = ["SplitJob"]
