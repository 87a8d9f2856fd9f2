"""What a person's page tells: how much, when and with whom, favourite words and emoji, and awards that are kind.

Everybody's numbers come from a few queries over all people at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from egregora_report.facts import NOBODY, Facts
from egregora_report.model import PEOPLE_WITH_PAGES, Person

_WORDS, _EMOJI, _FRIENDS = 18, 10, 6
_ENOUGH = 20
"""With fewer messages nobody has an award: a share of few says little."""


@dataclass
class Portrait:
    """One person, in numbers."""

    person: Person
    days: int = 0
    characters: float = 0.0
    """Of a message of theirs, on average."""
    chats: int = 0
    steps: list[tuple[date, int]] = field(default_factory=list)
    """Messages by day, week or month (see `unit`), each by its first day."""
    clock: list[int] = field(default_factory=lambda: [0] * 168)
    """Messages by hour of the week, from Monday midnight."""
    words: list[tuple[str, int]] = field(default_factory=list)
    emoji: list[tuple[str, int]] = field(default_factory=list)
    friends: list[tuple[Person, int, float]] = field(default_factory=list)
    """Whom they answer, how often, and after how many seconds typically."""
    awards: list[tuple[str, str]] = field(default_factory=list)
    """A picture and what for."""

    @property
    def unit(self) -> str:
        """What their messages are counted by: a day, where all of them are in some months."""
        span = (self.person.last - self.person.first).days
        return "day" if span <= DAYS else "week" if span <= WEEKS else "month"


DAYS, WEEKS = 120, 366 * 3
"""In so many days at most they are counted by day, or by week."""


def portraits(facts: Facts, people: Sequence[Person]) -> list[Portrait]:
    """Return the portraits of those who have pages."""
    shown = people[:PEOPLE_WITH_PAGES]
    found = {person.number: Portrait(person) for person in shown}
    _counts(facts, found)
    for number, word, many in facts.rows(_words_sql(len(shown))):
        found[number].words.append((word, many))
    for number, emoji, many in facts.rows(_emoji_sql(len(shown))):
        found[number].emoji.append((emoji, many))
    for number, other, many, seconds in facts.rows(_FRIENDS_SQL.format(most=_FRIENDS, people=len(shown))):
        found[number].friends.append((people[other], many, seconds))
    for name, (picture, told) in AWARDS.items():
        if (winner := _winner(facts, name, len(shown))) is not None:
            found[winner].awards.append((picture, told))
    return list(found.values())


def _counts(facts: Facts, found: Mapping[int, Portrait]) -> None:
    for number, days, characters, chats in facts.rows(
        f"SELECT p, count(DISTINCT day), sum(chars) / sum(n), count(DISTINCT c) FROM report_day WHERE p < {len(found)} GROUP BY p"
    ):
        found[number].days, found[number].characters, found[number].chats = days, characters or 0.0, chats
    for number, step, many in facts.rows(
        f"SELECT p, CASE WHEN span <= {DAYS} THEN day WHEN span <= {WEEKS} THEN date_trunc('week', day) "
        "ELSE date_trunc('month', day) END::DATE AS step, sum(n)::INTEGER FROM report_day "
        f"JOIN (SELECT p, epoch(last - first) // 86400 AS span FROM report_person WHERE p < {len(found)}) USING (p) "
        "GROUP BY ALL ORDER BY ALL"
    ):
        found[number].steps.append((step, many))
    for number, cell, many in facts.rows(
        f"SELECT p, (isodow(day) - 1) * 24 + hour AS cell, sum(n)::INTEGER FROM report_day WHERE p < {len(found)} GROUP BY ALL"
    ):
        found[number].clock[cell] = many


def _words_sql(people: int) -> str:
    """Return SQL for the words that set each person apart, by tf-idf over people."""
    return f"""
        WITH each AS (SELECT p, w, sum(n) AS n FROM report_word GROUP BY ALL),
        weighed AS (
            SELECT p, w, n, n * ln(n * sum(n) OVER () / (sum(n) OVER (PARTITION BY w) * sum(n) OVER (PARTITION BY p))) AS weight
            FROM each
        )
        SELECT p, word, weighed.n::INTEGER FROM weighed JOIN report_vocabulary USING (w)
        WHERE p < {people} AND weighed.n > 2 AND weight > 0
        QUALIFY row_number() OVER (PARTITION BY p ORDER BY weight DESC, word) <= {_WORDS} ORDER BY p, weight DESC, word"""


def _emoji_sql(people: int) -> str:
    return f"""
        SELECT p, thing, sum(n)::INTEGER AS many FROM report_emoji WHERE p < {people} GROUP BY p, thing
        QUALIFY row_number() OVER (PARTITION BY p ORDER BY many DESC, thing) <= {_EMOJI} ORDER BY p, many DESC, thing"""


_FRIENDS_SQL = """
    SELECT p, q, sum(n)::INTEGER AS many, exp(sum(log_seconds) / sum(n)) - 1 FROM report_reply
    WHERE p < {people} AND q < {people} GROUP BY p, q
    QUALIFY row_number() OVER (PARTITION BY p ORDER BY many DESC, q) <= {most} ORDER BY p, many DESC, q"""

AWARDS: Mapping[str, tuple[str, str]] = {
    "night": ("🌙", "Night owl: writes most between midnight and five"),
    "morning": ("🌅", "Early bird: writes most between five and nine"),
    "weekend": ("🛋️", "Weekend soul: writes most on Saturdays and Sundays"),
    "long": ("📖", "Storyteller: writes the longest messages"),
    "fast": ("⚡", "Always there: answers fastest"),
    "starts": ("💡", "Icebreaker: starts most conversations"),
    "emoji": ("🎨", "Painter: has the most emoji in a message"),
    "links": ("🔗", "Librarian: brings the most links"),
    "media": ("📷", "Photographer: sends the most pictures, voice and video"),
    "questions": ("❓", "Curious mind: asks the most questions"),
    "days": ("🏅", "Faithful: wrote on the most days"),
    "loved": ("💌", "Listened to: is answered most"),
}

_OF_DAYS = "(SELECT p, {value} AS value, sum(n) AS many FROM report_day GROUP BY p)"
_OF_MESSAGES = "(SELECT p, {value} AS value, count(*) AS many FROM report_m GROUP BY p)"
_SOURCES: Mapping[str, str] = {
    "night": _OF_DAYS.format(value="sum(n) FILTER (WHERE hour < 5) / sum(n)"),
    "morning": _OF_DAYS.format(value="sum(n) FILTER (WHERE hour BETWEEN 5 AND 8) / sum(n)"),
    "weekend": _OF_DAYS.format(value="sum(n) FILTER (WHERE isodow(day) > 5) / sum(n)"),
    "long": _OF_DAYS.format(value="sum(chars) / sum(n)"),
    "media": _OF_DAYS.format(value="sum(n) FILTER (WHERE kind IN ('media', 'photo', 'video', 'audio', 'sticker'))"),
    "days": _OF_DAYS.format(value="count(DISTINCT day)"),
    "questions": _OF_MESSAGES.format(value="count(*) FILTER (WHERE regexp_matches(text, '[?？؟]\\s*$')) / count(*)"),
    "fast": "(SELECT p, -sum(log_seconds) / sum(n) AS value, sum(n) AS many FROM report_reply GROUP BY p)",
    "loved": "(SELECT q AS p, sum(n) AS value, sum(n) AS many FROM report_reply GROUP BY q)",
    "emoji": "(SELECT p, sum(report_emoji.n) / any_value(person.n) AS value, any_value(person.n) AS many "
    "FROM report_emoji JOIN report_person person USING (p) GROUP BY p)",
    "links": "(SELECT p, sum(report_link.n) AS value, any_value(person.n) AS many "
    "FROM report_link JOIN report_person person USING (p) GROUP BY p)",
    "starts": f"""(SELECT p, count(*) AS value, 1000 AS many FROM (
        SELECT p, epoch(ts) - lag(epoch(ts)) OVER (PARTITION BY c ORDER BY pos) AS pause FROM report_m WHERE p <> {NOBODY}
    ) WHERE pause > 6 * 3600 OR pause IS NULL GROUP BY p)""",
}


def _winner(facts: Facts, name: str, people: int) -> int | None:
    """Return who has an award: the one with most, where that is more than the second has."""
    rows = facts.rows(
        f"SELECT p, value FROM {_SOURCES[name]} WHERE p BETWEEN 0 AND {people - 1} AND many >= {_ENOUGH} "
        "AND value <> 0 ORDER BY value DESC, p LIMIT 2"
    )
    if len(rows) == 2 and rows[0][1] > rows[1][1]:  # noqa: PLR2004 - the first and the second
        return int(rows[0][0])
    return None


def drawn(portrait: Portrait) -> dict[str, Any]:
    """Return what the page's script draws."""
    return {
        "hue": portrait.person.hue,
        "unit": portrait.unit,
        "steps": [[step.isoformat(), many] for step, many in portrait.steps],
        "clock": portrait.clock,
    }
