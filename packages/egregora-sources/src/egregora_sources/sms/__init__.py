"""SMS Backup & Restore: the XML files of texts, multimedia messages and calls that the Android app makes.

Owns reading XML that may be huge, hostile or not quite XML (emoji as halves), which numbers are one however they are
written, and who wrote a message to several. May import `egregora_core.plugin` alone.
"""

from egregora_sources.sms._source import read, recognise

__all__ = ["read", "recognise"]
