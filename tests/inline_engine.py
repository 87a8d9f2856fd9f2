"""An engine whose tasks are done one after the other in this process: all of what tasks are, without a cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from egregora_core.plugin import EngineSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_engines() -> Sequence[EngineSpec]:
    return [EngineSpec("inline", connect="inline_engine:connect")]


@contextmanager
def connect(settings: Any) -> Iterator[Callable[[str, Sequence[str]], list[str]]]:
    from egregora_core.plugin import run_task  # which imports all that tasks need

    yield lambda job, parts: [run_task(job, part) for part in parts]
