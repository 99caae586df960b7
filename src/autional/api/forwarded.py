"""The client address behind trusted proxies (RFC 7239)."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from autional.core.formats import without_ipv6_mapping
from autional.core.settings import Network

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ELEMENT = re.compile(rf'(?:{_QUOTED}|[^,"])+')
_PAIR = re.compile(rf'(?:{_QUOTED}|[^;"])+')
_ADDRESS = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]+)\](?::\d+)?|(?P<four>[0-9.]+)(?::\d+)?|(?P<bare>[0-9A-Fa-f:.]+)")


def client_address(peer: str, forwarded: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The address of a client: the nearest one that is not a trusted proxy.

    `peer` is the other end of the connection. Forwarded and X-Forwarded-For are read only from a trusted proxy,
    from their end, and not at all if they disagree, since the proxy then wrote only one of them.
    """
    peer = _plain(peer) or peer
    if not _is_trusted(peer, proxies):
        return peer
    claims = {
        _nearest(peer, hops, proxies)
        for header, hops in ((forwarded, _fors(forwarded)), (forwarded_for, forwarded_for.split(",")))
        if header
    }
    return claims.pop() if len(claims) == 1 else peer


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
    """The `for` of each element; empty, which is no address, for an element without one (RFC 7239 §4)."""
    return [_for(element) for element in _ELEMENT.findall(header)]


def _for(element: str) -> str:
    for pair in _PAIR.findall(element):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return str(value).strip().strip('"')
    return ""


def _plain(hop: str) -> str | None:
    found = _ADDRESS.fullmatch(hop.strip())
    if found is None:
        return None
    try:
        return str(without_ipv6_mapping(ip_address(found["six"] or found["four"] or found["bare"])))
    except ValueError:
        return None


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    plain = _plain(address)
    return plain is not None and any(ip_address(plain) in network for network in proxies)
