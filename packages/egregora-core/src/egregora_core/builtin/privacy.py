"""Pseudonyms instead of names, before anything else sees a message."""

from collections.abc import Sequence

from egregora_core.plugin import SettingsSpec, StageSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_stages() -> Sequence[StageSpec]:
    return [
        StageSpec("privacy", "privacy", version="2", function="egregora_core.privacy._stage:privacy", row_wise=True)
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.privacy._settings:PrivacySettings")
