"""WhatsApp's "Export chat": a text in the phone's own language and date format, alone or in a zip with its media."""

from egregora_core.builtin.whatsapp._archive import is_anonymous, mentions_whatsapp, open_archive, stem
from egregora_core.builtin.whatsapp._first_lines import looks_like_chat
from egregora_core.plugin import Export, ExportError, Recognised

_CHATTY = 0.2
"""Of a chat's lines at least this share start a message; people rarely write more lines than that at once."""


def recognise(export: Export) -> Recognised:
    """Say how surely a file or folder is a WhatsApp export, from its name and first lines."""
    name = export.path.name
    named = mentions_whatsapp(name) or is_anonymous(stem(name))
    try:
        share = looks_like_chat(open_archive(export).text, named=named or not export.is_file)
    except (ExportError, OSError):
        return Recognised("no")
    if share > _CHATTY:
        return Recognised("certain", "its lines, and its name") if named else Recognised("likely", "its lines")
    return Recognised("maybe" if share else "no", "some of its lines")
