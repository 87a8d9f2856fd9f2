"""The step ingestion: each export is read into the table of messages, unless that was done already."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from egregora_core.exports import Export
from egregora_core.ingestion import (
    Staged,
    all_have_ids,
    digest_of,
    drop_attachments,
    fingerprint_messages,
    keep_attachments,
    lost_notices,
    open_export,
    other_names,
    read,
    standing_ingestion,
    store,
    unstage,
)
from egregora_core.messages import IR_MESSAGES
from egregora_core.pipeline._lake_reading import Part, look_up
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._relations import Asked, as_file, relations_of
from egregora_core.pipeline._step_output import Relation
from egregora_core.session import ExportProgress, Line
from egregora_core.storage import take_processors
from egregora_core.tracking import Outcome, Prepared, Run, Verdict, Work


def ingestion(pipeline: Pipeline, exports: Sequence[Path]) -> Relation:
    """Read each export, and what the command names besides, into `ir_messages`; return all of the tenant's messages."""
    session = pipeline.session
    wanted: list[Path | Asked] = [*exports, *relations_of(session)]
    several = len(wanted) > 1
    for number, export in enumerate(wanted, 1):
        told = f" ({number} of {len(wanted)})" if several else ""
        progress = ExportProgress(session.progress, told)
        if isinstance(export, Path):
            _ingest_one(pipeline, export, progress, about=str(export) if several else "")
            continue
        progress.start("reading the table")
        _ingest_relation(pipeline, export, progress, about=export.told if several else "")
    if session.options.replace:
        _tell_lost(pipeline)
    if pipeline.replaced:
        drop_attachments(session)
    take_processors(session.db)
    return _all_messages(pipeline)


def _ingest_relation(pipeline: Pipeline, asked: Asked, progress: ExportProgress, about: str) -> None:
    """Read what is new in a relation: nothing, the rows that were added, or all of it."""
    session = pipeline.session
    found = look_up(session, asked, anew=session.options.replace or bool(session.options.force))
    if found.before is not None and found.change == "nothing":
        stands = Verdict(found.before.last, "the table is as it was, same settings and code")
        pipeline.track(_noting(found.before.work, found.whole), stands, _nothing, about=about)
        return
    if found.added is not None:
        with as_file(session, found.added.asked) as file:
            if _ingest_one(pipeline, file, progress, about=about, part=found.added):
                return
    with as_file(session, found.whole.asked) as file:
        _ingest_one(pipeline, file, progress, about=about, part=found.whole)


def _ingest_one(
    pipeline: Pipeline, path: Path, progress: ExportProgress, about: str = "", part: Part | None = None
) -> bool:
    """Ingest a file; return False, with nothing done, where it is part of a table that has to be read whole."""
    with Export(path, progress.bytes_read) as export:
        return _ingest_opened(pipeline, export, progress, about, part)


def _noting(work: Work, part: Part | None) -> Work:
    return work if part is None else replace(work, attrs={**work.attrs, **part.noted})


def _ingest_opened(pipeline: Pipeline, export: Export, progress: ExportProgress, about: str, part: Part | None) -> bool:
    session, options = pipeline.session, pipeline.session.options
    standing = standing_ingestion(session, export, progress)
    work, verdict = standing.work, standing.verdict
    if (
        work is not None
        and verdict is not None
        and not pipeline.forced("ingestion", work.stage)
        and not options.replace
    ):
        stands = pipeline.track(_noting(work, part), verdict, _nothing, about=about)
        _keep_attachments(pipeline, export, stands, about)
        return True
    take_processors(session.db, sum(map(export.size, export.names)))
    opened = open_export(session, export, standing, progress, frozenset(pipeline.replaced))
    if part is not None:
        if part.is_rest and not all_have_ids(opened.job):
            return False
        opened = replace(opened, job=replace(opened.job, as_of_least=part.as_of))
    reason = (part.reason if part else "") or standing.reason(
        opened, forced=pipeline.forced("ingestion", opened.work.stage)
    )
    verdict = Verdict(None, "replaced" if options.replace else reason)
    notices: list[str] = []

    def prepare(_run: Run) -> Staged:
        with session.db.memory.for_ingestion():
            return read(session.db, opened.job, progress)

    def publish(run: Run, staged: Staged) -> Outcome:
        with session.db.memory.for_ingestion():
            outcome, said = store(session.db, staged, run)
        notices[:] = said
        digest, kinds = digest_of(session, export)
        attrs = {
            **outcome.attrs,
            **opened.attrs,
            **({"opened": kinds} if kinds else {}),
            **(part.noted if part else {}),
        }
        return replace(outcome, input_fingerprint=digest, attrs=attrs)

    def tell(said: Sequence[str], run: Run | None = None) -> None:
        for notice in said:
            pipeline.say(Line("ingestion", opened.work.stage, notice, run, warning=True, about=about))

    tell(opened.notices)  # what is assumed is told before there is work that it could spoil
    pipeline.say(Line("ingestion", opened.work.stage, f"reads it ({opened.recognised})", about=about))
    ran = pipeline.track(opened.work, verdict, Prepared(prepare, publish), about=about)
    unstage(session.db)
    if ran is not None and options.replace:
        pipeline.replaced.update(ran.attrs["thread_ids"])
    tell(notices, ran)
    _keep_attachments(pipeline, export, ran, about)
    return True


def _keep_attachments(pipeline: Pipeline, export: Export, ran: Run | None, about: str) -> None:
    """Keep what an export holds of attachments, where a publisher's setting asks for them; say which one that is."""
    session = pipeline.session
    if ran is None or session.options.dry_run:
        return
    for provided in pipeline.active(session.app.publishers):
        section, values = session.settings.section_of(provided.plugin)
        if provided.spec.attachments and values.get(provided.spec.attachments):
            kept = keep_attachments(session, export, ran.attrs["thread_ids"])
            if kept:
                why = f"[{section}] {provided.spec.attachments} asks for them"
                told = f"kept {kept:,} attachments beside the database: {why}"
                pipeline.say(Line("ingestion", ran.stage, told, about=about))
            return


def _tell_lost(pipeline: Pipeline) -> None:
    """Say how many messages `--replace` cost, once all exports that were given are read."""
    for notice in lost_notices(pipeline.session.db, pipeline.session.tenant, other_names(pipeline.session.settings)):
        pipeline.say(Line("ingestion", "", notice, warning=True))


def _nothing(_run: Run) -> Outcome:
    raise AssertionError("a result that stands is not executed")


def _all_messages(pipeline: Pipeline) -> Relation:
    """Describe `ir_messages` by the ingestion that last changed it: nothing is scanned where the stamp fits."""
    session = pipeline.session
    last = session.runs.last_of_step(session.tenant, "ingestion")
    counted = "SELECT count(*), count(*) FILTER (author_raw = '') FROM ir_messages WHERE tenant_id = ?"
    ((rows, of_the_app),) = session.db.execute(counted, [session.tenant])
    pipeline.summary.messages, pipeline.summary.of_the_app = rows, of_the_app
    fingerprint = last.output_fingerprint if last and last.rows_out == rows and session.trusted else None
    return Relation(
        "ir_messages",
        IR_MESSAGES,
        fingerprint or fingerprint_messages(session.db, session.tenant),
        rows,
        last.run_id if last else None,
    )
