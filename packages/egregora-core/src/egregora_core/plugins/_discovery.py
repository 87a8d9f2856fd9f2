"""Which plugins there are, told by metadata alone: nothing is imported to find, list or disable one.

A plugin has one name, that of its distribution (`egregora-elo` → `elo`); its entry point only repeats it. So two
plugins can never silently become one, and whoever knows what they installed knows what to write after `--disable`.
"""

import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from importlib_metadata import Distribution, distributions

from egregora_core.errors import PluginError

GROUP = "egregora"
"""The entry-point group."""

BUILT_IN = {
    "discord": "egregora_core.builtin.discord",
    "generic": "egregora_core.builtin.generic",
    "instagram": "egregora_core.builtin.instagram",
    "markdown": "egregora_core.builtin.markdown",
    "messenger": "egregora_core.builtin.messenger",
    "privacy": "egregora_core.builtin.privacy",
    "slack": "egregora_core.builtin.slack",
    "summary": "egregora_core.builtin.summary",
    "telegram": "egregora_core.builtin.telegram",
    "whatsapp": "egregora_core.builtin.whatsapp",
}
"""Plugin modules that come with core, by id."""

GIVEN = "(given)"
"""What stands for the distribution of a plugin that a test hands to its host."""

_GROUP_LINE = f"[{GROUP}]"
_TARGET = re.compile(r"[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*)?$")


@dataclass(frozen=True)
class Candidate:
    """A plugin that might be loaded. `problem` says why it cannot be, where its metadata already tell."""

    id: str
    distribution: str
    version: str
    load: Callable[[], Any]
    built_in: bool = False
    problem: str | None = None


def short_name(name: str) -> str:
    """Return a plugin's id: its distribution's name as packaging compares names, in snake case, without `egregora-`."""
    return re.sub(r"[-_.]+", "_", name).lower().removeprefix("egregora_")


def built_in() -> Iterator[Candidate]:
    from egregora_core._version import __version__

    for id_, module in BUILT_IN.items():
        yield Candidate(id_, "egregora-core", __version__, partial(importlib.import_module, module), built_in=True)


def given(plugins: Sequence[object]) -> Iterator[Candidate]:
    """Yield modules and objects as plugins: those of a package `egregora_…` under the id that it has when installed."""
    for plugin in plugins:
        package, _, last = str(getattr(plugin, "__name__", type(plugin).__name__)).partition(".")
        name = package if package.startswith("egregora_") or not last else last.rpartition(".")[2]
        yield Candidate(short_name(name), GIVEN, "0", partial(_itself, plugin))


def installed() -> tuple[list[Candidate], list[str]]:
    """Return the installed plugins, and a note on each distribution that another of its name on sys.path hides."""
    found: dict[str, tuple[Candidate, Distribution]] = {}
    hidden = []
    for distribution in cast("Iterator[Distribution]", distributions()):  # newer releases name a protocol
        try:
            candidate = _candidate(distribution)
        except Exception as error:  # noqa: BLE001 - what stands in somebody's metadata must not take us down
            name = type(error).__name__
            hidden.append(f"{distribution.locate_file('')}: metadata of a distribution cannot be read ({name})")
            continue
        if candidate is None:
            continue
        key = re.sub(r"[-_.]+", "-", candidate.distribution).lower()
        if key not in found:
            found[key] = candidate, distribution
        elif (place := distribution.locate_file("")) != (first := found[key][1].locate_file("")):
            what = f"{candidate.distribution} {candidate.version}"
            hidden.append(f"{what} in {place} is hidden by {found[key][0].version} in {first}")
    return [candidate for candidate, _ in found.values()], hidden


def _candidate(distribution: Distribution) -> Candidate | None:
    """Return a distribution as a plugin, or None where it is none; reads as little as that takes."""
    entry_points = distribution.read_text("entry_points.txt")
    if not entry_points or _GROUP_LINE not in entry_points:
        return None
    metadata = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    name, version = _header(metadata, "Name"), _header(metadata, "Version") or "?"
    try:
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
    except Exception as error:  # noqa: BLE001 - a parser's errors are its own
        problem: str | None = f"its entry_points.txt cannot be read ({type(error).__name__})"
        return Candidate(short_name(name), name, version, _nothing, problem=problem)
    if not entries:
        return None
    if not name:
        return Candidate(short_name(entries[0].name), "?", version, _nothing, problem="its metadata states no name")
    id_, names = short_name(name), sorted(entry.name for entry in entries)
    problem = None
    if [entry.replace("-", "_") for entry in names] != [id_]:
        called = " and ".join(map(repr, names))
        problem = f"its entry point is called {called}, but distribution {name!r} must call it {id_!r}"
    elif not _TARGET.match(entries[0].value):
        problem = f"its entry point is {entries[0].value!r}, expected the name of a module"
    return Candidate(id_, name, version, entries[0].load, problem=problem)


def _header(metadata: str, name: str) -> str:
    """Return a header of core metadata; a parser of mail, which importlib uses, costs more than all the rest."""
    match = re.search(rf"^{name}:[ \t]*(.+?)[ \t\r]*$", metadata.partition("\n\n")[0], re.MULTILINE | re.IGNORECASE)
    return match[1] if match else ""


def _itself(plugin: object) -> object:
    return plugin


def _nothing() -> object:
    raise PluginError("its metadata are unusable")
