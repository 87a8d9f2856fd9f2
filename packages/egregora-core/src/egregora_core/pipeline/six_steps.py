"""The six steps, in the order they always run. Each execution of a stage is one row in `runs`.

`steps.py` and `document_steps.py` say how each step runs; here is only what follows what.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.pipeline.document_steps import all_documents, generation, publication
from egregora_core.errors import ExportError, UsageError
from egregora_core.ingestion.opening import choose_source
from egregora_core.pipeline.forget import FORGET, unfinished
from egregora_core.pipeline.needs import check_needs
from egregora_core.pipeline.plugin_tables import create_enabled_tables
from egregora_core.plugins.host import App
from egregora_core.session.progress import ProgressReport, silent
from egregora_core.session.opening import Session, open_session
from egregora_core.pipeline.masked_messages import last_messages
from egregora_core.pipeline.message_steps import Line, Pipeline, RunOptions, Summary, curation, ingestion, message_stages
from egregora_core.workspace.directory import Workspace

if TYPE_CHECKING:
    from egregora_core.settings.loading import LoadedSettings


_NO_MESSAGES = (
    "there are no messages yet: `egregora run EXPORT` reads some from a file as WhatsApp's “Export chat” makes it"
)


def run_pipeline(  # noqa: PLR0913 - what, where, how, and whom to tell
    app: App,
    workspace: Workspace,
    settings: "LoadedSettings",
    exports: Sequence[Path],
    options: RunOptions,
    report: Callable[[Line], None] = lambda _line: None,
    progress: ProgressReport = silent,
) -> Summary:
    """Take exports, and what was ingested before, through all six steps; what stands is kept.

    Raises an EgregoraError, with all that was finished before it kept; UsageError where there is no message, after what
    was published of messages that were there is taken back.
    """
    owed = workspace.owes_compaction.exists() and not options.dry_run
    with _pipeline(app, workspace, settings, exports, options, report, progress, compact=owed) as pipeline:
        if owed and (told := unfinished(pipeline.session)):
            pipeline.say(Line("ingestion", FORGET, told, warning=True))
        messages = ingestion(pipeline, exports)
        if not messages.rows and not pipeline.pending:
            publication(
                pipeline, all_documents(pipeline.session), last_messages(pipeline.session.db, pipeline.session.tenant), only_known=True
            )
            raise UsageError(_NO_MESSAGES)
        messages = message_stages(pipeline, "privacy", messages)
        messages = message_stages(pipeline, "enrichment", messages)
        documents = generation(pipeline, messages)
        documents = curation(pipeline, documents)
        publication(pipeline, documents, messages)
        return pipeline.summary


def run_ingestion(  # noqa: PLR0913 - as run_pipeline
    app: App,
    workspace: Workspace,
    settings: "LoadedSettings",
    exports: Sequence[Path],
    options: RunOptions,
    report: Callable[[Line], None] = lambda _line: None,
    progress: ProgressReport = silent,
) -> Summary:
    """Take exports through the first step alone."""
    with _pipeline(app, workspace, settings, exports, options, report, progress) as pipeline:
        ingestion(pipeline, exports)
        return pipeline.summary


@contextmanager
def _pipeline(  # noqa: PLR0913 - as run_pipeline
    app: App,
    workspace: Workspace,
    settings: "LoadedSettings",
    exports: Sequence[Path],
    options: RunOptions,
    report: Callable[[Line], None],
    progress: ProgressReport,
    *,
    compact: bool = False,
) -> Iterator[Pipeline]:
    path = settings.database_path
    check_needs(app, settings, options.force)
    for export in exports:
        if not export.exists():
            raise ExportError(f"{export}: there is no such file; check the path")
        if not path.exists():  # nothing is made for a file that nobody can read
            choose_source(app, export)
    tenant = settings.workspace.tenant
    timeout = settings.database.lock_timeout
    if not exports and not path.exists():
        raise UsageError(_NO_MESSAGES)
    with open_session(workspace, path, tenant, lock_timeout=timeout, progress=progress, compact=compact) as session:
        pipeline = Pipeline(app, settings, options, session, report)
        if not options.dry_run:
            create_enabled_tables(session.db, app, settings)
        yield pipeline


def republish(app: App, settings: "LoadedSettings", session: Session) -> list[Path]:
    """Bring what was published into line with the documents there are now; return pages that were kept as edited."""
    pipeline = Pipeline(app, settings, RunOptions(), session, lambda _line: None)
    publication(pipeline, all_documents(session), last_messages(session.db, session.tenant), only_known=True)
    return pipeline.summary.kept


__all__ = ["Line", "Pipeline", "RunOptions", "Summary", "ingestion", "republish", "run_ingestion", "run_pipeline"]
