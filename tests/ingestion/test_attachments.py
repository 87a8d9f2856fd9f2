"""Attachments are kept for publishers that show them: those that are asked for, until their message goes."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from egregora_core.pipeline import forget, run_pipeline
from egregora_core.plugins import App, Attachment, PublishedFile, PublisherSpec, SettingsSpec, hookimpl
from egregora_core.session import Command, RunOptions, open_session
from egregora_core.settings import load_settings
from pydantic import BaseModel

CHAT = """\
01/02/2024, 10:00 - Ana: IMG-20240201-WA0001.jpg (file attached)
look
01/02/2024, 10:01 - Bo: PTT-20240201-WA0002.opus (file attached)
01/02/2024, 10:02 - Ana: IMG-20240201-WA0003.jpg (file attached)
"""
FILES = {"IMG-20240201-WA0001.jpg": b"one", "PTT-20240201-WA0002.opus": b"two", "IMG-20240201-WA0009.jpg": b"nobody's"}


class GallerySettings(BaseModel):
    """Of the publisher."""

    media: bool = False
    """Whether to show files."""
    directory: str = "gallery"
    """Where to."""


def publish(documents: Any, *, attachments: Sequence[Attachment]) -> Iterator[PublishedFile]:
    for one in attachments:
        yield PublishedFile(f"{one.event_id}-{one.place}{one.path.suffix}", one.path.read_bytes())
    yield PublishedFile("index.txt", str(len(attachments)))


class Gallery:
    """The plugin."""

    EGREGORA_API = 1
    __name__ = "gallery"

    @hookimpl
    def register_publishers(self) -> list[PublisherSpec]:
        return [PublisherSpec("gallery", "1", "test_attachments:publish", start="index.txt", attachments="media")]

    @hookimpl
    def register_settings(self) -> SettingsSpec:
        return SettingsSpec("test_attachments:GallerySettings")


class Place:
    """A workspace with the publisher, and an export."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept = path / ".egregora/attachments"

    def want(self, *, media: bool) -> None:
        (self.path / "egregora.toml").write_text(f"[gallery]\nmedia = {str(media).lower()}\n", encoding="utf-8")

    def command(self, **options: Any) -> tuple[Command, list[str]]:
        said: list[str] = []
        app = App([Gallery()], discover=False)
        settings = load_settings(self.path, app)
        return Command(app, settings, RunOptions(**options), lambda line: said.append(line.text)), said

    def run(self, *exports: Path, **options: Any) -> list[str]:
        command, said = self.command(timezone="UTC", **options)
        run_pipeline(command, exports)
        return said

    def published(self) -> dict[str, bytes]:
        return {path.name[37:]: path.read_bytes() for path in (self.path / "gallery").iterdir() if len(path.name) > 37}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    place = Place(tmp_path)
    place.want(media=True)
    return place


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat with Ana.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WhatsApp Chat with Ana.txt", CHAT)
        for name, content in FILES.items():
            archive.writestr(name, content)
    return path


def test_a_publisher_gets_the_files_of_messages(place: Place, export: Path) -> None:
    """Those that a message names and the export holds, under the message's id; the rest is left alone."""
    said = place.run(export)

    assert place.published() == {"0.jpg": b"one", "0.opus": b"two"}
    assert [line for line in said if "attachments" in line] == [
        "kept 2 attachments beside the database: [gallery] media asks for them"
    ]
    assert not [path for path in place.kept.iterdir() if "IMG" in path.name]
    assert {path.stat().st_mode & 0o077 for path in (place.kept, *place.kept.iterdir())} == {0}


@pytest.mark.slow
def test_nothing_is_kept_unless_it_is_asked_for(place: Place, export: Path) -> None:
    """Photos show faces: off is off, and turned on later a given export is enough."""
    place.want(media=False)
    place.run(export)
    assert not place.kept.exists()
    assert place.published() == {}

    place.want(media=True)
    place.run(export)
    assert place.published() == {"0.jpg": b"one", "0.opus": b"two"}

    said = place.run()
    assert "stands" in next(line for line in reversed(said) if line)


def test_files_beside_a_text_are_found(place: Place, tmp_path: Path) -> None:
    """As when a zip was unpacked."""
    (tmp_path / "IMG-20240201-WA0001.jpg").write_bytes(b"one")
    text = tmp_path / "WhatsApp Chat with Ana.txt"
    text.write_text(CHAT, encoding="utf-8")
    place.run(text)
    assert place.published() == {"0.jpg": b"one"}


@pytest.mark.slow  # whole runs, again and again
def test_what_is_forgotten_leaves_no_file(place: Place, export: Path) -> None:
    """A message's files go with it, from where they are kept and from the pages."""
    place.run(export)
    command, _ = place.command()
    with open_session(command) as session:
        forget(session, author="Ana")
    assert [path.suffix for path in place.kept.iterdir()] == [".opus"]

    place.run()
    assert place.published() == {"0.opus": b"two"}
