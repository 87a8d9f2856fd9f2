"""How a file stands in a body: its name, in brackets or behind them, and what a person wrote to it.

The name is a person's words as often as not, so it never stays in the text. What is around it decides that it is one:
the app's mark, the number or date that the app puts before a name, or its own phrase; an extension alone never does.
"""

from egregora_core.builtin.whatsapp._phrases import BIDI, bare, has, is_one, media_types, omitted, phrases
from egregora_core.plugin import literal

_EXTENSION = r"\.[A-Za-z0-9]{1,12}"
_SIZE = r"(?: • \S+(?: \S+)?)?"
"""What the app writes behind a document's name: `• 2 pages`."""
_NUMBERED = "^[0-9]{5,}-"
_DATED = "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[A-Z]+-[0-9]+"
_PHONE = "^[A-Z]{2,4}-[0-9]{8}-WA[0-9]+"
FILE_NAME = rf"(?i)^[^\s]+\.(?:{'|'.join(media_types())})$"
"""A whole text that is surely the name of a file."""
_NAME_WITH_SPACES = rf"(?i)\.(?:{'|'.join(media_types())})$"
"""The end of what stands before the app's mark, if that is the name of a file, whatever words are in it."""
_LOOSE = tuple(name for name, kind in media_types().items() if kind.split("/")[0] in {"image", "video", "audio"})
"""Files of these kinds are given names by the phone, documents by people."""
LEFT_OUT_ROLES = "('media', 'document', 'sticker', 'contact')"
"""What `with_roles` calls a file that was left out, as SQL."""


def stages(newline: str, *, android: bool, unmarked: bool) -> tuple[str, ...]:
    """Return selections over `t, first, more, lrm, ending`; they add `how` (0: no file), `file`, `caption` and `said`.

    `said` is what the app wrote of a file that was left out.
    """
    return (
        _bracketed_sql(),
        _parts_sql(newline, unmarked=unmarked),
        f"*, {_how_sql(android=android, unmarked=unmarked)} AS how",
        f"*, {_omitted_file_sql(newline)}",
        _file_sql(newline),
        f"* REPLACE ({_caption_sql(newline)} AS caption)",
    )


def _bracketed_sql() -> str:
    """Return SQL for the text that ends in brackets: the first line, if it also starts so or if nothing else does."""
    whole = f"ends_with(t, '>') AND NOT (more IS NOT NULL AND regexp_matches(first, '^{BIDI}*<.*>$'))"
    return (
        f"*, CASE WHEN {whole} THEN t WHEN ends_with(first, '>') THEN first END AS bracketed, "
        f"CASE WHEN {whole} THEN NULL ELSE more END AS behind"
    )


def _parts_sql(n: str, *, unmarked: bool) -> str:
    inside = f"[^<>:：{n}]+?"
    before = rf"(?s)^(.*?) ?({BIDI}*)<{BIDI}*({inside}) ?[:：] ?{BIDI}*([^<>{n}]+)>$"
    behind = rf"(?s)^(.*?) ?({BIDI}*)<{BIDI}*([^<>{n}]+{_EXTENSION}|[0-9]{{5,}}-[^<>\s{n}]+) ([^<>.:{n}]+)>$"
    outside = rf"^({BIDI}*)([^<>{n}]+?) *<({BIDI}*)({inside})>$"
    android = rf"^({BIDI}*)(.*\S) *[(（]([^()（）]+)[)）]{BIDI}*$"
    captioned = rf"^({BIDI}*)(.*{_EXTENSION}{_SIZE}) *[(（<]{BIDI}*([^()（）<>:：]+)[)）>] (.+)$"
    amid = rf"^(.*?) ?{BIDI}*<{BIDI}*([^<>:：]+?) ?[:：] ?{BIDI}*([^<>]+{_EXTENSION})> (.+)$"
    end = rf"(?s)^(.+?) ?{BIDI}+([^<>:{n}\x{{200e}}\x{{200f}}]+)$"
    documents = "|".join(map(_quoted, omitted("document", "contact")))
    above = rf"^[^<>{n}]*{_EXTENSION}(?: • [^<>{n}]*)? ?{BIDI}+[^<>:{n}\x{{200e}}\x{{200f}}]+$"
    is_above = f"more IS NOT NULL AND NOT regexp_matches(more, '{BIDI}') AND regexp_matches(first, {literal(above)})"
    named_end = rf"^([^{n}]*{_EXTENSION}{_SIZE}) ([^{n}]+)$"
    bare_end = rf"^([^\s{n}]+(?: • [^{n}]*)?) ({documents})\.?$"
    lost = f"WHEN ending IS NOT NULL THEN {_extract('t', named_end, 'body', 'word')} "
    if unmarked:
        lost += f"ELSE {_extract('t', bare_end, 'body', 'word')} "
    marked = f"regexp_matches(substr(t, 2), '{BIDI}')"
    return (
        f"*, {_extract('bracketed', before, 'body', 'mark', 'word', 'name')} AS b1, "
        f"{_extract('bracketed', behind, 'body', 'mark', 'name', 'word')} AS b2, "
        f"CASE WHEN ends_with(first, '>') THEN {_extract('first', outside, 'lead', 'name', 'mark', 'word')} END AS o, "
        f"CASE WHEN regexp_matches(first, '[)）]{BIDI}*$') "
        f"THEN {_extract('first', android, 'mark', 'name', 'word')} END AS a, "
        f"CASE WHEN contains(first, ') ') OR contains(first, '） ') OR contains(first, '> ') "
        f"THEN {_extract('first', captioned, 'mark', 'name', 'word', 'rest')} END AS a2, "
        f"CASE WHEN contains(first, '> ') THEN {_extract('first', amid, 'body', 'word', 'name', 'rest')} "
        f"END AS b3, CASE WHEN {marked} AND {is_above} THEN more END AS under, CASE WHEN {marked} AND {is_above} "
        f"THEN {_extract('first', end, 'body', 'word')} "
        f"WHEN {marked} THEN {_extract('t', end, 'body', 'word')} {lost}END AS c"
    )


def _extract(text: str, pattern: str, *names: str) -> str:
    return f"regexp_extract({text}, {literal(pattern)}, [{', '.join(map(literal, names))}])"


def perhaps(text: str) -> str:
    """Return SQL for whether a text, which nothing else tells to be special, may hold an attachment's name."""
    name = f"regexp_matches({text}, '{_EXTENSION}{_SIZE} *[ >(（<]')"
    app = f"regexp_matches({text}, '[)）>] ') OR {has(text, 'omitted')}"
    # Each is asked only where the one before it holds.
    return f"CASE WHEN contains({text}, '.') THEN CASE WHEN {name} THEN {app} ELSE FALSE END ELSE FALSE END"


def _quoted(text: str) -> str:
    return text.replace(".", r"\.")


def _how_sql(*, android: bool, unmarked: bool) -> str:
    """Return SQL for how a file is attached.

    1 `<word: name>`, 2 `<name word>`, 3 `name (word)`, 4 `name <word>`, 5 `name image omitted`, 6 `name (word) text`,
    7 `text <word: name> text`, 0 not at all.
    """
    return (
        f"CASE WHEN {_in_brackets_sql('b1')} THEN 1 WHEN {_in_brackets_sql('b2')} THEN 2 "
        f"WHEN {_behind_sql()} THEN 3 WHEN {_outside_sql()} THEN 4 "
        f"WHEN {_omitted_sql(android=android, unmarked=unmarked)} THEN 5 "
        f"WHEN a2.name <> '' AND ({_is_word('a2', phrases('file_attached', 'attached'))}) THEN 6 "
        f"WHEN b3.name <> '' AND NOT contains(b3.body, ' • ') AND {_is_word('b3', phrases('attached'))} "
        "THEN 7 ELSE 0 END"
    )


def _in_brackets_sql(part: str) -> str:
    extension = f"regexp_matches({part}.name, '{_EXTENSION}{BIDI}*$')"
    return (
        f"({part}.name <> '' AND (regexp_matches({part}.name, '{_NUMBERED}') "
        f"OR ({part}.mark <> '' AND ({extension} OR {_is_word(part, phrases('attached'))})) "
        f"OR ({extension} AND {_is_word(part, phrases('attached'))} AND (lrm OR {part}.body = ''))))"
    )


def _behind_sql() -> str:
    own = f"regexp_matches(a.name, '{_PHONE}')"
    extension = f"regexp_matches(a.name, '{_EXTENSION}{_SIZE}$')"
    # Words that are all written as names are; prose has small ones.
    name = "NOT regexp_matches(a.name, '(?:^| )\\p{Ll}.* |.* \\p{Ll}')"
    phrase = f"({_is_word('a', phrases('file_attached'))} AND (a.mark <> '' OR {extension} OR {name}))"
    phrase = f"({phrase} OR ({_is_word('a', phrases('attached'))} AND {extension}))"
    return f"(a.name <> '' AND ({own} OR {phrase} OR (a.mark <> '' AND regexp_matches(a.name, {literal(FILE_NAME)}))))"


def _outside_sql() -> str:
    dated = f"regexp_matches(o.name, '{_DATED}')"
    single = f"regexp_matches(o.name, '{_EXTENSION}{_SIZE}$')"
    return (
        f"(o.name <> '' AND ((o.mark <> '' AND {dated}) "
        f"OR ({_is_word('o', phrases('attached'))} AND (o.mark <> '' OR o.lead <> '' OR {dated} OR {single}))))"
    )


def _omitted_sql(*, android: bool, unmarked: bool) -> str:
    said = bare("c.word")
    sure = f"ending IN {LEFT_OUT_ROLES}"
    if android:
        return f"(c.word <> '' AND {sure})"
    what = f"({has(said, 'file')} OR (under IS NOT NULL AND {has(said, 'contact')}))"
    likely = f"({has(said, 'omitted')} AND {what})"
    sure = f"{sure} OR ({unmarked} AND NOT regexp_matches(t, '{BIDI}'))"
    return f"(c.word <> '' AND ({sure} OR {likely} OR regexp_matches(c.body, '{_EXTENSION} • ')))"


def _is_word(part: str, words: tuple[str, ...]) -> str:
    return is_one(f"trim(lower({bare(f'{part}.word')}))", words)


def _omitted_file_sql(n: str) -> str:
    """Return SQL for what is told of a file that was left out: `said`, the last line before that, is it a document."""
    document = f"({has('c.word', 'document')} OR regexp_matches(c.body, '{_EXTENSION} • '))"
    return (
        f"CASE WHEN how = 5 THEN {bare('c.word')} END AS said, "
        f"CASE WHEN how = 5 THEN trim(regexp_replace({bare('c.body')}, {literal(f'(?s)^.*{n}')}, '')) END AS last, "
        f"how = 5 AND {document} AS document"
    )


def _file_sql(n: str) -> str:
    last = "regexp_replace(last, ' • .*$', '')"
    single = f"NOT contains(c.body, {literal(n)})"
    named = (
        f"CASE WHEN document AND ({single} OR regexp_matches({last}, '{_EXTENSION}$')) THEN {last} "
        f"WHEN {single} AND regexp_matches(last, {literal(_NAME_WITH_SPACES)}) THEN last END"
    )

    below = f"coalesce({literal(n)} || more, '')"

    def title(part: str) -> str:
        return f"regexp_replace({part}.name, '({_EXTENSION}) • .*$', '\\1')"

    body = "CASE how WHEN 1 THEN b1.body ELSE b2.body END"
    captioned = f"CASE WHEN {body} = '' OR behind IS NULL THEN {body} || coalesce(behind, '') "
    captioned += f"ELSE {body} || {literal(n)} || behind END"
    return (
        f"*, CASE how WHEN 1 THEN b1.name WHEN 2 THEN b2.name WHEN 3 THEN {title('a')} WHEN 4 THEN {title('o')} "
        f"WHEN 5 THEN {named} WHEN 6 THEN {title('a2')} WHEN 7 THEN b3.name END AS file, "
        f"CASE how WHEN 3 THEN coalesce(more, '') WHEN 4 THEN coalesce(more, '') "
        f"WHEN 6 THEN a2.rest || {below} WHEN 7 THEN concat_ws(' ', nullif(b3.body, ''), b3.rest) || {below} "
        f"WHEN 5 THEN c.body || coalesce({literal(n)} || after_ending, '') || coalesce({literal(n)} || under, '') "
        f"WHEN 0 THEN NULL ELSE {captioned} END AS caption"
    )


def _caption_sql(n: str) -> str:
    """Return SQL for a caption without the lines that only name the file."""
    lines = f"string_split(caption, {literal(n)})"
    kept = f"array_to_string([line FOR line IN {lines} IF NOT ({_is_title_sql('line')})], {literal(n)})"
    edges = f"regexp_replace({kept}, '^{BIDI}+| ?{BIDI}+$', '', 'g')"
    return (
        f"CASE WHEN how > 0 AND caption <> '' AND file IS NOT NULL THEN {edges} "
        f"WHEN how > 0 THEN regexp_replace(caption, '^{BIDI}+| ?{BIDI}+$', '', 'g') END"
    )


def _is_title_sql(line: str) -> str:
    whole = f"trim({bare(line)})"
    title = f"regexp_replace({whole}, ' • .*$', '')"
    name = f"trim(regexp_replace({bare('file')}, '{_NUMBERED}', ''))"
    extension = "lower(regexp_extract(file, '\\.([A-Za-z0-9]{1,12})$', 1))"
    loose = ", ".join(map(literal, _LOOSE))
    return (
        f"{title} = {name} OR (contains({whole}, ' • ') AND (regexp_matches({title}, '{_EXTENSION}$') "
        f"OR {title} = regexp_replace({name}, '{_EXTENSION}$', ''))) "
        f"OR (how = 3 AND {extension} <> '' AND {extension} NOT IN ({loose}) "
        f"AND ends_with(lower({whole}), '.' || {extension}))"
    )
