"""The charts, in the grammar of Vega-Lite: what they look like, without data.

They are turned into Vega's when the report is made; the page's script gives them rows, whose colours it computes
itself, so that one specification serves light and dark pages, and any choice of people and dates.
"""

from collections.abc import Sequence
from typing import Any

_DAYS = (
    "utchours(datum.value) + utcminutes(datum.value) ? '' : utcFormat(datum.value, "
    "utcmonth(datum.value) == 0 && utcdate(datum.value) == 1 ? '%Y' : "
    "domain('x')[1] - domain('x')[0] > 200 * 86400000 ? '%b %Y' : '%-d %b')"
)
"""What a day is called on an axis: with its year, wherever it could be of another one."""

_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_PLAIN = {"domain": False, "grid": False, "ticks": False}
_COLOUR = {"field": "colour", "scale": None, "type": "nominal"}
_EDGE = {"field": "edge", "scale": None, "type": "nominal"}
"""The line around a mark: it keeps colours apart that stand on each other."""
_TIP = {"field": "tip", "type": "nominal"}


def charts() -> dict[str, dict[str, Any]]:
    """Return the specification of each chart, by name; its rows come as data set `table`."""
    return {
        "timeline": _timeline(),
        "clock": _clock(),
        "calendar": _calendar(),
        "answers": _answers(),
        "speed": _speed(),
    }


def _sized(chart: dict[str, Any], height: Any) -> dict[str, Any]:
    """Make a chart as wide as its place on the page, and so high (or so much for each of its rows)."""
    return {
        **chart,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"name": "table", "values": []},
        "height": height,
        "padding": 2,
        "width": "container",
    }


def _quantity(field: str, **more: Any) -> dict[str, Any]:
    return {"axis": None, "field": field, **more, "type": "quantitative"}


def _sorted_by(field: str) -> dict[str, Any]:
    return {"field": field, "op": "min"}


def _timeline() -> dict[str, Any]:
    """Rows: a bar from `t` to `t2` (milliseconds), from `low` to `high`; the script has put them on each other."""
    days = {"grid": False, "labelExpr": _DAYS, "labelOverlap": True}
    counts = {"domain": False, "tickCount": 4, "ticks": False}
    chart = {
        "mark": {"type": "rect", "strokeWidth": 0.7},
        "encoding": {
            "color": _COLOUR,
            "stroke": _EDGE,
            "tooltip": _TIP,
            "x": {"axis": days, "field": "t", "scale": {"type": "utc"}, "title": None, "type": "temporal"},
            "x2": {"field": "t2"},
            "y": {"axis": counts, "field": "low", "scale": {"zero": True}, "title": None, "type": "quantitative"},
            "y2": {"field": "high"},
        },
    }
    return _sized(chart, 240)


def _clock() -> dict[str, Any]:
    """Rows: `hour` (0 to 23) and `weekday` (its name)."""
    hours = {**_PLAIN, "labelAngle": 0, "values": [0, 3, 6, 9, 12, 15, 18, 21]}

    def cells(field: str, axis: dict[str, Any], domain: Sequence[Any]) -> dict[str, Any]:
        scale = {"domain": domain, "paddingInner": 0.1}
        return {"axis": axis, "field": field, "scale": scale, "title": None, "type": "ordinal"}

    chart = {
        "mark": {"type": "rect", "cornerRadius": 2},
        "encoding": {
            "color": _COLOUR,
            "tooltip": _TIP,
            "x": cells("hour", hours, list(range(24))),
            "y": cells("weekday", _PLAIN, _WEEKDAYS),
        },
    }
    return _sized(chart, 200)


def _calendar() -> dict[str, Any]:
    """Rows: a day from `x`, `y` to `x2`, `y2` in weeks and days; or a `label` at `y`, whose colour is the row's."""
    weeks = _quantity("x", scale={"domain": [-8, 54], "nice": False})
    days = _quantity("y", scale={"nice": False, "reverse": True, "zero": False})
    squares = {
        "mark": {"type": "rect", "cornerRadius": 1},
        "encoding": {
            "color": _COLOUR,
            "tooltip": _TIP,
            "x": weeks,
            "x2": {"field": "x2"},
            "y": days,
            "y2": {"field": "y2"},
        },
        "transform": [{"filter": "!datum.label"}],
    }
    labels = {
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 11},
        "encoding": {"color": _COLOUR, "text": {"field": "label", "type": "nominal"}, "x": weeks, "y": days},
        "transform": [{"filter": "datum.label"}],
    }
    return _sized({"layer": [squares, labels]}, 120)


def _answers() -> dict[str, Any]:
    """Rows: `who` answered `whom` (both names, in the order of `place` and of `of`), `n` times."""
    grid = {"domain": False, "grid": True, "labelLimit": 110, "ticks": False}
    top = {"domain": False, "grid": True, "labelAngle": 0, "orient": "top", "ticks": False}

    def people(field: str, axis: dict[str, Any], order: str) -> dict[str, Any]:
        return {"axis": axis, "field": field, "sort": _sorted_by(order), "title": None, "type": "ordinal"}

    many = {"field": "n", "legend": None, "scale": {"range": [0, 620], "zero": True}, "type": "quantitative"}
    chart = {
        "mark": {"type": "point", "filled": True, "opacity": 1, "strokeWidth": 1.5},
        "encoding": {
            "fill": _COLOUR,
            "size": many,
            "stroke": _EDGE,
            "tooltip": _TIP,
            "x": people("initials", top, "of"),
            "y": people("who", grid, "place"),
        },
    }
    return _sized(chart, {"step": 30})


def _speed() -> dict[str, Any]:
    """Rows: `who` answers after `minutes`, in words `told`; `share` is that part of the longest."""
    names = {**_PLAIN, "labelLimit": 110}
    who = {"axis": names, "field": "who", "sort": _sorted_by("minutes"), "title": None, "type": "ordinal"}
    minutes = _quantity("share", scale={"domain": [0, 1.25], "nice": False}, title=None)
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.62}},
        "encoding": {"color": _COLOUR, "stroke": _EDGE, "tooltip": _TIP, "x": minutes, "y": who},
    }
    told = {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11},
        "encoding": {
            "color": {"field": "ink", "scale": None, "type": "nominal"},
            "text": {"field": "told", "type": "nominal"},
            "x": minutes,
            "y": who,
        },
    }
    return _sized({"layer": [bars, told]}, {"step": 26})
