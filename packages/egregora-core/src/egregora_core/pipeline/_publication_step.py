"""The step publication: publishers turn documents into files.

Files are no part of a transaction, so what an interrupted run left is made good by the next.
"""

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid5

from egregora_core.ingestion import kept_attachments
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._another_process import in_another_process
from egregora_core.pipeline._arguments import stage_settings
from egregora_core.pipeline._engines import LocalEngine
from egregora_core.pipeline._generation_step import writer_code
from egregora_core.pipeline._masked_messages import zones_of_pages
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._publisher_call import (
    ATTACHMENTS,
    MESSAGES,
    PUBLISHER_ARGUMENTS,
    SITE,
    Edition,
    LazyNameWords,
    publication_of_messages,
    published,
)
from egregora_core.pipeline._shown_names import BIG_LETTERS, ShownNames, shown_names
from egregora_core.pipeline._step_output import Relation, output_of
from egregora_core.plugins import App, Attachment, Provided, PublisherSpec
from egregora_core.privacy import NameWords
from egregora_core.session import Line, Session
from egregora_core.settings import LoadedSettings
from egregora_core.storage import fingerprint_relation, in_bounded_memory, in_little_memory
from egregora_core.tracking import Outcome, Run, Work, config_hash, decide
from egregora_core.workspace import DEFAULT_TENANT


def publication(
    pipeline: Pipeline, documents: Relation, messages: Relation | None, *, only_known: bool = False
) -> None:
    """Run each publisher over the documents; with `only_known`, only those that have published before.

    `messages` are those of the last message stage, None where none ever ran.
    """
    names = shown_names(pipeline.session)
    of_names = LazyNameWords(pipeline.session.db, pipeline.session.tenant)
    _tell(pipeline, names)
    for provided in pipeline.active(pipeline.session.app.publishers):
        session = pipeline.session
        if not only_known or session.runs.last_writer(session.tenant, "publication", provided.spec.name):
            _run_publisher(pipeline, provided, _Given(documents, messages, names, of_names))


def all_documents(session: Session) -> Relation:
    """Describe the documents there are, by their content."""
    documents = output_of("documents", session.tenant)
    rows = session.db.scalar(f"SELECT count(*) FROM {documents}")
    return Relation("documents", DOCUMENTS, fingerprint_relation(session.db.connection, documents), rows, None)


def starts_of(app: App, settings: LoadedSettings, workspace: Path) -> dict[str, Path]:
    """Return where one begins to read what each publisher has published, by its name."""
    found = {}
    for provided in app.publishers:
        _, values = settings.section_of(provided.plugin)
        directory = str(values.get("directory", provided.spec.name))
        found[provided.spec.name] = workspace / _site(directory, settings.workspace.tenant) / provided.spec.start
    return {name: start for name, start in found.items() if start.is_file()}


def _tell(pipeline: Pipeline, names: ShownNames) -> None:
    """Say that pages show names, whoever's they are, and which settings fit nobody."""
    if names.people:
        count = f"{len(names.people):,} {'person' if len(names.people) == 1 else 'people'}"
        pipeline.say(Line("publication", "", f"{BIG_LETTERS} of {count}: section [people] asks for it", warning=True))
    for stranger in names.strangers:
        pipeline.say(Line("publication", "", stranger, warning=True))


@dataclass(frozen=True)
class _Given:
    """What all publishers are given."""

    documents: Relation
    messages: Relation | None
    names: ShownNames
    of_names: NameWords


def _run_publisher(pipeline: Pipeline, provided: Provided[PublisherSpec], given: _Given) -> None:
    from egregora_core.publication import published_intact

    spec, session = provided.spec, pipeline.session
    documents, names = given.documents, given.names
    if pipeline.pending:
        pipeline.say(Line("publication", spec.name, "would run if its input changes"))
        return
    section, values = session.settings.section_of(provided.plugin)
    function = pipeline.session.app.resolve(spec.function)
    named = stage_settings(function, values, PUBLISHER_ARGUMENTS)
    config = {f"{section}.{key}": value for key, value in named.items()} | _named(names)
    wanted = inspect.signature(function).parameters
    read = _Read(session, given.messages, config) if MESSAGES in wanted else None
    attachments = _attachments(session) if spec.attachments and values.get(spec.attachments) else []
    _tell_missing(pipeline, provided, wanted=bool(values.get(spec.attachments)), found=bool(attachments))
    directory = session.workspace.path / _site(str(values.get("directory", spec.name)), session.tenant)
    code, seen = writer_code(session, "publication", spec)
    work = Work(
        "publication",
        spec.name,
        session.tenant,
        "+".join([documents.fingerprint, *([read.fingerprint] if read else []), *_fingerprints(attachments)]),
        config | {f"{section}.directory": directory.name},
        code,
        documents.rows,
        documents.run_id,
        seen,
        salt=session.namespace.uuid.hex,
        own_transactions=True,
    )
    last = session.runs.last_of_stage(session.tenant, "publication", spec.name)
    intact = published_intact(directory)
    verdict = decide(work, last, forced=pipeline.forced("publication", spec.name), intact=intact)
    kept: list[str] = []
    edition = Edition(
        spec,
        named,
        documents,
        names,
        read.messages if read else None,
        read.zones if read else None,
        attachments if ATTACHMENTS in wanted else None,
        str(uuid5(session.namespace.uuid, f"{session.tenant} {spec.name}")) if SITE in wanted else None,
        directory,
        f"{code} {config_hash(config, session.namespace.uuid.hex)}",
    )

    def execute(_run: Run) -> Outcome:
        if isinstance(pipeline.engine, LocalEngine):
            result = in_bounded_memory(session.db, lambda: published(session, edition, given.of_names))
        elif read is None:
            result = in_little_memory(session.db, lambda: published(session, edition, given.of_names))
        else:
            result = in_another_process(publication_of_messages, session.command, edition, session.namespace)
        kept.extend(result.kept_edited)
        return Outcome(
            rows_out=result.files,
            output_fingerprint=result.fingerprint,
            attrs={"written": len(result.written), "removed": len(result.removed), "kept": len(result.kept_edited)},
        )

    run = pipeline.track(work, verdict, execute)
    if run is not None and not pipeline.session.options.dry_run:
        pipeline.summary.published.append(directory)
        if spec.start:
            pipeline.summary.starts[directory] = directory / spec.start
    _tell_kept(pipeline, spec, [directory / path for path in kept])


def _attachments(session: Session) -> list[Attachment]:
    return kept_attachments(session.db, session.workspace, session.tenant)


def _fingerprints(attachments: Sequence[Attachment]) -> list[str]:
    """Return what changes with the kept files, where there are any."""
    kept = [f"{one.path.name} {one.path.stat().st_size}" for one in attachments]
    return [hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]] if kept else []


def _tell_missing(pipeline: Pipeline, provided: Provided[PublisherSpec], *, wanted: bool, found: bool) -> None:
    """Say what to do where attachments are wanted and messages have some, but no file of them came with any export."""
    session = pipeline.session
    if not wanted or found or session.options.dry_run:
        return
    rows = f"{output_of('ir_messages', session.tenant)} WHERE attrs->>'$.kind' IN ('media', 'sticker') LIMIT 1"
    if session.db.execute(f"SELECT 1 FROM {rows}"):
        section, _ = session.settings.section_of(provided.plugin)
        told = (
            f"[{section}] {provided.spec.attachments} is on, but no photo, voice or video is kept: run the export "
            "again with its files, as the zip or the whole folder (Telegram: the folder of result.json)"
        )
        pipeline.say(Line("publication", provided.spec.name, told, warning=True))


def _named(names: ShownNames) -> dict[str, Any]:
    """Return the names of choice as settings that pages depend on; none where nobody chose any."""
    chosen = {"people.names": names.people, "chats.titles": names.chats}
    return {key: value for key, value in chosen.items() if value}


def _tell_kept(pipeline: Pipeline, spec: PublisherSpec, kept: Sequence[Path]) -> None:
    """Say which pages stay since somebody edited them."""
    pipeline.summary.kept += kept
    for path in kept:
        told = f"{path} was edited by hand and is kept; delete it to have it written again"
        pipeline.say(Line("publication", spec.name, told, warning=True))


class _Read:
    """The messages, for a publisher that reads them: they are part of its input, their zones of its settings."""

    def __init__(self, session: Session, messages: Relation | None, config: dict[str, Any]) -> None:
        self.messages = messages
        self.zones, whose = zones_of_pages(session.runs, session.settings)
        config[whose] = self.zones.facts()

    @property
    def fingerprint(self) -> str:
        return self.messages.fingerprint if self.messages else ""


def _site(directory: str, tenant: str) -> str:
    """Return the directory of a tenant's pages: nothing crosses from one tenant to another."""
    return directory if tenant == DEFAULT_TENANT else f"{directory}-{tenant}"
