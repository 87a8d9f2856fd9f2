"""Whose names are in a tenant's messages, and which of them are words that its chats also use as words."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from egregora_core.messages import PSEUDONYMS
from egregora_core.privacy._event_words import EVENT_WORDS
from egregora_core.privacy._ordinary_words import ALL_WORDS, USUAL_TITLES, WORDS_CTES
from egregora_core.privacy._pseudonym_words import Kind
from egregora_core.privacy._pseudonyms import Register, give_pseudonyms, words_in

if TYPE_CHECKING:
    from egregora_core.storage import Connection

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

_UUID = "[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}"
"""Who is mentioned by an id of the platform: no name."""

NAMES_SQL = rf"""
WITH found AS (
SELECT DISTINCT name, author_uuid, role FROM (
    SELECT DISTINCT author_raw AS name, author_uuid::VARCHAR AS author_uuid, 'person' AS role FROM {{messages}}
    UNION ALL SELECT DISTINCT coalesce(attrs ->> '$.thread', ''), thread_id::VARCHAR, 'title' FROM {{messages}}
    UNION ALL FROM {{also}}
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
) WHERE (name <> '' OR role = 'title') AND NOT regexp_full_match(name, '{_UUID}')
-- Who is only spoken of is whoever writes under the name; two who write under one name stay two.
QUALIFY author_uuid IS NOT NULL OR max(author_uuid) OVER (PARTITION BY name, role) IS NULL
),
{WORDS_CTES}
SELECT name, author_uuid, role FROM found UNION ALL SELECT word, NULL, 'word' FROM words
UNION ALL SELECT word, NULL, 'addition' FROM additions ORDER BY ALL
"""
"""DuckDB query for the known names of a table or parenthesised SELECT `{messages}`, as rows of `KnownName`.

`{also}` is another one, of names that are known beside the messages, with columns `name`, `author_uuid` and `role`.

Whom system lines name is read from the commonest of them, in a few languages: it serves the texts of other messages,
as of the lines themselves only the words of events stay.
"""


NO_OTHERS = "(SELECT NULL::VARCHAR AS name, NULL::VARCHAR AS author_uuid, NULL::VARCHAR AS role WHERE false)"
"""An `{also}` of nobody."""


class KnownName(NamedTuple):
    """A row of `NAMES_SQL`: a name, or (role `word`) an ordinary word of the chat in small letters that is also one.

    An `addition` is an ordinary word that only comes in small letters behind a name: *Rita carpool*.

    A person's name is masked whole and word by word, a chat's title only whole. It may be empty, and so it is where
    many chats are called so. A `given` name is a person's whom the user named: that its words are ordinary ones
    changes nothing.
    """

    name: str
    uuid: str | None = None
    """The person's `author_uuid`, the chat's `thread_id`; None of whom the export knows by name alone."""
    role: Literal["person", "title", "word", "addition", "given"] = "person"
    pseudonym: str | None = None
    """What stands for the person or chat wherever the name means nobody else."""
    occurs: bool = True
    """Whether some message may hold a word of it: others are not looked for in texts. See `occurring_names`."""
    chats: tuple[str, ...] = ()
    """Where somebody else is called so, too: the chats (`thread_id`) in which this person writes; empty, any chat."""


WORD_ROLES = ("word", "addition")
"""The roles of what is no name."""


def known_names(con: "Connection", messages: str, register: Register, also: str = NO_OTHERS) -> list[KnownName]:
    """Return the known names of `messages` (a table or parenthesised SELECT), sorted, with their pseudonyms.

    `also` are names known beside the messages (see `NAMES_SQL`). Who and what has no pseudonym in the register's table
    gets one there.
    """
    found = con.execute(NAMES_SQL.format(messages=messages, also=also)).fetchall()
    rows = [_untitled(KnownName(*row)) for row in found]
    avoid = words_in(entry.name for entry in rows if entry.role not in WORD_ROLES)
    given: dict[str, str] = {}
    for role, kind in _KINDS.items():
        ids = {entry.uuid for entry in rows if entry.role == role and entry.uuid and (entry.name or role == "title")}
        given |= give_pseudonyms(con, replace(register, kind=kind), ids, avoid)
    return [entry._replace(pseudonym=given.get(entry.uuid or "")) for entry in rows]


def _untitled(entry: KnownName) -> KnownName:
    """Return a chat that is called as many are, `general`, as one without a title: who writes the word means the word.

    A title with a capital is only found with one anyway.
    """
    usual = entry.role == "title" and entry.name.strip(_AROUND_TITLES) in USUAL_TITLES
    return entry._replace(name="") if usual else entry


_AROUND_TITLES = "# \u2066\u2067\u2068\u2069\ufe0f"


_KINDS: dict[str, Kind] = {"person": "people", "title": "chats"}


def names_of(messages: Any, language: str = "en") -> list[KnownName]:
    """Return the known names of an ibis table of messages on DuckDB, with pseudonyms that are made for this call."""
    backend = messages.get_backend()
    backend.con.execute(PSEUDONYMS.ddl(_FOR_THIS_CALL).replace("CREATE TABLE IF NOT", "CREATE TEMP TABLE IF NOT"))
    register = Register("", language, "people", _FOR_THIS_CALL)
    try:
        return known_names(backend.con, f"({backend.compile(messages)})", register)
    finally:
        backend.con.execute(f"DROP TABLE {_FOR_THIS_CALL}")


_FOR_THIS_CALL = "pseudonyms_for_this_call"


def ordinary_names(known: Iterable[KnownName]) -> list[KnownName]:
    """Return the names of which each word is an ordinary word of the chat, as `known` says."""
    known = list(known)
    ordinary = {entry.name for entry in known if entry.role == "word"}
    return [entry for entry in known if entry.role == "person" and _is_ordinary(entry.name, ordinary)]


def _is_ordinary(name: str, ordinary: set[str]) -> bool:
    words = re.findall(r"[^\W\d_]+", name.lower())
    return bool(words) and ordinary.issuperset(words)
