"""`egregora config`: the effective settings, and the schema that editors check egregora.toml with."""

import json

import typer

from egregora_core.cli._context import HERE, Json, WorkspaceDir, host, print_json, say, settings_for
from egregora_core.cli._table import print_table

app = typer.Typer(help="Show the effective settings, or their schema.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show(workspace: WorkspaceDir = HERE, *, as_json: Json = False) -> None:
    """Print every setting, its value and where that came from."""
    settings = settings_for(workspace, {})
    rows = settings.explain()
    if as_json:
        print_json([{"key": key, "value": value, "from": origin} for key, value, origin in rows])
        return
    print_table(
        ("setting", "value", "from"),
        [(key, json.dumps(value, ensure_ascii=False), origin) for key, value, origin in rows],
        whole=("setting",),
    )
    if settings.people.all or settings.people.names:
        say("THE PAGES SHOW REAL NAMES: section [people] asks for it")


@app.command()
def schema() -> None:
    """Print a JSON Schema of egregora.toml, plugin sections included."""
    from egregora_core.settings import json_schema

    print_json(json_schema(host()))
