"""A drawing of requests a second, as SVG."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

_LEFT, _WIDTH, _BAR, _GAP = 190, 420, 18, 6
_COLORS = ("#2a6fdb", "#b0b7c3", "#d3d7de")


def write(path: Path, groups: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> None:
    """Draw a group of bars for each work, scaled to its fastest system."""
    parts, top = [], 10
    for title, bars in groups:
        parts.append(f'<text x="10" y="{top + 14}" font-weight="bold">{escape(title)}</text>')
        top += 24
        longest = max(rate for _, rate in bars)
        for (name, rate), color in zip(bars, _COLORS, strict=False):
            width = max(1, rate / longest * _WIDTH)
            parts.append(f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{_LEFT}" y="{top}" width="{width:.0f}" height="{_BAR}" fill="{color}"/>')
            parts.append(f'<text x="{_LEFT + width + 6:.0f}" y="{top + 13}">{rate:,.0f}/s</text>')
            top += _BAR + _GAP
        top += 12
    style = "font: 13px system-ui, sans-serif"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {top}" style="{style}" role="img">'
    path.write_text("\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""]))
