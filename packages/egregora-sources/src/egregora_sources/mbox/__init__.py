"""Mail: mbox files of mail programs, mailing lists and Google's Takeout.

Owns where one mail ends and the next begins, which of its parts is its text, and which mails are one conversation. One
mail at a time is in memory, without the content of large attachments. May import `egregora_core.plugin` alone.
"""

from egregora_sources.mbox._source import read, recognise

__all__ = ["read", "recognise"]
