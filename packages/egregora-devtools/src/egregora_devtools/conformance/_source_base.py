"""What the author of a source says of it, and how the suite writes and reads exports."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, get_args

import pytest
from egregora_core.errors import ExportError
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source
from egregora_core.messages import EVENTS
from egregora_core.plugins import App, SourceSpec
from egregora_core.session import database_exists

from egregora_devtools.conformance.base import Conformance
from egregora_devtools.conformance.bench import Bench, Row
from egregora_devtools.conformance.conversation import EMOJI, FEATURES, Platform
from egregora_devtools.conformance.samples import BODIES, EDGES, Message, Precision, chat
from egregora_devtools.reading import Task

TINY = 97
"""What a chunk is made to be: no number that a source's own is a multiple of."""


class SourceSuite(Conformance):
    """Attributes of a source's suite."""

    kind = SourceSpec
    exports: ClassVar[Sequence[Path]] = ()
    """Exports of the platform, invented: files, folders or zips, at least one."""
    counts: ClassVar[Mapping[Path, Mapping[str, int]]] = {}
    """What each of `exports` holds: `{EXPORT: {"text": 143, "system": 4, "reply_to": 12}}`.

    Where kinds of messages are named, all are. Other keys: `messages`, `chats`, `authors`, `left_out`, and any key of
    `attrs`, for how many messages have it."""
    supports: ClassVar[frozenset[str]] = frozenset()
    """What the platform has and `write` writes: words of `FEATURES`. What is not named here is not asked for."""
    events: ClassVar[Sequence[str]] = ()
    """Which `EVENTS` the platform writes lines about, and `write` does."""
    timed_events: ClassVar[bool] = True
    """Such lines have times; False: each has that of the line before it."""
    emoji: ClassVar[Sequence[str]] = EMOJI
    """Which reactions there are, two or one: `("\u2764\ufe0f",)` where all that people can do is like a message."""
    precision: ClassVar[Precision] = "second"
    """How exact the platform's times are."""
    bodies: ClassVar[Sequence[str]] = (*BODIES, *EDGES)
    """Texts of one line that a message may have. Leave out what the platform cannot say, add what it is about."""
    zoned: ClassVar[bool | None] = None
    """Whether the platform's times are moments, be it with a zone of their own, and no clock times of somewhere."""
    chunk: ClassVar[str] = ""
    """`module:VARIABLE`: how much your source reads or yields at once, where it decides that itself. It is made tiny,
    so that there is a border between any two messages. What `Export` reads at once is made tiny anyway."""
    multiline: ClassVar[bool] = True
    """A message may have several lines."""
    any_order: ClassVar[bool] = True
    """An export may list its messages in any order (newest first, say)."""
    streams: ClassVar[bool] = True
    """Memory does not grow with the export."""
    megabytes: ClassVar[tuple[int, int]] = (16, 48)
    """Sizes of the exports between which memory must not grow by half of the difference: a source that keeps more than
    the smaller at once, in bounds all the same, says larger ones."""

    def render(self, message: Message) -> str:
        """Return a message as it stands in an export, end of line included."""
        raise NotImplementedError

    def write(self, messages: Sequence[Message], path: Path) -> None:
        """Write an export of these messages, where joining what `render` returns is not how it is done.

        The path has the name of the first of `exports`; it may become a file, a folder or a zip. What people and chats
        are called is told by `people_of(messages)` and `chats_of(messages)`. Where an export says when it was made, it
        was when its last message was sent.
        """
        path.write_text("".join(map(self.render, messages)), encoding="utf-8", newline="")

    def test_declarations_are_sound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the suite declares says something: a slip of it would test nothing, and nobody would see."""
        assert self.exports, "give `exports`: at least one export, as the platform makes it"
        missing = [path.name for path in self.exports if not path.exists()]
        assert not missing, f"`exports` that are not there: {', '.join(missing)}"
        strangers = [str(path) for path in self.counts if path not in self.exports]
        assert not strangers, f"`counts` has {', '.join(strangers)}, which is none of `exports`"
        assert self.platform.precision in get_args(Precision), f"precision is one of {', '.join(get_args(Precision))}"
        assert self.emoji, "emoji = (): where there are no reactions, leave `reaction` out of `supports`"
        if self.chunk:
            shrink(monkeypatch, self.chunk)

    # --- how ----------------------------------------------------------------------------------------------------

    @property
    def platform(self) -> Platform:
        """What is asked of the source; fails where `supports` or `events` have a word that says nothing."""
        unknown = sorted(self.supports - set(FEATURES))
        assert not unknown, f"`supports` has {', '.join(unknown)}; there are {', '.join(FEATURES)}"
        unknown = [event for event in self.events if event not in EVENTS]
        assert not unknown, f"`events` has {', '.join(unknown)}; there are {', '.join(EVENTS)}"
        return Platform(self.supports, self.events, self.precision, self.emoji, self.timed_events)

    def chat(self, bodies: Sequence[str], *, step: timedelta = timedelta(hours=7)) -> list[Message]:
        """Return a chat of these bodies, as exact in time as the platform."""
        return chat(bodies, step=step, precision=self.precision)

    def task(self, *exports: Path, memory: bool = False) -> Task:
        """Return how to read exports with the source, with the suite's settings and options."""
        app, options = self.app(), self.options
        given = self._source_settings(app)
        target = self.spec(app).read
        return Task(target, exports, given, options.thread, options.date_order, options.year, memory)

    def _source_settings(self, app: App) -> dict[str, Any]:
        import inspect

        parameters = inspect.signature(app.resolve(self.spec(app).read)).parameters
        named = [each.name for each in parameters.values() if each.kind is each.KEYWORD_ONLY]
        if not named:
            return {}
        with TemporaryDirectory() as directory:
            _, section = Bench(Path(directory), app, self.settings, self.options).settings.section_of(
                self.plugin_id(app)
            )
        return {name: section[name] for name in named if name in section}

    def read_rows(self, path: Path) -> list[Row]:
        """Return what the source makes of an export, batch by batch, checked as the host does."""
        return [row for table in self.task(path).tables(path) for row in table.to_pylist()]

    def ingested(self, directory: Path, export: Path) -> Bench:
        """Return a workspace that holds one of `exports`: one for all tests that only look at it."""
        made = directory / str(self.exports.index(export)) if export in self.exports else directory / export.name
        bench = Bench(made, self.app(), self.settings, self.options)
        if not database_exists(bench.settings.database_path):
            bench.ingest(export)
        return bench

    def written(self, directory: Path, messages: Sequence[Message]) -> Path:
        """Write an export that the host, asked which source reads it, gives to this one."""
        path = self.put(directory, messages)
        app = self.app()
        try:
            with Export(path) as export:
                chosen = choose_source(app, export)
        except ExportError as error:
            pytest.fail(f"what `write` wrote is not known to be yours, so your source is not tested: {error}")
        assert chosen.spec == self.spec(app), (
            f"what `write` wrote is read by {chosen.spec.name} ({chosen.reason}), so your source is not tested: write "
            "what the platform writes, or make `recognise` surer of it"
        )
        return path

    def put(self, directory: Path, messages: Sequence[Message]) -> Path:
        """Write an export under the name that the class's first export has, so that it is the same chat's."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / self.exports[0].name
        try:
            self.write(messages, path)
        except NotImplementedError:
            pytest.skip("give `render` or `write`: without it the kit cannot write exports, and tests little")
        assert path.exists(), f"`write` wrote nothing at its path, {path.name}"
        return path


def shrink(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Set a number, `module:VARIABLE`, to a tiny one; fails where there is none."""
    module, _, name = target.partition(":")
    try:
        number = getattr(import_module(module), name)
    except (AttributeError, ImportError, ValueError):
        number = None
    assert isinstance(number, int), (
        f"chunk = {target!r} is no number of a module: say `module:VARIABLE`, how much is read or yielded at once"
    )
    monkeypatch.setattr(f"{module}.{name}", TINY)


def shown(ts: datetime | str, precision: Precision) -> str:
    """Return a time as exact as a platform says it: of a message, or of a stored row, whose times are texts."""
    moment = datetime.fromisoformat(ts) if isinstance(ts, str) else ts
    text = f"{moment:%Y-%m-%d %H:%M:%S.%f}"
    return text[: {"minute": 16, "second": 19, "millisecond": 23, "microsecond": 26}[precision]]


@dataclass(frozen=True)
class Told:
    """What was written into an export, and what is stored of it."""

    messages: Sequence[Message]
    rows: Sequence[Row]
    """In reading order."""
    precision: Precision
    names: frozenset[str]
    """All that people and chats are called."""

    @property
    def ids(self) -> dict[str, tuple[str, str, str]]:
        """What each event_id stands for."""
        return ids_of(self.rows)

    def of(self, wanted: Callable[[Message], Any] = bool) -> Iterator[tuple[Message, Row]]:
        """Yield the messages of a kind, each with its row."""
        by_time: dict[str, list[Row]] = {}
        for row in self.rows:
            by_time.setdefault(shown(row["ts"], self.precision), []).append(row)
        met: Counter[str] = Counter()
        for message in self.messages:
            when = shown(message.ts, self.precision)
            met[when] += 1
            if wanted(message):
                here = by_time.get(when, [])
                assert len(here) >= met[when], f"no message of {when} is there, which is {what(message)}"
                yield message, here[met[when] - 1]


def ids_of(rows: Sequence[Row]) -> dict[str, tuple[str, str, str]]:
    """Return time, author and text of stored messages by event_id."""
    return {row["event_id"]: (row["ts"], row["author_raw"], row["text"]) for row in rows}


def what(message: Message) -> str:
    """Say which message is meant, for an error."""
    if message.event:
        return f"a line about {message.event!r}"
    said = [feature for feature in FEATURES if getattr(message, _FIELDS.get(feature, ""), None)]
    return f"a message of kind {message.kind!r}{' with ' * bool(said)}{', '.join(said)}"


_FIELDS = {
    "reply": "reply_to",
    "thread": "thread_root",
    "edit": "edited_at",
    "reaction": "reactions",
    "mention": "mentions",
    "forward": "forwarded_from",
    "media": "media",
}

__all__ = ["TINY", "SourceSuite", "Told", "ids_of", "shown", "shrink", "what"]
