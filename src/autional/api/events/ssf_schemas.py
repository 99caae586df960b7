"""Requests and responses of the SSF transmitter, by the names of OpenID SSF 1.0, RFC 8936 and RFC 9493."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from autional.api.schemas import RequestModel, ResponseModel
from autional.core.formats import NO_CONTROLS, NO_SECRET, ShortText
from autional.core.problems import Violation

PUSH = "urn:ietf:rfc:8935"
POLL = "urn:ietf:rfc:8936"
Identifier = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_SECRET)]
EventType = Annotated[str, Meta(min_length=1, max_length=255, pattern=NO_CONTROLS)]
EventTypes = Annotated[list[EventType], Meta(max_length=64)]
Header = Annotated[str, Meta(min_length=1, max_length=2048, pattern=r"^[!-~]+( [!-~]+)*(?![\s\S])")]
"""The value of a header (RFC 9110 §5.5)."""
MessageId = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS)]


class StreamQuery(RequestModel):
    """Which stream."""

    stream_id: Identifier


class StreamsQuery(RequestModel):
    """Which stream; without it, all of this API key."""

    stream_id: Identifier | None = None


class DeliveryMethod(RequestModel):
    """How a stream is delivered: pushed to `endpoint_url` (RFC 8935), or polled there (RFC 8936)."""

    method: Literal["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"]
    endpoint_url: Annotated[str, Meta(max_length=2048, pattern=NO_CONTROLS)] | None = None
    """Some send an empty one where they poll."""
    authorization_header: Header | None = None


class CreateStreamRequest(RequestModel):
    """A stream that a receiver asks for (§8.1.1.1); without a delivery it is polled."""

    delivery: DeliveryMethod | None = None
    events_requested: EventTypes | None = None
    description: ShortText | None = None

    def faults(self) -> list[Violation]:
        """What is pushed needs a URL."""
        return _delivery_faults(self.delivery)


class UpdateStreamRequest(RequestModel):
    """Changes of a stream (§8.1.1.3, §8.1.1.4); what the transmitter supplies may be repeated, and stays."""

    stream_id: Identifier
    delivery: DeliveryMethod | None = None
    events_requested: EventTypes | None = None
    description: ShortText | None = None
    iss: str | None = None
    aud: str | None = None
    events_supported: EventTypes | None = None
    events_delivered: EventTypes | None = None
    min_verification_interval: int | None = None
    inactivity_timeout: int | None = None

    def faults(self) -> list[Violation]:
        """What is pushed needs a URL."""
        return _delivery_faults(self.delivery)


class DeliveryConfiguration(ResponseModel):
    """How a stream is delivered."""

    method: str
    endpoint_url: str


class StreamConfiguration(ResponseModel):
    """A stream (§8.1.1)."""

    stream_id: str
    iss: str
    aud: str
    delivery: DeliveryConfiguration
    events_supported: list[str]
    events_requested: list[str]
    events_delivered: list[str]
    description: str | None = None


class StreamStatusRequest(RequestModel):
    """The status that a stream is to have (§8.1.2.2)."""

    stream_id: Identifier
    status: Literal["enabled", "paused", "disabled"]
    reason: ShortText | None = None


class StreamStatusResponse(ResponseModel):
    """The status of a stream (§8.1.2)."""

    stream_id: str
    status: Literal["enabled", "paused", "disabled"]
    reason: str | None = None


class StreamSubjectRequest(RequestModel):
    """A user about whom a stream is told, or not (§8.1.3; the subject by RFC 9493)."""

    stream_id: Identifier
    subject: dict[str, Any]
    verified: bool | None = None


class VerificationRequest(RequestModel):
    """A stream that is to be verified (§8.1.4.2)."""

    stream_id: Identifier
    state: Annotated[str, Meta(max_length=1024, pattern=NO_CONTROLS)] | None = None


class PollError(RequestModel):
    """Why a receiver refuses a security event token (RFC 8936 §2.4)."""

    err: ShortText
    description: ShortText = ""


class PollRequest(RequestModel, forbid_unknown_fields=False):
    """What a receiver has got, and how much more it takes (RFC 8936 §2.2); what is not understood is ignored."""

    max_events: Annotated[int, Meta(ge=0, le=1000)] = msgspec.field(name="maxEvents", default=100)
    return_immediately: bool = msgspec.field(name="returnImmediately", default=False)
    ack: Annotated[list[MessageId], Meta(max_length=1000)] | None = None
    set_errs: dict[MessageId, PollError] | None = msgspec.field(name="setErrs", default=None)


class PollResponse(ResponseModel):
    """Security event tokens by `jti` (RFC 8936 §2.3)."""

    sets: dict[str, str]
    more_available: bool = msgspec.field(name="moreAvailable", default=False)


class GlobalRevocationRequest(RequestModel):
    """Whose tokens are to be revoked (draft-parecki-oauth-global-token-revocation §3; the subject by RFC 9493)."""

    sub_id: dict[str, Any]


def _delivery_faults(delivery: DeliveryMethod | None) -> list[Violation]:
    if delivery is None or delivery.method == POLL or delivery.endpoint_url:
        return []
    return [Violation("delivery.endpoint_url", "required", "Is required for what is pushed")]
