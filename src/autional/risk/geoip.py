"""Where an IP address is, by a MaxMind database that an operator may give; without one nothing is known."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from autional.core.settings import SettingsError
from autional.risk.scoring import Place

_REMEMBERED = 20_000


class Places:
    """The places of a database file (GeoLite2 City and its like)."""

    def __init__(self, path: str | None) -> None:
        """Open the file. Raises SettingsError."""
        try:
            self._reader = maxminddb.open_database(Path(path)) if path else None
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise SettingsError(f"AUTIONAL_GEOIP_DATABASE: {error}") from None
        self.locate = lru_cache(_REMEMBERED)(self._locate)

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()

    def _locate(self, ip: str | None) -> Place | None:
        """The place of an address; None where it is not known."""
        if self._reader is None or ip is None:
            return None
        with suppress(ValueError, maxminddb.InvalidDatabaseError):
            record = self._reader.get(ip)
            if isinstance(record, dict):
                return _place(record)
        return None


def _place(record: dict[str, Any]) -> Place:
    location = record.get("location", {})
    return Place(
        record.get("country", {}).get("iso_code"),
        record.get("city", {}).get("names", {}).get("en"),
        location.get("latitude"),
        location.get("longitude"),
    )
