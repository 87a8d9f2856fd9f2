"""What is wrong with a plugin? Its API number, its hooks and what they return, each said with what was expected.

pluggy itself lets a misspelt hook pass in silence and never passes an argument that has a default.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from egregora_core.errors import PluginError
from egregora_core.plugins import hookspecs
from egregora_core.plugins._specs import (
    CommandSpec,
    EngineSpec,
    PublisherSpec,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    TableSpec,
    WriterSpec,
)
from egregora_core.plugins.hookspecs import EGREGORA_API
from egregora_core.workspace import unknown_key

REGISTERED: Mapping[str, type] = {
    "register_sources": SourceSpec,
    "register_stages": StageSpec,
    "register_writers": WriterSpec,
    "register_publishers": PublisherSpec,
    "register_engines": EngineSpec,
    "register_tables": TableSpec,
    "register_settings": SettingsSpec,
    "register_commands": CommandSpec,
}
"""What each hook that registers returns: one spec for settings, else a sequence of them."""

STAGE_STEPS = ("privacy", "enrichment", "curation")
_UNITS = ("window", "author")
_PARTS = ("row", "thread", "author")
_BODIES = ("markdown", "text")
TARGETS = {"recognise", "read", "function", "schema", "model", "target", "estimate", "sends_to", "connect"}
"""Fields of specs that are `"package.module:attr"`."""

_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
_NAME = re.compile(r"[a-z][a-z0-9_-]*$")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*$")


def check_api(module: Any) -> None:
    stated = getattr(module, "EGREGORA_API", None)
    if stated != EGREGORA_API:
        said = "states no EGREGORA_API" if stated is None else f"is written for API {stated!r}"
        raise PluginError(f"it {said}, this Egregora has API {EGREGORA_API}; look for a release of it that fits")


def check_hooks(module: Any) -> tuple[str, ...]:
    """Return the hooks that a plugin implements; raises PluginError for one that does not exist or cannot be called."""
    known = {name: function for name, function in vars(hookspecs).items() if hasattr(function, "egregora_spec")}
    found = []
    for name, function in inspect.getmembers_static(module):
        options = getattr(function, "egregora_impl", None)
        if options is None:
            continue
        if options.get("wrapper") or options.get("hookwrapper") or options.get("specname"):
            raise PluginError(f"hook {name!r}: neither wrappers nor other names are supported; use a plain @hookimpl")
        if name not in known:
            raise PluginError(f"there is no hook {name!r}{unknown_key(name, list(known))}")
        _check_arguments(name, function, known[name])
        found.append(name)
    return tuple(sorted(found))


def _check_arguments(name: str, function: Callable[..., Any], spec: Callable[..., Any]) -> None:
    allowed = list(inspect.signature(spec).parameters)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in allowed and parameter.name != "self":
            raise PluginError(f"hook {name!r} has no argument {parameter.name!r}{unknown_key(parameter.name, allowed)}")
        if parameter.default is not parameter.empty or parameter.kind is parameter.KEYWORD_ONLY:
            raise PluginError(f"hook {name!r}: argument {parameter.name!r} must be plain: no default, not keyword-only")


# --- what hooks return --------------------------------------------------------------------------------------------


def specs_of(hook: str, results: Sequence[Any]) -> list[Any]:
    """Return the specs in a hook's results (pluggy drops None); raises PluginError for anything else."""
    kind = REGISTERED[hook]
    expected = kind.__name__ if hook == "register_settings" else f"a list of {kind.__name__}"
    if not results:
        raise PluginError(f"{hook} returned None, expected {expected}")
    (result,) = results
    if hook == "register_settings":
        specs = [result]
    elif isinstance(result, str) or not hasattr(result, "__iter__"):
        raise PluginError(f"{hook} returned a {type(result).__name__}, expected {expected}")
    else:
        specs = list(result)
    for spec in specs:
        if not isinstance(spec, kind):
            raise PluginError(f"{hook} returned a {type(spec).__name__}, expected {kind.__name__}")
    return specs


def check_specs(specs: Sequence[Any], plugin_id: str) -> None:
    """Raise PluginError for the first spec that could not work, with what was expected."""
    own_tables = [spec.name for spec in specs if isinstance(spec, TableSpec)]
    for spec in specs:
        _check_fields(spec)
        _check_name(spec, claimed_name(spec, plugin_id))
        if isinstance(spec, StageSpec):
            _check_choice(spec, "step", spec.step, STAGE_STEPS)
            for table in spec.reads:
                if table not in own_tables:
                    hint = unknown_key(table, own_tables)
                    raise PluginError(f"stage {spec.name!r} reads {table!r}, no table of its plugin{hint}")
        if isinstance(spec, WriterSpec):
            _check_choice(spec, "unit", spec.unit, _UNITS)
            _check_choice(spec, "body", spec.body, _BODIES)
            if spec.keeps and spec.keeps not in own_tables:
                hint = unknown_key(spec.keeps, own_tables)
                raise PluginError(f"writer {spec.name!r} keeps in {spec.keeps!r}, no table of its plugin{hint}")
        if isinstance(spec, TableSpec) and not spec.name.startswith(f"{plugin_id}_"):
            raise PluginError(f"table {spec.name!r} must be called {plugin_id}_<noun>")


def noun(spec: Any) -> str:
    return type(spec).__name__.removesuffix("Spec").lower()


def claimed_name(spec: Any, plugin_id: str) -> str:
    """Return the name that no other spec of its kind may have."""
    return spec.section or plugin_id if isinstance(spec, SettingsSpec) else str(spec.name)


def _check_fields(spec: Any) -> None:
    """Check that texts are texts, targets `"package.module:attr"`, and sequences no texts."""
    for each in fields(spec):
        value = getattr(spec, each.name)
        where = f"{noun(spec)} {getattr(spec, 'name', '')!r}: {each.name}"
        if each.name == "files":
            if not isinstance(value, Mapping) or not all(isinstance(v, str) and ":" in v for v in value.values()):
                raise PluginError(f'{where} is {value!r}, expected {{"argument": "package:path"}}')
        elif each.name in {"reads", "key", "runtime"}:
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                raise PluginError(f'{where} is {value!r}, expected a tuple of names such as ("{value}",)')
        elif each.name in TARGETS:
            given = value or each.default is MISSING  # a target with a default may be left out
            if not isinstance(value, str) or (given and not _TARGET.match(value)):
                raise PluginError(f'{where} is {value!r}, expected a text "package.module:attr"')
        elif each.name == "by":
            _check_choice(spec, "by", value or "row", _PARTS)
        elif each.name not in {"row_wise", "section"} and not isinstance(value, str):
            raise PluginError(f"{where} is {value!r}, expected a text")


def _check_name(spec: Any, name: str) -> None:
    pattern = _IDENTIFIER if isinstance(spec, (StageSpec, TableSpec, SettingsSpec)) else _NAME
    if not pattern.match(name):
        raise PluginError(f"{noun(spec)} {name!r}: a name is made of a-z, 0-9 and _, and begins with a letter")


def _check_choice(spec: Any, field: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        near = unknown_key(value, list(choices))
        raise PluginError(f"{noun(spec)} {spec.name!r}: {field} {value!r} is none of {', '.join(choices)}{near}")
