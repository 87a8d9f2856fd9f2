"""How a file stands in a body: its name, in brackets or behind them, and what a person wrote to it.

The name is a person's words as often as not, so it never stays in the text. What is around it decides that it is one:
the app's mark, the number or date that the app puts before a name, or its own phrase; an extension alone never does.
"""

import re
from collections.abc import Iterator
from datetime import date

from egregora_core.builtin.whatsapp._phrases import BIDI, FILES, MEDIA_TYPES, bare, has, is_one, omitted, phrases
from egregora_core.plugin import literal

_EXTENSION = r"\.[A-Za-z0-9]{1,12}"
_SIZE = r"(?: • \S+(?: \S+)?)?"
"""What the app writes behind a document's name: `• 2 pages`."""
_NUMBERED = "^[0-9]{5,}-"
_DATED = "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[A-Z]+-[0-9]+"
_PHONE = "^[A-Z]{2,4}-[0-9]{8}-WA[0-9]+"
FILE_NAME = rf"(?i)^[^\s]+\.(?:{'|'.join(MEDIA_TYPES)})$"
"""A whole text that is surely the name of a file."""
_NAME_WITH_SPACES = rf"(?i)\.(?:{'|'.join(MEDIA_TYPES)})$"
"""The end of what stands before the app's mark, if that is the name of a file, whatever words are in it."""
DATED_NAME = re.compile(r"\b[A-Z]{2,4}-(\d{8})-WA\d|\d{8}-[A-Z]+-(\d{4}-\d\d-\d\d)-\d", re.ASCII)
"""The name of a file as phones make it, with a date: that of its message, in most cases."""
_LOOSE = tuple(name for name, kind in MEDIA_TYPES.items() if kind.split("/")[0] in {"image", "video", "audio"})
"""Files of these kinds are given names by the phone, documents by people."""
_NAMED_BEHIND, LEFT_OUT = 3, 5
"""Places of forms: `name (word)`, and `name image omitted`."""


_Form = tuple[str, str, str, str, str]
"""One way in which a file stands in a body: the column for what is found, how it is found, whether that surely is a
file, its name, and the caption, all as SQL. Found are its `name`, the app's `word`, and the app's `mark` before it."""


def named_date(digits: str) -> date | None:
    """Return the date that stands in a `DATED_NAME`; None where there is no such day."""
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None


def stages(newline: str, *, android: bool, unmarked: bool) -> tuple[str, ...]:
    """Return selections over `t, first, more, lrm, ending`; they add `how`, `file` and `caption`.

    `how` is the place of the first form that fits, 0: no file; `c.word` is what the app wrote of one that is left out.
    """
    n = newline
    forms = (*_bracketed(n), *_named(n), _left_out(n, android=android, unmarked=unmarked), *_amid(n))
    hows = " ".join(f"WHEN {is_file} THEN {how}" for how, (_, _, is_file, _, _) in enumerate(forms, 1))
    files = " ".join(f"WHEN {how} THEN {file}" for how, (_, _, _, file, _) in enumerate(forms, 1))
    captions = " ".join(f"WHEN {how} THEN {caption}" for how, (*_, caption) in enumerate(forms, 1))
    # The text that ends in brackets: the first line, if it also starts so or if nothing else does.
    whole = f"ends_with(t, '>') AND NOT (more IS NOT NULL AND regexp_matches(first, '^{BIDI}*<.*>$'))"
    bracketed = f"CASE WHEN {whole} THEN t WHEN ends_with(first, '>') THEN first END"
    # What stands last before the app's words for a file that was left out.
    last = f"trim(regexp_replace({bare('c.body')}, {literal(f'(?s)^.*{n}')}, '')) AS last"
    return (
        f"*, {bracketed} AS bracketed, CASE WHEN {whole} THEN NULL ELSE more END AS behind, {_under_sql(n)} AS under",
        f"*, {', '.join(f'{found} AS {part}' for part, found, *_ in forms)}",
        f"*, CASE {hows} ELSE 0 END AS how, {last}, {has('c.word', 'document')} OR {_DOCUMENT} AS document",
        f"*, CASE how {files} END AS file, CASE how {captions} END AS caption",
        f"* REPLACE ({_caption_sql(n)} AS caption)",
    )


def _bracketed(n: str) -> Iterator[_Form]:
    """Yield `<word: name>` and `<name word>`, which may have a caption before them and behind."""
    before = rf"(?s)^(.*?) ?({BIDI}*)<{BIDI}*([^<>:：{n}]+?) ?[:：] ?{BIDI}*([^<>{n}]+)>$"
    behind = rf"(?s)^(.*?) ?({BIDI}*)<{BIDI}*([^<>{n}]+{_EXTENSION}|[0-9]{{5,}}-[^<>\s{n}]+) ([^<>.:{n}]+)>$"
    for part, pattern, names in (("b1", before, "body mark word name"), ("b2", behind, "body mark name word")):
        extension, attached = f"regexp_matches({part}.name, '{_EXTENSION}{BIDI}*$')", _is_word(part, "attached")
        is_file = (
            f"({part}.name <> '' AND (regexp_matches({part}.name, '{_NUMBERED}') "
            f"OR ({part}.mark <> '' AND ({extension} OR {attached})) "
            f"OR ({extension} AND {attached} AND (lrm OR {part}.body = ''))))"
        )
        caption = f"{part}.body || CASE WHEN {part}.body = '' THEN '' ELSE {literal(n)} END || behind"
        caption = f"CASE WHEN behind IS NULL THEN {part}.body ELSE {caption} END"
        yield part, _extract("bracketed", pattern, names), is_file, f"{part}.name", caption


def _named(n: str) -> Iterator[_Form]:
    """Yield `name (word)` and `name <word>`, both alone on their line."""
    pattern = rf"^({BIDI}*)(.*\S) *[(（]([^()（）]+)[)）]{BIDI}*$"
    extension = f"regexp_matches(a.name, '{_EXTENSION}{_SIZE}$')"
    # Words that are all written as names are; prose has small ones.
    name = "NOT regexp_matches(a.name, '(?:^| )\\p{Ll}.* |.* \\p{Ll}')"
    is_file = (
        f"(a.name <> '' AND (regexp_matches(a.name, '{_PHONE}') "
        f"OR ({_is_word('a', 'file_attached')} AND (a.mark <> '' OR {extension} OR {name})) "
        f"OR ({_is_word('a', 'attached')} AND {extension}) "
        f"OR (a.mark <> '' AND regexp_matches(a.name, {literal(FILE_NAME)}))))"
    )
    found = _extract("first", pattern, "mark name word", f"regexp_matches(first, '[)）]{BIDI}*$')")
    yield "a", found, is_file, _without_size("a.name"), "coalesce(more, '')"
    pattern = rf"^({BIDI}*)([^<>{n}]+?) *<({BIDI}*)([^<>:：{n}]+?)>$"
    dated, single = (f"regexp_matches(o.name, '{form}')" for form in (_DATED, f"{_EXTENSION}{_SIZE}$"))
    is_file = (
        f"(o.name <> '' AND ((o.mark <> '' AND {dated}) "
        f"OR ({_is_word('o', 'attached')} AND (o.mark <> '' OR o.lead <> '' OR {dated} OR {single}))))"
    )
    found = _extract("first", pattern, "lead name mark word", "ends_with(first, '>')")
    yield "o", found, is_file, _without_size("o.name"), "coalesce(more, '')"


def _amid(n: str) -> Iterator[_Form]:
    """Yield `name (word) text` and `text <word: name> text`."""
    below = f"coalesce({literal(n)} || more, '')"
    pattern = rf"^({BIDI}*)(.*{_EXTENSION}{_SIZE}) *[(（<]{BIDI}*([^()（）<>:：]+)[)）>] (.+)$"
    where = "contains(first, ') ') OR contains(first, '） ') OR contains(first, '> ')"
    is_file = f"a2.name <> '' AND ({_is_word('a2', 'file_attached', 'attached')})"
    found = _extract("first", pattern, "mark name word rest", where)
    yield "a2", found, is_file, _without_size("a2.name"), f"a2.rest || {below}"
    pattern = rf"^(.*?) ?{BIDI}*<{BIDI}*([^<>:：]+?) ?[:：] ?{BIDI}*([^<>]+{_EXTENSION})> (.+)$"
    is_file = f"b3.name <> '' AND NOT contains(b3.body, ' • ') AND {_is_word('b3', 'attached')}"
    found = _extract("first", pattern, "body word name rest", "contains(first, '> ')")
    yield "b3", found, is_file, "b3.name", f"concat_ws(' ', nullif(b3.body, ''), b3.rest) || {below}"


def _extract(text: str, pattern: str, names: str, where: str = "") -> str:
    """Return SQL for the groups of a pattern; it is only looked for `where` something cheaper holds."""
    found = f"regexp_extract({text}, {literal(pattern)}, [{', '.join(map(literal, names.split()))}])"
    return f"CASE WHEN {where} THEN {found} END" if where else found


def _is_word(part: str, *names: str) -> str:
    return is_one(f"trim(lower({bare(f'{part}.word')}))", phrases(*names))


def _without_size(name: str) -> str:
    return f"regexp_replace({name}, '({_EXTENSION}) • .*$', '\\1')"


def perhaps(text: str) -> str:
    """Return SQL for whether a text, which nothing else tells to be special, may hold an attachment's name."""
    name = f"regexp_matches({text}, '{_EXTENSION}{_SIZE} *[ >(（<]')"
    app = f"regexp_matches({text}, '[)）>] ') OR {has(text, 'omitted')}"
    # Each is asked only where the one before it holds.
    return f"CASE WHEN contains({text}, '.') THEN CASE WHEN {name} THEN {app} ELSE FALSE END ELSE FALSE END"


# --- files that were left out --------------------------------------------------------------------------------------

_MARKED = f"regexp_matches(substr(t, 2), '{BIDI}')"
_DOCUMENT = f"regexp_matches(c.body, '{_EXTENSION} • ')"


def _under_sql(n: str) -> str:
    """Return SQL for what stands below a line that ends in the app's words, if no mark is there."""
    above = rf"^[^<>{n}]*{_EXTENSION}(?: • [^<>{n}]*)? ?{BIDI}+[^<>:{n}\x{{200e}}\x{{200f}}]+$"
    is_above = f"more IS NOT NULL AND NOT regexp_matches(more, '{BIDI}') AND regexp_matches(first, {literal(above)})"
    return f"CASE WHEN {_MARKED} AND {is_above} THEN more END"


def _left_out(n: str, *, android: bool, unmarked: bool) -> _Form:
    """Return `name image omitted`, on several lines, and without the app's mark where marks were lost."""
    end = rf"(?s)^(.+?) ?{BIDI}+([^<>:{n}\x{{200e}}\x{{200f}}]+)$"
    named_end = rf"^([^{n}]*{_EXTENSION}{_SIZE}) ([^{n}]+)$"
    documents = "|".join(text.replace(".", r"\.") for text in omitted("document", "contact"))
    bare_end = rf"^([^\s{n}]+(?: • [^{n}]*)?) ({documents})\.?$"
    lost = f"ELSE {_extract('t', bare_end, 'body word')} " if unmarked else ""
    found = (
        f"CASE WHEN under IS NOT NULL THEN {_extract('first', end, 'body word')} "
        f"WHEN {_MARKED} THEN {_extract('t', end, 'body word')} "
        f"WHEN ending IS NOT NULL THEN {_extract('t', named_end, 'body word')} {lost}END"
    )
    said = bare("c.word")
    is_file = f"ending IN {FILES}"
    if not android:
        what = f"({has(said, 'file')} OR (under IS NOT NULL AND {has(said, 'contact')}))"
        lost = f"({unmarked} AND NOT regexp_matches(t, '{BIDI}'))"
        is_file = f"({is_file} OR {lost} OR ({has(said, 'omitted')} AND {what}) OR {_DOCUMENT})"
    last, single = "regexp_replace(last, ' • .*$', '')", f"NOT contains(c.body, {literal(n)})"
    file = (
        f"CASE WHEN document AND ({single} OR regexp_matches({last}, '{_EXTENSION}$')) THEN {last} "
        f"WHEN {single} AND regexp_matches(last, {literal(_NAME_WITH_SPACES)}) THEN last END"
    )
    caption = f"c.body || coalesce({literal(n)} || after_ending, '') || coalesce({literal(n)} || under, '')"
    return "c", found, f"(c.word <> '' AND {is_file})", file, caption


def _caption_sql(n: str) -> str:
    """Return SQL for a caption without the lines that only name the file."""
    lines = f"string_split(caption, {literal(n)})"
    kept = f"array_to_string([line FOR line IN {lines} IF NOT ({_is_title_sql('line')})], {literal(n)})"
    kept = f"CASE WHEN caption <> '' AND file IS NOT NULL THEN {kept} ELSE caption END"
    return f"CASE WHEN how > 0 THEN regexp_replace({kept}, '^{BIDI}+| ?{BIDI}+$', '', 'g') END"


def _is_title_sql(line: str) -> str:
    whole = f"trim({bare(line)})"
    title = f"regexp_replace({whole}, ' • .*$', '')"
    name = f"trim(regexp_replace({bare('file')}, '{_NUMBERED}', ''))"
    extension = "lower(regexp_extract(file, '\\.([A-Za-z0-9]{1,12})$', 1))"
    loose = ", ".join(map(literal, _LOOSE))
    return (
        f"{title} = {name} OR (contains({whole}, ' • ') AND (regexp_matches({title}, '{_EXTENSION}$') "
        f"OR {title} = regexp_replace({name}, '{_EXTENSION}$', ''))) "
        f"OR (how = {_NAMED_BEHIND} AND {extension} <> '' AND {extension} NOT IN ({loose}) "
        f"AND ends_with(lower({whole}), '.' || {extension}))"
    )
