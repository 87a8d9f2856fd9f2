"""Stages that need a whole row, thread or author, and one that needs everything: for the suite of engines."""

from collections.abc import Sequence
from typing import Any

from egregora_core.plugin import StageSpec, hookimpl, validate_stage

EGREGORA_API = 1


@hookimpl
def register_stages() -> Sequence[StageSpec]:
    here = "egregora_devtools.conformance.parted_stages"
    return [
        StageSpec("marked", "enrichment", "1", f"{here}:marked", by="row"),
        StageSpec("numbered", "enrichment", "1", f"{here}:numbered", by="thread"),
        StageSpec("counted", "enrichment", "1", f"{here}:counted", by="author"),
        StageSpec("ranked", "enrichment", "1", f"{here}:counted"),
    ]


@validate_stage
def marked(data: Any) -> Any:
    """Put a mark behind each text."""
    return data.mutate(text=data.text + " .")


@validate_stage
def numbered(data: Any) -> Any:
    """Put behind each text the number of its message in the thread."""
    import ibis

    place = ibis.row_number().over(group_by=data.thread_id, order_by=[data.ts, data.seq])
    return data.mutate(text=data.text + " no. " + place.cast("string"))


@validate_stage
def counted(data: Any) -> Any:
    """Put behind each text how many messages its author has."""
    number = data.count().over(group_by=data.author_uuid)
    return data.mutate(text=data.text + " of " + number.cast("string"))
