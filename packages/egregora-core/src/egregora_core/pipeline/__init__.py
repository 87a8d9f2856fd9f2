"""The six steps in their order, what each is given, and what goes through all of it: dry runs, forget, checks.

Owns `_run.py`, which reads as the six steps, and one module for each. Promises that each execution of a stage is one
row in `runs`.
May import every room but `cli`.
"""

from egregora_core.pipeline._arguments import NAMES, stage_settings
from egregora_core.pipeline._check import check_export, check_table
from egregora_core.pipeline._forgetting import Choice, Forgotten, affected, forget, removed_its_messages
from egregora_core.pipeline._jobs import run_task
from egregora_core.pipeline._masked_messages import messages_to_read
from egregora_core.pipeline._migrating import Moved, migrate
from egregora_core.pipeline._plugin_tables import check_droppable, create_tables, declared_tables, orphaned_tables
from egregora_core.pipeline._publication_step import starts_of
from egregora_core.pipeline._publisher_call import (
    ATTACHMENTS,
    MESSAGES,
    PUBLISHER_ARGUMENTS,
    SITE,
    LazyNameWords,
)
from egregora_core.pipeline._run import republish, run_ingestion, run_pipeline
from egregora_core.pipeline._sending import agree_to_send
from egregora_core.pipeline._table_export import (
    Form,
    Format,
    count_formulas,
    export_messages,
    format_of,
    is_behind,
    last_message_table,
)

__all__ = [
    "ATTACHMENTS",
    "MESSAGES",
    "NAMES",
    "PUBLISHER_ARGUMENTS",
    "SITE",
    "Choice",
    "Forgotten",
    "Form",
    "Format",
    "LazyNameWords",
    "Moved",
    "affected",
    "agree_to_send",
    "check_droppable",
    "check_export",
    "check_table",
    "count_formulas",
    "create_tables",
    "declared_tables",
    "export_messages",
    "forget",
    "format_of",
    "is_behind",
    "last_message_table",
    "messages_to_read",
    "migrate",
    "orphaned_tables",
    "removed_its_messages",
    "republish",
    "run_ingestion",
    "run_pipeline",
    "run_task",
    "stage_settings",
    "starts_of",
]
