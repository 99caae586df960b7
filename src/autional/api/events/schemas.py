"""Requests and responses about receivers."""

from typing import Annotated, Literal

from msgspec import Meta

from autional.api.schemas import Cursor, Instant, PageSize, RequestModel, ResponseModel
from autional.core.formats import NO_CONTROLS, NO_SECRET, ShortText
from autional.core.problems import Violation
from autional.events.log import Kind
from autional.events.receivers import KINDS, Protocol, Standing

Url = Annotated[str, Meta(min_length=1, max_length=2048, pattern=NO_CONTROLS)]
Audience = Annotated[str, Meta(min_length=1, max_length=255, pattern=NO_SECRET)]
Kinds = Annotated[list[Kind], Meta(min_length=1, max_length=8)]
PushProtocol = Literal["webhook", "backchannel_logout", "global_token_revocation"]


class CreateReceiverRequest(RequestModel):
    """Who is to be told of the events of the tenant from now on."""

    protocol: PushProtocol
    url: Url
    client_id: Audience | None = None
    app_id: ShortText | None = None
    kinds: Kinds | None = None
    description: ShortText = ""

    def faults(self) -> list[Violation]:
        """Its protocol can tell of what is asked for."""
        found = kinds_faults(self.protocol, self.kinds)
        if self.protocol == "backchannel_logout" and self.client_id is None:
            found.append(Violation("client_id", "required", "Is required for back-channel logout"))
        if self.protocol != "backchannel_logout" and self.client_id is not None:
            found.append(Violation("client_id", "value", "Is for back-channel logout only"))
        if self.protocol == "global_token_revocation" and self.app_id is not None:
            found.append(Violation("app_id", "value", "Is not for a protocol that knows no apps"))
        return found


class UpdateReceiverRequest(RequestModel):
    """What changes about a receiver; what is left out stays."""

    url: Url | None = None
    kinds: Kinds | None = None
    description: ShortText | None = None
    paused: bool | None = None


class ReceiverResponse(ResponseModel):
    """A receiver, and how it goes."""

    id: str
    protocol: str
    audience: str
    kinds: list[str]
    description: str
    created_at: Instant
    status: Standing
    waiting: int
    dead: int
    url: str | None = None
    app_id: str | None = None
    waiting_since: Instant | None = None
    suspended_until: Instant | None = None
    failures: int = 0
    last_answer: str | None = None
    last_attempt_at: Instant | None = None
    secret_overlap_until: Instant | None = None


class CreatedReceiverResponse(ReceiverResponse, kw_only=True):
    """A new receiver, with the secret that signs webhooks, which cannot be shown again."""

    secret: str | None = None


class ReceiverListResponse(ResponseModel, omit_defaults=False):
    """The receivers of the tenant."""

    items: list[ReceiverResponse]
    timestamp: Instant


class ReceiverSecretResponse(ResponseModel):
    """A new secret, shown once; the one before it signs too until then."""

    secret: str
    secret_overlap_until: Instant


class DeliveriesQuery(RequestModel):
    """Which deliveries."""

    state: Literal["waiting", "delivered", "dead"] | None = None
    page_size: PageSize = 20
    cursor: Cursor | None = None


class DeliveryResponse(ResponseModel):
    """What a receiver was or is to be told."""

    position: int
    state: str
    event_at: Instant
    attempts: int
    revocation_id: str | None = None
    kind: str | None = None
    due_at: Instant | None = None
    attempted_at: Instant | None = None
    lag_ms: int | None = None
    answer: str | None = None


class DeliveryListResponse(ResponseModel, omit_defaults=False):
    """Deliveries to a receiver, newest first."""

    items: list[DeliveryResponse]
    timestamp: Instant
    next_cursor: str | None = None


class ReplayRequest(RequestModel):
    """Which dead deliveries are tried again: these, or all."""

    positions: Annotated[list[Annotated[int, Meta(ge=1, le=2**62)]], Meta(min_length=1, max_length=1000)] | None = None


class ReplayResponse(ResponseModel, omit_defaults=False):
    """How many deliveries are tried again."""

    replayed: int
    timestamp: Instant


def kinds_faults(protocol: Protocol, kinds: list[Kind] | None) -> list[Violation]:
    """Kinds of events of which a protocol cannot tell."""
    possible = KINDS[protocol]
    return [
        Violation(f"kinds[{place}]", "value", "Cannot be told by this protocol")
        for place, kind in enumerate(kinds or [])
        if kind not in possible
    ]
