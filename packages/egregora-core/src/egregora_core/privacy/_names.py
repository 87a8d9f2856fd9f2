"""Whose names are in a tenant's messages, and which of them are words that its chats also use as words."""

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from egregora_core.privacy._event_words import EVENT_WORDS
from egregora_core.privacy._ordinary_words import ALL_WORDS, WORDS_CTES

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069~"
_WENT = (
    "left|joined|joined using .*|was added|was removed|saiu|entrou|entrou usando .*|foi adicionad.*|foi removid.*"
    "|salió.*|se unió.*|hat die Gruppe verlassen|ist .*beigetreten|a quitté.*|est parti.*|ha abbandonato.*"
)
_DID = (
    "changed the|changed this|changed their|created|turned o|pinned|criou|mudou|alterou|atualizou|creó|cambió"
    "|hat|a modifié|a créé|ha modificato"
)
_TOOK = "added|removed|adicionou|removeu|añadió a|agregó a|eliminó a|a ajouté|a retiré|ha aggiunto|ha rimosso"
_NOBODY = (
    r"(?i)^(?:you|você|tú|usted|du|sie|vous|tu|hai|je)$|^\+?[0-9]|^[^\pL]*$|[.:!?“”„]"
    r"|(?:^| )(?:the|this|these|to|group|from|your|were|members|participants?|others?|people|community|messages|code"
    r"|grupo|este|esta|gruppe|groupe|gruppo|ce|cette)(?: |$)"
)
"""What stands where a name stands, and is none."""

_EVENT = "|".join(EVENT_WORDS)
_FIRST, _LAST = rf"^(?:(?:{_EVENT})[\x27’ ]+)+([^a-zß-ÿ])", rf"(?:[\x27’ ]+(?:{_EVENT.lower()}))+$"
"""What goes from both ends of a name that is cut out of a line: `Ann Quill was`, `O código de segurança com Ann`."""
_EVENTS_ALONE = rf"(?i)^(?:(?:{'|'.join(word for word in EVENT_WORDS if word not in ('will', 'may'))})(?:[^\pL]+|$))+$"
_CODE_OF = (
    "(?:code (?:with|for)|segurança (?:com|de)|seguridad (?:con|de)|sécurité avec|sicurezza con"
    "|beveiligingscode (?:met|van)|Sicherheitsnummer (?:für|von|mit))"
    " (.+?) (?:changed|mudou|cambió|a changé|è cambiato|is gewijzigd|hat sich)"
)

NAMES_SQL = rf"""
WITH found AS (
SELECT name, max(author_uuid) AS author_uuid, role FROM (
    SELECT DISTINCT author_raw AS name, author_uuid::VARCHAR AS author_uuid, 'person' AS role FROM {{messages}}
    UNION ALL SELECT DISTINCT attrs ->> '$.thread', NULL, 'title' FROM {{messages}}
    UNION ALL SELECT DISTINCT unnest(
            json_extract_string(attrs, '$.mentions[*]')
            || json_extract_string(attrs, '$.reactions[*].author')
            || [json_extract_string(attrs, '$.forwarded_from')]
        ), NULL, 'person'
        FROM {{messages}}
        WHERE contains(attrs::VARCHAR, '"mentions"') OR contains(attrs::VARCHAR, '"reactions"')
            OR contains(attrs::VARCHAR, '"forwarded_from"')
    UNION ALL SELECT DISTINCT named, NULL, 'person' FROM (
        SELECT regexp_replace(regexp_replace(trim(unnest(string_split_regex(concat_ws(', ',
                regexp_extract(line, '^(.+?) (?:{_WENT})\.?$', 1),
                regexp_extract(line, '^(.+?).s security code', 1),
                regexp_extract(line, '{_CODE_OF}', 1),
                regexp_extract(line, '^(.+?) (?:{_DID}|{_TOOK})', 1),
                regexp_extract(line, '^.+? (?:{_TOOK}) (.+?)\.?$', 1),
                regexp_extract(line, '^.+? hat (.+) (?:hinzugefügt|entfernt)\.?$', 1)
            ), ', | and | e | y | und | et '))), '{_FIRST}', '\1'), '{_LAST}', '') AS named
        FROM (SELECT trim(translate(text, '{_MARKS}', '')) AS line FROM {{messages}} WHERE author_raw = '')
    ) WHERE length(named) BETWEEN 2 AND 40 AND NOT regexp_matches(named, '{_NOBODY}')
        AND NOT regexp_matches(named, '{_EVENTS_ALONE}')
        AND NOT (regexp_matches(named, '^\P{{{{Lu}}}}+ \P{{{{Lu}}}}+$')
            AND list_has_any(string_split(named, ' '), string_split('{" ".join(ALL_WORDS)}', ' ')))
) WHERE name <> '' GROUP BY name, role
),
{WORDS_CTES}
SELECT name, author_uuid, role FROM found UNION ALL SELECT word, NULL, 'word' FROM words
UNION ALL SELECT word, NULL, 'addition' FROM additions ORDER BY ALL
"""
"""DuckDB query for the known names of a table or parenthesised SELECT `{messages}`, as rows of `KnownName`.

Whom system lines name is read from the commonest of them, in a few languages: it serves the texts of other messages,
as of the lines themselves only the words of events stay.
"""


class KnownName(NamedTuple):
    """A row of `NAMES_SQL`: a name, or (role `word`) an ordinary word of the chat in small letters that is also one.

    An `addition` is an ordinary word that only comes in small letters behind a name: *Rita carpool*.

    A person's name is masked whole and word by word, a chat's title only whole. A `given` name is a person's whom the
    user named: that its words are ordinary ones changes nothing.
    """

    name: str
    author_uuid: str | None = None
    role: Literal["person", "title", "word", "addition", "given"] = "person"


def names_of(messages: Any) -> list[KnownName]:
    """Return the known names of an ibis table of messages on DuckDB, sorted. Runs `NAMES_SQL`."""
    backend = messages.get_backend()
    query = NAMES_SQL.format(messages=f"({backend.compile(messages)})")
    return [KnownName(*row) for row in backend.con.execute(query).fetchall()]


def ordinary_names(known: Iterable[KnownName]) -> list[KnownName]:
    """Return the names of which each word is an ordinary word of the chat, as `known` says."""
    known = list(known)
    ordinary = {entry.name for entry in known if entry.role == "word"}
    return [entry for entry in known if entry.role == "person" and _is_ordinary(entry.name, ordinary)]


def _is_ordinary(name: str, ordinary: set[str]) -> bool:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return bool(words) and ordinary.issuperset(words)
