"""In SQL: the attachments of a message, as two exports tell of them.

Those that the newer tells count. But an export without its files knows less than one that has them: where it tells no
attachment, or of one that the file is missing or nothing of it, a file that the older one holds stays.
"""

FILE = "STRUCT(name VARCHAR, url VARCHAR, type VARCHAR, size BIGINT, missing BOOLEAN)"
_SHAPE = '[{"name":"VARCHAR","url":"VARCHAR","type":"VARCHAR","size":"BIGINT","missing":"BOOLEAN"}]'

STAGED = f"""
    CASE WHEN coalesce(media_name, media_url, media_type, media_missing::VARCHAR, more_media) IS NULL THEN []::{FILE}[]
    ELSE list_concat([{{
        'name': media_name, 'url': media_url, 'type': media_type,
        'size': CASE WHEN media_name IS NOT NULL OR media_missing IS NOT NULL THEN media_size END,
        'missing': media_missing}}::{FILE}], coalesce(from_json(more_media, '{_SHAPE}')::{FILE}[], [])) END"""
"""SQL for the attachments of a staged row."""

STORED = f"""
    CASE WHEN old_media_url IS NULL AND old_media_type IS NULL AND NOT contains(old::VARCHAR, '"media":')
    THEN []::{FILE}[]
    ELSE list_concat([{{
        'name': old->>'$.media.name', 'url': old_media_url, 'type': old_media_type,
        'size': (old->>'$.media.size')::BIGINT, 'missing': (old->>'$.media.missing')::BOOLEAN}}::{FILE}],
        coalesce(from_json(old->'more_media', '{_SHAPE}')::{FILE}[], [])) END"""
"""SQL for those of a stored row, over `old` (its `attrs`), `old_media_url` and `old_media_type`."""

ATTRIBUTES = """
    ',"media":' || json_object('name', files[1].name, 'size', files[1].size, 'missing', files[1].missing)::VARCHAR
    || CASE WHEN len(files) > 1 THEN ',"more_media":' || to_json(files[2:])::VARCHAR ELSE '' END"""
"""SQL for what `attrs` holds of a list `files`."""


def merged_sql(newer: str, older: str) -> str:
    """Return SQL for the attachments that are known of two columns of them.

    One is the same in both by its name, or where one of the two is without, by its place.
    """
    beside = f"{older}[place]"
    named = f"list_filter({older}, lambda each: {_last('each.name')} = {_last('one.name')})[1]"
    same = f"CASE WHEN one.name IS NULL THEN {beside} ELSE coalesce({named}, {beside}) END"
    pairs = f"list_transform({newer}, lambda one, place: {{'one': one, 'same': {same}}})"
    return f"""
        CASE WHEN len({newer}) = 0 THEN list_filter({older}, lambda one: one.missing IS FALSE)
        WHEN len({older}) = 0 THEN {newer}
        ELSE list_transform({pairs}, lambda pair: CASE WHEN {_STAYS} THEN {_BOTH} ELSE pair.one END) END"""


def _last(name: str) -> str:
    return f"regexp_extract({name}, '[^/\\\\]*$')"


_STAYS = f"""
    pair.same.missing IS FALSE
    AND coalesce(pair.one.missing, pair.one.name IS NOT NULL OR pair.one.url IS NULL)
    AND coalesce({_last("pair.one.name")} = {_last("pair.same.name")}, true)"""
_BOTH = f"""{{
    'name': coalesce(pair.same.name, pair.one.name), 'url': coalesce(pair.one.url, pair.same.url),
    'type': coalesce(pair.same.type, pair.one.type), 'size': coalesce(pair.same.size, pair.one.size),
    'missing': false}}::{FILE}"""

__all__ = ["ATTRIBUTES", "FILE", "STAGED", "STORED", "merged_sql"]
