"""Where an earlier export of a chat ended in this one, so that only the rest has to be read.

An export of a chat that grew begins with the bytes of the one before. A reading leaves milestones behind: digests of
beginnings of its text, ever closer to its end. Later, the rest of a longer text can be read from the last but one that
it still fits, so that some messages are read twice and show whether they are read as they were then.
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Before, Continued
from egregora_core.sources.whatsapp.engine import starts_of
from egregora_core.sources.whatsapp.lines import Block
from egregora_core.sources.whatsapp.opening import look_at
from egregora_core.sources.whatsapp.survey import LeftOut, Survey
from egregora_core.sources.whatsapp.text import TextFile

if TYPE_CHECKING:
    import pyarrow as pa

_NEAREST = 1 << 16
"""The last milestone is that many bytes before the end: some thousand messages."""
_FARTHER = 4
"""Each milestone before is so many times as far from the end."""
_ENOUGH = 2
"""So many milestones have to fit; between the last two is what is read again."""
_OPENING = 1 << 17
"""So much of the beginning is looked at again, for what headers look like and how the chat begins."""


@dataclass(frozen=True)
class Milestone:
    """A place in a text from which the rest can be read by itself."""

    end: int
    """How many bytes, from the first, the digest is of."""
    digest: str
    start: int
    """The first byte of a message, at most `end`, that is later than all messages before it."""
    since: str
    """That message's time, as ISO 8601: the phone's wall clock."""
    headers: int
    """How many messages stand before it."""


@dataclass(frozen=True)
class Rest:
    """What of a text is to be read, and what is known of all before."""

    text: TextFile
    trail: "Trail"
    continued: Continued
    before: Before
    left_out: LeftOut


@dataclass
class Trail:
    """Follows the reading of a text and sets milestones: the digests as its chunks pass, the places as its messages."""

    size: int
    """Of the whole text, in bytes."""
    before: tuple[Milestone, ...] = ()
    """Those that an earlier reading set in what is not read now."""
    hasher: Any = field(default_factory=hashlib.sha256)
    hashed: int = 0
    headers: int = 0
    latest: Any = None
    """The latest time of a message so far; numpy's."""
    _digests: dict[int, str] = field(default_factory=dict)
    _places: dict[int, tuple[int, str, int]] = field(default_factory=dict)

    def follow(self, chunks: Iterator[bytes], position: int = 0) -> Iterator[bytes]:
        """Yield chunks that begin at `position` of the text."""
        for chunk in chunks:
            end = position + len(chunk)
            for target in (each for each in targets(self.size) if self.hashed < each <= end):
                self._hash(chunk, position, target)
                self._digests[target] = self.hasher.hexdigest()
            self._hash(chunk, position, end)
            position = end
            yield chunk

    def _hash(self, chunk: bytes, position: int, end: int) -> None:
        if end > self.hashed:
            self.hasher.update(memoryview(chunk)[self.hashed - position : end - position])
            self.hashed = end

    def add(self, block: Block, lines: "pa.Table", times: Any) -> None:
        """Take note of a block's messages and their times (numpy, in order)."""
        import numpy as np

        if not len(times):
            return
        latest = times[0] - 1 if self.latest is None else self.latest
        before = np.maximum.accumulate(np.concatenate(([latest], times)))
        start = block.start
        wanted = [] if start is None else [each for each in targets(self.size) if 0 <= each - start < len(block.data)]
        if wanted:
            starts = start + starts_of(lines)
            fresh = np.flatnonzero(times > before[:-1])
            for target in wanted:
                fits = fresh[starts[fresh] <= target]
                if len(fits):
                    first = int(fits[-1])
                    self._places[target] = (int(starts[first]), str(times[first]), self.headers + first)
        self.latest = before[-1]
        self.headers += len(times)

    def milestones(self) -> list[list[Any]]:
        """Return what `left_off` will need, for the record of this reading."""
        found = [
            *self.before,
            *(
                Milestone(end, digest, *self._places[end])
                for end, digest in self._digests.items()
                if end in self._places
            ),
        ]
        kept = {}
        for target in targets(self.size):
            fits = [each for each in found if each.end <= target]
            if fits:
                last = max(fits, key=lambda each: each.end)
                kept[last.start] = last
        return [list(astuple(each)) for _, each in sorted(kept.items())]


def targets(size: int) -> list[int]:
    """Return where in a text of so many bytes the milestones are to be, in order."""
    found, distance = [], _NEAREST
    while distance < size:
        found.append(size - distance)
        distance *= _FARTHER
    return found[::-1]


def left_off(text: TextFile, files: Mapping[str, int], before: Before) -> Rest | None:
    """Return from where on a text is new, or None where all of it has to be read.

    Media that were missing and are there now belong to messages that may stand anywhere.
    """
    known = [Milestone(*each) for each in before.facts.get("milestones", ())]
    if len(known) < _ENOUGH or " | " in before.facts["template"] or (files and _arrived(files, before)):
        return None
    ballot = look_at(text)
    matched, hasher, size = _matching(text.chunks(), known)
    if len(matched) < _ENOUGH:
        return None
    first, second = matched[-_ENOUGH:]
    return Rest(
        text.after(first.start, next(text.chunks(_OPENING), b"")[: first.start], size),
        Trail(size, tuple(matched), hasher, second.end, first.headers),
        Continued(datetime.fromisoformat(first.since), again=second.headers - first.headers),
        before,
        LeftOut(before.authors, ballot, before.facts["paddings"]),
    )


def is_doubtful(found: Survey, before: Before) -> bool:
    """Tell whether a name that is stored may be the beginning of a longer one, which only all of a text can tell."""
    return any(all(": " in (text or "").split("\n", 1)[0] for text in before.texts_of(name)) for name in found.doubtful)


def is_mixed(found: Survey, rest: Rest) -> bool:
    """Tell whether lines in another style stand in what is new and elsewhere: all of them are judged together."""
    return bool(found.facts["strangers"] and rest.before.facts["strangers"])


def _arrived(files: Mapping[str, int], before: Before) -> bool:
    """Tell whether a file that was missing is there."""
    return any(unicodedata.normalize("NFC", name) in files for name in before.missing_media())


def _matching(chunks: Iterator[bytes], known: list[Milestone]) -> tuple[list[Milestone], Any, int]:
    """Return the milestones that a text has passed, the digest up to the last of them, and the text's size."""
    hasher = last = hashlib.sha256()
    matched: list[Milestone] = []
    waiting, position = sorted(known, key=lambda each: each.end, reverse=True), 0
    for chunk in chunks:
        done = 0
        while waiting and waiting[-1].end <= position + len(chunk):
            milestone = waiting.pop()
            hasher.update(memoryview(chunk)[done : milestone.end - position])
            done = milestone.end - position
            if hasher.hexdigest() != milestone.digest:
                waiting.clear()
                break
            matched.append(milestone)
            last = hasher.copy()
        if waiting:
            hasher.update(memoryview(chunk)[done:])
        position += len(chunk)
    return matched, last, position
