"""What the charts and numbers of a page are called, and the sentences around them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egregora_report.model import Chat, World
    from egregora_report.persons import Portrait

TILES = (
    ("messages", "messages"),
    ("people", "people wrote"),
    ("active", "active days"),
    ("average", "messages a day"),
    ("busiest", "busiest day"),
    ("streak", "longest streak"),
    ("silence", "longest silence"),
)
CHARTS = (
    ("timeline", "Over time", "", "Bars: messages over time, by person"),
    ("clock", "When", "half", "Heat map: messages by day of the week and hour"),
    ("calendar", "Day by day", "half", "Calendar: messages on each day"),
    ("answers", "Who answers whom", "half", "Circles: how often each person answers each other one"),
    ("speed", "How fast", "half", "Bars: how long each person typically takes to answer"),
)


def lead_of(world: "World", chat: "Chat | None") -> str:
    """Say in a sentence what an overview is about."""
    from egregora_report.model import long_date

    about = chat or world
    first, last = (chat.first.date(), chat.last.date()) if chat else (world.first, world.last)
    several = (
        "" if chat else f", in {len(world.chats):,} chats" if len(world.chats) > 1 else f", in {world.chats[0].title}"
    )
    return f"{about.written:,} message{'' if about.written == 1 else 's'} from {long_date(first)} to {long_date(last)}{several}."


def tiles_of(one: "Portrait", world: "World") -> list[tuple[str, str, str]]:
    """Return a person's numbers: what, how much, and what more there is to say."""
    from egregora_report.model import WEEKDAYS

    peak = max(range(168), key=lambda cell: one.clock[cell])
    fast = min((seconds for _, many, seconds in one.friends if many >= 5), default=None)  # noqa: PLR2004 - fewer say little
    tiles = [
        ("share of all", f"{100 * one.person.messages / world.written:.0f} %", ""),
        ("active days", f"{one.days:,}", f"{one.person.messages / max(1, one.days):.1f} messages on each"),
        ("a message has", f"{one.characters:.0f} characters", "on average"),
        ("favourite hour", f"{peak % 24}:00", f"on {WEEKDAYS[peak // 24]}s"),
        ("chats", f"{one.chats:,}", ""),
    ]
    return [*tiles, ("answers within", duration(fast), "typically, whom they answer fastest")] if fast else tiles


def duration(seconds: float) -> str:
    """Say how long something takes."""
    if seconds < 90:  # noqa: PLR2004 - a minute and a half
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004 - an hour and a half
