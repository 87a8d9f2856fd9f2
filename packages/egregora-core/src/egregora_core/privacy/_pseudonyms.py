"""Pseudonyms of two words: made from the id, unique in a tenant, and never changed once they are given.

A pseudonym is picked by a hash of the id, so the same workspace gives the same ones whatever the order of exports,
but for those that are taken: who comes later gets the next that the hash picks, in the end with a number. That is why
they are kept in a table. All is done in the engine, for any number of people at once.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from egregora_core.messages import PSEUDONYMS
from egregora_core.privacy._pseudonym_words import Kind, words_of
from egregora_core.storage import literal, temporary_table

if TYPE_CHECKING:
    from egregora_core.storage import Connection

_TRIES = 4
"""How many pairs of words are tried before a number is put behind one."""
_AT_ONCE = 20_000
"""Ids that are handed over in one statement."""


@dataclass(frozen=True)
class Register:
    """The pseudonyms of one tenant, of one kind and language, in a table like `PSEUDONYMS`."""

    tenant: str
    language: str
    kind: Kind
    table: str = PSEUDONYMS.name

    @property
    def mine(self) -> str:
        return f"tenant_id = {literal(self.tenant)} AND language = {literal(self.language)}"

    @property
    def taken(self) -> str:
        """SQL for every pseudonym of the tenant, whatever its language."""
        return f"SELECT pseudonym FROM {self.table} WHERE tenant_id = {literal(self.tenant)}"

    @property
    def start(self) -> str:
        """SQL for the first columns of a new row, of which `identity` is the second."""
        return f"{literal(self.tenant)}, identity, '{self.kind}', {literal(self.language)}"


def give_pseudonyms(
    con: "Connection", register: Register, identities: Collection[str], avoid: Collection[str] = ()
) -> dict[str, str]:
    """Return the pseudonym of each id (a UUID as text), after giving one to those that have none.

    No new one has a word of `avoid`, which `words_in` names. Runs in the caller's transaction.
    """
    if not identities:
        return {}
    asked = list(dict.fromkeys(identities))
    with temporary_table(con, "asked", "SELECT NULL::UUID AS identity LIMIT 0"):
        for start in range(0, len(asked), _AT_ONCE):
            ids = " ".join(asked[start : start + _AT_ONCE])
            con.execute(f"INSERT INTO asked SELECT unnest({_split(ids)})::UUID")
        with temporary_table(con, "wanted", f"FROM asked WHERE NOT {_named(register)}"):
            if _is_any_left(con):
                _give(con, register, avoid)
        mine = f"SELECT identity::VARCHAR, pseudonym FROM {register.table} SEMI JOIN asked USING (identity)"
        return dict(con.execute(f"{mine} WHERE {register.mine}").fetchall())


def _split(text: str) -> str:
    """Return SQL for the list of a text's words: a list of as many literals takes far longer to hand over."""
    return f"string_split({literal(text)}, ' ')"


def _named(register: Register) -> str:
    """Return the condition on an `identity` to have a pseudonym."""
    return f"identity IN (SELECT identity FROM {register.table} WHERE {register.mine})"


def _give(con: "Connection", register: Register, avoid: Collection[str]) -> None:
    """Give a pseudonym to each id in `wanted`."""
    with (
        temporary_table(con, "avoided", f"SELECT unnest({_split(' '.join(avoid))}) AS word"),
        temporary_table(con, "word_pairs", _pairs_sql(register.language, register.kind)),
    ):
        for turn in range(_TRIES):
            con.execute(_try_sql(register, turn))
            con.execute(f"DELETE FROM wanted WHERE {_named(register)}")
            if not _is_any_left(con):
                return
        con.execute(_numbered_sql(register))


def _is_any_left(con: "Connection") -> bool:
    return bool(con.execute("FROM wanted LIMIT 1").fetchall())


def _pairs_sql(language: str, kind: Kind) -> str:
    """Return SQL for every pseudonym, by its number, with its two words as `words_in` returns them."""
    noun_first, by_gender = words_of(language, kind)
    pairs = " UNION ALL ".join(
        f"SELECT {gender} AS gender, * FROM ({_words_sql('noun', nouns)}), ({_words_sql('adjective', adjectives)})"
        for gender, (adjectives, nouns) in enumerate(by_gender)
    )
    return f"""
        SELECT row_number() OVER (ORDER BY gender, noun_place, adjective_place) - 1 AS number,
               {"noun || ' ' || adjective" if noun_first else "adjective || ' ' || noun"} AS pseudonym,
               plain_noun, plain_adjective
        FROM ({pairs})
    """


def _words_sql(name: str, words: Sequence[str]) -> str:
    plain = " ".join(map(_plain, words))
    return f"""
        SELECT unnest({_split(" ".join(words))}) AS {name}, unnest({_split(plain)}) AS plain_{name},
               unnest(range({len(words)})) AS {name}_place
    """


_FREE = "plain_noun NOT IN (FROM avoided) AND plain_adjective NOT IN (FROM avoided)"


def _picked(salt: str | int, among: str) -> str:
    """Return SQL for the number that an id's hash picks."""
    return f"(md5_number_upper(identity::VARCHAR || '/{salt}') % (SELECT count(*) FROM {among}))::BIGINT"


def _try_sql(register: Register, turn: int) -> str:
    """Return SQL that gives a pseudonym to whoever's words are nobody's yet; of two, to the smaller id."""
    return f"""
        INSERT INTO {register.table}
        SELECT {register.start}, pseudonym
        FROM (SELECT identity, {_picked(turn, "word_pairs")} AS number FROM wanted) JOIN word_pairs USING (number)
        WHERE {_FREE} AND pseudonym NOT IN ({register.taken})
        QUALIFY row_number() OVER (PARTITION BY pseudonym ORDER BY identity) = 1
    """


def _numbered_sql(register: Register) -> str:
    """Return SQL that gives the others words with the number that follows the highest in use."""
    return f"""
        INSERT INTO {register.table}
        WITH free_pairs AS (
            SELECT pseudonym, row_number() OVER (ORDER BY number) - 1 AS place FROM word_pairs WHERE {_FREE}
        ), used AS (
            SELECT regexp_replace(pseudonym, ' [0-9]+$', '') AS pseudonym,
                   max(coalesce(TRY_CAST(regexp_extract(pseudonym, '[0-9]+$') AS BIGINT), 1)) AS highest
            FROM ({register.taken}) GROUP BY 1
        ), counted AS (
            SELECT identity, pseudonym,
                   coalesce(highest, 0) + row_number() OVER (PARTITION BY pseudonym ORDER BY identity) AS number
            FROM (SELECT identity, {_picked("n", "free_pairs")} AS place FROM wanted)
            JOIN free_pairs USING (place) LEFT JOIN used USING (pseudonym)
        )
        SELECT {register.start}, pseudonym || CASE WHEN number > 1 THEN ' ' || number ELSE '' END FROM counted
    """


def words_in(names: Iterable[str]) -> set[str]:
    """Return the words of names, in small letters and without accents."""
    return {_plain(word) for name in names for word in name.replace("-", " ").split() if len(word) > 1}


@cache
def _plain(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in bare if unicodedata.category(char)[0] in "LN")
