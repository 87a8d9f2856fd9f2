"""A cluster at work over a lake: tasks read the lake's files and write new ones, which become rows of it at the end.

The driver sees paths, counts and sums. Files of a task that failed, or was done twice, are never part of a table.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from egregora_core.errors import SchemaError, StageError
from egregora_core.pipeline._engines import Column, Part, Parts, Tasks, add_files
from egregora_core.pipeline._jobs import Job, part_json, store_job
from egregora_core.pipeline._splitting import SplitJob
from egregora_core.session import Session
from egregora_core.storage import literal
from egregora_core.workspace import Lake, private_files, work_of_tasks

_PART_BYTES = 32_000_000
"""Of files that are read together: some 500,000 messages, which take seconds, and what a task costs tenths of one."""
_BUCKET_ROWS = 500_000
"""Of a part that holds whole threads or authors, where they are no larger themselves."""


class LakeEngine:
    """See `Engine`. `connect` is called when a table is asked for, and tasks come later: a session takes seconds."""

    def __init__(self, session: Session, connect: Callable[[], Tasks]) -> None:
        lake = session.db.path
        work = work_of_tasks(lake, session.tenant) if isinstance(lake, Lake) else None
        if not isinstance(lake, Lake) or lake.directory is None or work is None:
            raise StageError(f"{lake}: tasks need [database] data to be a directory that all machines reach")
        self._session = session
        self._connect = connect
        self._tasks: Tasks | None = None
        self._work = work / uuid4().hex
        self._rows = 0
        self._tables = lake.directory / "main"

    def clear(self) -> None:
        """Remove what tasks were given, and what they handed to each other."""
        shutil.rmtree(self._work, ignore_errors=True)

    def relation(self, table: str, rows: int) -> Parts:
        """Return the files of a table, small ones together, the largest parts first: no long task comes last."""
        self._begun()
        listed = self._session.db.execute(
            f"SELECT data_file, delete_file, data_file_size_bytes FROM ducklake_list_files('lake', {literal(table)}) "
            "ORDER BY data_file"
        )
        self._rows = rows or self._rows
        parts = sorted(_together(listed), key=lambda part: -part[1])
        return [Part(files=tuple(files)) for files, _ in parts]

    def by(self, parts: Parts, column: Column) -> Parts:
        """Have each part split by a hash of the column, and put the pieces of one bucket together."""
        buckets = max(1, -(-self._rows // _BUCKET_ROWS))
        pieces: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
        for told in self.collect(self.map(parts, SplitJob(column, buckets))):
            for bucket, file in told["pieces"]:
                pieces[bucket].append((file, None))
        return [Part(files=tuple(sorted(files))) for _, files in sorted(pieces.items())]

    def map(self, parts: Parts, job: Job) -> Parts:
        """Have a job done on each part by a task; raises SchemaError or StageError for what is wrong with the data."""
        tasks = self._begun()
        file = self._work / f"{uuid4().hex}.job"
        with private_files():
            beside = self._work / file.stem
            output = self._tables / job.table if job.table else beside
            store_job(job, file, output, beside)
        said = [part_json(f"{job.name}-{n}", self._session.tenant, part.files) for n, part in enumerate(parts)]
        try:
            told = [json.loads(answer) for answer in tasks(str(file), said)]
        finally:
            file.unlink(missing_ok=True)  # it may hold names
        _refuse(told, job)
        made = [Part(files=tuple((each, None) for each in one.get("files", ())), told=one) for one in told]
        if job.table:
            _remove_others(output, job.name, {each for part in made for each, _ in part.files})
        return made

    def _begun(self) -> Tasks:
        if self._tasks is None:
            self._tasks = self._connect()
        return self._tasks

    def collect(self, parts: Parts) -> list[Mapping[str, Any]]:
        return [part.told for part in parts]

    def publish(self, parts: Parts, table: str) -> None:
        add_files(self._session.db, table, (file for part in parts for file, _ in part.files))


def _together(listed: Sequence[tuple[str, str | None, int]]) -> Iterator[tuple[list[tuple[str, str | None]], int]]:
    """Yield files that are read together, and their size."""
    files: list[tuple[str, str | None]] = []
    size = 0
    for data, deleted, length in listed:
        if files and size + length > _PART_BYTES:
            yield files, size
            files, size = [], 0
        files.append((data, deleted))
        size += length
    if files:
        yield files, size


def _refuse(told: Sequence[Mapping[str, Any]], job: Job) -> None:
    failed = [one for one in told if "error" in one]
    if not failed:
        return
    first = failed[0]["error"]
    if failed[0].get("ours"):
        raise SchemaError(first)
    raise StageError(f"{job.title} failed in {len(failed):,} of {len(told):,} tasks: {first}; nothing of it was kept")


def _remove_others(directory: Path, name: str, kept: set[str]) -> None:
    """Remove files of this job whose task was done twice: nobody will ever ask for them."""
    for file in directory.glob(f"{name}-*.parquet"):
        if str(file) not in kept:
            file.unlink(missing_ok=True)


__all__ = ["LakeEngine"]
