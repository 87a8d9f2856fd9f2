"""Files from documents: written beside, renamed, and listed in a manifest.

Owns what a publisher wrote. Promises never to delete a file that is not in its manifest, nor one edited by hand.
May import `plugins` and `storage`.
"""

from egregora_core.publication._publishing import PublicationResult, publish_files, published_intact

__all__ = ["PublicationResult", "publish_files", "published_intact"]
