"""Ctrl-C, and being asked to end: at any moment, and for good.

Python raises an exception in the main thread for it, which is not enough: one long call into the engine delays it, and
whoever catches everything swallows it or raises another one. So it is noted that the signal came, and whatever is
raised after that is an interruption; and a thread that the signal wakes ends the process where that takes too long.
Every commit is whole, so that costs no more than what was under way.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from shutil import get_terminal_size
from textwrap import fill
from threading import Lock, Thread
from time import monotonic, sleep
from types import FrameType
from typing import NoReturn, Protocol


class Interruptible(Protocol):
    """A connection to an engine, which can be told from another thread to stop what it does."""

    def interrupt(self) -> None: ...


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_GRACE_SECONDS = 0.6
"""For the main thread to end by itself."""
_LAST_SECONDS = 0.4
"""For what has to be done where it did not."""
_RETRY_SECONDS = 0.02
_HEAR_SECONDS = 0.1
"""In which the main thread hears of the signal, unless it is in one long call."""
_LAST_ACTS: list[Callable[[], None]] = []
_CONNECTIONS: list[Interruptible] = []
FINISHED_IS_KEPT = "what was finished is kept, the same command goes on from there"
_ENDING = ["the same command goes on"]
_TOLD = Lock()
"""Taken by whoever says that this process was interrupted: that is said once."""


@contextmanager
def watch_interrupts() -> Iterator[Callable[[], int]]:
    """Yield a function that gives the number of the signal that came within the block, 0 where none did.

    So a KeyboardInterrupt that code raises itself, as a careless plugin may, is told from one of the user's. The former
    handlers are put back at the end, whatever was installed meanwhile. Outside of the main thread, where Python
    delivers no signals, nothing is watched.
    """
    came = 0
    # Where it is no function, the signal is ignored, or ends the process before Python sees it.
    formers = {number: former for number in _SIGNALS if callable(former := signal.getsignal(number))}

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = came or number
        formers[signal.Signals(number)](number, frame)

    try:
        for number in formers:
            signal.signal(number, note)
    except ValueError:  # not the main thread
        formers = {}
    try:
        yield lambda: came
    finally:
        for number, former in formers.items():
            signal.signal(number, former)


def end_promptly(*, telling: bool = True) -> None:
    """Let Ctrl-C and SIGTERM end this process within two seconds, whatever it does. Called once, by the command.

    A process that works for another one leaves it to that one to tell of it.
    """
    pressed = False
    if not telling:
        _TOLD.acquire(blocking=False)

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if not pressed:  # a second one must not disturb what the first one has begun
            pressed = True
            _interrupt_connections()
            raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, stop)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    Thread(target=_end_late, args=(reader, lambda: pressed), name="interrupts", daemon=True).start()


@contextmanager
def last_act(act: Callable[[], None]) -> Iterator[None]:
    """Have `act` called, in another thread, where the process is ended within the block without unwinding it.

    It is called again until it no longer raises, while there is time.
    """
    _LAST_ACTS.append(act)
    try:
        yield
    finally:
        _LAST_ACTS.remove(act)


@contextmanager
def interruptible(connection: Interruptible) -> Iterator[None]:
    """Let a signal stop what the connection executes within the block.

    By itself the engine notices a signal, but then waits for what its threads have begun, and lets nobody else go on.
    """
    _CONNECTIONS.append(connection)
    try:
        yield
    finally:
        _CONNECTIONS.remove(connection)


def when_interrupted(ending: str) -> None:
    """Set what the line that tells of an interruption says from now on: how things then stand."""
    _ENDING[0] = ending


def end_interrupted(number: int) -> NoReturn:
    """Say that the command was interrupted, and end with the exit code that shells give for the signal."""
    _tell()
    raise SystemExit(128 + number) from None


def leave(number: int) -> NoReturn:
    """Do the same at once: it takes the interpreter up to a second to take apart what ibis has imported."""
    _tell()
    with suppress(OSError, ValueError):  # nobody reads it any more
        sys.stdout.flush()
    os._exit(128 + number)


def _interrupt_connections() -> None:
    for connection in (*_CONNECTIONS,):
        with suppress(Exception):  # it was closed meanwhile
            connection.interrupt()


def _end_late(reader: int, is_heard: Callable[[], bool]) -> None:
    while (number := os.read(reader, 1)[0]) not in _SIGNALS:
        pass
    sleep(_HEAR_SECONDS)
    if not is_heard():
        _interrupt_connections()
    sleep(_GRACE_SECONDS)
    deadline = monotonic() + _LAST_SECONDS
    acts = [Thread(target=_try, args=(act, deadline), daemon=True) for act in (*_LAST_ACTS, _tell)]
    for act in acts:
        act.start()
    for act in acts:
        act.join(max(0.0, deadline - monotonic()))
    os._exit(128 + number)


def _try(act: Callable[[], None], deadline: float) -> None:
    while monotonic() < deadline:
        with suppress(Exception):
            act()
            return
        sleep(_RETRY_SECONDS)


def _tell() -> None:
    if _TOLD.acquire(blocking=False):
        told = f"interrupted; {_ENDING[0]}"
        if sys.stderr.isatty():
            told = fill(told, get_terminal_size().columns, break_on_hyphens=False)
        sys.stderr.write(f"{told}\n")
        sys.stderr.flush()
