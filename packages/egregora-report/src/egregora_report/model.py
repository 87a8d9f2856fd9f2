"""Who and what the pages are about: people, chats, and the steps of time that charts count in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from egregora_core.people import initials

from egregora_report.facts import Facts

PEOPLE_WITH_PAGES = 500
"""Those who wrote most have a page each; beyond, a person is a name on other pages."""


@dataclass(frozen=True)
class Person:
    """Somebody who wrote. `number` is that of `report_person`."""

    number: int
    id: str
    name: str
    messages: int
    first: datetime
    last: datetime
    hue: int
    """The number of the person's colour: `k0`, `k1` … in the style sheet."""

    @property
    def slug(self) -> str:
        return f"p-{self.id[:8]}"

    @property
    def path(self) -> str:
        """Where the person's page is; empty for somebody without one."""
        return f"people/{self.slug}.html" if self.number < PEOPLE_WITH_PAGES else ""

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True)
class Chat:
    """A chat. `number` is that of `report_chat`."""

    number: int
    id: str
    title: str
    source: str
    timezone: str
    messages: int
    written: int
    """Messages of people, without what the platform tells."""
    people: int
    first: datetime
    last: datetime

    @property
    def folder(self) -> str:
        return f"chats/c-{self.id[:8]}"

    @property
    def zone(self) -> str:
        """The time zone, for people."""
        return "UTC" if self.timezone in {"UTC", "Etc/UTC"} else self.timezone.replace("_", " ")


@dataclass(frozen=True)
class World:
    """Everybody, every chat, and the days from the first message to the last."""

    people: list[Person]
    chats: list[Chat]

    @property
    def first(self) -> date:
        return min(chat.first for chat in self.chats).date()

    @property
    def last(self) -> date:
        return max(chat.last for chat in self.chats).date()

    @property
    def messages(self) -> int:
        return sum(chat.messages for chat in self.chats)

    @property
    def written(self) -> int:
        return sum(chat.written for chat in self.chats)


def world_of(facts: Facts) -> World:
    """Read who and what there is."""
    people = facts.rows("SELECT p, author_uuid::VARCHAR, name, n, first, last, hue FROM report_person ORDER BY p")
    chats = facts.rows(
        "SELECT c, thread_id::VARCHAR, title, source, timezone, n, written, people, first, last FROM report_chat ORDER BY c"
    )
    return World([Person(*row) for row in people], [Chat(*row) for row in chats])


# --- steps of time ------------------------------------------------------------------------------------------------

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Steps:
    """Days cut into steps that a range is chosen in: single days, weeks, months or years."""

    unit: str
    first: date
    last: date

    @classmethod
    def between(cls, first: date, last: date) -> "Steps":
        """Choose the unit that gives some dozens of steps."""
        days = (last - first).days + 1
        unit = "day" if days <= 62 else "week" if days <= 400 else "month" if days <= 366 * 16 else "year"  # noqa: PLR2004 - some dozens
        return cls(unit, first, last)

    @cached_property
    def begins(self) -> list[date]:
        """The first day of each step."""
        found = [self._begin(self.first)]
        while (after := self._after(found[-1])) <= self.last:
            found.append(after)
        return found

    def sql(self, day: str) -> str:
        """Return SQL for the number of a day's step."""
        return f"date_diff('{self.unit}', DATE '{self.begins[0]}', {day})"

    def label(self, begin: date) -> str:
        """Name a step for people."""
        if self.unit == "year":
            return str(begin.year)
        if self.unit == "month":
            return f"{MONTHS[begin.month - 1][:3]} {begin.year}"
        return f"{begin.day} {MONTHS[begin.month - 1][:3]} {begin.year}"

    def _begin(self, day: date) -> date:
        if self.unit == "week":
            return day - timedelta(days=day.weekday())
        if self.unit == "month":
            return day.replace(day=1)
        return day.replace(month=1, day=1) if self.unit == "year" else day

    def _after(self, begin: date) -> date:
        if self.unit == "year":
            return begin.replace(year=begin.year + 1)
        if self.unit == "month":
            return (begin + timedelta(days=31)).replace(day=1)
        return begin + timedelta(days=7 if self.unit == "week" else 1)


def long_date(day: date) -> str:
    """Write a date for people."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
