"""The commands under `egregora llm`: parse, call the library, print."""

import enum
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from egregora_core.plugin import StageError, UsageError
from egregora_core.plugin.commands import (
    HERE,
    Json,
    Tenant,
    WorkspaceDir,
    agreed_places,
    open_plugin_workspace,
    plugin_settings,
    print_facts,
    print_json,
    print_table,
    say,
    send_to,
    would_write,
)

from egregora_llm.tables import PLUGIN

if TYPE_CHECKING:
    from egregora_llm.settings import LlmSettings

app = typer.Typer(
    help="Language models as writers and judges. Experimental.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JUDGE_PROMPT = "prompts/judge.md"
_MODELS_SHOWN = 8
_READY = "there is a key; it was not asked"


SendTo = Annotated[
    list[str] | None,
    typer.Option("--send-to", metavar="PLACE", help="Agree, once, that texts are sent there, off this machine."),
]


class Until(enum.StrEnum):
    """When judging is enough."""

    stable = "stable"


@app.command()
def check(context: typer.Context, workspace: WorkspaceDir = HERE, *, as_json: Json = False) -> None:
    """Say whether the model's server answers, what it has, what it costs, and whether messages leave this machine."""
    from egregora_llm.asking import price_of
    from egregora_llm.places import sends_to
    from egregora_llm.server import Server, look_at

    settings = _settings(context, workspace)
    found = look_at(settings) if settings.base_url else Server(_readiness(settings))
    place, price = sends_to(model=settings.model, base_url=settings.base_url), price_of(settings)
    named = not found.models or settings.model in found.models
    facts = {
        "server": settings.base_url or place,
        "state": found.state,
        "model": settings.model + ("" if named else ", which this server does not list"),
        "its models": ", ".join(found.models[:_MODELS_SHOWN]) or "not told",
        "reads at once": "not told" if found.context is None else f"{found.context:,} tokens",
        "[llm] context_tokens": f"{settings.context_tokens:,}",
        "price of a million tokens": f"{price.tokens_in:f} in, {price.tokens_out:f} out, {price.currency}"
        if price.known
        else "unknown",
        "messages leave this machine": f"yes, to {place}" if place else "no",
    }
    if place:
        facts["agreed to that"] = agreed_places(workspace).get(place, "nobody yet; the first run asks")
    if as_json:
        print_json(facts)
    else:
        print_facts(list(facts.items()))
    if found.context is not None and found.context < settings.context_tokens:
        say("note: the server reads less at once than [llm] context_tokens; set it to the smaller number", err=True)
    if found.state not in {"ok", _READY}:
        raise typer.Exit(1)


@app.command()
def estimate(context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None) -> None:
    """Say what a run would ask of the model, and what that would cost; nothing is asked."""
    _settings(context, workspace)
    for writer in ("llm_posts", "llm_profiles"):
        say(f"{writer}: {would_write(context.obj, workspace, writer, {'workspace.tenant': tenant})}")


@app.command()
def judge(
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    pairs: Annotated[
        int | None, typer.Option("--pairs", metavar="N", min=1, help="How many pairs; each is asked twice.")
    ] = None,
    until: Annotated[
        Until | None, typer.Option("--until", metavar="stable", help="Go on until the board hardly changes.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Repeat a sequence of pairs.", show_default=False)
    ] = None,
    send: SendTo = None,
    *,
    count: Annotated[
        bool, typer.Option("--count", help="Let this judge count, whether or not it agrees with people.")
    ] = False,
) -> None:
    """Judge pairs of documents, both orders of each, and record them for the ranking of egregora-elo."""
    if (pairs is None) == (until is None):
        raise UsageError("say how long: --pairs N, or --until stable")
    try:
        import egregora_elo.api  # noqa: F401  # the ranking is a package of its own
    except ImportError:
        raise UsageError("judging needs the ranking: install egregora-elo") from None
    from egregora_llm.judge import Judge
    from egregora_llm.judging import Bench
    from egregora_llm.places import sends_to

    settings = _settings(context, workspace)
    judging = Judge(settings, _prompt(workspace, JUDGE_PROMPT))
    place = sends_to(model=settings.model, base_url=settings.base_url)
    send_to(workspace, place, f"judge {judging.name}", agreed=send or ())

    def opened(*, write: bool) -> Any:
        whose = {"workspace.tenant": tenant}
        return open_plugin_workspace(context.obj, PLUGIN, workspace, read_only=not write, overrides=whose)

    bench = Bench(judging, opened, seed)
    bench.sit(pairs)
    for line in bench.conclude(count=count):
        say(line)
    if bench.stopped:
        say(f"stopped: {bench.stopped}", err=True)
    if bench.stopped or (bench.failures and not bench.judged):
        raise typer.Exit(1)


@app.command()
def judges(
    context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None, *, as_json: Json = False
) -> None:
    """Show judges apart: which side each favours, and how far it agrees with people."""
    from dataclasses import asdict

    from egregora_elo.api import judges as reports

    whose = {"workspace.tenant": tenant}
    with open_plugin_workspace(context.obj, PLUGIN, workspace, read_only=True, overrides=whose) as opened:
        found = reports(opened)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    print_table(
        ("judge", "is", "comparisons", "count for", "first won", "shown first is worth", "pairs of people", "kappa"),
        [
            (
                each.judge or "not known",
                "a model" if each.machine else "a person",
                each.comparisons,
                f"{each.weight:g}",
                "" if each.first_won is None else f"{each.first_won:.0%}",
                "" if each.order_effect is None else f"{each.order_effect:+.0f} ({each.low:+.0f} to {each.high:+.0f})",
                each.shared,
                "not known" if each.kappa is None else f"{each.kappa:.2f}",
            )
            for each in found
        ],
        empty="nobody has judged yet",
        whole=("judge",),
    )


@app.command("eval")
def evaluate(
    context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None, *, as_json: Json = False
) -> None:
    """Measure what the model wrote by a fixed rubric: claims supported, windows covered, names leaked."""
    from egregora_llm.evaluation import evaluate as measured

    whose = {"workspace.tenant": tenant}
    with open_plugin_workspace(context.obj, PLUGIN, workspace, read_only=True, overrides=whose) as opened:
        facts = {"model": opened.settings.model, **measured(opened).facts()}
    if as_json:
        print_json(facts)
    else:
        print_facts([(name, "not known" if value is None else value) for name, value in facts.items()])


def _readiness(settings: "LlmSettings") -> str:
    """Return whether a provider's model could be asked, or what is missing; it is not asked."""
    from egregora_llm.asking import hosted_model

    try:
        hosted_model(settings)
    except StageError as error:
        return str(error)
    return _READY


def _settings(context: typer.Context, workspace: Path) -> "LlmSettings":
    settings: LlmSettings = plugin_settings(context.obj, PLUGIN, workspace)
    if not settings.model:
        raise UsageError("no model is named: set `model` in section [llm] of egregora.toml")
    return settings


def _prompt(workspace: Path, path: str) -> str:
    """Read a prompt: the workspace's own, else the package's."""
    own = workspace / PLUGIN / path
    return own.read_text(encoding="utf-8") if own.is_file() else files("egregora_llm").joinpath(path).read_text("utf-8")
