"""An entry of a Slack file, as it stands there: what nearly all hold is told by its shape alone."""

from typing import Any

from msgspec import UNSET, Struct


class Entry(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    ts: Any = UNSET
    subtype: Any = UNSET
    user: Any = UNSET
    user_profile: Any = UNSET
    text: Any = UNSET
    blocks: Any = UNSET
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
        if self.subtype or not self.replies is self.thread_replies is self.slackdump_thread_replies is UNSET:
            return False
        bare = self.file is self.attachments is UNSET
        is_said = type(self.text) is type(self.user) is str and self.user != ""
        return bare and is_said and (self.blocks is UNSET or (self.text != "" and is_typed(self.blocks)))


def is_typed(blocks: Any) -> bool:
    """Tell whether blocks are what somebody typed, which stands in the message's text, too."""
    if not isinstance(blocks, list):
        return False
    for each in blocks:  # noqa: SIM110 - of every message: a generator takes twice as long
        if not isinstance(each, dict) or each.get("type") != "rich_text":
            return False
    return True
