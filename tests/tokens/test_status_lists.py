"""Token Status Lists: indexes that tell nothing, and bits that are set when a token ends and never cleared."""

import asyncio
import base64
import dataclasses
import itertools
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from tests.conftest import People, not_on_citus

from autional.core import ids
from autional.core.clock import now
from autional.events import log
from autional.runtime import maintenance
from autional.runtime.service import Service
from autional.tenancy import tenants
from autional.tokens import status_lists
from autional.tokens.jwt import Issuer
from autional.tokens.model import StatusKeys

pytestmark = not_on_citus

KEYS = StatusKeys(b"l" * 32, b"i" * 32)


@pytest.fixture
def issuer(issuer: Issuer) -> Issuer:
    """One that knows that the tenant lists its tokens."""
    return dataclasses.replace(issuer, listing=frozenset({"acme"}))


@pytest.fixture
async def publishing(service: Service) -> AsyncIterator[None]:
    await status_lists.set_listing(service.database, "acme", enabled=True)

    async def publish() -> None:
        while True:
            await log.place_revocations(service.database)
            await status_lists.publish(service.database)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(publish())
    yield
    task.cancel()


def test_indexes_are_a_permutation_and_follow_no_order() -> None:
    some = [status_lists.index_of(KEYS, number) for number in range(2000)]
    assert len(set(some)) == 2000
    assert all(0 <= index < 1 << 20 for index in some)
    assert max(some) > 900_000
    assert sum(later > earlier for earlier, later in itertools.pairwise(some)) in range(800, 1200)
    of_next_list = [status_lists.index_of(KEYS, number + (1 << 20)) for number in range(2000)]
    assert some != of_next_list


def test_the_id_of_a_list_is_its_number_to_who_has_the_key() -> None:
    for number in (0, 1, 12345, 2**40):
        assert status_lists.list_of(KEYS, status_lists.list_id(KEYS, number)) == number
    for text in ("", "0" * 32, "x" * 32, status_lists.list_id(KEYS, 1).upper(), status_lists.list_id(KEYS, 1) + "00"):
        assert status_lists.list_of(KEYS, text) is None


async def bit_of(http: httpx.AsyncClient, token: str) -> int:
    """What the list says of a token, as whoever verifies it offline reads it (§8.3)."""
    claims = jwt.decode(token, options={"verify_signature": False})
    reference = claims["status"]["status_list"]
    answer = await http.get(reference["uri"].removeprefix("http://127.0.0.1:8080"))
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    assert answer.headers["cache-control"] == "public, max-age=30"
    keys = (await http.get("/.well-known/jwks.json")).json()
    head = jwt.get_unverified_header(answer.text)
    assert head["typ"] == "statuslist+jwt"
    told = jwt.decode(answer.text, jwt.PyJWKSet.from_dict(keys)[head["kid"]].key, algorithms=["ES256"])
    assert (told["sub"], told["ttl"]) == (reference["uri"], 30)
    packed = told["status_list"]["lst"]
    bits = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert len(bits) == 1 << 17
    index: int = reference["idx"]
    return bits[index >> 3] >> (index & 7) & 1


async def set_within_a_second(http: httpx.AsyncClient, token: str) -> bool:
    for _ in range(20):
        if await bit_of(http, token):
            return True
        await asyncio.sleep(0.05)
    return False


async def begin(http: httpx.AsyncClient, key: dict[str, str], user: str = "usr_1") -> dict[str, Any]:
    answer = await http.post("/internal/session/create", headers=key, json={"auth_user_id": user})
    made: dict[str, Any] = answer.json()["data"]
    return made


@dataclass
class Given:
    """Whose token ends."""

    http: httpx.AsyncClient
    people: People
    key: dict[str, str]
    made: dict[str, Any]

    @property
    def token(self) -> str:
        return str(self.made["tokens"]["access_token"])

    async def post(self, path: str, **sent: Any) -> httpx.Response:
        return await self.http.post(path, headers=self.key, **sent)


async def end_session(given: Given) -> None:
    await given.http.delete(f"/internal/session/session/{given.made['session']['id']}", headers=given.key)


async def end_user(given: Given) -> None:
    await given.http.delete("/internal/session/session/user/usr_1", headers=given.key)


async def end_everybody(given: Given) -> None:
    admin = await given.people.api_key(role="admin")
    await given.http.post("/admin/tokens/revoke-all", headers=admin, json={"everybody": True})


async def end_access_tokens(given: Given) -> None:
    admin = await given.people.api_key(role="admin")
    body = {"user_id": "usr_1", "type": "access"}
    await given.http.post("/admin/tokens/revoke-all", headers=admin, json=body)


async def blacklist(given: Given) -> None:
    await given.post("/oauth2/revoke", data={"token": given.token})


async def reuse(given: Given) -> None:
    refresh = {"refresh_token": given.made["tokens"]["refresh_token"]}
    first = await given.http.post("/sessions/refresh", json=refresh)
    assert first.is_success
    await given.http.post("/sessions/refresh", json={"refresh_token": first.json()["refresh_token"]})
    assert (await given.http.post("/sessions/refresh", json=refresh)).is_error


async def raise_level(given: Given) -> None:
    path = f"/internal/session/{given.made['session']['id']}/upgrade-mfa"
    assert (await given.post(path, json={"amr": ["pwd", "otp"]})).is_success


async def delete_tenant(given: Given) -> None:
    await tenants.delete_tenant(given.people.service.database, "acme", key=b"t" * 32)


@pytest.mark.parametrize(
    ("end", "of_all"),
    [
        (end_session, False),
        (end_user, False),
        (end_everybody, True),
        (end_access_tokens, False),
        (blacklist, False),
        (reuse, False),
        (raise_level, False),
        (delete_tenant, True),
    ],
)
async def test_a_bit_is_set_within_a_second_of_every_end(
    http: httpx.AsyncClient,
    people: People,
    publishing: None,
    end: Callable[[Given], Awaitable[None]],
    of_all: bool,
) -> None:
    key = await people.api_key()
    given = Given(http, people, key, await begin(http, key))
    other = (await begin(http, key, "usr_2"))["tokens"]["access_token"]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": given.token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    exchanged = (await given.post("/oauth2/token", data=form)).json()["access_token"]
    assert await bit_of(http, given.token) == await bit_of(http, exchanged) == 0
    await end(given)
    assert await set_within_a_second(http, given.token)
    assert await set_within_a_second(http, exchanged)
    assert await bit_of(http, other) == of_all


async def test_a_bit_is_never_cleared(http: httpx.AsyncClient, people: People, publishing: None) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = await begin(http, key)
    token = made["tokens"]["access_token"]
    await http.post("/oauth2/revoke", headers=key, data={"token": token})
    assert await set_within_a_second(http, token)
    [entry] = (await http.get("/admin/tokens/blacklist", headers=admin)).json()["items"]
    assert (await http.delete(f"/admin/tokens/blacklist/{entry['id']}", headers=admin)).status_code == 200
    await http.delete("/internal/session/session/user/usr_1", headers=key)
    for later in (timedelta(minutes=5), timedelta(hours=3)):
        for name in ("listed tokens", "status lists", "blacklist", "access tokens", "retention"):
            await maintenance.TASKS[name][1](people.service, now() + later)
    assert await bit_of(http, token) == 1


async def test_tokens_issued_while_everything_ends_are_not_missed(
    http: httpx.AsyncClient, people: People, publishing: None
) -> None:
    """Refreshes race with the end of their session: whoever got a token sees its bit set."""
    key = await people.api_key()
    got: list[str] = []

    async def refresh(made: dict[str, Any]) -> None:
        answer = await http.post("/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]})
        if answer.is_success:
            got.append(answer.json()["access_token"])

    for turn in range(10):
        made = [await begin(http, key, f"usr_{turn}") for _ in range(4)]
        end = http.delete(f"/internal/session/session/user/usr_{turn}", headers=key)
        await asyncio.gather(*(refresh(one) for one in made[:2]), end, *(refresh(one) for one in made[2:]))
    await asyncio.sleep(0.3)
    for token in got:
        introspected = (await http.post("/oauth2/introspect", headers=key, data={"token": token})).json()
        assert await bit_of(http, token) == (not introspected["active"])


async def test_a_tenant_decides(http: httpx.AsyncClient, people: People, issuer: Issuer) -> None:
    admin, key = await people.bearer(), await people.api_key()
    path = "/admin/tokens/status-list"
    assert (await http.get(path, headers=admin)).json() == {"enabled": False, "ttl": 30}
    assert (await http.put(path, headers=admin, json={"enabled": True})).json()["enabled"] is True
    assert await status_lists.tenants_listing(people.service.database) == {"acme"}
    issuer.listing = frozenset()
    claims = jwt.decode((await begin(http, key))["tokens"]["access_token"], options={"verify_signature": False})
    assert "status" not in claims
    assert (await http.get("/status-lists/" + "0" * 32)).status_code == 404
    assert ids.home("acme")
