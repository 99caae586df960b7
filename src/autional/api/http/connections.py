"""The open connections of one server, counted per client."""

import ipaddress
from collections import Counter

from autional.core.settings import Settings


class Connections:
    """The open connections of one server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._proxies = settings.proxies
        self._by_address: Counter[str] = Counter()
        self._all = 0

    @property
    def open(self) -> int:
        """How many there are."""
        return self._all

    def opened(self, client: str) -> bool:
        """Count a new connection of a client; False if it is beyond the limits."""
        if self._all >= self._settings.connections:
            return False
        if self._by_address[client] >= self._settings.connections_per_address and not self._is_proxy(client):
            return False
        self._all += 1
        self._by_address[client] += 1
        return True

    def closed(self, client: str) -> None:
        """Stop counting a connection."""
        self._all -= 1
        self._by_address[client] -= 1
        if not self._by_address[client]:
            del self._by_address[client]

    def _is_proxy(self, client: str) -> bool:
        address = client.partition("/")[0]
        return bool(address) and any(ipaddress.ip_address(address) in network for network in self._proxies)
