"""What messages of Slack say of their files, and which of these an export holds."""

from collections.abc import Mapping
from typing import Any

from egregora_core.plugin import Export

_ABSENT = frozenset({"tombstone", "hidden_by_limit", "file_not_found"})


class Files:
    """The files of an export's messages."""

    def __init__(self, export: Export) -> None:
        # slackdump puts them beside the messages, each in a folder that is called by its id.
        names = (name for name in export.names if "__uploads/" in name)
        self._uploads = {name.rpartition("__uploads/")[2].partition("/")[0]: name for name in names}

    def media(self, file: Mapping[str, Any]) -> dict[str, Any]:
        """Return a file as `media` has it."""
        upload = self._uploads.get(str(file.get("id")))
        absent = file.get("mode") in _ABSENT or file.get("file_access") in _ABSENT or file.get("error") in _ABSENT
        size = file.get("size")
        return {
            "name": upload or _first(file, "name", "title"),
            "url": _first(file, "url_private", "url_private_download", "permalink", "external_url"),
            "type": _first(file, "mimetype"),
            "size": size if type(size) is int and 0 <= size < 1 << 62 else None,
            "missing": False if upload else True if absent else None,
        }


def _first(file: Mapping[str, Any], *keys: str) -> str | None:
    return next((value for key in keys if isinstance(value := file.get(key), str) and value), None)
