"""`egregora fake`: put words into the plugin's table, and look at them."""

from typing import Annotated

import typer
from egregora_core.plugin import literal
from egregora_core.plugin.commands import (
    HERE,
    Json,
    Tenant,
    WorkspaceDir,
    open_plugin_workspace,
    print_json,
    print_table,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    context: typer.Context,
    word: Annotated[str, typer.Argument(help="A whole text.")],
    replacement: Annotated[str, typer.Argument(help="What stands for it.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
) -> None:
    """Add a word."""
    with open_plugin_workspace(context.obj, "fake", workspace, overrides={"workspace.tenant": tenant}) as opened:
        opened.create_tables()
        values = ", ".join(map(literal, (opened.tenant, word, replacement)))
        with opened.transaction():
            opened.connection.execute(f"INSERT OR REPLACE INTO fake_words VALUES ({values})").fetchall()
    typer.echo(f"{word} is replaced by {replacement}")


@app.command("list")
def list_words(
    context: typer.Context, workspace: WorkspaceDir = HERE, tenant: Tenant = None, *, as_json: Json = False
) -> None:
    """List the tenant's words."""
    with open_plugin_workspace(
        context.obj, "fake", workspace, read_only=True, overrides={"workspace.tenant": tenant}
    ) as opened:
        query = f"SELECT word, replacement FROM fake_words WHERE tenant_id = {literal(opened.tenant)} ORDER BY 1"
        rows = opened.connection.execute(query).fetchall() if opened.has_tables() else []
    if as_json:
        print_json([{"word": word, "replacement": replacement} for word, replacement in rows])
    else:
        print_table(("word", "replacement"), rows)
