"""Documents as a folder of Markdown that MkDocs builds as it is."""

from collections.abc import Sequence

from egregora_core.hookspecs import hookimpl
from egregora_core.specs import PublisherSpec, SettingsSpec

EGREGORA_API = 1


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    return [PublisherSpec(name="markdown", version="1", function="egregora_core.publishers.markdown:publish")]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.publishers.markdown:MarkdownSettings")
