"""Messages as people know them, as HTML that the engine makes: one query for many pages, no loop over messages.

Whatever a message holds goes through `escaped`, in this module's queries and nowhere else. Only what it returns, and
literals of this module, become markup.
"""

from collections.abc import Sequence

from egregora_core.plugin import literal
from markupsafe import Markup

from egregora_report.cutting import Page
from egregora_report.facts import NOBODY, Facts
from egregora_report.model import MONTHS, PEOPLE_WITH_PAGES, WEEKDAYS

_APART_SECONDS = 600
"""After a longer pause, a person is named anew."""
_PAIR = 2
"""So many people face each other: one writes on the left, one on the right."""
_TOGETHER = 200_000
"""Of so many messages reactions are put together at once: what they are made of has to fit into memory."""
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{2028}\x{2029}\x{e000}\x{e001}\x{fffe}\x{ffff}"
_SPECIAL = f"""[&<>"'{_CONTROL}]"""


def escaped(text: str) -> str:
    """Return SQL for a text that no browser takes for markup, in elements and in quoted attributes."""
    return f"CASE WHEN regexp_matches({text}, {literal(_SPECIAL)}) THEN {_escaped(text)} ELSE {text} END"


def _escaped(text: str) -> str:
    """Return SQL for a text without what begins markup; most texts are spared it."""
    sql = f"regexp_replace({text}, '[{_CONTROL}]', ' ', 'g')"
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        sql = f"replace({sql}, {literal(sign)}, {literal(entity)})"
    return sql


def prepare(facts: Facts) -> None:
    """Make what messages are joined with: how a person is named, what is answered, and reactions by emoji."""
    face = f"""'<span class="face" aria-hidden="true">' || {escaped("initials")} || '</span>'"""
    facts.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE report_head AS
        SELECT p, hue, {face} || {_name("p", "name", "author_uuid")} AS begins,
               '<b class="h">' || {escaped("name")} || '</b>' AS goes_on
        FROM (SELECT *, {_initials("firsts")} AS initials FROM (SELECT *, {_firsts("name")} AS firsts FROM report_person))""")
    facts.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE report_answer AS
        SELECT event_id, c, pos, root_id, begins_thread, '<a class="q" href="' || page_name || '#m' || mid || '">' ||
               CASE WHEN begins_thread THEN '🧵 ' ELSE '' END || '<b>' || coalesce({escaped("name")}, '') ||
               '</b> <span dir="auto">' || coalesce(nullif({escaped("text")}, ''), {_what("kind", "NULL::VARCHAR")}, '…') ||
               '</span></a>' AS html
        FROM report_quote ORDER BY c, pos""")
    facts.connection.execute("""
        CREATE OR REPLACE TEMP TABLE report_answers AS
        SELECT event_id, c, '<a class="th" href="' || page_name || '#m' || mid || '">🧵 ' || answers ||
               CASE WHEN answers = 1 THEN ' answer' ELSE ' answers' END || '</a>' AS html FROM report_thread""")
    (messages,) = facts.row("SELECT count(*) FROM report_m")
    made = "CREATE OR REPLACE TEMP TABLE report_reaction AS"
    for start in range(0, max(1, messages), _TOGETHER):  # they stand in the order of chats
        facts.connection.execute(f"{made} {_reactions(f'rowid >= {start} AND rowid < {start + _TOGETHER}')}")
        made = "INSERT INTO report_reaction"


def _reactions(messages: str) -> str:
    """Return SQL for the reactions to some messages, by emoji."""
    return f"""
        WITH each AS (
            SELECT event_id, c, pos, unnest(from_json(attrs::JSON->'reactions',
                   '[{{"emoji": "VARCHAR", "author": "VARCHAR", "count": "BIGINT"}}]')) AS one
            FROM report_m WHERE {messages} AND contains(attrs, '"reactions"')
        ),
        counted AS (
            SELECT event_id, c, pos, one.emoji AS emoji, greatest(count(*), max(coalesce(one.count, 0))) AS n,
                   string_agg(DISTINCT one.author, ', ' ORDER BY one.author) AS people
            FROM each WHERE one.emoji IS NOT NULL GROUP BY ALL
        )
        SELECT event_id, c, pos, '<ul class="r" aria-label="Reactions">' || string_agg(
                   '<li' || coalesce(' title="' || {escaped("people")} || '"', '') || '>' || {escaped("emoji")} ||
                   CASE WHEN n > 1 THEN ' ' || n ELSE '' END || '</li>', '' ORDER BY n DESC, emoji) || '</ul>' AS html
        FROM counted GROUP BY event_id, c, pos ORDER BY c, pos"""


def bodies(facts: Facts, pages: Sequence[Page]) -> dict[int, Markup]:
    """Return the messages of pages that follow each other, also from chat to chat, by the page's number.

    Of two people in a chat, one is on the right.
    """
    chats, here = f"c BETWEEN {pages[0].chat} AND {pages[-1].chat}", _between(pages[0], pages[-1])
    rows = facts.rows(f"""
        WITH part AS (
            SELECT m.*, page, people FROM (SELECT * FROM report_m WHERE {here}) m
            JOIN (SELECT c, people FROM report_chat) USING (c)
            ASOF JOIN (SELECT * FROM report_page WHERE page BETWEEN {pages[0].number} AND {pages[-1].number}) pages
                 ON m.c = pages.c AND m.pos >= pages.low
        ),
        told AS (
            SELECT part.*, head.begins AS named, head.goes_on AS hidden, hue, reaction.html AS reactions,
                   -- What goes on in a thread quotes its beginning once.
                   CASE WHEN begins_thread AND lag(root_id) OVER reading = root_id THEN NULL ELSE answer.html END AS asked,
                   answers.html AS answers, media.html AS shown,
                   lag(part.p) OVER reading IS NOT DISTINCT FROM part.p
                   AND lag(day) OVER reading = day
                   AND epoch(ts) - lag(epoch(ts)) OVER reading < {_APART_SECONDS} AS goes_on,
                   lag(day) OVER reading IS DISTINCT FROM day AS new_day, lag(day) OVER reading IS NULL AS begins_page
            FROM part LEFT JOIN report_head head ON part.p = head.p
            LEFT JOIN (SELECT * FROM report_reaction WHERE {here}) reaction ON reaction.event_id = part.event_id AND reaction.c = part.c
            LEFT JOIN (SELECT * FROM report_answer WHERE {here}) answer ON answer.event_id = part.event_id AND answer.c = part.c
            LEFT JOIN (SELECT * FROM report_answers WHERE {chats}) answers ON answers.event_id = part.event_id AND answers.c = part.c
            LEFT JOIN report_media media ON media.event_id = part.event_id
            WINDOW reading AS (PARTITION BY page ORDER BY part.pos)
        )
        SELECT page, string_agg({_message()}, '\n' ORDER BY pos) || '</section>' FROM told GROUP BY page""")
    return {page: Markup(html) for page, html in rows}  # noqa: S704 - of `_message`, which escapes


def _between(first: Page, last: Page) -> str:
    """Return SQL for the messages from one page to another; of one chat, so that the engine skips what lies around."""
    if first.chat == last.chat:
        return f"c = {first.chat} AND pos BETWEEN {first.low} AND {last.high}"
    return (
        f"c BETWEEN {first.chat} AND {last.chat} AND (c > {first.chat} OR pos >= {first.low}) "
        f"AND (c < {last.chat} OR pos <= {last.high})"
    )


def _message() -> str:
    """Return SQL for one message, with the day before it where one begins."""
    side = f"CASE WHEN p = 1 AND people = {_PAIR} THEN ' o' ELSE '' END"
    return f"""
        CASE WHEN new_day THEN CASE WHEN begins_page THEN '' ELSE '</section>' END ||
            '<section class="of-day"><h2 class="day" id="d' || day || '"><span>' || {_day("day")} || '</span></h2>' ELSE '' END ||
        CASE WHEN p = {NOBODY} OR kind = 'system' THEN
            '<p class="s" id="m' || mid || '" dir="auto">' || coalesce({escaped("text")}, '') || ' {_TIME}</p>'
        ELSE
            '<article class="m k' || hue || CASE WHEN goes_on THEN '' ELSE ' f' END || {side} || '" id="m' || mid || '">' ||
            CASE WHEN goes_on THEN hidden ELSE named END || coalesce(asked, '') ||
            {_BODY} || coalesce(reactions, '') || coalesce(answers, '') ||
            '<span class="w">' || CASE WHEN contains(attrs, '"edited"') THEN '<i>edited</i> ' ELSE '' END || '{_TIME}</span></article>'
        END"""


_TIME = (
    '<a href="#m\' || mid || \'" title="Link to this message"><time datetime="\' || '
    "strftime(local_ts, '%Y-%m-%dT%H:%M') || '\">' || strftime(local_ts, '%H:%M') || '</time></a>"
)


def _day(day: str) -> str:
    weekdays, months = (", ".join(map(literal, names)) for names in (WEEKDAYS, MONTHS))
    return (
        f"([{weekdays}])[isodow({day})::INTEGER] || ', ' || day({day}) || ' ' || ([{months}])[month({day})::INTEGER] "
        f"|| ' ' || year({day})"
    )


def _firsts(name: str) -> str:
    """Return SQL for the first letters of a name's words."""
    words = f"list_filter(regexp_extract_all({name}, '\\S+'), lambda word: regexp_matches(word, '[\\pL\\pN]'))"
    return f"list_transform({words}, lambda word: regexp_extract(word, '[\\pL\\pN]'))"


def _initials(firsts: str) -> str:
    """Return SQL that says what `egregora_core.people.initials` says."""
    return f"CASE WHEN len({firsts}) = 0 THEN '?' ELSE upper({firsts}[1] || CASE WHEN len({firsts}) > 1 THEN {firsts}[-1] ELSE '' END) END"


def _name(number: str, name: str, uuid: str) -> str:
    link = f"'<a class=\"n\" href=\"../../people/p-' || left({uuid}::VARCHAR, 8) || '.html\">' || {escaped(name)} || '</a>'"
    return (
        f"CASE WHEN {number} < {PEOPLE_WITH_PAGES} THEN {link} ELSE '<b class=\"n\">' || {escaped(name)} || '</b>' END"
    )


_KINDS = {
    "media": "Media, left out of the export",
    "photo": "Photo",
    "video": "Video",
    "audio": "Voice message or audio",
    "file": "File",
    "sticker": "Sticker",
    "deleted": "Message deleted",
    "call": "Call",
    "location": "Place",
    "contact": "Contact",
    "poll": "Poll",
}
_ICONS = {
    "media": "🖼️", "photo": "📷", "video": "🎬", "audio": "🎙️", "file": "📎", "sticker": "🏷️",
    "deleted": "🚫", "call": "📞", "location": "📍", "contact": "👤", "poll": "📊",
}  # fmt: skip


def _what(kind: str, media_type: str) -> str:
    """Return SQL for the name of what is no text; null for text."""
    by_type = (
        f"CASE split_part({media_type}, '/', 1) WHEN 'image' THEN 'photo' WHEN 'video' THEN 'video' "
        f"WHEN 'audio' THEN 'audio' ELSE 'file' END"
    )
    exact = f"CASE WHEN {kind} = 'media' AND {media_type} IS NOT NULL THEN {by_type} ELSE {kind} END"
    cases = " ".join(f"WHEN {literal(name)} THEN {literal(f'{_ICONS[name]} {told}')}" for name, told in _KINDS.items())
    return f"CASE {exact} {cases} END"


_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand around a link while its text is escaped; taken out of what people wrote."""


def _linked(text: str) -> str:
    """Return SQL for an escaped text whose links can be clicked: a link is found before, and marked up after."""
    plain = f"regexp_replace({text}, '[{_OPEN}{_CLOSE}]', '', 'g')"
    # Brackets belong to an address in pairs, as around a placeholder of privacy; what ends a sentence does not end one.
    paired = "\\[[^\\s<>\"''\\[\\]]*\\]|\\([^\\s<>\"''()]*\\)"
    link = f"(?i)(https?://(?:[^\\s<>\"()\\[\\]]|{paired})*(?:[^\\s<>\"''.,;:!?()\\[\\]]|{paired}))"
    marked = _escaped(f"regexp_replace({plain}, '{link}', '{_OPEN}\\1{_CLOSE}', 'g')").replace(r"\x{e000}\x{e001}", "")
    anchor = '<a href="\\1" rel="noreferrer noopener nofollow">\\1</a>'
    clickable = f"regexp_replace({marked}, '{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}', '{anchor}', 'g')"
    return f"CASE WHEN contains({text}, '://') THEN {clickable} ELSE {escaped(text)} END"


_TEXT = f"'<div class=\"t\" dir=\"auto\">' || {_linked('text')} || '</div>'"
_PICTURES_ALONE = r"^[^\pL\pN\pP]{1,12}$"
_ANY_PICTURE = r"[\x{2190}-\x{1FAFF}]"
_WORDS_OR_PICTURES = f"""
    CASE WHEN length(text) < 13 AND regexp_matches(text, '{_PICTURES_ALONE}') AND regexp_matches(text, '{_ANY_PICTURE}')
    THEN '<div class="t big">' || {escaped("text")} || '</div>' ELSE {_TEXT} END"""


def _poll(text: str) -> str:
    """Return SQL for a poll: the question, and a bar for each option, as its text tells them."""
    question = escaped(f"regexp_replace(split_part({text}, chr(10) || 'OPTION:', 1), '^POLL:\\s*', '')")
    options = f"regexp_extract_all({text}, '(?m)^OPTION: *(.*)$', 1)"
    name = escaped("regexp_replace(option, ' *\\([^()]*\\) *$', '')")
    votes = "coalesce(nullif(regexp_extract({}, '\\((\\d{{1,6}})[^()]*\\) *$', 1), ''), '0')"
    most = f"list_max(list_transform({options}, lambda each: {votes.format('each')}::INTEGER))"
    option = (
        f'\'<label><span dir="auto">\' || {name} || \'</span><meter min="0" max="\' || greatest(1, {most}) || \'" value="\' '
        f"|| {votes.format('option')} || '\"></meter><span class=\"v\">' || {votes.format('option')} || '</span></label>'"
    )
    bars = f"list_aggregate(list_transform({options}, lambda option: {option}), 'string_agg', '')"
    return (
        f"'<figure class=\"poll\"><figcaption dir=\"auto\">' || {question} || '</figcaption>' || {bars} || '</figure>'"
    )


_SECONDS = "TRY_CAST(attrs::JSON->'data'->>'seconds' AS BIGINT)"
_CALL = f"""
    CASE WHEN kind <> 'call' OR attrs IS NULL THEN ''
         WHEN attrs::JSON->'data'->>'missed' = 'true' THEN ', missed'
         WHEN {_SECONDS} >= 3600 THEN ', ' || {_SECONDS} // 3600 || ' h ' || {_SECONDS} % 3600 // 60 || ' min'
         WHEN {_SECONDS} >= 60 THEN ', ' || {_SECONDS} // 60 || ' min ' || {_SECONDS} % 60 || ' s'
         WHEN {_SECONDS} > 0 THEN ', ' || {_SECONDS} || ' s' ELSE '' END"""

_BODY = f"""
    CASE WHEN contains(attrs, '"forwarded_from"') THEN '<p class="x">Forwarded</p>' ELSE '' END ||
    CASE WHEN kind = 'poll' AND contains(text, chr(10) || 'OPTION:') THEN {_poll("text")}
    ELSE coalesce(shown, '<p class="x">' || {_what("kind", "media_type")} || {_CALL} || '</p>', '') ||
         CASE WHEN coalesce(text, '') = '' THEN '' ELSE {_WORDS_OR_PICTURES} END
    END"""
