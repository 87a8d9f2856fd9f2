"""What a plugin's function is given: those settings of its plugin's section that it names."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from egregora_core.errors import StageError
from egregora_core.messages import place

NAMES = "known"
"""The keyword argument through which a stage of step privacy gets the tenant's known names (`privacy.KnownName`)."""


def named_arguments(function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a function names; one that takes `**settings` gets all of them."""
    wanted = inspect.signature(function).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in wanted.values())
    return {name: value for name, value in settings.items() if takes_all or name in wanted}


def stage_settings(
    function: Callable[..., Any], section: Mapping[str, Any], given: Collection[str] = (NAMES,)
) -> dict[str, Any]:
    """Return the fields of a plugin's section that a function names as keyword arguments, but for `given` ones.

    One that takes `**settings` gets all of them.
    """
    wanted = inspect.signature(function).parameters
    settings = {name: value for name, value in named_arguments(function, section).items() if name not in given}
    missing = [
        name
        for name, parameter in wanted.items()
        if parameter.kind is parameter.KEYWORD_ONLY
        and parameter.default is parameter.empty
        and name not in settings
        and name not in given
    ]
    if missing:
        raise StageError(f"{place(function)}: setting {missing[0]!r} is in no section of its plugin; give it a default")
    return settings
