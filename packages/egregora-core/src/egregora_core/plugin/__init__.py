"""What the author of a plugin imports: hooks, specs, errors, schemas, checks, and values into SQL.

Light: a registration module may import it at its top. What a plugin's commands need is in
`egregora_core.plugin.commands`, a base for its settings in `egregora_core.plugin.settings`, what a source makes of the
values of JSON in `egregora_core.plugin.json_values`. Everything else in `egregora_core` may change in any release.
Owns nothing: it shows what other rooms have for authors, and may import them all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from egregora_core.errors import (
    DateOrderError,
    EgregoraError,
    ExportError,
    LockedError,
    NoDatabaseError,
    NoMessagesError,
    PluginError,
    SchemaError,
    SettingsError,
    StageError,
    UnitRefusedError,
    UsageError,
    WorkspaceError,
    WritingStoppedError,
    YearError,
)
from egregora_core.plain_text import TURNS, plain
from egregora_core.plugins import (
    SOURCE_COLUMNS,
    STEPS,
    Attachment,
    CommandSpec,
    Continued,
    DateOrder,
    Document,
    EngineSpec,
    Kept,
    Person,
    PublishedFile,
    PublisherSpec,
    Reading,
    ReadOptions,
    Recognised,
    Report,
    Row,
    SettingsSpec,
    Site,
    SourceSpec,
    Spent,
    StageSpec,
    Step,
    Sure,
    TableSpec,
    Thread,
    Unit,
    UnitSize,
    WriterSpec,
    hookimpl,
    is_inside,
)

if TYPE_CHECKING:
    from egregora_core.exports import Export, as_dict
    from egregora_core.generation import kept_table
    from egregora_core.messages import (
        DATA_SHAPES,
        DOCUMENTS,
        EVENTS,
        IR_MESSAGES,
        KINDS,
        validate_ir_schema,
        validate_stage,
    )
    from egregora_core.pipeline import run_task
    from egregora_core.privacy import NameWords
    from egregora_core.storage import Column, TableSchema, bind, harmless, is_formula, literal
    from egregora_core.tracking import Run

_ROOMS = {
    "egregora_core.exports": ("Export", "as_dict"),
    "egregora_core.generation": ("kept_table",),
    "egregora_core.messages": (
        "DATA_SHAPES",
        "DOCUMENTS",
        "EVENTS",
        "IR_MESSAGES",
        "KINDS",
        "validate_ir_schema",
        "validate_stage",
    ),
    "egregora_core.pipeline": ("run_task",),
    "egregora_core.privacy": ("NameWords",),
    "egregora_core.storage": ("Column", "TableSchema", "bind", "harmless", "is_formula", "literal"),
    "egregora_core.tracking": ("Run",),
}
"""Names that are looked up when they are asked for: every start of the command waits for this module."""

__all__ = [
    "DATA_SHAPES",
    "DOCUMENTS",
    "EVENTS",
    "IR_MESSAGES",
    "KINDS",
    "SOURCE_COLUMNS",
    "STEPS",
    "TURNS",
    "Attachment",
    "Column",
    "CommandSpec",
    "Continued",
    "DateOrder",
    "DateOrderError",
    "Document",
    "EgregoraError",
    "EngineSpec",
    "Export",
    "ExportError",
    "Kept",
    "LockedError",
    "NameWords",
    "NoDatabaseError",
    "NoMessagesError",
    "Person",
    "PluginError",
    "PublishedFile",
    "PublisherSpec",
    "ReadOptions",
    "Reading",
    "Recognised",
    "Report",
    "Row",
    "Run",
    "SchemaError",
    "SettingsError",
    "SettingsSpec",
    "Site",
    "SourceSpec",
    "Spent",
    "StageError",
    "StageSpec",
    "Step",
    "Sure",
    "TableSchema",
    "TableSpec",
    "Thread",
    "Unit",
    "UnitRefusedError",
    "UnitSize",
    "UsageError",
    "WorkspaceError",
    "WriterSpec",
    "WritingStoppedError",
    "YearError",
    "as_dict",
    "bind",
    "harmless",
    "hookimpl",
    "is_formula",
    "is_inside",
    "kept_table",
    "literal",
    "plain",
    "run_task",
    "validate_ir_schema",
    "validate_stage",
]


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
