"""The ledger: one tenant's comparisons, in the order of their recording, and the ratings that a replay makes of them.

Owns the tables `elo_history` and `elo_ratings`, and the handle `Ledger`. Promises that a comparison never changes but
by being declared void, and that the ratings are those of a replay, whatever was done in between.
May import `ratings`, `tables`, `settings`.
"""

from egregora_elo.ledger._ledger import (
    CHUNK,
    MEMORY_MATCHING,
    MEMORY_PLAYING,
    MEMORY_READING,
    SCORE,
    Ledger,
    no_tables,
    open_ledger,
)
from egregora_elo.ledger._playing import ELO_COLUMNS
from egregora_elo.ledger._rating_rows import counted_pairs, fitted_board, rating_rows
from egregora_elo.ledger._replay import append, rebuild, void

__all__ = [
    "CHUNK",
    "ELO_COLUMNS",
    "MEMORY_MATCHING",
    "MEMORY_PLAYING",
    "MEMORY_READING",
    "SCORE",
    "Ledger",
    "append",
    "counted_pairs",
    "fitted_board",
    "no_tables",
    "open_ledger",
    "rating_rows",
    "rebuild",
    "void",
]
