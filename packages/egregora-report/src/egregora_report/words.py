"""What a word, an emoji and a link are, for the engine's regular expressions (RE2); and the words that say nothing."""

from collections.abc import Sequence

WORD = r"[\p{L}\p{M}][\p{L}\p{M}\p{N}_'’-]*[\p{L}\p{M}\p{N}]|\p{L}"
"""A word: letters, with apostrophes and hyphens inside."""

URL = r"(?i:https?://|www\.)\S+"
PLACEHOLDER = r"\[[a-z -]{2,24}\]"
"""What stands where privacy took something out."""

_PICTURE = r"[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}\x{2B50}\x{2B55}\x{2B1B}\x{2B1C}\x{231A}\x{231B}\x{23E9}-\x{23F3}\x{1F004}\x{1F0CF}\x{1F170}-\x{1F251}\x{203C}\x{2049}]"
_CHANGED = r"(?:\x{FE0F}|[\x{1F3FB}-\x{1F3FF}])?"
EMOJI = (
    r"[\x{1F1E6}-\x{1F1FF}]{2}|[0-9#*]\x{FE0F}?\x{20E3}|"
    rf"{_PICTURE}{_CHANGED}(?:\x{{200D}}{_PICTURE}{_CHANGED})*"
)
"""One emoji, with its skin and its family."""


def languages() -> Sequence[str]:
    """Return the languages whose common words are known."""
    from stop_words import AVAILABLE_LANGUAGES

    return [str(name) for name in AVAILABLE_LANGUAGES]


def common_words(language: str) -> frozenset[str]:
    """Return the words that say nothing of who uses them."""
    from stop_words import get_stop_words

    return frozenset(word.lower() for word in get_stop_words(language))
