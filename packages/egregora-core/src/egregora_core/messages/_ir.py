"""IR v1: the one message table that every source writes and every stage reads.

`IR_MESSAGES` is the only definition; the room's face has `IR_MESSAGE_SCHEMA`, the same as an ibis schema.
"""

from egregora_core.storage import Column, TableSchema

IR_VERSION = 1

KINDS = (
    "text",
    "media",
    "system",
    "call",
    "poll",
    "deleted",
    "sticker",
    "reaction",
    "location",
    "contact",
)
"""The values of `attrs.kind`."""

EVENTS = (
    *("create", "join", "leave", "add", "remove", "invite", "ban", "role"),
    *("rename", "topic", "picture", "settings", "pin", "unpin", "call", "missed_call", "migrate", "other"),
)
"""The values of `attrs.event`: what a system line tells, whatever platform wrote it in whatever language."""

IR_MESSAGES = TableSchema(
    "ir_messages",
    (
        Column(
            "event_id",
            "!uuid",
            "Identity: uuid5, under the workspace's secret, of thread and platform's id, else of what it says.",
        ),
        Column("tenant_id", "!string", "Whose message it is; nothing crosses from one tenant to another."),
        Column("source", "!string", "The platform it came from, as the source names itself (`whatsapp`)."),
        Column("thread_id", "!uuid", "The chat it belongs to: uuid5 of source and platform's id, else title."),
        Column("msg_id", "!string", "The platform's message id, or one derived from the message itself."),
        Column("ts", "!timestamp('UTC', 6)", "When it was sent, in UTC, microseconds."),
        Column("seq", "!int32", "0, 1, 2 … among messages of one thread with equal ts, in the export's order."),
        Column("author_raw", "!string", "What the author is called now; empty for system messages."),
        Column(
            "author_uuid",
            "!uuid",
            "Who wrote it: uuid5, under the secret, of source and platform's id, else name.",
        ),
        Column("text", "string", "The body as written, without the platform's markers; null where there is none."),
        Column("media_url", "string", "Where the platform says the attachment is, if it says so."),
        Column("media_type", "string", "MIME type of the attachment, if there is one."),
        Column("attrs", "json", "kind, thread, event, edited_at, reply_to, mentions, reactions, media, data, …"),
        Column("pii_flags", "json", "What the privacy stage found in the text, with counts; null before it ran."),
        Column("created_at", "!timestamp('UTC', 6)", "When this row was written, in UTC."),
        Column("created_by_run", "uuid", "The run that wrote this row."),
    ),
)
