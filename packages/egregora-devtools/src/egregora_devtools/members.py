"""The plugins that are developed in the repository: the reference pages are about these, and about no others."""

import tomllib
from pathlib import Path

from egregora_core.plugins import App


def member_plugins(checkout: Path) -> list[str]:
    """Return the ids of the plugins among the packages of the checkout, in order."""
    found = []
    for path in sorted(checkout.glob("packages/*/pyproject.toml")):
        entry_points = tomllib.loads(path.read_text(encoding="utf-8"))["project"].get("entry-points", {})
        found += sorted(entry_points.get("egregora", {}))
    return found


def strangers(checkout: Path) -> list[str]:
    """Return the ids of installed plugins that are not of the checkout."""
    members = member_plugins(checkout)
    return sorted(plugin.id for plugin in App().plugins if not plugin.built_in and plugin.id not in members)


def host_of(checkout: Path) -> App:
    """Return a host with the built-in plugins and those of the checkout, which are installed."""
    return App(disabled=strangers(checkout))


__all__ = ["host_of", "member_plugins", "strangers"]
