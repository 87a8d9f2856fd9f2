"""The step publication: publishers turn documents into files.

Files are no part of a transaction, so what an interrupted run left is made good by the next.
"""

import hashlib
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from egregora_core.ingestion import kept_attachments
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._arguments import stage_settings
from egregora_core.pipeline._document_rows import document_rows
from egregora_core.pipeline._engines import LocalEngine
from egregora_core.pipeline._generation_step import writer_code
from egregora_core.pipeline._masked_messages import masked_messages, zones_of_pages
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._shown_names import BIG_LETTERS, ShownNames, shown_names, with_names
from egregora_core.pipeline._step_output import Relation, names_beside, output_of
from egregora_core.plugins import App, Attachment, Provided, PublisherSpec, Site
from egregora_core.privacy import NameWords, stored_name_words
from egregora_core.session import Line, Session
from egregora_core.settings import LoadedSettings
from egregora_core.storage import Database, fingerprint_relation, in_little_memory
from egregora_core.tracking import Outcome, Run, Work, config_hash, decide
from egregora_core.workspace import DEFAULT_TENANT

if TYPE_CHECKING:
    from egregora_core.publication import PublicationResult

MESSAGES, ATTACHMENTS, SITE = "messages", "attachments", "site"
"""The arguments through which a publisher gets the messages, the files that are kept of them, and a `Site`."""
PUBLISHER_ARGUMENTS = (MESSAGES, ATTACHMENTS, SITE)


@dataclass(frozen=True)
class LazyNameWords:
    """Picks the words of names (see `Site`); the names are read when the first word is asked about."""

    db: Database
    tenant: str

    def __call__(self, words: Iterable[str]) -> frozenset[str]:
        asked = list(words)
        return self._picked(asked) if asked else frozenset()

    @cached_property
    def _picked(self) -> NameWords:
        return stored_name_words(self.db.connection, output_of("ir_messages", self.tenant), names_beside(self.tenant))


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
    from egregora_core.publication import publish_files, published_intact

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
    made_by = f"{code} {config_hash(config, session.namespace.uuid.hex)}"

    def execute(_run: Run) -> Outcome:
        told: dict[str, Any] = {MESSAGES: read.given(names)} if read else {}
        told |= {ATTACHMENTS: attachments} if ATTACHMENTS in wanted else {}
        if SITE in wanted:
            known_by = str(uuid5(session.namespace.uuid, f"{session.tenant} {spec.name}"))
            told[SITE] = Site(known_by, names.people, given.of_names)

        def publish() -> "PublicationResult":
            rows = without_tags_of_names(document_rows(session, documents), given.of_names)
            files = function(with_names(rows, names.all), **named, **told)
            return publish_files(directory, files, publisher=spec.name, made_by=made_by)

        if read is None and not isinstance(pipeline.engine, LocalEngine):
            result = in_little_memory(session.db, publish)
        else:
            with session.db.bounded_memory():
                result = publish()
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


def without_tags_of_names(rows: Iterable[dict[str, Any]], of_names: NameWords) -> Iterator[dict[str, Any]]:
    """Yield documents (`attrs` as JSON text) without the tags that are of a name: tags are headings of pages.

    Done when pages are made: a document may be older than what made its tag a name.
    """
    for row in rows:
        attrs = json.loads(row["attrs"] or "{}")
        found = attrs.get("tags") if isinstance(attrs, Mapping) else None
        tags = found if isinstance(found, list) else []
        dropped = of_names(str(tag) for tag in tags)
        if not dropped:
            yield row
            continue
        kept = [tag for tag in tags if str(tag) not in dropped]
        yield row | {"attrs": json.dumps(attrs | {"tags": kept}, ensure_ascii=False)}


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
        self._session, self._messages = session, messages
        self._zones, whose = zones_of_pages(session.runs, session.settings)
        config[whose] = self._zones.facts()

    @property
    def fingerprint(self) -> str:
        return self._messages.fingerprint if self._messages else ""

    def given(self, names: ShownNames) -> Any:
        table = self._messages.table if self._messages else None
        return masked_messages(self._session.db, self._session.tenant, table, self._zones, names.all)


def _site(directory: str, tenant: str) -> str:
    """Return the directory of a tenant's pages: nothing crosses from one tenant to another."""
    return directory if tenant == DEFAULT_TENANT else f"{directory}-{tenant}"
