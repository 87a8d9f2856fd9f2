"""An entry of a Slack file, as it stands there: what nearly all hold is told by its shape alone.

What every message has and hardly one needs (its text once more as blocks, its author's profile) stays JSON until
somebody asks: to make objects of it would take as long as all else.
"""

import json
from typing import Any, Literal

from msgspec import UNSET, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from egregora_core.builtin.slack._words import objects
from egregora_core.plugin import as_dict


class Entry(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    ts: Any = UNSET
    subtype: Any = UNSET
    user: Any = UNSET
    user_profile: Raw | UnsetType = UNSET
    text: Any = UNSET
    blocks: Raw | UnsetType = UNSET
    thread_ts: Any = UNSET
    edited: Any = UNSET
    reactions: Any = UNSET
    files: Any = UNSET
    file: Any = UNSET
    attachments: Any = UNSET
    comment: Any = UNSET
    bot_id: Any = UNSET
    bot_profile: Any = UNSET
    username: Any = UNSET
    message: Any = UNSET
    deleted_ts: Any = UNSET
    inviter: Any = UNSET
    room: Any = UNSET
    replies: Any = UNSET
    thread_replies: Any = UNSET
    slackdump_thread_replies: Any = UNSET

    def is_usual(self) -> bool:
        """Tell whether it is a text of a person, perhaps with files."""
        if not self.file is self.attachments is self.replies is self.thread_replies is self.slackdump_thread_replies:
            return False
        is_said = self.file is UNSET and type(self.text) is type(self.user) is str and self.user != ""
        if self.subtype or not is_said or (self.files is not UNSET and _are_commented(self.files)):
            return False
        return self.blocks is UNSET or (self.text != "" and is_typed(self.blocks))


def _are_commented(files: Any) -> bool:
    return any("initial_comment" in file for file in objects(files))


class _Typed(Struct, gc=False):
    type: Literal["rich_text"]


_typed = Decoder(list[_Typed]).decode


def is_typed(blocks: Any) -> bool:
    """Tell whether blocks are what somebody typed, which stands in the message's text, too."""
    if type(blocks) is Raw:
        try:
            _typed(blocks)
        except MsgspecError:  # others, or no blocks
            return False
        return True
    return isinstance(blocks, list) and all(
        isinstance(each, dict) and each.get("type") == "rich_text" for each in blocks
    )


def opened(value: Any) -> Any:
    """Return what JSON says that was left as it is; None where it says nothing."""
    if type(value) is not Raw:
        return value
    try:
        return json.loads(bytes(value), strict=False)
    except (ValueError, RecursionError):
        return None


def as_object(entry: Entry) -> dict[str, Any]:
    """Return all of an entry that is looked at, by the names in the file."""
    return {name: opened(value) for name, value in as_dict(entry).items()}
