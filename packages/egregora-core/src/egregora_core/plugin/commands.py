"""What a plugin's own commands use: a workspace with the plugin's settings and tables, option types, and printers.

A command gets its host as `context.obj` of its `typer.Context`, and opens a workspace with `open_plugin_workspace`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.cli import (
    HERE,
    Exact,
    Json,
    Tenant,
    WorkspaceDir,
    confirm,
    print_data,
    print_facts,
    print_json,
    print_table,
    reading,
    say,
    tell_exposed,
)
from egregora_core.errors import PluginError, UsageError
from egregora_core.plugins import App

if TYPE_CHECKING:
    from egregora_core.plugins import Attachment
    from egregora_core.settings import LoadedSettings
    from egregora_core.storage import Connection, Database


@dataclass(frozen=True)
class PluginWorkspace:
    """An open workspace, as one plugin sees it. `settings` is the model of its section, None where it has none."""

    app: App
    plugin: str
    tenant: str
    directory: Path
    settings: Any
    read_only: bool
    _db: "Database"
    _loaded: "LoadedSettings"

    @property
    def connection(self) -> "Connection":
        return self._db.connection

    def messages(self) -> Any:
        """Return the messages as a publisher gets them (see `PublisherSpec`); raises NoMessagesError without any."""
        from egregora_core.pipeline import messages_to_read

        return messages_to_read(self._db, self._loaded)

    def attachments(self) -> list["Attachment"]:
        """Return the files that are kept of the tenant's messages, as a publisher gets them (see `PublisherSpec`)."""
        from egregora_core.ingestion import kept_attachments
        from egregora_core.workspace import Workspace

        return kept_attachments(self._db, Workspace(self.directory), self.tenant)

    def name_words(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of the words that are of a person's name, as a publisher gets to know them."""
        from egregora_core.pipeline import LazyNameWords

        return LazyNameWords(self._db, self.tenant)(words)

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what the block does, or roll all of it back, DDL included."""
        return self._db.transaction()

    def has_tables(self) -> bool:
        """Tell whether all tables that the plugin declares exist."""
        return all(self._db.columns(p.spec.name) for p in self.app.tables if p.plugin == self.plugin)

    def create_tables(self) -> list[str]:
        """Create the plugin's tables, or add the nullable columns that they lack; return the names of the new ones.

        Raises SchemaError where a table differs in any other way, and UsageError where the workspace is read-only.
        """
        from egregora_core.pipeline import create_tables, declared_tables

        if self.read_only:
            raise UsageError("tables cannot be made in a workspace that was opened read-only")
        return create_tables(self._db, declared_tables(self.app, self.plugin))


def has_database(directory: Path) -> bool:
    """Tell whether a directory is a workspace in which something was stored already."""
    from egregora_core.session import database_exists
    from egregora_core.workspace import read_early

    return database_exists(read_early(directory).database)


def plugin_settings(app: App, plugin: str, directory: Path) -> Any:
    """Return the settings section of a plugin, as the model that it registered; None where it has none."""
    from egregora_core.settings import load_settings

    return load_settings(directory, app).section_model(plugin)


def send_to(directory: Path, place: str, what: str, *, agreed: Collection[str] = ()) -> None:
    """Make sure, before messages or documents go to a place off this machine, that somebody agreed to that, once.

    Asks at a terminal; raises UsageError where nobody agrees. Says each time where they go.
    """
    from egregora_core.cli import somebody_to_ask
    from egregora_core.pipeline import agree_to_send
    from egregora_core.workspace import Workspace

    agree_to_send(Workspace(directory), place, what, agreed=agreed, ask=somebody_to_ask())
    if place:
        say(f"note: {what} sends texts, without names, to {place}", err=True)


def agreed_places(directory: Path) -> dict[str, str]:
    """Return where somebody agreed to send messages, each with the time of it."""
    from egregora_core.workspace import Workspace

    return Workspace(directory).agreed_places()


def would_write(app: App, directory: Path, writer: str, overrides: Mapping[str, Any] | None = None) -> str:
    """Return what a run would have a writer do, as `run --dry-run` says it; nothing is written."""
    from egregora_core.pipeline import run_pipeline
    from egregora_core.session import Command, RunOptions
    from egregora_core.settings import load_settings

    command = Command(app, load_settings(directory, app, overrides), RunOptions(dry_run=True))
    lines = [line.text for line in run_pipeline(command).lines if line.stage == writer and not line.warning]
    return lines[0] if lines else "does not take part"


@contextmanager
def open_plugin_workspace(
    app: App, plugin: str, directory: Path, *, read_only: bool = False, overrides: Mapping[str, Any] | None = None
) -> Iterator[PluginWorkspace]:
    """Open a workspace for a command of `plugin`.

    For writing it makes a workspace that is new, stamps it at the end and marks runs whose process is gone, as a run
    does. Read-only it waits for a process that writes, and names it. `overrides` are options by dotted key,
    such as `workspace.tenant`; None stands for not given.
    """
    from egregora_core.session import Command, open_session
    from egregora_core.settings import load_settings

    if not any(known.id == plugin and known.status == "ok" for known in app.plugins):
        raise PluginError(f"no working plugin is called {plugin!r}; `egregora plugins` lists them")
    loaded = load_settings(directory, app, overrides)
    for warning in loaded.warnings:
        say(f"warning: {warning}", err=True)
    app.require(loaded.plugins.required)
    tell_exposed(directory, loaded.database_path)

    def found(db: "Database") -> PluginWorkspace:
        whose, settings = loaded.workspace.tenant, loaded.section_model(plugin)
        return PluginWorkspace(app, plugin, whose, directory, settings, read_only, db, loaded)

    if read_only:
        with reading(directory) as (db, _):
            yield found(db)
    else:
        with open_session(Command(app, loaded)) as session:
            yield found(session.db)


__all__ = [
    "HERE",
    "Exact",
    "Json",
    "PluginWorkspace",
    "Tenant",
    "WorkspaceDir",
    "agreed_places",
    "confirm",
    "has_database",
    "open_plugin_workspace",
    "plugin_settings",
    "print_data",
    "print_facts",
    "print_json",
    "print_table",
    "say",
    "send_to",
    "would_write",
]
