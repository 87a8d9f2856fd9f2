"""Numbers from comparisons: live Elo, the Bradley-Terry board with its errors, ranks, and whether that is enough.

Owns the mathematics, on arrays in which documents are numbers. Promises that the board does not depend on the order of
the comparisons, and that a document which never lost has a finite strength and a wide error.
May import numpy alone: it knows neither tables nor documents.
"""

from egregora_elo.ratings._arrays import Floats, Integers
from egregora_elo.ratings._board import PROVISIONAL, Board, Group, Model
from egregora_elo.ratings._fit import fit
from egregora_elo.ratings._groups import components, strongly_connected
from egregora_elo.ratings._live import Games, Played, expected, play
from egregora_elo.ratings._pairs import PairCounter, Pairs
from egregora_elo.ratings._places import Places, placed
from egregora_elo.ratings._reliability import Evidence, Progress, progress

__all__ = [
    "PROVISIONAL",
    "Board",
    "Evidence",
    "Floats",
    "Games",
    "Group",
    "Integers",
    "Model",
    "PairCounter",
    "Pairs",
    "Places",
    "Played",
    "Progress",
    "components",
    "expected",
    "fit",
    "placed",
    "play",
    "progress",
    "strongly_connected",
]
