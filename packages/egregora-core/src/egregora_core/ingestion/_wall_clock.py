"""The time zone of an export that gives none: whose word counts, and what the person at the terminal is told of it.

A machine in UTC says nothing about where a phone was, so there the zone is a question, and is asked before any work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from egregora_core.messages import is_utc, load_zone, machine_zone
from egregora_core.session import RunOptions

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings

Known = Mapping[str, Any]
"""What is recorded of a chat: `timezone`, `date_order` and `year` (the first), where it has them."""


@dataclass(frozen=True)
class ZoneChoice:
    """The IANA zone that a wall clock is read in, and who says so."""

    zone: str
    origin: str
    """`option`, `thread` (recorded of the chat), `chats` (recorded of others), `settings`, `answer` or `machine`."""

    def notice(self, *, again: str) -> str | None:
        """Return what to tell before an export is read of which no chat is known; `again` is how to reread it."""
        if self.origin == "machine" and is_utc(self.zone):
            return (
                f"times are read as {self.zone}, as this machine's clock: was the phone there, too? "
                f"another zone: --timezone ZONE{again}, such as --timezone America/Sao_Paulo{again}"
            )
        if self.origin in {"machine", "settings"}:
            return f"times are read as {self.zone} ({_WHOSE[self.origin]}); another zone: --timezone ZONE{again}"
        return None


_WHOSE = {
    "machine": "this machine's",
    "settings": "[pipeline] timezone",
    "chats": "as its other chats, or the last export of this kind",
    "answer": "as was answered",
}


def choose_zone(
    options: RunOptions, settings: "LoadedSettings", known: Known | None, others: Mapping[str, Known]
) -> ZoneChoice:
    """Return the zone of a wall clock.

    `known` is what is recorded of the one chat of an export; `others` what is recorded of chats that may be in an
    export of several, newest first. Raises SettingsError for a zone that is none.
    """
    if options.timezone:
        load_zone(options.timezone)
        return ZoneChoice(options.timezone, "option")
    if known and known.get("timezone"):
        return ZoneChoice(str(known["timezone"]), "thread")
    if settings.pipeline.timezone:
        return ZoneChoice(settings.pipeline.timezone, "settings")
    recorded = [str(other["timezone"]) for other in others.values() if other.get("timezone")]
    if recorded:
        return ZoneChoice(recorded[0], "chats")
    zone = machine_zone()
    if is_utc(zone) and options.ask_zone is not None and not options.dry_run:
        return ZoneChoice(options.ask_zone() or zone, "answer")
    return ZoneChoice(zone, "machine")


def new_chats_notice(zone: str, origin: str, new: int) -> str:
    """Return what to tell of the chats of an export that are new, where others of it may be known."""
    chats, are, their = ("chat", "is", "its") if new == 1 else ("chats", "are", "their")
    return (
        f"{new:,} {chats} of this export {are} new; {their} times are read as {zone} ({_WHOSE[origin]}); another zone "
        "for all of its chats: --timezone ZONE --replace"
    )


def change_of_reading(before: Known, zone: str | None, order: str | None, year: str | None = None) -> str | None:
    """Say how a chat would be read otherwise than it was, and what can be done; None where nothing differs."""
    for what, key, option, now in (
        ("time zone", "timezone", "--timezone", zone),
        ("date order", "date_order", "--date-order", order),
        ("first year", "year", "--year", year),
    ):
        was = before.get(key)
        if was is not None and now is not None and was != now:
            return (
                f"read with {what} {was}, now it would be {now}; every message would get another time. "
                f"Keep it with {option} {was}, or reread all of it with --replace"
            )
    return None


def changes_of_reading(known: Iterable[Known], zone: str | None, order: str | None) -> list[str]:
    """Return what `change_of_reading` says of each chat, where it says something."""
    return [said for before in known if (said := change_of_reading(before, zone, order))]


__all__ = ["Known", "ZoneChoice", "change_of_reading", "changes_of_reading", "choose_zone", "new_chats_notice"]
