"""What publishers are given: all documents in their order, however many and long, when no task is left to do."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from egregora_core.errors import EgregoraError
from egregora_core.plugin import (
    Document,
    EngineSpec,
    PublishedFile,
    PublisherSpec,
    Unit,
    WriterSpec,
    hookimpl,
    run_task,
)
from egregora_core.storage import _engine_memory
from lakes import lake_workspace

NAMES, MESSAGES, LONG = ("Ana Reis", "Bo Quist"), 30, 1_000
"""Two chats of so many messages, each of which is a document: more than are read at once. Most have so many words."""
COUNTED: list[int] = []
"""What a publisher still counted when it was ended."""
AT_WORK: set[str] = set()
"""The engines whose machines wait for tasks."""


class Noting:
    """The plugin: a publisher that notes what it was given, and an engine that does its tasks here."""

    EGREGORA_API = 1
    __name__ = "noting"

    @hookimpl
    def register_publishers(self) -> list[PublisherSpec]:
        return [PublisherSpec("noting", "1", "test_all_documents:note")]

    @hookimpl
    def register_engines(self) -> list[EngineSpec]:
        return [EngineSpec("watched", connect="test_all_documents:connect")]


class Long:
    """The plugin of a writer whose documents are long."""

    EGREGORA_API = 1
    __name__ = "long"

    @hookimpl
    def register_writers(self) -> list[WriterSpec]:
        return [WriterSpec("long", "window", "1", "test_all_documents:essay")]


def essay(unit: Unit) -> list[Document]:
    return [Document("essay", unit.key.replace("/", "-"), "An essay", "x" * 1_000_000)]


def note(documents: Iterable[Mapping[str, Any]]) -> Iterator[PublishedFile]:
    """Publish the order of documents, their bodies, and who was still at work."""
    given = [(each["kind"], each["thread_id"], str(each["window_start"]), each["slug"]) for each in documents]
    yield PublishedFile("order.json", json.dumps(given))
    yield PublishedFile("at_work.json", json.dumps(sorted(AT_WORK)))


class Stopped:
    """The plugin of a publisher whose file is refused."""

    EGREGORA_API = 1
    __name__ = "stopped"

    @hookimpl
    def register_publishers(self) -> list[PublisherSpec]:
        return [PublisherSpec("stopped", "1", "test_all_documents:leave")]


def leave(documents: Iterable[Mapping[str, Any]], *, messages: Any) -> Iterator[PublishedFile]:
    """Publish outside of the directory, and read messages once more in the end."""
    try:
        yield PublishedFile("../elsewhere.html", "")
    finally:
        COUNTED.append(messages.count().to_pyarrow().as_py())


@contextmanager
def connect(settings: Any) -> Iterator[Callable[[str, Sequence[str]], list[str]]]:
    AT_WORK.add(settings.name)
    yield lambda job, parts: [run_task(job, part) for part in parts]
    AT_WORK.remove(settings.name)


@pytest.fixture
def chats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Exports with long and short messages, a day apart."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    found = []
    for name in NAMES:
        said = [(number, "long " * (LONG if number % 3 else 1)) for number in range(MESSAGES)]
        found.append(tmp_path / f"WhatsApp Chat with {name}.txt")
        found[-1].write_text(
            "".join(f"{1 + n:02}/03/2024, 10:00 - {name}: {text}\n" for n, text in said), encoding="utf-8"
        )
    return found


def test_publishers_get_documents_of_which_a_few_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that stand beside a wanted one are left alone, also where many short ones are read together."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setattr(_engine_memory, "_PUBLICATION", 24_000_000)
    export = tmp_path / "WhatsApp Chat with Ana Reis.txt"
    said = (f"{1 + n // 2:02}/03/2024, 10:00 - {'ABCDE'[n % 5]}na Reis: hello\n" for n in range(50))
    export.write_text("".join(said), encoding="utf-8")
    desk = Desk(tmp_path / "w", '[windows]\nby = "messages"\nsize = 1\n', timezone="UTC")
    desk.plugins = (Long(), Noting())
    desk.run(export)

    given = json.loads((tmp_path / "w/noting/order.json").read_text(encoding="utf-8"))
    assert [kind for kind, *_ in given] == ["essay"] * 50 + ["post"] * 50 + ["profile"] * 5
    assert [each[2:] for each in given] == sorted(each[2:] for each in given[:50]) + [each[2:] for each in given[50:]]


def test_publishers_get_all_documents_in_order(tmp_path: Path, chats: list[Path]) -> None:
    """By kind, chat, time and slug, each once, though no more than a few are in memory."""
    desk = Desk(tmp_path / "w", '[windows]\nby = "messages"\nsize = 1\n', timezone="UTC")
    desk.plugins = (Noting(),)
    desk.run(*chats)
    wanted = desk.query(
        "SELECT kind, thread_id::VARCHAR, (window_start AT TIME ZONE 'UTC')::VARCHAR || '+00:00', slug FROM documents "
        "ORDER BY kind, thread_id, window_start, slug"
    )
    assert len(wanted) >= len(NAMES) * MESSAGES
    order = json.loads((desk.path / "noting" / "order.json").read_text(encoding="utf-8"))
    assert [tuple(each) for each in order] == wanted


@pytest.mark.slow  # a lake, and tasks
def test_machines_are_let_go_of_before_pages_are_written(tmp_path: Path, chats: list[Path]) -> None:
    """Nobody else waits while this process writes files."""
    settings = '[engine]\nname = "watched"\n'
    lake = lake_workspace(tmp_path / "w", f"ducklake:sqlite:{tmp_path}/catalog.sqlite", settings=settings)
    desk = Desk(lake, (lake / "egregora.toml").read_text(encoding="utf-8"), timezone="UTC")
    desk.plugins = (Noting(),)
    desk.run(chats[0])
    assert json.loads((desk.path / "noting" / "at_work.json").read_text(encoding="utf-8")) == []
    assert json.loads((desk.path / "noting" / "order.json").read_text(encoding="utf-8"))


def test_a_publisher_that_is_stopped_ends_before_the_database_is_closed(tmp_path: Path, chats: list[Path]) -> None:
    """What it drops or reads in the end is there yet; a complaint at the exit would tell nobody anything."""
    desk = Desk(tmp_path / "w", timezone="UTC")
    desk.plugins = (Stopped(),)
    with pytest.raises(EgregoraError, match=r"elsewhere\.html"):
        desk.run(chats[0])
    assert import_module("test_all_documents").COUNTED == [MESSAGES]  # as the plugin host imports it
