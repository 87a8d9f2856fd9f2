"""Discord: what DiscordChatExporter writes (JSON, HTML, CSV, text), and the package that Discord sends on request."""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    module = "egregora_core.builtin.discord._source"
    return [
        SourceSpec(
            name="discord",
            recognise=f"{module}:recognise",
            read=f"{module}:read",
            title="Discord",
            accepts="a .json, .html, .csv or .txt of DiscordChatExporter, a folder of them, or Discord's own package",
        )
    ]
