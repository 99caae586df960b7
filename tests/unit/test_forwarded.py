from ipaddress import ip_network

import pytest

from autional.api.forwarded import client_address

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "forwarded_for", "expected"),
    [
        ("203.0.113.9", "for=1.1.1.1", "1.1.1.1", "203.0.113.9"),
        ("10.0.0.1", "", "", "10.0.0.1"),
        ("10.0.0.1", "", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "", "6.6.6.6, 192.0.2.1, 10.3.3.3", "192.0.2.1"),
        ("10.0.0.1", "", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "", "192.0.2.1:4711", "192.0.2.1"),
        ("10.0.0.1", "", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "192.0.2.1, unknown, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "", "::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:10.0.0.1", "", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "for=192.0.2.1", "", "192.0.2.1"),
        ("10.0.0.1", 'for="[2001:db8::1]:80";proto=https', "", "2001:db8::1"),
        ("10.0.0.1", "by=10.0.0.1;For=192.0.2.1, for=10.4.4.4", "", "192.0.2.1"),
        ("10.0.0.1", "for=_hidden", "", "10.0.0.1"),
        ("10.0.0.1", "proto=https", "", "10.0.0.1"),
        ("10.0.0.1", "for=192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "for=6.6.6.6", "192.0.2.1", "10.0.0.1"),
        ("fd00::1", "", "2001:db8::5", "2001:db8::5"),
        ("", "for=1.1.1.1", "1.1.1.1", ""),
    ],
)
def test_the_nearest_address_that_is_no_trusted_proxy(
    peer: str, forwarded: str, forwarded_for: str, expected: str
) -> None:
    assert client_address(peer, forwarded, forwarded_for, PROXIES) == expected
