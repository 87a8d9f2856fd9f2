"""Platforms beyond those of core, as a plugin: this module only registers, and imports nothing heavy.

A platform is a module or package of its own here, whose face has `recognise` and `read`, and one entry below.
"""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

__version__ = "0.1.0"

EGREGORA_API = 1


def _platform(name: str, title: str, accepts: str) -> SourceSpec:
    module = f"{__name__}.{name}"
    return SourceSpec(name, recognise=f"{module}:recognise", read=f"{module}:read", title=title, accepts=accepts)


PLATFORMS: Sequence[SourceSpec] = (
    # In alphabetical order.
    _platform("google_chat", "Google Chat", "a Takeout with Google Chat, or a chat's messages.json"),
    _platform("hangouts", "Hangouts", "a Takeout with Hangouts, or its Hangouts.json"),
    _platform(
        "imessage",
        "iMessage",
        "chat.db or the folder that it is in, or what imessage-exporter (text) or iMazing (CSV) wrote",
    ),
    _platform("irc", "IRC", "a log file, or the folder that a program keeps its logs in"),
    _platform("matrix", "Matrix", "what Element exports of a room: JSON, plain text, or its zip"),
    _platform("mbox", "mail", "an mbox file, a folder of them, or the zip of a Takeout"),
    _platform("signal", "Signal", "Signal's own export (main.jsonl), or what sigexport or sigtop wrote"),
    _platform("sms", "SMS Backup & Restore", "the XML files of texts and calls that the Android app makes"),
    _platform("teams", "Microsoft Teams", "messages.json of the export of Teams or Skype, or messages of Graph"),
)


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return PLATFORMS
