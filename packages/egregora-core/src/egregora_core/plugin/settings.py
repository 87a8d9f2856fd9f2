"""A base for the settings section of a plugin: frozen, strict about its keys, docstrings of fields as help."""

from egregora_core.settings import Section

__all__ = ["Section"]
