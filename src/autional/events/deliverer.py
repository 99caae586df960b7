"""The deliverer: claims what receivers are to be told, sends it, and writes down how that went."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal, NamedTuple

import msgspec
import structlog
from asyncpg import Record

from autional.core.sealing import UnsealError, unseal
from autional.core.settings import Network
from autional.events.log import event_of
from autional.events.logout import backchannel_logout, global_token_revocation
from autional.events.message import Telling
from autional.events.outbound import Answer, Outbound, OutboundError
from autional.events.streams import message_id, token_of
from autional.events.webhooks import webhook
from autional.postgres.queries import Queries
from autional.tokens.jwt import Issuer

MOST_AT_ONCE = 64
_OF_EACH = 16
_LEASE = timedelta(seconds=30)
_SETTLE_EVERY = 1.0
_REFUSED = {400}
_GONE = 410

log = structlog.get_logger()

Result = Literal["delivered", "failed", "refused"]


class Outcome(NamedTuple):
    """How an attempt went: delivered; failed, to be tried again; or refused, which no repetition would change."""

    home: int
    receiver_id: str
    position: int
    result: Result
    answer: str


@asynccontextmanager
async def delivering(
    queries: Queries, issuer: Issuer, networks: Sequence[Network], key: bytes
) -> AsyncIterator["Deliverer"]:
    """A deliverer for the length of the block; what is being sent at its end is sent again later."""
    outbound = Outbound(networks)
    deliverer = Deliverer(queries, issuer, outbound, key)
    try:
        yield deliverer
    finally:
        await deliverer.close()
        await outbound.close()


class Deliverer:
    """Sends what is due, many at once, without waiting for those that are slow."""

    def __init__(self, queries: Queries, issuer: Issuer, outbound: Outbound, key: bytes) -> None:
        self._queries = queries
        self._issuer = issuer
        self._outbound = outbound
        self._key = key
        self._attempts: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._settled_at = 0.0

    async def work(self) -> None:
        """One round: write down what went out since the last one, and claim what is due.

        Raises DatabaseUnavailableError.
        """
        await self.finish()
        free = MOST_AT_ONCE - len(self._attempts)
        if free > 0:
            for row in await self._queries.rows("claim_deliveries", free, _OF_EACH, _LEASE):
                attempt = asyncio.create_task(self._attempt(row))
                self._attempts.add(attempt)
                attempt.add_done_callback(self._attempts.discard)
        if time.monotonic() - self._settled_at > _SETTLE_EVERY:
            await self._queries.rows("settle_receivers")
            self._settled_at = time.monotonic()

    async def finish(self) -> None:
        """Write down how attempts went. Raises DatabaseUnavailableError."""
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return
        try:
            await self._queries.rows("finish_deliveries", [one._asdict() for one in outcomes])
        except BaseException:
            self._outcomes = outcomes + self._outcomes  # once more in the next round
            raise

    async def close(self) -> None:
        """Give up what is being sent: it is sent again later."""
        for attempt in self._attempts:
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)

    async def _attempt(self, row: Record) -> None:
        try:
            result, answer = await self._sent(row)
        except OutboundError as error:
            result, answer = "failed", str(error)
        except Exception:
            log.exception("a delivery failed unexpectedly", receiver_id=row["receiver_id"], position=row["position"])
            result, answer = "failed", "an internal error"
        self._outcomes.append(Outcome(row["home"], row["receiver_id"], row["position"], result, answer))

    async def _sent(self, row: Record) -> tuple[Result, str]:
        if row["revocation_id"] is None and row["control"] is None:
            return "refused", "the event is not on record any more"
        try:
            request = self._request(row)
        except UnsealError as error:
            return "failed", str(error)
        if request is None:
            return "refused", "the person was erased"
        answer = await self._outbound.post(row["url"], *request)
        if answer.status < 300:
            return "delivered", str(answer.status)
        is_final = answer.status in _REFUSED and row["protocol"] != "webhook"
        return "refused" if is_final else "failed", _described(answer)

    def _request(self, row: Record) -> tuple[dict[str, str], bytes] | None:
        if row["protocol"] == "ssf_push":
            headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
            if row["sealed_header"] is not None:
                headers["Authorization"] = unseal(self._key, row["receiver_id"], row["sealed_header"]).decode()
            return headers, token_of(row, self._issuer).encode()
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
    return f"{answer.status} {said.err}: {said.description}"[:200]
