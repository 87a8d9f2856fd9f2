"""Messenger: the chats of a download from Facebook, and the end-to-end encrypted ones that Messenger saves."""

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
            name="messenger",
            recognise=f"{__name__}:recognise",
            read=f"{__name__}:read",
            title="Messenger",
            accepts="the download that Facebook makes (JSON or HTML), or a thread of it, such as message_1.json",
        )
    ]


def recognise(export: "Export") -> "Recognised":
    """Say how surely an export is Messenger's, from its names and the beginnings of its files."""
    from egregora_core.builtin._meta import recognised

    return recognised(export, "messenger")


def read(export: "Export", options: "ReadOptions") -> "Reading":
    """Read all threads of an export. Raises ExportError where one is damaged."""
    from egregora_core.builtin import _meta

    return _meta.read(export, options, "messenger")
