"""One publisher's call: what it is given, and what becomes of its files, in this process or in another."""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.messages import ChatZones, Namespace
from egregora_core.pipeline._document_rows import document_rows
from egregora_core.pipeline._masked_messages import masked_messages
from egregora_core.pipeline._shown_names import ShownNames, with_names
from egregora_core.pipeline._step_output import Relation, names_beside, output_of
from egregora_core.plugins import Attachment, PublisherSpec, Site
from egregora_core.privacy import NameWords, stored_name_words
from egregora_core.session import Command, Session, open_database
from egregora_core.storage import Database, in_bounded_memory

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


@dataclass(frozen=True)
class Edition:
    """What a publisher is to make, and of what: all that has to be known where it is called."""

    spec: PublisherSpec
    settings: Mapping[str, Any]
    documents: Relation
    names: ShownNames
    messages: Relation | None
    zones: ChatZones | None
    """Those of the messages; None where the publisher does not ask for messages."""
    attachments: Sequence[Attachment] | None
    known_by: str | None
    """What the site is known by; None where the publisher does not ask."""
    directory: Path
    made_by: str


def published(session: Session, edition: Edition, of_names: NameWords) -> "PublicationResult":
    """Call the publisher, and bring its directory into line with what it makes."""
    from egregora_core.publication import publish_files

    given: dict[str, Any] = {}
    if edition.zones is not None:
        table = edition.messages.table if edition.messages else None
        given[MESSAGES] = masked_messages(session.db, session.tenant, table, edition.zones, edition.names.all)
    if edition.attachments is not None:
        given[ATTACHMENTS] = edition.attachments
    if edition.known_by is not None:
        given[SITE] = Site(edition.known_by, edition.names.people, of_names)
    rows = without_tags_of_names(document_rows(session, edition.documents), of_names)
    publisher = session.app.resolve(edition.spec.function)
    files = publisher(with_names(rows, edition.names.all), **edition.settings, **given)
    # Ended here, also after an error: later, the database that it reads would be closed.
    with closing(files) if isinstance(files, Generator) else nullcontext():
        return publish_files(edition.directory, files, publisher=edition.spec.name, made_by=edition.made_by)


def publication_of_messages(command: Command, edition: Edition, namespace: Namespace) -> "PublicationResult":
    """Publish what reads all messages, in a process of its own: it only reads the tables."""
    with open_database(command.settings.database_path, read_only=True) as db:
        session = Session(command, db, namespace, trusted=False, progress=command.progress)
        return in_bounded_memory(db, lambda: published(session, edition, LazyNameWords(db, session.tenant)))


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
