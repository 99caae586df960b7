"""The credentials of a request."""

import base64
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote

from autional.access import authentication
from autional.access.authentication import ClaimedCaller
from autional.access.caller import Access
from autional.api.request import Request
from autional.core import problems
from autional.core.formats import NO_TENANT_ID, TENANT_ID
from autional.core.problems import Problem
from autional.runtime.service import Service
from autional.tenancy.api_keys import API_KEY_PREFIX

_KEY = f"{API_KEY_PREFIX}_"


def credential_reader(running: Service, access: Access) -> Callable[[Request], ClaimedCaller]:
    """The function that reads whom the credentials of a request name. It raises MISSING_CREDENTIAL, INVALID_TOKEN."""

    def of_client(request: Request) -> ClaimedCaller:
        key = _client_key(request, access)
        return authentication.claim_by_client(key, _tenant_id(request), all_tenants=access.all_tenants)

    def of_caller(request: Request) -> ClaimedCaller:
        if access.bearers and (token := request.bearer) is not None and not token.startswith(_KEY):
            return authentication.claim_by_bearer(
                running.issuer, token, access.bearers, _tenant_id(request), running.at()
            )
        key = request.header(b"x-api-key") or (request.bearer if access.bearer_keys else None)
        if access.keys and key:
            return authentication.claim_by_api_key(key, access.keys, _tenant_id(request))
        raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)

    return of_client if access.clients else of_caller


def _tenant_id(request: Request) -> str | None:
    """The tenant that a request names; one of no tenant for what cannot be an id."""
    tenant_id = request.header(b"x-tenant-id")
    return tenant_id if tenant_id is None or TENANT_ID.fullmatch(tenant_id) else NO_TENANT_ID


def _client_key(request: Request, access: Access) -> str:
    """The API key of a client: from its header, or as HTTP Basic with the id as user and the secret as password."""
    scheme, _, credentials = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
            key = unquote(secret)
            return key if key.startswith(f"{unquote(name)}.") else f"{unquote(name)}.{key}"
    given = request.header(b"x-api-key")
    if not given:
        raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)
    return given
