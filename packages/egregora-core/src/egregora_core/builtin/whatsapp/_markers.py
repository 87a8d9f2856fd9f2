"""What WhatsApp writes into bodies itself, told from what people write: by structure first, by words last.

`LRM` before a text is the app's own signature on iOS; on Android it stands before attachments alone. People paste it,
too, so it never takes a word away by itself: where a marker is only likely, the kind says so and the text is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from egregora_core.builtin.whatsapp import _attachments as attachments
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._phrases import (
    BIDI,
    FILES,
    bare,
    has,
    is_one,
    is_one_marked,
    omitted,
    phrases,
    unmarked,
    word_parts,
)
from egregora_core.plugin import literal

_MAP = r"https?://maps\.google\.[a-z.]+/(?:maps)?\?q="
_VENUE = r"https?://(?:www\.)?foursquare\.com/v/"
_UNITS = word_parts("unit")
_LENGTH = rf"^\pN+ ?(?:{_UNITS})\.?(?: \pN+ ?(?:{_UNITS})\.?)*$"
_SHORT = 100
_LONGEST_NOTE = 60
_NOTICE, _LONGEST_NOTICE = 70, 600
"""Bytes of the notice of encryption, in any language."""
_FOUR_WORDS = r"^\S+(?: \S+){3}"
LABELLED = r"^[^\s:：.。]{1,20} ?[:：] ?"
"""A word and a colon: what somebody sent (`Event: Party`), never a notice."""
_TELLING = ("\u200e", "\u200f", "\u2068", "https://maps.google.", "foursquare.com/v/", "http://maps.google.", " call, ")
_ENDS, _LINE_ENDS = (">", ")", "）"), (">", ")", ":", "：")
_BY_ADMIN = tuple(f"{start} " for start in phrases("deleted_by"))
"""A name follows."""


@dataclass(frozen=True)
class Signs:
    """How a file's app-written texts are told."""

    chat_name: str | None = None
    """iOS: the name under which the app itself writes."""
    is_group: bool = False
    """Nobody of that name takes part: all that it writes is the app's."""
    unmarked: bool = False
    """iOS: no text bears the app's mark; an editor dropped them, so that words must tell."""
    android: bool = False
    """The mark stands before attachments alone."""


def is_special(text: str, newline: str, signs: Signs) -> str:
    """Return SQL that is true wherever a body may hold anything of the app's; cheap, and true for few.

    A body that is no more than a phrase, without a mark, is told by `is_phrase`.
    """
    calls, documents = "|".join(phrases("calls", "call_names")), "|".join(omitted("document", "contact"))
    lost = (
        _any_sql("starts_with", text, phrases("encryption_notices")),
        f"starts_with({text}, author || ' ')",
        f"regexp_matches({text}, {literal(f'^(?:{calls})[,.،、]')})",
        f"regexp_matches({text}, {literal(f' (?:{documents})[.]?$')})",
    )
    # All that name an admin are told by one look.
    admin = f"(contains({text}, 'dmin') AND {_any_sql('starts_with', text, _BY_ADMIN)})"
    inside = _any_sql("contains", text, (f"{sign}{newline}" for sign in _LINE_ENDS))
    told = (
        _any_sql("contains", text, _TELLING),
        _any_sql("ends_with", text, _ENDS),
        f"(contains({text}, {literal(newline)}) AND {inside})",
        attachments.perhaps(text),
        admin,
        _encryption_sql(text),
        *(lost if signs.unmarked else ()),
    )
    return f"({' OR '.join(told)})"


def _encryption_sql(text: str) -> str:
    """Return SQL for the whole notice of encryption, which is long: some tools write it under somebody's name."""
    starts = _any_sql("starts_with", text, phrases("encryption_notices"))
    return f"(CASE WHEN strlen({text}) BETWEEN {_NOTICE} AND {_LONGEST_NOTICE} THEN {starts} ELSE FALSE END)"


def _any_sql(function: str, text: str, parts: Iterable[str]) -> str:
    """Return SQL for whether a text contains, starts or ends with any of some parts."""
    return "(" + " OR ".join(f"{function}({text}, {literal(part)})" for part in parts) + ")"


def columns_sql(newline: str, signs: Signs, title: str | None) -> str:
    """Return a SELECT over `lines` with bodies that are special, as `with_roles(pos, author, t)` gives them.

    Columns: pos, author (null where the app wrote it), t (text, null if nothing but markers), kind, edited,
    media_name, media_missing, mentions. `title` is what the chat is called.
    """
    n, told = literal(newline), [*enumerate(_told(newline, signs))]
    whens = " ".join(f"WHEN {when} THEN {what}" for what, (when, _, _) in told)
    kinds = " ".join(f"WHEN {what} THEN {kind}" for what, (_, kind, _) in told)
    texts = " ".join(f"WHEN {what} THEN {text}" for what, (_, _, text) in told)
    sql = "lines"
    for stage in (
        *_edit_stages(newline, signs),
        (
            f"*, split_part(t, {n}, 1) AS first, "
            f"CASE WHEN contains(t, {n}) THEN substr(t, instr(t, {n}) + 1) END AS more"
        ),
        *attachments.stages(newline, android=signs.android, unmarked=signs.unmarked),
        (
            f"*, {bare('t')} AS x, how = 0 AND more IS NULL AS alone, "
            f"regexp_extract(first, '^{BIDI}*< ?([^<>=/\\x22@:：{{}}]+?) ?>{BIDI}*$', 1) AS word"
        ),
        "*, regexp_extract(x, '^[^.,،、，]+[.,،、，] ?(.+)$', 1) AS tail",
        f"*, {_talk_sql()} AS talk, {_omitted_kind_sql(signs)} AS gone",
        # Android writes a document's name where its caption would be.
        f"*, gone IS NOT NULL AND regexp_matches(more, {literal(attachments.FILE_NAME)}) AS named",
        f"*, CASE {whens} END AS what",
        f"*, CASE what {kinds} ELSE 'text' END AS kind",
        _result_sql(texts, newline, title),
    ):
        sql = f"(SELECT {stage} FROM {sql})"
    return f"FROM {sql}"


def _edit_stages(newline: str, signs: Signs) -> Iterator[str]:
    """Yield selections that add `t`, the text without the mark of an edit: on iOS the app's, else told by two words.

    They also add `lrm`, whether the app's mark begins the text, and `app`, the same where it is the app's signature.
    """
    pattern = rf"(?s)^(.*?) ?({BIDI}?)<({BIDI}?)([^<>:：{newline}]+)>$"
    extract = f"regexp_extract(t, {literal(pattern)}, ['body', 'mark', 'inner', 'word'])"
    lrm, word = f"regexp_extract(t, '^{BIDI}') <> ''", bare("e.word")
    edited, message = has(word, "edited"), has(word, "message")
    marked = f"NOT {signs.android} AND e.mark <> '' AND ({edited} OR {message})"
    yield (
        f"pos, author, whole, head, ending, after, after_ending, t AS raw, {lrm} AS lrm, "
        f"{lrm} AND NOT {signs.android} AS app, CASE WHEN ends_with(t, '>') THEN {extract} END AS e"
    )
    # A file's name or how it is attached, in brackets, is an attachment.
    yield (
        f"*, CASE WHEN e.word <> '' THEN e.inner = '' AND NOT regexp_matches(e.word, '\\.[A-Za-z0-9]{{2,12}}( |$)') "
        f"AND NOT {is_one(f'lower({word})', phrases('attached'))} AND (({marked}) OR ({edited} "
        f"AND ({message} OR regexp_full_match({word}, '[^\\x00-\\x7f]+')))) ELSE FALSE END AS edited"
    )
    yield "*, CASE WHEN edited THEN e.body ELSE raw END AS t"


def _talk_sql() -> str:
    """Return SQL for what follows a call, of which its length is no part: somebody's words; null where there is none.

    A call is missed, or has its length or end behind it, or the app's mark between the two.
    """
    ends = is_one_marked("rtrim(tail, '. ')", phrases("call_ends"))
    length = f"regexp_matches(lower(tail), {literal(_LENGTH)})"
    between = f"regexp_matches(raw, '^{BIDI}[^.,،、，]+[.,،、，] ?{BIDI}') AND {has('x', 'call')}"
    unit = _LENGTH.removeprefix("^").removesuffix("$")
    talk = f"regexp_extract(tail, {literal(f'(?is)^(?:{unit})[.]? +(.+)$')}, 1)"
    return (
        "CASE WHEN alone AND (whole = 'missed' "
        f"OR (head IN ('call', 'missed') AND tail <> '' AND ({ends} OR {length} OR lrm)) "
        f"OR ({between} AND length(x) <= {_LONGEST_NOTE})) THEN CASE WHEN {length} THEN '' ELSE {talk} END END"
    )


def _omitted_kind_sql(signs: Signs) -> str:
    """Return SQL for the kind of a file that was left out and said to be, null where there is none."""
    inner = bare("word")
    said = f"{is_one_marked(inner, phrases('media_omitted'))} OR ({has(inner, 'omitted')} AND {has(inner, 'file')})"
    return f"""CASE
        WHEN how = 0 AND word <> '' AND ({said}) THEN CASE WHEN {has("word", "sticker")} THEN 'sticker' ELSE 'media' END
        WHEN alone AND (lrm OR {signs.unmarked}) AND whole IN {FILES}
            THEN replace(whole, 'document', 'media')
        WHEN app AND how = 0 AND (after IS NOT NULL OR (alone AND length(x) <= 40 AND {has("x", "omitted")}))
            THEN CASE WHEN {has("x", "sticker")} THEN 'sticker' WHEN {has("x", "contact")} THEN 'contact'
                WHEN {has("x", "file")} THEN 'media' END END"""


def _told(newline: str, signs: Signs) -> Iterator[tuple[str, str, str]]:
    """Yield what a body may be: SQL for when it is, for its kind, and for what is left of it; the first counts."""
    whole, said = unmarked("raw"), unmarked("t")
    chat = f"author = {literal(signs.chat_name)}" if signs.chat_name is not None else "FALSE"
    yield f"author IS NULL OR ({chat} AND {literal(signs.is_group)})", "'system'", whole
    yield "how > 0 AND lower(file) LIKE '%.vcf'", "'contact'", "caption"
    yield "how > 0 AND (lower(file) LIKE '%.webp' OR contains(file, '-STICKER-'))", "'sticker'", "caption"
    for kind in ("sticker", "contact"):
        yield f"how = {attachments.LEFT_OUT} AND {has(bare('c.word'), kind)}", f"'{kind}'", "caption"
    yield "how > 0", "'media'", "caption"
    # From here on there is no file.
    yield "alone AND whole = 'placeholder'", "'text'", said
    # A sentence goes on where a name should stand.
    goes_on = "regexp_matches(x, '[aA]dmin(?:istrador)? [a-z]')"
    by_admin = f"{_any_sql('starts_with', 'x', _BY_ADMIN)} AND length(x) <= {_SHORT} AND (lrm OR NOT {goes_on})"
    yield f"alone AND (whole = 'deleted' OR ({by_admin}))", "'deleted'", "coalesce(talk, '')"
    yield "talk IS NOT NULL", "'call'", "talk"
    yield "alone AND whole = 'live'", "'location'", "''"
    label = is_one("lower(regexp_extract(x, '^([^:：]+?) ?[:：] ?http', 1))", phrases("locations"))
    place = f"regexp_replace({said}, '^[^:：]*[:：] ?', '')"
    yield f"regexp_matches(x, '^[^:：]+[:：] ?{_MAP}') AND {label}", "'location'", place
    venue = _VENUE if signs.android else f"{_VENUE}|{_MAP}"
    marked = f"({signs.android} OR lrm)"
    yield f"{marked} AND regexp_matches(x, '^[^{newline}]+[:：] ?(?:{venue})')", "'location'", said
    yield "gone IS NOT NULL AND after IS NOT NULL", "gone", "after"
    # More words than the app needs, in no phrase that is known, may be somebody's.
    words = f"word = '' AND whole IS NULL AND regexp_matches(x, '{_FOUR_WORDS}')"
    yield f"gone IS NOT NULL AND {words}", "gone", said
    yield "gone IS NOT NULL", "gone", "CASE WHEN named THEN '' ELSE coalesce(more, '') END"
    yield f"alone AND {_encryption_sql('x')} AND regexp_matches(x, '[.。।۔] *[^ ]+.*[.。।۔]?$')", "'system'", whole
    notice = f"{_any_sql('starts_with', 'x', phrases('encryption_notices'))} OR (lrm AND {has('x', 'encrypted')})"
    yield f"(app OR {signs.unmarked}) AND ({notice}) AND length(x) > 12", "'system'", whole
    yield f"alone AND length(x) <= 150 AND ({_event_sql(signs)})", "'system'", whole
    known = is_one(f"upper(regexp_extract({bare('first')}, '^(.+?) ?[:：]$', 1))", phrases("polls"))
    poll = f"CASE WHEN {known} THEN {unmarked('more')} ELSE t END"
    yield f"more IS NOT NULL AND {_poll_sql(newline)}", "'poll'", poll
    # What only looks like the app's is kept.
    perhaps = f"app AND alone AND length(x) <= {_SHORT} AND {has('x', 'message')} AND {has('x', 'deleted')}"
    yield perhaps, "'deleted'", "t"
    # Under the chat's name, what is marked and long or a sentence is the app's; a few words may be pasted.
    sentence = f"(length(x) > {_LONGEST_NOTE} OR regexp_matches(x, '[.。।۔]$'))"
    yield f"{chat} AND app AND {sentence} AND NOT regexp_matches(x, '{LABELLED}')", "'system'", whole


def _event_sql(signs: Signs) -> str:
    """Return SQL for what somebody did, told under their own name, or on iOS behind the app's mark."""
    bare_author = r"regexp_replace(author, '^[~\s\x{a0}\x{202f}\x{200e}\x{200f}\x{202a}-\x{202e}]+', '')"
    named = "starts_with(x, author || ' ')"
    return (
        f"(app AND ({named} OR starts_with(x, {bare_author} || ' ') OR {has('x', 'event')})) "
        f"OR ({signs.unmarked} AND {named} AND {has('x', 'action')} AND {has('x', 'thing')})"
    )


def _result_sql(texts: str, newline: str, title: str | None) -> str:
    mention = rf"@\x{{2068}}[^\x{{2069}}{newline}]*\x{{2069}}"
    # The name above what the app wrote is not to be lost where nothing else tells it; a title may hold more signs.
    letters = re.sub(r"[\W_]", "", title or "").lower()
    known = f"regexp_replace(lower(author), '[^\\pL\\pM\\pN]', '', 'g') = {literal(letters)}" if letters else "FALSE"
    name = f"trim(author, {literal(MARKS + SPACES)})"
    named = f"CASE WHEN kind = 'system' AND author IS NOT NULL AND NOT {known} THEN [{name}] ELSE [] END"
    return f"""
        pos, CASE WHEN kind <> 'system' THEN author END AS author, kind, edited,
        nullif(CASE what {texts} ELSE t END, CASE WHEN kind = 'text' THEN NULL ELSE '' END) AS t,
        CASE WHEN named THEN more ELSE file END AS media_name,
        CASE WHEN how = {attachments.LEFT_OUT} OR gone IS NOT NULL THEN TRUE END AS media_missing,
        [name[3:-2] FOR name IN regexp_extract_all(raw, {literal(mention)})] || {named} AS mentions"""


def _poll_sql(newline: str) -> str:
    """Return SQL for a poll: a heading, the question, options with votes, and nothing else where no mark helps."""
    option = rf"{newline}{BIDI}*[^{newline}:：]+(?:: |：)[^{newline}]* ?[(（][^{newline}()]*\pN[^{newline}()]*[)）]"
    heading = f"regexp_matches(first, '^{BIDI}*[^:：]+[:：]$') AND regexp_matches(first, '\\pL')"
    capitals = "NOT regexp_matches(first, '\\p{Ll}')"
    whole = f"regexp_matches(t, {literal(f'^[^{newline}]+{newline}[^{newline}]+(?:{option})+$')})"
    return f"({heading} AND regexp_matches(t, {literal(option)}) AND (lrm OR ({capitals} AND {whole})))"
