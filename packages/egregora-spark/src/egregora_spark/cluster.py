"""A session with Spark, and tasks on it.

A task is a number in a partition of its own, and a plain Python function calls the kernel on the part of that number:
that is all of Spark that is used, so it works over Spark Connect as well, and needs neither Arrow nor pandas, which
would be half of what this process and each worker hold. Spark places and retries; it never sees a message, a name, or
SQL of ours.
"""

import os
import re
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from egregora_core.plugin import EgregoraError, UsageError, run_task

Tasks = Callable[[str, Sequence[str]], Iterable[str]]

_OF_A_DRIVER = {
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.python.sql.dataFrameDebugging.enabled": "false",  # it notes who called, and imports IPython for that
}
"""Of a session that begins here: over Connect nothing of it can be set, and Spark warns of each.

The driver's Java hands out paths and does nothing else: what would make long work fast only makes it start later.
"""
_ADDRESS = re.compile(r"([^/,;]+?)(?::(\d+))?")
_PORTS = {"spark": 7077, "sc": 15002}
_PATIENCE_SECONDS = 5.0
"""A machine that does not even take a call within that long is not there."""


class SparkError(EgregoraError):
    """Spark refused or lost the work; what it says of it may quote a path, and never a message."""


@contextmanager
def connect(settings: Any) -> Iterator[Tasks]:
    """Yield a function that has tasks done, by the section `[engine]`; raises UsageError where no address is in it.

    The session begins beside what the caller does until it has tasks. What keeps it from beginning is raised then.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "PySpark does not yet fully support pandas", FutureWarning
        )  # none of it is used
        _refuse_unreachable(_address(settings))
        with ThreadPoolExecutor(1, "spark") as beside:
            session = beside.submit(_session, settings)
            try:
                yield lambda job, parts: _done(session.result(), job, parts)
            finally:
                if not session.cancel() and session.exception() is None:
                    session.result().stop()


def _address(settings: Any) -> str:
    if bool(settings.remote) == bool(settings.master):
        raise UsageError(
            'engine \'spark\' needs one address: [engine] master, such as "spark://HOST:7077" or "local[2]", '
            'or remote, such as "sc://HOST:15002"'
        )
    return str(settings.remote or settings.master)


def _session(settings: Any) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(
            "engine 'spark' needs pyspark, which is not here: `pip install \"egregora-spark[pyspark]\"`, or for "
            '[engine] remote `pip install "egregora-spark[connect]"`'
        ) from error
    builder = SparkSession.builder.appName("egregora")
    builder = builder.remote(settings.remote) if settings.remote else builder.master(settings.master)
    ours = {} if settings.remote else _OF_A_DRIVER
    for key, value in {**ours, **settings.options}.items():
        builder = builder.config(key, value)
    if not settings.remote:  # tasks of one's own machine run in this Python; elsewhere the cluster's settings may say
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        _spare_pandas()
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise SparkError(
            f"no session with Spark at {_address(settings)} ({type(error).__name__}): check that it runs, that this "
            "machine reaches it, and that `java -version` says 17 or later (apt-get install default-jre-headless)"
        ) from error


def _spare_pandas() -> None:
    """Let pyspark ask only of what is numpy's whether it is numpy's.

    It asks that of whatever it hands to Java, and imports its tools for tests first, with pandas and Arrow: 85 MB.
    """
    from py4j.protocol import INPUT_CONVERTER

    for converter in INPUT_CONVERTER:
        if type(converter).__name__.startswith("Numpy") and "can_convert" not in vars(converter):
            converter.can_convert = partial(_of_numpy, converter.can_convert)


def _of_numpy(asked: Callable[[Any], bool], value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.generic, numpy.ndarray)) and asked(value)


def _refuse_unreachable(address: str) -> None:
    """Raise SparkError where nobody answers at an address; Spark itself takes minutes, and prints all that it tries."""
    scheme, _, rest = address.partition("://")
    if scheme not in _PORTS or not rest:
        return  # on this machine, or found by means that Spark alone knows
    refused = []
    for place in rest.partition("/")[0].split(","):  # a cluster may have several masters, of which one is at work
        found = _ADDRESS.fullmatch(place)
        if found is None:
            return
        host, port = found[1].strip("[]"), int(found[2] or _PORTS[scheme])
        try:
            socket.create_connection((host, port), _PATIENCE_SECONDS).close()
        except OSError as error:
            refused.append(f"{host}:{port} ({error.strerror or type(error).__name__})")
        else:
            return
    setting = "remote" if scheme == "sc" else "master"
    raise SparkError(
        f"nobody answers at {' or '.join(refused)}: check [engine] {setting}, that Spark runs there, and that this "
        "machine reaches it"
    )


def _done(session: Any, job: str, parts: Sequence[str]) -> list[str]:
    """Have each part done by a task of its own; return the answers in the order of the parts."""
    if not parts:
        return []
    from pyspark.sql.functions import udf

    # Without Arrow, whatever the session says; and to Spark's planner a task may answer otherwise each time, so that it
    # is called once for each number.
    answer = udf(_task(job, parts), "string", useArrow=False).asNondeterministic()
    try:
        numbers = session.range(0, len(parts), 1, len(parts))
        rows = numbers.select(numbers["id"], answer(numbers["id"]).alias("answer")).collect()
    except Exception as error:
        if "No module named" in str(error):
            raise SparkError(
                "the Python of Spark's workers lacks egregora-core or a plugin: install there what is installed here, "
                "and name that Python with PYSPARK_PYTHON"
            ) from error
        raise SparkError(
            f"Spark gave up on the work ({type(error).__name__}): a worker died again and again, or could not read or "
            "write the lake's files; see the logs of its workers, then run the same command again"
        ) from error
    return [row["answer"] for row in sorted(rows, key=lambda row: row["id"])]


def _task(job: str, parts: Sequence[str]) -> Callable[[int], str]:
    def answer(number: int) -> str:
        return run_task(job, parts[number])

    return answer


__all__ = ["connect"]
