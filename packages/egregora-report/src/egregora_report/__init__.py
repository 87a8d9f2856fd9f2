"""Pages that people want to look at, as a plugin: this module only registers, and imports nothing heavy."""

from collections.abc import Sequence

from egregora_core.plugins.hookspecs import hookimpl
from egregora_core.plugins.specs import PublisherSpec, SettingsSpec

__version__ = "0.1.0"

EGREGORA_API = 1


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_report.settings:ReportSettings")


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    return [PublisherSpec(name="report", version="1", function="egregora_report.site:publish")]
