"""Puts the ids that people have here into the lists of messages: whom they mention, and who reacted.

It is done in Arrow, some messages at a time. SQL would take the lists apart and put them together again, in memory that
does not spill: a channel in which many react to every message would not fit.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from egregora_core.ingestion._parts import parts_of
from egregora_core.storage import arrow_view

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.storage import Connection

_PER_PART = 100_000


def put_ids_into_lists(writer: "Connection") -> None:
    """Replace, in `staging.special`, the ids of the platform that `staging.persons` knows."""
    import pyarrow as pa

    known: Callable[[pa.Array], pa.Array] | None = None
    for part in parts_of(writer, _PER_PART):
        lists = writer.execute(f"""
            SELECT pos, coalesce(mentions, []) AS mentions, coalesce(reactions, []) AS reactions
            FROM staging.special WHERE {part} AND (len(mentions) > 0 OR len(reactions) > 0)
        """).to_arrow_table()
        if not lists.num_rows:
            continue
        known = known or _known(writer)
        resolved = pa.Table.from_batches([_resolved(batch, known) for batch in lists.to_batches()])
        with arrow_view(writer, "resolved", resolved):
            writer.execute("""
                UPDATE staging.special
                SET mentions = CASE WHEN len(special.mentions) > 0 THEN resolved.mentions ELSE special.mentions END,
                    reactions = CASE WHEN len(special.reactions) > 0 THEN resolved.reactions ELSE special.reactions END
                FROM resolved WHERE special.pos = resolved.pos
            """)


def _known(writer: "Connection") -> "Callable[[pa.Array], pa.Array]":
    """Return what replaces ids that are known, and leaves the others."""
    import pyarrow.compute as pc

    persons = writer.execute("SELECT id, identity::VARCHAR AS identity FROM staging.persons").to_arrow_table()
    ids, identities = persons["id"].combine_chunks(), persons["identity"].combine_chunks()

    def replaced(values: "pa.Array") -> "pa.Array":
        return pc.coalesce(identities.take(pc.index_in(values, value_set=ids)), values)

    return replaced


def _resolved(batch: "pa.RecordBatch", known: "Callable[[pa.Array], pa.Array]") -> "pa.RecordBatch":
    import pyarrow as pa

    mentions, reactions = batch["mentions"], batch["reactions"]
    fields = {field.name: reactions.values.field(field.name) for field in reactions.type.value_type}
    who = pa.StructArray.from_arrays(
        [known(values) if name == "author" else values for name, values in fields.items()], list(fields)
    )
    columns = {
        "pos": batch["pos"],
        "mentions": pa.ListArray.from_arrays(mentions.offsets, known(mentions.values)),
        "reactions": pa.ListArray.from_arrays(reactions.offsets, who),
    }
    return pa.RecordBatch.from_pydict(columns)


__all__ = ["put_ids_into_lists"]
