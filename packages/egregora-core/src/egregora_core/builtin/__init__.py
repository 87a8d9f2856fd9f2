"""Core's own parts, as plugins: they register through the same hooks as anybody's."""
