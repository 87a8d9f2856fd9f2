"""The section `[ranking]`: what a replay depends on besides the comparisons."""

import json
from typing import Literal

from egregora_core.plugin.settings import Section
from pydantic import Field


class RankingSettings(Section):
    """Section `[ranking]`: documents ranked by pairwise comparison."""

    enabled: bool = False
    """Whether `run` carries the ranks into the documents; creates the tables."""
    initial: float = Field(default=1500.0, allow_inf_nan=False)
    """Where a document starts, and the centre of the board."""
    scale: float = Field(default=400.0, gt=0, allow_inf_nan=False)
    """Points at which the better of two is expected to win ten times out of eleven."""
    k: float = Field(default=32.0, gt=0, allow_inf_nan=False)
    """The most points that one comparison of weight 1 moves in live Elo."""
    both_bad: Literal["ignore", "tie"] = "ignore"
    """Whether "both bad" says nothing about which is better, or counts as a tie."""
    prior: Literal["auto", "always"] = "auto"
    """Whether the board's normal prior is used where no estimate exists without it, or everywhere."""
    prior_sd: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """The prior's least standard deviation, in natural-log units of strength."""
    kinds: tuple[str, ...] = ("post",)
    """Which kinds of documents are offered for comparison."""

    def model_key(self) -> str:
        """Return what the stored numbers were computed with: where it differs, they are of another model."""
        return json.dumps(self.model_dump(include={"initial", "scale", "k", "both_bad", "prior", "prior_sd"}))
