r"""The regular expressions that find known names in a text.

A name is looked for whole, in any case, spacing or Unicode form, and word by word as it is capitalised or saved. RE2
knows neither lookaround nor Unicode's `\b`: the neighbours of a name are captured and put back, so each pattern is
applied twice, or of two names that share a neighbour the second would stay.

Names too short to be told from ordinary text (one letter or digit, emoji, a number under seven digits) are only masked
where nothing but a name can stand: after `@` and in system lines. Names that are ordinary words of the chat are masked
there too, and as they are capitalised inside a sentence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from egregora_core.privacy._name_forms import ENDING, SHORT_ENDING, STEM_ENDINGS, letters_of, runs_of
from egregora_core.privacy._name_owners import NameOwners
from egregora_core.privacy._name_terms import Kind, Spared, Term, owned_terms
from egregora_core.privacy._names import WORD_ROLES, KnownName, ordinary_names
from egregora_core.privacy._phone_patterns import phone_patterns

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
_BEFORE_MARKED = rf"((?:^|[^\pL\pN])[@#]{_ISOLATES}[0-9]*|[/=_]|[/=_?&@#][^\s/]*?[.+~-])"
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

_LONG = 8
"""Letters of a name that is also found written as one word, as in `#AnaMüller`."""

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
    """By the key of a name (`_name_owners`) the pseudonym that takes its place."""
    owners_in: Mapping[str, str]
    """The same of names that only in one chat are one person's, by chat and key."""


def name_patterns(known: Iterable[KnownName], *, keep: Collection[str] = ()) -> NamePatterns:
    """Return the patterns that find `known` names, the same for the same names in any order."""
    known = list(known)
    spared = Spared(
        frozenset(word.casefold() for word in keep),
        frozenset(entry.name for entry in known if entry.role in WORD_ROLES),
        frozenset(entry.name for entry in ordinary_names(known)),
    )
    owners = NameOwners(entry for entry in known if entry.role not in WORD_ROLES)
    terms = {term for entry in known if entry.role not in WORD_ROLES for term in owned_terms(entry, spared, owners)}
    ordered = sorted(terms, key=lambda term: (-len(term.text), term.text, term.kind))
    of_kind = {kind: [term for term in ordered if term.kind == kind] for kind in {term.kind for term in ordered}}
    short, symbols = ([_literal(term.text) for term in of_kind.get(kind, [])] for kind in ("short", "symbols"))
    loose = of_kind.get("loose", [])
    inside = [Term(term.text, "exact") for term in of_kind.get("inside", [])]
    phones = [term.text for term in of_kind.get("phone", [])]
    return NamePatterns(
        # Free terms first and alone: a bounded match starts one character earlier and would win over a longer one.
        text=(
            *_free(of_kind.get("free", [])),
            *_chunks([term for kind in _BOUNDED for term in of_kind.get(kind, [])], _BEFORE, _AFTER),
            *_chunks(inside, _BEFORE_INSIDE, _AFTER),
        ),
        marked=tuple(_chunks([*of_kind.get("handle", []), *loose], _BEFORE_MARKED, _AFTER, several=True)),
        genitives=tuple(_chunks(loose, _BEFORE, _OWNER)),
        system=tuple(_short(short, symbols, _BEFORE_SHORT, "()")),
        mention=tuple(
            _short([*short, *_any_case(of_kind.get("at", []))], symbols, f"(@{_ISOLATES})", f"(@{_ISOLATES})")
        ),
        phones=tuple(_pattern("()", "()", whole=whole) for whole in phone_patterns(phones)),
        masks_name=any(term.text.casefold() == "name" for term in ordered),
        owners_of=owners.found(),
        owners_in=owners.found_in_chats(),
    )


def _any_case(terms: Sequence[Term]) -> list[str]:
    return [f"(?i:{'|'.join(_spaced(term.text) for term in terms)})"] if terms else []


def _short(short: Sequence[str], symbols: Sequence[str], before: str, before_symbol: str) -> Iterator[str]:
    """Yield patterns of names that are found only where nothing else can stand; a symbol needs no edge after it."""
    if short:
        yield _pattern(before, _AFTER_SHORT, whole="|".join(short))
    if symbols:
        yield _pattern(before_symbol, "()", whole="|".join(symbols))


# --- regular expressions ------------------------------------------------------------------------------------------

_BOUNDED = ("phrase", "any case", "word", "short word", "exact", *(f"stem {key}" for key in STEM_ENDINGS))
"""In the order in which they are tried: whole names before words."""

_WITH_ENDING = frozenset(("phrase", "handle", "loose", "word"))
_ANY_CASE = frozenset(("phrase", "handle", "loose", "any case"))


def _shaped(kind: Kind, members: Sequence[str]) -> str:
    """Return an alternation of terms of one kind; an ending that takes letters of the name stands in it."""
    flag = "?i:" if kind in _ANY_CASE else "?:"
    ending = STEM_ENDINGS[kind.removeprefix("stem ")] if kind.startswith("stem ") else ""
    return f"({flag}{'|'.join(members)}){ending}"


def _chunks(terms: Sequence[Term], before: str, after: str, *, several: bool = False) -> Iterator[str]:
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


def _free(terms: Sequence[Term]) -> Iterator[str]:
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
