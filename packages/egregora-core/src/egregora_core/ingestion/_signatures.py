"""What a file seems to be that no installed source reads, and which package reads it.

A table of signatures: the name of a member, and what its beginning holds. It only serves an error message, so it is
enough that it is nearly always right.
"""

import re
from dataclasses import dataclass

from egregora_core.errors import ExportError
from egregora_core.exports import Export

_CORE, _MORE = "egregora-core", "egregora-sources"


@dataclass(frozen=True)
class Signature:
    """How an export of a platform looks."""

    platform: str
    source: str
    """The name of the source that reads it."""
    package: str
    member: str
    """A pattern of its name or path."""
    holds: str = ""
    """A regular expression that its first bytes match."""


_TELEGRAM = r'"personal_information"|"type": *"(?:personal_chat|saved_messages|bot_chat|\w+_(?:group|channel))"'

_SIGNATURES = (
    Signature("Slack", "slack", _CORE, "channels.json", r'"(?:creator|members|is_archived)"'),
    Signature("Telegram", "telegram", _CORE, "*.json", _TELEGRAM),
    Signature("Telegram", "telegram", _CORE, "messages*.html", r"<title>Exported Data</title>"),
    Signature("Discord (DiscordChatExporter)", "discord", _CORE, "*.json", r'"guild": *\{[\s\S]*"channel": *\{'),
    Signature("Discord (DiscordChatExporter)", "discord", _CORE, "*.csv", r"^\W*AuthorID\W+Author\W+Date"),
    Signature("Instagram or Messenger", "messenger", _CORE, "*.json", r'"sender_name": *"[\s\S]*"timestamp_ms"'),
    Signature("Google Chat", "google_chat", _MORE, "*messages.json", r'"messages"[\s\S]*"creator"[\s\S]*"user_type"'),
    Signature("Hangouts", "hangouts", _MORE, "*.json", r'"conversations": *\[[\s\S]*"conversation_id"'),
    Signature("Matrix (Element)", "matrix", _MORE, "*.json", r'"room_name"[\s\S]*"messages"|"m\.room\.message"'),
    Signature("iMessage", "imessage", _MORE, "*", r"^SQLite format 3"),
    Signature("SMS Backup & Restore", "sms", _MORE, "*.xml", r"<smses\b"),
    Signature("Signal", "signal", _MORE, "data.json", r'"(?:reactions|quote|sender)"'),
    Signature("a mail program (mbox)", "mbox", _MORE, "*", r"^From \S+ "),
    Signature(
        "an IRC client",
        "irc",
        _MORE,
        "*",
        r"^(?:--- Log opened|\*{4} BEGIN LOGGING AT|\[?\d\d:\d\d(?::\d\d)?\]? <\S+> )",
    ),
    Signature("Microsoft Teams", "teams", _MORE, "*.json", r'"@odata|"messagetype": *"RichText'),
)
_LOOKED_AT = 50


def seems_to_be(export: Export) -> Signature | None:
    """Return the platform that an export looks like; None where it looks like none."""
    heads: dict[str, str] = {}
    for signature in _SIGNATURES:
        for name in export.find(signature.member)[:_LOOKED_AT]:
            if name not in heads:
                heads[name] = _head(export, name)
            if re.search(signature.holds, heads[name]):
                return signature
    return None


def _head(export: Export, name: str) -> str:
    try:
        return export.head(name)
    except (ExportError, OSError):
        return ""
