"""Google Chat, as Takeout exports it: `Groups/…/messages.json` with `group_info.json`, and `Users/…/user_info.json`.

Dates are sentences in the language of the account. A message is told by `message_id`, whose first part is its chat.
"""

from egregora_sources.google_chat._source import read, recognise

__all__ = ["read", "recognise"]
