"""How documents are written and published: the steps generation and publication.

Writers commit finished units themselves, publishers write files: neither is one transaction, so both make good what an
interrupted run left.
"""

import hashlib
import inspect
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.tracking.code_ref import python_code_ref
from egregora_core.messages.documents import DOCUMENTS
from egregora_core.workspace.settings_file import DEFAULT_TENANT
from egregora_core.errors import StageError
from egregora_core.storage.fingerprint import fingerprint_relation
from egregora_core.interrupts import interruptible
from egregora_core.tracking.known_code import known_code
from egregora_core.plugins.host import App, Provided
from egregora_core.session.progress import Progress
from egregora_core.tracking.runs import Run
from egregora_core.session.opening import Session
from egregora_core.plugins.specs import PublisherSpec, WriterSpec
from egregora_core.pipeline.masked_messages import masked_messages, zones_of_pages
from egregora_core.pipeline.stages import Relation, output_of, stage_settings
from egregora_core.pipeline.message_steps import Line, Pipeline
from egregora_core.tracking.execution import Outcome, Work, config_hash, decide

if TYPE_CHECKING:
    from egregora_core.settings.loading import LoadedSettings

MESSAGES = "messages"
"""The argument through which a publisher gets the messages."""

# --- generation ---------------------------------------------------------------------------------------------------


def generation(pipeline: Pipeline, messages: Relation) -> Relation:
    """Run each writer over its units; return all of the tenant's documents."""
    with pipeline.independent():
        runs = [
            run
            for provided in pipeline.active(pipeline.app.writers)
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
    from egregora_core.generation.writing import BoundWriter, plan_units, write_units

    spec, session, settings = provided.spec, pipeline.session, pipeline.settings
    if pipeline.pending:
        pipeline.say(Line("generation", spec.name, "would run if its input changes"))
        return None
    section, values = settings.section_of(provided.plugin)
    function = pipeline.app.resolve(spec.function)
    named = stage_settings(function, {key: value for key, value in values.items() if key != "unit"})
    zones, whose = zones_of_pages(session.db, session.tenant, settings)
    config = {f"{section}.{key}": value for key, value in named.items()}
    if spec.unit == "window":
        config |= {f"windows.{key}": value for key, value in settings.windows.model_dump().items()}
    of_each_unit = config_hash(config, session.namespace.uuid.hex)
    code, seen = _code(session, "generation", spec)
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
    )
    last = session.db.runs.last_of_stage(session.tenant, "generation", spec.name)
    forced = pipeline.forced("generation", spec.name)
    verdict = decide(work, last, forced=forced, intact=last is None or _documents_intact(session, spec.name, last))

    def execute(run: Run) -> Outcome:
        session.progress(Progress("generation", f"preparing {spec.name}"))
        writer = BoundWriter(spec.name, spec.unit, spec.version, function, named, of_each_unit, code)
        plan = plan_units(
            session.db.connection, messages.table, session.tenant, [writer], settings.windows, zones, force=forced
        )
        (outcome,) = write_units(
            session.db.connection,
            plan,
            run_id=run.run_id,
            document_id=session.namespace.document,
            progress=lambda done, total: session.progress(Progress("generation", f"writing {spec.name}", done, total)),
        )
        if outcome.status == "failed":
            kinds = ", ".join(sorted({kind for _, kind in outcome.failures}))
            raise StageError(f"writer {spec.name!r} failed on all of its {outcome.units:,} {spec.unit}s ({kinds})")
        return _written(session, spec.name, outcome.status, outcome.facts())

    return pipeline.track(work, verdict, execute, own_transactions=True)


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


def _code(session: Session, step: str, spec: WriterSpec | PublisherSpec) -> tuple[str, dict[str, str]]:
    target = f"{spec.function} {spec.version}"
    return known_code(session, step, spec.name, target, lambda: python_code_ref(spec.function, spec.version))


# --- publication --------------------------------------------------------------------------------------------------


def publication(
    pipeline: Pipeline, documents: Relation, messages: Relation | None, *, only_known: bool = False
) -> None:
    """Run each publisher over the documents; with `only_known`, only those that have published before.

    `messages` are those of the last message stage, None where none ever ran.
    """
    for provided in pipeline.active(pipeline.app.publishers):
        runs = pipeline.session.db.runs
        if not only_known or runs.last_writer(pipeline.session.tenant, "publication", provided.spec.name):
            _run_publisher(pipeline, provided, documents, messages)


def all_documents(session: Session) -> Relation:
    """Describe the documents there are, by their content."""
    documents = output_of("documents", session.tenant)
    rows = session.db.scalar(f"SELECT count(*) FROM {documents}")
    return Relation("documents", DOCUMENTS, fingerprint_relation(session.db.connection, documents), rows, None)


def _run_publisher(
    pipeline: Pipeline, provided: Provided[PublisherSpec], documents: Relation, messages: Relation | None
) -> None:
    from egregora_core.publication.publishing import publish_files, published_intact

    spec, session = provided.spec, pipeline.session
    if pipeline.pending:
        pipeline.say(Line("publication", spec.name, "would run if its input changes"))
        return
    section, values = pipeline.settings.section_of(provided.plugin)
    function = pipeline.app.resolve(spec.function)
    named = stage_settings(function, values, (MESSAGES,))
    config = {f"{section}.{key}": value for key, value in named.items()}
    reads = None
    if reads_messages := MESSAGES in inspect.signature(function).parameters:
        reads = messages
        zones, whose = zones_of_pages(session.db, session.tenant, pipeline.settings)
        config[whose] = zones.facts()
    directory = session.workspace.path / _site(str(values.get("directory", spec.name)), session.tenant)
    code, seen = _code(session, "publication", spec)
    work = Work(
        "publication",
        spec.name,
        session.tenant,
        f"{documents.fingerprint}+{reads.fingerprint}" if reads else documents.fingerprint,
        config | {f"{section}.directory": directory.name},
        code,
        documents.rows,
        documents.run_id,
        seen,
        salt=session.namespace.uuid.hex,
    )
    last = session.db.runs.last_of_stage(session.tenant, "publication", spec.name)
    intact = published_intact(directory)
    verdict = decide(work, last, forced=pipeline.forced("publication", spec.name), intact=intact)
    kept: list[str] = []
    made_by = f"{code} {config_hash(config, session.namespace.uuid.hex)}"

    def execute(_run: Run) -> Outcome:
        with session.db.bounded_memory():
            given = {}
            if reads_messages:
                given[MESSAGES] = masked_messages(session.db, session.tenant, reads and reads.table, zones)
            files = function(_rows(session, documents), **named, **given)
            result = publish_files(directory, files, publisher=spec.name, made_by=made_by)
        kept.extend(result.kept_edited)
        return Outcome(
            rows_out=result.files,
            output_fingerprint=result.fingerprint,
            attrs={"written": len(result.written), "removed": len(result.removed), "kept": len(result.kept_edited)},
        )

    run = pipeline.track(work, verdict, execute, own_transactions=True)
    if run is not None and not pipeline.options.dry_run:
        pipeline.summary.published.append(directory)
        pipeline.summary.starts.append(directory / spec.start)
    pipeline.summary.kept += [directory / path for path in kept]
    for path in kept:
        pipeline.say(
            Line(
                "publication",
                spec.name,
                f"{directory / path} was edited by hand and is kept; delete it to have it written again",
                warning=True,
            )
        )


def starts_of(app: App, settings: "LoadedSettings", workspace: Path) -> dict[str, Path]:
    """Return where one begins to read what each publisher has published, by its name."""
    found = {}
    for provided in app.publishers:
        _, values = settings.section_of(provided.plugin)
        directory = str(values.get("directory", provided.spec.name))
        found[provided.spec.name] = workspace / _site(directory, settings.workspace.tenant) / provided.spec.start
    return {name: start for name, start in found.items() if start.is_file()}


def _site(directory: str, tenant: str) -> str:
    """Return the directory of a tenant's pages: nothing crosses from one tenant to another."""
    return directory if tenant == DEFAULT_TENANT else f"{directory}-{tenant}"


def _rows(session: Session, documents: Relation) -> Iterator[dict[str, Any]]:
    """Yield documents in publishing order, a batch in memory at a time."""
    with closing(session.db.connection.cursor()) as cursor, interruptible(cursor):
        reader = cursor.execute(
            "SELECT * REPLACE (attrs::VARCHAR AS attrs, document_id::VARCHAR AS document_id, "
            "thread_id::VARCHAR AS thread_id, created_by_run::VARCHAR AS created_by_run) "
            f"FROM {output_of(documents.table, session.tenant)} "
            "ORDER BY kind, thread_id, window_start, slug"
        ).to_arrow_reader(1000)
        done = 0
        for batch in reader:
            for row in batch.to_pylist():
                session.progress(Progress("publication", "writing the pages", done, documents.rows))
                yield row
                done += 1
