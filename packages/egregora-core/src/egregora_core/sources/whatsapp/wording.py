"""What the app and phones write, in the languages of their users: read once from the data files beside this module.

A phrase is whole and decides; parts of words are regular expressions, and what they tell is only likely.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

_HERE = Path(__file__)


@cache
def _data(name: str) -> dict[str, Any]:
    text = _HERE.with_name(name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    return found


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


@cache
def phrases(*names: str) -> tuple[str, ...]:
    """Return whole phrases of the app, each once, in normal form C, as spelt and without their full stop."""
    found = (normalize("NFC", text) for name in names for text in _lines(_data("phrases.toml")[name]))
    return tuple(dict.fromkeys(found))


@cache
def omitted(*kinds: str) -> tuple[str, ...]:
    """Return what iOS says in place of a file of some kinds (media, sticker, contact, document)."""
    made = [
        normalize("NFC", said.format(noun))
        for kind in kinds
        for language in _data("phrases.toml")["omitted"]
        for noun in language[kind].split("|")
        for said in language["said"].split("|")
    ]
    return both_cases(dict.fromkeys(made))


def both_cases(texts: Iterable[str]) -> tuple[str, ...]:
    """Return phrases as they are given and as sentences."""
    given = tuple(texts)
    return (*given, *(text[0].upper() + text[1:] for text in given))


@cache
def word_parts(*names: str) -> str:
    """Return an expression for any of the parts of words, in lower case."""
    return "|".join(line for name in names for line in _lines(_data("word_parts.toml")[name]))


@cache
def words(name: str) -> re.Pattern[str]:
    """Return an expression for any of some parts as whole words, or as they stand where words are not set apart."""
    return re.compile(rf"(?<!\w)(?:{word_parts(name)})(?!\w)|{word_parts(f'{name}_unspaced')}")


@cache
def labels() -> frozenset[str]:
    """Return the words with which people say what follows a colon."""
    return frozenset(normalize("NFC", _data("word_parts.toml")["label"]).casefold().split())


@cache
def media_types() -> dict[str, str]:
    """Return extension → MIME type."""
    return _data("media_types.toml")


def cldr(table: str) -> dict[str, Any]:
    """Return a table of what CLDR knows of dates and times; `scripts/compile_cldr.py` says what is in it."""
    found: dict[str, Any] = _data("cldr.json")[table]
    return found
