"""WhatsApp's "Export chat": a text in the phone's own language and date format, alone or in a zip with its media.

It is read in two passes, from the first place from which that can be done. Headers hold no zone, no ids and no hint at
their format, so all is inferred from the file as a whole; what cannot be is asked for, never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin.whatsapp._archive import Archive, is_anonymous, mentions_whatsapp, open_archive, stem
from egregora_core.builtin.whatsapp._blocks import Engine
from egregora_core.builtin.whatsapp._checkpoint import Trail, salted, starts
from egregora_core.builtin.whatsapp._first_lines import looks_like_chat
from egregora_core.builtin.whatsapp._parse import messages
from egregora_core.builtin.whatsapp._survey import Survey, header_pattern, survey
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import DateOrderError, Export, ExportError, Reading, ReadOptions, Recognised, YearError

_CHATTY = 0.2
"""Of a chat's lines at least this share start a message; people rarely write more lines than that at once."""
_LITTLE = 1 << 16
_MOST_FILES = 2000
"""Of more, what was there is not noted."""
_ALIKE = ("template", "form", "platform", "encoding", "date_order")
"""What the rest of a text has to tell as all of it did."""


def recognise(export: Export) -> Recognised:
    """Say how surely a file or folder is a WhatsApp export, from its name and first lines."""
    name = export.path.name
    named = mentions_whatsapp(name) or is_anonymous(stem(name))
    try:
        share = looks_like_chat(open_archive(export).text, named=named or not export.is_file)
    except (ExportError, OSError):
        return Recognised("no")
    if share > _CHATTY:
        return Recognised("certain", "its lines, and its name") if named else Recognised("likely", "its lines")
    return Recognised("maybe" if share else "no", "some of its lines")


def read(export: Export, options: ReadOptions) -> Reading:
    """Read an export.

    Raises ExportError where it is none, DateOrderError where day and month cannot be told apart, YearError where dates
    have no year.
    """
    archive = open_archive(export)
    export.uses(archive.member)
    archive.text.year = options.year
    archive.text.progress = options.progress
    title = options.thread if options.thread is not None else archive.title
    engine = Engine()
    try:
        return _read(archive, engine, title, options)
    except BaseException as error:
        engine.close()
        if isinstance(error, DateOrderError | YearError):
            error.thread = title
        raise


def _read(archive: Archive, engine: Engine, title: str | None, options: ReadOptions) -> Reading:
    """Read from the first place that shows that it can be read from there; the last one is the beginning."""
    for start in starts(archive, options.last(title) if title is not None else {}):
        try:
            found = survey(start, engine, archive.title, options.date_order)
        except ExportError:
            if not start.last:
                raise
            continue
        signs = found.authors.signs
        last, form = start.last, repr((header_pattern(found.seen.templates), signs, start.text.crlf))
        facts = {**found.facts, "form": next(iter(salted(archive, [form])))}
        if _holds(found, facts):
            break
    told = [*_hints(archive.text, found)]
    # Those of all the text, as far as they are known before it is read.
    sums = {"other_lines": last.get("other_lines", 0) + facts["other_lines"], "missing": last.get("missing", 0)}
    facts = {**facts, **{name: last[name] for name in facts if name in last}, "paddings": facts["paddings"], **sums}
    start.text.opening = b""
    trail = Trail(start, found.seen.size, signs.chat_name if signs.is_group else None)
    tables = messages(found, trail, engine, title, archive.files)
    batches = _batches(archive, engine, tables, trail, facts)
    return Reading(batches, title, zoned=False, facts=facts, notices=told, continued=start.continued)


def _holds(found: Survey, facts: Mapping[str, Any]) -> bool:
    """Tell whether what was taken for granted is what the rest of the text tells.

    Lines in another style before and behind the start are judged together, and a name that may be the beginning of a
    longer one by all the text.
    """
    last = found.start.last
    alike = all(facts[name] == last.get(name) for name in _ALIKE)
    mixed = facts["other_lines"] and last.get("other_lines")
    return not last or (alike and not mixed and not found.seen.census.is_doubtful())


def _batches(
    archive: Archive, engine: Engine, tables: Iterator[pa.Table], trail: Trail, facts: dict[str, Any]
) -> Iterator[pa.Table]:
    """Yield the messages; at their end, `facts` say from where on a longer export can be read."""
    rows = 0
    try:
        for table in tables:
            rows += table.num_rows
            facts["missing"] += _missing(table)
            yield table
        if not rows:
            raise ExportError(
                f"{archive.text.where}: none of its {facts['headers']:,} headers could be read"
                f"{' (are its dates year, day, month?)' if facts.get('date_order') == 'YMD' else ''}; export the chat "
                "again"
            )
        noted = facts["missing"] and len(archive.files) <= _MOST_FILES
        facts |= {"files": sorted(salted(archive, archive.files)) if noted else [], **trail.facts()}
    finally:
        engine.close()


def _missing(messages: pa.Table) -> int:
    """Return how many attachments are named, and not in the export."""
    if "media" not in messages.column_names:
        return 0
    media = pc.list_flatten(messages["media"])
    named = pc.is_valid(pc.struct_field(media, "name"))
    return int(pc.sum(pc.and_(named, pc.struct_field(media, "missing"))).as_py() or 0)


def _hints(text: TextFile, found: Survey) -> Iterator[str]:
    """Yield what to tell of lines that may be read otherwise than meant; what lies before the start was told before."""
    start = found.start
    if text.repaired and not start.last:
        yield "some bytes were not UTF-8 and were read as Windows-1252"
    if not start.last and (stray := _lines_before(text, found.header)):
        lines = "line stands" if stray == 1 else "lines stand"
        yield f"{stray:,} {lines} before the first message, so in none; was the beginning cut off?"
    count, first = found.seen.others.told([dialect.order for dialect in found.dialects[:1]])
    if count:
        line = _line_at(text, first + start.text.begin - len(start.text.opening))
        yield (
            f"line {line:,} looks like a message in another style; it was kept as text of the message above it"
            if count == 1
            else f"{count:,} lines look like messages in another style (the first is line {line:,}); they were kept as "
            "text of the messages above them"
        )
    if found.no_times:
        yield (
            "a line begins with a date or time that does not exist; it was kept as text of the message above"
            if found.no_times == 1
            else f"at least {found.no_times:,} lines begin with a date or time that does not exist; they were kept as "
            "text of the message above"
        )


def _line_at(text: TextFile, place: int) -> int:
    """Return the number of the line that begins at a place of a text."""
    line, left = 1, place
    for chunk in text.chunks():
        line += chunk.count(b"\n", 0, left) + chunk.count(b"\r", 0, left)
        left -= len(chunk)
        if left <= 0:
            break
    return line


def _lines_before(text: TextFile, header: bytes) -> int:
    """Return how many lines that are not blank stand before the first header."""
    first, count = re.compile(b"(?m)^" + header), 0
    for chunk in text.chunks(_LITTLE):
        found = first.search(chunk)
        count += sum(1 for line in chunk[: found.start() if found else None].split(b"\n") if line.strip())
        if found:
            break
    return count
