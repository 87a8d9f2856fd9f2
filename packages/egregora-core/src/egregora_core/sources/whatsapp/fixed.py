"""Times of headers whose fields all stand at fixed places, read from the bytes of a whole block at once.

Most exports are written so (`dd/MM/yyyy, HH:mm`), and this takes a tenth of parsing text. A line that is not (a mark
before its header) gets no time here, and is read as text.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import DateOrder
from egregora_core.sources.whatsapp.header import LONG_YEAR, SHORT_YEAR
from egregora_core.sources.whatsapp.template import Template

if TYPE_CHECKING:
    import pyarrow as pa

_RANGES = {"M": (1, 12), "h": (0, 23), "m": (0, 59), "s": (0, 60)}
_LAST_DIGIT = 9


@dataclass(frozen=True)
class FixedHeader:
    """Where each field stands in a header: name (of `YMDhms`) → first byte and number of digits."""

    places: dict[str, tuple[int, int]]
    width: int
    """The header's length in bytes, and in characters."""


def fixed_header(template: Template, order: DateOrder) -> FixedHeader | None:
    """Return the places of a template's fields, or None where they move."""
    shape, raw = template.shape, template.raw_literals
    if raw is None or shape.twelve_hours or not all(text.isascii() for text in raw):
        return None
    years = {"Y": shape.years[order.index("Y") // 2]}
    clock = "hms" if shape.seconds else "hm"
    names = clock + order if shape.time_first else order + clock
    if len(raw) != len(names) + 1 or years["Y"] not in (SHORT_YEAR, LONG_YEAR):
        return None
    fields = dict(zip(order + "hms", template.padded, strict=True))
    # Minutes and seconds below ten may not have occurred; they are padded everywhere.
    if any(fields[name] is not True for name in names if name not in "Yms"):
        return None
    places, at = {}, len(raw[0])
    for name, gap in zip(names, raw[1:], strict=True):
        places[name] = (at, years.get(name, 2))
        at += places[name][1] + len(gap)
    return FixedHeader(places, at)


def times(header: FixedHeader, lines: "pa.Array") -> "pa.Array":
    """Return each line's time, null where its header is not as wide or gives none."""
    import numpy as np
    import pyarrow as pa

    _, offsets, data = lines.buffers()
    starts = np.frombuffer(offsets, dtype=np.int32)[: len(lines)]
    text = np.frombuffer(data, dtype=np.uint8)
    valid = np.diff(np.frombuffer(offsets, dtype=np.int32)[: len(lines) + 1]) >= header.width
    starts = np.where(valid, starts, 0)
    if len(text) < header.width:
        return pa.nulls(len(lines), pa.timestamp("us"))
    values = {name: _number(text, starts + at, size, valid) for name, (at, size) in header.places.items()}
    year = values["Y"] + (2000 if header.places["Y"][1] == SHORT_YEAR else 0)
    second = values.get("s", 0)
    months = ((year - 1970) * 12 + values["M"] - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (values["D"] - 1)
    valid &= (days.astype("datetime64[M]") == months) & (values["D"] > 0)
    for name in values.keys() & _RANGES.keys():
        least, most = _RANGES[name]
        valid &= (values[name] >= least) & (values[name] <= most)
    clock = (values["h"] * 60 + values["m"]) * 60 + second
    moments = days.astype("datetime64[us]") + (clock * 1_000_000).astype("timedelta64[us]")
    return pa.array(moments, pa.timestamp("us"), mask=~valid)


def _number(text: Any, starts: Any, size: int, valid: Any) -> Any:
    """Return the numbers at places of a text; where there is something else, `valid` turns false."""
    import numpy as np

    number = np.zeros(len(starts), dtype=np.int64)
    for place in range(size):
        digit = text[starts + place].astype(np.int64) - ord("0")
        valid &= (digit >= 0) & (digit <= _LAST_DIGIT)
        number = number * 10 + digit
    return number
