"""What Messenger and Instagram share: both are Meta's download of one's own data, in layouts that differ by year.

Owns the layouts, the repair of texts that were written as the wrong bytes, and telling the two platforms apart.
"""

from egregora_core.builtin._meta._download import read, recognised

__all__ = ["read", "recognised"]
