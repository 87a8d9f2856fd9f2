"""What is recognised as iMessage, and read: a database, or files of text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Row

from egregora_sources._values import Counts, People
from egregora_sources.imessage import _imazing, _text_export
from egregora_sources.imessage._database import database_in, is_of_messages, opened
from egregora_sources.imessage._messages import Messages

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_LOOKED_AT = 50


def recognise(export: "Export") -> Recognised:
    """Say whether there is a database with the tables of Messages, or a text that imessage-exporter wrote."""
    name = database_in(export)
    if name is not None and is_of_messages(export, name):
        return Recognised("certain", "a database with the tables of Messages")
    if _tables(export):
        return Recognised("certain", "the columns that iMazing gives Messages")
    if _texts(export):
        return Recognised("likely", "times and names as imessage-exporter writes them")
    return Recognised("no")


def read(export: "Export", options: ReadOptions) -> Reading:
    """Read the database, or else iMazing's tables, or else each text as a chat that is called as its file."""
    name = database_in(export)
    if name is None:
        return _of_tables(export) if _tables(export) else _of_texts(export, options)
    state = _State(export, name)
    return Reading(
        state.rows(),
        thread=None,
        zoned=True,
        threads=lambda: state.messages.threads.values() if state.messages else (),
        people=state.people.all,
        report=lambda: Report(left_out=dict(state.counts)),
    )


class _State:
    """A database that is being read."""

    def __init__(self, export: "Export", name: str) -> None:
        self._export, self._name = export, name
        self.people, self.counts = People(), Counts()
        self.messages: Messages | None = None

    def rows(self) -> Iterator[Row]:
        with opened(self._export, self._name) as database:
            self.messages = Messages(database, self.people, self.counts, self._files())
            yield from self.messages.rows()

    def _files(self) -> frozenset[str] | None:
        """Return the attachments that are there, as paths in their folder; None where only the database is."""
        inside = (name.rpartition("Attachments/")[2] for name in self._export.names if "Attachments/" in name)
        return None if self._export.is_file else frozenset(inside)


def _texts(export: "Export") -> list[str]:
    names = export.names if export.is_file else export.find("*.txt")[:_LOOKED_AT]
    return [name for name in names if _text_export.FIRST.match(export.head(name))]


def _tables(export: "Export") -> list[str]:
    names = export.names if export.is_file else export.find("*.[cC][sS][vV]")
    return [name for name in names[:_LOOKED_AT] if _imazing.is_table(export.head(name))]


def _of_tables(export: "Export") -> Reading:
    names = export.names if export.is_file else export.find("*.[cC][sS][vV]")
    names = [name for name in names if _imazing.is_table(export.head(name))]
    people, counts = People(), Counts()
    zoned = _imazing.is_zoned(export, names[0])

    def rows() -> Iterator[Row]:
        for name in names:
            yield from _imazing.rows(export, name, people, counts, zoned=zoned)

    return Reading(rows(), thread=None, zoned=zoned, people=people.all, report=lambda: Report(left_out=dict(counts)))


def _of_texts(export: "Export", options: ReadOptions) -> Reading:
    counts = Counts()
    names = export.names if export.is_file else export.find("*.txt")
    one = options.thread or (export.title if len(names) == 1 else None)

    def rows() -> Iterator[Row]:
        for name in names:
            if _text_export.FIRST.match(export.head(name)):
                title = one or name.rpartition("/")[2].removesuffix(".txt")
                yield from ({"thread": title, **row} for row in _text_export.rows(export, name, counts))

    return Reading(rows(), thread=one, zoned=False, report=lambda: Report(left_out=dict(counts)))
