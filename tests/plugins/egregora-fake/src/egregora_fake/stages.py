"""A stage on messages that reads the plugin's own table, and one on documents."""

from typing import Any

from egregora_core.plugin import DOCUMENTS, Column, TableSchema, validate_stage

from egregora_fake.words import around

WORDS = TableSchema(
    "fake_words",
    (
        Column("tenant_id", "!string", "Whose word it is."),
        Column("word", "!string", "A whole text that is replaced."),
        Column("replacement", "!string", "What it is replaced by."),
    ),
    key=("tenant_id", "word"),
)


@validate_stage
def replace_words(data: Any, *, fake_words: Any, mark: str) -> Any:
    """Replace texts that are one of the tenant's words, and nothing else."""
    words = fake_words.select("word", "replacement")
    found = data.left_join(words, data.text == words.word)
    text = found.replacement.isnull().ifelse(data.text, around(mark, found.replacement))
    return found.select(*(text.name("text") if name == "text" else data[name] for name in data.columns))


@validate_stage(table=DOCUMENTS)
def sign_titles(data: Any) -> Any:
    return data.mutate(title=data.title.concat(" (fake)"))
