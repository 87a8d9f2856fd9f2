"""The command that moves a workspace's tables to another database."""

from typing import Annotated

import typer

from egregora_core.cli._context import HERE, WorkspaceDir, say
from egregora_core.workspace import database_place, without_password


def migrate(
    url: Annotated[str, typer.Argument(metavar="TO-URL", help="Where to: duckdb://PATH, or a lake, ducklake:….")],
    workspace: WorkspaceDir = HERE,
    data: Annotated[str | None, typer.Option(metavar="DIR", help="Where a lake keeps its files.")] = None,
) -> None:
    """Copy all tables into a new database, and say how to use it from then on."""
    target = database_place(workspace, url, data)
    from egregora_core.cli._writing import writing
    from egregora_core.pipeline import migrate as copy_tables

    with writing(workspace, None) as session:
        moved = copy_tables(session, target)
        source = session.db.path
    rows = sum(moved.tables.values())
    say(f"{rows:,} rows of {len(moved.tables)} tables are in {target}, each found equal to what is in {source}")
    say("to work there from now on, put this into egregora.toml; what is here stays until you remove it:", err=True)
    say(f'  [database]\n  url = "{without_password(url)}"' + (f'\n  data = "{data}"' if data else ""), err=True)


__all__ = ["migrate"]
