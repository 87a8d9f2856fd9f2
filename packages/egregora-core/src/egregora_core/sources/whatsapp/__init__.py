"""WhatsApp's "Export chat": a text in the phone's own language and date format, alone or in a zip with its media.

Its headers hold no zone, no ids and no hint at their format, so all is inferred from the file as a whole; what cannot
be is asked for, never guessed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import is_zipfile

from egregora_core.plugin import DateOrderError, ExportError, Reading, ReadOptions, YearError

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.sources.whatsapp.archive import Archive
    from egregora_core.sources.whatsapp.engine import Engine
    from egregora_core.sources.whatsapp.parse import Plan
    from egregora_core.sources.whatsapp.survey import Survey
    from egregora_core.sources.whatsapp.text import TextFile

__all__ = ["read", "recognise"]

_LITTLE = 1 << 16
_CHATTY = 0.2
"""Of a chat's lines at least this share start a message; people rarely write more lines than that at once."""


def recognise(path: Path) -> float:
    """Say how surely (0 to 1) a file or folder is a WhatsApp export, from its name and first lines."""
    from egregora_core.sources.whatsapp.archive import looks_like_chat, open_archive
    from egregora_core.sources.whatsapp.titles import is_anonymous, mentions_whatsapp, stem

    try:
        archive = open_archive(path)
        named = mentions_whatsapp(path.name) or is_anonymous(stem(path.name)) or path.is_dir() or is_zipfile(path)
        share = looks_like_chat(archive.text, named=named)
    except (ExportError, OSError):
        return 0.0
    if not share:
        return 0.0
    named = mentions_whatsapp(path.name) or is_anonymous(stem(path.name))
    return min(1.0, 0.5 + 0.3 * (share > _CHATTY) + 0.2 * named)


def read(path: Path, options: ReadOptions) -> Reading:
    """Read an export.

    Raises ExportError where it is none, DateOrderError where day and month cannot be told apart, YearError where dates
    have no year.
    """
    from egregora_core.sources.whatsapp.archive import open_archive
    from egregora_core.sources.whatsapp.engine import Engine

    archive = open_archive(path)
    archive.text.year = options.year
    archive.text.progress = options.progress
    title = options.thread if options.thread is not None else archive.title
    engine = Engine()
    try:
        return _read_rest(archive, engine, title, options) or _read_all(archive, engine, title, options)
    except BaseException as error:
        engine.close()
        if isinstance(error, DateOrderError | YearError):
            error.thread = title
        raise


def _read_all(archive: "Archive", engine: "Engine", title: str | None, options: ReadOptions) -> Reading:
    from egregora_core.sources.whatsapp.parse import Plan
    from egregora_core.sources.whatsapp.resume import Trail
    from egregora_core.sources.whatsapp.survey import survey

    found = survey(archive.text, engine, archive.title, options.date_order)
    notices = ["some bytes were not UTF-8 and were read as Windows-1252"] if archive.text.repaired else []
    if stray := _lines_before(archive.text, found.header):
        lines = "line stands" if stray == 1 else "lines stand"
        notices.append(f"{stray:,} {lines} before the first message, so in none; was the beginning cut off?")
    notices += _told(archive.text, found)
    facts = dict(found.facts)
    batches = _batches(archive, engine, Plan(archive.text, found, Trail(found.size), title), facts)
    return Reading(batches, title, zoned=False, platform_ids=False, facts=facts, notices=notices)


def _read_rest(archive: "Archive", engine: "Engine", title: str | None, options: ReadOptions) -> Reading | None:
    """Read what an earlier export of the chat lacked; None where there is none, or its beginning reads differently."""
    from egregora_core.sources.whatsapp.parse import Plan
    from egregora_core.sources.whatsapp.resume import is_doubtful, is_mixed, left_off
    from egregora_core.sources.whatsapp.survey import survey

    before = options.before(title) if options.before is not None and title is not None else None
    rest = left_off(archive.text, archive.files, before) if before is not None else None
    if rest is None:
        return None
    try:
        found = survey(rest.text, engine, archive.title, options.date_order, rest.left_out)
    except ExportError:
        return None
    alike = ("template", "form", "platform", "encoding", "date_order")
    same = all(found.facts[name] == rest.before.facts.get(name) for name in alike)
    if not same or is_mixed(found, rest) or is_doubtful(found, rest.before):
        return None
    facts = {name: rest.before.facts[name] for name in found.facts}
    facts |= {"paddings": found.facts["paddings"], "strangers": facts["strangers"] + found.facts["strangers"]}
    notices = _told(archive.text, found, rest.text.begin - len(rest.text.opening))
    rest.text.opening = b""
    batches = _batches(archive, engine, Plan(rest.text, found, rest.trail, title), facts)
    return Reading(
        batches, title, zoned=False, platform_ids=False, facts=facts, notices=notices, continued=rest.continued
    )


def _told(text: "TextFile", found: "Survey", before: int = 0) -> list[str]:
    """Return what to say of lines that may be messages; `before` bytes of the text were not seen."""
    return [*_told_of_styles(text, found, before), *_told_of_days(found)]


def _told_of_days(found: "Survey") -> list[str]:
    count = found.no_days + found.no_times
    if not count:
        return []
    lines = "line begins" if count == 1 else f"{count:,} lines begin"
    end = "it was" if count == 1 else "they were"
    start = "a" if count == 1 else "at least"
    return [f"{start} {lines} with a date or time that does not exist; {end} kept as text of the message above"]


def _told_of_styles(text: "TextFile", found: "Survey", before: int) -> list[str]:
    count, first = found.strangers.told([dialect.order for dialect in found.dialects[:1]])
    if not count:
        return []
    line = _line_at(text, first + before)
    if count == 1:
        return [f"line {line:,} looks like a message in another style; it was kept as text of the message above it"]
    lines = f"{count:,} lines look like messages in another style (the first is line {line:,})"
    return [f"{lines}; they were kept as text of the messages above them"]


def _line_at(text: "TextFile", place: int) -> int:
    """Return the number of the line that begins at a place of a text."""
    line, left = 1, place
    for chunk in text.chunks():
        line += chunk.count(b"\n", 0, left) + chunk.count(b"\r", 0, left)
        left -= len(chunk)
        if left <= 0:
            break
    return line


def _lines_before(text: "TextFile", header: bytes) -> int:
    """Return how many lines that are not blank stand before the first header."""
    first, count = re.compile(b"(?m)^" + header), 0
    for chunk in text.chunks(_LITTLE):
        found = first.search(chunk)
        count += sum(1 for line in chunk[: found.start() if found else None].split(b"\n") if line.strip())
        if found:
            break
    return count


def _batches(archive: "Archive", engine: "Engine", plan: "Plan", facts: dict[str, Any]) -> Iterator["pa.Table"]:
    """Yield the messages; at their end, `facts` say from where on a longer export can be read."""
    from egregora_core.sources.whatsapp.parse import messages

    left_out, rows = plan.trail.headers, 0
    try:
        for table in messages(plan, engine, archive.files):
            rows += table.num_rows
            yield table
        if not rows:
            raise ExportError(
                f"{archive.text.where}: none of its {facts['headers']:,} headers could be read; export the chat again"
            )
        facts["milestones"] = plan.trail.milestones()
        if left_out:
            facts["headers"] = plan.trail.headers
    finally:
        engine.close()
