"""Pages from templates: every value is escaped, and no page may load anything from elsewhere."""

import json
from functools import cache
from importlib.resources import files
from posixpath import dirname, relpath
from typing import Any

from egregora_core.people import INITIALS_ON_DARK, INITIALS_ON_LIGHT, PALETTE
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy: scripts, styles and pictures from the report's own folder, and nothing else."""


_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x2028, 0x2029, 0xFFFE, 0xFFFF], " ")


def _without_controls(value: Any) -> Any:
    """Return a value for a page without characters that no page should hold."""
    return value.translate(_CONTROLS) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__),
        autoescape=True,  # in the feed, too
        undefined=StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, path: str, **values: Any) -> str:
    """Render the page that goes to `path`, which links are relative to."""
    root = "../" * path.count("/")
    return _environment().get_template(template).render({"policy": POLICY, **values}, here=path, root=root)


def href(source: str, target: str) -> str:
    """Return the link from one page to another, both as paths in the report."""
    return relpath(f"/{target}", f"/{dirname(source)}")


def script(name: str, value: Any) -> str:
    """Return a script that gives the pages' scripts a value."""
    return (
        f"egregora.give({json.dumps(name)},{harmless(json.dumps(value, ensure_ascii=False, separators=(',', ':')))});\n"
    )


def harmless(text: str) -> str:
    """Return JSON that ends no script, were it inside a page as in a single file."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def asset(name: str) -> str:
    """Return a file of the package's."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def style_sheet() -> str:
    """Return the style sheet, with everybody's colours."""
    light = ";".join(f"--k{number}:{colour.light}" for number, colour in enumerate(PALETTE))
    dark = ";".join(f"--k{number}:{colour.dark}" for number, colour in enumerate(PALETTE))
    of_each = "".join(f".k{number}{{--k:var(--k{number})}}" for number in range(len(PALETTE)))
    return (
        f":root{{{light};--on:{INITIALS_ON_LIGHT}}}\n:root[data-theme=dark]{{{dark};--on:{INITIALS_ON_DARK}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark};--on:{INITIALS_ON_DARK}}}}}\n"
        f"{of_each}\n{asset('style.css')}"
    )
