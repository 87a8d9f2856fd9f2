"""The directory that a workspace is: its files, its secret, its settings file as it is written.

Owns the paths below the directory and the mode of what is made there: `.egregora/` is its owner's alone.
Promises to answer without an engine and without pydantic, so that commands start at once.
May import the errors.
"""

from egregora_core.workspace._directory import Workspace, private_files
from egregora_core.workspace._lake import SCHEME, Lake, Place, without_password, work_of_tasks
from egregora_core.workspace._settings_file import (
    DEFAULT_DATABASE,
    DEFAULT_LOCK_TIMEOUT,
    DEFAULT_TENANT,
    ENV_PREFIX,
    Early,
    database_place,
    read_early,
    read_file,
    unknown_key,
)

__all__ = [
    "DEFAULT_DATABASE",
    "DEFAULT_LOCK_TIMEOUT",
    "DEFAULT_TENANT",
    "ENV_PREFIX",
    "SCHEME",
    "Early",
    "Lake",
    "Place",
    "Workspace",
    "database_place",
    "private_files",
    "read_early",
    "read_file",
    "unknown_key",
    "without_password",
    "work_of_tasks",
]
