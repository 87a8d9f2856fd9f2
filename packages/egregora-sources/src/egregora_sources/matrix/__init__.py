"""Matrix: what Element exports of a room, JSON or plain text, and raw events as servers and archivers give them.

Owns which event is a message, which changes one, and what members and polls come to over a room's history. Events that
nobody could decrypt are counted, never guessed at. May import `egregora_core.plugin` alone.
"""

from egregora_sources.matrix._source import read, recognise

__all__ = ["read", "recognise"]
