"""iMessage: `chat.db` of a Mac or of a phone's backup, and what imessage-exporter wrote as text.

The database is only read, and never where it lies while something still has to be written into it. Columns that a
version of macOS does not have are as if they were empty.
"""

from egregora_sources.imessage._source import read, recognise

__all__ = ["read", "recognise"]
