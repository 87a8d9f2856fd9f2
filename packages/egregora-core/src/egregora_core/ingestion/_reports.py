"""What a source says of its reading, once it has read: checked, since it is recorded and told."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from egregora_core.errors import PluginError
from egregora_core.ingestion._job import Ingest
from egregora_core.plugins import Report
from egregora_core.storage import Database, literal


def report_of(db: Database, job: Ingest) -> Report:
    """Ask the source for its report, and add what it said before. Raises PluginError where it cannot be recorded.

    A fact that is a name of the export is left out, and told: runs are no place for names.
    """
    report = job.reading.report()
    if not isinstance(report, Report):
        raise PluginError(f"source {job.source!r}: its report is a {type(report).__name__}, expected a Report")
    facts = {**job.reading.facts, **report.facts}
    for what, value in (("facts", facts), ("left_out", dict(report.left_out))):
        _check(f"source {job.source!r}: {what} of its report", value)
    if not all(type(count) is int for count in report.left_out.values()):
        raise PluginError(f"source {job.source!r}: left_out of its report counts what is left out: give whole numbers")
    named = _names(db, job, {*_texts(facts), *_texts(report.left_out)})
    notices = [*report.notices, *([_NAMED] if named else [])]
    return Report(_without(facts, named), _without(report.left_out, named), notices)


_NAMED = "what the source found out about the format holds a name of the export; that was not recorded"


def _check(where: str, value: Any) -> None:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{where} are no JSON ({type(error).__name__}): give texts, numbers and lists") from None


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if names.isdisjoint(_texts({key: value}))}


def told_of(report: Report) -> list[str]:
    """Return what a report tells the person at the terminal."""
    return [*report.notices, *told_of_left_out(report.left_out)]


def told_of_left_out(left_out: Mapping[str, int]) -> list[str]:
    """Return the line that says what is left out; none where nothing is."""
    parts = ", ".join(f"{what} ({count:,})" for what, count in left_out.items() if count)
    return [f"left out, as no message says it: {parts}"] if parts else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from (str(key), *_texts(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _names(db: Database, job: Ingest, texts: set[str]) -> set[str]:
    """Return those of some texts that are somebody's name, or a chat's."""
    if not texts:
        return set()
    told = f"VALUES {', '.join(f'({literal(text)})' for text in sorted(texts))}"
    authors = "" if job.by_id else " OR name IN (SELECT author FROM staged)"
    known = f"name IN (SELECT name FROM staging.named){authors}"
    found = db.execute(f"SELECT name FROM ({told}) AS told (name) WHERE name <> '' AND ({known})")
    return {name for (name,) in found}
