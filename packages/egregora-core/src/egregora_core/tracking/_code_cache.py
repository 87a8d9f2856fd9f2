"""What a stage's code was when it last ran, where nothing that it could depend on has changed since.

To hash what a stage computes takes importing ibis or parsing modules. Built-in stages are known not to change while
core's own source and the libraries that compile it do not, so an unchanged run does neither. Anybody else's stage is
hashed each time.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from importlib_metadata import version

from egregora_core.tracking._runs import Run

_COMPUTED: dict[tuple[str, str], str] = {}


def known_code(
    last: Run | None, target: str, compute: Callable[[], str], settings: Mapping[str, Any] = {}
) -> tuple[str, dict[str, str]]:
    """Return a stage's code_ref, computed only where it may have changed, and what to record with it in `attrs`.

    `last` is the newest run of the stage that knew its code. `target` is the stage's `"package.module:attr"`, with its
    declared version where it has one; `settings` are those that `compute` builds in. A process computes the same only
    once, however many workspaces it opens.
    """
    if not target.startswith("egregora_core."):
        return compute(), {}
    key = hashlib.sha256(f"{_core_key()}{target}".encode()).hexdigest()[:32]
    known = last.code_ref if last is not None and last.attrs.get("source_key") == key else None
    if known is None:
        asked = (key, repr(sorted(settings.items())))
        if asked not in _COMPUTED:
            _COMPUTED[asked] = compute()
        known = _COMPUTED[asked]
    return known, {"source_key": key}


@cache
def _core_key() -> str:
    """Return a key of all that the code of a built-in stage can depend on."""
    hasher = hashlib.sha256(repr([version(name) for name in ("ibis-framework", "sqlglot", "duckdb")]).encode())
    root = Path(__file__).parents[1]
    for path in sorted(each for kind in ("*.py", "*.toml", "*.json") for each in root.rglob(kind)):
        source = path.read_bytes()
        hasher.update(f"{path.relative_to(root)} {len(source)}".encode())
        hasher.update(source)
    return hasher.hexdigest()
