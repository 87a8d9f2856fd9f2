"""What is done to each part of a relation: a job, and how a task on any machine does it.

A job and what it needs (settings, the tenant's names) stand in a file for their owner alone, on the store that all
machines share; a task is sent the file's path and its part, and gives back counts, sums and the paths of what it made.
"""

import json
import pickle
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from uuid import uuid4

from egregora_core.errors import EgregoraError
from egregora_core.messages import IR_MESSAGES
from egregora_core.storage import Database, literal, open_scratch, scan_failed
from egregora_core.tracking import describe

MEMORY = "600MB"
"""What a task's engine may hold before it spills; Python and Arrow come on top."""


ReadFiles: TypeAlias = tuple[Mapping[str, str], Sequence[tuple[str, str | None]]]
"""Columns of a table with their types, and its files, each with what of it is deleted."""


class Job(Protocol):
    """Something to do on each part. It is pickled for tasks."""

    def select(self, db: Database) -> tuple[str, Any]:
        """Return the SELECT that does it over the whole relation in `db`, and what must live as long as it is used."""

    def on_part(self, db: Database, output: "Output") -> dict[str, Any]:
        """Do it on a part, which is there as a view, and return what to tell of it; raises what goes wrong."""

    @property
    def title(self) -> str:
        """What an error calls it."""

    @property
    def name(self) -> str:
        """What its files begin with."""

    @property
    def table(self) -> str:
        """The table that its files are for; empty where they are only handed on."""

    @property
    def view(self) -> str:
        """The name under which the part is to be there."""


@dataclass(frozen=True)
class Output:
    """Where one attempt of a task puts its files: names of its own, so that a second attempt disturbs nothing."""

    directory: Path
    """For rows that are to be the table's."""
    beside: Path
    """For what is only handed on."""
    name: str

    def rows(self, number: int = 0) -> Path:
        return self.directory / f"{self.name}-rows-{number}.parquet"

    def handed_on(self, what: str) -> Path:
        return self.beside / f"{self.name}-{what}.parquet"


def copy_to(db: Database, select: str, file: Path) -> int:
    """Write the rows of a SELECT into a Parquet file, and return how many."""
    return int(db.execute(f"COPY ({select}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")[0][0])


class TaskError(RuntimeError):
    """A task failed for a reason of its machine: trying again, there or elsewhere, may help."""


def run_task(job: str, part: str) -> str:
    """Do a job, by the path of its file, on a part, in JSON; return what it told, in JSON.

    What fails for a reason of the data comes back as `error`, since trying again would change nothing. No error holds
    a value, and so no message and no name: a worker's log is nobody's to read.
    """
    try:
        with Path(job).open("rb") as file:
            path, directory, beside, what = pickle.load(file)  # noqa: S301 - our driver wrote it, for its owner alone
        sys.path += [entry for entry in path if entry not in sys.path]
        said = json.loads(part)
        with _part_of(what, said) as db:
            told = what.on_part(db, Output(Path(directory), Path(beside), f"{said['name']}-{uuid4().hex[:8]}"))
    except EgregoraError as error:
        told = {"error": describe(error), "ours": True}
    except Exception as error:  # noqa: BLE001 - a stage may raise anything
        if scan_failed(error):
            raise TaskError(describe(error)) from None
        told = {"error": describe(error)}
    return json.dumps(told)


def store_job(job: Job, file: Path, directory: Path, beside: Path) -> None:
    """Write a job's file, and make the directories that its tasks write to (see `Output`)."""
    for needed in (file.parent, directory, beside):
        needed.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        pickle.dump(([entry for entry in sys.path if entry], str(directory), str(beside), job), out)


@contextmanager
def _part_of(job: Job, said: Mapping[str, Any]) -> Iterator[Database]:
    """Open an engine of one thread in which the part's rows are a view, as the job names it."""
    with tempfile.TemporaryDirectory(prefix="egregora-task-") as spill, open_scratch(Path(spill), MEMORY) as db:
        rows = rows_of({column.name: column.duckdb_type for column in IR_MESSAGES.columns}, said["files"])
        whose = f"WHERE tenant_id = {literal(said['tenant'])}"
        db.execute(f"CREATE VIEW {job.view} AS SELECT * FROM ({rows}) {whose}")
        yield db


def rows_of(columns: Mapping[str, str], files: Sequence[tuple[str, str | None]]) -> str:
    """Return SQL for the rows of files that are a table's, in the table's columns and types."""
    casts = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
    nobody = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
    whole = [file for file, deleted in files if deleted is None]
    parts = " UNION ALL BY NAME ".join(
        [
            f"(SELECT {nobody} WHERE false)",
            *([f"({_read(whole)})"] if whole else []),
            *(f"({_undeleted(file, deleted)})" for file, deleted in files if deleted is not None),
        ]
    )
    return f"SELECT {casts} FROM ({parts})"


def imported(target: str) -> Any:
    """Return what a `"package.module:attr"` names; a task has no host to ask."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _read(files: Sequence[str]) -> str:
    """Return SQL for the rows of files, read one after the other: as many unions, each would take memory at once."""
    listed = ", ".join(map(literal, files))
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def _undeleted(file: str, deleted: str) -> str:
    """Return SQL for the rows of a file that are not deleted."""
    gone = f"SELECT pos FROM read_parquet({literal(deleted)})"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM read_parquet({literal(file)}, file_row_number = true, "
        f"hive_partitioning = false) WHERE file_row_number NOT IN ({gone})"
    )


def part_json(name: str, tenant: str, files: Sequence[tuple[str, str | None]]) -> str:
    return json.dumps({"name": name, "tenant": tenant, "files": files})


__all__ = [
    "Job",
    "Output",
    "ReadFiles",
    "TaskError",
    "copy_to",
    "imported",
    "part_json",
    "rows_of",
    "run_task",
    "store_job",
]
