"""Comparing a body with the app's own phrases, in SQL: in normal form C, which Arrow's texts are brought to here."""

from collections.abc import Iterable
from itertools import product
from unicodedata import normalize

from egregora_core.sources.whatsapp.phrases import sentences
from egregora_core.sql import literal

BIDI = r"[\x{200e}\x{200f}]"
_NUKTAS = {
    "\u0915\u093c": "\u0958",
    "\u0916\u093c": "\u0959",
    "\u0917\u093c": "\u095a",
    "\u091c\u093c": "\u095b",
    "\u0921\u093c": "\u095c",
    "\u0922\u093c": "\u095d",
    "\u092b\u093c": "\u095e",
    "\u09a1\u09bc": "\u09dc",
    "\u09a2\u09bc": "\u09dd",
    "\u09af\u09bc": "\u09df",
}
"""Letters that a text may hold in one sign, though no normal form does."""


def bare(text: str) -> str:
    """Return SQL for a text without direction marks, in normal form C."""
    return f"nfc_normalize(regexp_replace({text}, '{BIDI}+', '', 'g'))"


def is_one(text: str, phrases: Iterable[str]) -> str:
    """Return SQL for whether a bare text is one of some phrases, as spelt."""
    return f"{text} IN ({', '.join(literal(phrase) for phrase in dict.fromkeys(phrases))})"


def is_one_marked(text: str, phrases: Iterable[str]) -> str:
    """Return SQL for whether a bare text is one of some phrases, in any case."""
    return is_one(f"lower({text})", (phrase.lower() for phrase in phrases))


def spelt(phrases: Iterable[str]) -> list[str]:
    """Return phrases in each way in which a raw text may spell them, with what may end them."""
    forms = dict.fromkeys(
        form
        for phrase in phrases
        for form in (normalize("NFC", phrase), normalize("NFD", phrase), _in_one_sign(normalize("NFC", phrase)))
    )
    return [form + end for form, end in product(forms, ("", ".", "。", "।", "۔"))]


def both_cases(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return phrases as they are given and as sentences."""
    given = tuple(phrases)
    return (*given, *sentences(given))


def has(text: str, stems: str) -> str:
    """Return SQL for whether a bare text holds one of some stems, in any case."""
    return f"regexp_matches(lower({text}), {literal(normalize('NFC', stems))})"


def _in_one_sign(text: str) -> str:
    for two, one in _NUKTAS.items():
        text = text.replace(two, one)
    return text
