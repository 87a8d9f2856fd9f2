"""An export on the way in: which source reads it, was it read before, and in which zone and date order it is read.

The zone and order of a thread are facts about the thread: recorded once, used again, and never silently changed.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.errors import DateOrderError, ExportError, PluginError, YearError
from egregora_core.exports import Export
from egregora_core.ingestion._batches import tables
from egregora_core.ingestion._chat_records import (
    facts_of,
    is_gone,
    is_intact,
    last_reading,
    recorded,
    recorded_chats,
)
from egregora_core.ingestion._choosing import Chosen, choose_source
from egregora_core.ingestion._job import Ingest
from egregora_core.ingestion._wall_clock import Known, change_of_reading, choose_zone
from egregora_core.plugins import EVERYTHING, Reading, ReadOptions, SourceSpec
from egregora_core.session import ExportProgress, RunOptions, Session
from egregora_core.tracking import DAMAGED, Run, Verdict, Work, decide, differences, known_code, python_code_ref

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings

_GONE = "its chat was forgotten or replaced since"


@dataclass(frozen=True)
class Standing:
    """What is known of a file before it is opened: its digest, and the last time that it was read."""

    digest: str
    """Empty for a folder or zip that was not read before: which of its members count is known when it is read."""
    work: Work | None
    verdict: Verdict | None
    """Set where an earlier ingestion stands."""
    last: Run | None
    gone: bool = False
    """What that ingestion read was forgotten or replaced since."""

    def reason(self, opened: "Opened", *, forced: bool) -> str:
        """Return why this export is read."""
        if forced:
            return "forced"
        if self.last is None:
            return "new file"
        if opened.attrs.get("thread_id") != self.last.attrs.get("thread_id"):
            return "read before as another chat"
        return "; ".join(differences(opened.work, self.last)) or (_GONE if self.gone else DAMAGED)


@dataclass(frozen=True)
class Opened:
    """An export whose format is known, about to be ingested."""

    work: Work
    job: Ingest
    notices: tuple[str, ...]
    recognised: str
    """Why its source reads it."""
    attrs: Mapping[str, Any] = field(default_factory=dict)


def standing_ingestion(session: Session, export: Export, progress: ExportProgress) -> Standing:
    """Look the export's digest up among completed ingestions: it stands unless its thread was replaced or forgotten.

    Of a folder or zip the content of those members counts that were opened before; so there is a digest for each kind
    of source that read one, and no file is read that no source reads.
    """
    size = export.path.stat().st_size if export.is_file else None
    progress.start("looking whether it was read before", size)
    runs = session.runs.completed(session.tenant, "ingestion")
    wanted = session.options.source
    mine = [run for run in runs if wanted in (None, run.stage)]
    keys = dict.fromkeys(tuple(run.attrs.get("opened", ())) for run in mine)
    digests = {key: _digest(session, export, key, progress) for key in ([()] if export.is_file else keys)}
    last = next((run for run in mine if digests.get(_opened_then(export, run)) == run.input_fingerprint), None)
    if last is None:
        return Standing(digests[()] if export.is_file else "", None, None, None)
    work = _work_again(session, last)
    gone = is_gone(last, runs)
    verdict = decide(work, last, intact=not gone and is_intact(session, runs[0]))
    return Standing(work.input_fingerprint, work, verdict if verdict.stands else None, last, gone)


def _opened_then(export: Export, run: Run) -> tuple[str, ...]:
    return () if export.is_file else tuple(run.attrs.get("opened", ()))


@dataclass(frozen=True)
class ReadBefore:
    """The ingestions that together have read a table of a lake, all of which still stand."""

    work: Work
    last: Run
    snapshot: int
    """The state of the lake as of which nothing of the table is unread."""
    as_of: str
    """When what was read of it was said, as `runs` has it; empty where messages have no ids."""


def read_before(session: Session, relation: str) -> ReadBefore | None:
    """Return what is known of a table by its identity; None where any part of it has to be read again.

    What was read is all of it, and then what was added.
    """
    runs = session.runs.completed(session.tenant, "ingestion")
    wanted = session.options.source
    mine = [run for run in runs if run.attrs.get("relation") == relation and wanted in (None, run.stage)]
    whole = next((place for place, run in enumerate(mine) if "since" not in run.attrs), None)
    if whole is None or not is_intact(session, runs[0]):
        return None
    parts = mine[: whole + 1]
    for run in parts:
        if is_gone(run, runs) or differences(_work_again(session, run), run):
            return None
    last, as_of = parts[0], [run.attrs.get("as_of", "") for run in parts]
    stood = ", ".join(f"'{run.run_id}'" for run in parts)
    seen = session.db.scalar(
        "SELECT max((attrs->>'snapshot')::BIGINT) FROM runs WHERE tenant_id = ? AND status = 'cached' "
        f"AND (attrs->>'relation') = ? AND (attrs->>'cached_from') IN ({stood})",
        [session.tenant, relation],
    )
    return ReadBefore(_work_again(session, last), last, max(last.attrs["snapshot"], seen or 0), max(as_of))


def _work_again(session: Session, last: Run) -> Work:
    target = str(last.attrs.get("target", ""))
    return _work(session, last.input_fingerprint or "", _known(last, session), last.stage, target)


def all_have_ids(job: Ingest) -> bool:
    """Read the messages of an export, and tell whether the platform gave an id to each.

    Without ids messages are told apart by those beside them, so a part of a chat cannot be read by itself.
    """
    batches = (batch for batch in tables(job.source, job.whole()) if batch.num_rows)
    return all("msg_id" in batch.column_names and not batch["msg_id"].null_count for batch in batches)


def digest_of(session: Session, export: Export) -> tuple[str, list[str]]:
    """Return the digest of an export that was read, and what has to be known to make it again."""
    opened = [] if export.is_file else sorted(_ending_key(session, ending) for ending in export.opened)
    return _digest(session, export, tuple(opened), ExportProgress()), opened


def _digest(session: Session, export: Export, opened: tuple[str, ...], progress: ExportProgress) -> str:
    hasher, done, size = hashlib.sha256(), 0, export.path.stat().st_size if export.is_file else 0
    for chunk in export.digest(lambda ending: _ending_key(session, ending) in opened):
        hasher.update(chunk)
        done += len(chunk)
        if size:
            progress.bytes_read(done, size)
    return f"sha256:{hasher.hexdigest()}"


def _ending_key(session: Session, ending: str) -> str:
    """Return what stands for an ending in `runs`: files may be called after people."""
    return hashlib.sha256(session.namespace.uuid.bytes + ending.encode(errors="surrogatepass")).hexdigest()[:12]


def open_export(
    session: Session,
    export: Export,
    standing: Standing,
    progress: ExportProgress,
    replaced: frozenset[str] = frozenset(),
) -> Opened:
    """Find out what a file is and how it is to be read; nothing is written yet.

    `replaced` are ids of the threads that this command has forgotten and read again.
    """
    options, settings, path = session.options, session.settings, export.path
    progress.start("looking how it is written")
    chosen = choose_source(session.app, export, options.source)
    spec = chosen.spec
    wanted = options.date_order or settings.pipeline.date_order
    offers = ReadOptions(options.thread, wanted, options.year, progress=progress.bytes_read)
    read = _reader(session, chosen, export, offers)
    anew = options.replace or bool(options.force & {EVERYTHING, "ingestion", spec.name})
    reading = read(None if anew else facts_of(session, spec.name))
    _check_reading(spec, options, reading, path)
    known = recorded(session, spec.name, reading.thread)
    others = recorded_chats(session, spec.name) if reading.thread is None else {}
    order = reading.facts.get("date_order")
    choice = None if reading.zoned else choose_zone(options, settings, known, others)
    zone, zone_from = (choice.zone, choice.origin) if choice else (None, None)
    if known and not options.replace and (change := change_of_reading(known, zone, order, reading.facts.get("year"))):
        raise ExportError(f"{path}: this chat was {change}")
    thread = session.namespace.thread(spec.name, reading.thread) if reading.thread is not None else None
    year = reading.facts.get("year")
    facts = {"timezone": zone, "date_order": order, "year": year, "thread_id": str(thread) if thread else None}
    work = _work(session, standing.digest, facts, spec.name, spec.read)
    last = last_reading(session, spec.name, reading.thread) if reading.continued else None
    if last is not None and differences(replace(work, input_fingerprint=last.input_fingerprint or ""), last):
        reading = read()
    again = "" if options.dry_run else " --replace"  # what is only looked at needs no rereading
    notices = [*reading.notices, *_guesses(reading, wanted, options, known, again)]
    if choice and not others and (told := choice.notice(again=again)):
        notices.insert(0, told)
    if reading.zoned and options.timezone:
        notices.insert(0, _NO_ZONE_NEEDED)
    if thread and standing.last and not standing.gone and str(thread) not in standing.last.attrs.get("thread_ids", ()):
        notices.append(
            f"this file was read before as another chat, so its messages {_THERE[options.dry_run]} there twice; if "
            "that is wrong, `egregora forget --thread TITLE` removes one of the two chats, with all that was read of it"
        )
    job = Ingest(
        reading,
        spec.name,
        session.namespace,
        path,
        zone,
        other_names(settings),
        replace=options.replace,
        replaced=replaced,
        zone_from=zone_from,
        known={} if options.replace and options.timezone else others,
        thread_given=options.thread is not None,
        digest=standing.digest,
        whole=read,
    )
    attrs = {"target": spec.read, "timezone_from": zone_from, "thread_id": facts["thread_id"]}
    attrs |= {"date_order": order, "year": year}
    attrs = {key: value for key, value in attrs.items() if value is not None}
    return Opened(work, job, tuple(notices), chosen.reason, attrs)


def other_names(settings: "LoadedSettings") -> dict[str, str]:
    """Return the canonical name of each other name that `[authors] aliases` lists."""
    return {other: name for name, others in settings.authors.aliases.items() for other in others}


def _guesses(
    reading: Reading, wanted: str | None, options: RunOptions, known: Known | None, again: str
) -> Iterator[str]:
    """Yield what to tell of dates that nobody has settled; `again` is how to reread the export."""
    if known:
        return
    facts = reading.facts
    if facts.get("date_order_confidence") == "likely" and not wanted:
        why = facts.get("date_order_evidence", "their look")
        yield (
            f"dates are read as {_SPELT[str(facts['date_order'])]} (likely: {why}); "
            f"another order: --date-order dmy, mdy or ymd{again}"
        )
    if facts.get("year") is not None and options.year is None:
        why = facts.get("year_evidence", "the file")
        yield f"the first message is taken to be of {facts['year']} (by {why}); another year: --year YEAR{again}"


_SPELT = {"DMY": "day/month/year", "MDY": "month/day/year", "YMD": "year/month/day"}
_THERE = {False: "are now", True: "would be"}
"""By whether this is a dry run."""
_NO_ZONE_NEEDED = (
    "this export gives its times in UTC, so --timezone changes nothing; for its pages, set [pipeline] timezone"
)


def _reader(session: Session, chosen: Chosen, export: Export, wanted: ReadOptions) -> Callable[..., Reading]:
    """Return what reads an export: in the date order that is recorded of its chat, where the export leaves it open."""
    spec = chosen.spec
    function = session.app.resolve(spec.read)
    settings = _source_settings(session, spec.name)[1]

    def read(options: ReadOptions) -> Reading:
        reading = function(export, options, **settings)
        if not isinstance(reading, Reading):
            raise PluginError(f"source {spec.name!r}: read returned a {type(reading).__name__}, expected a Reading")
        return reading

    def in_order(last: Callable[[str], Mapping[str, Any]] | None = None) -> Reading:
        try:
            reading = read(replace(wanted, last=last) if last else wanted)
        except DateOrderError as error:
            known = recorded(session, spec.name, error.thread) or {}
            if "date_order" not in known:
                raise
            reading = read(replace(wanted, date_order=known["date_order"]))
        except YearError as error:
            known = recorded(session, spec.name, error.thread) or {}
            if "year" not in known:
                raise
            reading = read(replace(wanted, year=int(known["year"])))
        if wanted.date_order is None and reading.facts.get("date_order_confidence") == "likely":
            known = recorded(session, spec.name, reading.thread) or {}
            if known and reading.facts["date_order"] != known.get("date_order"):
                reading = read(replace(wanted, date_order=known["date_order"]))
        return reading

    return in_order


def _source_settings(session: Session, name: str) -> tuple[str, dict[str, Any]]:
    """Return the section of a source's plugin, and the fields of it that its `read` names as keyword arguments."""
    provided = next((each for each in session.app.sources if each.spec.name == name), None)
    section, values = session.settings.section_of(provided.plugin) if provided else ("", {})
    if provided is None or not values:
        return section, {}
    parameters = inspect.signature(session.app.resolve(provided.spec.read)).parameters
    named = [each.name for each in parameters.values() if each.kind is each.KEYWORD_ONLY]
    return section, {name: values[name] for name in named if name in values}


def _check_reading(spec: SourceSpec, options: RunOptions, reading: Reading, path: Path) -> None:
    if options.thread is not None and reading.thread != options.thread:
        raise ExportError(
            f"{path}: --thread says what a chat is called whose export does not; {spec.name} exports say it, so leave "
            "--thread out"
        )


def _known(last: Run, session: Session) -> dict[str, Any]:
    """Return what a new ingestion of the same file would be read with, from the last one's record."""
    options = session.options
    thread = last.attrs.get("thread_id")
    if options.thread is not None:
        thread = str(session.namespace.thread(last.stage, options.thread))
    zoned = last.attrs.get("timezone") is None
    return {
        "timezone": None if zoned else options.timezone or last.attrs["timezone"],
        "date_order": options.date_order or last.attrs.get("date_order"),
        "year": str(options.year) if options.year else last.attrs.get("year"),
        "thread_id": thread,
    }


def _work(session: Session, digest: str, facts: Mapping[str, Any], stage: str, target: str) -> Work:
    last = session.runs.latest(session.tenant, "ingestion", stage)
    section, named = _source_settings(session, stage)
    code, seen = known_code(last, target, lambda: python_code_ref(target)) if target else ("", {})
    return Work(
        step="ingestion",
        stage=stage,
        tenant_id=session.tenant,
        input_fingerprint=digest,
        config={
            "pipeline.timezone": facts["timezone"],
            "pipeline.date_order": facts["date_order"],
            **({"year": facts["year"]} if facts["year"] is not None else {}),
            "thread": facts["thread_id"],
            "authors.aliases": session.settings.authors.aliases,
            **{f"{section}.{name}": value for name, value in named.items()},
        },
        code_ref=code,
        attrs=seen,
        salt=session.namespace.uuid.hex,
    )


__all__ = [
    "Opened",
    "ReadBefore",
    "Standing",
    "all_have_ids",
    "digest_of",
    "open_export",
    "other_names",
    "read_before",
    "standing_ingestion",
]
