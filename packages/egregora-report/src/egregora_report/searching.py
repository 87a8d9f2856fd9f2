"""The search index: small scripts, of which a page loads those that a question needs, without a server.

Time is cut into segments of whole months, from the first message on, so that messages which come later change the last
segments alone. A segment has shards of words, each word with the numbers of its messages, and shards of messages, each
with where it is and how it begins. `assets/search.js` knows the same rules.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from egregora_core.plugin import PublishedFile, literal

from egregora_report.facts import NOBODY, Facts
from egregora_report.html import harmless, script
from egregora_report.report import Report
from egregora_report.words import PLACEHOLDER

SEGMENT = 40_000
"""A segment with so many messages takes no further month."""
TOGETHER = 2 * SEGMENT
"""Of a segment with more messages, as a busy month is, shards are made some at a time."""
BLOCK = 400
"""Messages in one shard of messages."""
SNIPPET = 160
"""Characters that are shown of a message that is found."""

_ALONE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_SEARCHED = rf"{_ALONE}|[\p{{L}}\p{{N}}][\p{{L}}\p{{M}}\p{{N}}]*"
"""What is found as one word: letters and digits; a sign alone in scripts that put no blanks between words."""
_LONGEST = 24


@dataclass(frozen=True)
class Segment:
    """Some months of all chats, with what stands for their messages. `found` of them have a text to be found by."""

    first: date
    last: date
    messages: int
    found: int
    made_of: str

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def shards(self) -> int:
        """Into how many shards its words go: a shard has some ten kilobytes."""
        return next(shards for most, shards in ((2_000, 1), (10_000, 8), (self.messages, 32)) if self.messages <= most)

    @property
    def blocks(self) -> int:
        return -(-self.found // BLOCK)


def segments_of(facts: Facts) -> list[Segment]:
    """Cut time into segments."""
    months = facts.rows(f"""
        SELECT date_trunc('month', day)::DATE AS month, count(*), count(*) FILTER (WHERE {_IS_FOUND}),
               sum(hash(mid, thread_id, local_ts, text, page.name, person.name, hue)::HUGEINT)
        FROM report_m m ASOF JOIN report_page page ON m.c = page.c AND m.pos >= page.low
        JOIN report_chat ON m.c = report_chat.c LEFT JOIN report_person person ON m.p = person.p
        GROUP BY month ORDER BY month""")
    found: list[Segment] = []
    held: list[tuple[date, int, int, int]] = []
    for month in months:
        held.append(month)
        if sum(many for _, many, *_ in held) >= SEGMENT:
            found.append(_segment(held))
            held = []
    return [*found, _segment(held)] if held else found


def _segment(months: Sequence[tuple[date, int, int, int]]) -> Segment:
    _, *columns = zip(*months, strict=True)
    many, found, content = map(sum, columns)
    return Segment(months[0][0], months[-1][0], many, found, f"{many} {content}")


def search_files(report: Report) -> Iterator[PublishedFile]:
    """Yield the search page and its index. A segment that stands is not looked at."""
    yield PublishedFile("search.html", report.page("search.html", "search.html"))
    facts = report.facts
    segments = segments_of(facts)
    listed = [[segment.name, segment.shards, segment.blocks] for segment in reversed(segments)]
    chats = facts.rows("SELECT left(thread_id::VARCHAR, 8), title FROM report_chat ORDER BY c")
    yield PublishedFile("search/index.js", script("search", {"segments": listed, "block": BLOCK, "chats": dict(chats)}))
    for segment in segments:
        if segment.found:
            yield from _Made(facts, segment).files()


class _Made:
    """The index of one segment, made when the first of its files is; that of a busy month in parts, which fit memory."""

    def __init__(self, facts: Facts, segment: Segment) -> None:
        self._facts, self._segment = facts, segment
        self._parts = -(-segment.found // TOGETHER)
        self._words: dict[int, str] = {}
        self._blocks: dict[int, str] = {}

    def files(self) -> Iterator[PublishedFile]:
        segment = self._segment
        for shard in range(segment.shards):
            name = f"search/{segment.name}/w{shard}"
            yield PublishedFile(f"{name}.js", self._lazily(name, self._words_of, shard), made_of=segment.made_of)
        for block in range(segment.blocks):
            name = f"search/{segment.name}/m{block}"
            yield PublishedFile(f"{name}.js", self._lazily(name, self._block, block), made_of=segment.made_of)

    def _lazily(self, name: str, find: Callable[[int], str], number: int) -> Callable[[], str]:
        return lambda: f'egregora.give("{name}",{harmless(find(number))});\n'

    def _words_of(self, shard: int) -> str:
        if shard not in self._words:
            self._words = dict.fromkeys(part := self._part_of(shard, self._segment.shards), "{}")
            self._make()
            self._words |= self._facts.rows(_words(part))
        return self._words[shard]

    def _block(self, block: int) -> str:
        if block not in self._blocks:
            part = self._part_of(block, self._segment.blocks)
            self._make()
            self._blocks = dict(self._facts.rows(_blocks(part)))
        return self._blocks[block]

    def _part_of(self, number: int, many: int) -> range:
        """Return the numbers, of so many, that are made together with one."""
        size = -(-many // self._parts)
        start = number // size * size
        return range(start, min(many, start + size))

    def _make(self) -> None:
        if self._facts.indexed != self._segment:
            self._facts.connection.execute(_found(self._segment))
            self._facts.connection.execute(_said(self._segment.shards))
            self._facts.indexed = self._segment


_IS_FOUND = f"text <> '' AND m.p <> {NOBODY}"


def _found(segment: Segment) -> str:
    """Return SQL that numbers a segment's messages, the latest first: what is found first is newest."""
    return f"""
        CREATE OR REPLACE TEMP TABLE report_found AS
        SELECT (row_number() OVER (ORDER BY ts DESC, mid) - 1)::INTEGER AS number, left(thread_id::VARCHAR, 8) AS chat,
               person.name AS author, hue, mid, regexp_replace(page.name, '\\.html$', '') AS page, local_ts,
               regexp_replace(text, '[\\x00-\\x1f\\x7f]+', ' ', 'g') AS text
        FROM report_m m ASOF JOIN report_page page ON m.c = page.c AND m.pos >= page.low
        JOIN report_chat ON m.c = report_chat.c JOIN report_person person ON m.p = person.p
        WHERE date_trunc('month', m.day) BETWEEN DATE '{segment.first}' AND DATE '{segment.last}' AND {_IS_FOUND}"""


def _said(shards: int) -> str:
    """Return SQL that lists the words of each message, with the shard that each is in."""
    plain = f"strip_accents(lower(regexp_replace(text, {literal(PLACEHOLDER)}, ' ', 'g')))"
    return f"""
        CREATE OR REPLACE TEMP TABLE report_said AS
        SELECT number, word,
               ((ord(word) * 31 + CASE WHEN length(word) > 1 THEN ord(word[2:2]) ELSE 0 END) % {shards})::INTEGER AS shard
        FROM (SELECT number, unnest(list_distinct(list_transform(
                  regexp_extract_all({plain}, {literal(_SEARCHED)}), lambda word: left(word, {_LONGEST})))) AS word
              FROM report_found)"""


def _words(shards: range) -> str:
    """Return SQL for shards of words: each word with the gaps between the numbers of its messages, as JSON."""
    return f"""
        WITH listed AS (
            SELECT shard, word, list_sort(list(number)) AS found FROM report_said
            WHERE shard BETWEEN {shards[0]} AND {shards[-1]} GROUP BY shard, word
        ),
        lines AS (
            SELECT shard, word, to_json(word)::VARCHAR || ':' ||
                   to_json(list_transform(found, lambda number, place: number - coalesce(found[place - 1], 0)))::VARCHAR AS line
            FROM listed
        )
        SELECT shard, '{{' || string_agg(line, ',' ORDER BY word) || '}}' FROM lines GROUP BY shard"""


def _blocks(blocks: range) -> str:
    """Return SQL for shards of messages: where each is, and how it begins, as JSON."""
    return f"""
        SELECT number // {BLOCK} AS block,
               '[' || string_agg(to_json([chat, author, hue::VARCHAR, page, mid, strftime(local_ts, '%Y-%m-%d %H:%M'),
                                          left(text, {SNIPPET})])::VARCHAR, ',' ORDER BY number) || ']'
        FROM report_found WHERE number >= {blocks[0] * BLOCK} AND number < {(blocks[-1] + 1) * BLOCK} GROUP BY block"""
