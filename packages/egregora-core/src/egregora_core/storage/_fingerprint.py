"""What a table holds, as one short string: equal content gives equal strings, whatever the order of the rows.

A fingerprint names its algorithm and the engine's version, since an engine may change its hash: after an upgrade
nothing matches and everything is computed again, which is slow but never wrong.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from egregora_core.storage._schema import PROVENANCE
from egregora_core.storage._sql import quoted

if TYPE_CHECKING:
    from egregora_core.storage._database import Connection

Mode = Literal["content", "stats"]

_NESTED = ("[", "STRUCT", "MAP", "UNION")


def fingerprint_table(table: Any, mode: Mode = "content") -> str:
    """Return the fingerprint of an ibis table on DuckDB, in one aggregate pass in the engine.

    `content` covers every row and column but `created_at` and `created_by_run`: any edit changes it, row order does
    not. `stats` covers the row count, the range of `ts`, the total length of `text` in characters and the schema:
    cheap where scanning is billed, but blind to an edit that keeps the length, to an author or attribute that changed,
    and to rows exchanged for others within the same range.
    """
    backend = table.get_backend()
    relation = f"({backend.compile(table)})"
    return fingerprint_relation(backend.con, relation, mode=mode)


def fingerprint_relation(connection: "Connection", relation: str, mode: Mode = "content") -> str:
    """Return the fingerprint of a table name or a parenthesised SELECT."""
    if mode == "content":
        return combined([measure_relation(connection, relation)])
    types = _types(connection, relation)
    return _named(mode, types, _stats(connection, relation, types))


@dataclass(frozen=True)
class Measure:
    """What a fingerprint is made of: measures of parts add up to that of the whole."""

    types: Mapping[str, str]
    rows: int
    total: int
    """The sum of the rows' hashes."""
    probe: str
    """The hash of a constant, which another version of the engine would give otherwise."""

    def told(self) -> dict[str, Any]:
        """Return it as a task tells it, in values of JSON."""
        return {"types": dict(self.types), "rows": self.rows, "total": str(self.total), "probe": self.probe}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Measure":
        """Return what a task told."""
        return cls(told["types"], told["rows"], int(told["total"]), told["probe"])


def measure_relation(connection: "Connection", relation: str) -> Measure:
    """Measure the content of a table name or a parenthesised SELECT, which may be a part of something larger."""
    types = _types(connection, relation)
    rows, total, probe = _content(connection, relation, types)
    return Measure(types, rows, int(total or 0), probe)


def combined(parts: Sequence[Measure]) -> str:
    """Return the fingerprint of all parts together, of which there is one at least."""
    rows = sum(part.rows for part in parts)
    total = str(sum(part.total for part in parts)) if rows else None
    return _named("content", parts[0].types, (rows, total, parts[0].probe))


def _named(mode: Mode, types: Mapping[str, str], measured: tuple[Any, ...]) -> str:
    import duckdb

    digest = hashlib.sha256(repr((sorted(types.items()), measured)).encode()).hexdigest()
    return f"{mode}-v1+duckdb-{duckdb.__version__}:sha256:{digest}"


def content_columns(types: Mapping[str, str]) -> list[str]:
    """Return SQL expressions of the columns that carry content, nested ones as text (hashing ignores nesting)."""
    return [
        f"{quoted(name)}::VARCHAR" if any(mark in kind for mark in _NESTED) else quoted(name)
        for name, kind in sorted(types.items())
        if name not in PROVENANCE
    ]


def _types(connection: "Connection", relation: str) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {name: kind for name, kind, *_ in rows if name not in PROVENANCE}


def _content(connection: "Connection", relation: str, types: Mapping[str, str]) -> tuple[Any, ...]:
    columns = ", ".join(content_columns(types))
    query = f"SELECT count(*), sum(hash({columns})::HUGEINT)::VARCHAR, hash('probe', 1, NULL)::VARCHAR FROM {relation}"
    return tuple(connection.execute(query).fetchall()[0])


def _stats(connection: "Connection", relation: str, types: Mapping[str, str]) -> tuple[Any, ...]:
    parts = ["count(*)"]
    if "ts" in types:
        parts += ["epoch_us(min(ts))", "epoch_us(max(ts))"]
    if "text" in types:
        parts.append("sum(length(text))::VARCHAR")
    return tuple(connection.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0])
