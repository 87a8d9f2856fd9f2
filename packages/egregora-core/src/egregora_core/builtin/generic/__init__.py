"""Tables of messages that no platform made: CSV, JSON lines, a JSON array or Parquet, whose columns one names."""

from collections.abc import Sequence

from egregora_core.plugin import SettingsSpec, SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    module = "egregora_core.builtin.generic._source"
    return [
        SourceSpec(
            name="generic",
            recognise=f"{module}:recognise",
            read=f"{module}:read",
            title="a table",
            accepts="a .csv, .jsonl, .json or .parquet with a column for each of ts, author and text",
        )
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.builtin.generic._settings:GenericSettings")
