"""The lines of one file as messages: columns that the host knows, in batches, without a loop over lines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from egregora_sources.irc._clock import Clock, Frames
from egregora_sources.irc._dates import framed
from egregora_sources.irc._events import SEPARATOR, Told, told
from egregora_sources.irc._profiles import COLUMNS, TABS, Layout, bare, profiles

_CODES = "[\x02\x0f\x11\x12\x16\x1d\x1e\x1f]|\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?"
"""Bold, colours and the like."""
_DRESS = r"^[\s~&@%+]+|(?:[!(]\S*)?(?:[:/][#&]\S*)?[\s,.:]*$"
"""What stands around a nick: whether he is an operator, his host, the channel that he writes to."""
_DOES = "^\x01ACTION ([^\x01]*)\x01?$"
"""As the protocol says that somebody does something, in logs of programs that write it as it came."""
_MARKED = rf"^[ ]*(?:{profiles()['marks']['pattern']}|)$"
"""What stands in a nick's place where nobody says anything."""
_CHANGE = "^-$"
"""What stands between `<` and `>` where somebody changed their nick."""
_MOST = 1 << 16
"""Lines that are kept for one that may go on; more are none of an IRC program."""


@dataclass
class Seen:
    """Who was met in the files of an export."""

    nicks: dict[str, str] = field(default_factory=dict)
    """As they are written now, by their ids."""
    changes: list[tuple[str, str]] = field(default_factory=list)
    """Ids, from and to, in the order of the files."""


@dataclass
class Log:
    """One file, being read."""

    layout: Layout
    clock: Clock
    network: str | None
    seen: Seen

    def batches(self, chunks: Iterable[list[str]]) -> Iterator[pa.Table]:
        """Yield the messages of lines that come in lists."""
        for lines in _whole(_without_name(chunks)):
            if len(table := self._batch(pa.array(lines, pa.string()))):
                yield table

    def _batch(self, lines: pa.Array) -> pa.Table:
        lines = _uncoloured(lines)
        lines = _joined(lines.filter(pc.match_substring_regex(lines, r"\S")), columns=self.layout.style == COLUMNS)
        lines = lines.filter(pc.invert(pc.match_substring_regex(lines, profiles()["frame"]["channel"])))
        frames = _frames(lines)
        is_frame = pc.is_in(pa.array(range(len(lines)), pa.int64()), pa.array(list(frames), pa.int64()))
        said = pc.extract_regex(lines, self.layout.message)
        is_said = pc.and_not(said.is_valid(), is_frame)
        nobody = _MARKED if self.layout.style in (COLUMNS, TABS) else _CHANGE
        marked = pc.match_substring_regex(pc.struct_field(said, "nick"), nobody)
        is_said = pc.and_not(is_said, pc.fill_null(marked, fill_value=False))
        others = lines.filter(pc.invert(is_said))
        mark, rest, theirs = self._others(others)
        stamps = _merged(said, is_said, theirs)
        ts = pc.cast(self.clock.times(stamps, frames), pa.timestamp("us"))
        columns = self._columns(is_said, said, told(mark, rest))
        return pa.table({"ts": ts, **columns}).filter(pc.invert(is_frame))

    def _others(self, lines: pa.Array) -> tuple[pa.Array, pa.Array, pa.StructArray]:
        """Return mark, rest and stamps of lines that are no messages."""
        other = pc.extract_regex(lines, self.layout.other)
        unstamped = other.is_null()
        alone = pc.extract_regex(lines.filter(unstamped), bare())
        mark, rest = (
            pc.replace_with_mask(pc.struct_field(other, name), unstamped, pc.struct_field(alone, name))
            for name in ("mark", "rest")
        )
        return mark, rest, other

    def _columns(self, is_said: pa.Array, said: pa.StructArray, found: Told) -> dict[str, pa.Array]:
        def both(mine: pa.Array, theirs: pa.Array) -> pa.Array:
            return pc.replace_with_mask(mine, pc.invert(is_said), theirs)

        text = pc.struct_field(said, "said")
        if self.layout.style != TABS:
            text = pc.replace_substring_regex(text, r"^[ \t]", "", max_replacements=1)
        if pc.any(pc.match_substring(text, "\x01ACTION ")).as_py():
            text = pc.replace_substring_regex(text, _DOES, r"\1")
        nothing = pa.nulls(len(is_said), pa.string())
        author = self._ids(both(pc.struct_field(said, "nick"), found.author))
        self.seen.changes += [(self._id(was), self._id(now)) for was, now in found.changes]
        return {
            "author": author,
            "text": both(text, found.text),
            "kind": pc.if_else(author.is_valid(), "text", "system"),
            "event": both(nothing, found.event),
            "mentions": self._mentions(both(nothing, found.about)),
        }

    def _ids(self, nicks: pa.Array) -> pa.Array:
        """Return the ids of nicks, each asked once, and remember how they are written."""
        coded = nicks.dictionary_encode()
        written = pc.replace_substring_regex(coded.dictionary, _DRESS, "")
        ids = pa.array([self._id(nick) if nick else None for nick in written.to_pylist()], pa.string())
        return ids.take(coded.indices)

    def _id(self, nick: str) -> str:
        bare_ = re.sub(_DRESS, "", nick) or nick
        id_ = f"{self.network}/{bare_}".casefold() if self.network else bare_.casefold()
        self.seen.nicks[id_] = bare_
        return id_

    def _mentions(self, about: pa.Array) -> pa.Array:
        coded = about.dictionary_encode()
        lists = [
            list(dict.fromkeys(self._id(nick) for nick in each.split(SEPARATOR) if nick.strip()))
            for each in coded.dictionary.to_pylist()
        ]
        return pa.array(lists, pa.list_(pa.string())).take(coded.indices)


def _without_name(chunks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield the lines without a first one that only names the channel."""
    first = True
    for lines in chunks:
        yield lines[1:] if first and lines and re.match(profiles()["frame"]["first"], lines[0].strip()) else lines
        first = first and not lines


def _whole(chunks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield the lines such that none begins with one that goes on from the list before."""
    rest: list[str] = []
    for chunk in chunks:
        lines = rest + chunk
        end = len(lines) - 1
        while end > 0 and lines[end][:1] in {" ", "\t"}:
            end -= 1
        end = end or (len(lines) if len(lines) > _MOST else 0)
        rest = lines[end:]
        if end > 0:
            yield lines[:end]
    if rest:
        yield rest


def _merged(said: pa.StructArray, is_said: pa.Array, theirs: pa.StructArray) -> pa.StructArray:
    """Return the stamps of all lines; a line without one has null parts."""
    names = [each.name for each in theirs.type if each.name not in {"mark", "rest"}]
    parts = [
        pc.replace_with_mask(pc.struct_field(said, name), pc.invert(is_said), pc.struct_field(theirs, name))
        for name in names
    ]
    nothing = pa.nulls(len(is_said), pa.string())  # for a log without stamps: a struct has at least one part
    return pa.StructArray.from_arrays([*parts, nothing], [*names, "nothing"])


def _uncoloured(lines: pa.Array) -> pa.Array:
    coded = pc.match_substring_regex(lines, "[\x02-\x04\x0f\x11\x12\x16\x1d-\x1f]")
    if not pc.any(coded).as_py():
        return lines
    return pc.if_else(coded, pc.replace_substring_regex(lines, _CODES, ""), lines)


def _joined(lines: pa.Array, *, columns: bool) -> pa.Array:
    """Return the lines with those that an IRC program broke in one piece again: the rest of one begins with a blank."""
    margin = r"^[ \t]+(?:[|│][ \t]?)?" if columns else r"^[ \t]+"
    goes_on = pc.match_substring_regex(lines, r"^[ \t]+\S")
    if not pc.any(goes_on).as_py():
        return lines
    starts = pc.indices_nonzero(pc.invert(goes_on)).to_pylist()
    offsets = [0, *(start for start in starts if start), len(lines)] if len(lines) else [0]
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pc.replace_substring_regex(lines, margin, ""))
    return pc.binary_join(lists, " ")


def _frames(lines: pa.Array) -> Frames:
    candidates = pc.indices_nonzero(pc.match_substring_regex(lines, profiles()["frame"]["pattern"])).to_pylist()
    next_day = re.compile(profiles()["frame"]["next_day"])
    found = {
        place: framed(line, next_day=bool(next_day.match(line)))
        for place in candidates
        if (line := lines[place].as_py())
    }
    return {place: told_ for place, told_ in found.items() if told_ is not None}
