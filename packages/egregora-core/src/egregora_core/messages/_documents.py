"""The documents table: what writers wrote, one row a document."""

from egregora_core.storage import Column, TableSchema

DOCUMENTS = TableSchema(
    "documents",
    (
        Column(
            "document_id",
            "!uuid",
            "Identity: uuid5 of writer, unit, kind and slug under the workspace's secret.",
        ),
        Column("tenant_id", "!string", "Whose document it is."),
        Column("kind", "!string", "`post`, `profile`, or what its writer calls it."),
        Column("slug", "!string", "A name for files and links; unique among a tenant's documents of one kind."),
        Column("title", "!string", "The title, for people."),
        Column("body", "!string", "The text, in Markdown."),
        Column("thread_id", "uuid", "The chat, where the document is about one."),
        Column("window_start", "timestamp('UTC', 6)", "First message it is about, in UTC."),
        Column("window_end", "timestamp('UTC', 6)", "Last message it is about, in UTC."),
        Column("unit_fingerprint", "!string", "md5 over the unit's messages, which no engine changes."),
        Column("writer", "!string", "Name of the writer."),
        Column("attrs", "json", "tags, authors, counts and what else its writer says."),
        Column("created_at", "!timestamp('UTC', 6)", "When this row was written, in UTC."),
        Column("created_by_run", "uuid", "The run that wrote it."),
    ),
    key=("document_id",),
)
