"""Commits on a store that several processes write: one that another's commit came before is done again.

A lake compares whole tables: a commit that inserts is refused where another has deleted from the same table meanwhile,
whatever the rows. Nothing of a refused commit is kept, so doing it again is all there is to it.
"""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from egregora_core.storage._database import transaction

if TYPE_CHECKING:
    from egregora_core.storage._database import Connection

T = TypeVar("T")

_ATTEMPTS = 40
_LONGEST_SECONDS = 0.5
_REFUSED = (
    "Transaction conflict",
    "database is locked",
    "could not serialize access",
    "duplicate key value violates unique constraint",
    "UNIQUE constraint failed",
    "Exceeded the maximum retry count",
)
"""What the catalogs of lakes, in PostgreSQL and SQLite, say of a commit that came second, never a file."""


def came_second(error: BaseException) -> bool:
    """Tell whether a commit, or what led to it, was refused since another process was first."""
    import duckdb

    return isinstance(error, duckdb.Error) and any(words in str(error) for words in _REFUSED)


def commit(connection: "Connection", work: Callable[[], T]) -> T:
    """Do some work in one transaction, again where another process's commit came first; `work` must bear that."""

    def attempt() -> T:
        with transaction(connection):
            return work()

    return again(attempt)


def again(attempt: Callable[[], T]) -> T:
    """Call until nobody came first."""
    for number in range(1, _ATTEMPTS):
        try:
            return attempt()
        except Exception as error:
            if not came_second(error):
                raise
            time.sleep(random.uniform(0, min(_LONGEST_SECONDS, 0.01 * 2**number)))  # noqa: S311 - so that two differ
    return attempt()


__all__ = ["again", "came_second", "commit"]
