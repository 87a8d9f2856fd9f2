"""The decision which field is the day in each of a text's styles of header: by itself, else by the other styles."""

from collections.abc import Mapping, Sequence

from egregora_core.plugin import DateOrder, DateOrderError
from egregora_core.sources.whatsapp.dates import DateEvidence
from egregora_core.sources.whatsapp.neighbours import Neighbours
from egregora_core.sources.whatsapp.template_sql import Dialect

Decided = tuple[DateOrder, str, str]
"""Order, confidence (`certain`, `given` or `likely`) and evidence."""


def decide(
    evidence: Sequence[DateEvidence], neighbours: Neighbours, order: DateOrder | None, where: str
) -> tuple[list[Dialect], dict[str, str]]:
    """Return how each style is read, and the facts: the first style's order, and how sure the least sure one is.

    `order` is the one that the user gave. Raises DateOrderError where nothing tells.
    """
    decided: dict[int, Decided] = {}
    likely: dict[int, Decided | DateOrderError] = {}
    for style, each in enumerate(evidence):
        found = _by_itself(each, order, where, given=order is not None and (style == 0 or order in each.possible()))
        if isinstance(found, tuple) and (found[1] == "certain" or (style == 0 and found[1] == "given")):
            decided[style] = found
        else:
            likely[style] = found
    while likely:
        style, found = _next(evidence, neighbours, decided, likely)
        decided[style] = found
        del likely[style]
    final = [decided[style] for style in range(len(evidence))]
    dialects = [Dialect(x.template, y[0], x.is_buddhist(y[0])) for x, y in zip(evidence, final, strict=True)]
    alike = (each for each in final if each[0] == final[0][0])
    _, confidence, why = max(alike, key=lambda each: ("certain", "given", "likely").index(each[1]))
    return dialects, {"date_order": final[0][0], "date_order_confidence": confidence, "date_order_evidence": why}


def _by_itself(each: DateEvidence, order: DateOrder | None, where: str, *, given: bool) -> Decided | DateOrderError:
    if given and order is not None and order in each.candidates():
        return order, "given", "--date-order"
    try:
        return each.decide(where)
    except DateOrderError as error:
        return error


def _next(
    evidence: Sequence[DateEvidence],
    neighbours: Neighbours,
    decided: Mapping[int, Decided],
    likely: Mapping[int, Decided | DateOrderError],
) -> tuple[int, Decided]:
    """Return a style and what is decided of it: that which the styles around it tell best, else what itself tells."""
    known = {style: found[0] for style, found in decided.items()}
    best = {style: neighbours.best(style, evidence[style].possible(), known) for style in likely}
    style = max(best, key=lambda style: best[style][0])
    shorter, order = best[style]
    if shorter:
        found = likely[style]
        by_itself = isinstance(found, tuple) and found[0] == order
        return style, found if isinstance(found, tuple) and by_itself else (order, "likely", "continuous time")
    for style, found in likely.items():
        if isinstance(found, tuple):
            return style, found
    style, error = next(iter(likely.items()))
    alike = [order for order in known.values() if order in evidence[style].candidates()]
    if not alike and isinstance(error, DateOrderError):
        raise error
    return style, (alike[0], "likely", "the other headers of the file")
