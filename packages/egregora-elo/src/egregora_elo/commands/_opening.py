"""The comparisons opened for a command, and what several commands are called with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from egregora_core.plugin import NoDatabaseError
from egregora_core.plugin.commands import has_database, open_plugin_workspace, plugin_settings

from egregora_elo.tables import PLUGIN

if TYPE_CHECKING:
    from egregora_elo.ledger import Ledger

DocumentName = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its slug or id, or the beginning of either.")]
NOTHING = "no comparisons yet"


@contextmanager
def opened_ledger(
    context: typer.Context, workspace: Path, tenant: str | None, *, write: bool = False
) -> "Iterator[Ledger]":
    """Open the comparisons, for writing in a transaction; raises UsageError where there are no tables for them."""
    from egregora_elo.ledger import MEMORY_PLAYING, no_tables, open_ledger

    if write and not (has_database(workspace) or plugin_settings(context.obj, PLUGIN, workspace).enabled):
        raise no_tables(workspace)  # before a workspace is made for a command that could not use it
    try:
        whose = {"workspace.tenant": tenant}
        with open_plugin_workspace(context.obj, PLUGIN, workspace, read_only=not write, overrides=whose) as opened:
            ledger = open_ledger(opened, write=write)
            if not write:
                yield ledger
                return
            ledger.hold_to(MEMORY_PLAYING)  # whatever is written, all comparisons may have to be played again
            with opened.transaction():
                yield ledger
    except NoDatabaseError:
        raise no_tables(workspace) from None
