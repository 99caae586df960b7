"""Small drawings for the terminal."""

from rich.table import Table

_SPARKS = "▁▂▃▄▅▆▇█"
_BAR = 24


def spark(values: list[int]) -> str:
    """A line of characters as high as the values, from the least to the most of them."""
    if not values:
        return ""
    least, most = min(values), max(values)
    return "".join(_SPARKS[(value - least) * 7 // (most - least) if most > least else 0] for value in values)


def device_bars(numbers: dict[str, int]) -> Table:
    """A bar for each device type."""
    whole = sum(numbers.values()) or 1
    table = Table.grid(padding=(0, 1))
    for name, value in sorted(numbers.items(), key=lambda one: -one[1]):
        table.add_row(name, f"{value:,}", "█" * max(1, round(_BAR * value / whole)))
    return table
