"""Personal values in audit entries, and the persons they belong to. Pure functions.

Every text under `target` and `request` counts as personal, unless its name says that it cannot identify anybody.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autional.core.formats import redacted

Path = tuple[str, ...]

_SALT_BYTES = 16
_HIDDEN = "***"
_OF_THE_ACTOR = ("actor", "actor_session", "ip", "user_agent")
_GIVEN = ("target", "request")
_USERS = {"user_id", "auth_user_id", "user"}
SESSIONS = {"session_id", "session_ids"}
# Names of numbers, choices, durations and ids that belong to nobody.
_HARMLESS = {
    "absolute_timeout",
    "all_tenants",
    "access_expiry",
    "algorithm",
    "amr",
    "api_key_id",
    "app_id",
    "audience",
    "created",
    "created_from",
    "created_to",
    "active_from",
    "active_to",
    "device_type",
    "grant_type",
    "id",
    "idle_timeout",
    "job_id",
    "keep_ended",
    "key_id",
    "leeway",
    "on_overflow",
    "refresh_expiry",
    "client_id",
    "kinds",
    "measure",
    "positions",
    "protocol",
    "receiver_id",
    "role",
    "sort",
    "status",
    "events_requested",
    "method",
    "stream_id",
    "subject_token_type",
    "requested_token_type",
    "tenant_id",
    "tenant_ids",
    "tenants",
    "token_type",
    "ttl",
    "type",
}


class PersonalValue(NamedTuple):
    """A value, its path, and its person; None if that is unknown, or is everybody whom the entry mentions."""

    path: Path
    value: str
    user_id: str | None
    of_actor: bool = False


def session_ids_in(details: Mapping[str, Any]) -> list[str]:
    """The sessions that the details name."""
    return [value for path, value in _texts(details) if path[0] in _GIVEN and _name(path) in SESSIONS]


def split_personal(
    details: Mapping[str, Any], actor: str | None, owners: Mapping[str, str]
) -> tuple[dict[str, Any], list[PersonalValue]]:
    """The details without their personal values, and these values.

    `actor` is a user or None; `owners` are users by session.
    """
    found: list[PersonalValue] = []
    loose: list[tuple[Path, str]] = []
    for path, value in _texts(details):
        name = _name(path)
        if path[0] in _OF_THE_ACTOR:
            found += [PersonalValue(path, value, actor, of_actor=True)] if actor is not None else []
        elif path[0] in _GIVEN and value != _HIDDEN and name not in _HARMLESS:
            if name in _USERS:
                found.append(PersonalValue(path, value, value))
            elif name in SESSIONS and value in owners:
                found.append(PersonalValue(path, value, owners[value]))
            else:
                loose.append((path, value))
    mentioned = {one.user_id for one in found if one.path[0] in _GIVEN}
    owner = next(iter(mentioned)) if len(mentioned) == 1 else None
    for path, value in loose:
        # what an administrator writes is its own, unless it is there to find somebody else
        of_actor = not mentioned and "filter" not in path
        found.append(PersonalValue(path, value, actor if of_actor else owner, of_actor))
    return _without(details, {one.path for one in found}), found


def join_personal(details: Mapping[str, Any], values: Sequence[tuple[Sequence[str], str | None]]) -> dict[str, Any]:
    """The details with their personal values; null where one was erased."""
    whole = _copy(details)
    for path, value in values:
        place = whole
        for name in path[:-1]:
            place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        if isinstance(place, list):
            place[int(path[-1])] = value
        else:
            place[path[-1]] = value
    return dict(whole)


def person_hash(key: bytes, tenant_id: str, user_id: str) -> bytes:
    """By what the log knows a person who was erased: HMAC-SHA-256."""
    return hmac.digest(key, f"{tenant_id}\n{user_id}".encode(), "sha256")


def salted_rows(
    personal: Sequence[PersonalValue], key: bytes, tenant_id: str, home: str | None
) -> list[dict[str, Any]]:
    """The rows for append_audit; `home` is the tenant of the actor if it is another one."""
    return [
        _row(one, key, home if one.of_actor and home else tenant_id, foreign=one.of_actor and bool(home))
        for one in personal
    ]


def _row(one: PersonalValue, key: bytes, tenant_id: str, *, foreign: bool) -> dict[str, Any]:
    owner = {"foreign_tenant": tenant_id, "foreign_user": one.user_id} if foreign else {"user_id": one.user_id}
    subject = person_hash(key, tenant_id, one.user_id).hex() if one.user_id is not None else None
    return {
        "path": one.path,
        "value": redacted(one.value),
        "salt": secrets.token_hex(_SALT_BYTES),
        "subject": subject,
        **owner,
    }


def _name(path: Path) -> str:
    """The last segment of a path that is not a position in a list."""
    return next(part for part in reversed(path) if not part.isdigit())


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, str(place)))


def _without(value: Any, paths: set[Path], path: Path = ()) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without(inner, paths, (*path, name)) for name, inner in value.items() if (*path, name) not in paths
        }
    if isinstance(value, list | tuple):
        places = [(*path, str(place)) for place in range(len(value))]
        return [
            None if place in paths else _without(inner, paths, place)
            for place, inner in zip(places, value, strict=True)
        ]
    return value


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
