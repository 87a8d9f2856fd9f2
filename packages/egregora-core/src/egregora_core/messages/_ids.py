"""Deterministic identities: uuid5 under a namespace of (workspace secret, tenant).

The secret keeps published ids from being turned back into names by hashing a phone book; the same export in the same
workspace always gives the same ids. The SQL forms equal the Python ones (a test compares them) and are much faster
over a whole table.
"""

import os
import time
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID, uuid5

_SEPARATOR = "\x1f"
"""Joins the parts of an identity; no platform's name, title or id contains it."""


@dataclass(frozen=True)
class Namespace:
    """The ids of one tenant of one workspace."""

    secret: UUID
    tenant: str

    @cached_property
    def uuid(self) -> UUID:
        return uuid5(self.secret, self.tenant)

    def of(self, noun: str, *parts: str) -> UUID:
        """Return the id of the `noun` (`thread`, `author`, `event`, `document`) that `parts` name."""
        return uuid5(self.uuid, _SEPARATOR.join((noun, *parts)))

    def thread(self, source: str, key: str) -> UUID:
        """Return a thread's id from the platform and the thread's title or platform id."""
        return self.of("thread", source, key)

    def author(self, name: str) -> UUID:
        """Return the id of an author without an id of a platform: one name is one person, whatever the platform."""
        return self.of("author", name)

    def person(self, source: str, key: str) -> UUID:
        """Return the id of an author from the platform and the id that it gives them."""
        return self.of("author", source, key)

    def document(self, key: str) -> UUID:
        return document_id(self.uuid, key)

    def of_sql(self, noun: str, expression: str) -> str:
        """Return SQL for `of(noun, <expression>)`, a UUID."""
        return _uuid5_sql(self.uuid, f"'{noun}{_SEPARATOR}' || {expression}")


def document_id(namespace: UUID, key: str) -> UUID:
    """Return a document's id under a tenant's namespace, for whoever must not know the secret."""
    return uuid5(namespace, _SEPARATOR.join(("document", key)))


def _blob(value: UUID) -> str:
    return "'" + "".join(f"\\x{byte:02X}" for byte in value.bytes) + "'::BLOB"


def _uuid5_sql(namespace: UUID, expression: str) -> str:
    """Return SQL for RFC 9562's uuid5: sha1, with the version and variant bits set.

    The engine computes the repeated sha1 once; slices are several times as fast as `substr`.
    """
    digest = f"sha1({_blob(namespace)} || encode({expression}))"
    variant = f"'89ab89ab89ab89ab'[instr('0123456789abcdef', {digest}[17])]"
    return f"concat({digest}[:12], '5', {digest}[14:16], {variant}, {digest}[18:32])::UUID"


def uuid7(after: UUID | None = None) -> UUID:
    """Return an RFC 9562 uuid7, later than `after` even where the clock went back."""
    milliseconds = time.time_ns() // 1_000_000
    if after is not None:
        milliseconds = max(milliseconds, (after.int >> 80) + 1)
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds << 80) | random
    value = value & ~(0xF << 76) | (0x7 << 76)
    return UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


def pseudonym(uuid: UUID | str) -> str:
    """Return how an author or thread is called outside of `ir_messages`: `p-` and eight hex digits."""
    return f"p-{str(uuid).replace('-', '')[:8]}"
