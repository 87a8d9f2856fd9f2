"""WhatsApp's "Export chat": a text in the phone's own language and date format, alone or in a zip with its media.

Its headers hold no zone, no ids and no hint at their format, so all is inferred from the file as a whole; what cannot
be is asked for, never guessed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import DateOrderError, Export, ExportError, Reading, ReadOptions, Recognised, YearError

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.builtin.whatsapp._archive import Archive
    from egregora_core.builtin.whatsapp._blocks import Engine
    from egregora_core.builtin.whatsapp._parse import Plan

__all__ = ["read", "recognise"]

_MOST_FILES = 2000
"""Of more, what was there is not noted."""
_CHATTY = 0.2
"""Of a chat's lines at least this share start a message; people rarely write more lines than that at once."""


def recognise(export: Export) -> Recognised:
    """Say how surely a file or folder is a WhatsApp export, from its name and first lines."""
    from egregora_core.builtin.whatsapp._archive import open_archive
    from egregora_core.builtin.whatsapp._first_lines import looks_like_chat
    from egregora_core.builtin.whatsapp._titles import is_anonymous, mentions_whatsapp, stem

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
    from egregora_core.builtin.whatsapp._archive import open_archive
    from egregora_core.builtin.whatsapp._blocks import Engine

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


def _read(archive: "Archive", engine: "Engine", title: str | None, options: ReadOptions) -> Reading:
    """Read from the first place that shows that it can be read from there; the last one is the beginning."""
    from egregora_core.builtin.whatsapp._checkpoint import starts
    from egregora_core.builtin.whatsapp._hints import hints
    from egregora_core.builtin.whatsapp._parse import Plan
    from egregora_core.builtin.whatsapp._survey import survey

    last = options.last(title) if title is not None else {}
    for start in starts(archive, last):
        try:
            found = survey(start, engine, archive.title, options.date_order)
        except ExportError:
            if not start.last:
                raise
            continue
        if start.holds(found):
            break
    told = [*hints(archive.text, start, found)]
    facts = start.begin(found)
    batches = _batches(archive, engine, Plan(start, found, title), facts)
    return Reading(batches, title, zoned=False, facts=facts, notices=told, continued=start.continued)


def _batches(archive: "Archive", engine: "Engine", plan: "Plan", facts: dict[str, Any]) -> Iterator["pa.Table"]:
    """Yield the messages; at their end, `facts` say from where on a longer export can be read."""
    from egregora_core.builtin.whatsapp._checkpoint import file_digests
    from egregora_core.builtin.whatsapp._parse import messages

    rows, missing, start = 0, plan.start.last.get("missing", 0), plan.start
    try:
        for table in messages(plan, engine, archive.files):
            rows += table.num_rows
            missing += _missing(table)
            yield table
        if not rows:
            raise ExportError(
                f"{archive.text.where}: none of its {facts['headers']:,} headers could be read; export the chat again"
            )
        files = sorted(file_digests(archive)) if missing and len(archive.files) <= _MOST_FILES else []
        facts |= {"missing": missing, "files": files, **start.trail.facts()}
        if start.last:
            facts["headers"] = start.trail.headers
    finally:
        engine.close()


def _missing(messages: "pa.Table") -> int:
    """Return how many attachments are named, and not in the export."""
    import pyarrow.compute as pc

    if "media" not in messages.column_names:
        return 0
    media = pc.list_flatten(messages["media"])
    named = pc.is_valid(pc.struct_field(media, "name"))
    return int(pc.sum(pc.and_(named, pc.struct_field(media, "missing"))).as_py() or 0)
