"""Voting: the booth in which a person sees two texts, and says with one key which is better.

Owns the keys, and the layout of two texts on one screen. Promises that nothing shown says whose a text is, and that
leaving at any moment loses nothing.
May import `pairing`, `recording`, `reports` and below.
"""

from egregora_elo.voting._booth import Booth
from egregora_elo.voting._screen import in_lines, laid_out

__all__ = ["Booth", "in_lines", "laid_out"]
