"""The plugin's table: answers that were paid for, with the messages that they were made of."""

from egregora_core.plugin import kept_table

PLUGIN = "llm"
"""Whose table it is, as the host knows it."""

LLM_ANSWERS = kept_table("llm_answers")
