"""A shared store: tables as Parquet under one place, and a catalog that says which files they are.

Several machines may read and write it at once. What it says of itself never holds a password.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from egregora_core.errors import SettingsError

SCHEME = "ducklake:"
_SERVER, _FILE = "postgres:", "sqlite:"
_SECRETS = re.compile(r"(?i)(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|\S+)|(?<=://)([^/@\s]*):[^/@\s]*@")


@dataclass(frozen=True)
class Lake:
    """Where a lake is: its catalog as DuckLake names it, and the directory or bucket of its files."""

    catalog: str
    """`postgres:CONNECTION`, `sqlite:PATH`, or the path of a DuckDB file."""
    data: str

    def __str__(self) -> str:
        return SCHEME + without_password(self.catalog)

    @property
    def name(self) -> str:
        return str(self)

    @property
    def is_shared(self) -> bool:
        """Whether several processes may have it open for writing; a catalog in a DuckDB file is one process's."""
        return self.catalog.startswith((_SERVER, _FILE))

    @property
    def file(self) -> Path | None:
        """The file of its catalog; None where a server keeps it."""
        return None if self.catalog.startswith(_SERVER) else Path(self.catalog.removeprefix(_FILE))

    @property
    def directory(self) -> Path | None:
        """The directory of its files; None where it is no path of a file system."""
        return None if "://" in self.data else Path(self.data)


def work_of_tasks(lake: Lake, tenant: str) -> Path | None:
    """Return the directory of what tasks of a tenant are given and hand to each other; None where it is no path."""
    return None if lake.directory is None else lake.directory / "work" / tenant


Place: TypeAlias = Path | Lake
"""Where messages, runs and documents are: a database file of this workspace's own, or a shared lake."""


def lake_of(workspace: Path, url: str, data: str | None) -> Lake:
    """Return the lake that `[database] url` and `data` name; paths are relative to the workspace."""
    catalog = url.removeprefix(SCHEME)
    if not catalog.removeprefix(_FILE):
        raise SettingsError(
            f"[database] url is {url!r}; expected ducklake:postgres:CONNECTION, ducklake:sqlite:PATH or ducklake:PATH"
        )
    if not catalog.startswith(_SERVER):
        kind = _FILE if catalog.startswith(_FILE) else ""
        catalog = kind + str((workspace / catalog.removeprefix(_FILE)).absolute())
    if not data:
        raise SettingsError(
            '[database] data is missing: say where the lake keeps its files, such as data = "/srv/egregora"; '
            "every machine must reach them under the same path"
        )
    return Lake(catalog, data if "://" in data else str((workspace / data).absolute()))


def without_password(text: str) -> str:
    """Return a text, such as an engine's error, without a password that a connection has."""
    return _SECRETS.sub(lambda found: f"{found[1]}***" if found[1] else f"{found[3]}:***@", text)


__all__ = ["SCHEME", "Lake", "Place", "lake_of", "without_password", "work_of_tasks"]
