"""What a judgement may be called: five outcomes, in the words of the formats that there are."""

from collections.abc import Mapping

from egregora_core.plugin import UsageError

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "a": ("a", "model_a", "left"),
    "b": ("b", "model_b", "right"),
    "tie": ("tie", "draw"),
    "both_bad": ("both_bad", "bothbad", "both bad", "tie (bothbad)"),
    "skip": ("skip",),
}
"""What a winner may be called, in any case."""


def outcome_of(text: str) -> str:
    """Return the outcome that a word stands for; raises UsageError for a word that stands for none."""
    for outcome, words in OUTCOMES.items():
        if text.strip().lower() in words:
            return outcome
    raise UsageError(f"{text[:40]!r} is no outcome: say a, b, tie, both_bad or skip")
