"""A process that has imported what commands need, and forks itself for each `egregora …` that it is asked for.

Started and asked by `forked.py` alone, over a socket: see there.
"""

import fcntl
import gc
import io
import json
import os
import signal
import socket
import sys
import tempfile
import termios
import time
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _warm_up(*command: str) -> None:
    """Do once what each process of its own would do anew: import, and in a run find out what the stages' code is."""
    import duckdb
    from support import egregora

    with tempfile.TemporaryDirectory(prefix="egregora-forked-") as directory:
        egregora(*command, cwd=Path(directory), code=0)
    duckdb.default_connection().execute("SET threads = 1")  # a thread that waits for its work is missing after a fork
    gc.collect()
    gc.freeze()


def _asked(requests: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    message, files, _, _ = socket.recv_fds(requests, 1 << 20, 3)
    return (json.loads(message), files) if message else None


def _orphan() -> int:
    """Fork twice, and return 0 in the grandchild, which is nobody's child here, and its number in this process."""
    read, write = os.pipe()
    if child := os.fork():
        os.close(write)
        os.waitpid(child, 0)
        told = os.read(read, 64)
        os.close(read)
        return int(told)
    if grandchild := os.fork():
        os.write(write, str(grandchild).encode())
        os._exit(0)
    os.close(read)
    os.close(write)
    return 0


def _become(asked: dict[str, Any], files: list[int]) -> None:
    """Make of this process what Python would have begun as."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    if asked["session"]:
        os.setsid()
        if os.isatty(0):
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C is for it
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv = ["egregora", *asked["arguments"]]
    path = asked["environment"].get("PYTHONPATH", "")
    sys.path[:1] = [asked["cwd"], *filter(None, path.split(os.pathsep))]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=os.isatty(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _serve(requests: socket.socket) -> bool:
    """Fork for each request; true in a process that was made for one, false in this one when nobody asks any more."""
    while asked := _asked(requests):
        _warm_up("demo", "w") if {"run", "demo"} & {*asked[0]["arguments"]} else _warm_up("plugins")
        number = _orphan()
        if not number:
            requests.close()
            _become(*asked)
            return True
        for file in asked[1]:
            os.close(file)
        requests.send(str(number).encode())
    return False


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _serve(socket.socket(fileno=int(sys.argv[1]))):
        from egregora_core.__main__ import main

        main()
