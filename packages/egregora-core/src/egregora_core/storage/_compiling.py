"""Tables as ibis expressions, and the SQL of an expression, as text and as a tree.

The engine is left to merge nested selects: ibis takes long over an expression like privacy's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from egregora_core.storage._database import Database
from egregora_core.storage._sql import quoted


def ibis_table(db: Database, name: str) -> Any:
    """Return a table or view as `db.ibis().table(name)` does, without Arrow, which that takes to ask for the columns.

    A process that only says what others are to do has no use for Arrow, and holds 40 MB less without it.
    """
    import ibis.expr.operations as ops
    from ibis import schema

    backend = db.ibis()
    read = backend.compiler.type_mapper.from_string
    columns = db.execute(f"SELECT column_name, column_type, \"null\" = 'YES' FROM (DESCRIBE {quoted(name)})")
    types = schema({column: read(type_, nullable=nullable) for column, type_, nullable in columns})
    return ops.DatabaseTable(name, schema=types, source=backend).to_expr()


def compiled(expression: Any) -> str:
    """Return the SQL of an ibis expression."""
    with _selects_apart():
        return str(expression.get_backend().compile(expression))


def sql_tree(expression: Any) -> Any:
    """Return the SQL of an ibis expression as a tree of sqlglot's, which may be changed."""
    with _selects_apart():
        return expression.get_backend().compiler.to_sqlglot(expression)


@contextmanager
def _selects_apart() -> Iterator[None]:
    from ibis import options

    before, options.sql.fuse_selects = options.sql.fuse_selects, False
    try:
        yield
    finally:
        options.sql.fuse_selects = before
