"""`egregora plugins`: which plugins there are, what they contribute, and what is wrong with them.

The list imports nothing heavy: what tells which plugin is at fault must depend on as little as possible.
"""

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egregora_core.cli._context import (
    HERE,
    Help,
    Json,
    WorkspaceDir,
    confirm,
    host,
    print_json,
    reading,
    say,
    tell_warnings,
)
from egregora_core.cli._table import print_table
from egregora_core.errors import EgregoraError, PluginError, UsageError
from egregora_core.plugins import BUILT_IN
from egregora_core.workspace import read_early, unknown_key

if TYPE_CHECKING:
    from egregora_core.plugins import Plugin

app = typer.Typer(help="Say which plugins there are, and how they fare.", rich_markup_mode=None)


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
        print_json([{**asdict(plugin), "built_in": plugin.built_in} for plugin in found])
        return
    print_table(
        ("plugin", "distribution", "version", "api", "status", "reason", "contributes"),
        [(p.id, p.distribution, p.version, p.api, p.status, p.cause, ", ".join(_contributions(p))) for p in found],
        whole=("plugin",),
        spare=("api", "distribution", "version"),
    )


@app.command()
def info(name: Annotated[str, typer.Argument(help="A plugin's id.")], *, as_json: Json = False) -> None:
    """Show one plugin: its hooks, what it contributes, and its settings."""
    plugin = host().plugin(name)
    if plugin is None:
        known = [each.id for each in host().plugins]
        raise UsageError(f"no plugin is called {name!r}{unknown_key(name, known)}; `egregora plugins` lists them")
    parts, settings = _parts(plugin.id), _settings(plugin.id)
    plugin = host().plugin(name) or plugin  # its settings may just have turned out broken
    tell_warnings()
    if as_json:
        print_json({**asdict(plugin), "built_in": plugin.built_in, "parts": parts, "settings": settings})
        return
    say(str(plugin))
    say(f"hooks: {', '.join(plugin.hooks) or 'none'}")
    for part in parts:
        kind, called = part.pop("kind"), part.pop("name")
        columns = part.pop("columns", [])
        say(f"{kind} {called}: {', '.join(f'{key} {_said(value)}' for key, value in part.items())}")
        for column in columns:
            say(f"  {column['name']:<20}{column['type']:<24}{column['description']}".rstrip())
    if settings:
        say(f"settings [{settings[0]['key'].partition('.')[0]}]:")
    for setting in settings:
        key = setting["key"].partition(".")[2]
        say(f"  {key} ({setting['type']}) = {setting['default']!r}  {setting['help']}".rstrip())


@app.command()
def doctor(workspace: WorkspaceDir = HERE, *, as_json: Json = False) -> None:
    """Explain what is wrong with each broken plugin, and which tables have lost theirs; exit 1 if any is broken."""
    lazily = _broken_on_use()
    broken = [_explained(plugin) for plugin in host().plugins if plugin.status == "failed"] + lazily
    orphans, unseen = _orphans(workspace)
    if as_json:
        print_json({"broken": broken, "hidden": host().hidden, "orphaned_tables": orphans})
    else:
        _print_diagnosis(broken, orphans, unseen, workspace)
    if broken:
        raise typer.Exit(1)


@app.command()
def drop(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table whose plugin is gone, or to be made anew.")],
    workspace: WorkspaceDir = HERE,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Drop a plugin's table, with all of its rows; core's own stay."""
    from egregora_core.cli._writing import writing
    from egregora_core.pipeline import check_droppable

    with writing(workspace, None) as session:
        rows = check_droppable(session.db, table)
        confirm(f"Drop {table} with its {rows:,} rows?", yes=yes)
        session.db.execute(f'DROP TABLE "{table}"')
    say(f"{table} dropped, with {rows:,} rows")


@app.command()
def freeze(
    *, pin: Annotated[bool, typer.Option("--pin", help="These very versions; an upgrade then changes none.")] = False
) -> None:
    """Print the command that installs core with the same plugins; it survives `uv tool upgrade`."""
    from egregora_core.plugins import tool_command

    say(tool_command(_distributions(), pin=pin))


def print_versions() -> None:
    """Print the version of core, then of each installed plugin."""
    from egregora_core._version import __version__

    say(f"egregora-core {__version__}")
    for distribution, version in sorted({(p.distribution, p.version) for p in host().plugins if not p.built_in}):
        say(f"{distribution} {version}")


def _contributions(plugin: "Plugin") -> list[str]:
    """Return what a plugin provides, and the hooks by which it observes."""
    return [*plugin.contributes, *(hook for hook in plugin.hooks if not hook.startswith("register_"))]


# --- one plugin ---------------------------------------------------------------------------------------------------


def _parts(id_: str) -> list[dict[str, Any]]:
    """Return what a plugin contributes, but for its settings; tables with their columns."""
    from egregora_core.pipeline import declared_tables

    found = host()
    parts: list[dict[str, Any]] = []
    for kind in ("sources", "stages", "writers", "publishers", "engines", "tables", "commands"):
        for provided in getattr(found, kind):
            if provided.plugin == id_:
                part = {each.name: getattr(provided.spec, each.name) for each in fields(provided.spec)}
                parts.append({"kind": kind.removesuffix("s"), **{key: value for key, value in part.items() if value}})
    if any(part["kind"] == "table" for part in parts):
        try:
            tables = {table.name: table for table in declared_tables(found, id_)}
        except PluginError as error:
            found.report(id_, "table", error)
        else:
            for part in parts:
                if part["kind"] == "table":
                    part["columns"] = [asdict(column) for column in tables[part["name"]].columns]
    return parts


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={each}" for key, each in value.items())
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _settings(id_: str) -> list[dict[str, Any]]:
    """Return each setting of a plugin: dotted key, type, default, help."""
    from egregora_core.settings import describe_section

    return describe_section(host(), id_)


# --- the doctor ---------------------------------------------------------------------------------------------------


def _broken_on_use() -> list[dict[str, str]]:
    """Import whatever plugins named for later, as a run would, and explain what cannot be; in settings, too."""
    found = host()
    if any(provided.plugin not in BUILT_IN for provided in found.settings):
        from egregora_core.settings import json_schema

        json_schema(found)  # a plugin whose settings are broken is `failed` afterwards
    broken = []
    for plugin in found.plugins:
        if plugin.status != "ok" or plugin.built_in:
            continue
        try:
            for target in found.targets(plugin.id):
                found.resolve(target)
            if any(provided.plugin == plugin.id for provided in found.tables):
                from egregora_core.pipeline import declared_tables

                declared_tables(found, plugin.id)
        except PluginError as error:
            cause = str(error).partition("; without it:")[0]
            broken.append({**_explained(plugin), "phase": "first use", "cause": cause})
    return broken


def _explained(plugin: "Plugin") -> dict[str, str]:
    from egregora_core.plugins import uninstall_command, upgrade_command

    return {
        "plugin": plugin.id,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "phase": plugin.phase or "",
        "cause": plugin.cause or "",
        "upgrade": upgrade_command(plugin.distribution),
        "disable": f"egregora --disable {plugin.id} …",
        "uninstall": uninstall_command(plugin.distribution, _distributions()),
    }


def _distributions() -> list[str]:
    return sorted({plugin.distribution for plugin in host().plugins if not plugin.built_in})


def _orphans(workspace: Path) -> tuple[list[dict[str, Any]], str]:
    """Return the tables that have lost their plugin, with their rows; and why nobody could look."""
    from egregora_core.session import database_exists

    if not database_exists(read_early(workspace).database):
        return [], ""
    from egregora_core.pipeline import orphaned_tables

    try:
        with reading(workspace, patience=0) as (db, _):
            names = orphaned_tables(db, host())
            return [{"table": name, "rows": db.scalar(f'SELECT count(*) FROM "{name}"')} for name in names], ""
    except EgregoraError as error:
        return [], str(error)


def _print_diagnosis(broken: list[dict[str, str]], orphans: list[dict[str, Any]], unseen: str, workspace: Path) -> None:
    for each in broken:
        say(f"plugin {each['plugin']!r} is broken")
        say(f"  installed as  {each['distribution']} {each['version']}")
        say(f"  failed at     {each['phase']}: {each['cause']}")
        say(f"  mend it       {each['upgrade']}")
        say(f'  leave it out  {each["disable"]}   for good: [plugins] disabled = ["{each["plugin"]}"]')
        say(f"  remove it     {each['uninstall']}")
    for note in host().hidden:
        say(f"note: {note}")
    for orphan in orphans:
        where = "" if workspace == HERE else f" --workspace {workspace}"
        say(
            f"table {orphan['table']} ({orphan['rows']:,} rows) belongs to no installed plugin: install it again, "
            f"or `egregora plugins drop {orphan['table']}{where}`"
        )
    if unseen:
        say(f"tables were not looked at: {unseen}")
    if not broken:
        disabled = sum(plugin.status == "disabled" for plugin in host().plugins)
        left_out = f", {disabled} disabled" if disabled else ""
        say(f"all {len(host().plugins) - disabled} plugins are well{left_out}")
