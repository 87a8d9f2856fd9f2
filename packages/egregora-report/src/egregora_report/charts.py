"""The charts, in the grammar of Altair: what they look like, without data.

Specifications are turned into Vega's when the report is made; the page's script gives them rows, whose colours it
computes itself, so that one specification serves light and dark pages, and any choice of people and dates.
"""

import base64
import json
import subprocess
import sys
from functools import lru_cache
from typing import Any

from egregora_core.plugin import StageError

_ROWS = {"name": "table", "values": []}


def specifications() -> dict[str, Any]:
    """Return the Vega specification of each chart, by name; its rows come as data set `table`."""
    import vl_convert

    def vega(chart: Any) -> Any:
        made = vl_convert.vegalite_to_vega(json.dumps({**chart.to_dict(validate=False), "data": _ROWS, "config": {}}))
        return {key: value for key, value in made.items() if key != "background"}

    return {
        name: vega(chart)
        for name, chart in {
            "timeline": _timeline(),
            "clock": _clock(),
            "calendar": _calendar(),
            "answers": _answers(),
            "speed": _speed(),
        }.items()
    }


def runtime() -> str:
    """Return the script that draws them: Vega as `vl-convert` carries it, kept to itself."""
    import vl_convert

    carried = vl_convert.javascript_bundle(snippet=None)  # type: ignore[arg-type]  # its own default
    return f"(()=>{{{carried}\n}})();\n"


def pictures(specification: Any) -> dict[str, str]:
    """Return a specification of Vega-Lite's as pictures: `svg` as text, `png` in base64."""
    import vl_convert

    return {
        "svg": vl_convert.vegalite_to_svg(specification),
        "png": base64.b64encode(vl_convert.vegalite_to_png(specification)).decode(),
    }


def apart(what: str, given: Any = None) -> Any:
    """Return what another process makes: the engine in `vl-convert` would keep its memory to the end of this one."""
    return json.loads(_answer(what, json.dumps(given)))


@lru_cache(maxsize=4)
def _answer(what: str, given: str) -> str:
    done = subprocess.run(  # noqa: S603 - this module, in this Python
        [sys.executable, "-m", "egregora_report.charts", what],
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise StageError(f"the charts cannot be made: {done.stderr.strip().rpartition(chr(10))[2]}")
    return done.stdout


def made_with() -> str:
    """Name the versions that both depend on."""
    from importlib.metadata import version

    return " ".join(f"{name} {version(name)}" for name in ("altair", "vl-convert-python"))


def _marks() -> Any:
    import altair as alt

    return alt.Chart(alt.NamedData("table"))


def _sized(chart: Any, height: Any) -> Any:
    """Make a chart as wide as its place on the page, and so high (or so much for each of its rows)."""
    return chart.properties(
        width="container", height=height, autosize={"type": "fit-x", "contains": "padding"}, padding=2
    )


def _colour() -> Any:
    import altair as alt

    return alt.Color("colour:N", scale=None)


def _edge() -> Any:
    """Return the line around a mark: it keeps colours apart that stand on each other."""
    import altair as alt

    return alt.Stroke("edge:N", scale=None)


_DAYS = (
    "utchours(datum.value) + utcminutes(datum.value) ? '' : utcFormat(datum.value, "
    "utcmonth(datum.value) == 0 && utcdate(datum.value) == 1 ? '%Y' : "
    "domain('x')[1] - domain('x')[0] > 200 * 86400000 ? '%b %Y' : '%-d %b')"
)
"""What a day is called on an axis: with its year, wherever it could be of another one."""


def _tip() -> Any:
    import altair as alt

    return alt.Tooltip("tip:N")


def _timeline() -> Any:
    """Rows: a bar from `t` to `t2` (milliseconds), from `low` to `high`; the script has put them on each other."""
    import altair as alt

    return _sized(
        _marks()
        .mark_rect(strokeWidth=0.7)
        .encode(
            x=alt.X(
                "t:T",
                scale=alt.Scale(type="utc"),
                title=None,
                axis=alt.Axis(grid=False, labelOverlap=True, labelExpr=_DAYS),
            ),
            x2="t2:T",
            y=alt.Y(
                "low:Q", title=None, axis=alt.Axis(tickCount=4, domain=False, ticks=False), scale=alt.Scale(zero=True)
            ),
            y2="high:Q",
            color=_colour(),
            stroke=_edge(),
            tooltip=_tip(),
        ),
        240,
    )


def _clock() -> Any:
    """Rows: `hour` (0 to 23) and `weekday` (its name)."""
    import altair as alt

    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    plain = alt.Axis(domain=False, ticks=False, grid=False)
    hours = alt.Axis(domain=False, ticks=False, grid=False, labelAngle=0, values=[0, 3, 6, 9, 12, 15, 18, 21])
    return _sized(
        _marks()
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X("hour:O", title=None, axis=hours, scale=alt.Scale(domain=list(range(24)), paddingInner=0.1)),
            y=alt.Y("weekday:O", title=None, axis=plain, scale=alt.Scale(domain=days, paddingInner=0.1)),
            color=_colour(),
            tooltip=_tip(),
        ),
        200,
    )


def _calendar() -> Any:
    """Rows: a day from `x`, `y` to `x2`, `y2` in weeks and days; or a `label` at `y`; `ink` is the label's colour."""
    import altair as alt

    weeks = alt.X("x:Q", scale=alt.Scale(domain=[-8, 54], nice=False), axis=None)
    days = alt.Y("y:Q", scale=alt.Scale(nice=False, zero=False, reverse=True), axis=None)
    base = _marks()
    squares = (
        base.transform_filter("!datum.label")
        .mark_rect(cornerRadius=1)
        .encode(x=weeks, x2="x2:Q", y=days, y2="y2:Q", color=_colour(), tooltip=_tip())
    )
    labels = (
        base.transform_filter("datum.label")
        .mark_text(align="left", baseline="middle", fontSize=11)
        .encode(x=weeks, y=days, text="label:N", color=_colour())
    )
    return _sized(alt.layer(squares, labels), 120)


def _answers() -> Any:
    """Rows: `who` answered `whom` (both names, in the order of `place` and `of`), `n` times."""
    import altair as alt

    grid = alt.Axis(domain=False, ticks=False, grid=True, labelLimit=110)
    top = alt.Axis(domain=False, ticks=False, grid=True, orient="top", labelAngle=0)
    return _sized(
        _marks()
        .mark_point(filled=True, opacity=1, strokeWidth=1.5)
        .encode(
            x=alt.X("initials:O", sort=alt.EncodingSortField("of", op="min"), title=None, axis=top),
            y=alt.Y("who:O", sort=alt.EncodingSortField("place", op="min"), title=None, axis=grid),
            size=alt.Size("n:Q", scale=alt.Scale(range=[0, 620], zero=True), legend=None),
            fill=alt.Fill("colour:N", scale=None),
            stroke=_edge(),
            tooltip=_tip(),
        ),
        {"step": 30},
    )


def _speed() -> Any:
    """Rows: `who` answers after `minutes`, in words `told`; `share` is that part of the longest."""
    import altair as alt

    grid = alt.Axis(domain=False, ticks=False, grid=False, labelLimit=110)
    base = _marks()
    who = alt.Y("who:O", sort=alt.EncodingSortField("minutes", op="min"), title=None, axis=grid)
    minutes = alt.X("share:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.25], nice=False))
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.62}).encode(
        x=minutes, y=who, color=_colour(), stroke=_edge(), tooltip=_tip()
    )
    told = base.mark_text(align="left", dx=5, fontSize=11).encode(
        x=minutes, y=who, text="told:N", color=alt.Color("ink:N", scale=None)
    )
    return _sized(alt.layer(bars, told), {"step": 26})


if __name__ == "__main__":
    asked = json.loads(sys.stdin.buffer.read())
    made: Any = None
    match sys.argv[1]:
        case "runtime":
            made = runtime()
        case "specifications":
            made = specifications()
        case _:
            made = pictures(asked)
    sys.stdout.buffer.write(json.dumps(made).encode())
