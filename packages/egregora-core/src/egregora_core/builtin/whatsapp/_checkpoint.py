"""Checkpoints: places in a text from which it can be read by itself, and all that was assumed to read it from there.

An export of a chat that grew begins with the bytes of the one before. A reading leaves checkpoints in its facts, ever
closer to its text's end, and the next one begins at the last but one that its text still fits: what is between the two
is read twice and shows whether it comes out as before. Facts hold no names: who wrote is noted as a place in the text.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin.whatsapp._archive import Archive
from egregora_core.builtin.whatsapp._blocks import Block, starts_of
from egregora_core.builtin.whatsapp._characters import trimmed
from egregora_core.builtin.whatsapp._first_lines import OPENING, look_at
from egregora_core.builtin.whatsapp._header import Header
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import Continued

_NEAREST = 1 << 16
"""The last checkpoint is that many bytes before the end: some thousand messages."""
_FARTHER = 4
"""Each one before is so many times as far from the end."""
_MOST_NAMES = 2000
_MOST_LOOKED_AT = 8 << 30
"""Bytes of a text, times names looked for: more take longer than to read all of it."""


class Checkpoint(NamedTuple):
    """A place in a text from which the rest can be read by itself."""

    start: int
    """The first byte of a message that is later than all messages before it."""
    digest: str
    """That of all bytes before it."""
    since: str
    """That message's time, as ISO 8601: the phone's wall clock."""
    headers: int
    """How many messages stand before it."""


class Place(NamedTuple):
    """Where a text names somebody who writes."""

    start: int
    length: int
    whole: bool
    """What was written there holds no other colon, so the name is no beginning of a longer one."""


@dataclass(frozen=True)
class Start:
    """Where the reading of a text begins, and what is taken for granted there: of its beginning, nothing."""

    text: TextFile
    """What is to be read."""
    headers: Sequence[Header]
    """The headers with which the whole text begins."""
    last: Mapping[str, Any] = field(default_factory=dict)
    """The facts of the last reading."""
    passed: Sequence[Checkpoint] = ()
    """Its checkpoints that the text still fits: it begins at the last but one."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Who is named before the last of them."""
    hashed: Any = None
    """The hash of all before the text."""
    size: int = 0
    """Of the whole text, in bytes, as far as it is known."""

    @property
    def names(self) -> dict[str, bool]:
        """Who writes before, and whether the name is known to be whole."""
        return {trimmed(name): place.whole for name, place in self.places.items()}

    @property
    def continued(self) -> Continued | None:
        if not self.passed:
            return None
        first, second = self.passed[-2:]
        return Continued(datetime.fromisoformat(first.since), again=second.headers - first.headers)


class Trail:
    """What is noted while a text is read from a start on: checkpoints, and where who writes is named."""

    def __init__(self, start: Start, size: int, app: str | None) -> None:
        """`size` is that of all of a text that is read from its beginning, in bytes.

        `app` is the name under which the app itself writes, and nobody else.
        """
        self.headers = start.passed[-2].headers if start.passed else 0
        self._before, self._app, self._size = start.passed, app, start.size or size
        self._text, self._hasher = start.text, start.hashed or hashlib.sha256()
        self._names = dict(start.places)
        self._latest: Any = None
        """The latest time of a message so far; numpy's."""
        self._met: list[Checkpoint] = []

    def add(self, block: Block, lines: pa.Table, rows: pa.Table) -> None:
        """Take note of a block's lines and of the messages (`ts`, `author`, `t`) in them."""
        if block.start is not None:  # else no digest of what follows will fit
            starts = block.start + starts_of(lines)
            self._add_names(starts, lines, rows)
            if block.start and not self.headers:
                _hashes(self._hasher, next(self._text.chunks(OPENING), b"")[: block.start], ())
            self._add_times(block, starts, rows["ts"].to_numpy())
        self.headers += len(rows)

    def _add_times(self, block: Block, starts: Any, times: Any) -> None:
        latest = times[0] - 1 if self._latest is None else self._latest
        before = np.maximum.accumulate(np.concatenate(([latest], times)))
        fresh = np.flatnonzero(times > before[:-1])
        ends = (*targets(self._size), starts[-1])
        firsts = sorted({int(fits[-1]) for end in ends if len(fits := fresh[starts[fresh] <= end])})
        data = block.data.replace(block.newline, b"\n") + b"\n"
        hashes = _hashes(self._hasher, data, [int(starts[first]) - starts[0] for first in firsts])
        for first, hashed in zip(firsts, hashes, strict=True):
            place, since = int(starts[first]), str(times[first])
            self._met.append(Checkpoint(place, hashed.hexdigest(), since, self.headers + first))
        self._latest = before[-1]

    def _add_names(self, starts: Any, lines: pa.Table, rows: pa.Table) -> None:
        authors = rows["author"].combine_chunks().dictionary_encode()
        named = enumerate(authors.dictionary.to_pylist())
        sure = {self._app, *(name for name, place in self._names.items() if place.whole)}
        wanted = [(number, name) for number, name in named if name not in sure]
        if not wanted or len(self._names) > _MOST_NAMES:
            return
        numbers = authors.indices.fill_null(-1).to_numpy()
        whole = ~pc.match_substring(rows["t"], ": ").to_numpy(zero_copy_only=False)
        for number, name in wanted:
            written = np.flatnonzero(numbers == number)
            alone = written[whole[written]]
            if name in self._names and not len(alone):
                continue
            row, text = int((alone if len(alone) else written)[0]), name.encode()
            at = lines["l"][row].as_buffer().to_pybytes().find(text)
            self._names[name] = Place(int(starts[row]) + at, len(text), bool(len(alone)))

    def facts(self) -> dict[str, Any]:
        """Return what the next reading needs, for the record of this one."""
        known = [*self._before, *self._met] if len(self._names) <= _MOST_NAMES else []
        fits = ([each for each in known if each.start <= target] for target in targets(self._size))
        kept = sorted({max(each) for each in fits if each})
        places = sorted(self._names.values()) if kept else []
        return {
            "checkpoints": [list(each) for each in kept],
            "name_places": [[start, length, int(whole)] for start, length, whole in places],
        } | ({"headers": self.headers} if self._before else {})


def targets(size: int) -> list[int]:
    """Return where in a text of so many bytes the checkpoints are to be, in order."""
    found, distance = [], _NEAREST
    while distance < size:
        found.append(size - distance)
        distance *= _FARTHER
    return found[::-1]


def starts(archive: Archive, last: Mapping[str, Any]) -> Iterator[Start]:
    """Yield where reading may begin: where the last one of the chat ended, if the text still fits, and at the top."""
    text = archive.text
    known = [Checkpoint(*each) for each in last.get("checkpoints", ())]
    if len(known) > 1 and " | " not in last["template"]:
        headers, (passed, names, hashes, size) = look_at(text), _passed(text, known, last["name_places"])
        begin, end = (passed[-2].start, passed[-1].start) if len(passed) > 1 else (0, 0)
        if end and not (last["missing"] and _is_arrived(archive, set(last["files"]), begin)):
            sure = {name: place for name, place in names.items() if place.start + place.length <= end}
            rest = text.after(begin, next(text.chunks(OPENING), b"")[:begin], size)
            yield Start(rest, headers, last, passed, sure, hashes[begin], size)
    yield Start(text, look_at(text))


def salted(archive: Archive, texts: Iterable[str]) -> dict[int, str]:
    """Return digest → text; without the chat nobody can tell what was digested."""
    salt = next(archive.text.chunks(_NEAREST), b"")[:_NEAREST]
    hashed = ((hashlib.sha256(salt + text.encode()).digest(), text) for text in texts)
    return {int.from_bytes(digest[:6], "big"): text for digest, text in hashed}


def _is_arrived(archive: Archive, before: set[int], end: int) -> bool:
    """Tell whether a file is new that a message before an end of the text names: there it may have been missing."""
    new = [name for digest, name in salted(archive, archive.files).items() if digest not in before]
    named = [normalize(form, name).encode() for form in ("NFC", "NFD") for name in new]
    if len(named) * end > _MOST_LOOKED_AT:
        return True
    for chunk in archive.text.chunks() if new else ():
        if any(0 <= chunk.find(name) < end for name in named):
            return True
        end -= len(chunk)
    return False


def _passed(
    text: TextFile, known: Sequence[Checkpoint], places: Iterable[Any]
) -> tuple[list[Checkpoint], dict[str, Place], dict[int, Any], int]:
    """Read a text; return which checkpoints it passes, the names at places, the hashes at checkpoints, and its size."""
    hasher, hashes, names, size = hashlib.sha256(), dict[int, Any](), dict[str, Place](), 0
    in_order = sorted(known)
    waiting = sorted((Place(*place) for place in places), reverse=True)
    for chunk in text.chunks():
        ends = [each.start for each in in_order if size <= each.start < size + len(chunk)]
        found = _hashes(hasher, chunk, [end - size for end in ends])
        hashes |= zip(ends, found, strict=True)
        while waiting and waiting[-1].start < size + len(chunk):
            place = waiting.pop()
            name = chunk[place.start - size : place.start - size + place.length]
            names[name.decode("utf-8", "replace")] = place
        size += len(chunk)
    fits = (each.start in hashes and hashes[each.start].hexdigest() == each.digest for each in in_order)
    return [each for each, fit in zip(in_order, fits, strict=True) if fit], names, hashes, size


def _hashes(hasher: Any, data: bytes, ends: Iterable[int]) -> list[Any]:
    """Go on with a hash over data, with one sign for all line breaks; return it as it was at some ends in them."""
    data, found, begin = data.replace(b"\r", b"\n"), [], 0
    for end in ends:
        hasher.update(data[begin:end])
        found.append(hasher.copy())
        begin = end
    hasher.update(data[begin:])
    return found
