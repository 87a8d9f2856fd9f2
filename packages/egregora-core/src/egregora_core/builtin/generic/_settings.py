"""The section `[generic]`."""

from pydantic import Field, field_validator

from egregora_core.builtin.generic._names import TARGETS
from egregora_core.plugin.settings import Section


class GenericSettings(Section):
    """Section `[generic]`: which columns of a table hold what."""

    columns: dict[str, str] = Field(default_factory=dict)
    """Columns of tables that are called otherwise than a source's: `text = "body"`; `author = ""` says that there is
    none, `ts = "Date + Time"` that two say it together."""
    ts_format: str = ""
    """How times are written, where it is neither ISO 8601 nor Unix time, as in Python: `%d.%m.%Y %H:%M`."""

    @field_validator("columns")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = [name for name in value if name not in TARGETS]
        if unknown:
            raise ValueError(f"{len(unknown)} of its keys are no columns; there are {', '.join(TARGETS)}")
        return value
