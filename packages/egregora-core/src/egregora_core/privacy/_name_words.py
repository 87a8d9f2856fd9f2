r"""Which words a name is made of and which words a text holds, in one form, so that the engine can join them.

A name can only be found in a text if the text has one of its keys: a word of it, or words of it written as one. What
may be missing or come on top (accents, case, an ending, a changed stem) is taken from both sides. To have a key is
what a found name needs, not proof of one: the patterns of `_name_patterns.py` decide.
"""

from egregora_core.privacy._name_forms import ALL_ENDINGS, GEORGIAN_ENDING, LOST_LETTERS, SAME_LETTERS
from egregora_core.privacy._phone_patterns import BETWEEN
from egregora_core.storage import literal

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"(?:[^\PL{_UNSPACED}\x{{2BC}}]|[^\PM\x{{20E3}}\x{{FE00}}-\x{{FE0F}}])"
"""A letter or mark of a script that has spaces between words, and nothing that ends a word for the patterns."""

_RUN = f"{_LETTER}+"
_WORD = f"{_LETTER}{{2,}}"
_GLUED = 8
"""Letters of the shortest two words that make one handle: `@quistana`."""
_SHORTEST_GLUED = 3
_MARKED = rf"[@#/=_.+~-][\x{{2066}}-\x{{2069}}]?({_LETTER}{{{_GLUED},}})"
_UNSPACED_RUN = rf"[{_UNSPACED}][{_UNSPACED}\pM]*"
_DIGITS = rf"[0-9](?:{BETWEEN}[0-9]){{3,}}"
_HANDLE = "@"
"""Stands before a word of which any part may be a name."""
_WITH_DIGITS = "$"
"""Stands before letters and the digits after them, of which a name may have the first."""
_NUMBER = "#"
"""Stands before digits of which any part may be a name."""
_PHONE = "\x02+"
"""Stands before digits of a phone number; no piece of a text begins so."""

_PHONE_KEYS = (7, 4)
"""The last digits of a phone number that are its key: of one with fewer than seven, four."""


def pieces_sql(text: str, *, phones: bool) -> str:
    """Return SQL for a list of pieces of a text: a name has its first word in one of them; where `phones`, its digits.

    That is what can be done fast for each text; `tokens_sql` looks closer at each piece that there is.
    """
    pieces = f"string_split({text}, ' ')"
    if not phones:
        return pieces
    digits = f"list_transform(regexp_extract_all({text}, '{_DIGITS}'), lambda run: {_number_grams('run')})"
    return f"list_concat({pieces}, CASE WHEN regexp_matches({text}, '[0-9]') THEN flatten({digits}) ELSE [] END)"


def tokens_sql(piece: str, *, with_numbers: bool) -> str:
    """Return SQL for the list of a piece's tokens, as they stand there; `keys_of_tokens_sql` makes keys of each.

    `with_numbers` says that there are names of digits alone.
    """
    decoded = f"regexp_replace({piece}, '%[0-9A-Fa-f]{{2}}', ' ', 'g')"
    marked = _marked(f"regexp_extract_all({piece}, '{_MARKED}', 1)", _HANDLE)
    unspaced = f"list_transform(regexp_extract_all({piece}, '{_UNSPACED_RUN}'), lambda run: {_grams('run')})"
    # A name that is partly in such a script may have been found beside another word, without anything between them.
    glued = _marked(f"regexp_extract_all({piece}, '{_WORD}')", _HANDLE)
    with_digits = _marked(f"regexp_extract_all({piece}, '{_RUN}\\pN+')", _WITH_DIGITS)
    numbers = _marked(f"regexp_extract_all({piece}, '\\pN+')", _NUMBER) if with_numbers else "[]"
    return f"""list_concat(
        regexp_extract_all({piece}, '{_WORD}'),
        CASE WHEN regexp_matches({piece}, '[{_UNSPACED}]') THEN list_concat(flatten({unspaced}), {glued}) ELSE [] END,
        CASE WHEN starts_with({piece}, '{_PHONE}') THEN [{piece}]
            WHEN regexp_matches({piece}, '\\pN') THEN list_concat({with_digits}, {numbers}) ELSE [] END,
        CASE WHEN regexp_matches({piece}, '{_MARKED}') THEN {marked} ELSE [] END,
        CASE WHEN contains({piece}, '%') THEN regexp_extract_all({decoded}, '{_WORD}') ELSE [] END
    )"""


def _marked(words: str, mark: str) -> str:
    return f"list_transform({words}, lambda word: '{mark}' || word)"


def _grams(run: str) -> str:
    """Return SQL for each character of a run, and each two that follow each other."""
    plain = f"strip_accents({run})"
    grams = f"lambda place: [{plain}[place], {plain}[place:place + 1]]"
    return f"flatten(list_transform(range(1, length({plain}) + 1), {grams}))"


def phone_key(digits: str) -> str:
    """Return the key of a phone number: its last digits."""
    most, least = _PHONE_KEYS
    return _PHONE + digits[-(most if len(digits) >= most else least) :]


def _number_grams(run: str) -> str:
    digits = f"regexp_replace({run}, '[^0-9]', '', 'g')"
    grams = [
        f"list_transform(range(1, length({digits}) - {size - 2}), "
        f"lambda place: '{_PHONE}' || {digits}[place:place + {size - 1}])"
        for size in _PHONE_KEYS
    ]
    return f"list_concat({', '.join(grams)})"


def words_sql(text: str) -> str:
    """Return SQL for the list of the words of a name, as they stand there."""
    return f"regexp_extract_all({text}, '{_RUN}')"


def bare_sql(text: str) -> str:
    """Return SQL for a text in small letters and without accents: a letter for a letter, but for þ."""
    before, after = zip(*SAME_LETTERS.items(), strict=True)
    plain = f"lower(strip_accents({text}))"
    other = f"replace(translate({plain}, {literal(''.join(before))}, {literal(''.join(after))}), 'þ', 'th')"
    # The engine makes a dictionary of the letters anew for each text.
    return f"CASE WHEN strlen({text}) = length({text}) THEN {plain} ELSE {other} END"


def folded_sql(text: str) -> str:
    """Return SQL for a bare text without what one spells out for an accent: `mueller` and `muller` are one."""
    folded = f"regexp_replace(regexp_replace({text}, 'a[ae]+', 'a', 'g'), '([ou])e+', '\\1', 'g')"
    folded = f"regexp_replace({folded}, 's+', 's', 'g')"
    return f"CASE WHEN regexp_matches({text}, 'a[ae]|[ou]e|ss') THEN {folded} ELSE {text} END"


def keys_of_tokens_sql(tokens: str, longest: int) -> str:
    """Return a SELECT of `token` and `key` for a table or SELECT of tokens: what names each may hold.

    `longest` is the length of the longest key that any name has.
    """
    return f"""
        WITH bare AS (
            SELECT token, regexp_extract(token, '^[{_HANDLE}{_WITH_DIGITS}{_NUMBER}]') AS mark,
                {bare_sql(f"regexp_replace(token, '^[{_HANDLE}{_WITH_DIGITS}{_NUMBER}]', '')")} AS bare
            FROM {tokens}
        ), endings AS (
            SELECT DISTINCT {bare_sql("ending")} AS ending FROM (SELECT unnest({list(ALL_ENDINGS)!r}) AS ending)
        ), cut AS (
            SELECT token, bare FROM bare WHERE mark = ''
            UNION ALL
            SELECT token, left(bare, length(bare) - size) FROM bare, unnest([1, 2, 3, 4, 5]) AS sizes(size)
            WHERE mark = '' AND length(bare) > size
                AND (right(bare, size) IN (SELECT ending FROM endings)
                    OR regexp_full_match(right(bare, size), '{GEORGIAN_ENDING}'))
            UNION ALL
            SELECT token, bare[place:place + size - 1]
            FROM (
                SELECT token, mark, bare, unnest(range(1, length(bare) + 1)) AS place FROM bare
                WHERE mark IN ('{_HANDLE}', '{_NUMBER}')
            ), unnest(range(1, {longest} + 1)) AS sizes(size)
            WHERE place + size <= length(bare) + 1 AND (mark = '{_NUMBER}' OR size >= {_SHORTEST_GLUED})
            UNION ALL
            SELECT token, start FROM (
                SELECT token, left(bare, unnest(range(2, length(bare) + 1))) AS start FROM bare
                WHERE mark = '{_WITH_DIGITS}'
            ) WHERE regexp_matches(start, '\\pN$')
        )
        SELECT DISTINCT token, {folded_sql("bare")} AS key FROM cut
    """


def keys_of_names_sql(names: str) -> str:
    """Return a SELECT of the keys of names: `place`, `key`, and `run`, the number of the one word that it is, or null.

    `names` is a table of `place` and `spelt`. A name may be found without its first or last words, turned, and as one
    word; so each run of its words is a key.
    """
    lost = ", ".join(f"({literal(key)}, {size})" for key, size in LOST_LETTERS)
    return f"""
        WITH words AS MATERIALIZED (
            SELECT place, spelt,
                list_transform(regexp_extract_all(spelt, '{_RUN}'), lambda run: {bare_sql("run")}) AS bare
            FROM {names}
        ), runs AS MATERIALIZED (
            -- A word that goes on with digits is found with them alone.
            SELECT place, unnest(list_transform(
                    regexp_extract_all(spelt, '{_RUN}\\pN*'), lambda run: {bare_sql("run")})) AS word,
                generate_subscripts(bare, 1) AS run FROM words
        ), stems AS (SELECT {bare_sql("ending")} AS ending, size FROM (VALUES {lost}) endings(ending, size)),
        single AS (
            SELECT place, word, run FROM runs
            UNION ALL
            SELECT place, left(word, length(word) - size), run FROM runs JOIN stems ON right(word, 1) = ending
            UNION ALL
            SELECT place, left(word, length(word) - size), run FROM runs JOIN stems ON right(word, 2) = ending
            UNION ALL
            SELECT place, left(word, length(word) - size), run FROM runs JOIN stems ON right(word, 3) = ending
            UNION ALL
            SELECT place, left(word, length(word) - 1), run FROM runs WHERE regexp_matches(word, '[\\p{{Cyrillic}}σ]$')
        ), joined AS (
            SELECT place, array_to_string(bare[first:last], '') AS word FROM (
                SELECT place, bare, first, unnest(range(first + 1, length(bare) + 1)) AS last FROM (
                    SELECT place, bare, unnest(range(1, length(bare))) AS first FROM words WHERE length(bare) > 1
                )
            )
            UNION ALL SELECT place, bare[-1] || bare[1] FROM words WHERE length(bare) > 1
            UNION ALL SELECT place, bare[1] || bare[-1] FROM words WHERE length(bare) > 2
        ), unspaced AS (
            SELECT place, strip_accents(regexp_extract(spelt, '{_UNSPACED_RUN}')) AS run FROM words
            WHERE regexp_matches(spelt, '[{_UNSPACED}]')
        )
        SELECT place, {folded_sql("word")} AS key, run FROM single WHERE length(word) > 1
        UNION ALL SELECT place, {folded_sql("word")}, NULL FROM joined WHERE length(word) > 1
        UNION ALL SELECT place, left(run, 2), NULL FROM unspaced
    """
