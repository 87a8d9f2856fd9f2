"""`egregora …` in a process of its own, which costs no second of imports: it is forked off one that has run the demo.

It has its own number, signals, terminal, files and environment, so it can be killed, interrupted and waited for as any
other. What begins before the command itself does (what is imported, and when) is for a process that Python starts.
"""

import atexit
import ctypes
import json
import os
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, AnyStr

_PR_SET_CHILD_SUBREAPER = 36
_SERVER = Path(__file__).with_name("fork_server.py")
_IN_PYTHON = (sys.executable, "-m", "egregora_core")
CAN_FORK = sys.platform == "linux"
"""Elsewhere nobody's orphan becomes a child of this process: there it is a process that Python starts."""


class Forked(subprocess.Popen[AnyStr]):
    """As `Popen([python, "-m", "egregora_core", …])`: what that makes of pipes, ends and time limits is the same."""

    def _execute_child(self, args: Any, *rest: Any) -> None:
        """Ask for a process instead of starting one, which is all that differs; Popen has made the pipes."""
        if not CAN_FORK:
            super()._execute_child(args, *rest)  # type: ignore[misc]  # of Popen, without a type
            return
        cwd, environment, _, _, _, *ends = rest[4:]
        pipes, session = ends[:6], ends[11]
        files = [number if end == -1 else end for number, end in enumerate((pipes[0], pipes[3], pipes[5]))]
        wanted = {
            "arguments": args[len(_IN_PYTHON) :],
            "cwd": str(cwd or Path.cwd()),
            "environment": dict(os.environ if environment is None else environment),
            "session": session,
        }
        self.pid = _ask(json.dumps(wanted).encode(), files)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]  # of Popen, without a type, too


def command(*arguments: str | Path) -> list[str]:
    """Return `egregora …` as `Forked` takes it."""
    return [*_IN_PYTHON, *map(str, arguments)]


def _ask(wanted: bytes, files: list[int]) -> int:
    server, libc = _server(), ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what is made is an orphan, which this process then takes for its child
    try:
        socket.send_fds(server, [wanted], files)
        return int(server.recv(64))
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)


@cache
def _server() -> socket.socket:
    """Start what forks, once for each process of tests, and return how it is asked."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, _SERVER, str(its.fileno())],
            pass_fds=[its.fileno()],
            env={name: value for name, value in os.environ.items() if not name.startswith("EGREGORA_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
