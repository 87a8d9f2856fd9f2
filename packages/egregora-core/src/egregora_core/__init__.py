"""Egregora: chat exports into one pseudonymised message table, and that table into documents.

In a notebook: `import egregora_core as eg`, then `eg.open("dir")` is a workspace whose `messages` are an ibis table.
"""

from os import PathLike
from typing import TYPE_CHECKING

from egregora_core._version import __version__

if TYPE_CHECKING:
    from egregora_core._api import Workspace

__all__ = ["__version__", "open"]


def open(directory: "str | PathLike[str]" = ".", *, tenant: str | None = None) -> "Workspace":  # noqa: A001 - as gzip.open
    """Return the workspace in a directory, which need not exist yet.

    Raises SettingsError where its `egregora.toml` is wrong.
    """
    from pathlib import Path

    from egregora_core._api import Workspace

    return Workspace(Path(directory), tenant)
