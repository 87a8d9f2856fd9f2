"""The runs table: one row per stage execution, and how it ended.

A row turns `completed` in the same transaction that makes its output visible, so neither is ever seen without the
other. No row holds message text or a name.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from egregora_core.errors import UsageError
from egregora_core.messages import uuid7
from egregora_core.storage import Column, TableSchema, again, bind, literal, quoted

if TYPE_CHECKING:
    from egregora_core.storage import Connection

RUNS = TableSchema(
    "runs",
    (
        Column("run_id", "!uuid", "uuid7: ids sort by the time of their start."),
        Column("step", "!string", "One of the six steps."),
        Column("stage", "!string", "What ran in it."),
        Column("tenant_id", "!string", "Whose data it worked on."),
        Column("status", "!string", "running, completed, degraded, failed, interrupted or cached."),
        Column("started_at", "timestamp('UTC', 6)", "When it began, in UTC."),
        Column("finished_at", "timestamp('UTC', 6)", "When it ended, in UTC; null while it runs."),
        Column("duration_seconds", "float64", "From start to end, seconds."),
        Column("rows_in", "int64", "Rows that it read."),
        Column("rows_out", "int64", "Rows of its whole output afterwards."),
        Column("input_fingerprint", "string", "What it read: file digest or table fingerprint."),
        Column("output_fingerprint", "string", "What its output was when it completed."),
        Column("config_hash", "string", "The settings that it can see."),
        Column("code_ref", "string", "What it computes."),
        Column("parent_run_id", "uuid", "The run whose output it read: all there is of lineage."),
        Column("error", "string", "How it failed: type and place, never message text or a name."),
        Column("attrs", "json", "Counts and facts: num_windows, windows_reused, cached_from, reason, …"),
    ),
    key=("run_id",),
)

GONE = "its process ended before it did"
"""How a run failed whose row says `running` although nobody is at work."""

_SELECT = "SELECT " + ", ".join(
    f"epoch_us({name})" if name in {"started_at", "finished_at"} else name for name in RUNS.names
)


@dataclass(frozen=True)
class Run:
    """One row. Times are UTC."""

    run_id: UUID
    step: str
    stage: str
    tenant_id: str
    status: str = "running"
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_seconds: float | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    input_fingerprint: str | None = None
    output_fingerprint: str | None = None
    config_hash: str | None = None
    code_ref: str | None = None
    parent_run_id: UUID | None = None
    error: str | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        """The last eight hex digits: the part of a uuid7 that differs from one run to the next."""
        return self.run_id.hex[-8:]


class RunStore:
    """The runs table of an open database."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def start(self, run: Run) -> Run:
        """Insert `run` as `running`, under an id later than every other; call it outside of a transaction."""
        started = replace(run, run_id=self._next_id(), status="running", started_at=datetime.now(UTC))
        again(lambda: self._insert(started))
        return started

    def note(self, run: Run, facts: Mapping[str, Any]) -> None:
        """Add facts to a run that goes on: in the transaction of what they are about, so that a kill loses neither."""
        self._execute(
            "UPDATE runs SET attrs = json_merge_patch(attrs, ?::JSON) WHERE run_id = ? AND status = 'running'",
            [json.dumps(dict(facts)), str(run.run_id)],
        )

    def finish(self, run: Run, *, keep_noted: bool = False) -> Run:
        """Write how `run` ended, and return it as it is recorded; `keep_noted`: with what was noted of it before.

        Inside the stage's transaction it becomes visible with the stage's output. What is recorded already stands: an
        interruption that comes just after the commit changes nothing any more.
        """
        if keep_noted and (noted := self.get(run.run_id)):
            run = replace(run, attrs={**noted.attrs, **run.attrs})
        now = datetime.now(UTC)
        seconds = (now - run.started_at).total_seconds() if run.started_at else None
        ended = replace(run, finished_at=now, duration_seconds=seconds)
        updated = self._execute(
            "UPDATE runs SET status = ?, finished_at = ?, duration_seconds = ?, rows_in = ?, rows_out = ?, "
            "input_fingerprint = ?, output_fingerprint = ?, config_hash = ?, error = ?, attrs = ? "
            "WHERE run_id = ? AND status = 'running'",
            [
                ended.status,
                _text(now),
                seconds,
                ended.rows_in,
                ended.rows_out,
                ended.input_fingerprint,
                ended.output_fingerprint,
                ended.config_hash,
                ended.error,
                json.dumps(dict(ended.attrs)),
                str(ended.run_id),
            ],
        )
        return ended if updated[0][0] else self.get(run.run_id) or ended

    def record_cached(self, run: Run, stands: Run) -> Run:
        """Insert a `cached` row: nothing was executed, the result of `stands` holds."""
        now = datetime.now(UTC)
        cached = replace(
            run,
            run_id=self._next_id(),
            status="cached",
            started_at=now,
            finished_at=now,
            duration_seconds=0.0,
            rows_in=stands.rows_in,
            rows_out=stands.rows_out,
            output_fingerprint=stands.output_fingerprint,
            attrs={**run.attrs, "cached_from": str(stands.run_id)},
        )
        again(lambda: self._insert(cached))
        return cached

    def mark_interrupted(self, tenant_id: str | None = None) -> None:
        """Turn `running` rows, of one tenant or of all, into `interrupted`.

        Only who holds the file read-write, or the tenant's lease, may say so.
        """
        whose = "" if tenant_id is None else f" AND tenant_id = {literal(tenant_id)}"
        stale = f"WHERE status = 'running'{whose}"
        if self._execute(f"SELECT 1 FROM runs {stale} LIMIT 1"):
            again(lambda: self._execute(f"UPDATE runs SET status = 'interrupted', error = '{GONE}' {stale}"))

    def show_who_is_gone(self, at_work: Collection[str] = ()) -> None:
        """Show rows that say `running` as interrupted, but for tenants for whom somebody is at work.

        For who reads only, and knows that nobody else is.
        """
        if self._execute("SELECT count(*) FROM runs WHERE status = 'running'")[0][0]:
            name = self._execute("SELECT current_database()")[0][0]
            stale = f"status = 'running' AND tenant_id NOT IN ({', '.join(map(literal, ['', *sorted(at_work)]))})"
            self._execute(
                "CREATE TEMP VIEW runs AS SELECT * REPLACE ("
                f"CASE WHEN {stale} THEN 'interrupted' ELSE status END AS status, "
                f"CASE WHEN {stale} THEN '{GONE}' ELSE error END AS error) FROM {quoted(name)}.main.runs"
            )

    def last_writer(self, tenant_id: str, step: str, stage: str) -> Run | None:
        """Return the run that last wrote this tenant's output of the stage: neither cached nor without effect."""
        found = self._select(
            "WHERE tenant_id = ? AND step = ? AND stage = ? AND status IN ('completed', 'degraded') "
            "ORDER BY run_id DESC LIMIT 1",
            [tenant_id, step, stage],
        )
        return found[0] if found else None

    def last_of_stage(self, tenant_id: str, step: str, stage: str) -> Run | None:
        """Return the newest run that was executed, however it ended: for stages that commit finished parts."""
        found = self._select(
            "WHERE tenant_id = ? AND step = ? AND stage = ? AND status NOT IN ('cached', 'running') "
            "ORDER BY run_id DESC LIMIT 1",
            [tenant_id, step, stage],
        )
        return found[0] if found else None

    def latest(self, tenant_id: str, step: str, stage: str) -> Run | None:
        """Return the newest run that knew its code: executed to the end, or standing."""
        found = self._select(
            "WHERE tenant_id = ? AND step = ? AND stage = ? AND status IN ('completed', 'cached') "
            "ORDER BY run_id DESC LIMIT 1",
            [tenant_id, step, stage],
        )
        return found[0] if found else None

    def last_of_step(self, tenant_id: str, step: str) -> Run | None:
        """Return the newest completed run of a step, whatever its stage."""
        found = self._select(
            "WHERE tenant_id = ? AND step = ? AND status = 'completed' ORDER BY run_id DESC LIMIT 1", [tenant_id, step]
        )
        return found[0] if found else None

    def before(self, run: Run) -> Run | None:
        """Return the run that last wrote the same output before `run`."""
        found = self._select(
            "WHERE tenant_id = ? AND step = ? AND stage = ? AND status IN ('completed', 'degraded') AND run_id < ? "
            "ORDER BY run_id DESC LIMIT 1",
            [run.tenant_id, run.step, run.stage, run.run_id],
        )
        return found[0] if found else None

    def completed(self, tenant_id: str, step: str) -> list[Run]:
        """Return every completed run of a step, newest first."""
        return self._select(
            "WHERE tenant_id = ? AND step = ? AND status = 'completed' ORDER BY run_id DESC", [tenant_id, step]
        )

    def recent(self, limit: int, tenant_id: str | None = None) -> list[Run]:
        """Return the newest runs first, of one tenant or of all."""
        where, parameters = ("WHERE tenant_id = ?", [tenant_id]) if tenant_id else ("", [])
        return self._select(f"{where} ORDER BY run_id DESC LIMIT {int(limit)}", parameters)

    def find(self, part: str) -> Run:
        """Return the run whose id contains `part`; raises UsageError where none or several do."""
        wanted = part.strip().strip("…").replace("-", "").lower()
        if not wanted or not set(wanted) <= set("0123456789abcdef"):
            raise UsageError(f"{part!r} is no part of a run id; `egregora runs` lists them")
        found = self._select(
            "WHERE contains(replace(run_id::VARCHAR, '-', ''), ?) "
            "ORDER BY ends_with(replace(run_id::VARCHAR, '-', ''), ?) DESC, run_id DESC LIMIT 20",
            [wanted, wanted],
        )
        ending = [run for run in found if run.run_id.hex.endswith(wanted)]
        matches = ending if len(ending) == 1 else found
        if not matches:
            raise UsageError(f"no run has {part!r} in its id; `egregora runs` lists them")
        if len(matches) > 1:
            ids = ", ".join(str(run.run_id) for run in matches[:5])
            raise UsageError(f"{part!r} names several runs: {ids}; give more of the id")
        return matches[0]

    def get(self, run_id: UUID) -> Run | None:
        found = self._select("WHERE run_id = ?", [str(run_id)])
        return found[0] if found else None

    def lineage(self, run: Run) -> list[Run]:
        """Return `run` and what its input came from, nearest first: its ancestors, and beside a writer all others.

        Of several writers, whose documents are read together, one is the parent; of each its last run is meant.
        """
        line, here = [run], run
        while here.parent_run_id and (parent := self.get(here.parent_run_id)):
            line.append(parent)
            if parent.step == "generation":
                line += self._other_writers(parent, before=here)
            here = parent
        return line

    def _other_writers(self, writer: Run, before: Run) -> list[Run]:
        return self._select(
            "WHERE run_id IN (SELECT max(run_id) FROM runs WHERE tenant_id = ? AND step = 'generation' AND stage <> ? "
            "AND status IN ('completed', 'degraded') AND run_id < ? GROUP BY stage) ORDER BY run_id DESC",
            [writer.tenant_id, writer.stage, before.run_id],
        )

    def prune(self, keep_days: int) -> int:
        """Delete rows older than `keep_days` that nothing stands on, and return how many.

        The last writer of each output, the last run of each stage that was executed, and every ingestion stay:
        without them work would be done again, or a result stand that a failed run has touched since.
        """
        before = datetime.now(UTC) - timedelta(days=keep_days)
        stands = (
            "SELECT max(run_id) FROM runs WHERE status IN ('completed', 'degraded') GROUP BY tenant_id, step, stage "
            "UNION SELECT max(run_id) FROM runs WHERE status <> 'cached' GROUP BY tenant_id, step, stage"
        )
        rows = again(
            lambda: self._execute(
                "DELETE FROM runs WHERE started_at < ? AND step <> 'ingestion' AND status <> 'running' "
                f"AND run_id NOT IN ({stands})",
                [_text(before)],
            )
        )
        return int(rows[0][0])

    def _next_id(self) -> UUID:
        return uuid7(after=self._execute("SELECT max(run_id) FROM runs")[0][0])

    def _insert(self, run: Run) -> None:
        values = asdict(run)
        for name in ("started_at", "finished_at"):
            values[name] = _text(values[name])
        for name in ("run_id", "parent_run_id"):
            values[name] = None if values[name] is None else str(values[name])
        values["attrs"] = json.dumps(dict(run.attrs))
        marks = ", ".join("?" * len(RUNS.names))
        self._execute(
            f"INSERT INTO runs ({', '.join(RUNS.names)}) VALUES ({marks})", [values[name] for name in RUNS.names]
        )

    def _execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(bind(sql, parameters)).fetchall()

    def _select(self, tail: str, parameters: Sequence[Any]) -> list[Run]:
        rows = self._execute(f"{_SELECT} FROM runs {tail}", parameters)
        return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    values = dict(zip(RUNS.names, row, strict=True))
    for name in ("started_at", "finished_at"):
        values[name] = _time(values[name])
    values["attrs"] = json.loads(values["attrs"]) if values["attrs"] else {}
    return Run(**values)


def _time(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def _text(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
