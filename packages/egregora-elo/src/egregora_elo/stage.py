"""The ranks in the pipeline: each ranked document carries its place, and one document more holds the board.

A stage is an expression: nothing here is computed before the host runs it, and a change of ratings reruns it because
it declares that it reads `elo_ratings`.
"""

import json
from typing import Any

import ibis

FRONT_MATTER = ("rank", "tier")
"""Which of the attrs a publisher prints with the document."""

_SPECIAL = r"([\\`*_\[\]<>|])"
"""Characters of a title that Markdown, or a table in it, would take for its own."""
_HEAD = (
    "Each row: the place, the places that the comparisons do not exclude (95 %), and the strength with its error. "
    "Documents of one tier are not told apart from its first.\n\n"
    "| Rank | Document | Range | Tier | Board | ± | Comparisons | Status |\n"
    "|---:|---|---|---:|---:|---:|---:|---|\n"
)


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # ibis has no types
def json_merge_patch(target: str, patch: str) -> str:  # type: ignore[empty-body]  # the engine's own
    """Merge two JSON objects."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # ibis has no types
def md5(text: str) -> str:  # type: ignore[empty-body]  # the engine's own
    """Hash a text."""


def elo_ranks(data: Any, *, elo_ratings: Any) -> Any:
    """Put rank, tier, board and live Elo into the `attrs` of ranked documents, and add the page `ranking/board`."""
    rated = elo_ratings.select(
        "rating",
        "board",
        "se",
        "rank",
        "rank_low",
        "rank_high",
        "tier",
        "comparisons",
        "status",
        rated_id="document_id",
    )
    joined = data.left_join(rated, data.document_id.cast("string") == rated.rated_id)
    ranks = ibis.literal("{")
    for name, value in (
        ("rank", joined["rank"]),
        ("tier", joined.tier),
        ("board", joined.board.round(1)),
        ("elo", joined.rating.round(1)),
    ):
        ranks = ranks + f'"{name}":' + value.cast("string") + ","
    ranks = ranks + f'"front_matter":{json.dumps(FRONT_MATTER)}}}'
    merged = json_merge_patch(ibis.coalesce(joined.attrs.cast("string"), "{}"), ranks).cast("json")
    carried = joined.mutate(attrs=ibis.ifelse(joined.rated_id.isnull(), joined.attrs, merged)).select(*data.columns)
    return carried.union(_page(data, joined.filter(joined.rated_id.notnull())))


def _page(data: Any, ranked: Any) -> Any:
    """Return the board as one document; none where nothing is ranked."""
    title = ranked.title.re_replace(_SPECIAL, r"\\\1").re_replace(r"\s+", " ")
    cells = (
        ranked["rank"].cast("string"),
        "[" + title + "](document:" + ranked.document_id.cast("string") + ")",  # the publisher knows its page
        ranked.rank_low.cast("string") + "-" + ranked.rank_high.cast("string"),
        ranked.tier.cast("string"),
        ranked.board.round(0).cast("int64").cast("string"),
        (ranked.se * 1.96).round(0).cast("int64").cast("string"),
        ranked.comparisons.cast("string"),
        ranked.status,
    )
    row = ibis.literal("|")
    for cell in cells:
        row = row + " " + cell + " |"
    rows = ranked.mutate(row=row)
    page = rows.group_by("tenant_id").aggregate(
        table=rows.row.group_concat("\n", order_by=[rows["rank"], rows.document_id]), created_at=rows.created_at.max()
    )
    types = data.schema()
    columns = {
        "document_id": md5(ibis.literal("elo board of ") + page.tenant_id).cast("uuid"),
        "tenant_id": page.tenant_id,
        "kind": ibis.literal("ranking"),
        "slug": ibis.literal("board"),
        "title": ibis.literal("Ranking"),
        "body": ibis.literal(_HEAD) + page.table + "\n",
        "unit_fingerprint": md5(page.table),
        "writer": ibis.literal("elo"),
        "attrs": ibis.literal("{}").cast("json"),
        "created_at": page.created_at,
    }
    columns |= {name: ibis.null(types[name]) for name in data.columns if name not in columns}
    return page.select(**{name: columns[name] for name in data.columns})
