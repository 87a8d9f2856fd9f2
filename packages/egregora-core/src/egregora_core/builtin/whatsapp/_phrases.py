"""What the app and phones write, in the languages of their users, and the comparing of texts with it.

It is read once from the data files beside this module. A phrase is whole and decides; parts of words are regular
expressions, and what they tell is only likely. Long lists are looked up by Arrow, as planning a query that holds them
takes longer than running it.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.plugin import literal

_HERE = Path(__file__)


@cache
def data(name: str) -> dict[str, Any]:
    """Return what a data file beside this module holds."""
    text = _HERE.with_name(name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    return found


def in_lines(text: str) -> list[str]:
    """Return what stands one a line in a text of a data file."""
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


@cache
def phrases(*names: str) -> tuple[str, ...]:
    """Return whole phrases of the app, each once, in normal form C, as spelt and without their full stop."""
    found = (normalize("NFC", text) for name in names for text in in_lines(data("phrases.toml")[name]))
    return tuple(dict.fromkeys(found))


@cache
def omitted(*kinds: str) -> tuple[str, ...]:
    """Return what iOS says in place of a file of some kinds (media, sticker, contact, document)."""
    made = [
        normalize("NFC", said.format(noun))
        for kind in kinds
        for language in data("phrases.toml")["omitted"]
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
    return "|".join(line for name in names for line in in_lines(data("word_parts.toml")[name]))


@cache
def words(name: str) -> re.Pattern[str]:
    """Return an expression for any of some parts as whole words, or as they stand where words are not set apart."""
    return re.compile(rf"(?<!\w)(?:{word_parts(name)})(?!\w)|{word_parts(f'{name}_unspaced')}")


def events(lines: pa.Array) -> pa.Array:
    """Return what lines of the app tell, in the words of `attrs.event`."""
    parts = ("|".join(in_lines(parts)) for parts in data("events.toml").values())
    is_it = pc.make_struct(*(pc.match_substring_regex(lines, each, ignore_case=True) for each in parts))
    return pc.case_when(is_it, *data("events.toml"), "other")


@cache
def word_set(name: str) -> frozenset[str]:
    """Return whole words of a list in which they stand one after the other, folded."""
    return frozenset(normalize("NFC", data("word_parts.toml")[name]).casefold().split())


def cldr(table: str) -> dict[str, Any]:
    """Return a table of what CLDR knows of dates and times; `scripts/compile_cldr.py` says what is in it."""
    found: dict[str, Any] = data("cldr.json")[table]
    return found


BIDI = r"[\x{200e}\x{200f}]"
_ENDS = " .。।۔"
MEDIA_TYPES: dict[str, str] = data("media_types.toml")
"""Extension → MIME type."""
FILES = ("media", "document", "sticker", "contact")
"""Roles of what is said of a file that was left out."""
_IN_ONE_SIGN = {two: one for one in map(chr, range(0x900, 0xB80)) if (two := normalize("NFC", one)) != one}
"""Letters of India that a text may hold in one sign, though no normal form does."""


def unmarked(text: str) -> str:
    """Return SQL for a text without direction marks."""
    return f"replace(replace({text}, chr(8206), ''), chr(8207), '')"


def bare(text: str) -> str:
    """Return SQL for a text without direction marks, in normal form C."""
    return f"nfc_normalize({unmarked(text)})"


def is_one(text: str, words: Iterable[str]) -> str:
    """Return SQL for whether a bare text is one of some phrases, as spelt."""
    return f"{text} IN ({', '.join(literal(word) for word in dict.fromkeys(words))})"


def is_one_marked(text: str, words: Iterable[str]) -> str:
    """Return SQL for whether a bare text is one of some phrases, in any case."""
    return is_one(f"lower({text})", (word.lower() for word in words))


@cache
def _roles(*, marked: bool) -> dict[str, str]:
    """Return what each phrase says: as spelt, or in lower case for texts that bear the app's mark."""
    said = {
        "call": phrases("call_names"),
        "missed": phrases("calls"),
        "live": both_cases(phrases("live_locations")),
        **{kind: omitted(kind) for kind in FILES},
        "placeholder": phrases("placeholders"),
        "deleted": phrases("deleted"),
    }
    return {(text.lower() if marked else text): role for role, texts in said.items() for text in texts}


def with_roles(bodies: pa.Table) -> pa.Table:
    """Return a table with texts `t` and what the phrases in them say, null where they are none.

    `whole` is that of all of a text, `head` of what stands before its first comma or full stop, `ending` of what
    follows its last mark, or where none is inside, the extension of a file's name. `after` and `after_ending` are what
    follows a phrase for a file that was left out, where the text or its ending only begins with one.
    """
    # Most are one of a few phrases.
    encoded = bodies["t"].combine_chunks().dictionary_encode()
    texts = encoded.dictionary
    marked = pc.match_substring_regex(texts, f"^{BIDI}")
    plain = pc.utf8_normalize(pc.replace_substring_regex(texts, f"{BIDI}+", ""), "NFC")
    inside = pc.match_substring_regex(texts, f"(?s)^.+{BIDI}")
    behind = pc.replace_substring_regex(texts, r"(?s)^.*\.[A-Za-z0-9]{1,12}(?: • \S+(?: \S+)?)? ", "")
    ending = pc.if_else(inside, pc.replace_substring_regex(texts, f"(?s)^.*{BIDI}", ""), behind)
    ending = pc.utf8_normalize(ending, "NFC")
    head = pc.replace_substring_regex(plain, r"(?s)[.,،、，].*$", "")
    roles = {
        "whole": pc.if_else(marked, _role(plain, marked=True), _role(plain, marked=False)),
        "head": pc.if_else(marked, _role(head, marked=True), _role(head, marked=False)),
        "ending": _role(ending, marked=True),
    }
    said = pc.and_(marked, pc.is_null(roles["whole"]))
    roles["after"] = _after(pc.if_else(said, plain, None))
    roles["after_ending"] = _after(pc.if_else(pc.and_(inside, pc.is_null(roles["ending"])), ending, None))
    for name, role in roles.items():
        bodies = bodies.append_column(name, role.take(encoded.indices))
    return bodies


_LONGEST_PHRASE = 6
"""Words in the longest phrase for a file that was left out."""


def _after(texts: pa.Array) -> pa.Array:
    """Return what follows a phrase for a file that was left out, with which a text begins; null where none does."""
    found = pa.nulls(len(texts), pa.string())
    if texts.null_count == len(texts):
        return found
    for words in range(2, _LONGEST_PHRASE + 1):
        start = rf"(?s)^(?P<start>\S+(?: \S+){{{words - 1}}})(?P<rest>\s.*)$"
        parts = pc.extract_regex(texts, start)
        role = _role(pc.struct_field(parts, "start"), marked=True)
        is_file = pc.is_in(role, value_set=pa.array(FILES))
        found = pc.if_else(is_file, pc.struct_field(parts, "rest"), found)
    return pc.utf8_trim(found, " ")


def _role(texts: pa.Array, *, marked: bool) -> pa.Array:
    roles = _roles(marked=marked)
    texts = pc.utf8_rtrim(pc.utf8_lower(texts) if marked else texts, _ENDS)
    return pa.array(roles.values()).take(pc.index_in(texts, value_set=pa.array(roles)))


def is_phrase(texts: pa.Array, *, unmarked: bool) -> pa.Array:
    """Tell which texts, as they stand in a file, are a phrase that needs no mark, or any where marks were lost."""
    return pc.is_in(texts, value_set=_spelt(unmarked=unmarked))


@cache
def _spelt(*, unmarked: bool) -> pa.Array:
    """Return phrases in each way in which a file may spell them, with what may end them."""
    # What can be done about a call follows with a comma or a full stop, and only after a few of these.
    calls = (
        f"{call}{stop} {end}" for call in phrases("calls")[:4] for stop in ",." for end in phrases("call_ends")[:3]
    )
    said = [*phrases("deleted", "calls"), *calls, *both_cases(phrases("live_locations"))]
    if unmarked:
        said += [*omitted(*FILES), *phrases("placeholders")]
    forms = {form for text in said for form in (text, normalize("NFD", text), _in_one_sign(text))}
    return pa.array([form + end for form in forms for end in ("", *_ENDS.strip())])


def has(text: str, *names: str) -> str:
    """Return SQL for whether a bare text holds some parts of words, in any case."""
    return f"regexp_matches(lower({text}), {literal(normalize('NFC', word_parts(*names)))})"


def _in_one_sign(text: str) -> str:
    for two, one in _IN_ONE_SIGN.items():
        text = text.replace(two, one)
    return text
