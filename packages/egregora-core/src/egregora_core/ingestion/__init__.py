"""An export into `ir_messages`: opened, its source chosen, staged, merged with what is stored, recorded.

Owns the way in, top to bottom: `_opening`, `_ingesting`, `_staging`, `_merging`. Promises that the same messages get
the same ids, however often and however much of them is read, and that half an export never shows.
May import `session` and below; sources by their specs alone.
"""

from egregora_core.ingestion._attachments import drop_attachments, keep_attachments, kept_attachments
from egregora_core.ingestion._batches import tables
from egregora_core.ingestion._chat_records import zones_of
from egregora_core.ingestion._choosing import choose_source
from egregora_core.ingestion._ingesting import fingerprint_messages, ingest, read, store
from egregora_core.ingestion._opening import (
    ReadBefore,
    all_have_ids,
    digest_of,
    open_export,
    other_names,
    read_before,
    standing_ingestion,
)
from egregora_core.ingestion._replacing import lost_notices
from egregora_core.ingestion._reports import told_of_left_out
from egregora_core.ingestion._staging import Staged, unstage

__all__ = [
    "ReadBefore",
    "Staged",
    "all_have_ids",
    "choose_source",
    "digest_of",
    "drop_attachments",
    "fingerprint_messages",
    "ingest",
    "keep_attachments",
    "kept_attachments",
    "lost_notices",
    "open_export",
    "other_names",
    "read",
    "read_before",
    "standing_ingestion",
    "store",
    "tables",
    "told_of_left_out",
    "unstage",
    "zones_of",
]
