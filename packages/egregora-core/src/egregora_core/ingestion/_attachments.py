"""Attachments that are kept beside the database, for publishers that show them.

A message says what its attachment is called; the file is looked for in the export, or beside one that is a single
file. It is kept under the message's id, so its own name, which may be somebody's, is not.
"""

import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from egregora_core.exports import Export
from egregora_core.plugins import Attachment
from egregora_core.session import Session
from egregora_core.storage import Database, literal
from egregora_core.workspace import Workspace, private_files

_KEPT = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]+)(?:\.[a-z0-9]{1,8})?$")
_ENDING = re.compile(r"\.[a-z0-9]{1,8}$")


def keep_attachments(session: Session, export: Export, threads: Sequence[str]) -> int:
    """Copy what an export holds of the attachments of these chats' messages; return how many were not kept yet."""
    root = session.workspace.attachments
    found = _Found(export)
    kept = 0
    for event_id, place, name in _named(session, threads):
        target = root / f"{event_id}.{place}{_ending(name)}"
        if not target.exists() and (source := found.called(name)) is not None:
            with private_files():
                root.mkdir(exist_ok=True)
                _copy(export, source, target)
            kept += 1
    return kept


def kept_attachments(db: Database, workspace: Workspace, tenant: str) -> list[Attachment]:
    """Return what is kept of a tenant's messages, by message and place."""
    files = _files(workspace)
    here = {event_id for (event_id,) in db.execute(_IDS.format(tenant=literal(tenant)))} if files else set()
    kept = [(path, found) for path in files if (found := _KEPT.match(path.name)) and found[1] in here]
    return sorted(
        (Attachment(found[1], int(found[2]), path) for path, found in kept), key=lambda one: (one.event_id, one.place)
    )


def drop_attachments(session: Session) -> int:
    """Delete what is kept of messages that are gone, whoever's they were; return how many files."""
    files = _files(session.workspace)
    there = {event_id for (event_id,) in session.db.execute(_ALL_IDS)} if files else set()
    gone = [path for path in files if not (found := _KEPT.match(path.name)) or found[1] not in there]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


_WITH_MEDIA = "contains(attrs::VARCHAR, '\"media\":')"
_ALL_IDS = f"SELECT event_id::VARCHAR FROM ir_messages WHERE {_WITH_MEDIA}"
_IDS = _ALL_IDS + " AND tenant_id = {tenant}"


def _named(session: Session, threads: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield message, place and name of each attachment that an export is said to hold."""
    ids = ", ".join(literal(thread) for thread in threads)
    if not ids:
        return
    each = f"(FROM ir_messages WHERE tenant_id = {literal(session.tenant)} AND thread_id IN ({ids}) AND {_WITH_MEDIA})"
    rows = session.db.execute(f"""
        SELECT event_id::VARCHAR, 0, attrs->>'$.media.name' AS name, attrs->>'$.media.missing' AS missing FROM {each}
        UNION ALL
        SELECT event_id, place, one->>'name', one->>'missing' FROM (
            SELECT event_id::VARCHAR AS event_id, unnest((attrs->'more_media')::JSON[]) AS one,
                   generate_subscripts((attrs->'more_media')::JSON[], 1) AS place
            FROM {each} WHERE (attrs->'more_media') IS NOT NULL)
        ORDER BY 1, 2
    """)
    yield from ((event_id, place, name) for event_id, place, name, missing in rows if name and missing != "true")


class _Found:
    """The files of an export, by what messages call them: a path, the end of one, or a name alone."""

    def __init__(self, export: Export) -> None:
        self._beside = export.path.parent if export.is_file else None
        self._by_name: dict[str, list[str]] = {}
        for member in () if export.is_file else export.names:
            self._by_name.setdefault(_nfc(PurePosixPath(member).name), []).append(member)

    def called(self, name: str) -> str | Path | None:
        """Return a member, or a file beside the export; None where there is none, or more than one may be meant."""
        wanted = _nfc(name.replace("\\", "/")).strip("/")
        last = PurePosixPath(wanted).name
        if self._beside is not None:
            file = self._beside / last
            return file if last and file.is_file() and not file.is_symlink() else None
        members = self._by_name.get(last, [])
        ends = [member for member in members if f"/{_nfc(member)}".endswith(f"/{wanted}")] or members
        return ends[0] if len(ends) == 1 else None


def _copy(export: Export, source: str | Path, target: Path) -> None:
    """Copy a file so that it is there as a whole, or not at all."""
    part = target.with_name(f"{target.name}.part")
    with part.open("wb") as file:
        if isinstance(source, Path):
            with source.open("rb") as original:
                shutil.copyfileobj(original, file)
        else:
            export.copy(source, file)
    part.replace(target)


def _files(workspace: Workspace) -> list[Path]:
    root = workspace.attachments
    return sorted(root.iterdir()) if root.is_dir() else []


def _ending(name: str) -> str:
    found = _ENDING.search(name.lower())
    return found[0] if found else ""


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)
