"""What the pages are made of: a few temporary tables, each made from all messages by one query.

`report_m` holds the messages in reading order, `report_day` counts them, `report_word` counts words, `report_reply`
says who answered whom and how fast. All else is aggregated from these. Persons and chats are small numbers in them:
those of `report_person` and `report_chat`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
from egregora_core.people import PALETTE, any_pseudonym
from egregora_core.plugin import NameWords, literal

from egregora_report.words import EMOJI, PLACEHOLDER, URL, WORD

_TABLES = (
    "report_emoji",
    "report_link",
    "report_words",
    "report_m",
    "report_day",
    "report_word",
    "report_vocabulary",
    "report_reply",
    "report_person",
    "report_chat",
)
_TABLES_OF_PAGES = (
    "report_page",
    "report_cited",
    "report_quote",
    "report_thread",
    "report_reaction",
    "report_name",
    "report_common",
    "report_named_site",
    "report_telling",
    "report_stop",
    "report_found",
    "report_said",
    "report_cube",
    "report_head",
    "report_answer",
    "report_answers",
    "report_media",
)

NOBODY = -1
"""The number of the person who wrote what the platform itself did."""


class Facts:
    """The temporary tables, in the connection that the messages are in."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.indexed: Any = None
        """The part of all messages that the tables for the search index are of."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        return self.rows(sql)[0]

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Make a temporary table of rows that were computed here."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        if rows:  # as JSON in the query: DuckDB imports pandas, where it is installed, to look at parameters
            kinds = dict(column.split() for column in columns.split(", "))
            given = json.dumps(dict(zip(kinds, zip(*rows, strict=True), strict=True)), default=str, ensure_ascii=False)
            shape = json.dumps({name: [kind] for name, kind in kinds.items()})
            # A column, and no constant, of which the engine would make values one by one while it plans.
            self.connection.execute(
                f"INSERT INTO {table} SELECT {', '.join(f'unnest(given.{name})' for name in kinds)} "
                f"FROM (SELECT from_json(given, {literal(shape)}) AS given FROM (VALUES ({literal(given)})) AS it(given))"
            )


@contextmanager
def facts_of(messages: Any, shown: Iterable[str] = ()) -> Iterator[Facts]:
    """Make the tables of all messages (an ibis table, see `PublisherSpec`), and drop them in the end.

    `shown` are names that stand in texts in the place of pseudonyms.
    """
    import ibis

    connection = messages.get_backend().con
    source = f"({ibis.to_sql(messages)})"
    try:
        _make(connection, source, tuple(shown))
        yield Facts(connection)
    finally:
        for table in (*_TABLES, *_TABLES_OF_PAGES):
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _make(connection: duckdb.DuckDBPyConnection, source: str, shown: Sequence[str]) -> None:
    for table, select in (
        ("report_person", _persons(source)),
        ("report_chat", _chats(source)),
        ("report_m", _messages(source)),
        ("report_day", _DAYS),
        ("report_reply", _REPLIES),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")
    for table, found in (("report_emoji", _EMOJI), ("report_link", _LINKS)):
        counted = f"SELECT c, day, p, thing, count(*)::INTEGER AS n FROM ({found}) GROUP BY ALL ORDER BY c, day"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {counted}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE report_words AS {_words(shown)}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE report_vocabulary AS SELECT (row_number() OVER (ORDER BY word) - 1)::INTEGER AS w, "
        "word, n FROM (SELECT word, sum(n)::BIGINT AS n FROM report_words GROUP BY word)"
    )


def _persons(source: str) -> str:
    """Return SQL for everybody who wrote: who wrote most is number 0.

    Colours go by who came first: ten people have ten colours, and nobody's changes because another arrives.
    """
    return f"""
        SELECT (row_number() OVER (ORDER BY n DESC, author_uuid) - 1)::INTEGER AS p, *,
               ((row_number() OVER (ORDER BY first, author_uuid) - 1) % {len(PALETTE)})::INTEGER AS hue
        FROM (SELECT author_uuid, arg_max(author_raw, (ts, event_id)) AS name, count(*) AS n,
                     min(local_ts) AS first, max(local_ts) AS last
              FROM {source} WHERE author_raw <> '' GROUP BY author_uuid)"""


def _chats(source: str) -> str:
    """Return SQL for the chats: the largest is number 0."""
    return f"""
        SELECT (row_number() OVER (ORDER BY n DESC, thread_id) - 1)::INTEGER AS c, *
        FROM (SELECT thread_id, arg_max(coalesce(attrs->>'thread', 'Chat'), (ts, event_id)) AS title,
                     any_value(source) AS source, any_value(timezone) AS timezone, count(*) AS n,
                     count(*) FILTER (WHERE author_raw <> '') AS written,
                     coalesce(min(local_ts) FILTER (WHERE author_raw <> ''), min(local_ts)) AS first,
                     coalesce(max(local_ts) FILTER (WHERE author_raw <> ''), max(local_ts)) AS last,
                     count(DISTINCT author_uuid) FILTER (WHERE author_raw <> '') AS people
              FROM {source} GROUP BY thread_id)"""


_READ_ATTRS = "reply_to|thread_root|reactions|edited|forwarded_from|media|data"
"""The attributes that pages show; without one of them a message's attributes are not kept."""


def _messages(source: str) -> str:
    return f"""
        SELECT c, p, event_id, ts, seq, local_ts, text, media_type,
               max(local_ts::DATE) OVER (PARTITION BY c ORDER BY ts, seq ROWS UNBOUNDED PRECEDING) AS day,
               (row_number() OVER (PARTITION BY c ORDER BY ts, seq) - 1)::INTEGER AS pos,
               kind, attrs,
               lower(hex(md5_number(event_id::VARCHAR)))[1:12] AS mid
        FROM (
            SELECT c, coalesce(p, {NOBODY})::INTEGER AS p, event_id, ts, seq, local_ts, source.text, media_type,
                   coalesce(attrs->>'kind', 'text') AS kind,
                   CASE WHEN regexp_matches(attrs::VARCHAR, '"(?:{_READ_ATTRS})"')
                        THEN attrs::VARCHAR END AS attrs
            FROM {source} source JOIN report_chat USING (thread_id)
            LEFT JOIN report_person
                 ON report_person.author_uuid = CASE WHEN source.author_raw <> '' THEN source.author_uuid END
        )
        ORDER BY c, ts, seq"""


_DAYS = f"""
    SELECT c, day, p, hour(local_ts)::TINYINT AS hour,
           CASE WHEN kind = 'media' AND media_type IS NOT NULL THEN
                CASE split_part(media_type, '/', 1) WHEN 'image' THEN 'photo' WHEN 'video' THEN 'video'
                     WHEN 'audio' THEN 'audio' ELSE 'file' END
                ELSE kind END AS kind,
           count(*)::INTEGER AS n, sum(length(text))::BIGINT AS chars,
           count(*) FILTER (WHERE contains(attrs, '"edited"'))::INTEGER AS edited
    FROM report_m WHERE p <> {NOBODY} GROUP BY ALL ORDER BY c, day"""

ANSWER_HOURS = 6
"""Later, somebody begins anew and answers nobody."""

_TELLING_LENGTH = "length(word) > 2 OR regexp_matches(word, '^[^a-z\\x{C0}-\\x{24F}]+$')"
"""Words of one or two letters tell nothing in scripts that spell sounds."""


def keep_telling_words(facts: Facts, common: Sequence[str], of_names: NameWords) -> list[str]:
    """Make `report_word` of the words that may say something of who uses them: neither common nor said only twice.

    No word of a name is among them, and no site that has one is told. Return what was left out.
    """
    facts.insert("report_common", "word VARCHAR", [(word,) for word in common])
    words = facts.rows(f"SELECT word FROM {_TELLING} ORDER BY word")
    names = sorted(of_names(word for (word,) in words))
    facts.insert("report_common", "word VARCHAR", [(word,) for word in (*common, *names)])
    facts.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE report_word AS SELECT c, day, p, w, words.n::INTEGER AS n
        FROM report_words words JOIN (SELECT word, w FROM {_TELLING}) USING (word) ORDER BY c, day""")
    facts.connection.execute("DROP TABLE report_words")
    sites = sorted(of_names(site for (site,) in facts.rows("SELECT DISTINCT thing FROM report_link")))
    facts.insert("report_named_site", "thing VARCHAR", [(site,) for site in sites])
    facts.connection.execute(
        "UPDATE report_link SET thing = '[name]' WHERE thing IN (SELECT thing FROM report_named_site)"
    )
    return [*common, *names, *sites]


_TELLING = f"""
    (SELECT word, w FROM report_vocabulary ANTI JOIN report_common USING (word) WHERE n > 2 AND ({_TELLING_LENGTH}))"""


_REPLIES = f"""
    SELECT c, day, p, of_p AS q, count(*)::INTEGER AS n,
           sum(ln(1 + seconds)) AS log_seconds,
           count(*) FILTER (WHERE seconds < 60)::INTEGER AS minute, count(*) FILTER (WHERE seconds < 3600)::INTEGER AS hour
    FROM (SELECT talk.c, talk.p, talk.day, coalesce(asked.p, before_p) AS of_p,
                 epoch(talk.ts) - epoch(coalesce(asked.ts, before_ts)) AS seconds
          FROM (SELECT c, p, day, ts, lag(p) OVER talk AS before_p, lag(ts) OVER talk AS before_ts,
                       CASE WHEN contains(attrs, '"reply_to"') THEN TRY_CAST(attrs::JSON->>'reply_to' AS UUID) END AS quoted
                FROM report_m WHERE p <> {NOBODY} AND kind <> 'deleted' WINDOW talk AS (PARTITION BY c ORDER BY pos)) talk
          LEFT JOIN (SELECT event_id, c, p, ts FROM report_m WHERE p <> {NOBODY}) asked
               ON asked.event_id = talk.quoted AND asked.c = talk.c)
    WHERE of_p <> p AND seconds BETWEEN 0 AND {ANSWER_HOURS * 3600} GROUP BY ALL ORDER BY c, day"""
"""Who answers whom: whom a message quotes, else who wrote before it."""


def _words(shown: Sequence[str]) -> str:
    """Return SQL for the words; what stands for a person is none, and neither is an address or a placeholder."""
    names = [_whole(name) for name in sorted(shown, key=len, reverse=True) if name]
    called = "|".join([*names, rf"\b{any_pseudonym()}\b(?: [0-9]+)?"])
    maybe = "true" if names else f"regexp_matches(text, {literal(_TWO_WORDS)})"
    return f"""
        SELECT c, day, p, word, count(*) AS n
        FROM (SELECT c, day, p, unnest(regexp_extract_all(lower(regexp_replace(
                    CASE WHEN {maybe} THEN regexp_replace(text, {literal(called)}, ' ', 'g') ELSE text END,
                    {literal(f"{URL}|{PLACEHOLDER}")}, ' ', 'g')), {literal(WORD)})) AS word
              FROM report_m WHERE p <> {NOBODY} AND kind IN ('text', 'media') AND text IS NOT NULL)
        WHERE length(word) BETWEEN 2 AND 30 GROUP BY ALL"""


_TWO_WORDS = r"\p{Lu}\S* \p{Lu}"
"""Only a text that has this may hold a pseudonym: to look for thousands of words takes longer than all else."""


def _whole(name: str) -> str:
    """Return a pattern for a name that goes on in no other word, where the engine knows the letters: ASCII's."""
    begin, end = (r"\b" if re.match(r"(?a:\w)", letter) else "" for letter in (name[0], name[-1]))
    return f"{begin}{re.escape(name)}{end}"


_EMOJI = f"""
    SELECT c, day, p, unnest(regexp_extract_all(text, {literal(EMOJI)})) AS thing
    FROM report_m WHERE p <> {NOBODY} AND regexp_matches(text, '[\\x{{2000}}-\\x{{1FFFF}}]')"""

_LINKS = f"""
    SELECT c, day, p, lower(unnest(regexp_extract_all(text, '(?i)https?://(?:www\\.)?([^\\s/:?#<>"'']+)', 1))) AS thing
    FROM report_m WHERE p <> {NOBODY} AND contains(text, '://')"""
