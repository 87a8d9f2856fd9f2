"""A plugin whose writers write nothing and keep the units that they are given."""

from collections.abc import Iterable, Sequence

from egregora_core.plugins import Document, Unit, WriterSpec, hookimpl

EGREGORA_API = 1
SEEN: list[Unit] = []


@hookimpl
def register_writers() -> Sequence[WriterSpec]:
    function = f"{__name__}:record"
    return [
        WriterSpec(name="recorded-windows", unit="window", version="1", function=function),
        WriterSpec(name="recorded-authors", unit="author", version="1", function=function),
    ]


def record(unit: Unit) -> Iterable[Document]:
    SEEN.append(unit)
    return ()
