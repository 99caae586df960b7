"""What a caller may do: to whose objects, and up to what role and assurance level. Both have to be passed on.

Roles and levels are compared inside the statements that create, raise or hand out (sql/functions/authority.sql).
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
    """Whose objects a caller may see and end: those of one user of a tenant, or (None) of the whole tenant."""

    tenant_id: str
    user_id: str | None

    def covers(self, user_id: str) -> bool:
        """Whether the objects of a user are within it."""
        return self.user_id in {None, user_id}


class Authority(NamedTuple):
    """Up to what role and level a caller may create or raise sessions and hand out tokens, and never for whom.

    The proof of a factor comes from who authenticates a user, never from the user's own bearer (NIST SP 800-63B-4 §2).
    """

    tenant_id: str
    role: Role
    aal: int
    except_user: str | None

    def must_cover(self, user_id: str, role: Role, aal: int) -> None:
        """Raises the Problems OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH where it does not reach a new session."""
        if user_id == self.except_user:
            raise Problem(problems.OWN_SESSION)
        self.must_reach(role, aal)

    def must_reach(self, role: Role, aal: int) -> None:
        """Raises the Problems ROLE_TOO_HIGH, LEVEL_TOO_HIGH where tokens of a role and level are above it."""
        if ROLES.index(role) > ROLES.index(self.role):
            raise Problem(problems.ROLE_TOO_HIGH)
        if aal > self.aal:
            raise Problem(problems.LEVEL_TOO_HIGH)


def must_not_be_refused(refusal: str | None) -> None:
    """Raises the Problem that a statement named (refused_authority), if it named one."""
    if refusal is not None:
        raise Problem(_REFUSALS[refusal])


def whole(tenant_id: str) -> Scope:
    """Everything of a tenant."""
    return Scope(tenant_id, None)


def of_operator(tenant_id: str) -> Authority:
    """That of whoever holds the master key: everything in a tenant."""
    return Authority(tenant_id, "platform_admin", 3, None)
