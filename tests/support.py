"""What several test files need: where the collection of real chats is, if this machine has it."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("EGREGORA_SHARED", Path(__file__).parents[2] / "shared"))
"""A folder of chat exports with their truths, beside the checkout; no part of the project."""

needs_shared = pytest.mark.skipif(
    not (SHARED / "chats").is_dir(), reason="the collection of real chats is not on this machine"
)


def shared_files(pattern: str) -> list[Path]:
    """Return the files of the collection that match, none where it is absent (a parametrised test is then skipped)."""
    return sorted((SHARED / "chats").glob(pattern))
