"""Pages that people want to look at, as a plugin: this module only registers, and imports nothing heavy."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from egregora_core.plugin import CommandSpec, PublisherSpec, SettingsSpec, hookimpl

__version__ = "0.1.0"

EGREGORA_API = 1


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_report.settings:ReportSettings")


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    return [
        PublisherSpec(
            name="report",
            version=_version(),
            function="egregora_report.site:publish",
            start="index.html",
            attachments="media",
        )
    ]


@hookimpl
def register_commands() -> Sequence[CommandSpec]:
    return [
        CommandSpec(
            "report", target="egregora_report.commands:report", help="Make one HTML file of the report, to send."
        )
    ]


def _version() -> str:
    """Return what changes with the templates and assets, which are no code that the host could see change."""
    here = Path(__file__).parent
    files = sorted(path for folder in ("assets", "templates") for path in (here / folder).iterdir())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
