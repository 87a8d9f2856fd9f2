"""What a chat is called, by the name that a phone gave to its file."""

import re
import unicodedata
from functools import cache
from pathlib import PurePath

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._phrases import data, in_lines

_SPACES = re.compile(f"[{SPACES}]+")
_MARKS = re.compile(f"[{MARKS}]")


@cache
def _forms(name: str) -> tuple[re.Pattern[str], ...]:
    links = "|".join(in_lines(data("titles.toml")["with"]))
    return tuple(re.compile(form.replace("WITH", links), re.IGNORECASE) for form in data("titles.toml")[name])


def title_of(name: str) -> str | None:
    """Return the title that a file's name without its suffix holds, or None where it is just `_chat`."""
    name = _SPACES.sub(" ", _MARKS.sub("", unicodedata.normalize("NFC", name))).strip()
    for form in _forms("copy"):
        name = form.sub("", name).strip()
    if not name or is_anonymous(name):
        return None
    for form in _forms("titled"):
        if match := form.fullmatch(name):
            return match["title"].strip() or None
    return name


def is_anonymous(name: str) -> bool:
    """Tell whether a file is named as iOS names every chat."""
    return any(form.fullmatch(name) for form in _forms("anonymous"))


def mentions_whatsapp(name: str) -> bool:
    return "whatsapp" in name.casefold()


def stem(path: str) -> str:
    """Return a path's last name without `.txt` or `.zip`."""
    name = unicodedata.normalize("NFC", PurePath(path).name)
    return name[:-4] if name.casefold().endswith((".txt", ".zip")) else name
