"""Core's own parts, as plugins: they register through the same hooks as anybody's.

Owns WhatsApp, the writer of posts and profiles, and the publisher of Markdown; `privacy` only registers the room of
that name. Promises to need nothing that another plugin could not have.
May import `plugin` and `people` alone.
"""
