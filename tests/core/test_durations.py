from datetime import timedelta

import pytest

from autional.core import durations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24h", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("1500ms500ms", timedelta(seconds=2)),
        ("0.1h", timedelta(minutes=6)),
        ("30d", timedelta(days=30)),
        ("1d1h", timedelta(hours=25)),
        ("0s", timedelta()),
    ],
)
def test_go_style_durations(text: str, expected: timedelta) -> None:
    assert durations.parse(text) == expected


@pytest.mark.parametrize("text", ["24h", "1h30m", "15m", "5s", "1h1s", "0s"])
def test_what_is_written_is_what_was_read(text: str) -> None:
    assert durations.render(durations.parse(text)) == text


@pytest.mark.parametrize("text", ["", "5", "h", "5 m", "-5m", "5w", "5m\n", "١h", "1e5s", "9999999999h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1500ms", "whole seconds"),
        ("90500ms", "whole seconds"),
        ("0.1s", "whole seconds"),
        ("999999999h", "hundred years"),
        ("999999999h" * 8, "hundred years"),
        ("999999999h" * 30, "a duration such as"),
    ],
)
def test_what_cannot_be_kept_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        durations.parse(text)
