"""Egregora: chat exports into one pseudonymised message table, and that table into documents."""

__version__ = "0.1.0"
