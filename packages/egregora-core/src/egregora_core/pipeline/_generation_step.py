"""The step generation: writers make documents of units, those whose messages, settings and code are as they were stand.

Writers commit finished units themselves, so what an interrupted run left is made good by the next.
"""

import hashlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from egregora_core.errors import StageError
from egregora_core.generation import (
    WANTED_SLUG,
    BoundWriter,
    Chats,
    Guard,
    Plan,
    Told,
    WriterOutcome,
    writer_files,
)
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._arguments import stage_settings
from egregora_core.pipeline._engines import LocalEngine
from egregora_core.pipeline._estimates import ask_first, counted, estimated, in_words
from egregora_core.pipeline._instead import drop_what_stands_aside, units_of_others
from egregora_core.pipeline._masked_messages import zones_of_pages
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._sending import agree_to_send, place_of
from egregora_core.pipeline._stage_steps import tenant_names
from egregora_core.pipeline._step_output import Relation, output_of
from egregora_core.plugins import BUILT_IN, Provided, PublisherSpec, WriterSpec
from egregora_core.privacy import name_finder
from egregora_core.session import Line, Progress, Session
from egregora_core.storage import fingerprint_relation, literal
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

_HOSTS = ("concurrency", "beside", "enabled")
"""Settings that are the host's: a writer that takes all of its section gets them only by naming them."""


def generation(pipeline: Pipeline, messages: Relation) -> Relation:
    """Run each writer over its units; return all of the tenant's documents."""
    session = pipeline.session
    active = pipeline.active(session.app.writers)
    drop_what_stands_aside(session, active)
    in_turn = sorted(active, key=lambda each: not each.spec.instead_of)  # what is written instead is known by then
    with pipeline.independent():
        runs = [
            run
            for provided in in_turn
            if (run := _run_writer(pipeline, provided, messages, units_of_others(session, active, provided.spec)))
        ]
    documents = output_of("documents", session.tenant)
    rows = session.db.scalar(f"SELECT count(*) FROM {documents}")
    pipeline.summary.documents = dict(
        session.db.execute(f"SELECT kind, count(*) FROM {documents} GROUP BY 1 ORDER BY 1")
    )
    # Each writer's output is known to be what its run recorded, so together they name the whole table.
    parts = [f"{run.stage}={run.output_fingerprint}" for run in runs]
    fingerprint = f"documents-v1:sha256:{hashlib.sha256(repr((rows, sorted(parts))).encode()).hexdigest()}"
    return Relation("documents", DOCUMENTS, fingerprint, rows, runs[-1].run_id if runs else messages.run_id)


def _run_writer(
    pipeline: Pipeline, provided: Provided[WriterSpec], messages: Relation, others: Mapping[str, str]
) -> Run | None:
    """Run one writer but for units that `others` (by unit, the writer) write in its place."""
    spec, session = provided.spec, pipeline.session
    if pipeline.pending:
        pipeline.say(Line("generation", spec.name, "would run if its input changes"))
        return None
    zones, whose = zones_of_pages(pipeline.session.runs, pipeline.session.settings)
    writer, config, seen = _bound(session, provided)
    writer = replace(writer, left_out=frozenset(others))
    config |= {f"written by {name}": sorted(k for k in others if others[k] == name) for name in {*others.values()}}
    place = place_of(session.app, spec.sends_to, writer.settings) if spec.sends_to else ""
    work = Work(
        "generation",
        spec.name,
        session.tenant,
        messages.fingerprint,
        config | {whose: zones.facts()},
        writer.code_ref,
        messages.rows,
        messages.run_id,
        seen | ({"sends_to": place} if place else {}),
        salt=session.namespace.uuid.hex,
        own_transactions=True,
    )
    last = session.runs.last_of_stage(session.tenant, "generation", spec.name)
    forced = pipeline.forced("generation", spec.name)
    verdict = _verdict(session, work, last, spec, forced=forced)
    errand = _Errand(writer, Chats(messages.table, session.tenant, zones), force=forced)

    def execute(run: Run) -> Outcome:
        session.progress(Progress("generation", f"preparing {spec.name}"))
        outcome = _write(pipeline, provided, messages, errand, run)
        facts = outcome.facts()
        if outcome.status == "failed":
            raise StageError(_all_failed(spec, outcome), facts=facts)
        return _written(session, spec.name, outcome)

    if place and verdict.stands is None:
        _send(pipeline, spec, place)
    if verdict.stands is None and (session.options.dry_run or spec.estimate):
        verdict = _estimated(pipeline, provided, writer, _planned(session, errand), verdict)
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
    force: bool


def _planned(session: Session, errand: _Errand, guard: Guard | None = None) -> Plan:
    from egregora_core.generation import plan_units

    writers = [replace(errand.writer, guard=guard)]
    plan = plan_units(session.db.connection, errand.chats, writers, session.settings.windows, force=errand.force)
    return plan.limited(session.options.limit)


def _write(
    pipeline: Pipeline, provided: Provided[WriterSpec], messages: Relation, errand: _Errand, run: Run
) -> WriterOutcome:
    """Have a writer's units written, by a cluster if there is one; what a writer keeps was paid for, and stays here."""
    from egregora_core.generation import DocumentStore, write_units

    spec, session = provided.spec, pipeline.session
    if not isinstance(pipeline.engine, LocalEngine) and not spec.keeps:
        return _write_in_tasks(pipeline, provided, messages, errand, run)
    of_run = (session.tenant, run.run_id, session.namespace.document)
    store = DocumentStore(session.db, *of_run, _listening(session, run))
    with session.db.memory.for_writers():
        (outcome,) = write_units(
            session.db,
            _planned(session, errand, _guard(session, provided)),
            store,
            progress=lambda done, total: session.progress(Progress("generation", f"writing {spec.name}", done, total)),
        )
    store.settle_slugs()
    return outcome


def _write_in_tasks(
    pipeline: Pipeline, provided: Provided[WriterSpec], messages: Relation, errand: _Errand, run: Run
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
        run.run_id,
        errand.force,
        names,
        stored_documents(session, engine),
    )
    return write_in_tasks(session, engine, messages, job)


def _send(pipeline: Pipeline, spec: WriterSpec, place: str) -> None:
    """Ask once whether messages may leave this machine, and say each time that they do."""
    session = pipeline.session
    if not session.options.dry_run:
        what, options = f"writer {spec.name!r}", session.options
        agree_to_send(session.workspace, place, what, agreed=options.send_to, ask=options.may_send)
    told = f"{'would send' if session.options.dry_run else 'sends'} messages, without names, to {place}"
    pipeline.say(Line("generation", spec.name, told, warning=True))


def _estimated(
    pipeline: Pipeline, provided: Provided[WriterSpec], writer: BoundWriter, plan: Plan, verdict: Verdict
) -> Verdict:
    """Return a verdict that says, in a dry run, what it will take; else ask before much is spent."""
    spec, session = provided.spec, pipeline.session
    try:
        size = estimated(session, provided, writer, plan)
    except StageError as error:
        if session.options.dry_run:
            raise
        # What a run makes does not depend on it.
        pipeline.say(Line("generation", spec.name, f"{error}; what it will cost is not known", warning=True))
        return verdict
    if session.options.dry_run:
        return replace(verdict, reason=f"{verdict.reason} ({in_words(spec, plan, size)})")
    ask_first(session, spec, plan, size)
    return verdict


def _listening(session: Session, run: Run) -> Told:
    """Return who records what a run of a writer has spent, and tells whom it waits for."""
    waits = Progress("generation", "waiting for another process to close the database")
    return Told(
        session.refuse_if_taken_over,
        lambda facts: session.runs.note(run, facts),
        lambda: session.progress(waits),
    )


def _bound(session: Session, provided: Provided[WriterSpec]) -> tuple[BoundWriter, dict[str, Any], dict[str, str]]:
    """Return a writer with all that it is called with, what its result depends on, and what to record of its code.

    Settings of `runtime` cannot change a text, and `concurrency` is the host's own: the result depends on neither.
    """
    spec = provided.spec
    section, values = session.settings.section_of(provided.plugin)
    function = session.app.resolve(spec.function)
    files = writer_files(spec, provided.plugin, session.workspace.path)
    given = [file.argument for file in files] + (["kept"] if spec.keeps else [])
    given += [name for name in _HOSTS if name not in inspect.signature(function).parameters]
    named = stage_settings(function, {key: value for key, value in values.items() if key != "unit"}, given)
    config = {f"{section}.{key}": value for key, value in named.items() if key not in spec.runtime}
    config |= {f"file:{file.name}": file.text for file in files}
    if spec.unit == "window":
        config |= {f"windows.{key}": value for key, value in session.settings.windows.model_dump().items()}
    code, seen = writer_code(session, "generation", spec)
    arguments: dict[str, Any] = named | {file.argument: file.text for file in files}
    if spec.keeps:
        arguments["kept"] = {}  # what there is of a unit comes with it
    writer = BoundWriter(
        spec.name,
        spec.unit,
        spec.version,
        function,
        arguments,
        config_hash(config, session.namespace.uuid.hex),
        code,
        int(values.get("concurrency", 1)),
        keeps=spec.keeps if spec.keeps and session.db.columns(spec.keeps) else "",
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
        told = f"{verdict.reason}; {counted(refused, spec.unit)} refused by its writer would be refused again"
        return replace(verdict, reason=told) if verdict.stands is not None else verdict
    return decide(work, last, forced=forced, intact=last is None or _documents_intact(session, spec.name, last))


def _unfinished(last: Run, unit: str) -> str:
    """Return what the next run has to go on with; empty where nothing would come of it."""
    found = []
    if stopped := last.attrs.get("stopped"):
        found.append(f"it was stopped ({stopped})")
    elif left := last.attrs.get(f"{unit}s_left"):
        found.append(f"{counted(left, unit)} left for later")
    failed = last.attrs.get(f"{unit}s_failed", 0) - last.attrs.get(f"{unit}s_refused", 0)
    if failed:
        found.append(f"{counted(failed, unit)} failed and {'is' if failed == 1 else 'are'} tried again")
    return "; ".join(found)


def _told(unit: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to say of units that were not written."""
    kinds = ", ".join(sorted({kind for _, kind in facts.get("failures", ())}))
    if failed := facts.get(f"{unit}s_failed"):
        refused = facts.get(f"{unit}s_refused", 0)
        again = "the next run tries again" if failed > refused else "trying again would change nothing"
        yield f"{counted(failed, unit)} failed ({kinds}); {again}"
    if stopped := facts.get("stopped"):
        yield f"stopped: {stopped}; {counted(facts.get(f'{unit}s_left', 0), unit)} left; the next run goes on"
    elif left := facts.get(f"{unit}s_left"):
        yield f"{counted(left, unit)} left for later (--limit); the next run goes on"


def _all_failed(spec: WriterSpec, outcome: WriterOutcome) -> str:
    if outcome.stopped:
        return f"writer {spec.name!r} stopped before it wrote anything: {outcome.stopped}"
    kinds = ", ".join(sorted({kind for _, kind in outcome.failures}))
    return f"writer {spec.name!r} failed on all of its {counted(outcome.units, spec.unit)} ({kinds})"


def _written(session: Session, writer: str, outcome: WriterOutcome) -> Outcome:
    documents = _documents_of(session, writer)
    return Outcome(
        rows_out=session.db.scalar(f"SELECT count(*) FROM {documents}"),
        output_fingerprint=outcome.fingerprint or fingerprint_relation(session.db.connection, documents),
        status=outcome.status,
        attrs=outcome.facts(),
    )


def _documents_of(session: Session, writer: str) -> str:
    """Return a writer's documents with the slugs that it gave them: what others write must not change its result."""
    whose = f"tenant_id = {literal(session.tenant)} AND writer = {literal(writer)}"
    return f"(SELECT * REPLACE ({WANTED_SLUG} AS slug) FROM documents WHERE {whose})"


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
