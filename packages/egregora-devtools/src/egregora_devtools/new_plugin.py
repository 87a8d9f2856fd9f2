"""A new plugin's package, rendered from the template that lies beside this module."""

import keyword
import re
from pathlib import Path

_TEMPLATE = Path(__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def make_plugin(name: str, kind: str, into: Path) -> Path:
    """Write the package `egregora-NAME` into a directory and return its own; raises ValueError, which says why."""
    import copier
    from egregora_core.plugins import App

    short = re.sub(r"[-.]", "_", name.lower()).removeprefix("egregora_")
    if not _NAME.fullmatch(short) or keyword.iskeyword(short):
        raise ValueError(f"{name!r} is no name for a plugin: begin with a letter; letters, digits and _ follow")
    if short in {plugin.id for plugin in App(discover=False).plugins} | {"core", "devtools"}:
        raise ValueError(f"{name!r} comes with Egregora: choose another name")
    target = into / f"egregora-{short.replace('_', '-')}"
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"{target} exists already: choose another name, or another place with --into")
    copier.run_copy(str(_TEMPLATE), target, data={"name": short, "kind": kind}, defaults=True, quiet=True)
    return target


def next_steps(made: Path) -> str:
    """Say what to do with a new package."""
    return (
        f'{made}: a plugin whose tests pass; make it yours\nnow try:\n  cd {made}\n  pip install -e ".[test]"\n  pytest'
    )
