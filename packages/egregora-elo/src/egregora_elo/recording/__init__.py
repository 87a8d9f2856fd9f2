"""How comparisons come in: a vote, what a program judged, a file; and how one is taken back.

Owns what makes a comparison valid, the formats of files, and which of a file's rows are here already. Promises that
everything is taken or nothing, that what is wrong is told with its line, and that a file read twice adds nothing.
May import `documents` and `ledger`.
"""

from egregora_elo.recording._comparisons import Comparison, record, void_by_id, weigh
from egregora_elo.recording._importing import Imported, ImportOptions, import_file
from egregora_elo.recording._outcomes import OUTCOMES, outcome_of
from egregora_elo.recording._votes import Vote, last_vote, record_one, votes

__all__ = [
    "OUTCOMES",
    "Comparison",
    "ImportOptions",
    "Imported",
    "Vote",
    "import_file",
    "last_vote",
    "outcome_of",
    "record",
    "record_one",
    "void_by_id",
    "votes",
    "weigh",
]
