"""The first step in a process of its own, which has ended before a cluster is asked for tasks.

Reading exports takes Arrow, pandas and whatever a source holds at once, and a process keeps for its life what it once
took: one that drives a cluster stays small without it. The other process tells and asks nobody but this one.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from egregora_core.errors import ExportError
from egregora_core.interrupts import FINISHED_IS_KEPT, end_promptly, when_interrupted
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions, Summary
from egregora_core.settings import load_settings
from egregora_core.tracking import describe

_START = f"from {__name__} import read_for_another; read_for_another(int({{}}))"
_NOBODY: Mapping[str, Any] = dict.fromkeys(("ask_zone", "may_spend", "may_send"))

Ingest = Callable[[Command, Sequence[Path]], Summary]


@dataclass(frozen=True)
class _Order:
    """All that another process needs to know of a command."""

    app: Callable[[], App]
    directory: Path
    overrides: Mapping[str, Any]
    options: RunOptions
    somebody_is_there: bool
    """Whether the phone's time zone can be asked for."""
    exports: tuple[Path, ...]
    ingest: Ingest


def ingest_apart(command: Command, exports: Sequence[Path], ingest: Ingest) -> Summary:
    """Have exports taken through `ingest` in another process; return what it told.

    Raises what is raised there, and ExportError where that process is ended by something else.
    """
    if command.app.maker is None:  # plugins that were handed over as objects are known to this process alone
        return ingest(command, exports)
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
            here.send(_order(command, exports, ingest, command.app.maker))
            return _heard(here, command)
        except (EOFError, ConnectionError):
            raise ExportError(_ended(process.wait())) from None
        finally:
            here.close()  # where it is still at work, it ends on that
            process.wait()


def _order(command: Command, exports: Sequence[Path], ingest: Ingest, app: Callable[[], App]) -> _Order:
    options = replace(command.options, **_NOBODY)
    asked = command.options.ask_zone is not None
    settings = command.settings
    return _Order(app, settings.directory, settings.overrides, options, asked, tuple(exports), ingest)


def _heard(here: Connection, command: Command) -> Summary:
    """Pass on what the other process tells, and answer what it asks, until it has done its work."""
    while True:
        what, said = here.recv()
        if what == "done":
            summary, warnings = said
            command.app.warnings.extend(warnings)
            return summary  # type: ignore[no-any-return]  # of `_read`
        if what == "failed":
            raise said
        if what == "zone":
            here.send(command.options.ask_zone() if command.options.ask_zone else None)
        elif what == "line":
            command.report(said)
        else:
            command.progress(said)


def _ended(code: int) -> str:
    how = f"by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"with exit code {code}"
    return (
        f"the process that reads the exports was ended {how}, as a machine does that is short of memory; "
        + FINISHED_IS_KEPT
    )


def read_for_another(number: int) -> None:
    """Be the other process: it hears and tells through the connection of this file number alone."""
    end_promptly(telling=False)
    connection = Connection(number)
    answers = SimpleQueue[Any]()
    at_work = [True]
    try:
        sys.path[:] = connection.recv()
        order = connection.recv()
        Thread(target=_listen, args=(connection, answers, at_work), daemon=True).start()
        told = _read(order, connection, answers)
        at_work.clear()
        connection.send(told)
    except (KeyboardInterrupt, EOFError, ConnectionError):  # who asked for it is gone, or was interrupted as well
        at_work.clear()
        raise SystemExit(1) from None


def _listen(connection: Connection, answers: "SimpleQueue[Any]", at_work: list[bool]) -> None:
    """Take answers in; end this process, as Ctrl-C does, when nobody is left to read for."""
    try:
        while True:
            answers.put(connection.recv())
    except (EOFError, OSError):
        if at_work:
            os.kill(os.getpid(), signal.SIGTERM)


def _read(order: _Order, connection: Connection, answers: "SimpleQueue[Any]") -> tuple[str, Any]:
    def ask_zone() -> str | None:
        connection.send(("zone", None))
        answer: str | None = answers.get()
        return answer

    try:
        app = order.app()
        known = len(app.warnings)
        options = replace(order.options, ask_zone=ask_zone if order.somebody_is_there else None)
        command = Command(
            app,
            load_settings(order.directory, app, order.overrides),
            options,
            lambda line: connection.send(("line", line)),
            lambda progress: connection.send(("progress", progress)),
        )
        summary = order.ingest(command, order.exports)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where it was asked for
        return "failed", _sendable(error)
    return "done", (summary, app.warnings[known:])


def _sendable(error: Exception) -> Exception:
    """Return an error with its place as a note, which `--debug` shows; another one where it cannot be sent."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - of a plugin's library, anything
        return RuntimeError(describe(error))
    return error
