"""Documents from messages: units cut, writers called, what they made kept.

Owns windows and authors as units, the one sorted pass that reads them, and the table of documents. Promises that a unit
which is as it was keeps its documents, and that a crash keeps what was finished.
May import `settings` (for types), `plugins`, `messages`, `storage`.
"""

from egregora_core.generation._document_checks import checked_documents
from egregora_core.generation._document_store import GENERATION_UNITS, WANTED_SLUG, DocumentStore, Told
from egregora_core.generation._guard import Guard
from egregora_core.generation._held_messages import HeldMessages
from egregora_core.generation._kept import kept_table
from egregora_core.generation._planning import BoundWriter, Plan, plan_units
from egregora_core.generation._taking_over import MadeElsewhere, make_room
from egregora_core.generation._windows import Chats
from egregora_core.generation._writer_files import writer_files
from egregora_core.generation._writer_outcome import WriterOutcome
from egregora_core.generation._writing import write_units

__all__ = [
    "GENERATION_UNITS",
    "WANTED_SLUG",
    "BoundWriter",
    "Chats",
    "DocumentStore",
    "Guard",
    "HeldMessages",
    "MadeElsewhere",
    "Plan",
    "Told",
    "WriterOutcome",
    "checked_documents",
    "kept_table",
    "make_room",
    "plan_units",
    "write_units",
    "writer_files",
]
