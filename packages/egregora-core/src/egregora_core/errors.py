"""Every error that Egregora raises on purpose. Each says what is wrong, where, and what to do next.

    EgregoraError                the run could not do what was asked (exit code 1)
      UsageError                 the call, the settings or the environment are wrong (exit code 2)
        SettingsError            a key, value or file of the settings
      ExportError                an export cannot be read
        DateOrderError           day/month order is open: `--date-order` decides
        YearError                dates have no year: `--year` gives the first
      WorkspaceError             the workspace's directory, secret or database refuses
        LockedError              another process holds the database
        NoDatabaseError          there is none yet (exit code 2: an export has to be read first)
        NoMessagesError          there are none yet (exit code 2, as well)
      SchemaError                a table or its rows are not what was declared
      StageError                 a stage, writer or publisher failed
        UnitRefusedError         one unit cannot be written as it is
        WritingStoppedError      a writer can write no further unit for now
      PluginError                a plugin that is needed is missing or broken

No message ever holds message text or the name of an author.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class EgregoraError(Exception):
    """Base of all errors that a user can act on. Its text is printed as it is."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Have it pickled by its text and facts: it was made of other things than a subclass takes."""
        return _made_again, (type(self), self.args, self.__dict__)


def _made_again(kind: type[EgregoraError], arguments: tuple[Any, ...], facts: "Mapping[str, Any]") -> EgregoraError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(facts)
    return error


class UsageError(EgregoraError):
    """What was asked for makes no sense as it stands."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is unknown, malformed or contradicts another."""


class ExportError(EgregoraError):
    """A file cannot be read as a chat export."""


class DateOrderError(ExportError):
    """Nothing in the file decides whether the day or the month comes first."""

    thread: str | None = None
    """The chat's title, by which its recorded order is found."""


class YearError(ExportError):
    """The dates of a file have no year, and nothing in it tells which."""

    thread: str | None = None
    """The chat's title, by which its recorded year is found."""


class WorkspaceError(EgregoraError):
    """The workspace cannot be used as it is."""


class LockedError(WorkspaceError):
    """Another process holds the database."""


class NoDatabaseError(WorkspaceError):
    """The workspace has no database yet."""

    exit_code = 2

    def __init__(self, path: object) -> None:
        super().__init__(f"{path}: there is no database yet; run `egregora run EXPORT` first")


class NoMessagesError(WorkspaceError):
    """The workspace has no messages yet, or none of the kind that is wanted."""

    exit_code = 2


class SchemaError(EgregoraError):
    """A table's columns, types or rows are not what was declared."""


class StageError(EgregoraError):
    """A stage, writer or publisher failed or broke its contract."""

    def __init__(self, message: str, *, facts: "Mapping[str, Any] | None" = None) -> None:
        """Take what to say, and counts of what was done all the same, for the record of the run."""
        super().__init__(message)
        self.facts = facts or {}


class UnitRefusedError(StageError):
    """A writer cannot write this unit as it is, and trying again would change nothing.

    The unit is tried again when its messages, the writer's settings, files or code change. The text is recorded.
    """


class WritingStoppedError(StageError):
    """A writer can write no further unit for now: a quota is used up, a key is refused, a budget is spent.

    What is finished is kept and published; the next run goes on with what is missing. The text is recorded.
    """


class PluginError(EgregoraError):
    """A plugin that this run needs is missing, broken or in conflict."""
