"""Sign in to the console by a link that opens once, and sign out."""

from datetime import timedelta

from autional.access import console as console_access
from autional.access.caller import Caller
from autional.api.audited import record_actor, who_and_whence
from autional.api.request import Request
from autional.audit import log as audit_log
from autional.audit.log import Action, NewEntry
from autional.console.openid import SignedIn
from autional.core.authority import Role, operator_authority, whole_tenant
from autional.postgres.queries import Queries, with_retry
from autional.runtime.service import Service
from autional.sessions.assurance import assurance_level
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import SIGNED_OUT, Login

_LINK_LEVEL = 3  # like an operator's token: whoever makes a link holds the master key
_BY_LINK = "otp"  # RFC 8176 §2


async def sign_in_by_link(running: Service, request: Request, link: str) -> str:
    """Begin a session by a link; returns the secret for the browser.

    Raises the Problems INVALID_SIGN_IN_LINK, TOO_MANY_SESSIONS.
    """

    async def work() -> str:
        async with running.database.share("hot", None).transaction() as queries:
            opened = await console_access.open_link(queries, link, running.at())
            who = opened.tenant_id, opened.user_id, opened.role
            return await _begin(queries, running, request, *who, amr=[_BY_LINK], aal=_LINK_LEVEL)

    return await with_retry(work)


async def sign_in_by_openid(running: Service, request: Request, found: SignedIn) -> str:
    """Begin a session of who signed in at the OpenID provider; returns the secret for the browser.

    Its level is what the provider says was proved. Raises the Problems TENANT_NOT_FOUND, TOO_MANY_SESSIONS.
    """

    async def work() -> str:
        async with running.database.share("hot", None).transaction() as queries:
            who = found.tenant_id, found.user_id, found.role
            return await _begin(queries, running, request, *who, amr=found.amr, aal=assurance_level(found.amr))

    return await with_retry(work)


async def _begin(
    queries: Queries,
    running: Service,
    request: Request,
    tenant_id: str,
    user_id: str,
    role: Role,
    *,
    amr: list[str],
    aal: int,
) -> str:
    """Begin a session of an administrator; returns the secret for the browser. Raises TOO_MANY_SESSIONS."""
    origin = request.origin(running.settings)
    caller = Caller(tenant_id, "console", user_id, role, aal)
    await record_actor(queries, caller, origin.request_id)
    login = Login(user_id, amr=amr, app_id=console_access.APP_ID, role=role, ip=origin.ip, user_agent=origin.user_agent)  # type: ignore[arg-type]
    created = await create_session(
        queries,
        running.issuer,
        operator_authority(tenant_id),
        login,
        running.at(),
        location=running.geoip.locate(login.ip),
    )
    session_id = created.session.session_id
    settings = running.settings
    secret = await console_access.begin(
        queries,
        tenant_id,
        session_id,
        aal=aal,
        idle=timedelta(minutes=settings.console_idle_minutes),
        absolute=timedelta(hours=settings.console_hours),
    )
    await _record(queries, running, request, caller._replace(session_id=session_id), "console.sign_in")
    return secret


async def sign_out(running: Service, request: Request, caller: Caller) -> None:
    """End the session of who is signed in."""
    home = caller.home_tenant or caller.tenant_id
    at_home = caller._replace(tenant_id=home, home_tenant=None)
    async with running.database.share("hot", None).transaction() as queries:
        await record_actor(queries, at_home, request.request_id)
        await revoke_session(queries, whole_tenant(home), caller.session_id or "", SIGNED_OUT, running.at())
        await _record(queries, running, request, at_home, "console.sign_out")


async def _record(queries: Queries, running: Service, request: Request, caller: Caller, action: Action) -> None:
    origin = request.origin(running.settings)
    kept = {name: value for name, value in who_and_whence(caller, origin).items() if value is not None}
    entry = NewEntry(action, origin.request_id, kept, caller.user_id)
    await audit_log.append(queries, running.subject_key, caller.tenant_id, entry, running.at())
