"""The table of the console's pages."""

from autional.console import overview
from autional.console.model import Page

PAGES: tuple[Page, ...] = (Page("", overview.show),)
