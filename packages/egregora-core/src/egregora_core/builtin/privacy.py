"""Pseudonyms instead of names, before anything else sees a message."""

from collections.abc import Sequence

from egregora_core.plugins.hookspecs import hookimpl
from egregora_core.plugins.specs import SettingsSpec, StageSpec

EGREGORA_API = 1


@hookimpl
def register_stages() -> Sequence[StageSpec]:
    return [
        StageSpec(name="privacy", step="privacy", version="2", function="egregora_core.privacy.stage:privacy", row_wise=True)
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.privacy.settings:PrivacySettings")
