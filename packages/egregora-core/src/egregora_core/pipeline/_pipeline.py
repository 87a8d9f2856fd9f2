"""One command's way through the steps: what was said, what it made, and whether later steps can be told for sure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from egregora_core.pipeline._engines import Engine
from egregora_core.plugins import EVERYTHING, Provided
from egregora_core.session import Line, Session, Summary
from egregora_core.tracking import Execute, Run, Verdict, Work, run_stage_with_tracking

S = TypeVar("S")


@dataclass
class Pipeline:
    """One command's way through the steps."""

    session: Session
    engine: Engine
    """Where the long work is done."""
    no_more_tasks: Callable[[], None] = lambda: None
    """Lets go of a cluster's machines, so that they do not wait for what is done here alone."""
    summary: Summary = field(default_factory=Summary)
    pending: bool = False
    """In a dry run: an earlier stage would run, so nothing sure can be said of the later ones."""
    replaced: set[str] = field(default_factory=set)
    """Ids of the threads that this command has forgotten and read again."""
    _parallel: bool = False
    _waiting: bool = False

    def say(self, line: Line) -> None:
        self.summary.lines.append(line)
        self.session.command.report(line)

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
        """Return what plugins provide whose section does not say `enabled = false`, nor that it is not wanted."""
        return [
            each for each in provided if self.session.settings.enabled(each.plugin) is not False and self._wanted(each)
        ]

    def _wanted(self, provided: Provided[S]) -> bool:
        _, values = self.session.settings.section_of(provided.plugin)
        return values.get(getattr(provided.spec, "wanted", "")) is not False

    def forced(self, *names: str) -> bool:
        return bool(self.session.options.force & {EVERYTHING, *names})

    def track(
        self,
        work: Work,
        verdict: Verdict,
        execute: Execute,
        *,
        about: str = "",
    ) -> Run | None:
        """Run or keep one stage and say which and why; None in a dry run that would run it."""
        if self.session.options.dry_run:
            text = f"would stand: {verdict.reason}" if verdict.stands else f"would run: {verdict.reason}"
            self.say(Line(work.step, work.stage, text, verdict.stands, about=about))
            if verdict.stands is None:
                self._would_run()
            return verdict.stands
        run = run_stage_with_tracking(self.session.db, work, execute, verdict, self.session.app.notify)
        if verdict.stands is not None:
            text = f"stands (run …{verdict.stands.short_id}): {verdict.reason}"
        else:
            text = f"runs: {verdict.reason}"
        missing = "failures" in run.attrs or "stopped" in run.attrs  # what a limit leaves is no failure
        self.summary.degraded = self.summary.degraded or (run.status == "degraded" and missing)
        self.say(Line(work.step, work.stage, text, run, about=about))
        # What stands is known by the run that made it: its output, and its place in the lineage.
        return verdict.stands or run
