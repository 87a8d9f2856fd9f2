"""The step generation: writers make documents of units, those whose messages, settings and code are as they were stand.

Writers commit finished units themselves, so what an interrupted run left is made good by the next.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from egregora_core.errors import StageError
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._masked_messages import zones_of_pages
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._stages import Relation, output_of, stage_settings
from egregora_core.plugins import Provided, PublisherSpec, WriterSpec
from egregora_core.session import Line, Progress, Session
from egregora_core.storage import fingerprint_relation
from egregora_core.tracking import Outcome, Run, Work, config_hash, decide, known_code, python_code_ref


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
    from egregora_core.generation import BoundWriter, Chats, DocumentStore, plan_units, write_units

    spec, session = provided.spec, pipeline.session
    if pipeline.pending:
        pipeline.say(Line("generation", spec.name, "would run if its input changes"))
        return None
    section, values = session.settings.section_of(provided.plugin)
    function = pipeline.session.app.resolve(spec.function)
    named = stage_settings(function, {key: value for key, value in values.items() if key != "unit"})
    zones, whose = zones_of_pages(pipeline.session.runs, pipeline.session.settings)
    config = {f"{section}.{key}": value for key, value in named.items()}
    if spec.unit == "window":
        config |= {f"windows.{key}": value for key, value in session.settings.windows.model_dump().items()}
    of_each_unit = config_hash(config, session.namespace.uuid.hex)
    code, seen = writer_code(session, "generation", spec)
    work = Work(
        "generation",
        spec.name,
        session.tenant,
        messages.fingerprint,
        config | {whose: zones.facts()},
        code,
        messages.rows,
        messages.run_id,
        seen,
        salt=session.namespace.uuid.hex,
        own_transactions=True,
    )
    last = session.runs.last_of_stage(session.tenant, "generation", spec.name)
    forced = pipeline.forced("generation", spec.name)
    verdict = decide(work, last, forced=forced, intact=last is None or _documents_intact(session, spec.name, last))

    def execute(run: Run) -> Outcome:
        session.progress(Progress("generation", f"preparing {spec.name}"))
        writer = BoundWriter(spec.name, spec.unit, spec.version, function, named, of_each_unit, code)
        db, chats = session.db.connection, Chats(messages.table, session.tenant, zones)
        plan = plan_units(db, chats, [writer], session.settings.windows, force=forced)
        (outcome,) = write_units(
            db,
            plan,
            DocumentStore(db, session.tenant, run.run_id, session.namespace.document),
            progress=lambda done, total: session.progress(Progress("generation", f"writing {spec.name}", done, total)),
        )
        if outcome.status == "failed":
            kinds = ", ".join(sorted({kind for _, kind in outcome.failures}))
            raise StageError(f"writer {spec.name!r} failed on all of its {outcome.units:,} {spec.unit}s ({kinds})")
        return _written(session, spec.name, outcome.status, outcome.facts())

    return pipeline.track(work, verdict, execute)


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
    target = f"{spec.function} {spec.version}"
    last = session.runs.latest(session.tenant, step, spec.name)
    return known_code(last, target, lambda: python_code_ref(spec.function, spec.version))
