"""What is stored: the columns of a message and of a document, their ids, zones and checks.

Owns IR v1 (`IR_MESSAGES`, the only definition), the ids that derive from a workspace's secret, and the check of every
row. Promises that equal messages get equal ids.
May import `storage`.
"""

from typing import TYPE_CHECKING, Any

from egregora_core.messages._chat_zones import ChatZones, page_zones
from egregora_core.messages._data_shapes import DATA_SHAPES, problem_of
from egregora_core.messages._documents import DOCUMENTS
from egregora_core.messages._ids import Namespace, pseudonym, uuid7
from egregora_core.messages._ir import EVENTS, IR_MESSAGES, IR_VERSION, KINDS
from egregora_core.messages._known_names import KNOWN_NAMES, PEOPLE_KINDS
from egregora_core.messages._pseudonyms_table import PSEUDONYMS
from egregora_core.messages._schema_text import ir_json, ir_sql
from egregora_core.messages._timezones import is_utc, load_zone, machine_zone, offsets, zone_called, zones_like
from egregora_core.messages._validation import (
    EARLIEST,
    PLAUSIBLE_TIME,
    check_expression,
    check_rows,
    place,
    validate_ir_schema,
    validate_stage,
)

if TYPE_CHECKING:
    IR_MESSAGE_SCHEMA: Any

__all__ = [
    "DATA_SHAPES",
    "DOCUMENTS",
    "EARLIEST",
    "EVENTS",
    "IR_MESSAGES",
    "IR_MESSAGE_SCHEMA",
    "IR_VERSION",
    "KINDS",
    "KNOWN_NAMES",
    "PEOPLE_KINDS",
    "PLAUSIBLE_TIME",
    "PSEUDONYMS",
    "ChatZones",
    "Namespace",
    "check_expression",
    "check_rows",
    "ir_json",
    "ir_sql",
    "is_utc",
    "load_zone",
    "machine_zone",
    "offsets",
    "page_zones",
    "place",
    "problem_of",
    "pseudonym",
    "uuid7",
    "validate_ir_schema",
    "validate_stage",
    "zone_called",
    "zones_like",
]


def __getattr__(name: str) -> Any:
    if name == "IR_MESSAGE_SCHEMA":  # importing ibis costs about a second
        return IR_MESSAGES.ibis
    raise AttributeError(name)
