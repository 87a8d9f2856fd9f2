"""What a user may configure, and where each value came from.

Owns the sections of `egregora.toml`, with those of plugins. Promises that an unknown key is an error with a hint.
Imports pydantic: import it inside functions, since commands that need no settings start without.
May import `plugins` and below.
"""

from egregora_core.settings._loading import LoadedSettings, describe_section, json_schema, load_settings
from egregora_core.settings._sections import Section, WindowBy, WindowSettings

__all__ = [
    "LoadedSettings",
    "Section",
    "WindowBy",
    "WindowSettings",
    "describe_section",
    "json_schema",
    "load_settings",
]
