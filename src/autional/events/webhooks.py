"""Webhooks (Standard Webhooks): a JSON message, signed by every secret that is in force."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime

import msgspec

from autional.events.log import Event
from autional.events.message import EventType, Message, Telling, message_of
from autional.events.receivers import SECRET_PREFIX


class _Envelope(msgspec.Struct):
    type: EventType
    timestamp: datetime
    data: Message


def webhook(event: Event, telling: Telling, secrets: Sequence[str]) -> tuple[dict[str, str], bytes]:
    """Headers and body that tell of an event (Standard Webhooks, Signature scheme)."""
    message = message_of(event, telling.tenant_id)
    content = msgspec.json.encode(_Envelope(message.type, message.at, message))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": telling.message_id,
        "webhook-timestamp": str(telling.now),
        "webhook-signature": " ".join(_signature(secret, telling, content) for secret in secrets),
    }
    return headers, content


def _signature(secret: str, telling: Telling, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, b"%b.%d.%b" % (telling.message_id.encode(), telling.now, content), "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
