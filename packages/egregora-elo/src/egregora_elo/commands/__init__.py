"""The commands under `egregora elo`, and `egregora init-elo`: parse, call the library, print.

Owns words in and words out. Promises to import nothing heavy before a command needs it, and to write in one transaction
or not at all.
May import every room of this package.
"""

from collections.abc import Callable, Mapping
from typing import Any

import typer
from egregora_core.plugin.commands import HERE, WorkspaceDir, open_plugin_workspace

from egregora_elo.commands._judging import next_, record, vote
from egregora_elo.commands._leaderboard import leaderboard
from egregora_elo.commands._ledger import import_, rebuild, void
from egregora_elo.commands._reports import audit, history, matrix
from egregora_elo.tables import PLUGIN

app = typer.Typer(
    help="Rank documents by pairwise comparison. Experimental.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "vote": vote,
    "record": record,
    "import": import_,
    "void": void,
    "rebuild": rebuild,
    "next": next_,
    "leaderboard": leaderboard,
    "history": history,
    "matrix": matrix,
    "audit": audit,
}
"""In the order in which the help lists them."""

for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)


def init_elo(context: typer.Context, workspace: WorkspaceDir = HERE) -> None:
    """Create the tables of the ranking, for the commands under `egregora elo`."""
    with open_plugin_workspace(context.obj, PLUGIN, workspace) as opened:
        created = opened.create_tables()
    typer.echo(f"created {', '.join(created)}" if created else "the tables are there already")
    typer.echo("next: `egregora elo vote`, or `egregora elo import FILE`")


__all__ = ["app", "init_elo"]
