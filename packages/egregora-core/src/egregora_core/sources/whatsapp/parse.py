"""The second pass: blocks of lines into messages, all of it in the engine.

What most messages are (an author and a text) takes the short way; only bodies that may hold something of the app's are
looked into.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.sources.whatsapp.authors import split_sql
from egregora_core.sources.whatsapp.engine import Engine, to_lines
from egregora_core.sources.whatsapp.fixed import times
from egregora_core.sources.whatsapp.lines import Block, blocks
from egregora_core.sources.whatsapp.markers import columns_sql, is_special
from egregora_core.sources.whatsapp.phrases import TYPES
from egregora_core.sources.whatsapp.survey import Survey
from egregora_core.sources.whatsapp.template_sql import fixed, parse_sql
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.sources.whatsapp.words import MARKS

if TYPE_CHECKING:
    import pyarrow as pa


def messages(text: TextFile, engine: Engine, found: Survey, files: Mapping[str, int]) -> Iterator["pa.Table"]:
    """Yield tables of messages, in the file's order."""

    def read(block: Block, lines: "pa.Table") -> "pa.Table":
        return _messages(block, lines, engine, found, files)

    return engine.map(read, blocks(text.chunks(), found.header))


def _messages(block: Block, lines: "pa.Table", engine: Engine, found: Survey, files: Mapping[str, int]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    newline = block.newline.decode()
    header = fixed(found.dialects)
    if header is not None:
        lines = lines.append_column("fast", times(header, lines["l"].chunk(0)))
    split = split_sql(parse_sql(found.dialects), newline, found.authors)
    base = engine.table(f"SELECT ts, author, t, {is_special('t', newline)} AS special FROM ({split})", lines)
    if base["ts"].null_count:
        return _messages(*_without_strays(block, base["ts"].to_numpy(), lines), engine, found, files)
    special = pc.or_kleene(base["special"], pc.is_null(base["author"])).combine_chunks()
    where = pc.indices_nonzero(special)
    odd = pa.table({"pos": where, "author": base["author"].take(where), "t": base["t"].take(where)})
    columns = _special_columns(engine.table(columns_sql("lines", newline, found.authors.signs), odd), files)
    spread = _spread(where, base.num_rows)
    author = pc.if_else(special, columns["author"].take(spread), base["author"].combine_chunks())
    body = pc.if_else(special, columns["t"].take(spread), base["t"].combine_chunks())
    return pa.table(
        {
            "ts": base["ts"],
            "author": _without_marks(pc.fill_null(author, "")),
            "text": pc.replace_substring(body, newline, "\n"),
            "kind": pc.fill_null(columns["kind"].take(spread), "text"),
            **{name: columns[name].take(spread) for name in _ATTRIBUTES},
        }
    )


_ATTRIBUTES = ("edited", "media_name", "media_size", "media_missing", "media_type", "mentions")


def _without_marks(authors: "pa.Array") -> "pa.Array":
    """Return the names without direction marks around them; a phone number comes wrapped in some."""
    import pyarrow.compute as pc

    names = authors.dictionary_encode()
    return pc.utf8_trim(names.dictionary, MARKS).take(names.indices)


def _spread(where: "pa.Array", rows: int) -> "pa.Array":
    """Return for each row its place among the special ones, null for the others."""
    import numpy as np
    import pyarrow as pa

    places = np.zeros(rows, dtype=np.int64)
    mask = np.ones(rows, dtype=bool)
    places[where.to_numpy()] = np.arange(len(where))
    mask[where.to_numpy()] = False
    return pa.array(places, mask=mask)


def _special_columns(found: "pa.Table", files: Mapping[str, int]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {name: found[name].combine_chunks() for name in found.column_names}
    names = columns["media_name"]
    place = pc.index_in(pc.utf8_normalize(names, "NFC"), value_set=pa.array(list(files), pa.string()))
    suffix = pc.utf8_lower(pc.replace_substring_regex(names, r"^(?s:.*)\.", ""))
    kind = pc.index_in(suffix, value_set=pa.array(list(TYPES)))
    lacking = pc.if_else(pc.is_valid(names), pc.is_null(place), columns["media_missing"])
    return {
        **columns,
        "media_size": pa.array(list(files.values()), pa.int64()).take(place),
        "media_missing": lacking,
        "media_type": pa.array(list(TYPES.values())).take(kind),
        "edited": pc.if_else(columns["edited"], pa.scalar(value=True), None),
    }


def _without_strays(block: Block, times: Any, lines: "pa.Table") -> tuple[Block, "pa.Table"]:
    """Return the block with lines whose header gives no time (30 February) as part of the message before."""
    import numpy as np

    texts = block.data.split(b"\n")
    keep = ~np.isnat(times)
    if not keep.any():
        return Block(b"", block.newline), lines.slice(0, 0)
    first = int(keep.argmax())
    merged: list[list[bytes]] = []
    for text, is_header in zip(texts[first:], keep[first:], strict=True):
        if is_header:
            merged.append([text])
        else:
            merged[-1].append(text)
    joined = Block(b"\n".join(block.newline.join(parts) for parts in merged), block.newline)
    return joined, to_lines(joined, 0)
