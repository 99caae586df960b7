"""Where a request comes from, told by proxies that are trusted (RFC 7239)."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from autional.settings import Network
from autional.texts import unmapped

_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]+)', re.IGNORECASE)
_ADDRESS = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]+)\](?::\d+)?|(?P<four>[0-9.]+)(?::\d+)?|(?P<bare>[0-9A-Fa-f:.]+)")


def client_address(peer: str, forwarded: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The address of a client: the nearest one that is no trusted proxy.

    `peer` is who is connected; the headers Forwarded and X-Forwarded-For are believed only from a trusted proxy, from
    their end on, and not at all where they disagree, since the proxy then wrote only one of them.
    """
    if not _is_trusted(peer, proxies):
        return _plain(peer) or peer
    told = {
        _nearest(peer, hops, proxies)
        for header, hops in ((forwarded, _fors(forwarded)), (forwarded_for, forwarded_for.split(",")))
        if header
    }
    return told.pop() if len(told) == 1 else peer


def _nearest(peer: str, hops: Sequence[str], proxies: Sequence[Network]) -> str:
    nearest = peer
    for hop in reversed(hops):
        address = _plain(hop)
        if address is None:
            break
        nearest = address
        if not _is_trusted(address, proxies):
            break
    return nearest


def _fors(header: str) -> list[str]:
    """The `for` of each element; an empty text, which is no address, for an element without one."""
    found = (_FOR.search(element.strip()) for element in header.split(","))
    return [one[1].strip('"') if one else "" for one in found]


def _plain(hop: str) -> str | None:
    found = _ADDRESS.fullmatch(hop.strip())
    if found is None:
        return None
    try:
        return str(unmapped(ip_address(found["six"] or found["four"] or found["bare"])))
    except ValueError:
        return None


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    plain = _plain(address)
    return plain is not None and any(ip_address(plain) in network for network in proxies)
