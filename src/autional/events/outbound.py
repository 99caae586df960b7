"""Calls to receivers: addresses that may be called, verified TLS, bounded answers, no redirects."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore
import httpx

from autional.core.settings import Network

_SECONDS = 10.0
_ANSWER_BYTES = 4096
_CONNECTIONS = 1024
_LOOK_UPS = 256
_KEPT_SECONDS = 10.0
_NOT_PUBLIC = (
    *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10"),
    *("192.0.0.0/24", "168.63.129.16/32"),
)
_TUNNELS = tuple(ipaddress.ip_network(one) for one in _NOT_PUBLIC)
"""Networks whose addresses mean IPv4 addresses, whatever those are, and those of providers' metadata services."""


class OutboundError(Exception):
    """A receiver could not be reached; one line says why."""


class Answer(NamedTuple):
    """What a receiver answered, as far as it was read."""

    status: int
    body: bytes


def may_call(address: str, networks: Sequence[Network], *, public: bool) -> bool:
    """Whether an address is one of these networks, or (where that is enough) one of the public internet."""
    one = ipaddress.ip_address(address.partition("%")[0])
    one = getattr(one, "ipv4_mapped", None) or one
    if any(one in network for network in networks):
        return True
    return public and one.is_global and not one.is_multicast and not any(one in tunnel for tunnel in _TUNNELS)


def url_fault(url: str, networks: Sequence[Network]) -> str | None:
    """Why a URL can never be called; None where it depends on what its name means when it is called."""
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0 and url.isascii()
    except ValueError:
        return "Must be a URL that begins with https://"
    if not is_url or not url.isprintable() or " " in url:
        return "Must be a URL that begins with https://"
    if parts.username is not None or parts.password is not None or "#" in url:
        return "Must have neither credentials nor a fragment"
    try:
        is_allowed = may_call(str(ipaddress.ip_address(parts.hostname or "")), networks, public=parts.scheme == "https")
    except ValueError:
        is_allowed = parts.scheme == "https" or bool(networks)
    return None if is_allowed else "Must be https:// and a public address, or in AUTIONAL_RECEIVER_NETWORKS"


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked up and checked, and to no other: a name that changes is checked again."""

    def __init__(self, networks: Sequence[Network], *, public: bool, look_ups: ThreadPoolExecutor) -> None:
        self._networks = networks
        self._public = public
        self._look_ups = look_ups
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect. Raises OutboundError where every address of the host is out of bounds."""
        try:
            look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            found = await asyncio.get_running_loop().run_in_executor(self._look_ups, look_up)
        except OSError as error:
            raise OutboundError(f"{host} cannot be looked up: {error.strerror or error}") from None
        addresses = [str(one[4][0]) for one in found]
        allowed = [one for one in addresses if may_call(one, self._networks, public=self._public)]
        if not allowed:
            kind = (
                "a public address or in AUTIONAL_RECEIVER_NETWORKS" if self._public else "in AUTIONAL_RECEIVER_NETWORKS"
            )
            raise OutboundError(f"{host} is not {kind}")
        return await self._backend.connect_tcp(allowed[0], port, timeout, local_address, socket_options)


class Outbound:
    """Connections to receivers."""

    def __init__(self, networks: Sequence[Network]) -> None:
        # names of servers that never answer hold threads for a while: they are nobody else's
        self._look_ups = ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="look-up")
        self._pools = {
            "https": self._pool(GuardedBackend(networks, public=True, look_ups=self._look_ups)),
            "http": self._pool(GuardedBackend(networks, public=False, look_ups=self._look_ups)),
        }

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send and return the beginning of the answer, within ten seconds. Raises OutboundError."""
        pool = self._pools[urlsplit(url).scheme]
        told = {"User-Agent": "Autional", "Host": urlsplit(url).netloc.rpartition("@")[2], **headers}
        told["Content-Length"] = str(len(content))
        try:
            async with (
                asyncio.timeout(_SECONDS),
                pool.stream("POST", url, headers=list(told.items()), content=content) as answer,
            ):
                return Answer(answer.status, await _beginning(answer))
        except TimeoutError:
            raise OutboundError(f"no answer within {_SECONDS:.0f} seconds") from None
        except httpcore.LocalProtocolError:
            raise OutboundError("the request cannot be sent") from None  # what is wrong with it may be a secret
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, ValueError) as error:
            raise OutboundError(_line(error)) from None

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()
        self._look_ups.shutdown(wait=False, cancel_futures=True)

    def _pool(self, backend: GuardedBackend) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=backend,
        )


async def _beginning(answer: httpcore.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_stream():
        body += chunk[:_ANSWER_BYTES]
        if len(body) >= _ANSWER_BYTES:
            break
    return body[:_ANSWER_BYTES]


def _line(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:200]
