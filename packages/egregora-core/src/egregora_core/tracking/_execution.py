"""How a stage runs: does its last result stand, and if not, why not; then run it and record it.

Output and `completed` become visible in one transaction. A process that dies leaves a `running` row and no output;
whoever opens the database for writing next turns that row into `interrupted`, and the stage runs again.
"""

import hashlib
import json
import os
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from egregora_core.errors import EgregoraError, ExportError, StageError
from egregora_core.interrupts import watch_interrupts
from egregora_core.storage import Database, again, commit, explained, unless_engine_fails
from egregora_core.tracking._runs import Run, RunStore

DAMAGED = "its result was changed from outside"
_FILE = "file:"
"""Begins the key of a file whose content counts as a setting."""
_NO_ID = UUID(int=0)


@dataclass(frozen=True)
class Work:
    """One stage, one tenant, and everything that its result depends on."""

    step: str
    stage: str
    tenant_id: str
    input_fingerprint: str
    config: Mapping[str, Any]
    """The settings that the stage can see, by dotted key; only hashes of their values are stored."""
    code_ref: str
    rows_in: int | None = None
    parent_run_id: UUID | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)
    salt: str = ""
    """Of the workspace's secret: so that nobody can try a name against the hash of a setting."""
    own_transactions: bool = False
    """Whether it commits finished parts itself; else all of it becomes visible at once."""


@dataclass(frozen=True)
class Outcome:
    """What one execution made."""

    rows_out: int
    output_fingerprint: str
    rows_in: int | None = None
    status: str = "completed"
    input_fingerprint: str | None = None
    """Where it is only known afterwards what was read."""
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """An execution in two parts, of which the first is long and changes nothing that others see.

    In a lake the first is done once, outside of the transaction; the second, which makes it visible, may be done again.
    """

    prepare: Callable[[Run], Any]
    publish: Callable[[Run, Any], Outcome]


Execute: TypeAlias = Callable[[Run], Outcome] | Prepared


@dataclass(frozen=True)
class Verdict:
    """Whether a result stands, and why it does or does not."""

    stands: Run | None
    reason: str


def decide(work: Work, last: Run | None, *, forced: bool = False, intact: bool = True) -> Verdict:
    """Compare `work` with the run that last wrote its output (`intact`: nobody touched that output since)."""
    if forced:
        return Verdict(None, "forced")
    if last is None:
        return Verdict(None, "first time")
    if last.status != "completed":
        return Verdict(None, f"run …{last.short_id} was {last.status}")
    if changed := differences(work, last):
        return Verdict(None, "; ".join(changed))
    if not intact:
        return Verdict(None, DAMAGED)
    return Verdict(last, "same input, settings and code")


def differences(work: Work, last: Run) -> list[str]:
    """Return what differs between `work` and a former run, one phrase each, in the words that `run` prints."""
    changed = []
    if work.input_fingerprint != last.input_fingerprint:
        changed.append(_input_change(work, last))
    if config_hash(work.config, work.salt) != last.config_hash:
        before = last.attrs.get("config", {})
        now = hashed_config(work.config, work.salt)
        keys = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        changed.append(f"config changed ({', '.join(_spell(key) for key in keys)})")
    elif work.code_ref != last.code_ref:  # the settings are part of a stage's SQL: its change follows from theirs
        changed.append("code changed")
    return changed


def run_stage_with_tracking(
    db: Database,
    work: Work,
    execute: "Execute",
    verdict: Verdict,
    notify: Callable[[str, Run], None] = lambda _hook, _run: None,
) -> Run:
    """Record that the result stands, or execute the stage and record how it ended.

    `execute` runs inside the transaction that also completes the row, unless it commits finished parts itself
    (`work.own_transactions`). Where several processes write, it is done again after another's commit came first, and
    what it prepares (`Prepared`) is made before. What it raises is recorded and raised again, as a StageError if it is
    not ours.
    """
    run = Run(
        _NO_ID,
        work.step,
        work.stage,
        work.tenant_id,
        rows_in=work.rows_in,
        input_fingerprint=work.input_fingerprint,
        config_hash=config_hash(work.config, work.salt),
        code_ref=work.code_ref,
        parent_run_id=work.parent_run_id,
        attrs={**work.attrs, "reason": verdict.reason, "config": hashed_config(work.config, work.salt)},
    )
    if verdict.stands is not None:
        return RunStore(db.connection).record_cached(run, verdict.stands)
    with watch_interrupts() as came:
        run = RunStore(db.connection).start(run)
        try:
            notify("run_started", run)
            run = _execute(db, run, execute, own_transactions=work.own_transactions)
        except BaseException as raised:
            interrupted = came() or not isinstance(raised, Exception)
            error = explained(raised, db.path) or raised
            # What the disk refuses is told with its path, and an export is named after people.
            recorded = raised if isinstance(raised, OSError) else error
            run = replace(
                run,
                status="interrupted" if interrupted else "failed",
                error=f"stopped by {signal.Signals(came()).name}" if came() else describe(recorded),
                attrs={**run.attrs, **(raised.facts if isinstance(raised, StageError) else {})},
            )
            with unless_engine_fails():  # a full disk: the next to open the file finds the row `running` and stale
                failed = run  # not the connection that it began with
                run = again(lambda: RunStore(db.connection).finish(failed, keep_noted=True))
            notify("run_finished", run)
            if interrupted and isinstance(raised, Exception):  # the engine's own error for it, or a stage's
                raise KeyboardInterrupt from raised
            if error is not raised:
                raise error from raised
            if isinstance(error, EgregoraError) or not isinstance(error, Exception):
                raise
            raise StageError(
                f"{work.step}/{work.stage} failed: {describe(error)}; nothing of it was kept, "
                "`--debug` shows the traceback"
            ) from error
    notify("run_finished", run)
    return run


def _execute(db: Database, run: Run, execute: "Execute", *, own_transactions: bool) -> Run:
    if own_transactions:
        if isinstance(execute, Prepared):
            raise TypeError("what commits finished parts itself has nothing to prepare")
        outcome = execute(run)
        return again(lambda: RunStore(db.connection).finish(_ended(run, outcome)))  # it may be another by now
    runs = RunStore(db.connection)
    if isinstance(execute, Prepared):
        if db.is_lake:
            made = execute.prepare(run)
            return commit(db.connection, lambda: _finished(runs, run, execute.publish(run, made)))
        return commit(db.connection, lambda: _finished(runs, run, execute.publish(run, execute.prepare(run))))
    return commit(db.connection, lambda: _finished(runs, run, execute(run)))


def _finished(runs: RunStore, run: Run, outcome: Outcome) -> Run:
    """Complete the run's row; raises StageError, so that nothing is kept, where another process has taken over."""
    ended = runs.finish(_ended(run, outcome))
    if ended.status == "interrupted":
        raise StageError("another process took over, since this one had not answered for too long; nothing was kept")
    return ended


def _ended(run: Run, outcome: Outcome) -> Run:
    return replace(
        run,
        status=outcome.status,
        rows_in=run.rows_in if outcome.rows_in is None else outcome.rows_in,
        rows_out=outcome.rows_out,
        input_fingerprint=outcome.input_fingerprint or run.input_fingerprint,
        output_fingerprint=outcome.output_fingerprint,
        attrs={**run.attrs, **outcome.attrs},
    )


def config_hash(config: Mapping[str, Any], salt: str = "") -> str:
    return _sha([salt, config])


def hashed_config(config: Mapping[str, Any], salt: str = "") -> dict[str, str]:
    """Return each setting's value as a short hash: enough to say which one changed, and no name gets in."""
    return {key: _sha([salt, value])[:12] for key, value in sorted(config.items())}


def describe(error: BaseException) -> str:
    """Return an error for the record: ours in its words, others by type and place: their words may hold names."""
    # What is wrong with an export is told with its path, and an export is named after people.
    if isinstance(error, EgregoraError) and not isinstance(error, ExportError):
        return str(error)
    place = vars(error).get(_PLACE) or _place(error)
    words = f" ({os.strerror(error.errno)})" if isinstance(error, OSError) and error.errno else ""
    return f"{type(error).__name__}{words}{place}"


def note_place(error: BaseException) -> None:
    """Keep with an error where it was raised, for `describe` in another process: its traceback does not go there."""
    vars(error)[_PLACE] = _place(error)


_PLACE = "_raised_at"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _input_change(work: Work, last: Run) -> str:
    if work.rows_in is None or last.rows_in is None or work.rows_in == last.rows_in:
        return "input changed"
    more = work.rows_in - last.rows_in
    noun = "document" if work.step in {"curation", "publication"} else "message"
    return f"{abs(more):,} {'new' if more > 0 else 'fewer'} {noun}{'' if abs(more) == 1 else 's'}"


def _spell(key: str) -> str:
    """Return a key as it stands in egregora.toml, `privacy.mask_urls` as `[privacy] mask_urls`; or a file's name."""
    if key.startswith(_FILE):
        return key.removeprefix(_FILE)
    section, _, name = key.partition(".")
    return f"[{section}] {name}" if name else section


def _sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return what JSON has no form for; a set in an order that no hash seed changes."""
    return sorted(value, key=repr) if isinstance(value, (set, frozenset)) else str(value)
