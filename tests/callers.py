"""Callers under whom something is killed, stopped or replaced: what they were answered has to be true afterwards."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

CALLERS = 8
_PAUSE = 0.02
_REFUSED = {429, 503}
_LAST_ANSWER_SECONDS = 40


@dataclass
class Answers:
    """What the callers were answered, and what they asked for without hearing the answer."""

    live: dict[str, str] = field(default_factory=dict)
    """Refresh token by session, of those that nobody asked to end."""
    access: dict[str, str] = field(default_factory=dict)
    """The latest access token of each session."""
    created: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    in_doubt: set[str] = field(default_factory=set)
    unanswered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    cut: list[str] = field(default_factory=list)
    """Why requests had no answer."""
    revived: list[str] = field(default_factory=list)
    """Revoked sessions whose tokens were good afterwards."""
    lost: list[str] = field(default_factory=list)
    """Live sessions whose tokens were refused."""
    answered_at: list[float] = field(default_factory=list)
    """When requests succeeded, by the clock of the event loop."""

    def longest_gap(self) -> float:
        """For how many seconds nobody was answered."""
        return max((b - a for a, b in zip(self.answered_at, self.answered_at[1:], strict=False)), default=0.0)


class Caller:
    """One caller, which asks one node after the other and one request at a time."""

    def __init__(
        self, answers: Answers, addresses: Callable[[], Sequence[str]], key: dict[str, str], seed: int
    ) -> None:
        self._answers = answers
        self._addresses = addresses
        self._key = key
        self._chance = random.Random(seed)
        self._user = f"u{seed}"
        self._mine: list[str] = []
        self.is_to_stop = False

    async def run(self) -> None:
        """Ask until it is to stop, and hear the last answer."""
        steps = (self._create, self._refresh, self._revoke, self._check)
        async with httpx.AsyncClient(headers=self._key, trust_env=False, timeout=30) as http:
            while not self.is_to_stop:
                step = self._chance.choices(steps, (40, 20, 20, 20))[0] if self._mine else self._create
                try:
                    await step(http)
                except httpx.HTTPError as error:
                    self._answers.cut.append(repr(error))
                    await asyncio.sleep(_PAUSE)

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, **options: object) -> httpx.Response:
        node = self._chance.choice(self._addresses())
        answer = await http.request(method, node + path, **options)  # type: ignore[arg-type]
        self._answers.statuses[answer.status_code] += 1
        if answer.is_success:
            self._answers.answered_at.append(asyncio.get_running_loop().time())
        elif answer.status_code in _REFUSED:
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(_PAUSE)
        return answer

    async def _create(self, http: httpx.AsyncClient) -> None:
        self._answers.unanswered += 1
        answer = await self._ask(
            http, "POST", "/internal/session/create", json={"auth_user_id": self._user, "device_type": "tv"}
        )
        if answer.status_code == 201:
            self._answers.unanswered -= 1
            made = answer.json()["data"]
            session_id = made["session"]["id"]
            self._answers.created.add(session_id)
            self._answers.live[session_id] = made["tokens"]["refresh_token"]
            self._answers.access[session_id] = made["tokens"]["access_token"]
            self._mine.append(session_id)

    async def _refresh(self, http: httpx.AsyncClient) -> None:
        """Rotate, and repeat what was not answered: under its key it has one effect."""
        session_id = self._chance.choice(self._mine)
        token = self._answers.live.get(session_id)
        if token is None:
            return
        headers = {"Idempotency-Key": f"{self._user}-{self._chance.random()}"}
        while not self.is_to_stop:
            try:
                answer = await self._ask(
                    http, "POST", "/sessions/refresh", json={"refresh_token": token}, headers=headers
                )
            except httpx.HTTPError as error:
                self._answers.cut.append(repr(error))
                await asyncio.sleep(_PAUSE)
                continue
            if answer.status_code in _REFUSED:
                continue
            if answer.is_success:
                self._answers.live[session_id] = answer.json()["refresh_token"]
                self._answers.access[session_id] = answer.json()["access_token"]
            else:
                self._answers.lost.append(session_id)
            return

    async def _revoke(self, http: httpx.AsyncClient) -> None:
        session_id = self._mine.pop(self._chance.randrange(len(self._mine)))
        self._answers.live.pop(session_id, None)
        self._answers.in_doubt.add(session_id)
        answer = await self._ask(http, "DELETE", f"/internal/session/session/{session_id}")
        if answer.is_success:
            self._answers.in_doubt.discard(session_id)
            self._answers.revoked.add(session_id)

    async def _check(self, http: httpx.AsyncClient) -> None:
        """Ask about a session that goes on, or one that was revoked."""
        revoked = bool(self._answers.revoked) and self._chance.random() < 0.5
        session_id = self._chance.choice(list(self._answers.revoked) if revoked else self._mine)
        answer = await self._ask(http, "POST", "/oauth2/introspect", data={"token": self._answers.access[session_id]})
        if not answer.is_success:
            return
        if revoked and answer.json()["active"]:
            self._answers.revived.append(session_id)
        if not revoked and session_id in self._mine and not answer.json()["active"]:
            self._answers.lost.append(session_id)


@asynccontextmanager
async def calling(
    addresses: Callable[[], Sequence[str]], key: dict[str, str], answers: Answers, callers: int = CALLERS
) -> AsyncIterator[Answers]:
    """Have callers at work for the length of the block."""
    crowd = [Caller(answers, addresses, key, random.randrange(1 << 30)) for _ in range(callers)]
    asking = [asyncio.create_task(one.run()) for one in crowd]
    try:
        yield answers
        for one in crowd:
            one.is_to_stop = True
        answered, waiting = await asyncio.wait(asking, timeout=_LAST_ANSWER_SECONDS)
        for task in answered:
            task.result()
        assert not waiting, "a node does not answer"
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def sessions_of(address: str, key: dict[str, str], status: str) -> set[str]:
    """The sessions that a node lists with a status."""
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=address, headers=key, trust_env=False, timeout=30) as http:
        params = {"page_size": "100", "status": status}
        while True:
            answer = (await http.get("/admin/sessions", params=params)).json()
            found |= {item["id"] for item in answer["items"]}
            if "next_cursor" not in answer["pagination"]:
                return found
            params["cursor"] = answer["pagination"]["next_cursor"]


async def verify(answers: Answers, address: str, key: dict[str, str]) -> None:
    """Compare what the callers were answered with what a node says now."""
    revoked, active = await sessions_of(address, key, "revoked"), await sessions_of(address, key, "active")
    assert not answers.revived
    assert not answers.lost
    assert answers.revoked <= revoked
    assert answers.created - answers.revoked - answers.in_doubt <= active
    assert not answers.revoked & active
    assert len(active | revoked) - len(answers.created) <= answers.unanswered
    async with httpx.AsyncClient(base_url=address, headers=key, trust_env=False, timeout=30) as http:
        stats = (await http.get("/admin/sessions/stats")).json()
    assert stats["active_sessions"] == len(active)
    assert stats["revoked_sessions"] == len(revoked)
