"""People and messages, as Signal tells them apart."""

import base64
import binascii
from functools import lru_cache
from typing import Any
from uuid import UUID

from egregora_core.plugin.json_values import id_of, int_of

ME = "me"
"""Whom the export belongs to: it does not always say which number or account that is."""
_BYTES = 16


def account_of(value: Any) -> str | None:
    """Return an account's id, be it written as a UUID or as its bytes in base64."""
    text = value if type(value) is str else id_of(value)
    return _account(text) if text else None


@lru_cache(1 << 14)
def _account(text: str) -> str:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    return str(UUID(bytes=data)) if len(data) == _BYTES else text.lower() if text.count("-") > 3 else text  # noqa: PLR2004 - of a UUID


def hex_of(value: Any) -> str | None:
    """Return bytes in base64 as hexadecimal digits."""
    try:
        return base64.b64decode(value, validate=True).hex() if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None


def number_of(value: Any) -> str | None:
    """Return a phone number with its `+`."""
    digits = id_of(value)
    if digits is None or digits == "0":
        return None
    return digits if digits.startswith("+") else f"+{digits}"


def message_id(author: str | None, sent: Any) -> str | None:
    """Return the id of a message: who sent it, and when."""
    at = int_of(sent)
    return f"{at}:{author}" if at and author else None
