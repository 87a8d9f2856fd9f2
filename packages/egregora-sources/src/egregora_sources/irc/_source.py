"""Logs of IRC, recognised by their lines and read file by file: each is of one channel, a channel may have many."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
from egregora_core.plugin import (
    DateOrder,
    DateOrderError,
    Export,
    ExportError,
    Reading,
    ReadOptions,
    Recognised,
    Report,
    Thread,
    YearError,
)

from egregora_sources.irc._clock import Clock, has_zone
from egregora_sources.irc._dates import EPOCH, framed, order_of, spelt, year_in
from egregora_sources.irc._lines import Log, Seen
from egregora_sources.irc._people import people_of
from egregora_sources.irc._places import Place, place_of
from egregora_sources.irc._profiles import Layout, layout_of, profiles

_TEXTS = re.compile(r"(?i)\.(?:log|txt|weechatlog|irc|raw|out)(?:\.|$)|\.[\d-]+$|^[^.]+$")
"""Names that logs have: their own endings, dates, none at all."""
_NO_CHATS = re.compile(r"(?:^|/)(?:core|relay|xfer|script|fset)\.[^/]*\.weechatlog$")
"""What WeeChat says of itself."""
_LOOKED_AT = 12
_SURE = ("no", "maybe", "likely", "certain")


def recognise(export: Export) -> Recognised:
    """Say by their first lines whether files are logs; of a folder most of those that may be have to be."""
    names = _texts(export)[:_LOOKED_AT]
    found = [layout for name in names if (layout := layout_of(export.head(name))) is not None]
    if not found or len(found) * 2 < len(names):
        return Recognised("no")
    best = max(found, key=lambda layout: _SURE.index(layout.sure))
    said = "no stamp" if not best.has_time else f"a stamp ({best.stamp})"
    return Recognised(best.sure, f"lines with {said} and nicks in {best.style}")


def read(export: Export, options: ReadOptions) -> Reading:
    """Read all logs of the export. Raises ExportError where it has none, or none that tells a date."""
    logs, others = _logs(export)
    if not logs:
        raise ExportError(f"{export.path}: no log of an IRC program is in it")
    order = _order(export, logs, options)
    dated = [_dated(export, log, options, order) for log in logs]
    undated = [log.name for log, clock in zip(logs, dated, strict=True) if clock is None]
    if len(undated) == len(logs):
        raise _no_date(export, logs, options)
    zoned = _zoned(export, logs)
    seen, chats = Seen(), _chats(logs, options)
    work = [(log, clock) for log, clock in zip(logs, dated, strict=True) if clock is not None]
    alone = next(iter(chats.values())).id if len(chats) == 1 else None
    return Reading(
        _batches(export, work, chats, seen, alone),
        alone,
        zoned=zoned,
        facts=_facts(logs, order, options),
        threads=chats.values,
        people=lambda: people_of(seen.nicks, seen.changes),
        report=lambda: _report(others, undated),
    )


@dataclass(frozen=True)
class _File:
    """A log of the export."""

    name: str
    layout: Layout
    place: Place
    head: str


def _texts(export: Export) -> list[str]:
    if export.is_file:
        return list(export.names)
    return [name for name in export.names if _TEXTS.search(name.rpartition("/")[2]) and not _NO_CHATS.search(name)]


def _logs(export: Export) -> tuple[list[_File], int]:
    """Return the logs in the order of their days, and how many files are none."""
    found = []
    for name in _texts(export):
        head = export.head(name)
        if (layout := layout_of(head)) is not None:
            place = place_of(name, export)
            found.append(_File(name, layout, _named(place, head), head))
    found.sort(key=lambda log: (log.place.id, log.place.day or 0, log.name))
    return found, len(export.names) - len(found)


def _named(place: Place, head: str) -> Place:
    """Return the place with the channel that the log names inside."""
    match = re.search(profiles()["frame"]["channel"], head, re.MULTILINE)
    match = match or re.match(profiles()["frame"]["first"], head.partition("\n")[0].strip())
    return replace(place, channel=match[1]) if match else place


def _chats(logs: list[_File], options: ReadOptions) -> dict[str, Thread]:
    """Return the chats, by the ids that their files give them."""
    found = {log.place.id: log.place for log in logs}
    if options.thread is not None and len(found) == 1:
        return {next(iter(found)): Thread(options.thread)}
    return {
        id_: Thread(id_, place.title, "channel" if place.channel[:1] in {"#", "&"} else "other")
        for id_, place in found.items()
    }


# --- dates --------------------------------------------------------------------------------------------------------


def _stamps(log: _File) -> pa.StructArray:
    return pc.extract_regex(pa.array(log.head.split("\n"), pa.string()), log.layout.pattern)


def _order(export: Export, logs: list[_File], options: ReadOptions) -> DateOrder | None:
    """Return the order of day and month, where stamps are of numbers. Raises DateOrderError where nothing tells."""
    numbers = [log for log in logs if log.layout.stamp == "numbers"]
    if not numbers:
        return None
    dates = (
        date for log in numbers for date in pc.unique(pc.struct_field(_stamps(log), "date")).drop_null().to_pylist()
    )
    if (order := options.date_order or order_of(dates)) is None:
        error = DateOrderError(
            f"{export.path}: nothing in its first lines tells whether the day or the month comes first; say it with "
            "--date-order dmy or mdy"
        )
        error.thread = options.thread or numbers[0].place.id
        raise error
    return order


def _zoned(export: Export, logs: list[_File]) -> bool:
    """Tell whether the logs give instants. Raises ExportError where some do and some do not."""
    times = [pc.struct_field(stamps, "time") for stamps in map(_stamps, logs) if _has(stamps, "time")]
    zoned = {has_zone(each) for each in times} | {True for log in logs if _has(_stamps(log), "epoch")}
    if len(zoned) > 1:
        raise ExportError(
            f"{export.path}: some of its logs give their times with a zone and some without; give them one by one"
        )
    return zoned == {True}


def _has(stamps: pa.StructArray, part: str) -> bool:
    return any(field.name == part for field in stamps.type)


def _dated(export: Export, log: _File, options: ReadOptions, order: DateOrder | None) -> Clock | None:
    """Return a clock that stands where the log begins; None where nothing tells the date, or its year."""
    stamps = _stamps(log)
    have = {field.name for field in stamps.type}
    if have & {"epoch", "year"}:
        return Clock(None, order=order)
    if "date" in have:
        dates = pc.unique(pc.struct_field(stamps, "date")).drop_null().to_pylist()
        if any((date := spelt(text, order)) is not None and date.year is not None for text in dates):
            return Clock(None, order=order)
        year = options.year or year_in(log.name) or _year_inside(export, log)
        return Clock(None, year=year) if year is not None else None
    day = log.place.day
    if day is None and (first := _first_frame(export, log)) is not None:
        line, day = first
        day -= bool(re.match(profiles()["frame"]["next_day"], line))
    return Clock(day) if day is not None else None


def _first_frame(export: Export, log: _File) -> tuple[str, int] | None:
    """Return the first line that tells a date, and the day that it tells."""
    pattern = profiles()["frame"]["pattern"]
    for lines in _from_head_on(export, log):
        table = pa.array(lines, pa.string())
        for line in table.filter(pc.match_substring_regex(table, pattern)).to_pylist():
            if (found := framed(line, next_day=False)) is not None:
                return line, found[0]
    return None


def _from_head_on(export: Export, log: _File) -> Iterator[list[str]]:
    yield log.head.split("\n")
    yield from export.lines(log.name)


def _year_inside(export: Export, log: _File) -> int | None:
    found = _first_frame(export, log)
    return None if found is None else (EPOCH.fromordinal(EPOCH.toordinal() + found[1])).year


def _no_date(export: Export, logs: list[_File], options: ReadOptions) -> ExportError:
    if any("date" in {field.name for field in _stamps(log).type} for log in logs):
        error = YearError(
            f"{export.path}: its dates have no year; say that of its first line with --year YEAR, or put it into the "
            "file's name"
        )
        error.thread = options.thread or logs[0].place.id
        return error
    ending = logs[0].name.rpartition(".")[2]
    tells = "times but no date" if any(log.layout.has_time for log in logs) else "who said what, and not when"
    return ExportError(
        f"{export.path}: it tells {tells}. Put the date of its first line into the file's name, such as "
        f"NAME-2024-03-31.{ending}"
    )


# --- what is read -------------------------------------------------------------------------------------------------


def _batches(
    export: Export, work: list[tuple[_File, Clock]], chats: dict[str, Thread], seen: Seen, alone: str | None
) -> Iterator[pa.Table]:
    for file, clock in work:
        log = Log(file.layout, clock, file.place.network, seen)
        for table in log.batches(_lines(export, file.name)):
            if table["ts"].null_count:
                raise ExportError(f"{export.path}: {file.name} has a date that is none, with nothing before it that is")
            if alone is None:
                thread = pa.repeat(chats[file.place.id].id, len(table))
                table = table.append_column("thread", thread)  # noqa: PLW2901 - the same, with its chat
            yield table


def _lines(export: Export, name: str) -> Iterator[list[str]]:
    """Yield the lines of a log; those in ISO-2022-JP, which are ASCII with escapes, as what they say."""
    for lines in export.lines(name):
        yield [_japanese(line) if "\x1b$" in line else line for line in lines]


def _japanese(line: str) -> str:
    return line.encode("ascii").decode("iso2022_jp", "replace") if line.isascii() else line


def _facts(logs: list[_File], order: DateOrder | None, options: ReadOptions) -> dict[str, object]:
    facts: dict[str, object] = {
        "logs": len(logs),
        "stamps": sorted({log.layout.stamp for log in logs}),
        "styles": sorted({log.layout.style for log in logs}),
    }
    if order is not None:
        facts |= {"date_order": order, "date_order_confidence": "certain"}
    if options.year is not None:
        facts["year"] = str(options.year)
    return facts


def _report(others: int, undated: list[str]) -> Report:
    left_out = {"files that are no logs": others, "logs without a date": len(undated)}
    notices = []
    if undated:
        named = ", ".join(undated[:3]) + (", …" if len(undated) > 3 else "")  # noqa: PLR2004 - enough to see which
        notices.append(f"no date is known of {named}: put the date of its first line into a log's name")
    return Report(left_out={what: count for what, count in left_out.items() if count}, notices=notices)
