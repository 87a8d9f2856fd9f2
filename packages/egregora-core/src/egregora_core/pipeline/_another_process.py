"""A piece of a command's work in a process of its own, where a cluster does the rest.

Reading exports and counting all messages takes Arrow, pandas and much at once, and a process keeps for its life what it
once took: the one that drives a cluster stays small without it. The other process tells and asks nobody but this one,
and ends when this one does.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

from egregora_core.errors import EgregoraError
from egregora_core.interrupts import FINISHED_IS_KEPT, end_promptly, when_interrupted
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings
from egregora_core.tracking import describe, note_place

P = ParamSpec("P")
T = TypeVar("T")

_START = f"from {__name__} import work_for_another; work_for_another({{}})"


@dataclass(frozen=True)
class _Order:
    """All that another process needs to know of a command and of what it is to do."""

    app: Callable[[], App]
    directory: Path
    overrides: Mapping[str, Any]
    options: RunOptions
    somebody_is_there: bool
    """Whether the phone's time zone can be asked for."""
    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    more: Mapping[str, Any]


def in_another_process(
    work: Callable[Concatenate[Command, P], T], command: Command, *arguments: P.args, **more: P.kwargs
) -> T:
    """Return what `work`, a function of a module, returns when another process calls it with this command.

    What it reports is told and what it asks is asked here. Raises what is raised there, and EgregoraError where that
    process is ended by something else.
    """
    if command.app.maker is None:  # plugins that were handed over as objects are known to this process alone
        return work(command, *arguments, **more)
    when_interrupted(FINISHED_IS_KEPT)
    here, there = Pipe()
    with here, there:
        number = there.fileno()
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-P", "-c", _START.format(number)], pass_fds=[number], stdin=subprocess.DEVNULL
        )
        try:
            there.close()
            here.send(sys.path)
            here.send(_order(command, command.app.maker, work, (arguments, more)))
            return _heard(here, command)  # type: ignore[no-any-return]  # what `work` returns came through a pipe
        except (EOFError, ConnectionError):
            raise EgregoraError(_ended(process.wait(), work)) from None
        finally:
            here.close()  # where it is still at work, it ends on that
            process.wait()


def _order(
    command: Command, app: Callable[[], App], work: Callable[..., Any], given: tuple[tuple[Any, ...], Mapping[str, Any]]
) -> _Order:
    settings, asks = command.settings, command.options.ask_zone is not None
    options = replace(command.options, ask_zone=None, may_spend=None, may_send=None)
    return _Order(app, settings.directory, settings.overrides, options, asks, work, *given)


def _heard(here: Connection, command: Command) -> Any:
    """Pass on what the other process tells, and answer what it asks, until it has done its work."""
    while True:
        what, said = here.recv()
        if what == "done":
            told, warnings = said
            command.app.warnings.extend(warnings)
            return told
        if what == "failed":
            raise said
        if what == "zone":
            here.send(command.options.ask_zone() if command.options.ask_zone else None)
        elif what == "line":
            command.report(said)
        else:
            command.progress(said)


def _ended(code: int, work: Callable[..., Any]) -> str:
    how = f"by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"with exit code {code}"
    return (
        f"the process of its own for {work.__name__.replace('_', ' ')} was ended {how}, as a machine does that is "
        f"short of memory; {FINISHED_IS_KEPT}"
    )


def work_for_another(number: int) -> None:
    """Be the other process: it hears and tells through the connection of this file number alone."""
    end_promptly(telling=False)
    connection = Connection(number)
    answers = SimpleQueue[Any]()
    at_work = [True]
    try:
        sys.path[:] = connection.recv()
        order = connection.recv()
        Thread(target=_listen, args=(connection, answers, at_work), daemon=True).start()
        told = _done(order, connection, answers)
        at_work.clear()
        connection.send(told)
    except (KeyboardInterrupt, EOFError, ConnectionError):  # who asked for it is gone, or was interrupted as well
        at_work.clear()
        raise SystemExit(1) from None


def _listen(connection: Connection, answers: "SimpleQueue[Any]", at_work: list[bool]) -> None:
    """Take answers in; end this process, as Ctrl-C does, when nobody is left to work for."""
    try:
        while True:
            answers.put(connection.recv())
    except (EOFError, OSError):
        if at_work:
            os.kill(os.getpid(), signal.SIGTERM)


def _done(order: _Order, connection: Connection, answers: "SimpleQueue[Any]") -> tuple[str, Any]:
    def ask_zone() -> str | None:
        connection.send(("zone", None))
        answer: str | None = answers.get()
        return answer

    try:
        app = order.app()
        known = len(app.warnings)
        command = Command(
            app,
            load_settings(order.directory, app, order.overrides),
            replace(order.options, ask_zone=ask_zone if order.somebody_is_there else None),
            lambda line: connection.send(("line", line)),
            lambda progress: connection.send(("progress", progress)),
        )
        told = order.work(command, *order.arguments, **order.more)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where it was asked for
        return "failed", _sendable(error)
    return "done", (told, app.warnings[known:])


def _sendable(error: Exception) -> Exception:
    """Return an error with its place, and as a note all of it, for `--debug`; another one where it cannot be sent."""
    note_place(error)
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - of a plugin's library, anything
        return EgregoraError(describe(error))
    return error
