"""What the comparisons say, for people and programs: leaderboard, history, matrix, audit, and whether to go on.

Owns the rows and words of what the commands print. Promises to read alone: no report changes what is stored.
May import `documents`, `ledger`, `ratings`.
"""

from egregora_elo.reports._agreement import JudgeReport, cohens_kappa, judge_reports
from egregora_elo.reports._audit import audit
from egregora_elo.reports._history import history, matrix
from egregora_elo.reports._leaderboard import (
    HEADINGS,
    as_csv,
    as_markdown,
    findings,
    leaderboard,
    order_line,
    table_rows,
)
from egregora_elo.reports._stop_rule import stop_rule

__all__ = [
    "HEADINGS",
    "JudgeReport",
    "as_csv",
    "as_markdown",
    "audit",
    "cohens_kappa",
    "findings",
    "history",
    "judge_reports",
    "leaderboard",
    "matrix",
    "order_line",
    "stop_rule",
    "table_rows",
]
