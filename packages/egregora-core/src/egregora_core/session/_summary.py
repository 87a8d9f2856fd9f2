"""What a run says while it goes on, and what it made in the end."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from egregora_core.plain_text import plain
from egregora_core.tracking import Run


@dataclass(frozen=True)
class Line:
    """What there is to say about one stage, or (without a stage) to the user."""

    step: str
    stage: str
    text: str
    run: Run | None = None
    warning: bool = False
    about: str = ""
    """The export, as the user named it, where there are several; for the terminal alone."""


@dataclass(repr=False)
class Summary:
    """What a run made, and where. A notebook shows it as a terminal does."""

    lines: list[Line] = field(default_factory=list)
    published: list[Path] = field(default_factory=list)
    starts: dict[Path, Path] = field(default_factory=dict)
    """By what was published, the file to open first, where its publisher names one."""
    kept: list[Path] = field(default_factory=list)
    """Published files that were edited by hand and stay as they are."""
    documents: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    of_the_app: int = 0
    """Messages that the platform itself wrote, which no index of people counts."""
    degraded: bool = False

    def after(self, earlier: "Summary") -> "Summary":
        """Return it with what an earlier part of the same run told before."""
        return replace(self, lines=[*earlier.lines, *self.lines], degraded=earlier.degraded or self.degraded)

    def __repr__(self) -> str:
        made = ", ".join(f"{count:,} of kind {kind}" for kind, count in sorted(self.documents.items()))
        said = [
            f"{f'{line.step}/{line.stage}' if line.stage else line.step:<24}{plain(line.text)}" for line in self.lines
        ]
        said.append(f"{self.messages:,} messages" + (f"; documents: {made}" if made else ""))
        said += [f"open {self.starts.get(path, path)}" for path in self.published]
        return "\n".join(said)
