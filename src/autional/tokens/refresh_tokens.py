"""The text of a refresh token: it names the token, its session and its tenant, authenticated by a MAC."""

import base64
import hashlib
import hmac
import re
from datetime import datetime

from autional.core import formats, problems
from autional.core.problems import Problem
from autional.tokens.jwt import Issuer
from autional.tokens.model import PresentedToken

_REFRESH_TOKEN = re.compile(
    rf"(tok_[0-9A-Z]{{26}})\.(sess_[0-9A-Z]{{26}})\.([A-Za-z0-9_-]{{43}})\.({formats.TENANT_ID.pattern})"
)


def write(issuer: Issuer, tenant_id: str, session_id: str, token_id: str) -> str:
    """The text of a refresh token."""
    return f"{token_id}.{session_id}.{_mac(issuer, tenant_id, session_id, token_id)}.{tenant_id}"


def read(issuer: Issuer, text: str) -> PresentedToken:
    """Parse a presented refresh token.

    Raises the Problem INVALID_REFRESH_TOKEN if this service did not issue it; DatabaseUnavailableError.
    """
    issuer.must_be_recent()
    match = _REFRESH_TOKEN.fullmatch(text)
    if match is None or not hmac.compare_digest(match[3], _mac(issuer, match[4], match[2], match[1])):
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    return PresentedToken(match[1], match[2], match[4])


def lookup_arguments(presented: PresentedToken, at: datetime | None) -> tuple[object, ...]:
    """The arguments of the query `refresh_token`."""
    return presented.tenant_id, presented.token_id, presented.session_id, at


def _mac(issuer: Issuer, tenant_id: str, session_id: str, token_id: str) -> str:
    mac = hmac.digest(issuer.refresh_key, f"{tenant_id}\n{session_id}\n{token_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
