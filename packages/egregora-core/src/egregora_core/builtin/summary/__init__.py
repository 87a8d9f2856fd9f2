"""A post for each window and a profile for each author, from counting alone."""

from collections.abc import Sequence

from egregora_core.plugins.hookspecs import hookimpl
from egregora_core.plugins.specs import SettingsSpec, WriterSpec

EGREGORA_API = 1


@hookimpl
def register_writers() -> Sequence[WriterSpec]:
    module = "egregora_core.builtin.summary.writer"
    return [
        WriterSpec(name="posts", unit="window", version="1", function=f"{module}:write_post"),
        WriterSpec(name="profiles", unit="author", version="1", function=f"{module}:write_profile"),
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.builtin.summary.writer:SummarySettings")
