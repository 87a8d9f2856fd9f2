"""The numbers behind an overview: cubes of counts by step of time and by person, which the page's filters slice.

Every cube is bounded: who wrote little is counted as everybody else, steps of time are joined where there would be too
many cells, and of words, emoji and sites only the most telling are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from egregora_report.facts import NOBODY, Facts
from egregora_report.model import Chat, Person, Steps, World

MOST_PEOPLE, FEWEST_PEOPLE = 24, 8
_DAYS_OF_PEOPLE = 45_000
"""In a long chat fewer people are told apart: so many days of people are about as many bytes."""
_CELLS = {"hours": 3_000, "replies": 1_800, "words": 4_000, "emoji": 1_500, "links": 1_000, "kinds": 1_200}
"""How many cells a cube may have; a cell is about ten bytes of the page's data."""
_WORDS, _EMOJI, _LINKS = 240, 40, 25


@dataclass(frozen=True)
class Scope:
    """What one overview is about: all chats, or one, and the people in it who are told apart."""

    facts: Facts
    chat: Chat | None
    people: Sequence[Person]
    more: int
    """How many others there are, who are counted as one."""
    steps: Steps

    def where(self, *conditions: str) -> str:
        """Return the WHERE clause of what it is about."""
        of_chat = [f"c = {self.chat.number}"] if self.chat else []
        return " WHERE " + " AND ".join([*of_chat, *conditions, "true"])

    def person(self, column: str) -> str:
        """Return SQL for a person's place among those told apart; everybody else comes after the last."""
        cases = " ".join(f"WHEN {person.number} THEN {place}" for place, person in enumerate(self.people))
        return f"(CASE {column} {cases} ELSE {len(self.people)} END)" if cases else "0"


def scope_of(facts: Facts, world: World, chat: Chat | None) -> Scope:
    """Tell whom an overview can tell apart."""
    where = f"WHERE c = {chat.number}" if chat else ""
    ranked = facts.rows(f"SELECT p FROM report_day {where} GROUP BY p ORDER BY sum(n) DESC, p")
    first, last = facts.row(f"SELECT min(day), max(day) FROM report_day {where}")
    if first is None:  # nobody wrote
        first, last = (chat.first.date(), chat.last.date()) if chat else (world.first, world.last)
    most = min(MOST_PEOPLE, max(FEWEST_PEOPLE, _DAYS_OF_PEOPLE // ((last - first).days + 1)))
    shown = [world.people[number] for (number,) in ranked[:most]]
    return Scope(facts, chat, shown, max(0, len(ranked) - most), Steps.between(first, last))


def overview_data(scope: Scope) -> dict[str, Any]:
    """Return all that the page's script draws."""
    people: list[dict[str, Any]] = [
        {"name": person.name, "hue": person.hue, "initials": person.initials, "page": person.path}
        for person in scope.people
    ]
    if scope.more:
        people.append({"name": f"{scope.more:,} others", "hue": -1, "initials": "…", "page": ""})
    return {
        "unit": scope.steps.unit,
        "steps": [begin.isoformat() for begin in scope.steps.begins],
        "labels": [scope.steps.label(max(begin, scope.steps.first)) for begin in scope.steps.begins],
        "first": scope.steps.first.isoformat(),
        "last": scope.steps.last.isoformat(),
        "people": people,
        "days": _days(scope),
        "hours": _cube(scope, "hours", _HOURS, ("weekday * 24 + hour",)),
        "replies": _cube(scope, "replies", "report_reply", (scope.person("q"),), ("sum(n)", "sum(log_seconds)")),
        "kinds": _named(scope, "kinds", _KINDS, 20),
        "emoji": _named(scope, "emoji", "report_emoji", _EMOJI),
        "links": _named(scope, "links", "report_link", _LINKS),
        "words": _words(scope),
    }


_HOURS = "(SELECT *, (isodow(day) - 1) AS weekday FROM report_day)"
_KINDS = """(SELECT c, day, p, kind AS thing, n FROM report_day
             UNION ALL SELECT c, day, p, 'edited', edited FROM report_day WHERE edited > 0)"""


def _days(scope: Scope) -> list[str]:
    """Return, for each person, the count of each day from the first: see `encode_days`."""
    length = (scope.steps.last - scope.steps.first).days + 1
    counts = [[0] * length for _ in range(len(scope.people) + bool(scope.more))]
    for person, day, number in scope.facts.rows(
        f"SELECT {scope.person('p')} AS person, date_diff('day', DATE '{scope.steps.first}', day), sum(n) "
        f"FROM report_day {scope.where()} GROUP BY ALL"
    ):
        counts[person][day] = int(number)
    return [encode_days(of_one) for of_one in counts]


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = 36


def encode_days(counts: Sequence[int]) -> str:
    """Write counts in few characters: a digit in base 36; `.` before two, `!` before four; `_` and two: so many zeros."""
    parts: list[str] = []
    zeros = 0
    for count in [*counts, -1]:
        if count == 0:
            zeros += 1
            continue
        while zeros:
            run = min(zeros, _BASE**2 - 1)
            parts.append("0" * run if run <= 3 else "_" + _in_base(run, 2))  # noqa: PLR2004 - `_` and two digits
            zeros -= run
        if count >= 0:
            short, middle = count < _BASE, count < _BASE**2
            parts.append(
                _in_base(count, 1) if short else "." + _in_base(count, 2) if middle else "!" + _in_base(count, 4)
            )
    return "".join(parts)


def _in_base(number: int, digits: int) -> str:
    written = ""
    for _ in range(digits):
        number, digit = divmod(number, _BASE)
        written = _DIGITS[digit] + written
    return written


def _cube(
    scope: Scope, name: str, table: str, keys: Sequence[str], values: Sequence[str] = ("sum(n)",)
) -> dict[str, Any]:
    """Return counts by step, person and keys as one flat list; `joined` steps are counted as one, to have few cells."""
    names = [f"key{place}" for place in range(len(keys))]
    listed = ", ".join(f"{key} AS {name}" for key, name in zip(keys, names, strict=True))
    sums = ", ".join(f"{value} AS value{place}" for place, value in enumerate(values))
    scope.facts.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE report_cube AS SELECT {scope.steps.sql('day')} AS step, {scope.person('p')} AS person, "
        f"{listed}, {sums} FROM {table} {scope.where(f'p <> {NOBODY}')} GROUP BY step, person, {', '.join(names)}"
    )
    joined, cell = 1, f"person, {', '.join(names)}"
    while joined < len(scope.steps.begins):
        (cells,) = scope.facts.row(f"SELECT count(*) FROM (SELECT DISTINCT step // {joined}, {cell} FROM report_cube)")
        if cells <= _CELLS[name]:
            break
        joined *= 2
    totals = ", ".join(f"round(sum(value{place}), 1)" for place in range(len(values)))
    rows = scope.facts.rows(
        f"SELECT step // {joined}, {cell}, {totals} FROM report_cube GROUP BY step // {joined}, {cell} ORDER BY ALL"
    )
    return {"joined": joined, "cells": [_number(value) for row in rows for value in row]}


def _number(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number


def _named(scope: Scope, name: str, table: str, most: int) -> dict[str, Any]:
    """Return the cube of things that have a name, the most frequent ones alone."""
    top = scope.facts.rows(
        f"SELECT thing FROM {table} {scope.where(f'p <> {NOBODY}')} GROUP BY thing ORDER BY sum(n) DESC, thing LIMIT {most}"
    )
    names = [thing for (thing,) in top]
    if not names:
        return {"joined": 1, "cells": [], "names": []}
    scope.facts.insert("report_name", "thing VARCHAR, place INTEGER", [(thing, n) for n, thing in enumerate(names)])
    found = _cube(scope, name, f"(SELECT * FROM {table} JOIN report_name USING (thing))", ("place",))
    return {**found, "names": names}


def _words(scope: Scope) -> dict[str, Any]:
    """Return the cube of the words that set a person or a step of time apart, by tf-idf over people and over steps.

    A word's weight in one of them is its count there, times the logarithm of how much more often than everywhere.
    """
    scope.facts.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE report_telling AS
        WITH word AS (
            SELECT w, sum(n) AS n FROM report_word {scope.where()} GROUP BY w HAVING sum(n) >= {_least(scope)}
        ),
        whole AS (SELECT sum(n) AS everything FROM word),
        {_weights(scope, "person", scope.person("p"))},
        {_weights(scope, "step", scope.steps.sql("day"))},
        weight AS (
            SELECT w, greatest(coalesce(person.weight, 0), coalesce(step.weight, 0)) AS weight
            FROM person FULL JOIN step USING (w)
        )
        SELECT w, row_number() OVER (ORDER BY weight DESC, w) - 1 AS place FROM weight
        QUALIFY place < {_WORDS}""")
    names = scope.facts.rows("SELECT word FROM report_telling JOIN report_vocabulary USING (w) ORDER BY place")
    found = _cube(scope, "words", "(SELECT * FROM report_word JOIN report_telling USING (w))", ("place",))
    return {**found, "names": [word for (word,) in names]}


def _least(scope: Scope) -> int:
    """Return how often a word must be there to be told: one in a hundred thousand, and more than twice."""
    (words,) = scope.facts.row(f"SELECT coalesce(sum(n), 0) FROM report_word {scope.where()}")
    return max(3, int(words) // 100_000)


def _weights(scope: Scope, name: str, group: str) -> str:
    """Return CTEs that end in `name`: the weight of each word in the person, or step, that it sets apart most."""
    return f"""
        {name}_here AS MATERIALIZED (
            SELECT w, {group} AS part, sum(n)::DOUBLE AS n FROM report_word SEMI JOIN word USING (w) {scope.where()} GROUP BY w, part
        ),
        {name}_part AS (SELECT part, sum(n) AS n FROM {name}_here GROUP BY part),
        {name} AS (
            SELECT w, max(here.n * ln(here.n * everything / (word.n * part.n))) AS weight
            FROM {name}_here here JOIN {name}_part part USING (part) JOIN word USING (w), whole
            WHERE here.n > 1 GROUP BY w
        )"""
