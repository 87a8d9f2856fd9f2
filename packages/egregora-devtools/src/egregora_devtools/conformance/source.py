"""A source reads what it says it reads, all of it, as it was written, and the same each time.

Two kinds of exports: those that the class names are real ones, and are read as they are; those that the kit writes with
`render` are of messages that it knows, so that it can tell what is missing.
"""

from egregora_devtools.conformance._source_features import SaysWhatItSupports


class SourceConformance(SaysWhatItSupports):
    """Give `plugin`, `exports`, `counts`, `render` (or `write`), and what the platform `supports`."""


__all__ = ["SourceConformance"]
