"""The requests of the hot operations, over a running service: many administrators, tokens, users and user agents."""

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import httpx
from fake_useragent import UserAgent
from tests.served import Served

from benchmarks.http_load import Load, load, request

ADMINISTRATORS = 100
RETURNING_USERS = 200
SESSIONS_EACH = 50
AT_ONCE = 32
FORM = "application/x-www-form-urlencoded"
DEVICE = {"device_type": "mobile", "browser": "Safari 18", "os": "iOS 18"}
USER_AGENTS = 300


class Prepared(NamedTuple):
    """What the requests are made of: headers of a service, of administrators, and a token pair per session."""

    address: str
    pid: int
    service: dict[str, str]
    administrators: list[dict[str, str]]
    pairs: list[dict[str, str]]


async def prepared(served: Served, tenant: str) -> Prepared:
    """Sign in administrators, and returning users, who then have 50 sessions each."""
    key = served.autional("apikey", "create", "--name", "bench", "--all-tenants")
    service = {"X-API-Key": key, "X-Tenant-ID": tenant}
    assert served.process is not None
    logins = [{"auth_user_id": f"admin_{n}", "role": "admin"} | DEVICE for n in range(ADMINISTRATORS)]
    tokens = [pair["access_token"] for pair in await signed_in(served.address, service, logins)]
    returning = [
        {"auth_user_id": f"returning_{user}"} | DEVICE for _ in range(SESSIONS_EACH) for user in range(RETURNING_USERS)
    ]
    pairs = await signed_in(served.address, service, returning)
    administrators = [{"Authorization": f"Bearer {token}"} for token in tokens]
    return Prepared(served.address, served.process.pid, service, administrators, pairs)


async def signed_in(address: str, service: dict[str, str], logins: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """The token pairs of many logins, a bounded number of them at once."""
    places = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=address, headers=service, trust_env=False, limits=limits) as http:

        async def one(login: dict[str, Any]) -> dict[str, str]:
            async with places:
                answer = await http.post("/internal/session/create", json={"amr": ["pwd"]} | login)
            answer.raise_for_status()
            pair: dict[str, str] = answer.json()["data"]["tokens"]
            return pair

        return await asyncio.gather(*map(one, logins))


class HotOperations:
    """Loads of each hot operation; no refresh token is sent twice, no new user signs in twice."""

    def __init__(self, on: Prepared) -> None:
        self._on = on
        self._new_users = 0
        self._refresh_tokens = [pair["refresh_token"] for pair in on.pairs]

    def by_name(self) -> dict[str, Callable[[int, float], Load]]:
        """The loads, by the names that a report uses."""
        return {
            "empty": self.empty,
            "statistics": self.statistics,
            "introspect (RFC 7662)": self.introspect,
            "validate a token": self.validate,
            "create, new users": self.create_for_new_users,
            "create, users with 50 sessions": self.create_for_returning_users,
            "create, known user agents": self.create_with_known_user_agents,
            "create, new user agents": self.create_with_new_user_agents,
            "refresh, with rotation": self.refresh,
        }

    def empty(self, callers: int, seconds: float) -> Load:
        """An answer without a check or a statement."""
        return self._load([request("GET", "/healthz", {})], callers, seconds)

    def statistics(self, callers: int, seconds: float) -> Load:
        """The statistics page, for administrators in turn."""
        return self._load(
            [request("GET", "/admin/sessions/stats", bearer) for bearer in self._on.administrators], callers, seconds
        )

    def introspect(self, callers: int, seconds: float) -> Load:
        """RFC 7662, for 10,000 tokens in turn."""
        key = {"X-API-Key": self._on.service["X-API-Key"]}
        sent = [
            request("POST", "/oauth2/introspect", key, f"token={pair['access_token']}".encode(), FORM)
            for pair in self._on.pairs
        ]
        return self._load(sent, callers, seconds)

    def validate(self, callers: int, seconds: float) -> Load:
        """The same tokens, for their own tenant."""
        sent = [
            self._posted("/internal/session/validate-token", {"access_token": pair["access_token"]})
            for pair in self._on.pairs
        ]
        return self._load(sent, callers, seconds)

    def create_for_new_users(self, callers: int, seconds: float) -> Load:
        """The first login of a user, on a device that the service is told."""
        return self._load(self._logins(DEVICE), callers, seconds, once=True)

    def create_for_returning_users(self, callers: int, seconds: float) -> Load:
        """Another login of users with 50 sessions."""
        sent = [self._login(f"returning_{user}", DEVICE) for user in range(RETURNING_USERS)]
        return self._load(sent, callers, seconds)

    def create_with_known_user_agents(self, callers: int, seconds: float) -> Load:
        """The first login of a user, with one of 300 user agents."""
        agents = UserAgent()
        seen = [agents.random for _ in range(USER_AGENTS)]
        return self._load(self._logins(*({"user_agent": text} for text in seen)), callers, seconds, once=True)

    def create_with_new_user_agents(self, callers: int, seconds: float) -> Load:
        """The first login of a user, with a user agent that nobody had before."""
        chance, agents = Random(self._new_users), UserAgent()
        seen = [f"{agents.random} Build/{chance.getrandbits(64):x}" for _ in range(2_000)]
        return self._load(self._logins(*({"user_agent": text} for text in seen)), callers, seconds, once=True)

    def refresh(self, callers: int, seconds: float) -> Load:
        """Rotation of a seventh of the refresh tokens, none twice; those that are left are for the next loads."""
        share = len(self._on.pairs) // 7
        taken, self._refresh_tokens = self._refresh_tokens[:share], self._refresh_tokens[share:]
        sent = [
            request("POST", "/sessions/refresh", {}, json.dumps({"refresh_token": token}).encode()) for token in taken
        ]
        return self._load(sent, callers, seconds, once=True)

    def _load(self, sent: Sequence[bytes], callers: int, seconds: float, *, once: bool = False) -> Load:
        return load(self._on.address, sent, callers, seconds, [self._on.pid], once=once)

    def _logins(self, *devices: dict[str, str]) -> list[bytes]:
        """Logins of new users, more than will be sent."""
        first, self._new_users = self._new_users, self._new_users + 40_000
        return [self._login(f"new_{n}", devices[n % len(devices)]) for n in range(first, self._new_users)]

    def _login(self, user_id: str, device: dict[str, str]) -> bytes:
        return self._posted("/internal/session/create", {"auth_user_id": user_id, "amr": ["pwd"]} | device)

    def _posted(self, path: str, body: dict[str, Any]) -> bytes:
        return request("POST", path, self._on.service, json.dumps(body).encode())
