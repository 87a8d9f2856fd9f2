"""WhatsApp's own exports, `.txt` and `.zip`.

Owns the way from such a file to messages: `_source` with `_checkpoint` (what is it, where to begin, what to assume?),
`_survey` (how does it look?) and `_parse`. Promises that what is assumed is checked at the end, and read again where it
did not hold; that no header goes without a word; and memory that does not grow with the file.
"""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="whatsapp",
            recognise="egregora_core.builtin.whatsapp._source:recognise",
            read="egregora_core.builtin.whatsapp._source:read",
            title="WhatsApp",
            accepts="the .txt or .zip that “Export chat” makes",
        )
    ]
