"""Signal: its own export (`main.jsonl`), and what sigexport and sigtop wrote of the desktop app.

To Signal, a message is who sent it and when, to the millisecond. Where an export says both, that is its id, so the same
message has one id in the export of the app and in sigtop's.
"""

from egregora_sources.signal._source import read, recognise

__all__ = ["read", "recognise"]
