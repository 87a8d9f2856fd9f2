"""How one and the same name is written: cased, composed, without accents, in English letters, and what may end it."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from egregora_core.privacy._ordinary_words import ALL_WORDS

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")

_BASE = str.maketrans(
    dict(zip("łøđðħıŁØĐÐĦİ", "loddhiLODDHI", strict=True)) | {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Latin letters that Unicode does not take apart."""

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)

_LATIN_ENDINGS = """
    s es n en ns ens a an ä än in on ın un ün lla llä lle lta ltä ssa ssä sta stä ksi nak nek val vel ban ben ra re hoz
    hez höz tól től ról ről nál nél ot ék nin nın nun nün ye ya yi yı yu yü de da te ta den dan ten tan le la yle yla
    ler lar i ı u ü e em om ie ę ą owi ovi ów ov ova ovo ove ů y ului ul ei ae us um orum is ui ga st
    ille illa illä ilta iltä issa issä ista istä iin iksi
    iem
"""
_CYRILLIC_ENDINGS = """
    а я ь й о у ю ом ем ём е ы и і ї ой ей ою ею ов ова ову овой овы ев ева еву евой евы ин ина ину иной ины ові еві ам
    ами ах ым ом ого ому ых ыми
"""
ENDINGS = [*_LATIN_ENDINGS.split(), *_CYRILLIC_ENDINGS.split(), "ς", "υ"]

ENDING = (
    "(?i:"
    + "|".join(sorted(ENDINGS, key=lambda ending: (-len(ending), ending)))
    + r"|\p{Georgian}{1,4}|ի|ին|ից|ով|ը|ն|ում)"
)
"""What may follow the word of a name without a break: genitives, cases and plurals of languages that have such."""

SHORT_ENDING = "[sS]"
"""The same for a word of three letters, which many other words begin with."""

STEMS = {
    "ia": ("ia", "i"),  # the rest as of Anna
    "a": ("a", "y ie ę ą ě ou o u i"),
    "ko": ("o", "a u om e"),
    "ek": ("ek", "ka kowi kiem kem ku kovi"),
    "ec": ("ec", "ca cowi cem cu covi"),
    "eł": ("eł", "ła łowi łem le łu"),
    "vel": ("el", "la lem lovi lu"),
    "rel": ("el", "la lem lovi lu"),
    "ski": ("i", "iego iemu im ich"),
    "ska": ("a", "iej"),
    "nen": ("nen", "sen sta selle sella selta sessa sesta seen set sia"),
    "or": ("r", "rral"),
    "er": ("r", "rrel"),
    "án": ("n", "nnal"),
    "in": ("n", "nnel"),
    "os": ("s", "ssal"),
    "el": ("l", "llel"),
    "ец": ("ец", "ца цу цем цом це"),
    "ок": ("ок", "ка ку ком ке"),
    "ёк": ("ёк", "ька ьку ьком"),
    "вел": ("ел", "ла лу лом ле"),
    "ий": ("ий", "ого ому им ом их"),
    "ый": ("ый", "ого ому ым ом ых"),
    "ая": ("ая", "ой ую ою"),
}
"""By how a word ends: what goes of it, and what takes its place (Anny; Markiem; Virtasen; Gáborral)."""

_STEM_KEYS = tuple(STEMS)
_KNOWN_WORDS = frozenset(ALL_WORDS)

_STEM = 3
"""Letters that are left of a word where its final vowel gives way to an ending."""


@cache
def is_inflectable(word: str) -> bool:
    """Tell whether no ending makes an ordinary word of a name's word (in small letters), as of Doe and Vera."""
    return not any(word + ending in _KNOWN_WORDS for ending in ENDINGS)


def stem_of(word: str) -> str:
    """Return the word as it stands before an ending: `Анна` and `Сергей` lose what the cases replace."""
    if len(word) > _STEM and word[-1] in "аяьйоАЯЬЙО" and "CYRILLIC" in unicodedata.name(word[-1], ""):
        return word[:-1]
    if len(word) > _STEM + 1 and word[-1] in "ςΣ":
        return word[:-1]
    return word


def stems_of(word: str) -> Iterator[tuple[str, str]]:
    """Yield what is left of a word before an ending that takes letters of it, and a key of `STEM_ENDINGS`."""
    for key, (lost, _) in STEMS.items():
        stem = word[: -len(lost)]
        is_known = any(stem.lower() + ending in _KNOWN_WORDS for ending in endings_of(key))
        if len(stem) >= _STEM and word.lower().endswith(key) and not is_known:
            yield stem, key


def least_of(word: str) -> str:
    """Return the beginning of a word that stays whatever ending follows it, also one that takes letters of it."""
    small = word.lower()
    if not small.endswith(_STEM_KEYS):
        return stem_of(word)
    cuts = [word[: -len(lost)] for key, (lost, _) in STEMS.items() if small.endswith(key)]
    return min((stem_of(word), *(cut for cut in cuts if len(cut) >= _STEM)), key=len)


def endings_of(key: str) -> list[str]:
    """Return what may follow the stem that `stems_of` yields with this key."""
    return STEMS[key][1].split()


STEM_ENDINGS = {key: f"(?i:{'|'.join(endings_of(key))})" for key in STEMS}


def forms(name: str) -> set[str]:
    """Return the ways in which the same name is encoded or cased; what may become of its accents, `letters_of` says."""
    clean = "".join(char for char in name if unicodedata.category(char) != "Cf")
    spelled = {name, clean} - {""}
    cased = {form for name in spelled for form in (name, name.upper(), name.lower(), name.casefold())}
    # Where upper() and lower() only do what RE2's (?i) does, they add nothing.
    distinct = {_folded(form): form for form in sorted(cased, key=lambda form: (form in spelled, form))}
    composed = {unicodedata.normalize(how, form) for form in distinct.values() for how in ("NFC", "NFD", "NFKC")}
    return composed | spelled | set(distinct.values())


def capitalised(word: str) -> set[str]:
    """Return how a word is written as a name: capitalised, all in capitals."""
    return {word[0].upper() + word[1:], word.capitalize(), word.upper()}


def _folded(name: str) -> str:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in name)


def without_accents(name: str) -> str:
    """Drop accents of Latin letters; elsewhere a mark is part of the letter."""
    if not _is_latin(name):
        return name
    bare = "".join(char for char in unicodedata.normalize("NFD", name) if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", bare.translate(_BASE))


_MARKED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARABIC")
"""Scripts in which people leave out marks; elsewhere a mark is part of the letter."""


def letters_of(word: str) -> list[str]:
    """Return for each letter of a word a pattern, or the letter: a mark may be missing, or stand elsewhere.

    `Ñandú` is typed Nandu, Ñandu, Nandú; `Müller` also Mueller. A decomposed letter is one of the composed word.
    """
    composed = "".join(map(_composed, re.findall(r"(?s).[\u0300-\u036f\u0653-\u0655]*", word)))
    taken = [_taken_apart(char) for char in composed]
    marks = "".join(sorted({mark for _, own in taken for mark in own}))
    return [
        _letter(char, base, own, marks) if marks or char in _ODD else char
        for char, (base, own) in zip(composed, taken, strict=True)
    ]


def _composed(letter: str) -> str:
    return unicodedata.normalize("NFC", letter) if len(letter) > 1 else letter


def _taken_apart(char: str) -> tuple[str, str]:
    apart = unicodedata.normalize("NFD", char)
    base, own = apart[:1], apart[1:]
    if own and all(map(unicodedata.combining, own)) and unicodedata.name(base, "").startswith(_MARKED_SCRIPTS):
        return base, own
    return char, ""


_ODD = frozenset("łøđðħıŁØĐÐĦİßæœþåÅ")


def _letter(char: str, base: str, own: str, marks: str) -> str:
    if char in _ODD and not own:
        return f"(?:{char}|{char.translate(_BASE)}|{spelt_out(char)})"
    if not unicodedata.name(base, "").startswith(_MARKED_SCRIPTS):
        return char
    found = {base, char, *(unicodedata.normalize("NFC", base + mark) for mark in marks)}
    one = "".join(sorted(letter for letter in found if len(letter) == 1))
    letter = f"[{one}]" if len(one) > 1 else one
    if not own:
        return letter
    loose = f"{letter}[{marks}]{{0,{len(own)}}}"
    spelt = {spelt_out(char), spelt_out(char).upper()} if base.isupper() else {spelt_out(char)}
    longer = sorted(text for text in spelt if len(text) > 1)
    return f"(?:{'|'.join([loose, *longer])})" if longer else loose


def spelt_out(name: str) -> str:
    """Return a name as who has no such letters writes it: Mueller, Soerensen, Strasse."""
    if not _is_latin(name):
        return name
    return without_accents(unicodedata.normalize("NFC", name).translate(_UMLAUTS))


def _is_latin(name: str) -> bool:
    return any("LATIN" in unicodedata.name(char, "") for char in name)


def core_of(name: str) -> str:
    """Strip what only decorates a name: `~ Nina`, `Ana 🌸`, `(Bob)`."""
    runs = runs_of(name)
    solid = [index for index, (is_word, _) in enumerate(runs) if is_word]
    return "".join(text for _, text in runs[solid[0] : solid[-1] + 1]) if solid else ""


def words_of(name: str) -> list[str]:
    """Return the words of a name: letters and digits with their marks."""
    return [text for is_word, text in runs_of(name) if is_word]


def runs_of(name: str) -> list[tuple[bool, str]]:
    """Split a name into words (letters, digits, their marks and joiners) and what is between them."""
    runs = [(solid, "".join(chars)) for solid, chars in groupby(name, key=_is_solid)]
    # The joiners of an emoji make no word.
    words = [(solid and any(unicodedata.category(char)[0] in "LN" for char in text), text) for solid, text in runs]
    return list(_joined(words))


def _joined(words: list[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    for is_word, run in groupby(words, key=lambda run: run[0]):
        yield is_word, "".join(text for _, text in run)


def _is_solid(char: str) -> bool:
    if char in "\u200c\u200d":  # joiners inside a word; around an emoji they do no harm
        return True
    return unicodedata.category(char)[0] in "LNM" and not "\ufe00" <= char <= "\ufe0f" and char != "\u20e3"


def is_unspaced(name: str) -> bool:
    """Tell whether a name begins or ends in a script without word separation."""
    letters = [char for char in name if char.isalpha()]
    return bool(letters) and any(unicodedata.name(char, "").startswith(_UNSPACED) for char in (letters[0], letters[-1]))
