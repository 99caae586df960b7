"""Where an IP address is, according to a MaxMind database; without one, every location is unknown."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from autional.core.settings import SettingsError
from autional.risk.scoring import UNKNOWN_LOCATION, Location

_REMEMBERED = 20_000


class GeoIp:
    """A geolocation database (GeoLite2 City or a similar file)."""

    def __init__(self, path: str | None) -> None:
        """Open the file. Raises SettingsError."""
        try:
            self._reader = maxminddb.open_database(Path(path)) if path else None
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SettingsError(f"AUTIONAL_GEOIP_DATABASE: {path}: {reason}") from None
        self.locate = lru_cache(_REMEMBERED)(self._locate)

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()

    def _locate(self, ip: str | None) -> Location:
        """The location of an address, as far as it is known."""
        if self._reader is None or ip is None:
            return UNKNOWN_LOCATION
        with suppress(ValueError, maxminddb.InvalidDatabaseError):
            record = self._reader.get(ip)
            if isinstance(record, dict):
                return _location(record)
        return UNKNOWN_LOCATION


def _location(record: dict[str, Any]) -> Location:
    location = record.get("location", {})
    return Location(
        record.get("country", {}).get("iso_code"),
        record.get("city", {}).get("names", {}).get("en"),
        location.get("latitude"),
        location.get("longitude"),
    )
