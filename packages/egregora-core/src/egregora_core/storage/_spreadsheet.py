"""Cells of a CSV file that a spreadsheet would run instead of showing them: `=HYPERLINK(…)` in a message, say.

A quotation mark in front makes such a cell text (OWASP, CSV injection). Plain numbers with a sign stay as they are.
"""

import re

from egregora_core.storage._sql import literal

_UNSEEN = "\\s\\x00-\\x1f\\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
FORMULA = f"^[{_UNSEEN}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]"
"""What begins like a formula, also in full width or after what is not seen. Python and the engine read it alike."""
NUMBER = "^[+\\-]?[0-9][0-9.,]*([eE][+\\-]?[0-9]+)?%?$"

_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def is_formula(cell: str) -> bool:
    return bool(_FORMULA.search(cell)) and not _NUMBER.search(cell)


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows."""
    return f"'{cell}" if is_formula(cell) else cell


def is_formula_sql(column: str) -> str:
    """Return the same condition on a text column, as SQL; null where the cell is."""
    found, number = (f"regexp_matches({column}, {literal(pattern)})" for pattern in (FORMULA, NUMBER))
    return f"({found} AND NOT {number})"


def harmless_sql(column: str) -> str:
    """Return a text column as SQL whose cells a spreadsheet shows."""
    return f"CASE WHEN {is_formula_sql(column)} THEN '''' || {column} ELSE {column} END"
