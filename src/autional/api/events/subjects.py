"""Subject identifiers (RFC 9493) that name a user of a tenant."""

from typing import Any

from autional.api.model import Call
from autional.core import problems
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation
from autional.events.security_events import named_user


async def user_of(call: Call, subject: dict[str, Any], field: str) -> str:
    """The user whom a subject identifier names, with the issuer of this tenant if it names one.

    Raises the Problems INVALID_PARAMETER, SUBJECT_NOT_FOUND.
    """
    user_id = named_user(subject)
    if user_id is None:
        reason = "Must be a subject identifier of the format iss_sub or opaque"
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation(field, "value", reason)])
    named = subject.get("user", subject) if subject.get("format") == "complex" else subject
    own = call.service.issuer.of(call.caller.tenant_id)
    if named.get("iss", own) != own or user_id_error(user_id):
        raise Problem(problems.SUBJECT_NOT_FOUND)
    if await call.database.row("user_is_known", call.caller.tenant_id, user_id) is None:
        raise Problem(problems.SUBJECT_NOT_FOUND)
    return user_id
