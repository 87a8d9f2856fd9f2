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
    Signature("iMessage", "imessage", _MORE, "*chat*.db", r"^SQLite format 3"),
    Signature("iMessage", "imessage", _MORE, "*sms.db", r"^SQLite format 3"),
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


@dataclass(frozen=True)
class Foreign:
    """How an export looks that no source reads, of whatever package."""

    platform: str
    member: str
    holds: str = ""
    instead: str = (
        "a table of its messages is read (CSV, JSON lines or Parquet, with a column for each of ts, author and text), "
        "if you can make one"
    )
    """What can be done."""


_IN_THE_APP = "export the chat in the app itself"
_FOREIGN = (
    Foreign(
        "imessage-exporter as HTML",
        "*.html",
        r'<div class="(?:sent|received)[ "][\s\S]*class="timestamp"|\.message_part\b',
        "export it again with `--format txt`, or give `chat.db` itself",
    ),
    Foreign("WhatsApp's database", "*msgstore*.db*", "", _IN_THE_APP),
    Foreign("WhatsApp's database", "*ChatStorage.sqlite", "", _IN_THE_APP),
    Foreign(
        "Signal's encrypted backup",
        "*signal-*.backup",
        "",
        "use the app's own *Export chat history*, or sigtop or sigexport with the desktop app",
    ),
    Foreign("a program that keeps its messages in SQLite", "*", r"^SQLite format 3", _IN_THE_APP),
    Foreign(
        "KakaoTalk",
        "*.txt",
        r"^\W*(?:.{1,100}카카오톡 대화|KakaoTalk Chats? with )|저장한 날짜 ?:|^Date Saved ?: |"
        r"^\d{4}(?:년 \d{1,2}월 \d{1,2}일|\. \d{1,2}\. \d{1,2}\.) 오[전후] \d{1,2}:\d\d, |^오[전후] \d{1,2}:\d\d, ",
        "the CSV that KakaoTalk saves on a Mac is read as a table: in egregora.toml, [generic.columns], ts is Date, "
        "author is User and text is Message",
    ),
    Foreign(
        "a mail program, a file for each mail",
        "*.eml",
        "",
        "a mail program, such as Thunderbird, keeps a folder of them in one mbox file, which is read",
    ),
    Foreign(
        "LINE",
        "*.txt",
        r"^\W*LINE\] |^\d{4}[/.]\d{1,2}[/.]\d{1,2} ?\([^()\s]{1,10}\)\r?$|^\d{4}\.\d\d\.\d\d [日月火水木金土]曜日",
    ),
    Foreign("WeChat", "*.csv", r"^\W*localId\W+TalkerId\b"),
    Foreign("QQ", "*.txt", r"消息记录（此消息记录为文本格式"),
    Foreign("Google Voice", "*.html", r'class="hChatLog|class="haudio"'),
    Foreign("X (Twitter)", "*direct-messages*.js", r"window\.YTD\.direct_messages"),
    Foreign("Snapchat", "*chat_history.json", r'"(?:Media Type|Received Saved Chat History)"'),
    Foreign("TikTok", "*user_data*.json", r'"(?:Chat History|Direct Messages?)"'),
    Foreign("ChatGPT", "*conversations*.json", r'"mapping": *\{'),
    Foreign("Claude", "*conversations*.json", r'"chat_messages": *\['),
    Foreign("Mattermost", "*.jsonl", r'^\{"type": *"version", *"version"'),
    Foreign("Zoom", "*.txt", r"^\W*\d\d:\d\d:\d\d\s+From .+ [tT]o "),
    Foreign("Pidgin", "*.html", r"<title>Conversation with "),
    Foreign("Adium", "*.xml", r'<chat xmlns="http://purl\.org/net/ulf/ns/'),
)


def seems_to_be(export: Export) -> Signature | Foreign | None:
    """Return the platform that an export looks like; None where it looks like none."""
    heads: dict[str, str] = {}
    for signature in (*_SIGNATURES, *_FOREIGN):
        for name in export.find(signature.member)[:_LOOKED_AT]:
            if name not in heads:
                heads[name] = _head(export, name)
            if re.search(signature.holds, heads[name], re.MULTILINE if isinstance(signature, Foreign) else 0):
                return signature
    return None


def _head(export: Export, name: str) -> str:
    try:
        return export.head(name)
    except (ExportError, OSError):
        return ""
