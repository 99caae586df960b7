"""Charts as SVG, drawn by templates: where the points of a series are, and the lines of a scale."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

WIDTH, HEIGHT = 720, 160


class Scale(NamedTuple):
    """From 0 to a round number above the largest value."""

    top: int

    @property
    def lines(self) -> list[tuple[int, float]]:
        """Values that are written at the side, and how far down each is."""
        return [(self.top * part // 2, HEIGHT - HEIGHT * part / 2) for part in (0, 1, 2)]

    def down(self, value: float) -> float:
        """How far down a value is."""
        return round(HEIGHT - HEIGHT * value / self.top, 1)


def scale_of(values: Sequence[int]) -> Scale:
    """The scale of a chart with these values."""
    most = max(values, default=0)
    unit = 1
    while True:
        for step in (2, 4, 10):
            if step * unit >= most:
                return Scale(step * unit)
        unit *= 10


def across(ats: Sequence[datetime]) -> list[float]:
    """How far right each of several instants is, the first and the last at the sides."""
    span = (ats[-1] - ats[0]).total_seconds() or 1.0
    return [round(WIDTH * (at - ats[0]).total_seconds() / span, 1) for at in ats]


def line(places: Sequence[float], values: Sequence[int], scale: Scale) -> str:
    """The points of a line through the values."""
    return " ".join(f"{place},{scale.down(value)}" for place, value in zip(places, values, strict=True))


def share(value: int, whole: int) -> float:
    """A value as a share of the whole, in percent."""
    return round(100 * value / whole, 1) if whole else 0.0
