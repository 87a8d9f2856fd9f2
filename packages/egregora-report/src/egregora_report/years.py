"""A year in review: what stood out, from the counts by day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from egregora_report.facts import Facts
from egregora_report.model import MONTHS, WEEKDAYS, Person, World, long_date

_PEOPLE, _WORDS, _EMOJI = 8, 14, 8
_TIMES = 3
"""From so many times as many on, a percentage says little."""


@dataclass
class Year:
    """One year, in numbers."""

    year: int
    messages: int
    before: int
    """Messages of the year before; 0 where there is none."""
    people: int
    days: dict[date, int] = field(default_factory=dict)
    top: list[tuple[Person, int]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    emoji: list[tuple[str, int]] = field(default_factory=list)
    pair: tuple[Person, Person, int] | None = None
    peak: tuple[int, int] = (0, 0)
    """The liveliest weekday (0 is Monday) and hour."""

    @property
    def busiest(self) -> tuple[date, int]:
        return max(self.days.items(), key=lambda one: (one[1], one[0]))

    @property
    def month(self) -> tuple[str, int]:
        """The liveliest month."""
        counts = [sum(many for day, many in self.days.items() if day.month == month) for month in range(1, 13)]
        best = max(range(12), key=lambda month: counts[month])
        return MONTHS[best], counts[best]

    def streak(self) -> tuple[int, date]:
        """Return the longest row of days with messages, and its first day."""
        best = run = 0
        since = self.busiest[0]
        day = date(self.year, 1, 1)
        while day.year == self.year:
            run = run + 1 if self.days.get(day) else 0
            if run > best:
                best, since = run, day - timedelta(days=run - 1)
            day += timedelta(days=1)
        return best, since

    @property
    def change(self) -> str:
        """How many more or fewer messages than in the year before; empty without one."""
        if not self.before:
            return ""
        times = self.messages / self.before
        if times >= _TIMES:
            return f"{times:,.0f} times as many as in {self.year - 1}"
        share = round(100 * abs(times - 1))
        return (
            f"{share} % {'more' if times > 1 else 'fewer'} than in {self.year - 1}"
            if share
            else f"as many as in {self.year - 1}"
        )

    @property
    def highlights(self) -> list[tuple[str, str, str]]:
        """What to tell: a picture, the fact, and what more there is to say."""
        day, most = self.busiest
        streak, since = self.streak()
        month, in_month = self.month
        weekday, hour = self.peak
        told = [
            ("💬", f"{self.messages:,} messages", self.change),
            (
                "📆",
                f"{len(self.days):,} days with messages",
                f"by {self.people:,} {'person' if self.people == 1 else 'people'}",
            ),
            ("🏔️", f"{month} was the liveliest month", f"{in_month:,} messages"),
            ("🎉", f"{long_date(day)} was the liveliest day", f"{most:,} messages"),
            ("🔥", f"{streak} days in a row", f"from {long_date(since)}"),
            ("🕰️", f"{WEEKDAYS[weekday]}s at {hour}:00", "is when most is written"),
        ]
        if self.pair:
            one, other, many = self.pair
            told.append(
                ("🏓", f"{one.name} and {other.name}", f"answered each other {many:,} times, more than any other two")
            )
        return told


def years_of(facts: Facts, world: World) -> list[Year]:
    """Return each year there is, the first one first."""
    totals = facts.rows("SELECT year(day), sum(n)::INTEGER, count(DISTINCT p) FROM report_day GROUP BY 1 ORDER BY 1")
    many = {year: messages for year, messages, _ in totals}
    found = {year: Year(year, messages, many.get(year - 1, 0), people) for year, messages, people in totals}
    for day, messages in facts.rows("SELECT day, sum(n)::INTEGER FROM report_day GROUP BY day ORDER BY day"):
        found[day.year].days[day] = messages
    for year, number, messages in facts.rows(_top("p", "report_day", _PEOPLE)):
        found[year].top.append((world.people[number], messages))
    for year, emoji, messages in facts.rows(_top("thing", "report_emoji", _EMOJI)):
        found[year].emoji.append((emoji, messages))
    for year, word in facts.rows(_WORDS_SQL):
        found[year].words.append(word)
    for year, one, other, messages in facts.rows(_PAIRS_SQL):
        found[year].pair = (world.people[one], world.people[other], messages)
    for year, cell in facts.rows(_PEAK_SQL):
        found[year].peak = (cell // 24, cell % 24)
    return list(found.values())


def _top(what: str, table: str, most: int) -> str:
    return f"""
        SELECT year(day) AS year, {what}, sum(n)::INTEGER AS many FROM {table} GROUP BY year, {what}
        QUALIFY row_number() OVER (PARTITION BY year ORDER BY many DESC, {what}) <= {most} ORDER BY year, many DESC, {what}"""


_WORDS_SQL = f"""
    WITH each AS (SELECT year(day) AS year, w, sum(n) AS n, count(DISTINCT p) AS people FROM report_word GROUP BY ALL),
    weighed AS (
        SELECT year, w, n, people,
               n * ln(n * sum(n) OVER () / (sum(n) OVER (PARTITION BY w) * sum(n) OVER (PARTITION BY year))) AS weight
        FROM each
    )
    SELECT year, word FROM weighed JOIN report_vocabulary USING (w) WHERE weighed.n > 3 AND weight > 0
    QUALIFY row_number() OVER (PARTITION BY year ORDER BY weight DESC, word) <= {_WORDS} ORDER BY year, weight DESC, word"""

_PAIRS_SQL = """
    SELECT year(day) AS year, least(p, q) AS one, greatest(p, q) AS other, sum(n)::INTEGER AS many FROM report_reply
    GROUP BY year, one, other QUALIFY row_number() OVER (PARTITION BY year ORDER BY many DESC, one, other) = 1"""

_PEAK_SQL = """
    SELECT year(day) AS year, (isodow(day) - 1) * 24 + hour AS cell FROM report_day GROUP BY year, cell
    QUALIFY row_number() OVER (PARTITION BY year ORDER BY sum(n) DESC, cell) = 1"""


def picture(year: Year, title: str, colours: Sequence[str], *, real_names: bool = False) -> dict[str, Any]:
    """Return the specification of the picture to share: numbers, each day, and who wrote most.

    Where it has `real_names`, it says so itself: it leaves the page.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "#ffffff",
        "padding": 56,
        "config": {"view": {"stroke": None}, "font": "Noto Sans, DejaVu Sans, sans-serif", "concat": {"spacing": 44}},
        "vconcat": [
            _line([title, str(year.year)], sizes=[34, 120], weights=[500, 800], height=170),
            _numbers(year),
            _calendar(year),
            _bars(year, colours),
            *([_line(["SHOWS REAL NAMES"], sizes=[24], weights=[700], height=30)] if real_names else []),
        ],
    }


def _line(texts: Sequence[str], *, sizes: Sequence[int], weights: Sequence[int], height: int) -> dict[str, Any]:
    heights = [sizes[0], height - sizes[-1] / 6][: len(texts)]
    return {
        "width": 960,
        "height": height,
        "layer": [
            {
                "data": {"values": [{"text": text[:48]}]},
                "mark": {
                    "type": "text",
                    "align": "left",
                    "x": 0,
                    "y": y,
                    "fontSize": size,
                    "fontWeight": weight,
                    "color": "#1d1f23",
                },
                "encoding": {"text": {"field": "text"}},
            }
            for text, size, weight, y in zip(texts, sizes, weights, heights, strict=True)
        ],
    }


def _numbers(year: Year) -> dict[str, Any]:
    told = [
        (f"{year.messages:,}", "messages"),
        (f"{len(year.days):,}", "days"),
        (f"{year.people:,}", "people"),
        (f"{year.streak()[0]:,}", "days in a row"),
    ]
    rows = [{"x": place * 240, "n": number, "what": what} for place, (number, what) in enumerate(told)]
    scale = {"domain": [0, 960], "nice": False}
    position = {"x": {"field": "x", "type": "quantitative", "scale": scale, "axis": None}}
    return {
        "width": 960,
        "height": 90,
        "data": {"values": rows},
        "layer": [
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "y": 26,
                    "fontSize": 54,
                    "fontWeight": 700,
                    "color": "#4f54c6",
                },
                "encoding": {**position, "text": {"field": "n"}},
            },
            {
                "mark": {"type": "text", "align": "left", "y": 78, "fontSize": 26, "color": "#5c6068"},
                "encoding": {**position, "text": {"field": "what"}},
            },
        ],
    }


def _calendar(year: Year) -> dict[str, Any]:
    first = date(year.year, 1, 1)
    most = sorted(year.days.values())[int(len(year.days) * 0.97)]
    rows = []
    day = first
    while day.year == year.year:
        week = ((day - first).days + first.weekday()) // 7
        share = min(1.0, year.days.get(day, 0) / most)
        rows.append({"week": week, "weekday": day.weekday(), "share": share})
        day += timedelta(days=1)
    return {
        "width": 960,
        "height": 128,
        "data": {"values": rows},
        "mark": {"type": "rect", "cornerRadius": 3},
        "encoding": {
            "x": {"field": "week", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.14}},
            "y": {"field": "weekday", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.14}},
            "color": {
                "field": "share",
                "type": "quantitative",
                "legend": None,
                "scale": {"type": "sqrt", "domain": [0, 1], "interpolate": "rgb", "range": ["#ecece8", "#4f54c6"]},
            },
        },
    }


def _bars(year: Year, colours: Sequence[str]) -> dict[str, Any]:
    rows = [
        {
            "name": person.name[:28],
            "n": messages,
            "place": place,
            "colour": colours[person.hue],
            "told": f"{messages:,}",
        }
        for place, (person, messages) in enumerate(year.top[:6])
    ]
    most = year.top[0][1]
    x = {"field": "n", "type": "quantitative", "axis": None, "scale": {"domain": [0, most * 1.25], "nice": False}}
    y = {
        "field": "name",
        "type": "nominal",
        "sort": {"field": "place"},
        "title": None,
        "axis": {
            "domain": False,
            "ticks": False,
            "labelFontSize": 26,
            "labelColor": "#1d1f23",
            "labelPadding": 14,
            "labelLimit": 360,
        },
    }
    return {
        "width": 700,
        "height": {"step": 50},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadiusEnd": 6, "height": {"band": 0.62}},
                "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 24, "color": "#5c6068"},
                "encoding": {"x": x, "y": y, "text": {"field": "told"}},
            },
        ],
    }
