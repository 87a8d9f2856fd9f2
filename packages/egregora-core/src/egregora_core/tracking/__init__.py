"""What ran, what it made, and whether that still stands: one row in `runs` for each execution of a stage.

Owns the table `runs`, the comparison of a stage with its last run, and the hash of its code. Promises that a result and
its row become visible together, and that nothing runs again which need not.
May import `messages` and `storage`.
"""

from egregora_core.tracking._code_cache import known_code
from egregora_core.tracking._code_ref import digest, expression_code_ref, is_built_in, python_code_ref
from egregora_core.tracking._execution import (
    DAMAGED,
    Execute,
    Outcome,
    Prepared,
    Verdict,
    Work,
    config_hash,
    decide,
    describe,
    differences,
    note_place,
    run_stage_with_tracking,
)
from egregora_core.tracking._runs import RUNS, Run, RunStore

__all__ = [
    "DAMAGED",
    "RUNS",
    "Execute",
    "Outcome",
    "Prepared",
    "Run",
    "RunStore",
    "Verdict",
    "Work",
    "config_hash",
    "decide",
    "describe",
    "differences",
    "digest",
    "expression_code_ref",
    "is_built_in",
    "known_code",
    "note_place",
    "python_code_ref",
    "run_stage_with_tracking",
]
