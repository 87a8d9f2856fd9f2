"""The commands that install, upgrade and remove plugins in this very environment.

`uv tool` keeps a list of its own of what belongs to a tool: what pip would put beside it, the next upgrade removes.
"""

import json
import shlex
import sys
from collections.abc import Collection, Iterable
from importlib.util import find_spec
from pathlib import Path

from importlib_metadata import PackageNotFoundError, distribution

CORE = "egregora-core"


def tool_command(plugins: Iterable[str], *, pin: bool = False) -> str:
    """Return the `uv tool install` command for core and these distributions, as they are installed here."""
    words = ["uv", "tool", "install"]
    core = _requirement(CORE, pin=pin)
    words += ["--editable", core[1]] if core[0] == "--with-editable" else [core[1]]
    for plugin in sorted(set(plugins)):
        words += _requirement(plugin, pin=pin)
    return shlex.join(words)


def install_command(requirement: str, *, upgrade: bool = False, plugins: Collection[str] = ()) -> str:
    """Return the command that installs a distribution beside core; `plugins` are those that are there already."""
    if in_uv_tool():
        return f"{tool_command(plugins)} --with {shlex.quote(requirement)}"
    return shlex.join([*_pip(), "install", *(["-U"] if upgrade else []), requirement])


def upgrade_command(plugin: str) -> str:
    if in_uv_tool():
        return f"uv tool upgrade {CORE}"
    return shlex.join([*_pip(), "install", "-U", plugin])


def uninstall_command(plugin: str, plugins: Collection[str] = ()) -> str:
    if in_uv_tool():
        return tool_command(set(plugins) - {plugin})
    return shlex.join([*_pip(), "uninstall", plugin])


def in_uv_tool() -> bool:
    return (Path(sys.prefix) / "uv-receipt.toml").is_file()


def _pip() -> list[str]:
    return ["pip"] if find_spec("pip") else ["uv", "pip"]


def _requirement(name: str, *, pin: bool) -> list[str]:
    """Return the option and value that install a distribution again: by name, or from where it was installed from."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return ["--with", name]
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    url = str(origin.get("url", ""))
    if url.startswith("file://"):
        editable = origin.get("dir_info", {}).get("editable", False)
        return ["--with-editable" if editable else "--with", url.removeprefix("file://")]
    if url:
        revision = origin.get("vcs_info", {}).get("commit_id")
        prefix = f"{origin['vcs_info']['vcs']}+" if revision else ""
        return ["--with", f"{name} @ {prefix}{url}{f'@{revision}' if revision and pin else ''}"]
    return ["--with", f"{name}=={found.version}" if pin else name]
