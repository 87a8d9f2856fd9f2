"""A publisher publishes all documents, unaltered, in files whose paths stay.

Documents are those that the built-in writers make of a chat, and difficult ones.
"""

import pickle
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

import pytest
from egregora_core.errors import EgregoraError
from egregora_core.pipeline import MESSAGES
from egregora_core.plain_text import plain
from egregora_core.plugins import PublishedFile, PublisherSpec
from egregora_core.publication import publish_files

from egregora_devtools.conformance.base import Conformance, other_seed, python
from egregora_devtools.conformance.bench import Bench, Ran
from egregora_devtools.conformance.samples import BLOCKS, BODIES, chat, whatsapp
from egregora_devtools.conformance.stage import run_once
from egregora_devtools.replay import given_to, told

Row = dict[str, Any]

_BODIES = (*BODIES, *BLOCKS)
_MANY, _LONG = 400, 50_000


class PublisherConformance(Conformance):
    """Give `plugin`."""

    kind = PublisherSpec
    kinds: ClassVar[frozenset[str]] = frozenset({"post", "profile"})
    """Kinds of documents that are published, body and all."""
    verbatim: ClassVar[bool] = True
    """A body stands in its file as it was written, but for blank lines at its end."""
    streams: ClassVar[bool] = True
    """Memory does not grow with the texts of the documents."""

    def test_files_are_valid(self, conformance_directory: Path, tmp_path: Path) -> None:
        """The host accepts the files: paths inside the directory, each once, and texts."""
        files = self._published(conformance_directory)
        publish_files(tmp_path / "site", files, publisher="conformance")
        paths = [file.path.casefold() for file in files]
        assert len(paths) == len(set(paths))

    def test_pipeline_publishes(self, conformance_directory: Path) -> None:
        """The host runs it on a real chat; run again, its files stand."""
        ran = self._ran_once(conformance_directory)
        second = ran.bench.run(ran.export)
        assert all(directory.is_dir() for directory in ran.summary.published)
        name = self.spec(self.app()).name
        (line,) = [line for line in second.lines if line.stage == name and not line.warning]
        assert line.run is not None
        assert line.run.status == "cached", f"unchanged, but {line.text}"

    def test_files_are_deterministic(self, conformance_directory: Path) -> None:
        """The same documents give the same files."""
        assert self._publish(conformance_directory, self._documents()) == self._published(conformance_directory)

    def test_files_are_the_same_in_every_process(self, conformance_directory: Path, tmp_path: Path) -> None:
        """No file depends on the order in which a process happens to keep a set."""
        app = self.app()
        pickled = tmp_path / "documents.pickle"
        shelf = self._shelf(conformance_directory)
        settings, documents = self.named_settings(app, shelf.bench), [*_handed(self._documents())]
        pickled.write_bytes(pickle.dumps((self.spec(app).function, [documents], settings, shelf.messages)))
        there = python("-m", "egregora_devtools.replay", str(pickled), PYTHONHASHSEED=other_seed())
        same = there == told(self._published(conformance_directory))  # not in the assert, which would print both
        assert same, "files differ from one process to the next: sort what comes out of a set"

    def test_nothing_is_lost(self, conformance_directory: Path) -> None:
        """Each document of `kinds` is in some file."""
        text = self._text(self._published(conformance_directory))
        lost = [row["slug"] for row in self._documents() if row["kind"] in self.kinds and row["word"] not in text]
        assert not lost, f"in no file: {', '.join(lost)}"

    def test_bodies_are_kept(self, conformance_directory: Path) -> None:
        """A body stands in its file as it was written, but for what would turn a page or command a terminal."""
        if not self.verbatim:
            pytest.skip("verbatim = False")
        text = plain(self._text(self._published(conformance_directory)))
        wanted = {r["slug"]: plain(r["body"]).rstrip() for r in self._documents() if r["kind"] in self.kinds}
        changed = [slug for slug, body in wanted.items() if body not in text]
        assert not changed, f"the bodies of {', '.join(changed)} are not as they were written"

    def test_paths_are_stable_as_documents_are_added(self, conformance_directory: Path) -> None:
        """With more documents, those that were there keep the paths of their files."""
        documents = self._documents()
        before = self._paths(self._publish(conformance_directory, documents[::2]), documents[::2])
        after = self._paths(self._published(conformance_directory), documents)
        assert before.items() <= after.items(), "a document's file got another path"

    def test_no_documents_are_fine(self, conformance_directory: Path, tmp_path: Path) -> None:
        """Without documents there are no files, or valid ones."""
        publish_files(tmp_path / "site", self._publish(conformance_directory, []), publisher="conformance")

    def test_hostile_documents_give_typed_errors(self, conformance_directory: Path, tmp_path: Path) -> None:
        """Documents without dates, with strange kinds, titles and bodies: valid files, or an EgregoraError."""
        try:
            files = self._publish(conformance_directory, _hostile())
            publish_files(tmp_path / "site", files, publisher="conformance")
        except EgregoraError:
            return
        except Exception as error:  # noqa: BLE001 - that any is raised is the failure
            pytest.fail(f"{type(error).__name__}: {error}; raise a StageError, or leave the document out")

    def test_memory_is_bounded(self, conformance_directory: Path) -> None:
        """Documents are taken one by one: their texts are never all in memory."""
        if not self.streams:
            pytest.skip("streams = False")
        self._shelf(conformance_directory)  # the messages that it may read are no part of it
        many = (_document(number, f"{number} " + "word " * (_LONG // 5)) for number in range(_MANY))
        tracemalloc.start()
        try:
            for _file in self._files(conformance_directory, many):
                pass
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < _MANY * _LONG / 2, f"{peak:,} bytes for {_MANY * _LONG:,} of documents: yield file by file"

    # --- how ----------------------------------------------------------------------------------------------------

    def _documents(self) -> list[Row]:
        bodies = [body for body in _BODIES if len(body) < _LONG]
        return [_document(number, f"word{number:04}\n\n{body}\n") for number, body in enumerate(bodies)]

    def _files(self, directory: Path, documents: Iterator[Row]) -> Iterator[PublishedFile]:
        app, shelf = self.app(), self._shelf(directory)
        function = app.resolve(self.spec(app).function)
        return iter(
            function(_handed(documents), **self.named_settings(app, shelf.bench), **given_to(function, shelf.messages))
        )

    def _shelf(self, directory: Path) -> "Shelf":
        """Return a workspace, and the file of the messages of a chat for a publisher that reads messages."""
        if directory not in _SHELVES:
            app, messages = self.app(), None
            if MESSAGES in signature(app.resolve(self.spec(app).function)).parameters:
                messages = directory / "messages.parquet"
                self._ran_once(directory).bench.store_messages(messages)
            _SHELVES[directory] = Shelf(next(self.new_benches(directory / "shelf")), messages)
        return _SHELVES[directory]

    def _ran_once(self, directory: Path) -> Ran:
        """Run a chat with the publisher: the host alone has taken it through the steps before."""
        if directory not in _RAN:
            bench, export = next(self.new_benches(directory)), whatsapp(chat(_BODIES), directory)
            bench.begin_as(run_once(directory.parent, _BODIES, self.options))
            _RAN[directory] = Ran(bench, export, bench.run(export))
        return _RAN[directory]

    def _publish(self, directory: Path, documents: Sequence[Row]) -> list[PublishedFile]:
        return [PublishedFile(file.path, file.read()) for file in self._files(directory, iter(documents))]

    def _published(self, directory: Path) -> list[PublishedFile]:
        """Return the files of all documents, which are made once for the suite."""
        if directory not in _PUBLISHED:
            _PUBLISHED[directory] = self._publish(directory, self._documents())
        return _PUBLISHED[directory]

    def _text(self, files: Sequence[PublishedFile]) -> str:
        return "\n".join(_text_of(file) for file in files)

    def _paths(self, files: Sequence[PublishedFile], documents: Sequence[Row]) -> Mapping[str, list[str]]:
        return {row["slug"]: sorted(file.path for file in files if row["word"] in _text_of(file)) for row in documents}


@dataclass(frozen=True)
class Shelf:
    """What a publisher is called with beside documents: a workspace's settings, and messages if it reads them."""

    bench: Bench
    messages: Path | None


_SHELVES: dict[Path, Shelf] = {}
_RAN: dict[Path, Ran] = {}
_PUBLISHED: dict[Path, list[PublishedFile]] = {}
"""As the others by the directory that all tests of a suite share."""


def _handed(documents: Iterable[Row]) -> Iterator[Row]:
    return ({key: value for key, value in row.items() if key != "word"} for row in documents)


def _text_of(file: PublishedFile) -> str:
    return file.read().decode(errors="replace")


def _document(number: int, body: str, **changes: Any) -> Row:
    """Return a document as the host hands it to publishers, and `word`: a word that only it contains."""
    start = datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=number)
    return {
        "document_id": str(uuid5(NAMESPACE_URL, str(number))),
        "tenant_id": "default",
        "kind": "post",
        "slug": f"day-{number:04}",
        "title": f"Day {number}",
        "body": body,
        "thread_id": str(uuid5(NAMESPACE_URL, "thread")),
        "window_start": start,
        "window_end": start + timedelta(hours=3),
        "unit_fingerprint": "0" * 32,
        "writer": "posts",
        "attrs": f'{{"date": "{start:%Y-%m-%d}", "messages": 3}}',
        "created_at": start,
        "created_by_run": str(uuid5(NAMESPACE_URL, "run")),
        "word": f"word{number:04}",
        **changes,
    }


def _hostile() -> list[Row]:
    return [
        _document(1, "", window_start=None, window_end=None, thread_id=None, attrs=None),
        _document(2, "\u202e\x07<script>alert(1)</script>\n---\n[[", title='"quoted": # <b>\u2028*', attrs="{}"),
        _document(3, "# Own heading\n", kind="x_1", slug="Ünïcode-日本"),
        _document(4, "words\n", kind="profile", attrs='{"authors": null, "tags": [], "messages": null}'),
        _document(5, "words\n", slug="index"),
    ]
