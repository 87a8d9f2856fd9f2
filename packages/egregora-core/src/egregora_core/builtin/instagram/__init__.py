"""Instagram: the direct messages of a download from Instagram."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from egregora_core.plugin import SourceSpec, hookimpl

if TYPE_CHECKING:
    from egregora_core.plugin import Export, Reading, ReadOptions, Recognised

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="instagram",
            recognise=f"{__name__}:recognise",
            read=f"{__name__}:read",
            title="Instagram",
            accepts="the download that Instagram makes (JSON or HTML), or a thread of it, such as message_1.json",
        )
    ]


def recognise(export: "Export") -> "Recognised":
    """Say how surely an export is Instagram's, from its names and the beginnings of its files."""
    from egregora_core.builtin._meta import recognised

    return recognised(export, "instagram")


def read(export: "Export", options: "ReadOptions") -> "Reading":
    """Read all threads of an export. Raises ExportError where one is damaged."""
    from egregora_core.builtin import _meta

    return _meta.read(export, options, "instagram")
