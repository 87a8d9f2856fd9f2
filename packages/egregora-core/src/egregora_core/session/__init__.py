"""What a call needs travels together: a command, and the same command at work in its open workspace.

Owns `Command` (host, settings, options, whom to tell), `Session` (the same with its database), core's tables and
the stamp of the file. Promises that no run is left `running`, however a session ends.
May import `settings` (for types), `plugins`, `tracking` and below.
"""

from egregora_core.session._core_tables import CORE_TABLES, database_exists, open_database
from egregora_core.session._opening import Command, Session, open_session
from egregora_core.session._options import RunOptions
from egregora_core.session._progress import ExportProgress, Progress, ProgressReport, silent
from egregora_core.session._summary import Line, Summary

__all__ = [
    "CORE_TABLES",
    "Command",
    "ExportProgress",
    "Line",
    "Progress",
    "ProgressReport",
    "RunOptions",
    "Session",
    "Summary",
    "database_exists",
    "open_database",
    "open_session",
    "silent",
]
