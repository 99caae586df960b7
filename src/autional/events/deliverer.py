"""The deliverer: claims what receivers are to be told, sends it, and writes down how that went."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import msgspec
import structlog

from autional.core.errors import DatabaseUnavailableError
from autional.core.sealing import UnsealError, unseal
from autional.core.settings import Network
from autional.events import claims
from autional.events.claims import Limits, Outcome, Result
from autional.events.log import event_of
from autional.events.logout import backchannel_logout, global_token_revocation
from autional.events.message import Telling
from autional.events.outbound import Answer, Outbound, OutboundError
from autional.events.streams import GONE, message_id, token_of
from autional.events.webhooks import webhook
from autional.postgres.queries import Queries, Row
from autional.tokens.jwt import Issuer

MOST_AT_ONCE = 512
"""Deliveries that a node has under way; of a tenant or receiver fewer, so that nobody waits for those that are slow."""
OF_TENANT = 64
_OF_EACH = 32
_LEASE = timedelta(seconds=30)
_SETTLE_EVERY = 1.0
_FINAL = 400
_LONGEST_ANSWER = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")

log = structlog.get_logger()


@asynccontextmanager
async def delivering(
    queries: Queries, issuer: Issuer, networks: Sequence[Network], key: bytes, *, on_citus: bool
) -> AsyncIterator["Deliverer"]:
    """A deliverer for the length of the block; what is being sent at its end is sent again later."""
    outbound = Outbound(networks)
    deliverer = Deliverer(queries, issuer, outbound, key, on_citus=on_citus)
    try:
        yield deliverer
    finally:
        await deliverer.close()
        await outbound.close()


class Deliverer:
    """Sends what is due, many at once, without waiting for those that are slow."""

    def __init__(self, queries: Queries, issuer: Issuer, outbound: Outbound, key: bytes, *, on_citus: bool) -> None:
        self._queries = queries
        self._claim = claims.claim_by_tenant if on_citus else claims.claim
        self._finish = claims.finish_by_tenant if on_citus else claims.finish
        self._settle = claims.settle_by_tenant if on_citus else claims.settle
        self._issuer = issuer
        self._outbound = outbound
        self._key = key
        self._attempts: set[asyncio.Task[None]] = set()
        self._of_tenant: Counter[int] = Counter()
        self._of_receiver: Counter[str] = Counter()
        self._outcomes: list[Outcome] = []
        self._settled_at = 0.0

    async def work(self) -> None:
        """One round: write down what went out since the last one, and claim what is due.

        Raises DatabaseUnavailableError.
        """
        await self.finish()
        free = MOST_AT_ONCE - len(self._attempts)
        if free > 0:
            busy = [home for home, number in self._of_tenant.items() if number >= OF_TENANT]
            busy_receivers = [name for name, number in self._of_receiver.items() if number >= _OF_EACH]
            limits = Limits(free, OF_TENANT, _OF_EACH, _LEASE)
            for row in await self._claim(self._queries, limits, busy, busy_receivers):
                self._begin(row)
        if time.monotonic() - self._settled_at > _SETTLE_EVERY:
            await self._settle(self._queries)
            self._settled_at = time.monotonic()

    async def finish(self) -> None:
        """Write down how attempts went. Raises DatabaseUnavailableError."""
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return
        try:
            waiting = await self._finish(self._queries, outcomes)
            self._outcomes += waiting
        except DatabaseUnavailableError:
            self._outcomes = outcomes + self._outcomes  # once more in the next round
            raise
        except asyncpg.PostgresError:
            for one in outcomes:  # whatever is wrong with one of them holds back no other
                await self._finish(self._queries, [one._replace(answer="cannot be written down")])

    def _begin(self, row: Row) -> None:
        home, receiver_id = row["home"], row["receiver_id"]
        self._of_tenant[home] += 1
        self._of_receiver[receiver_id] += 1
        attempt = asyncio.create_task(self._attempt(row))
        self._attempts.add(attempt)

        def done(task: "asyncio.Task[None]") -> None:
            self._attempts.discard(task)
            for counted, key in ((self._of_tenant, home), (self._of_receiver, receiver_id)):
                counted[key] -= 1
                if not counted[key]:
                    del counted[key]

        attempt.add_done_callback(done)

    async def close(self) -> None:
        """Give up what is being sent: it is sent again later."""
        for attempt in self._attempts:
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)
        with suppress(DatabaseUnavailableError):
            await self.finish()

    async def _attempt(self, row: Row) -> None:
        try:
            result, answer = await self._sent(row)
        except OutboundError as error:
            result, answer = "failed", str(error)
        except Exception:
            log.exception("a delivery failed unexpectedly", receiver_id=row["receiver_id"], position=row["position"])
            result, answer = "failed", "an internal error"
        said = _CONTROLS.sub(" ", answer)[:_LONGEST_ANSWER]
        self._outcomes.append(Outcome(row["home"], row["receiver_id"], row["position"], result, said))

    async def _sent(self, row: Row) -> tuple[Result, str]:
        if row["revocation_id"] is None and row["control"] is None:
            return "refused", GONE
        try:
            request = self._request(row)
        except UnsealError as error:
            return "failed", str(error)
        if request is None:
            return "refused", "the person was erased"
        answer = await self._outbound.post(row["url"], *request)
        if answer.status < 300:
            return "delivered", str(answer.status)
        is_final = answer.status == _FINAL and row["protocol"] != "webhook"
        return "refused" if is_final else "failed", _described(answer)

    def _request(self, row: Row) -> tuple[dict[str, str], bytes] | None:
        if row["protocol"] == "ssf_push":
            headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
            if row["sealed_header"] is not None:
                headers["Authorization"] = unseal(self._key, row["receiver_id"], row["sealed_header"]).decode()
            token = token_of(row, self._issuer)
            return (headers, token.encode()) if token is not None else None
        event = event_of(row)
        telling = Telling(row["tenant_id"], message_id(row), row["audience"], self._issuer, row["now"])
        if row["protocol"] == "backchannel_logout":
            return backchannel_logout(event, telling)
        if row["protocol"] == "global_token_revocation":
            return global_token_revocation(event, telling)
        secrets = [unseal(self._key, row["receiver_id"], one).decode() for one in row["sealed_secrets"]]
        return webhook(event, telling, secrets)


class _Error(msgspec.Struct):
    """How a receiver of security events says what is wrong (RFC 8935 §2.3)."""

    err: str
    description: str = ""


def _described(answer: Answer) -> str:
    try:
        said = msgspec.json.decode(answer.body, type=_Error)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return str(answer.status)
    return f"{answer.status} {said.err}: {said.description}"
