"""The known_names table: what people and chats are called, beside the ids that platforms give them.

An id says who somebody is, a name what they are called now. Names that an export tells beside its messages stand here:
of people who never write, too, and handles and former names, since all of them may stand in a text.
"""

from egregora_core.storage import Column, TableSchema

KNOWN_NAMES = TableSchema(
    "known_names",
    (
        Column("tenant_id", "!string", "Whose workspace knows it."),
        Column("source", "!string", "The platform that says so."),
        Column("identity", "!uuid", "The person (`author_uuid`) or chat (`thread_id`) that is called so."),
        Column("kind", "!string", "`person`, `bot`; of chats `direct`, `group`, `channel` or `other`."),
        Column("name", "!string", "A name, handle or title."),
        Column("place", "!int32", "0: what they are called now; 1, 2 … handles and former names."),
        Column("as_of", "!timestamp('UTC', 6)", "When the newest export that knows them was made, in UTC."),
    ),
)

PEOPLE_KINDS = ("person", "bot")
"""The values of `kind` that are people's; the others are chats'."""
