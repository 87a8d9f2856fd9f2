"""Call a writer or publisher on what was pickled for it, in a process of its own, and print what it makes.

The pickle is one that the suite itself has just written.
"""

import importlib
import pickle
import sys
from pathlib import Path


def main(path: str) -> None:
    """Print the results of one call for each input, so that two processes can be compared."""
    target, inputs, settings = pickle.loads(Path(path).read_bytes())  # noqa: S301 - written by the suite
    module, _, attribute = target.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    for each in inputs:
        given = iter(each) if isinstance(each, list) else each
        sys.stdout.write(f"{list(function(given, **settings))!r}\n")


if __name__ == "__main__":
    main(sys.argv[1])
