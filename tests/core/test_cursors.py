import pytest
from hypothesis import given
from hypothesis import strategies as st

from autional.core import cursors

KEY = b"m" * 32


@given(
    st.lists(st.integers(-(2**53), 2**53) | st.text(max_size=40), max_size=4),
    st.lists(st.none() | st.text(max_size=10), max_size=4),
)
def test_a_cursor_leads_back_to_its_position(position: list[int | str], bound_to: list[str | None]) -> None:
    assert cursors.read(KEY, cursors.write(KEY, position, bound_to), bound_to) == position


def test_a_cursor_of_another_list_or_key_or_hand_is_refused() -> None:
    cursor = cursors.write(KEY, ["sess_1"], ["acme", "sessions", None])
    for key, text, bound_to in (
        (KEY, cursor, ["other", "sessions", None]),
        (KEY, cursor, ["acme", "sessions", ""]),
        (KEY, cursor, ["acmesessions", None]),
        (b"x" * 32, cursor, ["acme", "sessions", None]),
        (KEY, cursor[:-2] + "AA", ["acme", "sessions", None]),
        (KEY, "", ["acme", "sessions", None]),
        (KEY, "é", ["acme", "sessions", None]),
        (KEY, "' or 1=1 --", ["acme", "sessions", None]),
    ):
        with pytest.raises(ValueError, match="not a cursor"):
            cursors.read(key, text, bound_to)
