"""The two tables: answers that were paid for, and what judges said of pairs. Both name what they were made of."""

from egregora_core.plugin import Column, TableSchema, kept_table

PLUGIN = "llm"
"""Whose tables they are, as the host knows it."""

LLM_ANSWERS = kept_table("llm_answers")

LLM_JUDGEMENTS = TableSchema(
    "llm_judgements",
    (
        Column("tenant_id", "!string", "Whose documents they are."),
        Column("comparison_id", "!string", "The row of `elo_history` that it became."),
        Column("judge", "!string", "Model and prompt, as `elo_history` has them."),
        Column("document_a", "!uuid", "Shown first."),
        Column("document_b", "!uuid", "Shown second."),
        Column("outcome", "!string", "`a`, `b` or `tie`."),
        Column("rationale", "!string", "The judge's reason, in its words."),
        Column("prompt_hash", "!string", "sha256 of the prompt that it was asked with."),
        Column("tokens_in", "int64", "Of the prompt."),
        Column("tokens_out", "int64", "Of the answer."),
        Column("created_at", "!timestamp('UTC', 6)", "When it was asked."),
    ),
)
