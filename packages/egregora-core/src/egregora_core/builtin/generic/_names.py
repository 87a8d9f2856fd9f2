"""Which column of a table is which: by its name, or by what the user says; and what to say where that is not enough."""

from collections.abc import Mapping, Sequence

from egregora_core.plugin import SOURCE_COLUMNS, ExportError

NAMES_BESIDE = ("author_name", "thread_title")
"""Columns that say what those are called whose ids stand in `author` and `thread`."""
TARGETS = (*SOURCE_COLUMNS, *NAMES_BESIDE)
_NEEDED = ("ts", "author", "text")
_ALIKE = {
    "ts": (
        *("timestamp", "time", "date", "datetime", "sent_at", "created_at", "sent", "when", "datum", "data", "fecha"),
        *("message_date", "date_sent", "created_date", "created"),
    ),
    "author": (
        *("sender", "from", "user", "username", "name", "sender_name", "user_name", "speaker", "who", "autor"),
        *("from_name", "author_name", "nickname", "sender_id", "user_id"),
    ),
    "text": (
        *("message", "body", "content", "msg", "texto", "mensagem", "mensaje", "nachricht", "comment"),
        *("message_text", "text_content"),
    ),
    "thread": ("chat", "channel", "room", "conversation", "group", "conversation_id", "channel_id", "thread_id"),
    "msg_id": ("id", "message_id", "uuid", "event_id"),
    "author_name": ("display_name", "nickname"),
}
"""What is suggested for a column; nothing is taken for it."""
_DAY, _CLOCK = ("date", "datum", "data", "fecha", "day"), ("time", "uhrzeit", "zeit", "hora", "hour")
"""Columns that say when only together."""
_BOTH = " + "
_SHOWN = 30
_LONGEST_NAME = 60


def plain(name: str) -> str:
    """Return a column's name as names are compared."""
    return name.strip().lstrip("\ufeff").casefold().replace(" ", "_").replace("-", "_")


def parts(name: str, names: Sequence[str]) -> list[str]:
    """Return the columns of a table that a name means: one, or those that it joins, such as `Date + Time`."""
    return [name] if name in names else name.split(_BOTH)


def _found(name: str, names: Sequence[str]) -> str | None:
    """Return a name as the table writes it; None where the table has no such column."""
    known = {plain(each): each for each in reversed(names)}
    if name in names or plain(name) in known:
        return name if name in names else known[plain(name)]
    joined = [known.get(plain(each)) for each in name.split(_BOTH)]
    return _BOTH.join(each for each in joined if each) if all(joined) else None


def chosen(names: Sequence[str], said: Mapping[str, str], where: str) -> dict[str, str]:
    """Return, for each column of a source that a table has, the name that it has there.

    Raises ExportError where one is missing, which says what there is and what to write.
    """
    found = {plain(name): name for name in reversed(names)}
    columns = {target: found[target] for target in TARGETS if target in found and target not in said}
    for target, name in said.items():
        if not name:
            continue
        if (there := _found(name, names)) is None:
            raise ExportError(f"{where}: [generic.columns] {target} names a column that is not there; {_there(names)}")
        columns[target] = there
    missing = [target for target in _NEEDED if target not in columns and said.get(target) != ""]
    if "text" in missing and "media" in columns:
        missing.remove("text")
    if missing:
        lacks = " and no column ".join(missing)
        raise ExportError(f"{where}: it has no column {lacks}; {_there(names)}. {_how(missing, names)}")
    return columns


def resemblance(names: Sequence[str]) -> str | None:
    """Say whether columns are a chat's: `all` by name, `some` by names alike; None where they are not."""
    found = {plain(name) for name in names}
    if {"ts", "author", "text"} <= found:
        return "all"
    alike = [any(name in found for name in (target, *_ALIKE[target])) for target in _NEEDED]
    return "some" if all(alike) else None


def _there(names: Sequence[str]) -> str:
    shown = [name[:_LONGEST_NAME] for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"its columns are {', '.join(shown)}{more}"


def _how(missing: Sequence[str], names: Sequence[str]) -> str:
    """Say what to write, with the columns that are likely meant."""
    lines = []
    for target in missing:
        likely = _first(_ALIKE[target], names) or "…"
        if target == "ts" and (day := _first(_DAY, names)) and (clock := _first(_CLOCK, names)):
            likely = f"{day}{_BOTH}{clock}"
        lines.append(f'{target} = "{likely[:_LONGEST_NAME]}"')
    return "Say in egregora.toml which they are:\n[generic.columns]\n" + "\n".join(lines)


def _first(alike: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column that is called as the first of some names."""
    return next((name for each in alike for name in names if plain(name) == each), None)
