r"""The regular expressions that find known names in a text.

A name is looked for whole, in any case, spacing or Unicode form, and word by word as it is capitalised or saved. RE2
knows neither lookaround nor Unicode's `\b`: the neighbours of a name are captured and put back, so each pattern is
applied twice, or of two names that share a neighbour the second would stay.

Names too short to be told from ordinary text (one letter or digit, emoji, a number under seven digits) are only masked
where nothing but a name can stand: after `@` and in system lines. Names that are ordinary words of the chat are masked
there too, and as they are capitalised inside a sentence.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import NamedTuple

from egregora_core.privacy._name_forms import (
    ENDING,
    SHORT_ENDING,
    STEM_ENDINGS,
    capitalised,
    core_of,
    forms,
    is_inflectable,
    is_unspaced,
    letters_of,
    runs_of,
    stem_of,
    stems_of,
    without_accents,
    words_of,
)
from egregora_core.privacy._name_owners import NameOwners
from egregora_core.privacy._names import WORD_ROLES, KnownName, ordinary_names
from egregora_core.privacy._ordinary_words import FUNCTION_WORDS
from egregora_core.privacy._phone_patterns import phone_patterns, ways

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that write words without spaces (or, Hangul, glue particles to a name)."""

ENDS_NO_WORD = rf"[{UNSPACED}\x{{2BC}}\x{{20E3}}\x{{FE00}}-\x{{FE0F}}]"
"""Letters and marks that end no word of a name: an emoji's variation selector is a mark too."""

_AFTER = rf"($|[^\pL\pM]|{ENDS_NO_WORD})"
_BEFORE = rf"(^|[^\pL\pM]|{ENDS_NO_WORD}|%[0-9A-Fa-f]{{2}})"
"""What may stand beside a name: no letter or accent of the name's own word. Digits may: `anna99`."""

_AFTER_SHORT = rf"($|[^\pL\pN\pM]|{ENDS_NO_WORD})"
_BEFORE_SHORT = rf"(^|[^\pL\pN\pM]|{ENDS_NO_WORD})"

_ISOLATES = r"[\x{2066}-\x{2069}]?"
_BEFORE_MARKED = rf"((?:^|[^\pL\pN])[@#]{_ISOLATES}|[/=_]|[/=_?&@#][^\s/]*?[.+~-])"
"""What a word of a name stands after where it is a handle, a hashtag or a part of an address or a file's name."""

_BEFORE_INSIDE = r"([\pL\pN\pM,;)\]'’][ \x{A0}]+[\x{22}'“„«(]?)"
"""What stands before a word that does not begin a sentence."""

_GAP = r"[\s\p{Zs}_.,+'’-]"
"""What may stand between the words of one name, in prose, file names and addresses."""

_OWNER = r"(['’ʼ](?:s|S|in|un|ın|nin|nun)(?:$|[^\pL\pM]))"
"""What follows a word only where it names somebody: what begins otherwise (can't, may've) does not."""

HAS_OWNER = r"\pL['’ʼ][sSiuın]"
"""Only a text that has this meets the patterns of owners."""

_CHUNK = 8_000
"""Characters of one alternation: past some 30 000, RE2 runs out of memory and is 100 times as slow."""

PHONE_DIGITS = 7
_LONG = 8
"""Letters of a name that is also found written as one word, as in `#AnaMüller`."""

_LETTERS = 2
"""A name of so few letters is only found as it is written: Jo, never jo."""

# fmt: off
PARTICLES = frozenset((
    "al", "and", "bin", "da", "dal", "das", "de", "del", "den", "der", "di", "dos", "dr", "du", "el", "for",
    "ibn", "jr", "la", "las", "le", "los", "mr", "mrs", "ms", "of", "sr", "st", "the", "van", "von",
))
# fmt: on
"""Parts of names that name nobody by themselves."""


OPEN, WHOSE, CLOSE = "\U00010600", "\U00010601", "\U00010602"
"""Stand around a name that was found, and before the ending that went with it: `OPEN Anna WHOSE s CLOSE`.

They are letters of a script that nobody can read, Linear A: beside a letter no name is looked for, so that a name is
not found again in itself. Only a name of three words may be, by the one in the middle.
"""

EDGE = "\x07"
"""Stands around each mark: beside a letter the next name would not be found."""

MARK = rf"\1{EDGE}{OPEN}\2\4\5{WHOSE}\3{CLOSE}{EDGE}\6"
"""What a match of any pattern here is replaced by: the name, marked, between its neighbours.

Groups: 1 is what stands before; 2 and 3 a name and its ending; 4 and 5 a name alone; 6 what stands after.
"""


@dataclass(frozen=True)
class NamePatterns:
    """RE2 patterns for a set of names, each to be replaced by `MARK`, and whose the names are."""

    text: tuple[str, ...]
    """Alternations of bounded size, to be applied in this order, twice."""
    marked: tuple[str, ...]
    """The same for words of names in any case, after `@` and `#` and in addresses."""
    genitives: tuple[str, ...]
    """The same for words of names in any case before a genitive: for texts with `HAS_OWNER`."""
    system: tuple[str, ...]
    """Names too short for ordinary text, for lines that the platform wrote; to be applied twice."""
    mention: tuple[str, ...]
    """The same after `@`."""
    phones: tuple[str, ...]
    """Names that are phone numbers, in any grouping; to be applied once."""
    masks_name: bool
    """Whether the placeholder `[name]` itself holds one of the names."""
    owners_of: Mapping[str, str]
    """By the key of a name (`name_owners`) the pseudonym that takes its place."""


_Kind = str
"""What may stand around a term, and how it may be written: one of `_BOUNDED`, or one that `name_patterns` handles."""


class _Term(NamedTuple):
    text: str
    kind: _Kind


@dataclass(frozen=True)
class _Spared:
    """Words that are left alone where they may be words."""

    kept: frozenset[str]
    ordinary: frozenset[str]
    names: frozenset[str]
    """Names that are made of ordinary words alone."""


def name_patterns(known: Iterable[KnownName], *, keep: Collection[str] = ()) -> NamePatterns:
    """Return the patterns that find `known` names, the same for the same names in any order."""
    known = list(known)
    spared = _Spared(
        frozenset(word.casefold() for word in keep),
        frozenset(entry.name for entry in known if entry.role in WORD_ROLES),
        frozenset(entry.name for entry in ordinary_names(known)),
    )
    owners = NameOwners(entry for entry in known if entry.role not in WORD_ROLES)
    terms = {term for entry in known if entry.role not in WORD_ROLES for term in _owned_terms(entry, spared, owners)}
    ordered = sorted(terms, key=lambda term: (-len(term.text), term.text, term.kind))
    of_kind = {kind: [term for term in ordered if term.kind == kind] for kind in {term.kind for term in ordered}}
    short, symbols = ([_literal(term.text) for term in of_kind.get(kind, [])] for kind in ("short", "symbols"))
    loose = of_kind.get("loose", [])
    inside = [_Term(term.text, "exact") for term in of_kind.get("inside", [])]
    phones = [term.text for term in of_kind.get("phone", [])]
    return NamePatterns(
        # Free terms first and alone: a bounded match starts one character earlier and would win over a longer one.
        text=(
            *_free(of_kind.get("free", [])),
            *_chunks([term for kind in _BOUNDED for term in of_kind.get(kind, [])], _BEFORE, _AFTER),
            *_chunks(inside, _BEFORE_INSIDE, _AFTER),
        ),
        marked=tuple(_chunks(loose, _BEFORE_MARKED, _AFTER, several=True)),
        genitives=tuple(_chunks(loose, _BEFORE, _OWNER)),
        system=tuple(_short(short, symbols, _BEFORE_SHORT, "()")),
        mention=tuple(
            _short([*short, *_any_case(of_kind.get("at", []))], symbols, f"(@{_ISOLATES})", f"(@{_ISOLATES})")
        ),
        phones=tuple(_pattern("()", "()", whole=whole) for whole in phone_patterns(phones)),
        masks_name=any(term.text.casefold() == "name" for term in ordered),
        owners_of=owners.found(),
    )


def _any_case(terms: Sequence["_Term"]) -> list[str]:
    return [f"(?i:{'|'.join(_spaced(term.text) for term in terms)})"] if terms else []


def _short(short: Sequence[str], symbols: Sequence[str], before: str, before_symbol: str) -> Iterator[str]:
    """Yield patterns of names that are found only where nothing else can stand; a symbol needs no edge after it."""
    if short:
        yield _pattern(before, _AFTER_SHORT, whole="|".join(short))
    if symbols:
        yield _pattern(before_symbol, "()", whole="|".join(symbols))


def _owned_terms(entry: KnownName, spared: "_Spared", owners: NameOwners) -> Iterator["_Term"]:
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


def _terms(entry: KnownName, spared: _Spared) -> Iterator[_Term]:
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
        yield from (_Term(form, "free" if is_unspaced(form) else "exact") for form in found if len(form) > 1)
        yield from (term for form in whole for term in _classified(form, spared) if term.kind != "any case")
        return
    for form in whole:
        yield from _classified(form, spared)
    if entry.role == "title":
        return
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


def _ordinary_terms(name: str, core: str) -> Iterator[_Term]:
    """Yield the terms of a name that is made of ordinary words: as a name is written, where a name can stand."""
    for form in forms(core):
        yield _Term(form, "at")
        yield from (_Term(cased, "inside") for cased in {form[:1].upper() + form[1:], form.title()} if form)
    if name != core:
        yield from (_Term(form, "phrase") for form in forms(name))


def _word_terms(word: str, is_ordinary: bool) -> Iterator[_Term]:  # noqa: FBT001 - private
    for form in _word_forms(word):
        if is_unspaced(form):
            yield _Term(form, "free")
            continue
        size = len(without_accents(form))
        if size <= _LETTERS or not is_inflectable(form.lower()):
            yield _Term(form, "exact")
        else:
            yield _Term(stem_of(form), "word" if size > _LETTERS + 1 else "short word")
        yield from (_Term(stem, f"stem {key}") for stem, key in stems_of(form))
    if not is_ordinary:
        yield from _small_terms(word)


def _small_terms(word: str) -> Iterator[_Term]:
    """Yield a word of a name as it is saved, where that is in small letters, and as marked by what surrounds it."""
    size = sum(unicodedata.category(char)[0] in "LNM" for char in word)
    if size <= _LETTERS or word.casefold() in PARTICLES or is_unspaced(word) or not any(map(str.isalpha, word)):
        return
    if word == word.lower():
        yield from (_Term(form, "exact") for form in forms(word) if form == form.lower())
    yield from (_Term(form, "loose") for form in forms(word))


def _classified(name: str, spared: _Spared) -> Iterator[_Term]:
    """Yield a whole name as a term of the kind that its length and script allow."""
    solid = [char for char in name if unicodedata.category(char)[0] in "LN"]
    if not any(char.isalpha() for char in solid):
        if solid:
            yield _Term(name, "phone" if sum(char.isdecimal() for char in solid) >= PHONE_DIGITS else "short")
        elif any(unicodedata.category(char) == "So" for char in name):  # a name of mere punctuation is none
            yield _Term(name, "symbols")
    elif len(solid) == 1 or core_of(name).casefold() in spared.kept:
        yield _Term(name, "short")
    elif is_unspaced(name):
        yield _Term(name, "free")
    elif len(solid) <= _LETTERS:
        yield _Term(name, "exact")
    else:
        yield _Term(name, "phrase" if len(words_of(name)) > 1 else "any case")


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


# --- regular expressions ------------------------------------------------------------------------------------------

_BOUNDED = ("phrase", "any case", "word", "short word", "exact", *(f"stem {key}" for key in STEM_ENDINGS))
"""In the order in which they are tried: whole names before words."""

_WITH_ENDING = frozenset(("phrase", "loose", "word"))
_ANY_CASE = frozenset(("phrase", "loose", "any case"))


def _shaped(kind: _Kind, members: Sequence[str]) -> str:
    """Return an alternation of terms of one kind; an ending that takes letters of the name stands in it."""
    flag = "?i:" if kind in _ANY_CASE else "?:"
    ending = STEM_ENDINGS[kind.removeprefix("stem ")] if kind.startswith("stem ") else ""
    return f"({flag}{'|'.join(members)}){ending}"


def _chunks(terms: Sequence[_Term], before: str, after: str, *, several: bool = False) -> Iterator[str]:
    """Yield patterns of about `_CHUNK` characters at most, in the order of the terms.

    With `several`, one or more of them may stand together, as in `@quistana`.
    """
    patterns = list(dict.fromkeys((term.kind, _spaced(term.text)) for term in terms))
    ends = accumulate(len(pattern) for _, pattern in patterns)
    for _, chunk in groupby(zip(ends, patterns, strict=True), key=lambda item: item[0] // _CHUNK):
        of_kind = {kind: [p for _, p in found] for kind, found in groupby((p for _, p in chunk), key=lambda p: p[0])}
        shaped = {kind: _shaped(kind, members) for kind, members in of_kind.items()}
        ended = "|".join(text for kind, text in shaped.items() if kind in _WITH_ENDING)
        if several:
            yield _pattern(before, after, whole=f"(?:(?:{ended})(?:{ENDING})?)+")
            continue
        whole = "|".join(text for kind, text in shaped.items() if kind not in {*_WITH_ENDING, "short word"})
        yield _pattern(before, after, ended=ended, short=shaped.get("short word", ""), whole=whole)


def _pattern(before: str, after: str, *, ended: str = "", short: str = "", whole: str = "") -> str:
    """Return a pattern with the groups that `MARK` tells of: what is empty is a group that holds nothing."""
    branches, pending = [], ""
    for part, groups, empty in (
        (ended, f"({ended})({ENDING})?", "()()"),
        (short, f"({short}){SHORT_ENDING}?", "()"),
        (whole, f"({whole})", "()"),
    ):
        if part:
            branches.append(pending + groups)
        pending = "" if part else pending + empty
    return f"{before}(?:{'|'.join(branches)}){pending}{after}"


def _free(terms: Sequence[_Term]) -> Iterator[str]:
    """Yield patterns of names that need no edge."""
    patterns = list(dict.fromkeys(_spaced(term.text) for term in terms))
    ends = accumulate(map(len, patterns))
    for _, chunk in groupby(zip(ends, patterns, strict=True), key=lambda item: item[0] // _CHUNK):
        yield _pattern("()", "()", whole=f"(?i:{'|'.join(pattern for _, pattern in chunk)})")


def _spaced(name: str) -> str:
    """Return the pattern of a name: its words, with any usual separator where the name has one."""
    runs = runs_of(name)
    least = 0 if sum(len(text) for is_word, text in runs if is_word) >= _LONG else 1
    parts = []
    for index, (is_word, text) in enumerate(runs):
        inner = not is_word and 0 < index < len(runs) - 1
        usual = inner and all(char.isspace() or char in "_.,+'’-" for char in text)
        parts.append(f"{_GAP}{{{least},{max(3, len(text))}}}" if usual else _literal(text, loose=is_word))
    return "".join(parts)


def _literal(text: str, *, loose: bool = False) -> str:
    """Return the pattern of a text: as it is, or (`loose`) with its accents or without."""
    letters = letters_of(text) if loose else text
    return "".join(
        char if len(char) > 1 or char.isalnum() or not (char.isascii() or char.isspace()) else f"\\x{{{ord(char):X}}}"
        for char in letters
    )
