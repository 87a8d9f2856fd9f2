"""`egregora plugins`: which plugins there are, what they contribute, and what is wrong with them."""

from dataclasses import asdict
from typing import Annotated

import typer

from egregora_core.cli.context import Help, Json, host, print_json, print_table
from egregora_core.early import unknown_key
from egregora_core.errors import UsageError
from egregora_core.hookspecs import EGREGORA_API

app = typer.Typer(help="Which plugins there are, and how they fare.", rich_markup_mode=None)


@app.callback(invoke_without_command=True, add_help_option=False)
def plugins(context: typer.Context, *, as_json: Json = False, _help: Help = False) -> None:
    """List built-in and installed plugins."""
    if context.invoked_subcommand is None:
        list_plugins(as_json=as_json)


@app.command("list", add_help_option=False)
def list_plugins(*, as_json: Json = False, _help: Help = False) -> None:
    """List built-in and installed plugins."""
    found = host().plugins
    if as_json:
        print_json([{**asdict(plugin), "api": EGREGORA_API, "built_in": plugin.built_in} for plugin in found])
        return
    print_table(
        ("plugin", "distribution", "version", "status", "contributes"),
        [(p.id, p.distribution, p.version, p.status, ", ".join(p.contributes) or p.cause) for p in found],
    )


@app.command()
def info(name: Annotated[str, typer.Argument(help="A plugin's id.")]) -> None:
    """Show one plugin: its hooks, what it contributes, and its settings."""
    found = {plugin.id: plugin for plugin in host().plugins}
    if name not in found:
        raise UsageError(f"no plugin is called {name!r}{unknown_key(name, list(found))}; `egregora plugins` lists them")
    plugin = found[name]
    typer.echo(str(plugin))
    typer.echo(f"hooks: {', '.join(plugin.hooks) or 'none'}")
    for line in plugin.contributes:
        typer.echo(f"  {line}")
    for provided in host().settings:
        if provided.plugin == name:
            typer.echo(f"settings [{provided.spec.section or name}]:")
            model = host().resolve(provided.spec.model)
            for key, field in model.model_fields.items():
                typer.echo(f"  {key} = {field.default!r}  {' '.join((field.description or '').split())}")


@app.command()
def doctor() -> None:
    """Explain what is wrong with each broken plugin, and how to go on without it; exit 1 if any is."""
    broken = [plugin for plugin in host().plugins if plugin.status == "failed"]
    for plugin in broken:
        typer.echo(str(plugin))
    if broken:
        raise typer.Exit(1)
    typer.echo(f"all {len(host().plugins)} plugins are well")


@app.command()
def freeze() -> None:
    """Print the command that installs core with the same plugins; it survives `uv tool upgrade`."""
    others = sorted({plugin.distribution for plugin in host().plugins if not plugin.built_in})
    typer.echo(" ".join(["uv tool install egregora-core", *(f"--with {name}" for name in others)]))


def print_versions() -> None:
    """Print the version of core, then of each installed plugin."""
    from egregora_core import __version__

    typer.echo(f"egregora-core {__version__}")
    for distribution, version in sorted({(p.distribution, p.version) for p in host().plugins if not p.built_in}):
        typer.echo(f"{distribution} {version}")
