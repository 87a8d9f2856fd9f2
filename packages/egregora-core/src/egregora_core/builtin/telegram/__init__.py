"""Telegram Desktop's exports: `result.json` of one chat or of a whole account, and the pages `messages.html`.

Owns the way from either to messages: `_source` (which is it?), `_account` and `_message` (JSON), `_pages` and `_html`.
Promises that a chat and a person of the JSON are known by Telegram's ids, of whatever version the export is; pages have
no ids of these, so there titles and names tell them apart.
"""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="telegram",
            recognise="egregora_core.builtin.telegram._source:recognise",
            read="egregora_core.builtin.telegram._source:read",
            title="Telegram Desktop",
            accepts="result.json or messages.html, their folder, or a zip of it",
        )
    ]
