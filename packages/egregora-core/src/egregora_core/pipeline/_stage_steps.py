"""The steps privacy, enrichment and curation: stages that make a table of messages or documents from one.

A step asks for each of its stages: does the result stand? If it does, nothing is imported, scanned or computed.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from egregora_core.errors import PluginError, StageError
from egregora_core.messages import IR_MESSAGES
from egregora_core.pipeline._arguments import NAMES, stage_settings
from egregora_core.pipeline._engines import Engine, LocalEngine
from egregora_core.pipeline._pipeline import Pipeline
from egregora_core.pipeline._plugin_tables import missing_tables, readable
from egregora_core.pipeline._stage_sql import StageCall
from egregora_core.pipeline._stages import Computed, compute_stage, plan_stage, publish_stage, relation_after
from egregora_core.pipeline._step_output import Relation, names_beside, output_of
from egregora_core.plugins import Provided, StageSpec, Step
from egregora_core.privacy import KnownName, Register, known_names, occurring_names
from egregora_core.session import Line, Progress, Session
from egregora_core.storage import ibis_table
from egregora_core.tracking import Outcome, Prepared, Run

_DOING: Mapping[Step, str] = {
    "privacy": "taking names out",
    "enrichment": "adding to the messages",
    "curation": "going through the documents",
}
"""What each step does with a stage, in the words of the progress bar."""

_LANGUAGE = "pseudonym_language"
"""The setting of a privacy stage that says in which words people are called."""


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
    section, values = pipeline.session.settings.section_of(provided.plugin)
    if absent := missing_tables(session.db, spec.reads):
        _absent(pipeline, provided, absent)
        return source
    function = pipeline.session.app.resolve(spec.function)
    takes_names = spec.step == "privacy" and _takes_names(function)
    call = StageCall(
        spec,
        lambda: function,
        section,
        stage_settings(function, values, (NAMES, *spec.reads)),
        source,
        _names_to_mask(session, str(values.get(_LANGUAGE, "en"))) if takes_names else None,
        readable(session.db, spec.reads, session.tenant),
    )
    engine = _engine(pipeline, spec)
    plan = plan_stage(session, call, forced=pipeline.forced(spec.step, spec.name))

    def prepare(run: Run) -> Computed:
        which = "" if spec.name == spec.step else f" ({spec.name})"
        session.progress(Progress(spec.step, _DOING[spec.step] + which))
        return compute_stage(session, engine, call, plan, run)

    def publish(run: Run, made: Computed) -> Outcome:
        return publish_stage(session, engine, call, run, made)

    run = pipeline.track(plan.work, plan.verdict, Prepared(prepare, publish))
    if run is not None and plan.verdict.stands is None and (ordinary := run.attrs.get("ordinary_names")):
        pipeline.say(Line(spec.step, spec.name, _note(ordinary), run, warning=True))
    return source if run is None else relation_after(call, run)


def _engine(pipeline: Pipeline, spec: StageSpec) -> Engine:
    """Return where a stage works: documents are few, so they stay here; of messages a cluster needs to know the parts.

    Raises StageError for a stage that declares none, which a cluster would have to run on one machine.
    """
    if spec.step == "curation" or isinstance(pipeline.engine, LocalEngine):
        return LocalEngine(pipeline.session)
    if spec.by is None:
        raise StageError(
            f"stage {spec.name!r} may look at all messages at once, so engine "
            f"{pipeline.session.settings.engine.name!r} cannot work on parts of them: its plugin has to declare in "
            'StageSpec what a row of its output depends on, by="row", by="thread" or by="author"; or leave it out '
            'with [pipeline] stages, or say [engine] name = "local"'
        )
    return pipeline.engine


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
    if not pipeline.session.options.dry_run or pipeline.session.settings.enabled(provided.plugin) is not True:
        raise StageError(
            f"stage {spec.name!r} reads {tables}, which is not there yet; a command of plugin {provided.plugin!r} "
            f"makes it: see `egregora plugins info {provided.plugin}`"
        )
    pipeline.say(Line(spec.step, spec.name, f"would run: {tables} is made first"))
    pipeline.pending = True


def _takes_names(function: Callable[..., Any]) -> bool:
    return NAMES in inspect.signature(function).parameters


def _names_to_mask(session: Session, language: str) -> Callable[[], list[KnownName]]:
    """Return what finds the names as `tenant_names` does, and which of them occur in the tenant's messages."""
    names = tenant_names(session, language)

    def marked() -> list[KnownName]:
        messages = ibis_table(session.db, IR_MESSAGES.name)
        return occurring_names(messages.filter(messages.tenant_id == session.tenant), names())

    return marked


def tenant_names(session: Session, language: str = "en") -> Callable[[], list[KnownName]]:
    """Return what finds the names, inside the transaction of the run: new people get their pseudonyms with it.

    `language` is that of the pseudonyms.
    """

    def names() -> list[KnownName]:
        register, also = Register(session.tenant, language, "people"), names_beside(session.tenant)
        return known_names(session.db.connection, output_of("ir_messages", session.tenant), register, also)

    return names


def _stages(pipeline: Pipeline, step: Step) -> list[Provided[StageSpec]]:
    """Return the step's stages: built-in ones first, then by plugin id, or as `[pipeline] stages` says."""
    found = [provided for provided in pipeline.active(pipeline.session.app.stages) if provided.spec.step == step]
    wanted = pipeline.session.settings.pipeline.stages
    if wanted is None:
        return found
    # Privacy is no choice: whatever else is left out, nothing may see a name.
    names = [*(p.spec.name for p in found if p.spec.step == "privacy" and p.spec.name not in wanted), *wanted]
    by_name = {provided.spec.name: provided for provided in found}
    return [by_name[name] for name in names if name in by_name]
