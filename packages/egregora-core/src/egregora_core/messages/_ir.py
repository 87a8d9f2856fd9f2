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
        Column("thread_id", "!uuid", "The chat it belongs to: uuid5 of source and thread title or platform id."),
        Column("msg_id", "!string", "The platform's message id, or one derived from the message itself."),
        Column("ts", "!timestamp('UTC', 6)", "When it was sent, in UTC, microseconds."),
        Column("seq", "!int32", "0, 1, 2 … among messages of one thread with equal ts, in the export's order."),
        Column("author_raw", "!string", "The author as the platform names them; empty for system messages."),
        Column("author_uuid", "!uuid", "The author's pseudonymous identity: uuid5 under the workspace's secret."),
        Column("text", "string", "The body as written, without the platform's markers; null where there is none."),
        Column("media_url", "string", "Where the platform says the attachment is, if it says so."),
        Column("media_type", "string", "MIME type of the attachment, if there is one."),
        Column("attrs", "json", "kind, thread, edited, reply_to, mentions, media, src_file, tz_source, …"),
        Column("pii_flags", "json", "What the privacy stage found in the text, with counts; null before it ran."),
        Column("created_at", "!timestamp('UTC', 6)", "When this row was written, in UTC."),
        Column("created_by_run", "uuid", "The run that wrote this row."),
    ),
)
