"""What `attrs.data` holds of a poll, call, location or contact: one shape for each kind, whatever the platform."""

import json
from collections.abc import Mapping
from typing import Any

Shape = Mapping[str, Any]

DATA_SHAPES: Mapping[str, Shape] = {
    "poll": {"question": str, "options": [{"text": str, "votes": int}], "closed": bool},
    "call": {"seconds": int, "video": bool, "missed": bool},
    "location": {"latitude": float, "longitude": float, "name": str, "live": bool},
    "contact": {"name": str, "phones": [str], "emails": [str]},
}
"""By kind: keys, all of which may be left out, and types of their values; all items of a list are like its one."""


def problem_of(kind: str, data: str) -> str | None:
    """Say what is wrong with the JSON text of a message's data, without its values; None where nothing is."""
    if kind not in DATA_SHAPES:
        return f"a message of kind {kind!r} has no data; those of {', '.join(DATA_SHAPES)} do"
    try:
        return _problem(json.loads(data), DATA_SHAPES[kind], kind)
    except ValueError:
        return "it is no JSON"


def _problem(value: Any, shape: Any, where: str) -> str | None:
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            return f"{where} is a {type(value).__name__}, expected an object"
        if unknown := sorted(set(value) - set(shape)):
            return f"{where} has {len(unknown)} unknown keys; it may have {', '.join(shape)}"
        return next((said for key in value if (said := _problem(value[key], shape[key], f"{where}.{key}"))), None)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is a {type(value).__name__}, expected a list"
        return next((said for each in value if (said := _problem(each, shape[0], f"{where}[]"))), None)
    fits = type(value) in ((int, float) if shape is float else (shape,))
    return None if value is None or fits else f"{where} is a {type(value).__name__}, expected {shape.__name__}"
