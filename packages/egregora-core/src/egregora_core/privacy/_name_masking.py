"""Names out of a text: the one place where the patterns of `_name_patterns.py` are put to use, in the engine.

A text in which names may be spelt so that no pattern meets them (percent-encoded in an address, split by invisible
characters, in full-width letters) is looked at twice, as it is and in plain letters, side by side in one string; it is
replaced by the plain one where names show in that.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from egregora_core.privacy._name_patterns import HAS_OWNER, NamePatterns
from egregora_core.privacy._pii import LABELS

MASK_NAME = r"\1[name]\2"
_ISOLATED_MENTION = r"@\x{2068}[^\x{2069}\n]+\x{2069}"

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
_ODD = rf"{_ENCODED}|[\pL\pM]{_INVISIBLE}+[\pL\pM]|[\x{{2460}}-\x{{24FF}}\x{{FF01}}-\x{{FF5E}}\x{{1D400}}-\x{{1D7FF}}]"
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
    """Return a table whose `clean_text` has `[name]` and `[phone]` for known names, wherever people wrote.

    Each step is a column: used more than once, an expression would be written, and run, more than once.
    """
    text = table.clean_text
    if patterns.phones:
        text = text.re_replace(patterns.phones, "[phone]")
    text = text.re_replace(_ISOLATED_MENTION, "@[name]")
    if patterns.mention:
        text = text.re_replace(patterns.mention, MASK_NAME)
    text = twice(text, (*patterns.text, *patterns.marked))
    if patterns.masks_name:
        text = text.re_replace(r"(?i)\[+name\]+", "[name]")
    table = table.mutate(clean_text=text)
    if patterns.owners:
        owned = twice(table.clean_text, patterns.owners)
        table = table.mutate(clean_text=table.clean_text.re_search(HAS_OWNER).ifelse(owned, table.clean_text))
    return table


def twice(text: Any, alternations: Iterable[str]) -> Any:
    """Apply patterns with two groups, all of them two times."""
    for pattern in (*alternations, *alternations):
        text = text.re_replace(pattern, MASK_NAME)
    return text


def both_forms(text: Any) -> Any:
    """Return a text; followed by its plain form where it has what a plain text has not."""
    return text.re_search(_ODD).ifelse(text.replace("\x02", "") + _SIDE + _plain(text.replace("\x02", "")), text)


def better_form(text: Any) -> Any:
    """Return of what `both_forms` made, after masking, the plain form where it shows as much as the other, or more."""
    forms = text.split(_SIDE)
    raw, plain = _labels(forms[0]), _labels(forms[1])
    return text.contains(_SIDE).ifelse(((plain > 0) & (plain >= raw)).ifelse(forms[1], forms[0]), text)


def _labels(text: Any) -> Any:
    """Return how many labels are in a text that holds no U+0002."""
    marked = text.re_replace(rf"\[(?:{'|'.join(LABELS)})\]", "\x02")
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
