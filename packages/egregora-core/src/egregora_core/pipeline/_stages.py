"""Message and document stages: an ibis expression in, a `stage_<name>` table out.

Whether a result stands is decided before the expression is even made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from egregora_core.messages import IR_MESSAGES, KNOWN_NAMES, check_rows, place
from egregora_core.pipeline._engines import Column, Engine, LocalEngine, Parts
from egregora_core.pipeline._jobs import Output, ReadFiles, copy_to, imported, rows_of
from egregora_core.pipeline._stage_sql import StageCall, expression_of, select_of, stands_alone
from egregora_core.pipeline._step_output import Relation, names_beside, output_of
from egregora_core.plugins import StageSpec
from egregora_core.privacy import KnownName, are_many, ordinary_names
from egregora_core.session import Session
from egregora_core.storage import (
    Database,
    Measure,
    combined,
    commit,
    fingerprint_relation,
    in_little_memory,
    literal,
    measure_relation,
)
from egregora_core.tracking import Outcome, Run, Verdict, Work, decide, digest, known_code


@dataclass(frozen=True)
class StagePlan:
    """What is to be done for a stage, whether its result stands, and the run that last wrote it."""

    work: Work
    verdict: Verdict
    last: Run | None


def plan_stage(session: Session, call: StageCall, *, forced: bool) -> StagePlan:
    """Say whether the stage's result stands, without importing ibis where core's own source tells enough."""
    last = session.runs.last_writer(session.tenant, call.spec.step, call.spec.name)
    target = f"{call.spec.function} {call.spec.version}"
    newest = session.runs.latest(session.tenant, call.spec.step, call.spec.name)
    code, seen = known_code(newest, target, lambda: _code_ref(session, call), call.settings)
    reads = {name: fingerprint_relation(session.db.connection, rows) for name, rows in call.reads.items()}
    if call.names is not None and session.db.columns(KNOWN_NAMES.name):
        beside = names_beside(session.tenant)
        if session.db.scalar(f"SELECT count(*) FROM {beside}"):
            reads[KNOWN_NAMES.name] = fingerprint_relation(session.db.connection, beside)
    work = Work(
        step=call.spec.step,
        stage=call.spec.name,
        tenant_id=session.tenant,
        input_fingerprint=_input(call.source.fingerprint, reads),
        config={f"{call.section}.{name}": value for name, value in call.settings.items()},
        code_ref=code,
        rows_in=call.source.rows,
        parent_run_id=call.source.run_id,
        attrs={**seen, **({"reads": _input("", reads)} if reads else {})},
        salt=session.namespace.uuid.hex,
    )
    verdict = decide(work, last, forced=forced, intact=last is None or _intact(session, call.table, last))
    return StagePlan(work, verdict, last)


@dataclass(frozen=True)
class Computed:
    """A stage's rows, not visible yet, and what to record of how they came about."""

    parts: Parts
    since: str | None
    """Where only input rows that a later run wrote were processed: the newest run that was known before."""
    facts: Mapping[str, Any]


def compute_stage(session: Session, engine: Engine, call: StageCall, plan: StagePlan, run: Run) -> Computed:
    """Have the engine work on the input; only on changed rows where that is enough."""
    db = session.db
    parts = engine.relation(call.source.table, call.source.rows)  # a cluster gets ready from here on
    names = _names_for(session, engine, call)
    names_key = digest(*map(repr, names)) if names is not None else None
    watermark = _watermark(db, call.source, session.tenant)
    since = _reusable_since(session, call, plan, run, names_key)
    reads = _read_files(session, engine, call)
    job = StageJob(call, session.tenant, run, names, since, reads)
    if isinstance(engine, LocalEngine) or not are_many(names or ()):  # of many, tasks take those of their part
        job = job.compiled(db)
    if (column := _COLUMNS.get(call.spec.by)) is not None:
        parts = engine.by(parts, column)
    facts = {
        **({"names": names_key} if names_key else {}),
        **({"ordinary_names": len(ordinary)} if (ordinary := ordinary_names(names or ())) else {}),
        **({"watermark": watermark} if watermark else {}),
    }
    return Computed(engine.map(parts, job), since, facts)


_COLUMNS: Mapping[str | None, Column] = {"thread": "thread_id", "author": "author_uuid"}


def _read_files(session: Session, engine: Engine, call: StageCall) -> dict[str, ReadFiles]:
    """Return the tables that a stage reads beside its input, as tasks get them."""
    return {
        name: (session.db.columns(name), tuple(file for part in engine.relation(name, 0) for file in part.files))
        for name in call.reads
    }


def _names_for(session: Session, engine: Engine, call: StageCall) -> list[KnownName] | None:
    """Return the names that a stage takes; in a lake who is new gets a pseudonym in a transaction of its own."""
    if call.names is None:
        return None
    if isinstance(engine, LocalEngine):
        return commit(session.db.connection, call.names) if session.db.is_lake else call.names()
    return in_little_memory(session.db, partial(commit, session.db.connection, call.names))


def publish_stage(session: Session, engine: Engine, call: StageCall, run: Run, made: Computed) -> Outcome:
    """Put a stage's rows into its table, inside the caller's transaction."""
    db = session.db
    if made.since is None:
        _replace(db, call, session.tenant)
    else:
        _make_room(db, call, session.tenant, made.since)
    engine.publish(made.parts, call.table)
    output = output_of(call.table, session.tenant)
    told = [told for told in engine.collect(made.parts) if told]
    if not told or any(one["strangers"] for one in told):
        written = f"(SELECT * FROM {call.table} WHERE created_by_run = '{run.run_id}')"
        check_rows(db.connection, written, call.source.schema, where=place(call.function(), "output"))
        processed = db.scalar(f"SELECT count(*) FROM {written}")
    else:
        processed = sum(one["rows"] for one in told)
    whole = made.since is None and bool(told)
    return Outcome(
        rows_out=processed if whole else db.scalar(f"SELECT count(*) FROM {output}"),
        output_fingerprint=(
            combined([Measure.of(one) for one in told]) if whole else fingerprint_relation(db.connection, output)
        ),
        attrs={"processed": processed, **made.facts},
    )


@dataclass(frozen=True)
class StageJob:
    """One stage over the rows of its input: all in one SELECT, or on a part of them."""

    call: StageCall
    tenant: str
    run: Run
    names: list[KnownName] | None
    since: str | None
    reads: Mapping[str, ReadFiles] = field(default_factory=dict)
    sql: str = ""
    held: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Go into a task without what belongs to the driver: the function is imported there by its name.

        SQL that is all of the stage goes along: to make it takes longer than many a part, and needs ibis.
        """
        call = (self.call.spec, self.call.section, self.call.settings, self.call.source)
        sql = self.sql if self.sql and stands_alone(self.held, self.call) else ""
        return _job_of, (call, (self.tenant, self.run, None if sql else self.names, self.since, self.reads, sql))

    def compiled(self, db: Database) -> "StageJob":
        """Return it with its SQL, which is the same for each part."""
        expression = expression_of(db, self.tenant, self.call, self.names, self.since)
        return replace(self, sql=select_of(db, expression, self.call, self.run), held=expression)

    @property
    def title(self) -> str:
        return f"{self.call.spec.step}/{self.call.spec.name}"

    @property
    def name(self) -> str:
        return f"run-{self.run.run_id}"

    @property
    def table(self) -> str:
        return self.call.table

    @property
    def view(self) -> str:
        return self.call.source.table

    def select(self, db: Database) -> tuple[str, Any]:
        ready = self if self.sql else self.compiled(db)
        return ready.sql, ready.held

    def on_part(self, db: Database, output: Output) -> dict[str, Any]:
        """Write the part's output; its ids are all of the part, or somebody has to see whether two parts have one."""
        for name, (columns, files) in self.reads.items():
            db.execute(f"CREATE VIEW {name} AS {rows_of(columns, files)}")
        select, _held = self.select(db)
        file = output.rows()
        copy_to(db, select, file)
        made = f"(SELECT * FROM read_parquet({literal(str(file))}))"
        check_rows(db.connection, made, self.call.source.schema, where=place(self.call.function(), "output"))
        measure = measure_relation(db.connection, made)
        strangers = db.scalar(f"SELECT count(*) FROM {made} WHERE event_id NOT IN (SELECT event_id FROM {self.view})")
        if not measure.rows:
            file.unlink()
        return {
            "files": [str(file)] if measure.rows else [],
            "strangers": strangers,
            **measure.told(),
        }


def _job_of(call: tuple[StageSpec, str, Mapping[str, Any], Relation], rest: tuple[Any, ...]) -> StageJob:
    spec, section, settings, source = call
    *_, reads, _sql = rest
    here = StageCall(spec, lambda: imported(spec.function), section, settings, source, None, dict.fromkeys(reads, ""))
    return StageJob(here, *rest)


def relation_after(call: StageCall, run: Run) -> Relation:
    """Return the stage's output as the next stage's input."""
    return replace(
        call.source,
        table=call.table,
        fingerprint=run.output_fingerprint or "",
        rows=run.rows_out or 0,
        run_id=run.run_id,
    )


def _input(source: str, reads: Mapping[str, str]) -> str:
    """Return the fingerprint of all that a stage reads: its source's own, where it reads nothing else."""
    return f"{source}+{digest(*(f'{name}={found}' for name, found in sorted(reads.items())))}" if reads else source


def _replace(db: Database, call: StageCall, tenant: str) -> None:
    """Make an empty table for the tenant's whole output; other tenants' rows stay."""
    columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in call.source.schema.columns)
    if db.columns(call.table) and (
        db.is_lake or db.scalar(f"SELECT count(*) FROM {call.table} WHERE tenant_id <> ?", [tenant])
    ):
        db.ensure(call.source.schema, call.table)
        db.execute(f"DELETE FROM {call.table} WHERE tenant_id = ?", [tenant])
    else:
        db.execute(f"CREATE OR REPLACE TABLE {call.table} ({columns})")


def _make_room(db: Database, call: StageCall, tenant: str, since: str) -> None:
    """Delete the rows whose input is newer than `since`, which are written again, and those whose input is gone."""
    source = output_of(call.source.table, tenant)
    db.execute(
        f"DELETE FROM {call.table} WHERE tenant_id = ? AND (event_id IN "
        f"(SELECT event_id FROM {source} WHERE created_by_run > '{since}') "
        f"OR event_id NOT IN (SELECT event_id FROM {source}))",
        [tenant],
    )


def _watermark(db: Database, source: Relation, tenant: str) -> str | None:
    """Return the newest run that wrote a row of the input: later rows are the changed ones (run ids are ordered)."""
    if source.schema is not IR_MESSAGES:
        return None
    found = db.scalar(f"SELECT max(created_by_run)::VARCHAR FROM {output_of(source.table, tenant)}")
    return None if found is None else str(found)


def _reusable_since(session: Session, call: StageCall, plan: StagePlan, run: Run, names_key: str | None) -> str | None:
    """Return the watermark after which input rows are new, or None where every row has to be processed."""
    last = plan.last
    if not call.spec.row_wise or last is None or last.status != "completed" or plan.verdict.reason == "forced":
        return None
    same = last.config_hash == run.config_hash and last.code_ref == run.code_ref
    read_same = last.attrs.get("reads") == run.attrs.get("reads")
    if not same or not read_same or last.attrs.get("names") != names_key or not _intact(session, call.table, last):
        return None
    since = last.attrs.get("watermark")
    return since if isinstance(since, str) else None


# --- does it stand ------------------------------------------------------------------------------------------------


def _intact(session: Session, table: str, last: Run) -> bool:
    """Tell whether the table still holds what `last` wrote: by row count, by content where the stamp does not fit."""
    output = output_of(table, session.tenant)
    if not session.db.columns(table) or session.db.scalar(f"SELECT count(*) FROM {output}") != last.rows_out:
        return False
    return session.trusted or fingerprint_relation(session.db.connection, output) == last.output_fingerprint


def _code_ref(session: Session, call: StageCall) -> str:
    """Return the hash of the stage's SQL, compiled without names: which authors there are is input, not code."""
    from egregora_core.tracking import expression_code_ref

    expression = expression_of(session.db, session.tenant, call, [] if call.names is not None else None)
    return f"{expression_code_ref(expression, where=place(call.function()))}+{call.spec.version}"
