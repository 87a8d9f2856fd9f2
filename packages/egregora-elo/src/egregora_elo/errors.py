"""What can be wrong with comparisons."""

from egregora_core.plugin import EgregoraError, UsageError


class ComparisonError(EgregoraError):
    """A comparison, or a file of them, cannot be taken as it is."""


class DocumentError(UsageError):
    """What was typed names no document, or more than one."""
