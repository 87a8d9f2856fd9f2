"""Which of all known names may occur in which messages: only those are looked for, so that many cost as few do.

A message is looked through for the names whose words it has, so what is found in it depends on no other message and on
no name without a word in it. Messages are put into groups that share few such names, and each group has patterns of
its own.

Of people who share a word that occurs, while the rest of their names does not, two are enough to know that the word is
nobody's alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from egregora_core.privacy._name_patterns import PHONE_DIGITS
from egregora_core.privacy._name_words import (
    bare_sql,
    folded_sql,
    keys_of_names_sql,
    keys_of_tokens_sql,
    phone_key,
    pieces_sql,
    tokens_sql,
    words_sql,
)
from egregora_core.privacy._names import WORD_ROLES, KnownName, ordinary_names
from egregora_core.privacy._phone_patterns import ways

if TYPE_CHECKING:
    from egregora_core.storage import Connection

_GROUP = 80
"""Names, about, for which one group of messages is looked through."""
_COMMONEST = 8
"""So many of the commonest words are in most groups, and count for none."""
_MOST = 4
"""What a word counts for at most, whatever the number of people who are called so."""


@dataclass(frozen=True)
class Occurring:
    """The names that may occur in a table's messages."""

    always: list[KnownName]
    """Names without a word, such as an emoji, for which every message is looked through."""
    groups: list[list[KnownName]]
    """By the number of a group, the names for which its messages are looked through besides."""


def find_occurring(con: "Connection", texts: str, known: Sequence[KnownName], prefix: str) -> Occurring:
    """Return the names of `known` that may occur in `texts`: a SELECT of `event_id` and `clean_text`.

    Makes a temporary table `{prefix}groups` of `event_id` and `part`, the number of the group that a message is in;
    messages in which no name may occur are in none.
    """
    names = [entry for entry in known if entry.role not in WORD_ROLES]
    phones = [_phone_keys(entry.name) for entry in names]
    _store_names(con, names, phones, {entry.name for entry in ordinary_names(known)}, prefix)
    pieces = f"SELECT event_id, unnest({pieces_sql('clean_text', phones=any(phones))}) AS piece FROM ({texts})"
    numbers = con.execute(f"SELECT count(*) > 0 FROM {prefix}names WHERE {_NUMBER_ALONE}").fetchone()
    tokens = tokens_sql("piece", with_numbers=bool(numbers and numbers[0]))
    for name, select in (
        ("vocabulary", f"SELECT piece, unnest({tokens}) AS token FROM (SELECT DISTINCT piece FROM ({pieces}))"),
        ("matched", _matched_sql(con, prefix)),
        ("hits", f"SELECT DISTINCT event_id, key FROM ({pieces}) JOIN {prefix}matched USING (piece)"),
        ("groups", _groups_sql(prefix)),
        ("sought", f"SELECT DISTINCT part, key FROM {prefix}hits JOIN {prefix}groups USING (event_id)"),
    ):
        con.execute(f"CREATE TEMP TABLE {prefix}{name} AS {select}")
    rows = con.execute(_names_of_groups_sql(prefix)).fetchall()
    always = con.execute(
        f"SELECT place FROM {prefix}names ANTI JOIN {prefix}keys USING (place) ORDER BY place"
    ).fetchall()
    for name in ("names", "keys", "vocabulary", "matched", "hits", "sought"):
        con.execute(f"DROP TABLE {prefix}{name}")
    return Occurring([names[place] for (place,) in always], [[names[place] for place in places] for (places,) in rows])


def _store_names(
    con: "Connection", names: Sequence[KnownName], phones: Sequence[Sequence[str]], ordinary: set[str], prefix: str
) -> None:
    """Make the tables `names` and `keys`."""
    import pyarrow as pa

    con.register(
        f"{prefix}given",
        pa.table(
            {
                "place": pa.array(range(len(names)), pa.int32()),
                "name": pa.array([entry.name for entry in names], pa.string()),
                "role": pa.array([entry.role for entry in names], pa.string()),
                "pseudonym": pa.array([entry.pseudonym for entry in names], pa.string()),
                "is_ordinary": pa.array([entry.name in ordinary for entry in names], pa.bool_()),
                "other": pa.array([_other_spelling(entry.name) for entry in names], pa.string()),
                "digits": pa.array(phones, pa.list_(pa.string())),
            }
        ),
    )
    con.execute(f"""
        CREATE TEMP TABLE {prefix}names AS
        SELECT place, name, role, pseudonym, {words_sql("name")} AS words, other, digits,
            {folded_sql(bare_sql(_SOLID))} AS core,
            -- Of these it is enough to know a few: what is looked for is made of their words, one by one.
            role IN ('person', 'given') AND pseudonym IS NOT NULL AND NOT is_ordinary AND other IS NULL
                AND NOT regexp_matches(name, '{_OTHER_WORDS}') AS is_plain
        FROM {prefix}given
    """)
    con.unregister(f"{prefix}given")
    spelt = (
        f"(SELECT place, name AS spelt FROM {prefix}names "
        f"UNION ALL SELECT place, other FROM {prefix}names WHERE other IS NOT NULL)"
    )
    con.execute(f"""
        CREATE TEMP TABLE {prefix}keys AS FROM ({keys_of_names_sql(spelt)})
        UNION ALL SELECT place, unnest(digits), NULL FROM {prefix}names
        UNION ALL SELECT place, {folded_sql(bare_sql("number"))}, NULL FROM (
            SELECT place, regexp_extract(name, '\\pN+') AS number FROM {prefix}names WHERE {_NUMBER_ALONE}
        ) WHERE number <> ''
    """)


_OTHER_WORDS = (
    r"[\pN\x{200C}\x{200D}\x{2BC}\x{20E3}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)
"""What makes a word of other parts than letters that stand together."""


_NUMBER_ALONE = r"regexp_matches(name, '\pN') AND NOT regexp_matches(name, '\pL')"
_SOLID = r"regexp_replace(name, '[^\pL\pM\pN]+', '', 'g')"


def _other_spelling(name: str) -> str | None:
    """Return how else a name is spelt where letters become others, such as ligatures and full-width ones."""
    if name.isascii():
        return None
    other = normalize("NFKC", name).casefold()
    return None if normalize("NFC", other) == normalize("NFC", name.lower()) else other


def _phone_keys(name: str) -> list[str]:
    """Return the keys of a name that is a phone number."""
    if name[:1].isalpha() or any(map(str.isalpha, name)) or sum(map(str.isdecimal, name)) < PHONE_DIGITS:
        return []
    return sorted(set(map(phone_key, ways(name))))


def _matched_sql(con: "Connection", prefix: str) -> str:
    """Return a SELECT of the pieces in which names may be, each with the keys of these."""
    longest = con.execute(f"SELECT coalesce(max(length(key)), 0) FROM {prefix}keys").fetchone()
    keys = keys_of_tokens_sql(f"(SELECT DISTINCT token FROM {prefix}vocabulary)", longest[0] if longest else 0)
    return f"""
        SELECT DISTINCT piece, key FROM ({keys}) SEMI JOIN {prefix}keys USING (key)
        JOIN {prefix}vocabulary USING (token)
    """


def _groups_sql(prefix: str) -> str:
    """Return a SELECT of `event_id` and `part`: messages with a rare word in common stand together.

    A message with more names than a group has is one by itself.
    """
    return f"""
        WITH counted AS (SELECT key, count(*) AS messages FROM {prefix}hits GROUP BY key),
        weighed AS (
            SELECT key, messages,
                CASE WHEN row_number() OVER (ORDER BY messages DESC, key) <= {_COMMONEST} THEN 0
                ELSE least(people, {_MOST}) END AS weight
            FROM counted JOIN (SELECT key, count(DISTINCT place) AS people FROM {prefix}keys GROUP BY key) USING (key)
        ), messages AS (
            SELECT event_id, arg_min(key, (messages, key)) AS rarest, sum(weight) AS total,
                arg_min(weight, (messages, key)) AS shared, total > {_GROUP} AS is_full
            FROM {prefix}hits JOIN weighed USING (key) GROUP BY event_id
        ), placed AS (
            SELECT *, total - CASE WHEN lag(rarest) OVER reading = rarest THEN shared ELSE 0 END AS more
            FROM messages WINDOW reading AS (PARTITION BY is_full ORDER BY rarest, event_id)
        ), summed AS (
            SELECT event_id, is_full, CASE WHEN is_full THEN row_number() OVER reading
                ELSE sum(more) OVER reading // {_GROUP} END AS place
            FROM placed WINDOW reading AS (PARTITION BY is_full ORDER BY rarest, event_id ROWS UNBOUNDED PRECEDING)
        )
        SELECT event_id, dense_rank() OVER (ORDER BY is_full, place) - 1 AS part FROM summed
    """


def _names_of_groups_sql(prefix: str) -> str:
    """Return a SELECT of one list of places for each group, in the order of groups."""
    return f"""
        WITH found AS MATERIALIZED (
            SELECT part, place, key, run FROM {prefix}sought JOIN {prefix}keys USING (key)
        ), sizes AS (
            SELECT place, count(DISTINCT run) AS runs FROM {prefix}keys SEMI JOIN found USING (place) GROUP BY place
        ), whole AS MATERIALIZED (
            SELECT part, place FROM found JOIN sizes USING (place) JOIN {prefix}names USING (place)
            GROUP BY part, place, runs, is_plain
            HAVING bool_or(run IS NULL) OR NOT is_plain OR count(DISTINCT run) = runs
        ), word_alone AS (
            SELECT part, place FROM (
                SELECT part, place, key, words[run] AS word, len(words) > 1 AS several, role, pseudonym
                FROM found JOIN {prefix}names USING (place) ANTI JOIN whole USING (part, place)
            )
            QUALIFY row_number() OVER (PARTITION BY part, key, word, several, role ORDER BY pseudonym, place) = 1
                OR row_number() OVER (PARTITION BY part, key, word, several, role ORDER BY pseudonym DESC, place) = 1
        ), sought AS (FROM whole UNION FROM word_alone),
        namesakes AS (
            -- A name without a person behind it, or of a chat, is that of whoever is called so.
            SELECT part, person.place FROM sought JOIN {prefix}names AS named USING (place)
            JOIN {prefix}names AS person ON person.core = named.core
            WHERE (named.role <> 'person' OR named.pseudonym IS NULL)
                AND person.role = 'person' AND person.pseudonym IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY part, person.core ORDER BY person.pseudonym) = 1
                OR row_number() OVER (PARTITION BY part, person.core ORDER BY person.pseudonym DESC) = 1
        )
        SELECT list(place ORDER BY place) AS places FROM (FROM sought UNION FROM namesakes) GROUP BY part ORDER BY part
    """
