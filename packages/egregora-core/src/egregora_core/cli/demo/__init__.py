"""The example that `egregora demo` runs on: an invented chat of a book club."""

from importlib.resources import files
from pathlib import Path

from egregora_core.errors import WorkspaceError

_NAME = "WhatsApp Chat with Book club.txt"


def example_export(directory: Path) -> Path:
    """Copy the example into a directory, which is made if it is missing, and return where it is."""
    target = directory / _NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files(__package__).joinpath("book_club.txt").read_bytes())
    except OSError as error:
        raise WorkspaceError(f"{target}: cannot be written ({error.strerror}); name another directory") from error
    return target
