"""The section `[report]`."""

from pathlib import PurePosixPath

from egregora_core.plugin.settings import Section
from pydantic import Field, field_validator


class ReportSettings(Section):
    """Section `[report]`: pages that open from the disk."""

    enabled: bool = True
    """Whether `run` makes the pages."""
    directory: str = Field(default="report", min_length=1)
    """Where the files go, below the workspace."""
    title: str = Field(default="Conversations", min_length=1)
    """What the report is called."""
    search: bool = True
    """Whether there is a search page; its index takes about as much room as the reading pages."""
    media: bool = False
    """Whether photos, stickers, voice and video of the exports are shown. They show faces: off unless you say so."""
    summaries: bool = False
    """Whether posts and profiles that core's own writer counts have pages: chats and people show the same."""
    languages: tuple[str, ...] = ()
    """Languages whose most common words are no favourite words, as `english`; without any, they are told by the words.
    """

    @field_validator("directory")
    @classmethod
    def _stays_inside(cls, directory: str) -> str:
        path = PurePosixPath(directory)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError("lies outside the workspace: give the name of a folder in it, without `..`")
        return directory
