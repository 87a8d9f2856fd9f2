"""The step generation: writers make documents of units, those whose messages, settings and code are as they were stand.

Writers commit finished units themselves, so what an interrupted run left is made good by the next.
"""

import hashlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from egregora_core.errors import StageError
from egregora_core.generation import BoundWriter, Chats, Guard, Plan, WriterOutcome, writer_files
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._engines import LocalEngine
from egregora_core.pipeline._masked_messages import zones_of_pages
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._stage_steps import tenant_names
from egregora_core.pipeline._stages import Relation, output_of, stage_settings
from egregora_core.plugins import BUILT_IN, Provided, PublisherSpec, Spent, WriterSpec
from egregora_core.privacy import name_finder
from egregora_core.session import Line, Progress, Session
from egregora_core.storage import fingerprint_relation
from egregora_core.tracking import (
    Outcome,
    Run,
    Verdict,
    Work,
    config_hash,
    decide,
    differences,
    known_code,
    python_code_ref,
)


def generation(pipeline: Pipeline, messages: Relation) -> Relation:
    """Run each writer over its units; return all of the tenant's documents."""
    with pipeline.independent():
        runs = [
            run
            for provided in pipeline.active(pipeline.session.app.writers)
            if (run := _run_writer(pipeline, provided, messages))
        ]
    session = pipeline.session
    documents = output_of("documents", session.tenant)
    rows = session.db.scalar(f"SELECT count(*) FROM {documents}")
    pipeline.summary.documents = dict(
        session.db.execute(f"SELECT kind, count(*) FROM {documents} GROUP BY 1 ORDER BY 1")
    )
    # Each writer's output is known to be what its run recorded, so together they name the whole table.
    parts = [f"{run.stage}={run.output_fingerprint}" for run in runs]
    fingerprint = f"documents-v1:sha256:{hashlib.sha256(repr((rows, sorted(parts))).encode()).hexdigest()}"
    return Relation("documents", DOCUMENTS, fingerprint, rows, runs[-1].run_id if runs else messages.run_id)


def _run_writer(pipeline: Pipeline, provided: Provided[WriterSpec], messages: Relation) -> Run | None:
    from egregora_core.generation import DocumentStore, plan_units, write_units

    spec, session = provided.spec, pipeline.session
    if pipeline.pending:
        pipeline.say(Line("generation", spec.name, "would run if its input changes"))
        return None
    zones, whose = zones_of_pages(pipeline.session.runs, pipeline.session.settings)
    writer, config, seen = _bound(session, provided)
    work = Work(
        "generation",
        spec.name,
        session.tenant,
        messages.fingerprint,
        config | {whose: zones.facts()},
        writer.code_ref,
        messages.rows,
        messages.run_id,
        seen,
        salt=session.namespace.uuid.hex,
        own_transactions=True,
    )
    last = session.runs.last_of_stage(session.tenant, "generation", spec.name)
    forced = pipeline.forced("generation", spec.name)
    verdict = _verdict(session, work, last, spec, forced=forced)
    db, chats = session.db.connection, Chats(messages.table, session.tenant, zones)

    def planned(guard: Guard | None = None) -> Plan:
        plan = plan_units(db, chats, [replace(writer, guard=guard)], session.settings.windows, force=forced)
        return plan.limited(session.options.limit)

    def written(run: Run) -> WriterOutcome:
        if not isinstance(pipeline.engine, LocalEngine):
            return _write_in_tasks(pipeline, provided, messages, _Errand(writer, chats, run.run_id, force=forced))
        (outcome,) = write_units(
            db,
            planned(_guard(session, provided)),
            DocumentStore(
                db, session.tenant, run.run_id, session.namespace.document, check=session.refuse_if_taken_over
            ),
            progress=lambda done, total: session.progress(Progress("generation", f"writing {spec.name}", done, total)),
        )
        return outcome

    def execute(run: Run) -> Outcome:
        session.progress(Progress("generation", f"preparing {spec.name}"))
        outcome = written(run)
        facts = outcome.facts()
        if outcome.status == "failed":
            raise StageError(_all_failed(spec, outcome), facts=facts)
        return _written(session, spec.name, outcome.status, facts)

    if session.options.dry_run and verdict.stands is None:
        verdict = replace(verdict, reason=f"{verdict.reason} ({_size(session, provided, writer, planned())})")
    run = pipeline.track(work, verdict, execute)
    if run is not None and verdict.stands is None:
        for told in _told(spec.unit, run.attrs):
            pipeline.say(Line("generation", spec.name, told, run, warning=True))
    return run


@dataclass(frozen=True)
class _Errand:
    """What a writer is to do, wherever it does it."""

    writer: BoundWriter
    chats: Chats
    run_id: UUID
    force: bool


def _write_in_tasks(
    pipeline: Pipeline, provided: Provided[WriterSpec], messages: Relation, errand: _Errand
) -> WriterOutcome:
    from egregora_core.pipeline._writer_job import WriterJob, stored_documents, write_in_tasks

    session, engine = pipeline.session, pipeline.engine
    names = None if provided.plugin in BUILT_IN else tenant_names(session)()
    job = WriterJob(
        provided.spec,
        errand.writer,
        errand.chats,
        session.settings.windows,
        session.namespace.uuid,
        errand.run_id,
        errand.force,
        names,
        stored_documents(session, engine),
    )
    return write_in_tasks(session, engine, messages, job)


def _bound(session: Session, provided: Provided[WriterSpec]) -> tuple[BoundWriter, dict[str, Any], dict[str, str]]:
    """Return a writer with all that it is called with, what its result depends on, and what to record of its code.

    Settings of `runtime` cannot change a text, and `concurrency` is the host's own: the result depends on neither.
    """
    spec = provided.spec
    section, values = session.settings.section_of(provided.plugin)
    function = session.app.resolve(spec.function)
    files = writer_files(spec, provided.plugin, session.workspace.path)
    given = [file.argument for file in files]
    named = stage_settings(function, {key: value for key, value in values.items() if key != "unit"}, given)
    config = {f"{section}.{key}": value for key, value in named.items() if key not in spec.runtime}
    config |= {f"file:{file.name}": file.text for file in files}
    if spec.unit == "window":
        config |= {f"windows.{key}": value for key, value in session.settings.windows.model_dump().items()}
    code, seen = writer_code(session, "generation", spec)
    arguments = named | {file.argument: file.text for file in files}
    writer = BoundWriter(
        spec.name,
        spec.unit,
        spec.version,
        function,
        arguments,
        config_hash(config, session.namespace.uuid.hex),
        code,
        int(values.get("concurrency", 1)),
    )
    return writer, config, seen


def _guard(session: Session, provided: Provided[WriterSpec]) -> Guard | None:
    """Return what the documents of somebody else's writer are looked at with; core's own are made of masked text."""
    if provided.plugin in BUILT_IN:
        return None
    return Guard(provided.spec.body, name_finder(tenant_names(session)()))


def _verdict(session: Session, work: Work, last: Run | None, spec: WriterSpec, *, forced: bool) -> Verdict:
    """Compare with the last run; one that was not finished says what there is to go on with, if anything."""
    if last is not None and last.status == "degraded" and not forced:
        reason = "; ".join(differences(work, last)) or _unfinished(last, spec.unit)
        if reason:
            return Verdict(None, reason)
        refused = last.attrs.get(f"{spec.unit}s_refused", 0)
        last = replace(last, status="completed")
        verdict = decide(work, last, intact=_documents_intact(session, spec.name, last))
        told = f"{verdict.reason}; {_counted(refused, spec.unit)} refused by its writer would be refused again"
        return replace(verdict, reason=told) if verdict.stands is not None else verdict
    return decide(work, last, forced=forced, intact=last is None or _documents_intact(session, spec.name, last))


def _unfinished(last: Run, unit: str) -> str:
    """Return what the next run has to go on with; empty where nothing would come of it."""
    found = []
    if stopped := last.attrs.get("stopped"):
        found.append(f"it was stopped ({stopped})")
    elif left := last.attrs.get(f"{unit}s_left"):
        found.append(f"{_counted(left, unit)} left for later")
    failed = last.attrs.get(f"{unit}s_failed", 0) - last.attrs.get(f"{unit}s_refused", 0)
    if failed:
        found.append(f"{_counted(failed, unit)} failed and {'is' if failed == 1 else 'are'} tried again")
    return "; ".join(found)


def _told(unit: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to say of units that were not written."""
    kinds = ", ".join(sorted({kind for _, kind in facts.get("failures", ())}))
    if failed := facts.get(f"{unit}s_failed"):
        refused = facts.get(f"{unit}s_refused", 0)
        again = "the next run tries again" if failed > refused else "trying again would change nothing"
        yield f"{_counted(failed, unit)} failed ({kinds}); {again}"
    if stopped := facts.get("stopped"):
        yield f"stopped: {stopped}; {_counted(facts.get(f'{unit}s_left', 0), unit)} left; the next run goes on"
    elif left := facts.get(f"{unit}s_left"):
        yield f"{_counted(left, unit)} left for later (--limit); the next run goes on"


def _all_failed(spec: WriterSpec, outcome: WriterOutcome) -> str:
    if outcome.stopped:
        return f"writer {spec.name!r} stopped before it wrote anything: {outcome.stopped}"
    kinds = ", ".join(sorted({kind for _, kind in outcome.failures}))
    return f"writer {spec.name!r} failed on all of its {_counted(outcome.units, spec.unit)} ({kinds})"


def _size(session: Session, provided: Provided[WriterSpec], writer: BoundWriter, plan: Plan) -> str:
    """Say how much there is to write, and what it will take where the writer estimates that."""
    spec, (todo,) = provided.spec, plan.writers
    told = f"{len(todo.work):,} of {_counted(todo.units, spec.unit)}"
    if not spec.estimate or not todo.work:
        return told
    function = session.app.resolve(spec.estimate)
    wanted = inspect.signature(function).parameters
    try:
        spent: Spent = function(plan.sizes(todo), **{k: v for k, v in writer.settings.items() if k in wanted})
    except Exception as error:
        raise StageError(
            f"the estimate of writer {spec.name!r} failed ({type(error).__name__}); that is a fault in plugin "
            f"{provided.plugin!r}"
        ) from error
    counts = [f"{number:,} {name.replace('_', ' ')}" for name, number in spent.counts.items()]
    cost = "cost unknown" if spent.cost is None else f"{spent.cost} {spent.currency}".rstrip()
    return ", ".join([told, *(f"about {count}" for count in counts), cost])


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _written(session: Session, writer: str, status: str, facts: Mapping[str, Any]) -> Outcome:
    documents = _documents_of(session, writer)
    return Outcome(
        rows_out=session.db.scalar(f"SELECT count(*) FROM {documents}"),
        output_fingerprint=fingerprint_relation(session.db.connection, documents),
        status=status,
        attrs=facts,
    )


def _documents_of(session: Session, writer: str) -> str:
    name = writer.replace("'", "''")
    return f"(SELECT * FROM documents WHERE tenant_id = '{session.tenant}' AND writer = '{name}')"


def _documents_intact(session: Session, writer: str, last: Run) -> bool:
    documents = _documents_of(session, writer)
    if session.db.scalar(f"SELECT count(*) FROM {documents}") != last.rows_out:
        return False
    return session.trusted or fingerprint_relation(session.db.connection, documents) == last.output_fingerprint


def writer_code(session: Session, step: str, spec: WriterSpec | PublisherSpec) -> tuple[str, dict[str, str]]:
    """Return the code_ref of a writer or publisher, and what to record with it in `attrs`."""
    version = f"{spec.version} (plain text)" if getattr(spec, "body", "") == "text" else spec.version
    target = f"{spec.function} {version}"
    last = session.runs.latest(session.tenant, step, spec.name)
    return known_code(last, target, lambda: python_code_ref(spec.function, version))
