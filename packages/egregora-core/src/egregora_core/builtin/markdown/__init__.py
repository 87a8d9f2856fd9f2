"""Documents as a folder of Markdown that MkDocs builds as it is."""

from collections.abc import Sequence

from egregora_core.plugin import PublisherSpec, SettingsSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    function = "egregora_core.builtin.markdown._publisher:publish"
    return [PublisherSpec(name="markdown", version="1", function=function, start="docs/index.md")]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_core.builtin.markdown._publisher:MarkdownSettings")
