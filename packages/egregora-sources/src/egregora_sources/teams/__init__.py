"""Microsoft Teams: `messages.json` of the personal export, and messages as Microsoft Graph gives them.

Skype's export has the shape of the personal one, and is read as it. What people wrote is HTML, and becomes text.
"""

from egregora_sources.teams._source import read, recognise

__all__ = ["read", "recognise"]
