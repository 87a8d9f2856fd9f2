"""Wall-clock time into UTC, with what happens at a clock change decided and recorded.

A time that occurs twice is taken as the first (PEP 495's fold=0); a time that the clock skipped is read with the
offset before the change. Both are rare, and both are marked.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from egregora_core.errors import SettingsError

_ONE_DAY = timedelta(days=1)
_NAMES_OF_UTC = {"UTC", "UCT", "Universal", "Zulu", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich"}
_SUGGESTED = 5
_SHORTEST = 2
"""Letters from which on a text is looked for in names."""


@dataclass(frozen=True)
class Change:
    """One clock change. Local times from `start` up to `end` are repeated (`fold`) or skipped (`gap`)."""

    start: datetime
    end: datetime
    before: timedelta
    after: timedelta

    @property
    def note(self) -> str:
        return "fold: first" if self.before > self.after else "gap: offset before"


@dataclass(frozen=True)
class Offsets:
    """A zone's UTC offsets over a range of local times."""

    zone: str
    first: timedelta
    changes: Sequence[Change]

    def utc_sql(self, column: str) -> str:
        """Return SQL that turns a naive local TIMESTAMP into a TIMESTAMPTZ; the session's zone must be UTC."""
        cases = "".join(
            f" WHEN {column} < TIMESTAMP '{change.end}' THEN {_seconds(change.before)}" for change in self.changes
        )
        last = _seconds(self.changes[-1].after if self.changes else self.first)
        offset = f"(CASE{cases} ELSE {last} END)" if cases else str(last)
        return f"({column} - to_seconds({offset}))::TIMESTAMPTZ"

    def note_sql(self, column: str) -> str:
        """Return SQL for a remark where the time was repeated or skipped, else NULL."""
        cases = "".join(
            f" WHEN {column} >= TIMESTAMP '{change.start}' AND {column} < TIMESTAMP '{change.end}' THEN '{change.note}'"
            for change in self.changes
        )
        return f"(CASE{cases} END)" if cases else "NULL"


def offsets(zone: str, first: datetime, last: datetime) -> Offsets:
    """Return the offsets of an IANA zone for naive local times from `first` to `last`; raises SettingsError."""
    info = load_zone(zone)
    # Whole seconds, as clock changes are: the bisection then ends on the change itself.
    start = (first - _ONE_DAY).replace(tzinfo=UTC, microsecond=0)
    end = (last + _ONE_DAY).replace(tzinfo=UTC)
    changes: list[Change] = []
    day = start
    while day < end:
        before, after = _offset(info, day), _offset(info, day + _ONE_DAY)
        if before != after:
            changes.append(_change(info, day, day + _ONE_DAY))
        day += _ONE_DAY
    return Offsets(zone, _offset(info, start), changes)


def load_zone(zone: str) -> ZoneInfo:
    """Return the zone; raises SettingsError, with the nearest names, where there is none of that name."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = zones_like(zone)
        hint = f"did you mean {', '.join(near)}?" if near else "use an IANA name such as America/Sao_Paulo"
        raise SettingsError(f"unknown time zone {zone!r}; {hint}") from None


def zones_like(text: str) -> list[str]:
    """Return the names of zones that somebody may mean, the likeliest first: by city or region, however written."""
    from difflib import get_close_matches

    wanted = _plain(text)
    if len(wanted) < _SHORTEST or wanted.startswith(("gmt", "utc", "+", "-")):
        return []
    places = _places()
    cities = {name: plain.rpartition("/")[2] for name, plain in places.items()}
    if within := sorted((cities[name] != wanted, name) for name, plain in places.items() if wanted in plain):
        return [name for _, name in within][:_SUGGESTED]
    spelt = get_close_matches(wanted, [*places.values(), *cities.values()], _SUGGESTED, 0.6)
    near = (name for one in spelt for name in places if one in {places[name], cities[name]})
    return list(dict.fromkeys(near))[:_SUGGESTED]


def zone_called(text: str) -> str | None:
    """Return the zone that a text names beyond doubt: by its name or its city's, in any case and with any accents."""
    wanted = _plain(text)
    if wanted == "utc":
        return "UTC"
    places = _places()
    found = [name for name, plain in places.items() if plain == wanted]
    found = found or [name for name, plain in places.items() if plain.rpartition("/")[2] == wanted]
    return found[0] if len(found) == 1 else None


def _places() -> dict[str, str]:
    """Return the zones that are named after places, each with its name as one would type it."""
    zones = sorted(_zones())
    # `Etc/GMT+3` is three hours behind UTC: nobody means that.
    return {name: _plain(name) for name in zones if "/" in name and not name.startswith("Etc/")}


def _plain(text: str) -> str:
    """Return a name as one would type it: in small letters, without accents, words joined as in zones' names."""
    letters = unicodedata.normalize("NFKD", text.strip()).casefold()
    return "_".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


@cache
def _zones() -> set[str]:
    """Return the names of all zones, which takes a look through a tree of files."""
    return available_timezones()


def machine_zone() -> str:
    """Return the IANA name of this machine's zone, UTC where it cannot be told."""
    import os
    from pathlib import Path

    named = os.environ.get("TZ", "").lstrip(":")
    link = Path("/etc/localtime")
    candidates = [named, named.partition("zoneinfo/")[2]]
    if link.is_symlink():
        candidates.append(str(link.resolve()).partition("zoneinfo/")[2])
    if (stated := Path("/etc/timezone")).is_file():
        candidates.append(stated.read_text(encoding="utf-8").strip())
    return next((name for name in candidates if name and name in _zones()), "UTC")


def is_utc(zone: str) -> bool:
    """Tell whether a zone is UTC under one of its names, which says where servers are and not where people are."""
    return zone.removeprefix("Etc/") in _NAMES_OF_UTC


def _offset(info: ZoneInfo, when: datetime) -> timedelta:
    return when.astimezone(info).utcoffset() or timedelta()


def _change(info: ZoneInfo, low: datetime, high: datetime) -> Change:
    """Find the change between two instants, to the second."""
    before, after = _offset(info, low), _offset(info, high)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(info, middle) == before else (low, middle)
    instant = high.replace(tzinfo=None)
    return Change(instant + min(before, after), instant + max(before, after), before, after)


def _seconds(offset: timedelta) -> int:
    return int(offset.total_seconds())
