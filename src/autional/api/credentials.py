"""The credentials of a request."""

import base64
from contextlib import suppress
from urllib.parse import unquote

from falcon.asgi import Request

from autional.access import authentication
from autional.access.authentication import ClaimedCaller
from autional.access.caller import Access
from autional.core import problems
from autional.core.formats import NO_TENANT_ID, TENANT_ID
from autional.core.problems import Problem
from autional.runtime.service import Service
from autional.tenancy.api_keys import API_KEY_PREFIX


def claimed_caller(running: Service, access: Access, request: Request) -> ClaimedCaller | None:
    """Whom the credentials name; None if anyone may call. Raises MISSING_CREDENTIAL, INVALID_TOKEN."""
    if access.anyone:
        return None
    tenant_id = request.get_header("X-Tenant-ID")
    if tenant_id is not None and not TENANT_ID.fullmatch(tenant_id):
        tenant_id = NO_TENANT_ID
    if access.clients:
        return authentication.claim_by_client(_client_key(request, access), tenant_id)
    token, key = bearer_token(request), request.get_header("X-API-Key")
    if token is not None and access.bearers and not token.startswith(f"{API_KEY_PREFIX}_"):
        return authentication.claim_by_bearer(running.issuer, token, access.bearers, tenant_id, running.at())
    if key and access.keys:
        return authentication.claim_by_api_key(key, access.keys, tenant_id)
    raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)


def _client_key(request: Request, access: Access) -> str:
    """The API key of a client: from its header, or as HTTP Basic with the id as user and the secret as password."""
    scheme, _, credentials = request.get_header("Authorization", default="").partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
            key = unquote(secret)
            return key if key.startswith(f"{unquote(name)}.") else f"{unquote(name)}.{key}"
    given = request.get_header("X-API-Key")
    if not given:
        raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)
    return given


def bearer_token(request: Request) -> str | None:
    """The bearer token, verified or not; None without one."""
    scheme, _, token = request.get_header("Authorization", default="").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
