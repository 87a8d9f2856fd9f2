"""The few settings that are needed before pydantic is worth importing, read with tomllib alone.

They are read again with everything else by `settings.load_settings`; a test proves that both read the same.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egregora_core.errors import SettingsError
from egregora_core.workspace._lake import SCHEME, Place, lake_of

SETTINGS_FILE = "egregora.toml"
ENV_PREFIX = "EGREGORA_"
DEFAULT_TENANT = "default"
DEFAULT_DATABASE = "duckdb://.egregora/egregora.duckdb"
DEFAULT_LOCK_TIMEOUT = 5.0

_SCHEME = "duckdb://"


@dataclass(frozen=True)
class Early:
    """What commands that must be quick know of the settings."""

    tenant: str
    database: Place
    lock_timeout: float
    disabled: Mapping[str, str]
    """Plugins that are not to be loaded, and where that is said."""
    required: tuple[str, ...]
    strict: bool


def read_early(workspace: Path) -> Early:
    """Read the tenant, the database and the plugins section of a workspace; raises SettingsError."""
    path, content = read_file(workspace)
    variables = {name.upper(): text for name, text in os.environ.items()}  # as pydantic-settings: in any case

    def value(section: str, key: str, default: Any, kind: Any) -> Any:
        found = content.get(section, {})
        if not isinstance(found, dict):
            raise SettingsError(f"{path}: {section} must be a section: write [{section}] on a line of its own")
        variable = f"{ENV_PREFIX}{section}__{key}".upper()
        where = f"{path}: [{section}] {key}"
        raw = found.get(key, default)
        try:
            if variable in variables:
                where, raw = variable, variables[variable]
                raw = json.loads(raw) if kind is _texts else raw
            return kind(raw)
        except (TypeError, ValueError):
            raise SettingsError(f"{where} has a value of the wrong type, expected {_EXPECTED[kind]}") from None

    _refuse_unknown(content.get("plugins", {}), path, variables)
    disabled_by = f"{ENV_PREFIX}PLUGINS__DISABLED"
    return Early(
        tenant=value("workspace", "tenant", DEFAULT_TENANT, _text),
        database=database_place(
            workspace,
            value("database", "url", DEFAULT_DATABASE, _text),
            value("database", "data", "", _text),
        ),
        lock_timeout=value("database", "lock_timeout", DEFAULT_LOCK_TIMEOUT, float),
        disabled=dict.fromkeys(
            value("plugins", "disabled", (), _texts),
            disabled_by if disabled_by in variables else f"[plugins] disabled in {path}",
        ),
        required=value("plugins", "required", (), _texts),
        strict=value("plugins", "strict", default=False, kind=_flag),
    )


def _refuse_unknown(section: Any, path: Path | None, variables: Mapping[str, str]) -> None:
    """Refuse a misspelt key of `[plugins]`: a plugin that somebody wants disabled must not be loaded instead."""
    prefix = f"{ENV_PREFIX}PLUGINS__"
    found = {key: f"{path}: unknown key [plugins] {key}" for key in (section if isinstance(section, dict) else ())}
    for name in variables:
        if name.startswith(prefix):
            found[name.removeprefix(prefix).lower()] = f"{name}: unknown key"
    for key, problem in found.items():
        if key not in _PLUGIN_KEYS:
            raise SettingsError(f"{problem}{unknown_key(key, list(_PLUGIN_KEYS))}")


def read_file(workspace: Path) -> tuple[Path | None, dict[str, Any]]:
    """Return the settings file of a workspace and its content: `egregora.toml`, or `[tool.egregora]`."""
    own, project = workspace / SETTINGS_FILE, workspace / "pyproject.toml"
    tools = _load(project).get("tool") if project.is_file() else None
    tool = tools.get("egregora") if isinstance(tools, dict) else None
    if tool is not None and not isinstance(tool, dict):
        raise SettingsError(f"{project}: tool.egregora must be a table: write [tool.egregora.SECTION]")
    if own.is_file() and tool is not None:
        raise SettingsError(f"settings stand both in {own} and in [tool.egregora] of {project}; keep one of them")
    if own.is_file():
        return own, _load(own)
    return (project, tool) if tool is not None else (None, {})


def database_place(workspace: Path, url: str, data: str | None = None) -> Place:
    """Return what `[database] url` names: a file, `duckdb://relative/to/workspace` or `duckdb:///absolute`, or a lake.

    `data` is where a lake keeps its files. Raises SettingsError.
    """
    if url.startswith(SCHEME):
        return lake_of(workspace, url, data)
    if not url.startswith(_SCHEME) or not url.removeprefix(_SCHEME):
        raise SettingsError(
            f"[database] url is {url!r}; expected {_SCHEME}PATH, such as {DEFAULT_DATABASE}, or {SCHEME}…"
        )
    return workspace / url.removeprefix(_SCHEME)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin a file with a BOM
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path}: not valid TOML: it is nested too deeply") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise TypeError
    return tuple(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in {*_TRUE, *_FALSE}:
        raise ValueError
    return text in _TRUE


_PLUGIN_KEYS = ("disabled", "required", "strict")
_TRUE = ("true", "1", "yes", "on", "t", "y")
_FALSE = ("false", "0", "no", "off", "f", "n")
_EXPECTED = {_text: "a text", _texts: 'a list such as ["name"]', float: "a number", _flag: "true or false"}


def unknown_key(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Return `; did you mean 'x'?`, or nothing where no known name is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
