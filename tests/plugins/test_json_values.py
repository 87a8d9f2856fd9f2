"""Values of JSON that others wrote become what a column takes, or nothing."""

from datetime import datetime
from typing import Any

import pytest
from egregora_core.plugin import json_values
from hypothesis import given
from hypothesis import strategies as st

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KINDS = {
    "text_of": str | None,
    "id_of": str | None,
    "int_of": int | None,
    "moment_of": datetime | None,
    "iso_moment_of": datetime | None,
    "dict_of": dict,
    "list_of": list,
    "dicts_of": list,
}


@pytest.mark.parametrize("name", KINDS)
@given(value=ANY_JSON)
def test_any_value_gives_what_is_promised(name: str, value: Any) -> None:
    """Nothing raises, whatever an exporter or an editor wrote there."""
    assert isinstance(getattr(json_values, name)(value), KINDS[name])


def test_a_value_is_what_it_says() -> None:
    """Ids and numbers be they written as the one or the other; moments in UTC, of which those of no chat are none."""
    assert (json_values.id_of(7), json_values.int_of("7"), json_values.id_of(value=True)) == ("7", 7, None)
    assert json_values.moment_of("1704189600", "s") == datetime(2024, 1, 2, 10)  # noqa: DTZ001 - columns hold UTC so
    assert json_values.iso_moment_of("2024-01-02T12:00:00+02:00") == datetime(2024, 1, 2, 10)  # noqa: DTZ001 - the same
    assert json_values.moment_of(0) is None
    assert json_values.dicts_of([{"a": 1}, None, "x"]) == [{"a": 1}]
    assert json_values.type_of("photo.jpg") == "image/jpeg"
