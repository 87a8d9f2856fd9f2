"""Which headers of a block have a time that no clock shows, such as 25:00: what follows them is text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egregora_core.sources.whatsapp.engine import starts_of
from egregora_core.sources.whatsapp.template import Template

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Timed:
    """The lines of a block whose headers have a possible time, and how many of the others stand in what is new."""

    lines: "pa.Table"
    no_times: int


def timed(templates: Sequence[Template], lines: "pa.Table", new: int) -> Timed:
    """Part a block's lines by whether their times are possible; what is new begins at a byte `new` of the block."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    pattern = f"^(?:{'|'.join(template.impossible_times() for template in templates)})"
    (batch,) = lines.to_batches()
    impossible = pc.match_substring_regex(batch["l"], pattern)
    if not pc.any(impossible).as_py():
        return Timed(lines, 0)
    told = impossible.to_numpy(zero_copy_only=False) & (starts_of(lines) >= new)
    return Timed(pa.Table.from_batches([batch.filter(pc.invert(impossible))]), int(np.count_nonzero(told)))
