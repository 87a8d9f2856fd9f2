"""How a chat is cut into reading pages: whole days, up to some hundred messages, never beyond a month.

A page is filled from the beginning of its month, so messages that come later change no page but the last ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from egregora_report.facts import NOBODY, Facts
from egregora_report.model import Chat, long_date

FULL = 300
"""A page with so many messages takes no further day."""
TOO_MANY = 600
"""A day with more has several pages …"""
PART = 400
"""… of so many each."""
_TITLE_WORDS = 3


@dataclass(frozen=True)
class Page:
    """A part of a chat, from message `low` to message `high` in its reading order."""

    number: int
    chat: int
    name: str
    first: date
    last: date
    part: int
    """Which part of its day, from 1; 0 where it has whole days."""
    low: int
    high: int
    words: tuple[str, ...] = ()
    """What sets it apart."""
    made_of: str = ""
    written: int = 0
    """Messages of people, without what the platform tells."""

    @property
    def dates(self) -> str:
        if self.first == self.last:
            return long_date(self.first) + (f", part {self.part}" if self.part else "")
        return f"{self.first.day}–{long_date(self.last)}"  # of one month

    @property
    def title(self) -> str:
        """What it is about, as far as counting words tells."""
        if not self.words:
            return self.dates
        *others, last = self.words
        text = f"{', '.join(others)} and {last}" if others else last
        return text[:1].upper() + text[1:]


def pages_of(facts: Facts, chats: Sequence[Chat]) -> dict[int, list[Page]]:
    """Cut all chats; return the pages of each by its number, and leave them in `report_page`, too."""
    days = facts.rows("SELECT c, day, min(pos), max(pos) FROM report_m GROUP BY c, day ORDER BY c, day")
    cut: list[tuple[int, date, date, int, int, int]] = []
    for chat in chats:
        cut += _cut(chat.number, [(day, low, high) for c, day, low, high in days if c == chat.number])
    rows = [
        (n, c, _name(first, part), first, last, part, low, high)
        for n, (c, first, last, part, low, high) in enumerate(cut)
    ]
    facts.insert(
        "report_page",
        "page INTEGER, c INTEGER, name VARCHAR, first DATE, last DATE, part INTEGER, low INTEGER, high INTEGER",
        rows,
    )
    words, made_of, written = _words(facts), _made_of(facts), _written(facts)
    found: dict[int, list[Page]] = {chat.number: [] for chat in chats}
    for row in rows:
        found[row[1]].append(Page(*row, words.get(row[0], ()), made_of[row[0]], written[row[0]]))
    return found


def _cut(chat: int, days: Sequence[tuple[date, int, int]]) -> Iterator[tuple[int, date, date, int, int, int]]:
    """Yield chat, first and last day, part, first and last message of each page."""
    held: list[tuple[date, int, int]] = []
    for day, low, high in days:
        many = high - low + 1
        full = held and held[-1][2] - held[0][1] + 1 >= FULL
        if held and (full or many > TOO_MANY or (day.year, day.month) != (held[0][0].year, held[0][0].month)):
            yield chat, held[0][0], held[-1][0], 0, held[0][1], held[-1][2]
            held = []
        if many > TOO_MANY:
            for part, start in enumerate(range(low, high + 1, PART), 1):
                yield chat, day, day, part, start, min(start + PART - 1, high)
        else:
            held.append((day, low, high))
    if held:
        yield chat, held[0][0], held[-1][0], 0, held[0][1], held[-1][2]


def _name(first: date, part: int) -> str:
    return f"{first.isoformat()}-{part}.html" if part > 1 else f"{first.isoformat()}.html"


def _words(facts: Facts) -> dict[int, tuple[str, ...]]:
    """Return the words that set each page apart from those before it (tf-idf): later pages change no title."""
    rows = facts.rows(f"""
        WITH paged AS (
            SELECT page, report_word.c AS c, w, sum(n) AS n
            FROM report_word ASOF JOIN (SELECT * FROM report_page WHERE part < 2) pages
                 ON report_word.c = pages.c AND report_word.day >= pages.first
            GROUP BY ALL
        ),
        placed AS (SELECT page, row_number() OVER (PARTITION BY c ORDER BY page) AS before FROM (SELECT DISTINCT c, page FROM paged)),
        weighed AS (
            SELECT page, w, n, n * ln((before + 3) / row_number() OVER (PARTITION BY c, w ORDER BY page)) AS weight
            FROM paged JOIN placed USING (page)
        )
        SELECT page, list(word ORDER BY weight DESC, word) FROM (
            SELECT page, word, weight FROM weighed JOIN report_vocabulary USING (w) WHERE weighed.n > 1
            QUALIFY row_number() OVER (PARTITION BY page ORDER BY weight DESC, word) <= {_TITLE_WORDS}
        ) GROUP BY page""")
    return {page: tuple(words) for page, words in rows}


def _written(facts: Facts) -> dict[int, int]:
    """Return how many messages of people each page has."""
    return dict(
        facts.rows(f"""
            SELECT page, count(*) FILTER (WHERE p <> {NOBODY}) FROM report_m m
            ASOF JOIN report_page pages ON m.c = pages.c AND m.pos >= pages.low GROUP BY page""")
    )


def _made_of(facts: Facts) -> dict[int, str]:
    """Return, for each page, what stands for all of its messages, and for those that they answer."""
    facts.connection.execute(_QUOTES)
    facts.connection.execute(_THREADS)
    rows = facts.rows("""
        SELECT page, count(*), sum(hash(m.mid, local_ts, m.text, media_type, m.kind, attrs, person.name, author_uuid, hue)::HUGEINT),
               sum(hash(quote.mid, quote.text, quote.page_name, quote.name)::HUGEINT), sum(hash(media.html)::HUGEINT),
               sum(hash(thread.answers, thread.mid, thread.page_name)::HUGEINT)
        FROM (SELECT report_m.*, page FROM report_m ASOF JOIN report_page
              ON report_m.c = report_page.c AND report_m.pos >= report_page.low) m
        LEFT JOIN report_person person ON person.p = m.p LEFT JOIN report_quote quote ON quote.event_id = m.event_id
        LEFT JOIN report_media media ON media.event_id = m.event_id
        LEFT JOIN report_thread thread ON thread.event_id = m.event_id
        GROUP BY page""")
    return {page: " ".join(map(str, counted)) for page, *counted in rows}


_PLACES = """
    SELECT m.event_id, m.mid, m.p, m.kind, m.text, m.c, m.pos, pages.name AS page_name
    FROM report_m m ASOF JOIN report_page pages ON m.c = pages.c AND m.pos >= pages.low"""
"""Messages and the names of their pages."""

_QUOTES = f"""
    CREATE OR REPLACE TEMP TABLE report_quote AS
    SELECT answer.event_id, answer.c, answer.pos, asked.mid, asked.p, person.name, asked.kind, left(asked.text, 120) AS text,
           asked.page_name, answer.asked_id = answer.root_id AS begins_thread, answer.root_id AS root_id
    FROM (SELECT event_id, c, pos, TRY_CAST(attrs::JSON->>'thread_root' AS UUID) AS root_id,
                 coalesce(TRY_CAST(attrs::JSON->>'reply_to' AS UUID), root_id) AS asked_id FROM report_m
          WHERE contains(attrs, '"reply_to"') OR contains(attrs, '"thread_root"')) answer
    JOIN ({_PLACES}) asked ON asked.event_id = answer.asked_id AND asked.c = answer.c
    LEFT JOIN report_person person ON asked.p = person.p
    WHERE answer.asked_id <> answer.event_id
    ORDER BY answer.c, answer.pos"""

_THREADS = f"""
    CREATE OR REPLACE TEMP TABLE report_thread AS
    SELECT root_id AS event_id, any_value(report_quote.c) AS c, count(*) AS answers,
           arg_min(place.mid, place.pos) AS mid, arg_min(place.page_name, place.pos) AS page_name
    FROM report_quote JOIN ({_PLACES}) place ON place.event_id = report_quote.event_id
    WHERE root_id IS NOT NULL GROUP BY root_id ORDER BY root_id"""
"""How many answers a message has in a thread of its own, and where the first of them is."""
