"""An engine whose tasks are done one after the other in this process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from egregora_core.plugin import run_task


@contextmanager
def connect(settings: Any) -> Iterator[Callable[[str, Sequence[str]], list[str]]]:
    yield lambda job, parts: [run_task(job, part) for part in parts]
