"""`egregora runs`: what ran, how it ended, and why. Imports neither ibis nor pydantic: it answers at once."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egregora_core.cli._context import HERE, Json, Tenant, WorkspaceDir, print_json, reading, say
from egregora_core.cli._table import print_facts, print_table
from egregora_core.errors import UsageError

if TYPE_CHECKING:
    from egregora_core.storage import Database
    from egregora_core.tracking import Run, RunStore

app = typer.Typer(help="Say what ran, how it ended, and why.", rich_markup_mode=None)
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to show.")]
RunId = Annotated[
    str | None,
    typer.Argument(metavar="[RUN]", help="Any unambiguous part of a run's id.", show_default="the last run"),
]
_PATIENCE = 1.0
"""Seconds to wait for a database that another process holds."""
_NONE_YET = "no runs yet; `egregora run EXPORT` makes some"


@app.callback(invoke_without_command=True)
def runs(
    context: typer.Context,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    limit: Limit = 20,
    *,
    as_json: Json = False,
) -> None:
    """List recent runs, newest first."""
    if context.invoked_subcommand is None:
        tail(workspace, tenant, limit, as_json=as_json)


@app.command()
def tail(workspace: WorkspaceDir = HERE, tenant: Tenant = None, limit: Limit = 20, *, as_json: Json = False) -> None:
    """List recent runs, newest first."""
    with reading(workspace, patience=_PATIENCE) as (db, _):
        found = _runs(db).recent(limit, tenant)
        several = tenant is None and db.scalar("SELECT count(DISTINCT tenant_id) FROM runs") > 1
    if as_json:
        print_json([_record(run) for run in found])
        return
    whose = ("tenant",) if several else ()
    print_table(
        ("run", "started (UTC)", *whose, "step", "stage", "status", "seconds", "rows", "why"),
        [_line(run, with_tenant=several) for run in found],
        empty=_NONE_YET,
        whole=("run",),
        spare=("seconds", "started (UTC)", "rows"),
    )


@app.command()
def show(run_id: RunId = None, workspace: WorkspaceDir = HERE, *, as_json: Json = False) -> None:
    """Show one run in full."""
    with reading(workspace, patience=_PATIENCE) as (db, _):
        run = _chosen(db, run_id)
    record = _record(run)
    if as_json:
        print_json(record)
        return
    attrs = record.pop("attrs")
    facts = [(name, value) for name, value in record.items() if value is not None]
    facts += [(f"  {name}", value if isinstance(value, str) else json.dumps(value)) for name, value in attrs.items()]
    print_facts(facts)


@app.command()
def explain(run_id: RunId = None, workspace: WorkspaceDir = HERE) -> None:
    """Say why a run was executed or not: what it compared itself with, and what differed."""
    with reading(workspace, patience=_PATIENCE) as (db, _):
        run = _chosen(db, run_id)
        before = _runs(db).before(run)
    say(f"{run.step}/{run.stage} {run.run_id}: {run.status}")
    say(f"because: {run.attrs.get('reason', 'not recorded')}")
    if before is None:
        say("there is no earlier run that wrote this output")
        return
    say(f"compared with {before.run_id}, {before.status}:")
    for name in ("input_fingerprint", "config_hash", "code_ref"):
        now, then = getattr(run, name), getattr(before, name)
        say(f"  {name:<18} {'same' if now == then else f'{then} → {now}'}")
    settings, earlier = run.attrs.get("config", {}), before.attrs.get("config", {})
    for key in sorted({*settings, *earlier}):
        if settings.get(key) != earlier.get(key):
            say(f"  setting {key} changed")


@app.command()
def lineage(run_id: RunId = None, workspace: WorkspaceDir = HERE, *, as_json: Json = False) -> None:
    """Show what a run's input came from, run by run."""
    with reading(workspace, patience=_PATIENCE) as (db, _):
        line = _runs(db).lineage(_chosen(db, run_id))
    if as_json:
        print_json([_record(run) for run in line])
        return
    depth = -1
    for before, run in zip([None, *line], line, strict=False):
        beside = before is not None and before.step == run.step == "generation"  # writers, each with its own documents
        depth += not beside
        arrow = "" if not depth else "  " * (depth - 1) + "└ "
        say(f"{arrow}{run.step}/{run.stage} …{run.short_id} {run.status} ({run.rows_out or 0:,} rows)")


@app.command()
def prune(
    keep: Annotated[int, typer.Option("--keep", min=0, metavar="DAYS", help="Keep runs younger than this.")] = 90,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Delete old rows that no result stands on."""
    from egregora_core.cli._writing import writing

    with writing(workspace, None) as session:
        say(f"{session.runs.prune(keep):,} runs deleted")


def _runs(db: "Database") -> "RunStore":
    from egregora_core.tracking import RunStore

    return RunStore(db.connection)


def _chosen(db: "Database", part: str | None) -> "Run":
    """Return the run that is meant: the last one unless another is named; raises UsageError where there is none."""
    if part is not None:
        return _runs(db).find(part)
    last = next(iter(_runs(db).recent(1)), None)
    if last is None:
        raise UsageError(_NONE_YET)
    return last


def _line(run: "Run", *, with_tenant: bool) -> tuple[Any, ...]:
    seconds = "" if run.duration_seconds is None else f"{run.duration_seconds:.2f}"
    started = f"{run.started_at:%Y-%m-%d %H:%M:%S}" if run.started_at else ""
    why = run.error or run.attrs.get("reason", "")
    whose = (run.tenant_id,) if with_tenant else ()
    return (f"…{run.short_id}", started, *whose, run.step, run.stage, run.status, seconds, run.rows_out, why)


def _record(run: "Run") -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(run), "attrs": dict(run.attrs)}
