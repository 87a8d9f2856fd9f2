"""Wall-clock times into UTC exactly as `zoneinfo` would do it with fold=0, and every doubtful one is marked."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from egregora_core.errors import SettingsError
from egregora_core.messages import load_zone, machine_zone, offsets
from hypothesis import example, given
from hypothesis import strategies as st

ZONES = [
    "UTC",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Pacific/Apia",
    "America/Caracas",
    "Antarctica/Troll",
    "Asia/Pyongyang",
]
LOCAL = st.datetimes(datetime(1995, 1, 1), datetime(2037, 12, 31))  # noqa: DTZ001 - wall-clock times


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'UTC'")
    return opened


def _converted(
    connection: duckdb.DuckDBPyConnection, zone: str, times: list[datetime]
) -> list[tuple[datetime, str | None]]:
    known = offsets(zone, min(times), max(times))
    values = ", ".join(f"({n}, TIMESTAMP '{when}')" for n, when in enumerate(times))
    rows = connection.execute(
        f"SELECT epoch_us({known.utc_sql('t')}), {known.note_sql('t')} FROM (VALUES {values}) AS v (n, t) ORDER BY n"
    ).fetchall()
    return [(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us), note) for us, note in rows]


def _expected(zone: str, when: datetime) -> tuple[datetime, str | None]:
    info = ZoneInfo(zone)
    first, second = when.replace(tzinfo=info), when.replace(tzinfo=info, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None
    assert after is not None
    note = "fold: first" if before > after else "gap: offset before" if before < after else None
    return first.astimezone(UTC), note


def _times(zone: str) -> st.SearchStrategy[list[datetime]]:
    """Return lists of local times, half of them within hours of a clock change."""
    changes = offsets(zone, datetime(1995, 1, 1), datetime(2037, 12, 31)).changes  # noqa: DTZ001 - wall-clock times
    near = (
        st.tuples(st.sampled_from(changes), st.timedeltas(timedelta(hours=-3), timedelta(hours=3))).map(
            lambda pair: pair[0].start + pair[1]
        )
        if changes
        else LOCAL
    )
    return st.lists(LOCAL | near, min_size=1, max_size=30)


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("zone", ZONES)
def test_conversion_is_that_of_zoneinfo(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Offset, gap and fold are right to the microsecond over forty years, whatever range the batch spans."""

    @given(_times(zone))
    def check(times: list[datetime]) -> None:
        assert _converted(connection, zone, times) == [_expected(zone, when) for when in times]

    check()


@example(datetime(2018, 11, 4, 0, 0))  # noqa: DTZ001 - midnight does not exist on that day
@given(LOCAL)
def test_a_single_time_is_enough(when: datetime) -> None:
    """The range of one message, on the very day of a change, finds that change."""
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'UTC'")
    assert _converted(opened, "America/Sao_Paulo", [when]) == [_expected("America/Sao_Paulo", when)]


def test_a_change_is_found_to_the_second_whatever_the_range_begins_with(connection: duckdb.DuckDBPyConnection) -> None:
    """Microseconds of the first message do not move the clock change."""
    first, just_after = datetime(2024, 6, 1, 0, 0, 0, 500_000), datetime(2024, 10, 27, 3, 0, 0, 1)  # noqa: DTZ001 - wall-clock times
    times = [first, just_after]
    assert _converted(connection, "Europe/Berlin", times) == [_expected("Europe/Berlin", when) for when in times]


def test_gap_and_fold_are_marked(connection: duckdb.DuckDBPyConnection) -> None:
    """The rule in plain numbers: 02:30 twice in October, never in March."""
    fold, gap, plain = datetime(2024, 10, 27, 2, 30), datetime(2024, 3, 31, 2, 30), datetime(2024, 6, 1, 2, 30)  # noqa: DTZ001 - wall-clock times
    assert _converted(connection, "Europe/Berlin", [fold, gap, plain]) == [
        (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "fold: first"),
        (datetime(2024, 3, 31, 1, 30, tzinfo=UTC), "gap: offset before"),
        (datetime(2024, 6, 1, 0, 30, tzinfo=UTC), None),
    ]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("Europe/Berln", "Europe/Berlin"), ("", "IANA"), ("America", "did you mean"), ("../etc/passwd", "time zone")],
)
def test_an_unknown_zone_is_refused_with_a_hint(wrong: str, hint: str) -> None:
    """A misspelt name, a folder of names and a path are all the same mistake."""
    with pytest.raises(SettingsError, match="unknown time zone") as refused:
        load_zone(wrong)
    assert hint in str(refused.value)


def test_this_machines_zone_is_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine says, what comes out can be loaded; TZ wins over its files."""
    load_zone(machine_zone())
    monkeypatch.setenv("TZ", ":Asia/Kathmandu")
    assert machine_zone() == "Asia/Kathmandu"
    monkeypatch.setenv("TZ", "nonsense")
    load_zone(machine_zone())
