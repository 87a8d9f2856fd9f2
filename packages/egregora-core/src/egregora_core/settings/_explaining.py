"""What is wrong with the settings, in words for people who know neither Python nor pydantic.

Of what stands in a field, neither values nor keys are repeated: both may be names of people.
"""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from egregora_core.workspace import ENV_PREFIX, unknown_key

_EXPECTED = {
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), 'a list such as ["name"]'),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number such as 7"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number such as 0.5"),
    "string_type": 'text in quotes such as "name"',
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a table: keys, each with its value"),
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "enum": "{expected}",
}
"""What a setting should have been, by pydantic's type of error."""


def explain(error: ValidationError, path: Path | None, model: Any) -> str:
    """Return every problem on its own line: where it stands, the key's path, what is wrong."""
    lines = []
    for problem in error.errors():
        section, *keys = _field_path(model, problem["loc"], problem["type"])
        key = ".".join(keys)
        variable = f"{ENV_PREFIX}{section}__{'__'.join(keys)}".upper()
        where = variable if variable in map(str.upper, os.environ) else str(path or "command line")
        name = f"[{section}] {key}" if key else f"[{section}]"
        if problem["type"] == "extra_forbidden":
            lines.append(f"{where}: unknown key {name}{_near(model, [section, *keys])}")
        else:
            item = problem["loc"][-1]
            place = f", item {item + 1}" if isinstance(item, int) else ""
            lines.append(f"{where}: {name}{place}: {_plainly(problem)}")
    return "\n".join(lines)


def _field_path(model: Any, location: tuple[int | str, ...], kind: str) -> list[str]:
    """Return the keys that lead to a field, and no further: below it may stand a name, as in `[authors] aliases`."""
    path: list[str] = []
    for part in location:
        path.append(str(part))
        field = getattr(model, "model_fields", {}).get(part)
        model = getattr(field, "annotation", None)
        if not hasattr(model, "model_fields") and kind != "extra_forbidden":
            break
    return path


def _plainly(problem: Any) -> str:
    expected = _EXPECTED.get(problem["type"])
    if expected is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    context = problem.get("ctx", {})
    choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    return f"expected {expected.format(**context)}{unknown_key(str(problem['input']), choices)}"


def _near(model: Any, path: list[str]) -> str:
    """Return a guess at the key that was meant by the last name of a path, among its siblings."""
    for name in path[:-1]:
        field = model.model_fields.get(name)
        model = getattr(field, "annotation", None)
        if not hasattr(model, "model_fields"):
            return ""
    return unknown_key(path[-1], dict(model.model_fields))
