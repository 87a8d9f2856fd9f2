"""WhatsApp's own exports, `.txt` and `.zip`."""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="whatsapp",
            recognise="egregora_core.sources.whatsapp:recognise",
            read="egregora_core.sources.whatsapp:read",
        )
    ]
