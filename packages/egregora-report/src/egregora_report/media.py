"""Photos, stickers, voice and video of messages, without what such files tell beside what one sees and hears.

A photo is drawn anew, so where and with which camera it was taken stays behind; of sound and video the parts that hold
titles, places and devices are taken out. What cannot be cleaned here is not shown.
"""

import base64
import hashlib
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from egregora_core.plugin import Attachment, PluginError, PublishedFile

from egregora_report.facts import Facts

if TYPE_CHECKING:
    from PIL.Image import Image

Kind = Literal["image", "audio", "video"]

_PICTURES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP"}
_SOUND = {".opus": "audio/ogg", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4"}
_MOVING = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".3gp": "video/3gpp"}
_LARGEST = 128 << 20
"""A larger file is told of, and not shown: it would be in memory as a whole."""
_SIDE, _SMALL = 2048, 480
"""Pixels along the longer side, of a picture and of the small one that stands in the chat."""
_TOLD = {"image": "Photo", "audio": "Voice message or audio", "video": "Video"}


@dataclass(frozen=True)
class Shown:
    """An attachment that can be shown."""

    attachment: Attachment
    kind: Kind
    width: int = 0
    """Of a picture, in pixels, as one sees it; 0 where it is none."""
    height: int = 0

    @property
    def name(self) -> str:
        """What its file is called: by its message's place in the report, as links to messages are."""
        stem = hashlib.md5(self.attachment.event_id.encode(), usedforsecurity=False).hexdigest()[:12]
        return f"{stem}-{self.attachment.place}"

    @property
    def made_of(self) -> str:
        status = self.attachment.path.stat()
        return f"{self.attachment.path.name} {status.st_size}"

    @property
    def small(self) -> tuple[int, int]:
        """Width and height of the small picture."""
        share = min(1.0, _SMALL / max(self.width, self.height))
        return max(1, round(self.width * share)), max(1, round(self.height * share))


def shown(attachments: Sequence[Attachment]) -> list[Shown]:
    """Return what can be shown. Raises PluginError where the packages that clean files are not installed."""
    if not attachments:
        return []
    try:
        import mutagen  # noqa: F401 - only whether it is there
        import PIL  # noqa: F401 - as above
    except ImportError as error:
        raise PluginError(
            "[report] media shows files, for which two more packages are needed: `pip install 'egregora-report[media]'`"
        ) from error
    return [found for one in attachments if (found := _looked_at(one)) is not None]


def files_of(media: Sequence[Shown]) -> Iterator[PublishedFile]:
    """Yield the files, a small picture beside each large one."""
    for one in media:
        path = one.attachment.path
        yield PublishedFile(f"media/{one.name}{path.suffix}", partial(cleaned, one, _SIDE), made_of=one.made_of)
        if one.kind == "image":
            yield PublishedFile(
                f"media/{one.name}.small.webp", partial(_drawn, one, _SMALL, "WEBP"), made_of=one.made_of
            )


def keep_media(facts: Facts, media: Sequence[Shown], *, inside: bool = False) -> None:
    """Make `report_media`, the markup of each message's files; `inside` puts the files themselves into it."""
    source = _inside if inside else _beside
    html: dict[str, str] = {}
    for one in media:
        event_id = one.attachment.event_id
        html[event_id] = html.get(event_id, "") + _markup(one, source)
    facts.insert("report_media", "event_id UUID, html VARCHAR", list(html.items()))


def cleaned(one: Shown, side: int) -> bytes:
    """Return the file without what it tells of its maker; a picture with `side` pixels at most.

    Nothing is left of a file that turns out to be damaged.
    """
    if one.kind == "image":
        return _drawn(one, side, _PICTURES[one.attachment.path.suffix])
    data = one.attachment.path.read_bytes()
    try:
        return _without_boxes(data) if _is_boxes(data) else _without_tags(data)
    except _DamagedError:
        return b""


# --- markup -------------------------------------------------------------------------------------------------------


def _beside(one: Shown, *, small: bool) -> str:
    suffix = ".small.webp" if small else one.attachment.path.suffix
    return f"../../media/{one.name}{suffix}"


def _inside(one: Shown, *, small: bool) -> str:
    if one.kind == "image":
        data, kind = _drawn(one, _SMALL * 2, "WEBP"), "image/webp"
    else:
        data, kind = cleaned(one, _SIDE), {**_SOUND, **_MOVING}[one.attachment.path.suffix]
    return "" if one.kind == "image" and not small else f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _markup(one: Shown, source: Callable[..., str]) -> str:
    """Return markup that holds nothing but our own names, numbers and words."""
    told = _TOLD[one.kind]
    if one.kind == "image":
        width, height = one.small
        picture = f'<img src="{source(one, small=True)}" width="{width}" height="{height}" alt="{told}" loading="lazy">'
        large = source(one, small=False)
        return f'<a class="a" href="{large}">{picture}</a>' if large else f'<span class="a">{picture}</span>'
    ahead = "metadata" if one.kind == "video" else "none"  # the first picture of a video
    return f'<{one.kind} class="a" controls preload="{ahead}" src="{source(one, small=False)}" aria-label="{told}"></{one.kind}>'


# --- files --------------------------------------------------------------------------------------------------------


def _looked_at(attachment: Attachment) -> Shown | None:
    """Return what a file is, by how it begins; None where it is damaged, too large, or nothing that is shown."""
    path = attachment.path
    if path.suffix not in {*_PICTURES, *_SOUND, *_MOVING} or path.stat().st_size > _LARGEST:
        return None
    try:
        if path.suffix in _PICTURES:
            with _opened(attachment) as image:
                lying = image.getexif().get(_ORIENTATION, 1) > _LYING
                return Shown(attachment, "image", *(image.size[::-1] if lying else image.size))
        _check_moving(path)
    except _DamagedError:
        return None
    return Shown(attachment, "audio" if path.suffix in _SOUND else "video")


def _check_moving(path: Path) -> None:
    import mutagen

    with path.open("rb") as file:
        if _is_boxes(file.read(_HEADER)):
            return
    try:
        if path.suffix in _MOVING or mutagen.File(path) is None:
            raise _DamagedError
    except mutagen.MutagenError as error:
        raise _DamagedError from error


class _DamagedError(Exception):
    """A file is not what its ending says. No error of ours: the file is left out."""


_ORIENTATION, _LYING = 0x0112, 4
"""The tag that says how a camera was held; above this value it lay on its side."""


def _opened(attachment: Attachment) -> "Image":
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return Image.open(attachment.path, formats=sorted(set(_PICTURES.values())))
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombWarning,
            Image.DecompressionBombError,
        ) as error:
            raise _DamagedError from error


def _drawn(one: Shown, side: int, form: str) -> bytes:
    """Return a picture drawn anew, with its frames where it moves, and with none of what is written in the file."""
    from PIL import Image

    try:
        with _opened(one.attachment) as image:
            moves = getattr(image, "n_frames", 1) > 1 and form in {"GIF", "WEBP"} and side > _SMALL
            frames, times = _frames(image, side, form, moves=moves)
    except (_DamagedError, OSError, ValueError, SyntaxError, EOFError):  # it ends in the middle
        frames, times = [Image.new("RGB", one.small, "grey")], []
    to = io.BytesIO()
    more: dict[str, Any] = {"quality": 82} if form in {"JPEG", "WEBP"} else {}
    if len(frames) > 1:
        more |= {"save_all": True, "append_images": frames[1:], "duration": times, "loop": 0}
    frames[0].save(to, form, exif=b"", **more)
    return to.getvalue()


def _frames(image: "Image", side: int, form: str, *, moves: bool) -> "tuple[list[Image], list[int]]":
    """Return the frames of a picture, the way up that one sees it, and how many milliseconds each stays."""
    from PIL import ImageOps, ImageSequence

    frames, times = [], []
    orientation = image.getexif().get(_ORIENTATION, 1)
    for frame in ImageSequence.Iterator(image) if moves else [image]:
        times.append(int(frame.info.get("duration", 0)) or 100)
        clear = frame.convert("RGB" if form == "JPEG" else "RGBA")
        clear.getexif()[_ORIENTATION] = orientation
        clear = ImageOps.exif_transpose(clear)
        clear.thumbnail((side, side))
        clear.info.clear()
        frames.append(clear)
    return frames, times


def _without_tags(data: bytes) -> bytes:
    """Return sound without its tags: title, artist, place, comment."""
    import mutagen

    file = io.BytesIO(data)
    try:
        sound = mutagen.File(file)
        if sound is None:
            raise _DamagedError
        file.seek(0)
        sound.delete(file)
    except mutagen.MutagenError as error:
        raise _DamagedError from error
    return file.getvalue()


_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"edts", b"moof", b"traf")
_TELLING = (b"udta", b"meta", b"uuid", b"ilst", b"Xtra")
"""Boxes of ISO 14496-12 files (MP4, QuickTime, 3GP) with titles, places, devices and whatever a maker wants to say."""
_HEADER, _LONG_HEADER = 8, 16


def _is_boxes(data: bytes) -> bool:
    return data[4:8] == b"ftyp"


def _without_boxes(data: bytes) -> bytes:
    """Return a video whose telling boxes are free space: all else stays at its place, which other boxes point to."""
    clear = bytearray(data)
    _free(clear, 0, len(clear))
    return bytes(clear)


def _free(data: bytearray, at: int, end: int) -> None:
    while at + _HEADER <= end:
        size, kind, header = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), _HEADER
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16]), _LONG_HEADER
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            raise _DamagedError
        if kind in _TELLING:
            data[at + 4 : at + 8] = b"free"
            data[at + header : at + size] = bytes(size - header)
        elif kind in _CONTAINERS:
            _free(data, at + header, at + size)
        at += size
