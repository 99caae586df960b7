"""What Schemathesis needs to get past the door: a live caller for each case, and ids and tokens that there are."""

import itertools
import os
import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import jwt
import schemathesis
from schemathesis import GenerationMode

KEY = {"X-API-Key": os.environ["FUZZ_KEY"], "X-Tenant-ID": "acme"}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
OPTIONAL = {"actor_token", "actor_token_type", "scope", "audience", "resource", "requested_token_type"}
REAL = 0.9
STREAMED = {"/admin/revocations/events", "/internal/session/revocations"}
"""What answers without end to who accepts that."""
chance = random.Random(1)
numbers = itertools.count(1)


@cache
def client() -> httpx.Client:
    return httpx.Client(base_url=os.environ["FUZZ_ADDRESS"], headers=KEY, trust_env=False)


def session(user: str = "fuzzed", role: str = "user") -> dict[str, Any]:
    body = {"auth_user_id": user, "role": role, "amr": ["hwk", "user"]}
    made: dict[str, Any] = client().post("/internal/session/create", json=body).json()["data"]
    return made


@schemathesis.auth(refresh_interval=None)
class Caller:
    """A platform administrator, signed in anew for each case, since cases sign out."""

    def get(self, _: Any, __: Any) -> str:
        return str(session("fuzz", "platform_admin")["tokens"]["access_token"])

    def set(self, case: Any, token: str, _: Any) -> None:
        of_refresh_token = case.operation.path in {"/sessions/refresh", "/sessions/rotate-access"}
        bearer = {} if of_refresh_token else {"Authorization": f"Bearer {token}"}
        case.headers = {**(case.headers or {}), **bearer, **KEY}
        if case.operation.path in STREAMED:
            case.headers["Accept"] = "application/json"


def job() -> str:
    wanted = {"filter": {"user_id": "fuzzed"}}
    shown = client().post("/admin/sessions/revoke", json=wanted | {"dry_run": True}).json()
    run = wanted | {"dry_run_token": shown["preview"]["dry_run_token"]}
    return str(client().post("/admin/sessions/revoke", json=run).json()["job"]["id"])


def device(name: str) -> str:
    body = {"user_id": "fuzz", "device_fingerprint": "fuzzed"}
    made = client().post("/internal/session/trusted-devices", json=body).json()
    return str(made["id"]) if name == "device_id" else "fuzzed"


def blacklisted() -> str:
    body = {"token": session()["tokens"]["access_token"], "token_type": "access", "user_id": "fuzzed"}
    client().post("/internal/session/blacklist-token", json=body)
    return str(client().get("/admin/tokens/blacklist?page_size=1").json()["items"][0]["id"])


def spare_tenant() -> str:
    """A tenant that may be disabled: not the one that all others need."""
    name = f"spare-{next(numbers)}"
    client().post("/admin/tenants", json={"id": name, "name": name})
    return name


def api_key() -> str:
    body = {"name": "fuzzed", "tenant_ids": ["acme"]}
    return str(client().post("/admin/api-keys", json=body).json()["id"])


def added(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A receiver or stream that may be changed and removed; no more are kept than a tenant may have."""
    made = client().post(path, json=body)
    if made.status_code == 409:
        for one in client().get("/admin/receivers").json()["items"]:
            client().delete(f"/admin/receivers/{one['id']}")
        made = client().post(path, json=body)
    found: dict[str, Any] = made.json()
    return found


def receiver() -> str:
    return str(added("/admin/receivers", {"protocol": "webhook", "url": "https://receiver.invalid/"})["id"])


def stream() -> str:
    return str(added("/ssf/streams", {})["stream_id"])


def revocation() -> str:
    made = session()
    client().delete(f"/internal/session/session/{made['session']['id']}")
    return str(client().get("/admin/revocations?page_size=1").json()["items"][0]["id"])


@cache
def status_list() -> str:
    """The list of a new token; a node knows a second or two later that a tenant lists its tokens."""
    while True:
        client().put("/admin/tokens/status-list", json={"enabled": True})
        token = session()["tokens"]["access_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        if "status" in claims:
            return str(claims["status"]["status_list"]["uri"].rpartition("/")[2])
        time.sleep(0.2)


def there_is(name: str) -> str | None:
    """A value for a path parameter that names something."""
    if name == "session_id":
        return str(session()["session"]["id"])
    if name == "token_id":
        return str(session()["tokens"]["refresh_token"]).partition(".")[0]
    if name in {"device_id", "device_fingerprint"}:
        return device(name)
    makers: dict[str, Callable[[], str]] = {
        "job_id": job,
        "id": blacklisted,
        "receiver_id": receiver,
        "stream_id": stream,
        "revocation_id": revocation,
        "list_id": status_list,
    }
    if name in makers:
        return makers[name]()
    return {"tenant_id": "acme", "slug": "internal"}.get(name)


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    for name in path_parameters or {}:
        found = there_is(name) if chance.random() < REAL else None
        if found is not None:
            path_parameters = (path_parameters or {}) | {name: found}
    return path_parameters


@schemathesis.hook
def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    if query and "session_id" in query and chance.random() < REAL:
        return query | {"session_id": session()["session"]["id"]}
    if query and "stream_id" in query and chance.random() < REAL:
        return query | {"stream_id": stream()}
    return query


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """Put what is real into a good body; a wrong one stays as it is. Nothing may disable what all cases need."""
    spare = {"/admin/tenants/": ("tenant_id", spare_tenant), "/admin/api-keys/": ("api_key_id", api_key)}
    for beginning, (name, make) in spare.items():
        if case.operation.path.startswith(beginning) and chance.random() < REAL:
            case.path_parameters = {name: make()}
        elif case.operation.path.startswith(beginning):
            case.path_parameters = {name: "nobody"}
    if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE and isinstance(case.body, dict):
        case.body = with_what_there_is(case.body)


def with_what_there_is(body: dict[str, Any]) -> dict[str, Any]:
    if chance.random() > REAL:
        return body
    made = session()
    known = {
        "refresh_token": made["tokens"]["refresh_token"],
        "access_token": made["tokens"]["access_token"],
        "subject_token": made["tokens"]["access_token"],
        "session_id": made["session"]["id"],
        "grant_type": EXCHANGE,
        "subject_token_type": ACCESS_TOKEN,
        "tenant_id": "acme",
    }
    if {"token", "token_type", "user_id"} <= body.keys():
        known |= {"token": made["tokens"]["access_token"], "token_type": "access", "user_id": "fuzzed"}
    if "session_id" in body and "auth_user_id" in body:
        known["auth_user_id"] = "fuzzed"
    if {"session_ids", "filter", "dry_run", "dry_run_token", "keep_own"} & body.keys():
        return {"session_ids": [made["session"]["id"]]}
    if "stream_id" in body:
        known["stream_id"] = stream()
    if "sub_id" in body or "subject" in body:
        known_subject = {"format": "opaque", "id": "fuzzed"}
        body = body | {name: known_subject for name in ("sub_id", "subject") if name in body}
    if {"maxEvents", "returnImmediately", "ack", "setErrs"} & body.keys():
        body = body | {"returnImmediately": True}
    known |= {"keep_ended": "30d", "access_expiry": "5m", "refresh_expiry": "12h", "leeway": "5s"}
    real = {name: value for name, value in known.items() if isinstance(body.get(name), str)}
    return {name: value for name, value in body.items() if name not in OPTIONAL} | real
