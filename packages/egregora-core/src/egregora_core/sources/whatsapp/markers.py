"""What WhatsApp writes into bodies itself, told from what people write: by structure first, by words last.

`LRM` before a text is the app's own signature on iOS, and stands before attachments on Android; a person does not type
it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from egregora_core.sources.whatsapp.phrases import (
    ATTACHED,
    CALL,
    CALLS,
    CONTACT,
    DELETED,
    DELETED_BY,
    EDITED,
    ENCRYPTED,
    LEFT_OUT,
    LIVE_LOCATIONS,
    LOCATION,
    NOT_EXPORTED,
    OMITTED,
    STICKER,
    WAITING,
)
from egregora_core.sql import literal

_NAME = r"[^<>/\\:*?\x22|\x{200e}\x{200f}]+\.[A-Za-z0-9]{1,5}"
_BIDI = r"[\x{200e}\x{200f}]"
_MARKED = rf"(?s)^(.*?) ?{_BIDI}*<[^<>:：/\\]+[:：] ?{_BIDI}?({_NAME})>$"
_MARKED_LAST = rf"(?s)^(.*?) ?{_BIDI}+<({_NAME}) [^<>.:]{{2,40}}>$"
_CAPTION = rf"(?s)^(.+?) ?{_BIDI}+([^<>\n:\x{{200e}}\x{{200f}}]{{3,40}})$"
_PAGES = rf"^{_BIDI}*({_NAME}) • [^\x{{200e}}\x{{200f}}]*{_BIDI}.*{_BIDI}[^<\x{{200e}}\x{{200f}}]+$"
_DOCUMENT = f"^{_BIDI}*({_NAME}) • "
_ANDROID = rf"^({_BIDI}*)({_NAME}) [(（]([^()（）]+)[)）]$"
_PHONE_NAMES = r"^[A-Z]{2,4}-[0-9]{8}-WA[0-9]+"
_OMITTED = r"^<[^<>=/\x22@:：{}]+>$"
_URL = (
    r"https?://(?:maps\.google\.[a-z.]+/|maps\.app\.|www\.google\.[a-z.]+/maps|"
    r"maps\.apple\.com|(?:www\.|[a-z]+\.)?foursquare\.com/v/|4sq\.com)"
)


@dataclass(frozen=True)
class Signs:
    """How a file's app-written texts are told."""

    chat_name: str | None = None
    """iOS: the name under which the app itself writes."""
    is_group: bool = False
    """Nobody of that name takes part: all that it writes is the app's."""
    unmarked: bool = False
    """iOS: no text bears the app's mark; an editor dropped them, so that words must tell."""


def is_special(text: str, newline: str) -> str:
    """Return SQL that is true wherever a body may hold anything of the app's; cheap, and true for few."""
    n = literal(newline)
    phrases = (*DELETED, *CALLS, *LIVE_LOCATIONS, *NOT_EXPORTED)
    spelt = (form + end for phrase in phrases for form in (phrase, _sentence(phrase)) for end in ("", ".", "。"))
    return (
        f"(contains({text}, chr(8206)) OR contains({text}, chr(8207)) OR contains({text}, chr(8296)) "
        f"OR ends_with({text}, '>') OR ends_with({text}, ')') OR ends_with({text}, '）') OR contains({text}, ': http') "
        f"OR (contains({text}, {n}) AND (contains({text}, '>' || {n}) OR contains({text}, ')' || {n}) "
        f"OR contains({text}, ':' || {n}) OR contains({text}, '：' || {n}))) "
        f"OR {text} IN ({', '.join(map(literal, spelt))}) "
        # All of these name an admin, which one look tells.
        f"OR (contains({text}, ' admin') AND {_starts_sql(text, map(_sentence, DELETED_BY))}))"
    )


def _sentence(phrase: str) -> str:
    return phrase[0].upper() + phrase[1:]


def _starts_sql(text: str, starts: Iterable[str]) -> str:
    return "(" + " OR ".join(f"starts_with({text}, {literal(start)})" for start in starts) + ")"


def columns_sql(source: str, newline: str, signs: Signs) -> str:
    """Return a SELECT over `source(pos, author, t)`, whose bodies are special: what each says beside its text.

    Columns: pos, author (null where the app wrote it), t (text, null if nothing but markers), kind, edited,
    media_name, media_missing, mentions.
    """
    sql = source
    for stage in (
        _edit_sql(newline),
        _edited_sql(),
        "*, CASE WHEN edited THEN e.body ELSE raw END AS t",
        _lines_sql(literal(newline)),
        _attachment_sql(),
        _how_sql(),
        _facts_sql(newline),
        _short_sql(signs),
        f"*, {_kind_sql(signs)} AS kind",
        _result_sql(newline),
    ):
        sql = f"(SELECT {stage} FROM {sql})"
    return f"FROM {sql}"


def _edit_sql(newline: str) -> str:
    pattern = rf"(?s)^(.*?) ?({_BIDI}?)<([^<>:：{newline}]{{2,60}})>$"
    extract = f"regexp_extract(t, {literal(pattern)}, ['body', 'mark', 'word'])"
    return (
        f"pos, author, t AS raw, regexp_extract(t, '^{_BIDI}') <> '' AS lrm, "
        f"CASE WHEN ends_with(t, '>') THEN {extract} END AS e"
    )


def _edited_sql() -> str:
    return (
        # A file's name in brackets is an attachment.
        "*, CASE WHEN e.word <> '' THEN NOT regexp_matches(e.word, '\\.[A-Za-z0-9]{2,5}( |$)') "
        f"AND (e.mark <> '' OR (regexp_matches(e.word, '[^\\x21-\\x7f]') "
        f"AND regexp_matches(lower(e.word), {literal(EDITED)}))) ELSE FALSE END AS edited"
    )


def _lines_sql(n: str) -> str:
    return (
        f"*, CASE WHEN contains(t, {n}) THEN left(t, instr(t, {n}) - 1) ELSE t END AS first, "
        f"CASE WHEN contains(t, {n}) THEN substr(t, instr(t, {n}) + 1) END AS more, "
        f"regexp_replace(t, '^{_BIDI}+', '') AS x"
    )


def _attachment_sql() -> str:
    return (
        f"*, CASE WHEN ends_with(t, '>') THEN regexp_extract(t, {literal(_MARKED)}, ['body', 'name']) END AS m, "
        f"CASE WHEN ends_with(t, '>') THEN regexp_extract(t, {literal(_MARKED_LAST)}, ['body', 'name']) END AS m2, "
        f"CASE WHEN more IS NOT NULL AND ends_with(first, '>') "
        f"THEN regexp_extract(first, {literal(_MARKED)}, ['body', 'name']) END AS f, "
        f"CASE WHEN contains(t, ' • ') THEN regexp_extract(t, {literal(_PAGES)}, 1) ELSE '' END AS pages, "
        f"CASE WHEN contains(substr(t, 2), chr(8206)) OR contains(substr(t, 2), chr(8207)) "
        f"THEN regexp_extract(t, {literal(_CAPTION)}, ['body', 'word']) END AS c, "
        "CASE WHEN ends_with(first, ')') OR ends_with(first, '）') "
        f"THEN regexp_extract(first, {literal(_ANDROID)}, ['mark', 'name', 'word']) END AS a"
    )


def _how_sql() -> str:
    """Return SQL for how a file is attached.

    1 `<word: name>`, 2 `<name word>`, 3 `name (word)`, 4 as 1 before a caption, 5 `name • pages omitted`,
    6 `caption image omitted`, 0 not at all.
    """
    return (
        f"*, CASE WHEN m.name <> '' AND (lrm OR m.body = '' OR regexp_matches(raw, '{_BIDI}<') "
        f"OR regexp_matches(m.body, {literal(_DOCUMENT)})) THEN 1 "
        "WHEN m2.name <> '' THEN 2 "
        f"WHEN a.name <> '' AND (a.mark <> '' OR regexp_matches(a.name, '{_PHONE_NAMES}') "
        f"OR regexp_matches(lower(a.word), {literal(ATTACHED)})) THEN 3 "
        f"WHEN f.name <> '' AND (lrm OR f.body = '') THEN 4 WHEN pages <> '' THEN 5 "
        f"WHEN c.word <> '' AND regexp_matches(lower(c.word), {literal(LEFT_OUT)}) THEN 6 ELSE 0 END AS how"
    )


def _facts_sql(newline: str) -> str:
    deleted = ", ".join(literal(phrase.lower()) for phrase in DELETED)
    calls, live = (", ".join(literal(each.lower()) for each in phrases) for phrases in (CALLS, LIVE_LOCATIONS))
    return f"""*,
        CASE how WHEN 1 THEN m.name WHEN 2 THEN m2.name WHEN 3 THEN a.name WHEN 4 THEN f.name WHEN 5 THEN pages
                 WHEN 6 THEN nullif(regexp_extract(c.body, {literal(_DOCUMENT)}, 1), '') END
            AS media_name,
        CASE how WHEN 1 THEN m.body WHEN 2 THEN m2.body END AS caption,
        CASE WHEN how = 0 AND starts_with(first, '<') AND length(first) <= 62
             THEN regexp_matches(first, '{_OMITTED}') AND regexp_matches(first, '[^\\x21-\\x7f]')
                  AND (regexp_matches(first, '[^\\x00-\\x7f]') OR regexp_matches(lower(first), {literal(OMITTED)}))
             ELSE FALSE END AS omitted,
        how = 0 AND more IS NULL AND rtrim(lower(x), '.。 ') IN ({deleted})
            OR (how = 0 AND more IS NULL AND {_starts_sql("lower(x)", DELETED_BY)}) AS deleted,
        how = 0 AND more IS NULL AND NOT lrm AND rtrim(lower(t), '. ') IN ({calls}) AS called,
        how = 0 AND more IS NULL AND NOT lrm AND rtrim(lower(t), '. ') IN ({live}) AS live,
        CASE WHEN how = 0 AND contains(x, ': ') AND contains(x, 'http')
             THEN regexp_matches(x, '^[^:<>]{{1,30}}: {_URL}')
                  OR (lrm AND regexp_matches(x, '^[^:<>]{{1,30}}: .*{_URL}'))
             ELSE FALSE END AS located,
        CASE WHEN how = 0 AND more IS NOT NULL THEN {_poll_sql(newline)} ELSE FALSE END AS poll"""


def _short_sql(signs: Signs) -> str:
    """Return SQL for whether a body is short and the app's, as its mark says, or its words where marks were lost."""
    phrases = ", ".join(literal(phrase.lower()) for phrase in NOT_EXPORTED)
    lost = f"(NOT lrm AND rtrim(lower(x), '. ') IN ({phrases}))" if signs.unmarked else "FALSE"
    # People who write from right to left do type that mark.
    words = f"lrm AND regexp_matches(lower(x), {literal(f'{LEFT_OUT}|{CALL}|{STICKER}|{CONTACT}')})"
    marked = f"(starts_with(t, chr(8206)) OR ({words}))"
    return f"*, how = 0 AND more IS NULL AND length(x) <= 100 AND ({marked} OR {lost}) AS short"


def _kind_sql(signs: Signs) -> str:
    """Return SQL for the kind.

    What is short, marked and of no known words is a file that was left out or, if a sentence, a deleted message.
    """
    chat = f"author = {literal(signs.chat_name)}" if signs.chat_name is not None else "FALSE"
    return f"""CASE
        WHEN author IS NULL OR ({chat} AND {literal(signs.is_group)}) THEN 'system'
        WHEN how = 0 AND more IS NULL AND lrm AND NOT deleted AND starts_with(x, author || ' ') THEN 'system'
        WHEN how = 0 AND lrm AND regexp_matches(lower(x), {literal(ENCRYPTED)}) AND length(x) > 12 THEN 'system'
        WHEN how > 0 AND lower(media_name) LIKE '%.vcf' THEN 'contact'
        WHEN how > 0 AND (lower(media_name) LIKE '%.webp' OR contains(media_name, '-STICKER-')) THEN 'sticker'
        WHEN how = 6 AND regexp_matches(lower(c.word), {literal(STICKER)}) THEN 'sticker'
        WHEN how > 0 THEN 'media'
        WHEN deleted THEN 'deleted'
        WHEN called THEN 'call'
        WHEN live THEN 'location'
        WHEN poll THEN 'poll'
        WHEN located THEN 'location'
        WHEN omitted AND regexp_matches(lower(first), {literal(STICKER)}) THEN 'sticker'
        WHEN omitted THEN 'media'
        WHEN NOT short OR x = '' OR lower(x) = {literal(WAITING)}
             THEN CASE WHEN {chat} AND lrm THEN 'system' ELSE 'text' END
        WHEN {chat} AND length(x) > 60 THEN 'system'
        WHEN regexp_matches(lower(x), {literal(CALL)}) AND length(x) <= 60 THEN 'call'
        WHEN regexp_matches(lower(x), {literal(STICKER)}) THEN 'sticker'
        WHEN regexp_matches(lower(x), {literal(CONTACT)}) AND length(x) <= 40 THEN 'contact'
        WHEN regexp_matches(lower(x), {literal(LOCATION)}) AND length(x) <= 60 THEN 'location'
        WHEN regexp_matches(x, '[.。।۔]$')
             THEN CASE WHEN {chat} OR length(x) > 60 THEN 'system' ELSE 'deleted' END
        WHEN length(x) <= 40 AND regexp_matches(x, '[^\\x21-\\x7f]') THEN 'media'
        WHEN {chat} THEN 'system' ELSE 'text' END"""


def _result_sql(newline: str) -> str:
    mention = rf"@\x{{2068}}[^\x{{2069}}{newline}]*\x{{2069}}"
    return f"""
        pos, CASE WHEN kind <> 'system' THEN author END AS author, kind, edited,
        nullif(CASE
            WHEN kind = 'system' THEN replace(replace(raw, chr(8206), ''), chr(8207), '')
            WHEN kind = 'text' THEN t
            WHEN how = 3 THEN coalesce(more, '')
            WHEN how = 6 AND media_name IS NOT NULL THEN ''
            WHEN how = 6 THEN regexp_replace(c.body, '^{_BIDI}+| ?{_BIDI}+$', '', 'g')
            WHEN how = 4 THEN regexp_replace(f.body, '{_BIDI}', '', 'g') || more
            WHEN how = 5 OR (how > 0 AND regexp_matches(caption, {literal(_DOCUMENT)}))
                THEN ''
            WHEN how > 0 THEN regexp_replace(caption, '^{_BIDI}+| ?{_BIDI}+$', '', 'g')
            WHEN kind = 'poll' THEN replace(replace(more, chr(8206), ''), chr(8207), '')
            WHEN located THEN regexp_replace(x, '^[^:]*: ', '')
            -- What only looks like the app's is kept.
            WHEN omitted AND NOT regexp_matches(lower(first), {literal(OMITTED)}) THEN t
            WHEN omitted THEN coalesce(more, '')
            WHEN kind = 'media' AND NOT regexp_matches(lower(x), {literal(LEFT_OUT)}) THEN x
            ELSE '' END, CASE WHEN kind = 'text' THEN NULL ELSE '' END) AS t,
        media_name,
        CASE WHEN omitted OR how IN (5, 6) OR (short AND kind IN ('media', 'sticker', 'contact')) THEN TRUE END
            AS media_missing,
        [name[3:-2] FOR name IN regexp_extract_all(raw, {literal(mention)})] AS mentions"""


def _poll_sql(newline: str) -> str:
    """Return SQL for a poll: a heading in capitals (or after the app's mark), question, options with votes."""
    # A heading in a script without capitals is told by the options alone.
    option = rf"{newline}{_BIDI}*[^{newline}:：]+(?:: |：)[^{newline}]* ?[(（][^{newline}()]*\pN[^{newline}()]*[)）]"
    return (
        f"(regexp_matches(first, '^{_BIDI}*\\p{{Lu}}[\\p{{Lu}}\\p{{M}} ]+:$') "
        f"OR (regexp_matches(first, '^{_BIDI}*[^:：\\p{{Lu}}\\p{{Ll}}]{{2,30}}[:：]$') "
        f"AND regexp_matches(first, '\\pL') "
        f"AND regexp_matches(t, {literal(f'^[^{newline}]+{newline}[^{newline}]+(?:{option})+$')})) "
        f"OR (lrm AND regexp_matches(first, '^[^:：]+[:：]$'))) AND regexp_matches(t, {literal(option)})"
    )
