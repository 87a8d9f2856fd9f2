"""A unit's messages, part by part, as columns that a writer can count and print.

Everything is an array over the messages of one part, of which some thousand are in memory: a unit may hold one
message or a hundred million. `local` is wall-clock time in the unit's zone, in microseconds; it goes back where the
clock did, while the order of messages stays that of `ts`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin._markdown_text import SEPARATOR
from egregora_core.plugin import Unit

HOUR = 3_600_000_000
DAY = 24 * HOUR
MINUTE = 60_000_000

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

_EPOCH = date(1970, 1, 1)
_MEDIA = {"image": "image", "video": "video", "audio": "audio"}


LONGEST = 2_000_000
"""About so many characters of a window go into one post: a longer page opens nowhere, and has to fit into memory."""
_OF_A_MESSAGE = 40
"""So many are its time, its author, and what stands between."""
_COLUMNS = ("thread_id", "ts", "author_raw", "text", "media_type", "attrs")


@dataclass(frozen=True)
class Conversation:
    """Messages of a unit that follow each other, in reading order; one at least."""

    messages: pa.RecordBatch
    offsets: "tuple[Integers, Integers]"
    """From when each UTC offset of the unit's span holds, and the offsets; both in microseconds."""

    @classmethod
    def parts(cls, unit: Unit) -> "Iterator[Conversation]":
        """Yield all of a unit; call it again to read it again."""
        offsets = _offsets(unit)
        for batch in unit.batches(*_COLUMNS):
            yield cls(batch, offsets)

    @classmethod
    def pieces(cls, unit: Unit) -> "Iterator[tuple[int, Conversation]]":
        """Yield all of a unit, with the numbers of pieces that are no longer than a post may be.

        Where a piece ends follows from the messages alone, and not from how they are divided into parts.
        """
        before = 0
        for talk in cls.parts(unit):
            ends = before + np.cumsum(talk.length + _OF_A_MESSAGE)
            numbers = np.concatenate(([before], ends[:-1])) // LONGEST
            for number in np.unique(numbers):
                start, end = np.searchsorted(numbers, [number, number + 1])
                yield int(number), cls(talk.messages.slice(start, end - start), talk.offsets)
            before = int(ends[-1])

    @cached_property
    def local(self) -> Integers:
        """Wall-clock microseconds since 1970-01-01 00:00 local time."""
        ts: Integers = self._column("ts").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
        starts, offsets = self.offsets
        return ts + offsets[np.searchsorted(starts, ts, side="right") - 1]

    @cached_property
    def author(self) -> Objects:
        """Pseudonyms; empty for what the platform wrote."""
        return _objects(self._column("author_raw"))

    @cached_property
    def text(self) -> Objects:
        """Bodies; empty where there is none."""
        return _objects(self._bodies)

    @property
    def length(self) -> Integers:
        """Characters of each body."""
        lengths: Integers = pc.utf8_length(self._bodies).to_numpy()
        return lengths

    @cached_property
    def kind(self) -> Objects:
        return self._attribute("kind", "text")

    @cached_property
    def edited(self) -> Flags:
        flags: Flags = self._attribute("edited", default=False).astype(bool)
        return flags

    @cached_property
    def thread(self) -> Objects:
        """Titles of the threads, as pseudonyms; empty where unknown."""
        return self._attribute("thread", "")

    @cached_property
    def label(self) -> Objects:
        """What stands in for a body that is not text: `image`, `poll`, `deleted`, …; empty for text."""
        major = pc.coalesce(pc.list_element(pc.split_pattern(pc.coalesce(self._column("media_type"), "/"), "/"), 0), "")
        media = np.array([_MEDIA.get(name, "file") for name in major.to_numpy(zero_copy_only=False)], dtype=object)
        plain = np.isin(self.kind, ["text", "system"])
        return np.where(self.kind == "media", media, np.where(plain, "", self.kind))

    @cached_property
    def said(self) -> Flags:
        """Which messages a person sent, and the platform did not."""
        flags: Flags = self.author != ""
        return flags

    @property
    def threads(self) -> tuple[Integers, Objects]:
        """For each message the place of its thread among the ids, and these."""
        encoded = pc.dictionary_encode(self._column("thread_id").cast(pa.string()))
        return encoded.indices.to_numpy(), _objects(encoded.dictionary)

    @property
    def _bodies(self) -> Any:
        return pc.replace_substring(pc.coalesce(self._column("text"), ""), SEPARATOR, "")

    def _column(self, name: str) -> Any:
        return self.messages.column(name)

    @cached_property
    def _attrs(self) -> tuple[Integers, list[dict[str, Any]]]:
        """Return for each message the place of its attrs among the distinct ones, which are few, parsed."""
        encoded = pc.dictionary_encode(pc.coalesce(self._column("attrs").cast(pa.string()), "{}"))
        return encoded.indices.to_numpy(), [json.loads(text) for text in encoded.dictionary.to_pylist()]

    def _attribute(self, name: str, default: Any) -> Objects:
        places, distinct = self._attrs
        values = np.empty(len(distinct), dtype=object)
        values[:] = [attrs.get(name) or default for attrs in distinct]
        return values[places]


def day_of(local: int) -> date:
    return _EPOCH + timedelta(days=local // DAY)


def clock(local: int) -> str:
    minutes = local % DAY // MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _objects(values: Any) -> Objects:
    array: Objects = values.to_numpy(zero_copy_only=False)
    return array.astype(object)


def _offsets(unit: Unit) -> tuple[Integers, Integers]:
    """Return from when each UTC offset of the unit's span holds, and the offsets; both in microseconds."""
    zone = ZoneInfo(unit.timezone)

    def offset(instant: int) -> int:
        local = datetime.fromtimestamp(instant, UTC).astimezone(zone)
        return int((local.utcoffset() or timedelta()).total_seconds())

    begin = int(unit.window_start.timestamp()) - 1
    end = int(unit.window_end.timestamp()) + 1
    found = [(begin, offset(begin))]
    while begin < end:
        until = min(begin + 86_400, end)
        if offset(until) != found[-1][1]:
            found.append((_change(offset, begin, until), offset(until)))
        begin = until
    return (
        np.array([start for start, _ in found], dtype=np.int64) * 1_000_000,
        np.array([seconds for _, seconds in found], dtype=np.int64) * 1_000_000,
    )


def _change(offset: Any, low: int, high: int) -> int:
    """Return the first second with the offset that holds at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle) == offset(high):
            high = middle
        else:
            low = middle
    return high
