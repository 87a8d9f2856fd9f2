"""An export on the way in: which source reads it, was it read before, and in which zone and date order it is read.

The zone and order of a thread are facts about the thread: recorded once, used again, and never silently changed.
"""

import hashlib
import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.errors import DateOrderError, EgregoraError, ExportError, PluginError, YearError
from egregora_core.ingestion._chat_records import (
    Lookup,
    before_of,
    is_gone,
    is_intact,
    last_reading,
    recorded,
    recorded_chats,
)
from egregora_core.ingestion._ingesting import iter_digest
from egregora_core.ingestion._staging import Ingest
from egregora_core.ingestion._wall_clock import Known, change_of_reading, choose_zone
from egregora_core.plugins import BUILT_IN, EVERYTHING, App, Provided, Reading, ReadOptions, SourceSpec
from egregora_core.session import ExportProgress, RunOptions, Session
from egregora_core.tracking import DAMAGED, Run, Verdict, Work, decide, differences, known_code, python_code_ref

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings

_SURE_ENOUGH = 0.1
_LOOKED_AT = 100
"""Files of a folder that no source reads: enough to say what it holds."""
_GONE = "its chat was forgotten or replaced since"


@dataclass(frozen=True)
class Standing:
    """What is known of a file before it is opened: its digest, and the last time that it was read."""

    digest: str
    work: Work
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
    attrs: Mapping[str, Any] = field(default_factory=dict)


def choose_source(app: App, path: Path) -> Provided[SourceSpec]:
    """Return the source that is surest of a file; raises ExportError where none is."""
    best: tuple[float, Provided[SourceSpec]] | None = None
    for provided in app.sources:
        sure = _sureness(app, provided, path)
        if sure >= _SURE_ENOUGH and (best is None or sure > best[0]):
            best = (sure, provided)
    if best is None:
        if problem := _visible_problem(app, path):
            raise ExportError(f"{path} {problem}")
        known = ", ".join(provided.spec.name for provided in app.sources)
        raise ExportError(
            f"{path}: not a chat export that any installed source can read ({known}); is it the right file?{app.broken}"
        )
    return best[1]


def _sureness(app: App, provided: Provided[SourceSpec], path: Path) -> float:
    """Ask a source how sure it is of a file; one of somebody else's that fails is reported, and not sure at all."""
    try:
        return float(app.resolve(provided.spec.recognise)(path))
    except Exception as error:
        ours = isinstance(error, EgregoraError) and not isinstance(error, PluginError)
        if ours or provided.plugin in BUILT_IN:
            raise
        app.report(provided.plugin, f"source {provided.spec.name}", error)
        return 0.0


def _visible_problem(app: App, path: Path) -> str | None:
    """Say what is wrong with a file that no source recognises, where that can be seen from outside."""
    if path.is_dir() and (inside := _exports_in(app, path)) > 1:
        return (
            f"is a folder that holds {inside:,} chat exports, each a chat of its own; give the files themselves: "
            f"{shlex.quote(str(path))}/*"
        )
    if path.is_file() and path.stat().st_size == 0:
        return "is empty; export the chat again"
    if path.suffix.lower() == ".zip" and not zipfile.is_zipfile(path):
        return "is cut off or damaged; copy it again from the phone, or export the chat again"
    return None


def _exports_in(app: App, folder: Path) -> int:
    """Count the files of a folder that a source would read by themselves; it may hold much else."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return sum(
        any(_sureness(app, provided, path) >= _SURE_ENOUGH for provided in app.sources)
        for path in islice(files, _LOOKED_AT)
    )


def standing_ingestion(session: Session, path: Path, progress: ExportProgress) -> Standing:
    """Look the file's digest up among completed ingestions: it stands unless its thread was replaced or forgotten."""
    hasher, done, size = hashlib.sha256(), 0, path.stat().st_size if path.is_file() else None
    progress.start("looking whether it was read before", size)
    for chunk in iter_digest(path):
        hasher.update(chunk)
        done += len(chunk)
        if size is not None:
            progress.bytes_read(done, size)
    digest = f"sha256:{hasher.hexdigest()}"
    runs = session.runs.completed(session.tenant, "ingestion")
    last = next((run for run in runs if run.input_fingerprint == digest), None)
    if last is None:
        return Standing(digest, Work("ingestion", "", session.tenant, digest, {}, ""), None, None)
    work = _work(session, digest, _known(last, session), last.stage, str(last.attrs.get("target", "")))
    gone = is_gone(last, runs)
    verdict = decide(work, last, intact=not gone and is_intact(session, runs[0]))
    return Standing(digest, work, verdict if verdict.stands else None, last, gone)


def open_export(
    session: Session, path: Path, standing: Standing, progress: ExportProgress, replaced: frozenset[str] = frozenset()
) -> Opened:
    """Find out what a file is and how it is to be read; nothing is written yet.

    `replaced` are ids of the threads that this command has forgotten and read again.
    """
    options, settings = session.options, session.settings
    progress.start("looking how it is written")
    spec = choose_source(session.app, path).spec
    wanted = options.date_order or settings.pipeline.date_order
    offers = ReadOptions(options.thread, wanted, options.year, progress=progress.bytes_read)
    read = _reader(session, spec, path, offers)
    anew = options.replace or bool(options.force & {EVERYTHING, "ingestion", spec.name})
    reading = read(None if anew else before_of(session, spec.name))
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
        whole=read,
    )
    attrs = {"target": spec.read, "timezone_from": zone_from, "thread_id": facts["thread_id"], "date_order": order}
    attrs["year"] = year
    return Opened(work, job, tuple(notices), {key: value for key, value in attrs.items() if value is not None})


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


def _reader(session: Session, spec: SourceSpec, path: Path, wanted: ReadOptions) -> Callable[..., Reading]:
    """Return what reads an export: in the date order that is recorded of its chat, where the export leaves it open."""
    read = session.app.resolve(spec.read)

    def in_order(before: Lookup | None = None) -> Reading:
        try:
            reading: Reading = read(path, replace(wanted, before=before))
        except DateOrderError as error:
            known = recorded(session, spec.name, error.thread) or {}
            if "date_order" not in known:
                raise
            reading = read(path, replace(wanted, date_order=known["date_order"]))
        except YearError as error:
            known = recorded(session, spec.name, error.thread) or {}
            if "year" not in known:
                raise
            reading = read(path, replace(wanted, year=int(known["year"])))
        if wanted.date_order is None and reading.facts.get("date_order_confidence") == "likely":
            known = recorded(session, spec.name, reading.thread) or {}
            if known and reading.facts["date_order"] != known.get("date_order"):
                reading = read(path, replace(wanted, date_order=known["date_order"]))
        return reading

    return in_order


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
        },
        code_ref=code,
        attrs=seen,
        salt=session.namespace.uuid.hex,
    )


__all__ = ["Opened", "Standing", "choose_source", "open_export", "other_names", "standing_ingestion"]
