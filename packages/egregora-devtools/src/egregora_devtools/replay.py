"""Call a writer or publisher on what was pickled for it, in a process of its own, and print what it makes.

The pickle is one that the suite itself has just written.
"""

import importlib
import pickle
import sys
from collections.abc import Callable, Iterable
from inspect import signature
from pathlib import Path
from typing import Any

from egregora_core.pipeline import ATTACHMENTS, MESSAGES, SITE
from egregora_core.plugin import Kept, Site, Spent


def given_to(publish: Callable[..., Any], messages: Path | None) -> dict[str, Any]:
    """Return what a publisher gets beside documents and settings: a site without names or files, stored messages."""
    wanted = signature(publish).parameters
    given = {name: value for name, value in {SITE: Site(), ATTACHMENTS: []}.items() if name in wanted}
    return given | ({MESSAGES: _read(messages)} if messages else {})


def _read(path: Path) -> Any:
    import ibis

    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    return connection.read_parquet(path)


def results(path: str) -> str:
    """Return the results of one call for each input, as a text, so that two processes can be compared."""
    target, inputs, settings, *stored = pickle.loads(Path(path).read_bytes())  # noqa: S301 - written by the suite
    module, _, attribute = target.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    given = given_to(function, *stored) if stored else {}
    lines = []
    for each in inputs:
        made = function(iter(each) if isinstance(each, list) else each, **settings, **given)
        made = (one for one in made if not isinstance(one, Spent | Kept))  # what a writer tells the host of itself
        lines.append(told(made))
    return "".join(lines)


def told(made: Iterable[Any]) -> str:
    """Return what one call made, files with their contents, as a line."""
    return f"{[(one.path, one.read()) if hasattr(one, 'read') else one for one in made]!r}\n"


if __name__ == "__main__":
    sys.stdout.write(results(sys.argv[1]))
