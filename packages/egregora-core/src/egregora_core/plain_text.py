"""Text that others wrote, without the characters that are obeyed instead of being shown.

A terminal obeys control characters of both sets (U+009B alone begins a command), and a reversal of direction makes a
line say what it does not hold. Tabs and line feeds are only that.
"""

import re

TURNS = "\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
"""What turns the direction of text, or hides it, as the inside of a character class."""
COMMANDS = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNS}\ud800-\udfff]")
_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{TURNS}\ud800-\udfff]")


def plain(text: str) -> str:
    """Return text without commands; its lines stay lines, a carriage return before a line feed goes."""
    return COMMANDS.sub("", text)


def plain_json(text: str) -> str:
    """Return JSON that says the same, with every command inside its strings escaped; JSON itself escapes but half."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
