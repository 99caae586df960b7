"""Subject identifiers (RFC 9493) that name a user of a tenant."""

from typing import Any

from autional.api.model import Call
from autional.core import problems
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation


async def user_of(call: Call, subject: dict[str, Any], field: str) -> str:
    """The user whom a subject identifier names: `iss_sub` of this tenant's issuer, `opaque`, or a complex one with it.

    Raises the Problems INVALID_PARAMETER, SUBJECT_NOT_FOUND.
    """
    if subject.get("format") == "complex" and isinstance(subject.get("user"), dict):
        subject, field = subject["user"], f"{field}.user"
    match subject:
        case {"format": "iss_sub", "iss": str(name), "sub": str(user_id)}:
            if name != call.service.issuer.of(call.caller.tenant_id):
                raise Problem(problems.SUBJECT_NOT_FOUND)
        case {"format": "opaque", "id": str(user_id)}:
            pass
        case _:
            reason = "Must be a subject identifier of the format iss_sub or opaque"
            raise Problem(problems.INVALID_PARAMETER, violations=[Violation(field, "value", reason)])
    if user_id_error(user_id):
        raise Problem(problems.SUBJECT_NOT_FOUND)
    row = await call.database.row("user_is_known", call.caller.tenant_id, user_id)
    if row is None:
        raise Problem(problems.SUBJECT_NOT_FOUND)
    return user_id
