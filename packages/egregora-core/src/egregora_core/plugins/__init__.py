"""Plugins found, checked and loaded, one at a time; what they register, as plain descriptions.

Owns the hooks, the specs, and the host `App`. Promises that a broken plugin takes nobody down, and that
nothing heavy is imported to list them. What a plugin's author imports is `egregora_core.plugin`.
May import `privacy`, `tracking`, `messages`, `workspace`.
"""

from egregora_core.plugins._discovery import BUILT_IN
from egregora_core.plugins._host import App, Provided
from egregora_core.plugins._installing import tool_command, uninstall_command, upgrade_command
from egregora_core.plugins._loading import EVERYTHING, Plugin
from egregora_core.plugins._sources import (
    SOURCE_COLUMNS,
    SURE,
    UPDATES,
    Continued,
    DateOrder,
    Person,
    Reading,
    ReadOptions,
    Recognised,
    Report,
    Row,
    Sure,
    Thread,
)
from egregora_core.plugins._specs import (
    STEPS,
    Attachment,
    CommandSpec,
    Document,
    EngineSpec,
    Kept,
    PublishedFile,
    PublisherSpec,
    SettingsSpec,
    Site,
    SourceSpec,
    Spent,
    StageSpec,
    Step,
    TableSpec,
    UnitSize,
    WriterSpec,
    is_inside,
)
from egregora_core.plugins._units import BATCH_ROWS, Piece, Unit, UnitMessages
from egregora_core.plugins.hookspecs import hookimpl

__all__ = [
    "BATCH_ROWS",
    "BUILT_IN",
    "EVERYTHING",
    "SOURCE_COLUMNS",
    "STEPS",
    "SURE",
    "UPDATES",
    "App",
    "Attachment",
    "CommandSpec",
    "Continued",
    "DateOrder",
    "Document",
    "EngineSpec",
    "Kept",
    "Person",
    "Piece",
    "Plugin",
    "Provided",
    "PublishedFile",
    "PublisherSpec",
    "ReadOptions",
    "Reading",
    "Recognised",
    "Report",
    "Row",
    "SettingsSpec",
    "Site",
    "SourceSpec",
    "Spent",
    "StageSpec",
    "Step",
    "Sure",
    "TableSpec",
    "Thread",
    "Unit",
    "UnitMessages",
    "UnitSize",
    "WriterSpec",
    "hookimpl",
    "is_inside",
    "tool_command",
    "uninstall_command",
    "upgrade_command",
]
