"""The colours of people can be told apart and read on any page; so can their initials."""

import itertools
import math

import pytest
from egregora_core.people import INITIALS_ON_DARK, INITIALS_ON_LIGHT, PALETTE, initials

_SEES = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""How linear RGB looks to people, by Machado, Oliveira and Fernandes (2009), severity 1."""

_DISTINCT = 0.07
"""A distance in OKLab: some three times what an eye can just tell apart."""


def _linear(code: str) -> list[float]:
    values = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def _contrast(one: str, other: str) -> float:
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(_linear, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(factor * value for factor, value in zip(row, vector, strict=True)) for row in matrix]


def _oklab(rgb: list[float]) -> list[float]:
    to_lms = (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
    to_lab = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    return _times(to_lab, [math.cbrt(max(value, 0)) for value in _times(to_lms, rgb)])


@pytest.mark.parametrize("pair", PALETTE)
def test_a_colour_can_be_read_as_text_and_under_initials(pair: tuple[str, str]) -> None:
    """WCAG AA asks for a contrast of 4.5, on any page background that is nearly white or nearly black."""
    light, dark = pair
    assert min(_contrast(light, ground) for ground in ("#ffffff", "#f0f0f0", INITIALS_ON_LIGHT)) >= 4.5
    assert min(_contrast(dark, ground) for ground in ("#000000", "#222222", INITIALS_ON_DARK)) >= 4.5


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("sight", _SEES)
def test_two_colours_differ_for_every_kind_of_sight(sight: str, mode: int) -> None:
    """Who sees no red, no green or no blue still tells any two of the palette apart."""
    seen = [_oklab([min(max(v, 0), 1) for v in _times(_SEES[sight], _linear(pair[mode]))]) for pair in PALETTE]
    assert min(math.dist(one, other) for one, other in itertools.combinations(seen, 2)) > _DISTINCT


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amber Heron", "AH"),
        ("Raposa Ágil", "RÁ"),
        ("  amber  blue  heron ", "AH"),
        ("Ana", "A"),
        ("~ Nina (work)", "NW"),
        ("李 明", "李明"),
        ("🌸", "?"),
        ("", "?"),
    ],
)
def test_initials_are_first_letters(name: str, expected: str) -> None:
    """Of the first and the last word, in capitals; a sign in front of a word is no letter."""
    assert initials(name) == expected
