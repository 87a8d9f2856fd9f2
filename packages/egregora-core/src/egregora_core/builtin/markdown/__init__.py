"""Documents as a folder of Markdown that MkDocs builds as it is."""

from collections.abc import Sequence

from egregora_core.plugins.hookspecs import hookimpl
from egregora_core.plugins.specs import PublisherSpec, SettingsSpec

EGREGORA_API = 1


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    return [
        PublisherSpec(
            name="markdown",
            version="1",
            function="egregora_core.builtin.markdown.publisher:publish",
            start="docs/index.md",
        )
    ]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.builtin.markdown.publisher:MarkdownSettings")
