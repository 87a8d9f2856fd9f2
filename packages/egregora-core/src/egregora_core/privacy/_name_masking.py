"""Names out of a text: the one place where the patterns of `_name_patterns.py` are put to use, in the engine.

A name is marked where it stands, and what was marked becomes a pseudonym or a label once all are found.

A text in which names may be spelt so that no pattern meets them (percent-encoded in an address, split by invisible
characters, in full-width letters) is looked at twice, as it is and in plain letters, side by side in one string; it is
replaced by the plain one where names show in that.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from egregora_core.privacy._name_owners import (
    AMBIGUOUS,
    ENDED,
    IN_CHAT,
    LETTERS_IN_CHAT,
    NAME,
    NOBODY,
    STEM,
    Lexicon,
    for_each,
    key_sql,
    value_in,
)
from egregora_core.privacy._name_patterns import CLOSE, EDGE, HAS_OWNER, MARK, OPEN, WHOSE, NamePatterns
from egregora_core.privacy._pii import LABELS

_ISOLATED_MENTION = r"@\x{2068}([^\x{2069}\n]+)\x{2069}"
_ANY_MARK = rf"{OPEN}[^{CLOSE}]*{CLOSE}"
_INSIDE = rf"({OPEN}[^{OPEN}{CLOSE}]*){OPEN}([^{OPEN}-{CLOSE}]*){WHOSE}([^{OPEN}{CLOSE}]*){CLOSE}"
"""A mark inside of another one."""
_DEPTH = 4

VEIL, UNVEIL = "\x05", "\x06"
"""Stand around a veiled pseudonym."""
_PHONE_DIGITS = 7
_IN_ADDRESS = rf"((?i:[a-z]://|www\.)[^\s{OPEN}]*){_ANY_MARK}"
_ADDRESS_NAMES = 3
"""So many names in one web address are looked for; they stay `[name]`, or the address would have blanks in it."""

_VEILED = 0xF0000
"""Added to each character of a pseudonym until nothing looks for names and numbers any more: no pattern means these."""

_SIDE = "\x02\n\x02"
"""Stands between a text and its plain form; no name reaches over it."""

_INVISIBLE = r"[\x{AD}\x{34F}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]"
_SPLIT = rf"([\pL\pM]){_INVISIBLE}+([\pL\pM])"
_FANCY = {
    code: plain
    for ranges in ((0x2460, 0x2500), (0xFF01, 0xFF5F), (0x1D400, 0x1D800), (0x1F130, 0x1F150))
    for code in range(*ranges)
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1 and plain.isascii()
}
"""Letters and digits of other widths and styles, by what they are."""

_ENCODED = "%(?:[2-7][0-9A-Fa-f]|[CcDd][0-9A-Fa-f]|[EeFf][0-9A-Fa-f])"
_ODD = (
    rf"[\x05-\x07{OPEN}-{CLOSE}]|{_ENCODED}|[\pL\pM]{_INVISIBLE}+[\pL\pM]"
    r"|[\x{2460}-\x{24FF}\x{FF01}-\x{FF5E}\x{1D400}-\x{1D7FF}]"
)
_HEX, _TAIL = "[0-9A-Fa-f]", "%25([89ABab][0-9A-Fa-f])"
_VALID = (
    (rf"%25([2-7]{_HEX})", r"%\1"),
    (rf"%25([Cc][2-9A-Fa-f]|[Dd]{_HEX}){_TAIL}", r"%\1%\2"),
    (rf"%25([Ee][1-9A-CEFa-cef]){_TAIL}{_TAIL}", r"%\1%\2%\3"),
    (rf"%25([Ee]0)%25([ABab]{_HEX}){_TAIL}", r"%\1%\2%\3"),
    (rf"%25([Ff]0)%25([9ABab]{_HEX}){_TAIL}{_TAIL}", r"%\1%\2%\3%\4"),
)
"""What is decoded: the sequences that are UTF-8 and no control character; for all else the engine would fail."""


def mask_names(table: Any, patterns: NamePatterns) -> Any:
    """Return a table in whose `clean_text` each known name, wherever people wrote it, is marked (`MARK`).

    Each step is a column: used more than once, an expression would be written, and run, more than once.
    """
    text = table.clean_text.re_replace(_ISOLATED_MENTION, rf"@{EDGE}{OPEN}\1{WHOSE}{CLOSE}{EDGE}")
    for pattern in patterns.phones:
        text = text.re_replace(pattern, MARK)
    for pattern in patterns.mention:
        text = text.re_replace(pattern, MARK)
    text = twice(text, (*patterns.text, *patterns.marked))
    if patterns.masks_name:
        text = text.re_replace(rf"(?i)\[+{EDGE}{OPEN}name{WHOSE}{CLOSE}{EDGE}\]+", "[name]")
    table = table.mutate(clean_text=text)
    if patterns.genitives:
        owned = twice(table.clean_text, patterns.genitives)
        table = table.mutate(clean_text=table.clean_text.re_search(HAS_OWNER).ifelse(owned, table.clean_text))
    return table


def twice(text: Any, patterns: Iterable[str]) -> Any:
    """Mark what patterns find, with all of them two times."""
    patterns = list(patterns)
    for pattern in (*patterns, *patterns):
        text = text.re_replace(pattern, MARK)
    return text


def put_labels(text: Any) -> Any:
    """Return a text with `[name]` and `[phone]` for the names that are marked."""
    digits = rf"[^\pL]*(?:\pN[^\pL]*){{{_PHONE_DIGITS},}}"
    return _one_mark_each(text).re_replace(rf"{OPEN}{digits}{WHOSE}{CLOSE}", "[phone]").re_replace(_ANY_MARK, "[name]")


def _one_mark_each(text: Any) -> Any:
    """Return a text in which no mark is inside of another one, nor beside an edge."""
    text = text.replace(EDGE, "")
    for _ in range(_DEPTH):
        text = text.re_replace(_INSIDE, r"\1\2\3")
    return text


def put_pseudonyms(table: Any, patterns: NamePatterns) -> Any:
    """Return a table whose `clean_text` has the veiled pseudonym, or a label, for each name that is marked.

    A veiled pseudonym stands between `VEIL` and `UNVEIL`, in characters that no later pattern means.
    """
    columns = [name for name in table.columns if name != "clean_text"]
    single = _one_mark_each(table.clean_text)
    for _ in range(_ADDRESS_NAMES):
        single = single.re_replace(_IN_ADDRESS, r"\1[name]")
    lexicon = Lexicon(patterns.owners_of)
    table = table.mutate(found=table.clean_text.contains(OPEN).ifelse(single, _null("string")), all=lexicon.column())
    table = _named(table, lexicon)
    if patterns.owners_in:
        table = _named_in_chat(table, Lexicon(patterns.owners_in, LETTERS_IN_CHAT))
    # The first name is empty: it stands for what is before the first mark.
    text = for_each(
        lambda whose, name, rest: (name == "").ifelse("", _written(whose, name)) + rest,
        table.named,
        table.names,
        table.rests,
    ).join("")
    return table.select(*columns, clean_text=table.found.notnull().ifelse(text, table.clean_text))


_APART, _ENDED = "\x06", "\x07"
"""Stand between keys, and before an ending, in the one text that makes keys of all names of a message."""


def _marks_alone(text: Any) -> Any:
    return text.re_replace(f"(?:^|{CLOSE})[^{OPEN}]*(?:{OPEN}|$)", _APART).replace(WHOSE, _ENDED)


def _named(table: Any, lexicon: Lexicon) -> Any:
    """Return a table with lists: `names` that are marked (keys), `rests` after each, and `named`, what each stands for.

    No regular expression is inside a lambda, for which the engine would compile it for each batch of rows, and nothing
    is in two places of one: there it would be done twice. That is why there are so many columns.
    """
    table = table.mutate(
        names=key_sql(_marks_alone(table.found)).split(_APART),
        rests=table.found.split(OPEN).map(lambda part: part.split(CLOSE)[part.contains(CLOSE).cast("int64")]),
    )
    chosen = lexicon.chosen(table["all"], table.names.map(lambda name: name.replace(_ENDED, "")))
    table = table.mutate(buckets=table.found.notnull().ifelse(chosen, _null("array<string>")))
    whole = for_each(
        lambda name, bucket, _: value_in(bucket, NAME + name.replace(_ENDED, "")),
        table.names,
        table.buckets,
        table.names,
    )
    named = for_each(
        lambda name, bucket, whose: (whose == "").ifelse(_with_ending(name, bucket), whose),
        table.names,
        table.buckets,
        whole,
    )
    return table.mutate(named=named)


def _named_in_chat(table: Any, lexicon: Lexicon) -> Any:
    """Return the table with `named` told where a name is several people's, of whom one alone is in the chat."""
    begin = table.thread_id.cast("string") + IN_CHAT
    table = table.mutate(
        all=lexicon.column(),
        names_here=(begin + key_sql(_marks_alone(table.found)).replace(_APART, _APART + begin)).split(_APART),
    )
    chosen = lexicon.chosen(table["all"], table.names_here.map(lambda name: name.replace(_ENDED, "")))
    table = table.mutate(buckets=table.found.notnull().ifelse(chosen, _null("array<string>")))
    named = for_each(
        lambda name, bucket, whose: (whose == AMBIGUOUS).ifelse(_here(name, bucket), whose),
        table.names_here,
        table.buckets,
        table.named,
    )
    return table.mutate(named=named).drop("names_here")


def _here(name: Any, bucket: Any) -> Any:
    whole = value_in(bucket, NAME + name.replace(_ENDED, ""))
    return (whole == "").ifelse(value_in(bucket, STEM + name.split(_ENDED)[0]), whole)


def _null(kind: str) -> Any:
    import ibis

    return ibis.null(kind)


def _with_ending(name: Any, bucket: Any) -> Any:
    """Return whose a name, `stem _ENDED ending`, is if it is one with an ending."""
    stem = value_in(bucket, STEM + name.split(_ENDED)[0])
    ended = value_in(bucket, ENDED + name.replace(_ENDED, ""))
    told = stem.isin(["", ended]) & (ended != AMBIGUOUS)
    return (ended == "").ifelse(stem, told.ifelse(ended, NOBODY))


def _written(value: Any, name: Any) -> Any:
    """Return what takes the place of a name: the pseudonym, or a label where it is nobody's alone."""
    is_number = (name.length() > _PHONE_DIGITS) & (name.translate("0123456789" + _ENDED, "") == "")
    return value.isin(["", AMBIGUOUS, NOBODY]).ifelse(is_number.ifelse("[phone]", "[name]"), VEIL + value + UNVEIL)


def veiled(pseudonym: str) -> str:
    """Return a pseudonym in characters that mean nothing to any pattern."""
    return "".join(chr(_VEILED + ord(char)) for char in pseudonym)


def unveiled(text: Any, pseudonyms: Iterable[str]) -> Any:
    """Return a text with its veiled pseudonyms, which are some of these, as they are read."""
    plain = "".join(sorted(set("".join(pseudonyms))))
    return text.contains(VEIL).ifelse(text.translate(veiled(plain) + VEIL + UNVEIL, plain), text)


def count_names(text: Any) -> Any:
    """Return how many veiled pseudonyms are in a text."""
    return text.length() - text.replace(VEIL, "").length()


def both_forms(text: Any) -> Any:
    """Return a text; followed by its plain form where it has what a plain text has not."""
    kept = text.re_replace(rf"[\x02\x05-\x07{OPEN}-{CLOSE}]", "")
    return text.re_search(_ODD).ifelse(kept + _SIDE + _plain(kept), text)


def better_form(text: Any) -> Any:
    """Return of what `both_forms` made, after masking, the plain form where it shows as much as the other, or more."""
    import ibis

    forms = text.split(_SIDE)
    raw, plain = _labels(forms[0]), _labels(forms[1])
    shows = plain >= ibis.greatest(raw, 1)
    return text.contains(_SIDE).ifelse(shows.ifelse(forms[1], forms[0]), text)


def _labels(text: Any) -> Any:
    """Return how many labels are in a text that holds no U+0002."""
    marked = text.re_replace(rf"\[(?:{'|'.join(LABELS)})\]|{VEIL}[^{UNVEIL}]*{UNVEIL}", "\x02")
    return marked.length() - marked.replace("\x02", "").length()


def _plain(text: Any) -> Any:
    for _ in range(2):  # an address inside an address is encoded twice
        text = _decoded(text)
    for _ in range(2):  # two gaps may share the letter between them
        text = text.re_replace(_SPLIT, r"\1\2")
    return text.translate("".join(map(chr, _FANCY)), "".join(_FANCY.values()))


def _decoded(text: Any) -> Any:
    import ibis

    @ibis.udf.scalar.builtin(signature=(("string",), "string"))
    def url_decode(text): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    text = text.replace("%", "%25")
    for pattern, replacement in _VALID:
        text = text.re_replace(pattern, replacement)
    return url_decode(text)
