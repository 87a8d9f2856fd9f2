"""A post for each window and a profile for each author, from counting alone."""

from collections.abc import Sequence

from egregora_core.plugin import SettingsSpec, WriterSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_writers() -> Sequence[WriterSpec]:
    module = "egregora_core.builtin.summary._writer"
    return [
        WriterSpec(name="posts", unit="window", version="1", function=f"{module}:write_post"),
        WriterSpec(name="profiles", unit="author", version="1", function=f"{module}:write_profile"),
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.builtin.summary._writer:SummarySettings")
