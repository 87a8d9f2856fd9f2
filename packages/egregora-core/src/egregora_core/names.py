r"""Whose names are in these messages, and the regular expressions that find them in a text.

A name is looked for whole, in any case, spacing or Unicode form, and word by word as it is capitalised. RE2 knows
neither lookaround nor Unicode's `\b`: the neighbours of a name are captured and put back, so each pattern is applied
twice, or of two names that share a neighbour the second would stay.

Names too short to be told from ordinary text (one letter or digit, emoji, a number under seven digits) are only masked
where nothing but a name can stand: after `@` and in system lines.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069~"
_WENT = (
    "left|joined|joined using .*|was added|was removed|saiu|entrou|entrou usando .*|foi adicionad.*|foi removid.*"
    "|salió.*|se unió.*|hat die Gruppe verlassen|ist .*beigetreten|a quitté.*|est parti.*|ha abbandonato.*"
)
_DID = (
    "changed the|changed this|changed their|created|turned o|pinned|criou|mudou|alterou|atualizou|creó|cambió"
    "|hat|a modifié|a créé|ha modificato"
)
_TOOK = "added|removed|adicionou|removeu|añadió a|agregó a|eliminó a|a ajouté|a retiré|ha aggiunto|ha rimosso"
_NOBODY = (
    r"(?i)^(?:you|você|tú|usted|du|sie|vous|tu|hai|je)$|^\+?[0-9]|^[^\pL]*$|[.:!?“”„]"
    r"|(?:^| )(?:the|this|these|to|group|from|your|were|members|participants?|others?|people|community|messages|code"
    r"|grupo|este|esta|gruppe|groupe|gruppo|ce|cette)(?: |$)"
)
"""What stands where a name stands, and is none."""

NAMES_SQL = rf"""
SELECT name, max(author_uuid) AS author_uuid, role FROM (
    SELECT DISTINCT author_raw AS name, author_uuid::VARCHAR AS author_uuid, 'person' AS role FROM {{messages}}
    UNION ALL SELECT DISTINCT attrs ->> '$.thread', NULL, 'title' FROM {{messages}}
    UNION ALL SELECT DISTINCT unnest(
            json_extract_string(attrs, '$.mentions[*]')
            || json_extract_string(attrs, '$.reactions[*].author')
            || [json_extract_string(attrs, '$.forwarded_from')]
        ), NULL, 'person'
        FROM {{messages}}
        WHERE contains(attrs::VARCHAR, '"mentions"') OR contains(attrs::VARCHAR, '"reactions"')
            OR contains(attrs::VARCHAR, '"forwarded_from"')
    UNION ALL SELECT DISTINCT named, NULL, 'person' FROM (
        SELECT trim(unnest(string_split_regex(concat_ws(', ',
                regexp_extract(line, '^(.+?) (?:{_WENT})\.?$', 1),
                regexp_extract(line, '^(.+?).s security code', 1),
                regexp_extract(line, '^(.+?) (?:{_DID}|{_TOOK})', 1),
                regexp_extract(line, '^.+? (?:{_TOOK}) (.+?)\.?$', 1),
                regexp_extract(line, '^.+? hat (.+) (?:hinzugefügt|entfernt)\.?$', 1)
            ), ', | and | e | y | und | et '))) AS named
        FROM (SELECT trim(translate(text, '{_MARKS}', '')) AS line FROM {{messages}} WHERE author_raw = '')
    ) WHERE length(named) BETWEEN 2 AND 40 AND NOT regexp_matches(named, '{_NOBODY}')
) WHERE name <> '' GROUP BY name, role ORDER BY name, role
"""
"""DuckDB query for the known names of a table or parenthesised SELECT `{messages}`, as rows of `KnownName`.

Whom system lines name is read from the commonest of them, in a few languages: it serves the texts of other messages,
as of the lines themselves only the words of events stay.
"""


class KnownName(NamedTuple):
    """A row of `NAMES_SQL`. A person's name is masked whole and word by word, a chat's title only whole."""

    name: str
    author_uuid: str | None = None
    role: Literal["person", "title"] = "person"


def names_of(messages: Any) -> list[KnownName]:
    """Return the known names of an ibis table of messages on DuckDB, sorted. Runs `NAMES_SQL`."""
    backend = messages.get_backend()
    query = NAMES_SQL.format(messages=f"({backend.compile(messages)})")
    return [KnownName(*row) for row in backend.con.execute(query).fetchall()]


# --- regular expressions ------------------------------------------------------------------------------------------

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that write words without spaces (or, Hangul, glue particles to a name)."""

EDGE = rf"[^\pL\pN\pM]|[{_UNSPACED}\x{{2BC}}\x{{20E3}}\x{{FE00}}-\x{{FE0F}}]"
"""What may stand beside a name: no letter, digit or accent of the name's own word. An emoji's variation selector is a
mark too, but ends no word."""

_BEFORE = rf"(^|{EDGE}|%[0-9A-Fa-f]{{2}})"
_AFTER = rf"($|{EDGE})"
_GAP = r"(?:[\s\x{A0}\x{202F}\x{2009}_.,+'’-]|%20)"
"""What may stand between the words of one name, in prose, file names and addresses."""

_ISOLATES = r"[\x{2066}-\x{2069}]?"
_CHUNK = 8_000
"""Characters of one alternation: past some 30 000, RE2 runs out of memory and is 100 times as slow."""

_PHONE_DIGITS = 7
_LONG = 8
"""Letters of a name that is also found written as one word, as in `#AnaMüller`."""

_LETTERS = 2
"""A name of so few letters is only found as it is written: Jo, never jo."""

_PARTICLES = frozenset(
    [
        "al",
        "and",
        "bin",
        "da",
        "dal",
        "das",
        "de",
        "del",
        "den",
        "der",
        "di",
        "dos",
        "dr",
        "du",
        "el",
        "for",
        "ibn",
        "jr",
        "la",
        "las",
        "le",
        "los",
        "mr",
        "mrs",
        "ms",
        "of",
        "sr",
        "st",
        "the",
        "van",
        "von",
    ]
)
"""Parts of names that name nobody by themselves."""


@dataclass(frozen=True)
class NamePatterns:
    r"""RE2 patterns for a set of names. All but `phones` have two groups, the neighbours: replace by `\1[name]\2`."""

    text: tuple[str, ...]
    """Alternations of bounded size, to be applied in this order, twice."""
    system: str | None
    """Names too short for ordinary text, for lines that the platform wrote; to be applied twice."""
    mention: str | None
    """The same after `@`."""
    phones: str | None
    """Names that are phone numbers, in any grouping."""
    masks_name: bool
    """Whether the placeholder `[name]` itself holds one of the names."""


def name_patterns(known: Iterable[KnownName], *, keep: Collection[str] = ()) -> NamePatterns:
    """Return the patterns that find `known` names, the same for the same names in any order."""
    kept = {word.casefold() for word in keep}
    terms = {term for entry in known for term in _terms(entry, kept)}
    ordered = sorted(terms, key=lambda term: (-len(term.text), term.text, term.kind))
    short, symbols = ([_literal(t.text) for t in ordered if t.kind == kind] for kind in ("short", "symbols"))
    phones = [_digits(term.text) for term in ordered if term.kind == "phone"]
    masked_after_at = "|".join([f"(?:{'|'.join(short)}){_AFTER}"] * bool(short) + symbols)
    return NamePatterns(
        # Free terms first and alone: a bounded match starts one character earlier and would win over a longer one.
        text=(*_chunks([t for t in ordered if t.kind == "free"]), *_chunks(_by_case(ordered))),
        system=_alternation(short, symbols) if short or symbols else None,
        mention=f"(@{_ISOLATES})(?:{masked_after_at}{'' if short else '|()'})" if masked_after_at else None,
        phones=f"(?:{'|'.join(phones)})" if phones else None,
        masks_name=any(term.text.casefold() == "name" for term in ordered),
    )


_Kind = Literal["any case", "exact", "free", "short", "symbols", "phone"]


class _Term(NamedTuple):
    text: str
    kind: _Kind


def _terms(entry: KnownName, kept: Collection[str]) -> Iterator[_Term]:
    """Yield what to look for: the whole name, with and without the decoration around it, then its words."""
    core = _core(entry.name)
    whole = {form for name in (entry.name.strip(), core) if name for form in _forms(name)}
    words = _words(core)
    if entry.role == "title" and len(words) == 1:
        # A chat called "Family" must not take every "family" with it.
        forms = {core, *_word_forms(core)} if core.casefold() not in kept else set()
        yield from (_Term(form, "free" if _is_unspaced(form) else "exact") for form in forms if len(form) > 1)
        yield from (term for form in whole for term in _classified(form, kept) if term.kind != "any case")
        return
    for form in whole:
        yield from _classified(form, kept)
    for word in words if entry.role == "person" else ():
        if word.casefold() not in kept:
            yield from (_Term(form, "free" if _is_unspaced(form) else "exact") for form in _word_forms(word))


def _classified(name: str, kept: Collection[str]) -> Iterator[_Term]:
    """Yield a whole name as a term of the kind that its length and script allow."""
    solid = [char for char in name if unicodedata.category(char)[0] in "LN"]
    if not any(char.isalpha() for char in solid):
        if solid:
            yield _Term(name, "phone" if sum(char.isdecimal() for char in solid) >= _PHONE_DIGITS else "short")
        elif any(unicodedata.category(char) == "So" for char in name):  # a name of mere punctuation is none
            yield _Term(name, "symbols")
    elif len(solid) == 1 or _core(name).casefold() in kept:
        yield _Term(name, "short")
    else:
        kind: _Kind = "free" if _is_unspaced(name) else "any case" if len(solid) > _LETTERS else "exact"
        yield _Term(name, kind)
        if not name.isascii():
            yield _Term(quote(name, safe=""), "any case")


def _word_forms(word: str) -> Iterator[str]:
    """Yield how a word of a name is written when it stands alone: capitalised, or as it is in a script without case."""
    size = sum(unicodedata.category(char)[0] in "LNM" for char in word)
    if word.casefold() in _PARTICLES or not any(char.isalpha() for char in word):
        return
    for form in _forms(word):
        if form.lower() == form.upper():
            if size > (_LETTERS - _is_unspaced(form)):
                yield form
        elif size > _LETTERS or (size == _LETTERS and form[0] != form[0].lower()):
            yield from {form[0].upper() + form[1:], form.capitalize(), form.upper()}


def _forms(name: str) -> set[str]:
    """Return the ways in which the same name is encoded or typed: composed, decomposed, without accents or marks."""
    clean = "".join(char for char in name if unicodedata.category(char) != "Cf")
    spelled = {name, clean, _without_accents(clean)} - {""}
    cased = {form for name in spelled for form in (name, name.upper(), name.lower(), name.casefold())}
    # Where upper() and lower() only do what RE2's (?i) does, they add nothing.
    distinct = {_folded(form): form for form in sorted(cased, key=lambda form: (form in spelled, form))}
    forms = {unicodedata.normalize(how, form) for form in distinct.values() for how in ("NFC", "NFD", "NFKC")}
    return forms | spelled | set(distinct.values())


def _folded(name: str) -> str:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in name)


def _without_accents(name: str) -> str:
    """Drop accents of Latin letters; elsewhere a mark is part of the letter."""
    if not any("LATIN" in unicodedata.name(char, "") for char in name):
        return name
    bare = "".join(char for char in unicodedata.normalize("NFD", name) if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _core(name: str) -> str:
    """Strip what only decorates a name: `~ Nina`, `Ana 🌸`, `(Bob)`."""
    runs = _runs(name)
    solid = [index for index, (is_word, _) in enumerate(runs) if is_word]
    return "".join(text for _, text in runs[solid[0] : solid[-1] + 1]) if solid else ""


def _words(name: str) -> list[str]:
    return [text for is_word, text in _runs(name) if is_word]


def _runs(name: str) -> list[tuple[bool, str]]:
    """Split a name into words (letters, digits, their marks and joiners) and what is between them."""
    runs = [(solid, "".join(chars)) for solid, chars in groupby(name, key=_is_solid)]
    # The joiners of an emoji make no word.
    words = [(solid and any(unicodedata.category(char)[0] in "LN" for char in text), text) for solid, text in runs]
    return [(is_word, "".join(text for _, text in run)) for is_word, run in groupby(words, key=lambda run: run[0])]


def _is_solid(char: str) -> bool:
    if char in "\u200c\u200d":  # joiners inside a word; around an emoji they do no harm
        return True
    return unicodedata.category(char)[0] in "LNM" and not "\ufe00" <= char <= "\ufe0f" and char != "\u20e3"


def _is_unspaced(name: str) -> bool:
    """Tell whether a name begins or ends in a script without word separation."""
    letters = [char for char in name if char.isalpha()]
    return bool(letters) and any(
        unicodedata.name(char, "").startswith(
            ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
        )
        for char in (letters[0], letters[-1])
    )


def _by_case(ordered: Sequence[_Term]) -> list[_Term]:
    """Return the bounded terms, whole names before words."""
    return [term for kind in ("any case", "exact") for term in ordered if term.kind == kind]


def _chunks(terms: Sequence[_Term]) -> Iterator[str]:
    """Yield alternations of about `_CHUNK` characters at most, in the order of the terms."""
    patterns = [(term.kind, _spaced(term.text)) for term in terms]
    ends = accumulate(len(pattern) for _, pattern in patterns)
    for _, chunk in groupby(zip(ends, patterns, strict=True), key=lambda item: item[0] // _CHUNK):
        of_kind = {kind: [p for _, p in found] for kind, found in groupby((p for _, p in chunk), key=lambda p: p[0])}
        folded = [f"(?i:{'|'.join(of_kind[kind])})" for kind in ("any case", "free") if kind in of_kind]
        free = "free" in of_kind
        yield _alternation([] if free else folded + of_kind.get("exact", []), folded if free else [])


def _alternation(bounded: Sequence[str], free: Sequence[str]) -> str:
    """Return a pattern with two groups, the neighbours: of `bounded` what they are, of `free` nothing."""
    parts = [f"{_BEFORE}(?:{'|'.join(bounded)}){_AFTER}"] if bounded else ["()()[^\\s\\S]"]
    return "|".join(parts + [f"(?:{'|'.join(free)})"] * bool(free))


def _spaced(name: str) -> str:
    """Return the pattern of a name: its words, with any usual separator where the name has one."""
    runs = _runs(name)
    least = 0 if sum(len(text) for is_word, text in runs if is_word) >= _LONG else 1
    parts = []
    for index, (is_word, text) in enumerate(runs):
        inner = not is_word and 0 < index < len(runs) - 1
        usual = inner and all(char.isspace() or char in "_.,+'’-" for char in text)
        parts.append(f"{_GAP}{{{least},{max(3, len(text))}}}" if usual else _literal(text))
    return "".join(parts)


def _digits(name: str) -> str:
    digits = [str(unicodedata.decimal(char)) for char in name if char.isdecimal()]
    return r"\+?(?:[\x{202A}-\x{202E}\x{2066}-\x{2069}])?" + r"[^\pL\pN]{0,3}".join(digits)


def _literal(text: str) -> str:
    return "".join(
        char if char.isalnum() or not (char.isascii() or char.isspace()) else f"\\x{{{ord(char):X}}}" for char in text
    )
