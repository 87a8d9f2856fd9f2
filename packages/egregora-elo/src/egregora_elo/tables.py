"""The two tables: comparisons, which are the truth, and ratings, which a replay makes from them.

Neither has a key: the engine's index would cost more than everything else at a million comparisons, and it is the one
writer (room `ledger`) that keeps ids, sequences and documents unique within a tenant.
"""

from egregora_core.plugin import Column, TableSchema

PLUGIN = "elo"
"""Whose tables they are, as the host knows it."""

ELO_HISTORY = TableSchema(
    "elo_history",
    (
        Column("id", "!string", "The comparison: the file's own id, or one made when it was recorded."),
        Column("tenant_id", "!string", "Whose comparison it is."),
        Column("sequence", "!int64", "Its place: 1, 2, 3 … in the order of recording, which is the order of a replay."),
        Column("document_a", "!string", "One document: a `document_id`, or a label declared by an import."),
        Column("document_b", "!string", "The other document."),
        Column("content_a", "string", "md5 of title and body of a as judged; null where only a label is known."),
        Column("content_b", "string", "The same of b."),
        Column("outcome", "!string", "`a`, `b`, `tie`, `both_bad` or `skip`."),
        Column("shown_first", "string", "`a` or `b`; null where it is not known."),
        Column("judge", "string", "Who judged; null where it is not known."),
        Column("source", "!string", "`vote`, `record`, `program`, or the name of the file."),
        Column("weight", "!float64", "How many comparisons it counts for; 0 or more."),
        Column("timestamp", "timestamp('UTC', 6)", "When it was judged, in UTC; null where a file does not say."),
        Column("voided_at", "timestamp('UTC', 6)", "When it was declared void, in UTC; a replay then passes it over."),
        Column("elo_a_before", "float64", "Live Elo of a before it. Derived; null where void."),
        Column("elo_b_before", "float64", "Live Elo of b before it. Derived."),
        Column("elo_a_after", "float64", "Live Elo of a after it. Derived."),
        Column("elo_b_after", "float64", "Live Elo of b after it. Derived."),
        Column("rationale", "string", "Why, in the judge's words, where a program recorded it."),
        Column("attrs", "json", "What else such a program keeps of it."),
    ),
)

ELO_RATINGS = TableSchema(
    "elo_ratings",
    (
        Column("tenant_id", "!string", "Whose document it is."),
        Column("document_id", "!string", "The document, as `elo_history` calls it."),
        Column("rating", "!float64", "Live Elo: depends on the order of the comparisons."),
        Column("comparisons", "!int64", "How many comparisons with an outcome that counts."),
        Column("wins", "!int64", "How many of them it won."),
        Column("losses", "!int64", "How many it lost."),
        Column("ties", "!int64", "How many were ties."),
        Column("last_updated", "timestamp('UTC', 6)", "When the last of them was judged, in UTC, where that is known."),
        Column("created_at", "!timestamp('UTC', 6)", "When the document was first rated, in UTC."),
        Column("board", "!float64", "Bradley-Terry strength on the Elo scale: independent of the order."),
        Column("se", "!float64", "Standard error of `board`, in points."),
        Column("rank", "!int32", "Place by `board`, 1 the best; equals share a place."),
        Column("rank_low", "!int32", "The best rank that the data do not exclude (95 %)."),
        Column("rank_high", "!int32", "The worst rank that the data do not exclude (95 %)."),
        Column("tier", "!int32", "Documents of one tier are not told apart from its first."),
        Column("status", "!string", "`established`, or `provisional`, `undefeated`, `winless`, joined by `, `."),
        Column("component", "!int32", "Documents linked by comparisons share a number, 1 the largest group."),
        Column("model", "!string", "JSON of the settings these numbers were computed with."),
        Column("fit", "!string", "JSON of what the fit found for all: order effect, prior, number of comparisons."),
    ),
)
