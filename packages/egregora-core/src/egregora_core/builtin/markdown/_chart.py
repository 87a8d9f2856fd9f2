"""A bar chart as SVG text: messages over time, for a page that no program draws on."""

from collections.abc import Mapping
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 170, 8, 24, 22
_MONTHS = 180
"""More of them than this, and a bar stands for a year."""
_STYLE = (
    "text{font:12px sans-serif;fill:#57606a}rect{fill:#3b6fb6}line{stroke:#8c959f}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}rect{fill:#7fb0f5}}"
)


def messages_over_time(months: Mapping[str, int]) -> str:
    """Return a picture with a bar for each month from the first to the last; `months` are counts by `YYYY-MM`.

    Returns nothing where there are fewer than two months to compare.
    """
    bars = _every_month(months)
    if len(bars) > _MONTHS:
        bars = _by_year(bars)
    if len(bars) < 2:  # noqa: PLR2004 - one bar compares nothing
        return ""
    unit = "month" if "-" in bars[0][0] else "year"
    highest, lowest_line = max(count for _, count in bars), _HEIGHT - _BOTTOM
    step = (_WIDTH - 2 * _LEFT) / len(bars)
    top_name = next(name for name, count in bars if count == highest)
    title = escape(f"Messages by {unit}: at most {highest:,}, in {top_name}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="14">{title}</text>',
        f'<line x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{lowest_line}" y2="{lowest_line}"/>',
    ]
    free_from = 0.0
    for place, (name, count) in enumerate(bars):
        left, height = _LEFT + place * step, (lowest_line - _TOP) * count / highest
        parts.append(
            f'<rect x="{left + step * 0.1:.1f}" y="{lowest_line - height:.1f}" width="{step * 0.8:.1f}"'
            f' height="{height:.1f}"><title>{name}: {count:,}</title></rect>'
        )
        label = _label(name, first=place == 0, few=len(bars) * 60 <= _WIDTH)
        if label and left >= free_from and left + 7 * len(label) <= _WIDTH:
            parts.append(f'<text x="{left:.1f}" y="{_HEIGHT - 6}">{label}</text>')
            free_from = left + 7 * len(label) + 12
    return "\n".join([*parts, "</svg>", ""])


def _label(name: str, *, first: bool, few: bool) -> str:
    """Return what stands under a bar: all names where few, else the years where they begin."""
    year, _, month = name.partition("-")
    return name if few or (first and month not in {"", "01"}) else year if month in {"", "01"} else ""


def _every_month(months: Mapping[str, int]) -> list[tuple[str, int]]:
    if not months:
        return []
    first, last = (int(name[:4]) * 12 + int(name[5:7]) - 1 for name in (min(months), max(months)))
    names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]
    return [(name, months.get(name, 0)) for name in names]


def _by_year(months: list[tuple[str, int]]) -> list[tuple[str, int]]:
    years: dict[str, int] = {}
    for name, count in months:
        years[name[:4]] = years.get(name[:4], 0) + count
    return list(years.items())
