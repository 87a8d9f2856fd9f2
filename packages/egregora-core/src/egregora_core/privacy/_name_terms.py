"""What is looked for of a name: the whole of it, its words, and how each is written; and what may stand around that."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from egregora_core.privacy._name_forms import (
    capitalised,
    core_of,
    forms,
    is_inflectable,
    is_unspaced,
    stem_of,
    stems_of,
    without_accents,
    words_of,
)
from egregora_core.privacy._name_owners import NameOwners
from egregora_core.privacy._names import KnownName
from egregora_core.privacy._ordinary_words import FUNCTION_WORDS
from egregora_core.privacy._phone_patterns import ways

PHONE_DIGITS = 7
_LONGEST_HANDLE = 3
"""Words before the last name whose initials are found before it."""
_LAST = 4
"""Letters of a last name that is found behind initials: with fewer, many words are made so."""
_LETTERS = 2
"""A name of so few letters is only found as it is written: Jo, never jo."""

# fmt: off
PARTICLES = frozenset((
    "al", "and", "bin", "da", "dal", "das", "de", "del", "den", "der", "di", "dos", "dr", "du", "el", "for",
    "ibn", "jr", "la", "las", "le", "los", "mr", "mrs", "ms", "of", "sr", "st", "the", "van", "von",
))
# fmt: on
"""Parts of names that name nobody by themselves."""


Kind = str
"""What may stand around a term, and how it may be written; `_name_patterns` says it of each."""


class Term(NamedTuple):
    text: str
    kind: Kind


@dataclass(frozen=True)
class Spared:
    """Words that are left alone where they may be words."""

    kept: frozenset[str]
    ordinary: frozenset[str]
    names: frozenset[str]
    """Names that are made of ordinary words alone."""


def owned_terms(entry: KnownName, spared: Spared, owners: NameOwners) -> Iterator[Term]:
    """Yield what to look for of a name, and note whose it is."""
    for term in _terms(entry, spared):
        if term.kind == "phone":
            whole, *at_home = ways(term.text)
            owners.add_number(entry, [whole, *at_home, *(f"0{way}" for way in at_home)])
        else:
            owners.add(entry, term.kind, term.text)
        yield term
    if entry.role != "title":
        owners.add_words(entry)


def _terms(entry: KnownName, spared: Spared) -> Iterator[Term]:
    """Yield what to look for: the whole name, with and without the decoration around it, then its words."""
    core = core_of(entry.name)
    words = words_of(core)
    names = (entry.name.strip(), core, *_turned(entry, words))
    whole = {form for name in names if name for form in forms(name)}
    if entry.name in spared.names and entry.role == "person":
        yield from _ordinary_terms(entry.name.strip(), core)
        return
    if entry.role == "title" and len(words) == 1:
        # A chat called "Family" must not take every "family" with it.
        found = {core, *_word_forms(core)} if core.casefold() not in spared.kept else set()
        yield from (Term(form, "free" if is_unspaced(form) else "exact") for form in found if len(form) > 1)
        yield from (term for form in whole for term in _classified(form, spared) if term.kind != "any case")
        return
    for form in whole:
        yield from _classified(form, spared)
    if entry.role == "title":
        return
    yield from (Term(form, "handle") for form in _handles(words, spared) if form not in spared.ordinary)
    for word in words:
        if word == word.lower() and len(words) > 1 and word in FUNCTION_WORDS:
            continue
        if word.casefold() not in spared.kept:
            yield from _word_terms(word, word.lower() in spared.ordinary)


def _turned(entry: KnownName, words: Sequence[str]) -> Iterator[str]:
    """Yield the first and last name of who writes in the other order, and of a longer name also in this one."""
    writes = (entry.role == "person" and entry.uuid is not None) or entry.role == "given"
    if writes and len(words) > 1 and not {words[0].casefold(), words[-1].casefold()} & PARTICLES:
        yield f"{words[-1]} {words[0]}"
        if len(words) > 2:  # noqa: PLR2004 - first and last
            yield f"{words[0]} {words[-1]}"


def _handles(words: Sequence[str], spared: Spared) -> Iterator[str]:
    """Yield the last name as handles have it, behind initials and its particles: `jsmith`, `jrsmith`, `delacruz`."""
    *before, last = words or [""]
    solid = not is_unspaced(last) and last.isalpha() and last.casefold() not in {*spared.kept, *PARTICLES}
    if not before or not solid or len(last) < _LAST:
        return
    particles = [word for word in before if word.casefold() in PARTICLES]
    firsts = [word for word in before if word.casefold() not in PARTICLES and word[0].isalpha()]
    initials = "".join(word[0] for word in firsts[:_LONGEST_HANDLE])
    for joined in {last, "".join((*particles, last))}:
        for form in forms(joined.lower()):
            yield from {f"{begin}{form}" for begin in (initials[:1].lower(), initials.lower()) if begin}
            if joined != last:
                yield form


def _ordinary_terms(name: str, core: str) -> Iterator[Term]:
    """Yield the terms of a name that is made of ordinary words: as a name is written, where a name can stand."""
    for form in forms(core):
        yield Term(form, "at")
        yield from (Term(cased, "inside") for cased in {form[:1].upper() + form[1:], form.title()} if form)
    if name != core:
        yield from (Term(form, "phrase") for form in forms(name))


def _word_terms(word: str, is_ordinary: bool) -> Iterator[Term]:  # noqa: FBT001 - private
    for form in _word_forms(word):
        if is_unspaced(form):
            yield Term(form, "free")
            continue
        size = len(without_accents(form))
        if size <= _LETTERS or not is_inflectable(form.lower()):
            yield Term(form, "exact")
        else:
            yield Term(stem_of(form), "word" if size > _LETTERS + 1 else "short word")
        yield from (Term(stem, f"stem {key}") for stem, key in stems_of(form))
    if not is_ordinary:
        yield from _small_terms(word)


def _small_terms(word: str) -> Iterator[Term]:
    """Yield a word of a name as it is saved, where that is in small letters, and as marked by what surrounds it."""
    size = sum(unicodedata.category(char)[0] in "LNM" for char in word)
    if size <= _LETTERS or word.casefold() in PARTICLES or is_unspaced(word) or not any(map(str.isalpha, word)):
        return
    if word == word.lower():
        yield from (Term(form, "exact") for form in forms(word) if form == form.lower())
    yield from (Term(form, "loose") for form in forms(word))


def _classified(name: str, spared: Spared) -> Iterator[Term]:
    """Yield a whole name as a term of the kind that its length and script allow."""
    solid = [char for char in name if unicodedata.category(char)[0] in "LN"]
    if not any(char.isalpha() for char in solid):
        if solid:
            yield Term(name, "phone" if sum(char.isdecimal() for char in solid) >= PHONE_DIGITS else "short")
        elif any(unicodedata.category(char) == "So" for char in name):  # a name of mere punctuation is none
            yield Term(name, "symbols")
    elif len(solid) == 1 or core_of(name).casefold() in spared.kept:
        yield Term(name, "short")
    elif is_unspaced(name):
        yield Term(name, "free")
    elif len(solid) <= _LETTERS:
        yield Term(name, "exact")
    else:
        yield Term(name, "phrase" if len(words_of(name)) > 1 else "any case")


def _word_forms(word: str) -> Iterator[str]:
    """Yield how a word of a name is written when it stands alone: capitalised, or as it is in a script without case."""
    size = sum(unicodedata.category(char)[0] in "LNM" for char in word)
    if word.casefold() in PARTICLES or not any(char.isalpha() for char in word):
        return
    for form in forms(word):
        if form.lower() == form.upper():
            if size > (_LETTERS - is_unspaced(form)):
                yield form
        elif size > _LETTERS or (size == _LETTERS and form[0] != form[0].lower()):
            yield from capitalised(form)
