"""A command at a terminal that nobody sees but the test: a pseudo-terminal, and the screen that its bytes make."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte
from forked import CAN_FORK, Forked

ROWS = 24
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the terminal that of the process, so that Ctrl-C is for it."""


class Terminal:
    """A process at a terminal of `columns`; `seen` is all that it wrote, `screen` what a person sees of it."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, columns: int = 80, environment: Mapping[str, str] | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        mode = termios.tcgetattr(slave)
        mode[3] &= ~termios.ECHO  # what the test presses is no part of what the command shows
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        forks = CAN_FORK and command[:2] == ["-m", "egregora_core"]
        self.process: subprocess.Popen[bytes] = (Forked if forks else subprocess.Popen)(
            [sys.executable, *([] if forks else ["-ISc", _TAKE_TERMINAL]), *command],
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", **(environment or {})},
        )
        os.close(slave)
        self.screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.seen = b""

    def lines(self) -> list[str]:
        """Return the lines of the screen down to the last one with anything on it."""
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def until(self, there: Callable[[], bool]) -> bool:
        """Read until `there` holds; False where the process ended before."""
        while not there():
            try:
                read = os.read(self._master, 65536)
            except OSError:  # how Linux tells that the other end is closed
                read = b""
            if not read:
                return there()
            self.seen += read
            self._stream.feed(read)
        return True

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def code(self) -> int:
        """Read to the end and return the exit code."""
        self.until(lambda: False)
        os.close(self._master)
        return self.process.wait()


def wrapped(lines: Sequence[str], columns: int) -> list[str]:
    """Return lines as a terminal shows them that breaks what is too long for it."""
    return [line[at : at + columns].rstrip() for line in lines for at in range(0, max(len(line), 1), columns)]


def spread(lines: Sequence[str], columns: int) -> list[str]:
    """Return lines as they are said to a terminal: what is too long for it goes on after a blank."""
    return [part.rstrip() for line in lines for part in _parts(line, columns)]


def _parts(line: str, columns: int) -> list[str]:
    if len(line) <= columns or " " not in line[: columns + 1].rstrip():
        return [line]
    head, _, _ = line[: columns + 1].rpartition(" ")
    return [head, *_parts(line[len(head) :].lstrip(), columns)]
