"""Photos, voice and video on reading pages: shown where they are asked for, cleaned of what their files tell beside."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import Attachment, Site
from egregora_core.publication import publish_files
from egregora_report.settings import ReportSettings
from egregora_report.single import single_file
from egregora_report.site import publish
from invented_chat import habits, table_of
from PIL import Image
from PIL.PngImagePlugin import PngInfo

TELLTALE = "Quist's telephone"
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def photo(path: Path, size: tuple[int, int] = (1200, 900), *, turned: int = 1) -> Path:
    """Make a photo that knows where and with what it was taken."""
    image = Image.new("RGB", size, "teal")
    exif = image.getexif()
    exif[MAKER] = TELLTALE
    exif[ORIENTATION] = turned
    exif.get_ifd(GPS)[2] = (38.0, 42.0, 30.0)
    if path.suffix == ".png":
        told = PngInfo()
        told.add_text("Author", TELLTALE)
        image.save(path, exif=exif, pnginfo=told)
    else:
        image.save(path, exif=exif, comment=TELLTALE.encode())
    return path


def moving_sticker(path: Path) -> Path:
    frames = [Image.new("RGBA", (64, 64), colour) for colour in ("red", "blue", "green")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[90, 120, 70], comment=TELLTALE.encode())
    return path


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return (8 + len(inside)).to_bytes(4) + kind + inside


def video(path: Path) -> Path:
    """Make the boxes of a video: what it shows is none of this test's business."""
    told = box(b"udta", box(b"\xa9xyz", b"+38.7000-009.1000/"), box(b"meta", TELLTALE.encode()))
    moov = box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"tkhd", bytes(84)), told), told)
    path.write_bytes(box(b"ftyp", b"isom\0\0\0\0") + moov + box(b"mdat", b"SEEN" * 50))
    return path


def sound(path: Path) -> Path:
    """Make a second of silence with a title."""
    from mutagen.id3 import ID3, TIT2

    frame = b"\xff\xfb\x90\x00" + bytes(413)
    path.write_bytes(frame * 40)
    tags = ID3()  # type: ignore[no-untyped-call]  # mutagen types few of its tags
    tags.add(TIT2(encoding=3, text=TELLTALE))  # type: ignore[no-untyped-call]  # as above
    tags.save(path)
    assert TELLTALE.encode() in path.read_bytes()
    return path


class Pages:
    """A report of an invented chat, with files for its first messages."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows = habits(40)

    def attach(self, *files: Path) -> list[Attachment]:
        return [Attachment(str(row["event_id"]), 0, file) for row, file in zip(self.rows[5:], files, strict=False)]

    def publish(self, attachments: Sequence[Attachment], **settings: Any) -> Any:
        files = publish(iter([]), messages=table_of(self.rows), site=Site(), attachments=attachments, **settings)
        kept = (file for file in files if not file.path.endswith(("vega.js", "charts.js", ".svg", ".png.js")))
        return publish_files(self.directory, kept, publisher="report", made_by="test")

    def talk(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.directory.glob("chats/*/2*.html")))

    def media(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.directory / "media").glob("*"))}


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path / "report")


@pytest.mark.slow  # a report of its own
def test_files_are_shown_in_place_and_tell_nothing(pages: Pages, tmp_path: Path) -> None:
    """Each stands in its message, with a small picture beside a large one; no place, device or title is in any byte."""
    made = [
        photo(tmp_path / "a.jpg"), photo(tmp_path / "b.png", (40, 30)), moving_sticker(tmp_path / "c.webp"),
        moving_sticker(tmp_path / "d.gif"), video(tmp_path / "e.mp4"), video(tmp_path / "f.m4a"),
        sound(tmp_path / "g.mp3"),
    ]  # fmt: skip
    pages.publish(pages.attach(*made))

    talk, files = pages.talk(), pages.media()
    assert (
        len(re.findall('<img src="[^"]*small.webp" width="[0-9]+" height="[0-9]+" alt="Photo" loading="lazy">', talk))
        == 4
    )
    assert len(re.findall('<video class="a" controls preload="metadata" src="[^"]*.mp4"', talk)) == 1
    assert len(re.findall('<audio class="a" controls preload="none" src="[^"]*.(?:mp3|m4a)"', talk)) == 2
    assert len(files) == 7 + 4
    for name, content in files.items():
        assert content, name
        assert TELLTALE.encode() not in content, name
        assert b"+38.7000" not in content, name
        if Path(name).suffix not in {".mp4", ".m4a", ".mp3"}:
            image = Image.open(io.BytesIO(content))
            assert not dict(image.getexif()), name
            assert "comment" not in image.info, name
    (moving,) = [content for name, content in files.items() if name.endswith(".gif")]
    assert Image.open(io.BytesIO(moving)).n_frames == 3  # type: ignore[attr-defined]  # of pictures that may move
    (film,) = [content for name, content in files.items() if name.endswith(".mp4")]
    assert len(film) == (tmp_path / "e.mp4").stat().st_size
    assert b"SEEN" * 50 in film


@pytest.mark.slow  # four reports
@pytest.mark.parametrize(("turned", "size"), [(1, (480, 360)), (6, (360, 480)), (8, (360, 480)), (3, (480, 360))])
def test_a_photo_stands_as_one_sees_it(pages: Pages, tmp_path: Path, turned: int, size: tuple[int, int]) -> None:
    """How the camera was held is in the picture afterwards, and in the room that the page keeps for it."""
    pages.publish(pages.attach(photo(tmp_path / "a.jpg", turned=turned)))
    (small,) = [content for name, content in pages.media().items() if name.endswith(".small.webp")]
    assert Image.open(io.BytesIO(small)).size == size
    assert f'width="{size[0]}" height="{size[1]}"' in pages.talk()


@pytest.mark.slow  # a report of its own
def test_what_cannot_be_cleaned_is_not_shown(pages: Pages, tmp_path: Path) -> None:
    """Documents, unknown and damaged files are told of, as without media; a picture that ends in the middle is grey."""
    for name, content in (
        ("a.pdf", b"%PDF"),
        ("b.webm", b"\x1aE\xdf\xa3"),
        ("c.jpg", b"no picture"),
        ("d.mp4", b"no boxes"),
    ):
        (tmp_path / name).write_bytes(content)
    cut = photo(tmp_path / "e.jpg")
    cut.write_bytes(cut.read_bytes()[:2000])
    pages.publish(pages.attach(*(tmp_path / name for name in ("a.pdf", "b.webm", "c.jpg", "d.mp4", "e.jpg"))))
    assert [name for name in pages.media() if not name.endswith(".small.webp")] == [
        name.replace(".small.webp", ".jpg") for name in pages.media() if name.endswith(".small.webp")
    ]
    assert len(pages.media()) == 2


@pytest.mark.slow  # whole reports, made one after the other
def test_only_pages_with_new_files_are_written_again(pages: Pages, tmp_path: Path) -> None:
    """A file that comes later changes its page; nothing else."""
    one, two = pages.attach(photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg"))
    pages.publish([one])
    result = pages.publish([one, two])
    changed = [path for path in result.written if path.endswith((".html", ".jpg", ".webp"))]
    assert len([path for path in changed if path.startswith("media/")]) == 2
    assert len([path for path in changed if path.startswith("chats/")]) == 1

    gone = pages.publish([])
    assert not pages.media()
    assert len([path for path in gone.removed if path.startswith("media/")]) == 4


@pytest.mark.slow  # several whole commands
def test_one_file_may_hold_them(pages: Pages, tmp_path: Path) -> None:
    """As data in the page, whose policy allows that and nothing else."""
    attached = pages.attach(photo(tmp_path / "a.jpg"), video(tmp_path / "e.mp4"))
    with_them = "".join(single_file(table_of(pages.rows), ReportSettings(), Site().name_words, attachments=attached))
    assert '<img src="data:image/webp;base64,' in with_them
    assert 'src="data:video/mp4;base64,' in with_them
    assert "../media/" not in with_them
    assert "data:image/webp" not in "".join(single_file(table_of(pages.rows), ReportSettings(), Site().name_words))
