"""What a writer will take, by its own estimate: said in a dry run, and asked about where it costs much."""

from egregora_core.errors import StageError, UsageError
from egregora_core.generation import BoundWriter, Plan
from egregora_core.pipeline._arguments import named_arguments
from egregora_core.plugins import Provided, Spent, WriterSpec
from egregora_core.session import Session


def estimated(session: Session, provided: Provided[WriterSpec], writer: BoundWriter, plan: Plan) -> Spent | None:
    """Return what it will take to write the units of a plan; None where the writer does not say."""
    spec, (todo,) = provided.spec, plan.writers
    if not spec.estimate or not todo.work:
        return None
    function = session.app.resolve(spec.estimate)
    try:
        spent: Spent = function(plan.sizes(todo), **named_arguments(function, writer.settings))
    except Exception as error:
        raise StageError(
            f"the estimate of writer {spec.name!r} failed ({type(error).__name__}); that is a fault in plugin "
            f"{provided.plugin!r}"
        ) from error
    return spent


def in_words(spec: WriterSpec, plan: Plan, spent: Spent | None) -> str:
    """Say how much there is to write, and what it will take."""
    (todo,) = plan.writers
    told = f"{len(todo.work):,} of {counted(todo.units, spec.unit)}"
    if spent is None:
        return told
    counts = [f"{number:,} {name.replace('_', ' ')}" for name, number in spent.counts.items()]
    cost = "cost unknown" if spent.cost is None else f"{spent.cost} {spent.currency}".rstrip()
    return ", ".join([told, *(f"about {count}" for count in counts), cost])


def ask_first(session: Session, spec: WriterSpec, plan: Plan, spent: Spent | None) -> None:
    """Ask before more is spent than `[pipeline] ask_above` says; raises UsageError where nobody says yes."""
    limit, options = session.settings.pipeline.ask_above, session.options
    if spent is None or spent.cost is None or spent.cost <= limit or options.yes:
        return
    what = f"writer {spec.name!r} will take {in_words(spec, plan, spent)}"
    if options.may_spend is None:
        raise UsageError(
            f"{what}, which is more than [pipeline] ask_above = {limit}; say --yes to go on without being asked, "
            "or write a part with --limit N; nothing was spent"
        )
    if not options.may_spend(f"{what}. Go on?"):
        raise UsageError("nothing was spent; --limit N writes a part, [plugins] disabled leaves a writer out")


def counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
