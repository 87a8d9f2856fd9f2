"""The six steps, in the order they always run. Each execution of a stage is one row in `runs`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from egregora_core.errors import ExportError, UsageError
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source, drop_attachments
from egregora_core.pipeline._another_process import in_another_process
from egregora_core.pipeline._engines import LOCAL, LocalEngine, engine_for
from egregora_core.pipeline._forgetting import FORGET, unfinished
from egregora_core.pipeline._generation_step import generation
from egregora_core.pipeline._ingestion_step import ingestion
from egregora_core.pipeline._masked_messages import last_messages
from egregora_core.pipeline._needs import check_needs
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._plugin_tables import create_enabled_tables
from egregora_core.pipeline._publication_step import all_documents, publication
from egregora_core.pipeline._relations import with_files
from egregora_core.pipeline._stage_steps import curation, message_stages
from egregora_core.session import Command, Line, Session, Summary, database_exists, open_session

_SCRATCH = "egregora.duckdb"
_NO_MESSAGES = (
    "there are no messages yet: `egregora run EXPORT` reads some from a file as WhatsApp's “Export chat” makes it"
)


def run_pipeline(command: Command, exports: Sequence[Path] = ()) -> Summary:
    """Take exports, and what was ingested before, through all six steps; what stands is kept.

    Raises an EgregoraError, with all that was finished before it kept; UsageError where there is no message, after what
    was published of messages that were there is taken back.
    """
    read = Summary()
    if _is_read_apart(command, exports):
        read = in_another_process(run_ingestion, command, exports)
        command, exports = replace(command, options=command.options.of_what_is_stored()), ()
    command, exports = with_files(command, exports)
    owed = command.workspace.owes_compaction.exists() and not command.options.dry_run
    with _pipeline(command, exports, compact=owed) as pipeline:
        if owed:
            drop_attachments(pipeline.session)
        if owed and (told := unfinished(pipeline.session)):
            pipeline.say(Line("ingestion", FORGET, told, warning=True))
        messages = ingestion(pipeline, exports)
        if not messages.rows and not pipeline.pending:
            _republish(pipeline)
            raise UsageError(_NO_MESSAGES)
        messages = message_stages(pipeline, "privacy", messages)
        messages = message_stages(pipeline, "enrichment", messages)
        documents = generation(pipeline, messages)
        pipeline.no_more_tasks()
        documents = curation(pipeline, documents)
        publication(pipeline, documents, messages)
        return pipeline.summary.after(read)


def _is_read_apart(command: Command, exports: Sequence[Path]) -> bool:
    """Tell whether there is something to read, and a cluster for the rest."""
    options = command.options
    asked = exports or options.tables or options.queries or options.parquet
    return bool(asked) and command.settings.engine.name != LOCAL and not options.dry_run


def run_ingestion(command: Command, exports: Sequence[Path]) -> Summary:
    """Take exports through the first step alone."""
    command, exports = with_files(command, exports)
    with _pipeline(command, exports) as pipeline:
        ingestion(pipeline, exports)
        return pipeline.summary


@contextmanager
def _pipeline(command: Command, exports: Sequence[Path], *, compact: bool = False) -> Iterator[Pipeline]:
    app, path = command.app, command.settings.database_path
    check_needs(app, command.settings, command.options.force)
    is_there = database_exists(path)
    for export in exports:
        if not export.exists():
            raise ExportError(f"{export}: there is no such file; check the path")
        if not is_there:  # nothing is made for a file that nobody can read
            with Export(export) as opened:
                choose_source(app, opened, command.options.source)
    options = command.options
    if not (exports or options.tables or options.queries or options.parquet) and not is_there:
        raise UsageError(_NO_MESSAGES)
    with ExitStack() as ending:
        scratch = None
        if command.options.dry_run and not is_there:  # nothing is made only to look
            scratch = Path(ending.enter_context(TemporaryDirectory(prefix="egregora-"))) / _SCRATCH
        session = ending.enter_context(open_session(command, database=scratch, compact=compact))
        if not command.options.dry_run:
            create_enabled_tables(session.db, app, command.settings)
        tasks = ending.enter_context(ExitStack())
        yield Pipeline(session, tasks.enter_context(engine_for(session)), tasks.close)


def republish(session: Session) -> list[Path]:
    """Bring what was published into line with the documents there are now; return pages that were kept as edited."""
    pipeline = Pipeline(session, LocalEngine(session))
    _republish(pipeline)
    return pipeline.summary.kept


def _republish(pipeline: Pipeline) -> None:
    session = pipeline.session
    publication(pipeline, all_documents(session), last_messages(session.db, session.tenant), only_known=True)
