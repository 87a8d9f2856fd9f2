"""Everything a plugin can do. Specs only: read top to bottom, this file is the plugin manual.

A plugin is a module with `EGREGORA_API = 1` and functions marked `@hookimpl`, named by an entry point in group
`egregora`. Registration is light: return specs whose strings name what is imported on first use.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

from egregora_core.plugins._specs import (
    CommandSpec,
    EngineSpec,
    PublisherSpec,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    TableSpec,
    WriterSpec,
)

if TYPE_CHECKING:
    from egregora_core.tracking import Run

EGREGORA_API = 1
"""The number of this hook interface; the host accepts exactly its own."""

hookspec = HookspecMarker("egregora")
hookimpl = HookimplMarker("egregora")


@hookspec
def register_sources() -> Sequence[SourceSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the chat platforms this plugin can read. Called once, when the app is built."""


@hookspec
def register_stages() -> Sequence[StageSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the stages this plugin adds to privacy, enrichment or curation. Called once, when the app is built."""


@hookspec
def register_writers() -> Sequence[WriterSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the writers this plugin adds to generation. Called once, when the app is built."""


@hookspec
def register_publishers() -> Sequence[PublisherSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the publishers this plugin adds to publication. Called once, when the app is built."""


@hookspec
def register_engines() -> Sequence[EngineSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the clusters this plugin can have work done on. Called once, when the app is built."""


@hookspec
def register_tables() -> Sequence[TableSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return the tables this plugin owns, named `<plugin>_<noun>`. Called once, when the app is built."""


@hookspec
def register_settings() -> SettingsSpec:  # type: ignore[empty-body]  # a spec has no body
    """Return the one settings section of this plugin. Called once, when the app is built."""


@hookspec
def register_commands() -> Sequence[CommandSpec]:  # type: ignore[empty-body]  # a spec has no body
    """Return commands to hang under `egregora`. Called once, when the app is built."""


@hookspec
def run_started(run: "Run") -> None:
    """Observe that `run` has begun: its row is `running` and committed. What is raised here never breaks the run."""


@hookspec
def run_finished(run: "Run") -> None:
    """Observe that `run` has ended, however it ended. What is raised here never breaks the run."""
