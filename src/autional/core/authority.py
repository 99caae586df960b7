"""What a caller may do: on whose objects, and up to which role and assurance level.

Both are values that have to be passed on: an operation cannot be called without them. Roles and levels are compared
inside the statements that create, raise or hand out (sql/functions/core/authority.sql).
"""

from typing import Literal, NamedTuple, get_args

from autional.core import problems
from autional.core.problems import Problem, ProblemType

Role = Literal["user", "security_admin", "admin", "platform_admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the lowest to the highest rank."""

_REFUSALS: dict[str, ProblemType] = {
    "own_session": problems.OWN_SESSION,
    "role_too_high": problems.ROLE_TOO_HIGH,
    "level_too_high": problems.LEVEL_TOO_HIGH,
}


class Scope(NamedTuple):
    """Whose objects a caller may see and end: those of one user of a tenant, or those of the whole tenant (None)."""

    tenant_id: str
    user_id: str | None

    def covers(self, user_id: str) -> bool:
        """Whether the objects of a user are in this scope."""
        return self.user_id in {None, user_id}


class Authority(NamedTuple):
    """Up to which role and level a caller may create sessions and hand out tokens, and for which user never.

    The proof of a factor comes from whoever authenticates a user, never from the user's own bearer token (NIST SP
    800-63B-4 §2).
    """

    tenant_id: str
    role: Role
    aal: int
    except_user: str | None

    def must_cover(self, user_id: str, role: Role, aal: int) -> None:
        """Check a new session. Raises the Problems OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH."""
        if user_id == self.except_user:
            raise Problem(problems.OWN_SESSION)
        self.must_reach(role, aal)

    def must_reach(self, role: Role, aal: int) -> None:
        """Check a role and a level. Raises the Problems ROLE_TOO_HIGH, LEVEL_TOO_HIGH."""
        if ROLES.index(role) > ROLES.index(self.role):
            raise Problem(problems.ROLE_TOO_HIGH)
        if aal > self.aal:
            raise Problem(problems.LEVEL_TOO_HIGH)


def raise_if_refused(refusal: str | None) -> None:
    """Raise the Problem that the SQL function refused_authority named, if it named one."""
    if refusal is not None:
        raise Problem(_REFUSALS[refusal])


def whole_tenant(tenant_id: str) -> Scope:
    """The scope of a whole tenant."""
    return Scope(tenant_id, None)


def operator_authority(tenant_id: str) -> Authority:
    """The authority of an operator, who holds the master key: everything in a tenant."""
    return Authority(tenant_id, "platform_admin", 3, None)
