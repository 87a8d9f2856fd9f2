"""Names of people who were forgotten out of what others wrote, where it is stored."""

from collections.abc import Sequence
from typing import Any

from egregora_core.privacy._name_masking import better_form, both_forms, mask_names, put_labels, twice
from egregora_core.privacy._name_patterns import name_patterns
from egregora_core.privacy._names import KnownName


def without_names(messages: Any, names: Sequence[KnownName]) -> Any:
    """Return messages (an ibis table) with a column `clean_text`: their text, in which none of the names is left."""
    patterns = name_patterns(names)
    masked = mask_names(messages.mutate(clean_text=both_forms(messages.text)), patterns)
    masked = masked.mutate(clean_text=put_labels(twice(masked.clean_text, patterns.system)))
    return masked.mutate(clean_text=better_form(masked.clean_text))
