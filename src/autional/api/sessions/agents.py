"""Sessions of agents: who acts for whom, and how they end together."""

import msgspec

from autional.api.model import Call
from autional.api.schemas import CountedResponse
from autional.api.sessions.schemas import RevokeRequest
from autional.core import problems
from autional.core.authority import Authority, Scope
from autional.core.problems import Problem, Violation
from autional.sessions.listing import find_session
from autional.sessions.model import ENDED_BY_ADMINISTRATOR, MOST_ACTORS, Actor, Login, Session
from autional.sessions.sign_out import sign_out_agent


async def revoke_agent_sessions(call: Call, agent_id: str, body: RevokeRequest) -> CountedResponse:
    """Revoke all sessions of an agent.

    Whoever it acts for. What other agents began from them ends too.
    """
    reason = body.reason or ENDED_BY_ADMINISTRATOR
    ended = await sign_out_agent(call.database, call.caller.tenant_id, agent_id, reason, call.at)
    return CountedResponse(timestamp=call.now, sessions=ended)


async def login_of_agent(call: Call, login: Login) -> tuple[Login, Session | None]:
    """The login as it counts, and the session that an agent's is begun from; another login stays as it is.

    Raises the Problems INVALID_PARAMETER, SESSION_NOT_FOUND, ROLE_TOO_HIGH.
    """
    parent = await _parent_of(call, login)
    if parent is not None:
        login = _bounded_by(parent, login, login.act.sub if login.act else "")
    if _length(login.act) > MOST_ACTORS:
        raise _wrong("act", "Names more than four actors")
    return login, parent


async def _parent_of(call: Call, login: Login) -> Session | None:
    if login.parent_session_id is None:
        return None
    if login.act is None:
        raise _wrong("act", "Says who acts for the user")
    scope = Scope(call.caller.tenant_id, login.user_id)
    parent = await find_session(call.database, scope, login.parent_session_id, call.at)
    if parent.status != "active":
        raise Problem(problems.SESSION_NOT_FOUND)
    return parent


def _bounded_by(parent: Session, login: Login, agent_id: str) -> Login:
    """The login of an agent, with the whole chain of those who act. It cannot be more than its parent."""
    before = msgspec.convert(parent.act, Actor) if parent.act else None
    if login.act is not None and login.act.act not in {None, before}:
        raise _wrong("act.act", "Is not who acts in the session that it is begun from")
    if not set(login.amr) <= set(parent.amr):
        raise _wrong("amr", "Was not proved in the session that it is begun from")
    made = msgspec.structs.replace(login, act=Actor(agent_id, before), amr=login.amr or list(parent.amr))
    Authority(parent.tenant_id, parent.role, parent.aal, None).must_reach(made.role, parent.aal)
    return made


def _length(actor: Actor | None) -> int:
    return 0 if actor is None else 1 + _length(actor.act)


def _wrong(field: str, reason: str) -> Problem:
    return Problem(problems.INVALID_PARAMETER, violations=[Violation(field, "value", reason)])
