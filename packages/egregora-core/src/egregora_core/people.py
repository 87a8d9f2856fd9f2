"""How a person looks on pages and in charts: a colour, and initials to put on it.

Colours are ten, people may be many: a colour helps to follow a person, the name or the initials say who it is.
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """One person's colour, as `#rrggbb`: the same hue for pages in light and in dark mode.

    As text it has a contrast of at least 4.5 (WCAG AA) on white down to `#f0f0f0` (`light`) and on black up to
    `#222222` (`dark`); as a background it has that under `INITIALS_ON_LIGHT` and `INITIALS_ON_DARK`.
    """

    light: str
    dark: str


INITIALS_ON_LIGHT = "#ffffff"
"""The colour of initials on a `Colour.light`."""
INITIALS_ON_DARK = "#121212"
"""The colour of initials on a `Colour.dark`."""

PALETTE = (
    Colour("#3366dd", "#aabbff"),
    Colour("#880000", "#bb7777"),
    Colour("#006655", "#44cc66"),
    Colour("#663388", "#8877ff"),
    Colour("#dd0000", "#eeaabb"),
    Colour("#776688", "#9988aa"),
    Colour("#0000ee", "#88ffff"),
    Colour("#bb1155", "#ffeebb"),
    Colour("#331155", "#bbff33"),
    Colour("#441122", "#559900"),
)
"""Picked by a search for ten that are furthest apart (CIEDE2000) for people who see all, no red, no green or no blue.

The closest two differ by 12 on light pages and by 14 on dark ones; what is nearly black is left out.
"""


def initials(name: str) -> str:
    """Return the first letters of a name's first and last word: `Amber Heron` → `AH`; `?` where it has no letter."""
    words = [letters for word in name.split() if (letters := [char for char in word if char.isalnum()])]
    firsts = [words[0][0], *([words[-1][0]] if len(words) > 1 else [])] if words else ["?"]
    return "".join(firsts).upper()


def any_pseudonym() -> str:
    """Return a regular expression, RE2's and Python's, for the two words of any pseudonym in any language.

    For who counts words: `Amber Heron` in a text is somebody's name.
    """
    from egregora_core.privacy import two_words

    return two_words()


def without_pseudonyms(text: str) -> str:
    """Return a text with a blank for each pseudonym: the names of people and chats are no topics."""
    from egregora_core.privacy import without_two_words

    return without_two_words(text)
