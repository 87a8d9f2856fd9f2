r"""Which of many known names may be in a tenant's messages at all: for the others no pattern is made.

A name is left out only where no text has a word of it, whatever its case, accents, ending or neighbours; so what
privacy costs depends on the names that occur, not on all that are known. It is found out for all messages at once: how
overlapping names are told apart depends on which are looked for, and a message is to be masked alike in every batch.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from egregora_core.privacy._name_forms import (
    forms,
    is_unspaced,
    least_of,
    spelt_out,
    without_accents,
    words_of,
)
from egregora_core.privacy._name_owners import key_of
from egregora_core.privacy._name_patterns import ENDS_NO_WORD, UNSPACED
from egregora_core.privacy._name_terms import PARTICLES, PHONE_DIGITS
from egregora_core.privacy._names import WORD_ROLES, KnownName
from egregora_core.privacy._ordinary_words import FUNCTION_WORDS
from egregora_core.privacy._phone_patterns import ways

_FEW = 64
"""So many names are looked for in every text: to find out which occur would take longer."""

_SAME = {
    char: folded
    for char in map(chr, range(0x80, 0x2000))
    if len(folded := char.casefold()) == 1 and folded != char.lower()
} | {"ς": "σ"}
"""Letters that patterns take for others whatever their case, by these: `ſ` is an `s`."""
_JOINERS = "\u200c\u200d"
_SHORTEST = 3
"""Letters of a word that is also found inside of a run of letters, as in `@quistana`."""
_BEGINS = (5, 4, 3)


def marked(texts: Any, known: Iterable[KnownName]) -> list[KnownName]:
    """Return the names with `occurs` as it is: a word, or the number, is in `clean_text` of an ibis table on DuckDB.

    Words that are no names, and names that are found by other signs than words, may always occur; so may few names.
    """
    known = list(known)
    if not are_many(known):
        return known
    probes = [_probes(entry) for entry in known]
    texts = texts.select("clean_text")
    of_sign = {sign: {probe for each in probes for probe in each or () if probe[0] == sign} for sign in "=-+#"}
    found = _words_found(of_sign["="], of_sign["-"], values_of(texts, _WORDS))
    found |= _numbers_found(of_sign["+"], values_of(texts, _NUMBERS)) if of_sign["+"] else set()
    found |= _pairs_found(of_sign["#"], values_of(texts, _PAIRS)) if of_sign["#"] else set()
    return [
        entry._replace(occurs=each is None or not found.isdisjoint(each))
        for entry, each in zip(known, probes, strict=True)
    ]


def are_many(known: Iterable[KnownName]) -> bool:
    """Tell whether there are so many names that only those are looked for that occur."""
    return sum(entry.role not in WORD_ROLES for entry in known) > _FEW


def values_of(rows: Any, sql: str) -> list[str]:
    """Return a column of what a query finds now in an ibis table on DuckDB, which stands in it as `{rows}`."""
    backend = rows.get_backend()
    found = backend.con.execute(sql.replace("{rows}", f"({backend.compile(rows)})")).fetchall()
    return [value for (value,) in found]


_TEXT = f"lower(strip_accents(regexp_replace(clean_text, '%[0-9A-Fa-f]{{2}}|{ENDS_NO_WORD}', ' ', 'g')))"
_FOLDED = f"translate({_TEXT}, '{''.join(_SAME)}{_JOINERS}', '{''.join(_SAME.values())}')"
_WORDS = f"""
    SELECT DISTINCT unnest(regexp_extract_all({_FOLDED}, '[\\pL\\pN]+'))
    FROM (SELECT DISTINCT unnest(string_split(clean_text, ' ')) AS clean_text FROM {{rows}})"""
"""All words of the texts, without accents, in small letters."""
_NUMBERS = f"""
    SELECT DISTINCT digits FROM (SELECT regexp_replace(clean_text, '[^0-9]+', '', 'g') AS digits FROM {{rows}})
    WHERE length(digits) >= {PHONE_DIGITS}"""
_PAIRS = f"""
    SELECT DISTINCT unnest(list_transform(range(1, length(run)), lambda place: run[place:place + 1])) FROM (
        SELECT DISTINCT unnest(regexp_extract_all(lower(strip_accents(clean_text)), '[{UNSPACED}]{{2,}}')) AS run
        FROM {{rows}} WHERE clean_text IS NOT NULL)"""
"""All pairs of letters of scripts that write words without spaces."""


# --- what shows that a name may be there --------------------------------------------------------------------------


def _probes(entry: KnownName) -> set[str] | None:
    """Return what of a name is surely in a text that names it, of which one is enough; None where nothing is sure.

    `=anna`: in a run of letters; `-ann`: as its beginning; `+5551234`: in the digits of a text; `#李明`: a name in such
    a script, of which each pair of letters must be there.
    """
    if entry.role in WORD_ROLES:
        return None
    words = [word for word in _split(entry.name) if not word.isdecimal()]
    if not words:
        digits = ways(entry.name)[-1]
        return {f"+{digits}"} if len(digits) >= PHONE_DIGITS else None
    telling = [word for word in words if word.casefold() not in PARTICLES and len(word) > 1]
    telling = [word for word in telling if word not in FUNCTION_WORDS] or telling
    if not any(map(_is_long, telling)):
        return None
    return {probe for word in telling for probe in _probes_of(word)}


def _split(name: str) -> list[str]:
    return re.findall("[A-Za-z0-9]+", name) if name.isascii() else words_of(name)


def _is_long(word: str) -> bool:
    return len(word) >= _SHORTEST if word.isascii() else len(key_of(word)) >= _SHORTEST - is_unspaced(word)


@lru_cache(100_000)
def _probes_of(word: str) -> frozenset[str]:
    if word.isascii():
        return _probes_of_form(word)
    if any(map(is_unspaced, word)):
        return frozenset(f"#{run}" for form in forms(word) for run in _unspaced_runs(key_of(form)))
    return frozenset(probe for form in forms(word) for probe in _probes_of_form(form))


def _probes_of_form(word: str) -> frozenset[str]:
    whole = (f"={key}" for key in _keys(word))
    if any(map(str.isdecimal, word)):
        return frozenset(whole)
    return frozenset((*whole, *(f"-{key}" for key in _keys(least_of(word)))))


def _unspaced_runs(key: str) -> list[str]:
    return "".join(char if is_unspaced(char) else " " for char in key).split()


def _keys(word: str) -> set[str]:
    """Return what a word is in a text without accents and in small letters, also as it is spelt without its letters."""
    if word.isascii():
        return {word.lower()}
    return {
        "".join(_SAME.get(char, char) for char in key_of(form))
        for form in (word, without_accents(word), spelt_out(word))
    }


# --- which of them are there --------------------------------------------------------------------------------------


def _words_found(whole: Collection[str], begin: Collection[str], words: Iterable[str]) -> set[str]:
    beginnings = {probe[1:] for probe in begin}
    lengths = sorted({len(beginning) for beginning in beginnings})
    inside: dict[int, dict[str, list[str]]] = {size: defaultdict(list) for size in _BEGINS}
    for probe in whole:
        if len(probe) > _SHORTEST:
            size = min(len(probe) - 1, _BEGINS[0])
            inside[size][probe[1 : size + 1]].append(probe[1:])
    found: set[str] = set()
    for word in words:
        for piece in re.split(r"\d+", word) if any(map(str.isdecimal, word)) else (word,):
            found.update(f"-{piece[:size]}" for size in lengths if piece[:size] in beginnings)
            if f"={piece}" in whole:
                found.add(f"={piece}")
        for size, begins in inside.items():
            for place in range(len(word) - size + 1) if begins else ():
                hits = begins.get(word[place : place + size], ())
                found.update(f"={hit}" for hit in hits if word.startswith(hit, place))
    return found


def _numbers_found(probes: Iterable[str], digits: Sequence[str]) -> set[str]:
    wanted = defaultdict(list)
    for probe in probes:
        wanted[probe[1 : PHONE_DIGITS + 1]].append(probe)
    return {
        probe
        for text in digits
        for place in range(len(text) - PHONE_DIGITS + 1)
        for probe in wanted.get(text[place : place + PHONE_DIGITS], ())
        if text.startswith(probe[1:], place)
    }


def _pairs_found(probes: Iterable[str], pairs: Iterable[str]) -> set[str]:
    there = set(pairs)
    return {probe for probe in probes if all(probe[place : place + 2] in there for place in range(1, len(probe) - 1))}
