"""Receivers that hang, lie, redirect, answer without end or change their address."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.events.listener import Listener, Received, listening

from autional.events import outbound
from autional.events.outbound import Outbound, OutboundError, may_call

HERE = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
async def calls() -> AsyncIterator[Outbound]:
    opened = Outbound(HERE)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.0.170", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("::127.0.0.1", False),
        ("fec0::1", False),
        ("192.0.0.192", False),
        ("168.63.129.16", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_called(address: str, allowed: bool) -> None:
    assert may_call(address, [], public=True) is allowed
    assert may_call(address, [], public=False) is False


async def test_nothing_is_sent_to_this_machine_unless_it_is_allowed(listener: Listener) -> None:
    calls = Outbound([])
    try:
        for url in (listener.address, listener.address.replace("http:", "https:")):
            with pytest.raises(OutboundError, match="AUTIONAL_RECEIVER_NETWORKS"):
                await calls.post(url, {}, b"{}")
        assert listener.connections == 0
    finally:
        await calls.close()


async def test_a_name_that_changes_its_address_is_checked_again(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Outbound([ipaddress.ip_network("127.0.0.1/32")])
    port = listener.address.rpartition(":")[2]
    means = "127.0.0.1"

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (means, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        assert (await calls.post(f"http://shop.example:{port}/", {}, b"{}")).status == 204
        means = "127.0.0.2"
        listener.answer, listener.status = b"x", 500  # so that the connection is not kept
        await calls.post(f"http://shop.example:{port}/", {"Connection": "close"}, b"{}")
        with pytest.raises(OutboundError, match=r"shop\.example is not in"):
            await calls.post(f"http://shop.example:{port}/", {}, b"{}")
    finally:
        await calls.close()


async def test_a_redirect_is_not_followed(calls: Outbound, listener: Listener) -> None:
    async def redirect(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/admin\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    listener.behaviour = redirect
    assert (await calls.post(listener.address, {}, b"{}")).status == 307
    assert len(listener.received) == 1


async def test_an_answer_without_end_is_left_unread(calls: Outbound, listener: Listener) -> None:
    sent = 0

    async def gigabyte(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _number in range(1024):
            writer.write(b"x" * 1024 * 1024)
            sent += 1
            await writer.drain()

    listener.behaviour = gigabyte
    answer = await asyncio.wait_for(calls.post(listener.address, {}, b"{}"), 5)
    assert (answer.status, len(answer.body)) == (200, 4096)
    assert sent < 100


async def test_headers_without_end_are_an_error(calls: Outbound, listener: Listener) -> None:
    async def headers(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000)
        await writer.drain()

    listener.behaviour = headers
    with pytest.raises(OutboundError):
        await calls.post(listener.address, {}, b"{}")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"])
async def test_who_hangs_is_left_after_a_while(
    calls: Outbound, listener: Listener, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(outbound, "_SECONDS", 0.3)

    async def hang(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await asyncio.sleep(2)

    listener.behaviour = hang
    with pytest.raises(OutboundError, match="no answer within"):
        await asyncio.wait_for(calls.post(listener.address, {}, b"{}"), 1)


async def test_who_lies_about_http_is_an_error(calls: Outbound, listener: Listener) -> None:
    async def lie(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        await writer.drain()

    listener.behaviour = lie
    with pytest.raises(OutboundError):
        await calls.post(listener.address, {}, b"{}")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine that nobody else has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver of the tests")])
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return public, private


async def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    async with listening(context=context) as listener:
        calls = Outbound(HERE)
        with pytest.raises(OutboundError, match="certificate"):
            await calls.post(listener.address, {}, b"{}")
        await calls.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        trusting = Outbound(HERE)
        assert (await trusting.post(listener.address, {}, b"{}")).status == 204
        wrong_name = listener.address.replace("127.0.0.1", "localhost")
        with pytest.raises(OutboundError, match=r"[Hh]ostname|certificate"):
            await trusting.post(wrong_name, {}, b"{}")
        await trusting.close()
        assert len(listener.received) == 1
