"""The second pass: blocks of lines into messages, all of it in the engine.

What most messages are (an author and a text) takes the short way; only bodies that may hold something of the app's are
looked into, those of a few blocks at once: to plan that query takes longer than to run it.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin.whatsapp._authors import Authors
from egregora_core.builtin.whatsapp._blocks import Block, Engine, blocks, to_lines
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._checkpoint import Trail
from egregora_core.builtin.whatsapp._dialect import cut_sql
from egregora_core.builtin.whatsapp._markers import columns_sql, is_special
from egregora_core.builtin.whatsapp._phrases import MEDIA_TYPES, events, is_phrase, with_roles
from egregora_core.builtin.whatsapp._survey import Survey
from egregora_core.plugin import literal

_TOGETHER = 3
"""Blocks whose special bodies are looked into together."""


def messages(
    found: Survey, trail: Trail, engine: Engine, title: str | None, files: Mapping[str, int]
) -> Iterator[pa.Table]:
    """Return tables of messages, in the file's order, while the trail takes note of them.

    `title` is what the chat is called, `files` (name → size) what lies beside it.
    """
    signs = found.authors.signs

    def finish(group: tuple[str, list[pa.Table]]) -> pa.Table:
        newline, together = group
        special, rows = columns_sql(newline, signs, title), pa.concat_tables(together)
        return _finished(rows, newline, lambda odd: _special_columns(engine.table(special, with_roles(odd)), files))

    # While one group is finished, the next ones are read.
    return engine.map(finish, _together(_plain(found, trail, engine)), ahead=1)


def _together(blocks: Iterator[tuple[str, pa.Table]]) -> Iterator[tuple[str, list[pa.Table]]]:
    """Yield neighbours with the same sign for a line break, a few at a time."""
    for newline, alike in groupby(blocks, itemgetter(0)):
        while together := [rows for _, rows in islice(alike, _TOGETHER)]:
            yield newline, together


def _plain(found: Survey, trail: Trail, engine: Engine) -> Iterator[tuple[str, pa.Table]]:
    """Yield of each block what stands for a line break, and its messages, while the trail takes note.

    Their columns: ts, the author and text `t` that they seem to have, and `special` where that may be wrong.
    """
    cut = cut_sql(found.seen.templates)
    signs, text = found.authors.signs, found.start.text

    def read(block: Block) -> tuple[Block, pa.Table, pa.Table]:
        newline, lines = block.newline.decode(), to_lines(block)
        parts = engine.table(cut, lines)
        split = _split_sql(newline, found.authors)
        sql = f"SELECT author, t, {is_special('t', newline, signs)} AS special FROM ({split})"
        rows = engine.table(sql, parts.select(["rest"]))
        special = pc.or_(pc.is_null(rows["author"]), is_phrase(rows["t"], unmarked=signs.unmarked))
        rows = rows.set_column(2, "special", pc.or_kleene(special, rows["special"]))
        return block, lines, rows.append_column("ts", [found.seen.clock.times(parts)])

    for block, lines, rows in engine.map(read, blocks(text.chunks(), found.header, text.begin)):
        trail.add(block, lines, rows)
        yield block.newline.decode(), rows


def _finished(rows: pa.Table, newline: str, look: Callable[[pa.Table], dict[str, pa.Array]]) -> pa.Table:
    """Return messages with what `look` tells of those that are special."""
    author, body, special = (rows[name].combine_chunks() for name in ("author", "t", "special"))
    odd = rows.select(["author", "t"]).filter(special)
    kind, more = pa.repeat("text", len(rows)), dict[str, pa.Array]()
    if odd.num_rows:  # the query is dear, whatever it is asked of
        columns = look(odd.append_column("pos", pa.array(range(odd.num_rows), pa.int64())))
        spread = _spread(special)
        author = pc.if_else(special, columns["author"].take(spread), author)
        body = pc.if_else(special, columns["t"].take(spread), body)
        kind = pc.fill_null(columns["kind"].take(spread), "text")
        more = {name: columns[name].take(spread) for name in ("edited", "media", "mentions")}
        of_the_app = pc.equal(kind, "system")
        told = body.filter(of_the_app).dictionary_encode()
        more["event"] = events(told.dictionary).take(told.indices).take(_spread(of_the_app))
    names = pc.fill_null(author, "").dictionary_encode()
    author = pc.utf8_trim(names.dictionary, MARKS + SPACES).take(names.indices)
    text = pc.replace_substring(body, newline, "\n")
    return pa.table({"ts": rows["ts"], "author": author, "text": text, "kind": kind, **more})


def _spread(special: pa.Array) -> pa.Array:
    """Return for each row its place among the special ones; null for the others."""
    mask = special.to_numpy(zero_copy_only=False)
    return pa.array(np.cumsum(mask) - 1, mask=~mask)


def _special_columns(found: pa.Table, files: Mapping[str, int]) -> dict[str, Any]:
    columns = {name: found[name].combine_chunks() for name in found.column_names}
    names = columns["media_name"]
    place = pc.index_in(pc.utf8_normalize(names, "NFC"), value_set=pa.array(list(files), pa.string()))
    suffix = pc.utf8_lower(pc.replace_substring_regex(names, r"^(?s:.*)\.", ""))
    kind = pc.index_in(suffix, value_set=pa.array(list(MEDIA_TYPES)))
    lacking = pc.if_else(pc.is_valid(names), pc.is_null(place), columns["media_missing"])
    media = {
        "name": names,
        "url": pa.nulls(len(names), pa.string()),
        "type": pa.array(list(MEDIA_TYPES.values())).take(kind),
        "size": pa.array(list(files.values()), pa.int64()).take(place),
        "missing": lacking,
    }
    return {
        **columns,
        "media": pa.ListArray.from_arrays(
            pa.array(range(len(names) + 1), pa.int32()),
            pa.StructArray.from_arrays(list(media.values()), list(media)),
            mask=pc.and_(pc.is_null(names), pc.is_null(lacking)),
        ),
        "edited": pc.if_else(columns["edited"], pa.scalar(value=True), None),
    }


# --- who writes ---------------------------------------------------------------------------------------------------


def _split_sql(newline: str, authors: Authors) -> str:
    """Return a SELECT over `lines(…, rest)`: its other columns, `author` (null where no one wrote) and body `t`."""
    n = literal(newline)
    # A colon that ends the first line is behind the author of an empty one.
    end = (
        f"CASE WHEN q > 0 AND NOT contains(left(rest, q - 1), {n}) THEN q "
        f"WHEN contains(rest, ':' || {n}) AND substr(rest, instr(rest, {n}) - 1, 1) = ':' THEN instr(rest, {n}) - 1 "
        f"WHEN ends_with(rest, ':') AND NOT contains(rest, {n}) THEN length(rest) ELSE 0 END"
    )
    for name in authors.long_names:
        end = f"CASE WHEN starts_with(rest, {literal(name + ': ')}) THEN {len(name) + 1} ELSE {end} END"
    named = ["e > 1", *(f"NOT starts_with(rest, {literal(start)})" for start in authors.no_starts)]
    if authors.no_names:
        named.append(f"left(rest, e - 1) NOT IN ({', '.join(map(literal, authors.no_names))})")
    return f"""
        SELECT * EXCLUDE (rest, q, e),
               CASE WHEN author IS NULL THEN rest WHEN e = q OR substr(rest, e + 1, 1) = ' ' THEN substr(rest, e + 2)
                    ELSE substr(rest, e + 1) END AS t
        FROM (SELECT *, CASE WHEN {" AND ".join(named)} THEN left(rest, e - 1) END AS author
              FROM (SELECT *, {end} AS e FROM (SELECT *, instr(rest, ': ') AS q FROM lines)))
    """
