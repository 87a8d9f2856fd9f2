"""The SQL of an ibis expression, as text and as a tree.

The engine is left to merge nested selects: ibis takes long over an expression like privacy's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
