"""Units as the host hands them to writers, recorded in a run of a chat, and a writer to put to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from egregora_core.generation import checked_documents
from egregora_core.plugins import App, Document, Kept, Spent, Unit
from egregora_core.privacy import name_finder, names_of
from egregora_core.session import RunOptions

from egregora_devtools.conformance import recorder
from egregora_devtools.conformance.bench import Bench
from egregora_devtools.conformance.samples import Message, chat, whatsapp

NameFinder = Callable[[str, Iterable[str]], bool]


def long_chat(bodies: tuple[str, ...]) -> list[Message]:
    """Return a chat in which each body comes twice, of as many days as fill several windows."""
    return chat(bodies * 2, step=timedelta(hours=31))


@dataclass(frozen=True)
class Recorded:
    """A workspace in which a writer has run that keeps its units, and what finds the names of its chat."""

    bench: Bench
    units: list[Unit]
    names_somebody: NameFinder


@cache
def recorded_once(session: Path, bodies: tuple[str, ...], options: RunOptions) -> Recorded:
    """Return the units that the host makes of a chat: one run for a session of pytest."""
    directory = Path(mkdtemp(prefix="recorded-", dir=session))
    recorder.SEEN.clear()
    host = App([recorder], discover=False, disabled=("summary", "markdown"))
    bench = Bench(directory / "workspace", host, "", options)
    bench.run(whatsapp(long_chat(bodies), directory))
    units = [*recorder.SEEN]
    recorder.SEEN.clear()
    return Recorded(bench, units, _name_finder(bench))


def _name_finder(bench: Bench) -> NameFinder:
    import ibis

    connection = ibis.duckdb.connect(bench.settings.database_path, read_only=True)
    try:
        return name_finder(names_of(connection.table("ir_messages")))
    finally:
        connection.disconnect()


@dataclass(frozen=True)
class Units:
    """Units, and the writer to put to them."""

    units: list[Unit]
    name: str
    function: Callable[..., Iterable[Document | Spent | Kept]]
    settings: Mapping[str, Any]
    names_somebody: NameFinder
    """Given a text and what may be said in it, tells whether it names somebody of the chat."""

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def write(self, unit: Unit) -> list[Document]:
        """Call the writer as the host does, which checks what it makes."""
        made = self.function(unit, **self.settings)
        return [*checked_documents(self.name, (each for each in made if not isinstance(each, Spent | Kept)))]


__all__ = ["Units", "long_chat", "recorded_once"]
