"""The pseudonyms table: who and what has which name outside of `ir_messages`, kept from the first time on."""

from egregora_core.storage import Column, TableSchema

PSEUDONYMS = TableSchema(
    "pseudonyms",
    (
        Column("tenant_id", "!string", "Whose person or chat it is."),
        Column("identity", "!uuid", "The person (`author_uuid`) or chat (`thread_id`) that it stands for."),
        Column("kind", "!string", "`people` or `chats`."),
        Column("language", "!string", "The language of its words; another one gives another pseudonym."),
        Column("pseudonym", "!string", "Two words, and a number where many share them; unique in a tenant."),
    ),
    key=("tenant_id", "identity", "language"),
)
