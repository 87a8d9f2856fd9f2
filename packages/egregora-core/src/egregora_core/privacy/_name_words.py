"""Which words are part of somebody's name? For whoever shows single words large: titles, tags, favourite words.

Privacy leaves in a text what may be an ordinary word, as a first name in small letters. Nobody misses such a word in a
list, so here any doubt is enough: a word in any case, accent or spelling, with an ending, a digit or a letter more.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from egregora_core.privacy._name_forms import (
    ENDINGS,
    STEMS,
    core_of,
    endings_of,
    is_unspaced,
    least_of,
    spelt_out,
    without_accents,
    words_of,
)
from egregora_core.privacy._names import NAMES_SQL, NO_OTHERS, WORD_ROLES, KnownName

if TYPE_CHECKING:
    from egregora_core.storage import Connection

NameWords = Callable[[Iterable[str]], frozenset[str]]
"""Given words, returns those of them that are, or hold, a part of somebody's name."""

_SHORTEST = 2
"""Letters of a part of a name; single ones are initials, and no words."""
_WITH_ENDING = 4
"""Letters of a part that is also looked for with an ending; one with fewer only with an `s`."""
_INSIDE = 5
"""Letters of a part that is also looked for beside letters that are no ending, as in `hquistana` …"""
_BESIDE = 2
"""… so many of them."""
_INITIALS = 3
_PIECE = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_LONG_DRAWN = re.compile(r"(.)\1{2,}")


def name_words(known: Iterable[KnownName]) -> NameWords:
    """Return what picks from words those that are of a name in `known`; of a chat's title only the whole counts."""
    parts = frozenset(part for entry in known if entry.role not in WORD_ROLES for part in _parts(entry))
    longest = max((len(part) for part in parts if is_unspaced(part)), default=0)
    begins = frozenset(_begin(part) for part in parts if len(part) >= _WITH_ENDING)

    def is_of_a_name(piece: str) -> bool:
        return any(
            form in parts
            or _has_ending(form, parts, begins)
            or _has_inside(form, parts)
            or (longest and _has_unspaced(form, parts, longest))
            for form in _forms(piece)
        )

    def picked(words: Iterable[str]) -> frozenset[str]:
        return frozenset(word for word in words if any(map(is_of_a_name, _pieces(word))))

    return picked


def stored_name_words(con: "Connection", messages: str, also: str = NO_OTHERS) -> NameWords:
    """Return the same for the names in messages (a table or parenthesised SELECT) and in `also`; see `NAMES_SQL`."""
    rows = con.execute(NAMES_SQL.format(messages=messages, also=also)).fetchall()
    return name_words(KnownName(*row) for row in rows)


def _parts(entry: KnownName) -> Iterator[str]:
    """Yield each word of a name, and what handles make of them, as `_forms` writes it."""
    words = [piece for word in words_of(core_of(entry.name)) for piece in _PIECE.findall(word)]
    whole = ["".join(words)]
    if entry.role != "title":
        humps = [hump for word in words for hump in _HUMP.split(word)]
        whole += [f"{one}{other}" for one, other in pairwise(words)]
        whole += [word[1:] for word in words if is_unspaced(word) and len(word) > _SHORTEST]  # a family name is first
        whole += [words[0][1:] for _ in words[:1] if len(words) == 1 and len(words[0]) > _INSIDE]  # `aquistana`
        whole += [*words, *humps, *_handles(words), *(_handles(humps) if humps != words else ())]
    for text in dict.fromkeys(whole):
        yield from (form for form in _forms(text) if len(form) >= _SHORTEST)


def _handles(words: list[str]) -> Iterator[str]:
    """Yield first and last name together, either with the initials of the others, and all initials with the last."""
    if len(words) < 2 or any(map(is_unspaced, words)):  # noqa: PLR2004 - a first name and a last one
        return
    first, last = words[0], words[-1]
    yield from (f"{first}{last}", f"{last}{first}")
    initials = "".join(word[0] for word in words[:-1])[:_INITIALS]
    for some in {initials, initials[0]}:
        yield from (f"{some}{last}", f"{last}{some}")
    yield from (f"{first}{last[0]}", f"{last[0]}{first}")


def _pieces(word: str) -> list[str]:
    """Return the runs of letters of a word, and all of them as one: `o'brien`, `anna_1987`, `x.quistana`."""
    runs = _PIECE.findall(unicodedata.normalize("NFC", word))
    return [*runs, "".join(runs)] if len(runs) > 1 else runs


@cache
def _forms(text: str) -> frozenset[str]:
    """Return a word in small letters as it is compared: without accents, and as it is spelt without such letters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    forms = {_bare(without_accents(plain)), _bare(spelt_out(plain))}
    return frozenset({*forms, *(_LONG_DRAWN.sub(r"\1", form) for form in forms)})


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in apart if unicodedata.category(char) != "Mn"))


@cache
def _endings() -> frozenset[str]:
    all_of_them = (*ENDINGS, *(ending for key in STEMS for ending in endings_of(key)))
    return frozenset(form for ending in all_of_them for form in _forms(ending))


def _begin(part: str) -> str:
    """Return what stays of a part whatever ends it."""
    return least_of(f"{part[:-1]}ς" if part.endswith("σ") else part)


def _has_ending(form: str, parts: frozenset[str], begins: frozenset[str]) -> bool:
    if form.endswith("s") and form[:-1] in parts:
        return True
    places = range(_WITH_ENDING - 1, len(form) + 1)
    return any(form[:at] in begins and (form[at:] in _endings() or len(form) == at >= _WITH_ENDING) for at in places)


def _has_inside(form: str, parts: frozenset[str]) -> bool:
    size = len(form)
    return any(
        form[left : size - right] in parts
        for left in range(_BESIDE + 1)
        for right in range(_BESIDE + 1 - left)
        if left + right and size - left - right >= _INSIDE
    )


def _has_unspaced(form: str, parts: frozenset[str], longest: int) -> bool:
    if not any(map(is_unspaced, form)):
        return False
    return any(
        form[at : at + size] in parts for at in range(len(form)) for size in range(_SHORTEST, min(longest, 8) + 1)
    )


__all__ = ["NameWords", "name_words", "stored_name_words"]
