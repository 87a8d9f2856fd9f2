"""The section `[fake]`."""

from egregora_core.plugin.settings import Section


class FakeSettings(Section):
    """What a user may say of the fake plugin."""

    enabled: bool = False
    """Whether a run uses it."""

    mark: str = "*"
    """What stands around a word that was replaced."""

    directory: str = "fake"
    """Where its publisher writes."""
