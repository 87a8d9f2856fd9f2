"""Pseudonyms of two words: made from the id, unique in a tenant, and never changed once they are given.

A pseudonym is picked by a hash of the id, so the same workspace gives the same ones whatever the order of exports,
but for those that are taken: who comes later gets the next that the hash picks, in the end with a number. That is why
they are kept in a table. All is done in the engine, for any number of people at once.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from egregora_core.messages import PSEUDONYMS
from egregora_core.privacy._pseudonym_words import Kind, pairs
from egregora_core.storage import literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection

_TRIES = 4
"""How many pairs of words are tried before a number is put behind one."""


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
    ids = [[*identities]]
    con.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT unnest(?::VARCHAR[])::UUID AS identity", ids)
    con.execute("CREATE OR REPLACE TEMP TABLE asked AS FROM wanted")
    con.execute(_drop_named(register))
    if con.execute("FROM wanted LIMIT 1").fetchall():
        _give(con, register, avoid)
    mine = f"SELECT identity::VARCHAR, pseudonym FROM {register.table} SEMI JOIN asked USING (identity)"
    found = dict(con.execute(f"{mine} WHERE {register.mine}").fetchall())
    con.execute("DROP TABLE wanted")
    con.execute("DROP TABLE asked")
    return found


def _drop_named(register: Register) -> str:
    """Return SQL that takes who has a pseudonym out of `wanted`."""
    return f"DELETE FROM wanted WHERE identity IN (SELECT identity FROM {register.table} WHERE {register.mine})"


def _give(con: "Connection", register: Register, avoid: Collection[str]) -> None:
    """Give a pseudonym to each id in `wanted`."""
    _lay_out(con, register, avoid)
    for turn in range(_TRIES):
        con.execute(_try_sql(register, turn))
        con.execute(_drop_named(register))
    con.execute(_numbered_sql(register))
    con.execute("DROP TABLE word_pairs")


def _lay_out(con: "Connection", register: Register, avoid: Collection[str]) -> None:
    """Make `word_pairs`: every pseudonym by its number, and among those without an avoided word by its place."""
    found = pairs(register.language, register.kind)
    free = [told.isdisjoint(map(_plain, pair.split(" "))) for told in [set(avoid)] for pair in found]
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE word_pairs AS
        SELECT number, pseudonym, is_free,
               CASE WHEN is_free THEN count(*) FILTER (is_free) OVER (ORDER BY number) - 1 END AS place
        FROM (SELECT generate_subscripts($1::VARCHAR[], 1) - 1 AS number, unnest($1::VARCHAR[]) AS pseudonym,
                     unnest($2::BOOLEAN[]) AS is_free)
        """,
        [[*found], free],
    )


def _picked(salt: str | int, among: str) -> str:
    """Return SQL for the number that an id's hash picks."""
    return f"(md5_number_upper(identity::VARCHAR || '/{salt}') % (SELECT {among} FROM word_pairs))::BIGINT"


def _try_sql(register: Register, turn: int) -> str:
    """Return SQL that gives a pseudonym to whoever's words are nobody's yet; of two, to the smaller id."""
    return f"""
        INSERT INTO {register.table}
        SELECT {register.start}, pseudonym
        FROM (SELECT identity, {_picked(turn, "count(*)")} AS number FROM wanted) JOIN word_pairs USING (number)
        WHERE is_free AND pseudonym NOT IN ({register.taken})
        QUALIFY row_number() OVER (PARTITION BY pseudonym ORDER BY identity) = 1
    """


def _numbered_sql(register: Register) -> str:
    """Return SQL that gives the others words with the number that follows the highest in use."""
    return f"""
        INSERT INTO {register.table}
        WITH used AS (
            SELECT regexp_replace(pseudonym, ' [0-9]+$', '') AS pseudonym,
                   max(coalesce(TRY_CAST(regexp_extract(pseudonym, '[0-9]+$') AS BIGINT), 1)) AS highest
            FROM ({register.taken}) GROUP BY 1
        ), counted AS (
            SELECT identity, pseudonym,
                   coalesce(highest, 0) + row_number() OVER (PARTITION BY pseudonym ORDER BY identity) AS number
            FROM (SELECT identity, {_picked("n", "max(place) + 1")} AS place FROM wanted)
            JOIN word_pairs USING (place) LEFT JOIN used USING (pseudonym)
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
