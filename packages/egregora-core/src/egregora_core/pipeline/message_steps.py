"""How ingestion and the message and document stages run: which stand, and what the others are given and make.

A step asks for each of its stages: does the result stand? If it does, nothing is imported, scanned or computed.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from egregora_core.errors import PluginError, StageError
from egregora_core.ingestion.opening import open_export, other_names, standing_ingestion
from egregora_core.ingestion.ingest import fingerprint_messages, ingest
from egregora_core.messages.ir import IR_MESSAGES
from egregora_core.privacy.names import NAMES_SQL, KnownName
from egregora_core.pipeline.plugin_tables import missing_tables, readable
from egregora_core.plugins.host import EVERYTHING, App, Provided
from egregora_core.session.progress import ExportProgress, Progress
from egregora_core.ingestion.replacing import lost_notices
from egregora_core.tracking.runs import Run
from egregora_core.session.opening import Session
from egregora_core.plugins.specs import DateOrder, StageSpec, Step
from egregora_core.pipeline.stages import (
    NAMES,
    Relation,
    StageCall,
    execute_stage,
    output_of,
    plan_stage,
    relation_after,
    stage_settings,
)
from egregora_core.tracking.execution import Outcome, Verdict, Work, run_stage_with_tracking

if TYPE_CHECKING:
    from egregora_core.settings.loading import LoadedSettings

S = TypeVar("S")
_DOING: Mapping[Step, str] = {
    "privacy": "taking names out",
    "enrichment": "adding to the messages",
    "curation": "going through the documents",
}
"""What each step does with a stage, in the words of the progress bar."""


@dataclass(frozen=True)
class RunOptions:
    """What one command line said."""

    timezone: str | None = None
    date_order: DateOrder | None = None
    thread: str | None = None
    replace: bool = False
    force: frozenset[str] = frozenset()
    dry_run: bool = False
    year: int | None = None
    ask_zone: Callable[[], str | None] | None = None
    """Asks the person at the terminal for the phone's time zone; None is no answer."""


@dataclass(frozen=True)
class Line:
    """What there is to say about one stage, or (without a stage) to the user."""

    step: str
    stage: str
    text: str
    run: Run | None = None
    warning: bool = False
    about: str = ""
    """The export, as the user named it, where there are several; for the terminal alone."""


@dataclass
class Summary:
    """What a run made, and where."""

    lines: list[Line] = field(default_factory=list)
    published: list[Path] = field(default_factory=list)
    starts: list[Path] = field(default_factory=list)
    """Where one begins to read each of them."""
    kept: list[Path] = field(default_factory=list)
    """Published files that were edited by hand and stay as they are."""
    documents: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    of_the_app: int = 0
    """Messages that the platform itself wrote, which no index of people counts."""
    degraded: bool = False


@dataclass
class Pipeline:
    """One command's way through the steps."""

    app: App
    settings: "LoadedSettings"
    options: RunOptions
    session: Session
    report: Callable[[Line], None]
    summary: Summary = field(default_factory=Summary)
    pending: bool = False
    """In a dry run: an earlier stage would run, so nothing sure can be said of the later ones."""
    replaced: set[str] = field(default_factory=set)
    """Ids of the threads that this command has forgotten and read again."""
    _parallel: bool = False
    _waiting: bool = False

    def say(self, line: Line) -> None:
        self.summary.lines.append(line)
        self.report(line)

    @contextmanager
    def independent(self) -> Iterator[None]:
        """In a dry run, let the stages inside not wait for each other, only what follows for all of them."""
        self._parallel = True
        yield
        self._parallel = False
        self.pending = self.pending or self._waiting

    def _would_run(self) -> None:
        if self._parallel:
            self._waiting = True
        else:
            self.pending = True

    def active(self, provided: Sequence[Provided[S]]) -> list[Provided[S]]:
        """Return what plugins provide whose section does not say `enabled = false`."""
        return [each for each in provided if self.settings.enabled(each.plugin) is not False]

    def forced(self, *names: str) -> bool:
        return bool(self.options.force & {EVERYTHING, *names})

    def track(
        self,
        work: Work,
        verdict: Verdict,
        execute: Callable[[Run], Outcome],
        *,
        own_transactions: bool = False,
        about: str = "",
    ) -> Run | None:
        """Run or keep one stage and say which and why; None in a dry run that would run it."""
        if self.options.dry_run:
            text = f"would stand: {verdict.reason}" if verdict.stands else f"would run: {verdict.reason}"
            self.say(Line(work.step, work.stage, text, verdict.stands, about=about))
            if verdict.stands is None:
                self._would_run()
            return verdict.stands
        run = run_stage_with_tracking(
            self.session.db, work, execute, verdict, own_transactions=own_transactions, notify=self.app.notify
        )
        if verdict.stands is not None:
            text = f"stands (run …{verdict.stands.short_id}): {verdict.reason}"
        else:
            text = f"runs: {verdict.reason}"
        self.summary.degraded = self.summary.degraded or run.status == "degraded"
        self.say(Line(work.step, work.stage, text, run, about=about))
        # What stands is known by the run that made it: its output, and its place in the lineage.
        return verdict.stands or run


# --- ingestion ----------------------------------------------------------------------------------------------------


def ingestion(pipeline: Pipeline, exports: Sequence[Path]) -> Relation:
    """Read each export into `ir_messages`; return all of the tenant's messages."""
    session = pipeline.session
    for number, export in enumerate(exports, 1):
        several = len(exports) > 1
        progress = ExportProgress(session.progress, f" ({number} of {len(exports)})" if several else "")
        _ingest_one(pipeline, export, progress, about=str(export) if several else "")
    _tell_lost(pipeline)
    relation = _all_messages(pipeline)
    pipeline.summary.messages = relation.rows
    pipeline.summary.of_the_app = session.db.scalar(
        "SELECT count(*) FROM ir_messages WHERE tenant_id = ? AND author_raw = ''", [session.tenant]
    )
    return relation


def _ingest_one(pipeline: Pipeline, export: Path, progress: ExportProgress, about: str = "") -> None:
    session, options = pipeline.session, pipeline.options
    standing = standing_ingestion(session, pipeline.settings, export, options, progress)
    if standing.verdict is not None and not pipeline.forced("ingestion", standing.work.stage) and not options.replace:
        pipeline.track(standing.work, standing.verdict, _nothing, about=about)
        return
    opened = open_export(
        pipeline.app, session, pipeline.settings, export, options, standing, progress, frozenset(pipeline.replaced)
    )
    verdict = Verdict(
        None,
        "replaced"
        if options.replace
        else standing.reason(opened, forced=pipeline.forced("ingestion", opened.work.stage)),
    )
    notices: list[str] = []

    def execute(run: Run) -> Outcome:
        with session.db.little_memory():
            outcome, said = ingest(session.db, opened.job, run, progress)
        notices.extend(said)
        return replace(outcome, attrs={**outcome.attrs, **opened.attrs})

    def tell(said: Sequence[str], run: Run | None = None) -> None:
        for notice in said:
            pipeline.say(Line("ingestion", opened.work.stage, notice, run, warning=True, about=about))

    tell(opened.notices)  # what is assumed is told before there is work that it could spoil
    ran = pipeline.track(opened.work, verdict, execute, about=about)
    if ran is not None and options.replace:
        pipeline.replaced.update(ran.attrs["thread_ids"])
    tell(notices, ran)


def _tell_lost(pipeline: Pipeline) -> None:
    """Say how many messages `--replace` cost, once all exports that were given are read."""
    for notice in lost_notices(pipeline.session.db, pipeline.session.tenant, other_names(pipeline.settings)):
        pipeline.say(Line("ingestion", "", notice, warning=True))


def _nothing(_run: Run) -> Outcome:
    raise AssertionError("a result that stands is not executed")


def _all_messages(pipeline: Pipeline) -> Relation:
    """Describe `ir_messages` by the ingestion that last changed it: nothing is scanned where the seal holds."""
    session = pipeline.session
    last = session.db.runs.last_of_step(session.tenant, "ingestion")
    rows = session.db.scalar("SELECT count(*) FROM ir_messages WHERE tenant_id = ?", [session.tenant])
    fingerprint = last.output_fingerprint if last and last.rows_out == rows and session.trusted else None
    return Relation(
        "ir_messages",
        IR_MESSAGES,
        fingerprint or fingerprint_messages(session.db, session.tenant),
        rows,
        last.run_id if last else None,
    )


# --- privacy, enrichment, curation --------------------------------------------------------------------------------


def message_stages(pipeline: Pipeline, step: Step, messages: Relation) -> Relation:
    """Run the message stages of a step, each on the output of the one before."""
    stages = _stages(pipeline, step)
    if step == "privacy" and not stages:
        raise PluginError("no stage of step privacy is there, and without one nothing may see a message")
    for provided in stages:
        messages = _run_stage(pipeline, provided, messages)
    return messages


def curation(pipeline: Pipeline, documents: Relation) -> Relation:
    """Run the document stages, each on the output of the one before."""
    for provided in _stages(pipeline, "curation"):
        documents = _run_stage(pipeline, provided, documents)
    return documents


def _run_stage(pipeline: Pipeline, provided: Provided[StageSpec], source: Relation) -> Relation:
    spec, session = provided.spec, pipeline.session
    if pipeline.pending:
        pipeline.say(Line(spec.step, spec.name, "would run if its input changes"))
        return source
    section, values = pipeline.settings.section_of(provided.plugin)
    if absent := missing_tables(session.db, spec.reads):
        _absent(pipeline, provided, absent)
        return source
    function = pipeline.app.resolve(spec.function)
    call = StageCall(
        spec,
        lambda: function,
        section,
        stage_settings(function, values, (NAMES, *spec.reads)),
        source,
        _names(session) if spec.step == "privacy" and _takes_names(function) else None,
        readable(session.db, spec.reads, session.tenant),
    )
    work, verdict, last = plan_stage(session, call, forced=pipeline.forced(spec.step, spec.name))

    def execute(run: Run) -> Outcome:
        which = "" if spec.name == spec.step else f" ({spec.name})"
        session.progress(Progress(spec.step, _DOING[spec.step] + which))
        return execute_stage(session, call, last, verdict, run)

    run = pipeline.track(work, verdict, execute)
    if run is not None and verdict.stands is None and (ordinary := run.attrs.get("ordinary_names")):
        pipeline.say(Line(spec.step, spec.name, _note(ordinary), run, warning=True))
    return source if run is None else relation_after(call, run)


def _note(ordinary: int) -> str:
    """Say that some names are treated otherwise; which ones is in no line that may be kept."""
    what = "1 name is also a word" if ordinary == 1 else f"{ordinary:,} names are also words"
    return (
        f"{what} that these chats use: masked only after @ and with a capital inside a sentence; "
        "a name listed under [privacy] names is masked everywhere"
    )


def _absent(pipeline: Pipeline, provided: Provided[StageSpec], absent: Sequence[str]) -> None:
    """Say in a dry run that tables will be made; raise StageError where nobody is going to make them."""
    spec, tables = provided.spec, ", ".join(absent)
    if not pipeline.options.dry_run or pipeline.settings.enabled(provided.plugin) is not True:
        raise StageError(
            f"stage {spec.name!r} reads {tables}, which is not there yet; a command of plugin {provided.plugin!r} "
            f"makes it: see `egregora plugins info {provided.plugin}`"
        )
    pipeline.say(Line(spec.step, spec.name, f"would run: {tables} is made first"))
    pipeline.pending = True


def _takes_names(function: Callable[..., Any]) -> bool:
    return NAMES in inspect.signature(function).parameters


def _names(session: Session) -> Callable[[], list[KnownName]]:
    def names() -> list[KnownName]:
        query = NAMES_SQL.format(messages=output_of("ir_messages", session.tenant))
        return [KnownName(*row) for row in session.db.execute(query)]

    return names


def _stages(pipeline: Pipeline, step: Step) -> list[Provided[StageSpec]]:
    """Return the step's stages: built-in ones first, then by plugin id, or as `[pipeline] stages` says."""
    found = [provided for provided in pipeline.active(pipeline.app.stages) if provided.spec.step == step]
    wanted = pipeline.settings.pipeline.stages
    if wanted is None:
        return found
    # Privacy is no choice: whatever else is left out, nothing may see a name.
    names = [*(p.spec.name for p in found if p.spec.step == "privacy" and p.spec.name not in wanted), *wanted]
    by_name = {provided.spec.name: provided for provided in found}
    return [by_name[name] for name in names if name in by_name]
