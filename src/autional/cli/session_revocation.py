"""autional sessions revoke: by ids, or by a filter after a preview."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import typer

from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.cli.session_options import Agent, App, CountryCode, Device, Ip, MinRisk, Tenant, User, filter_of
from autional.core.authority import whole_tenant
from autional.core.formats import ShortText, to_builtins
from autional.core.problems import Problem
from autional.postgres.queries import database_time
from autional.runtime.service import Service
from autional.sessions import bulk_revocation
from autional.sessions.bulk_revocation import confirm_revocation, preview_revocation
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import revoke_sessions
from autional.sessions.listing import find_session
from autional.sessions.model import ENDED_BY_ADMINISTRATOR
from autional.tenancy.tenants import require_enabled

_AT_ONCE = 100
_PAUSE = 0.3
Result = dict[str, Any]


def _reason(text: str) -> str:
    try:
        return msgspec.convert(text, ShortText)
    except msgspec.ValidationError:
        raise typer.BadParameter(
            "must be text of at most 200 characters, without control characters and tokens"
        ) from None


def revoke(
    tenant: Tenant,
    session_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Sessions; otherwise name a filter.")
    ] = None,
    user: User = None,
    device: Device = None,
    agent: Agent = None,
    app_id: App = None,
    country: CountryCode = None,
    ip: Ip = None,
    min_risk: MinRisk = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="Every active session of the tenant.")] = False,
    reason: Annotated[str, typer.Option(help="Why; kept on record.", callback=_reason)] = ENDED_BY_ADMINISTRATOR,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be revoked, and revoke nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Revoke sessions by their ids, or all active ones that a filter selects. There is no undo."""
    chosen = filter_of(
        user_id=user, actor=agent, device_type=device, app_id=app_id, country=country, ip=ip, min_risk=min_risk
    )
    if [bool(session_ids), len(chosen.given()) > 1, everybody].count(True) != 1:
        raise typer.BadParameter("name sessions, or a filter, or --everybody")
    named = list(dict.fromkeys(session_ids or []))
    if len(named) > _AT_ONCE:
        raise typer.BadParameter(f"at most {_AT_ONCE} sessions at once")

    async def work(opened: Service) -> Result:
        await require_enabled(opened.database, tenant)
        if named:
            return await _by_ids(opened, tenant, named, reason, dry_run=dry_run, yes=yes)
        return await _by_filter(opened, tenant, chosen, reason, dry_run=dry_run, yes=yes)

    done = running.run(work, data_dir, database_url)
    if as_json:
        typer.echo(msgspec.json.encode(done))
    else:
        for name, value in done.items():
            typer.echo(f"{name.replace('_', ' ')}: {running.cell(value)}")
    if done.get("unknown"):
        sys.exit(ExitCode.REFUSED)


async def _by_ids(
    opened: Service, tenant: str, named: Sequence[str], reason: str, *, dry_run: bool, yes: bool
) -> Result:
    if dry_run:
        found = [await _is_active(opened, tenant, one) for one in named]
        return {"sessions": found.count(True)}
    if not yes:
        typer.confirm(f"Revoke {len(named)} sessions?", abort=True, err=True)
    async with opened.database.transaction() as queries:
        await audit.act(queries)
        known = await revoke_sessions(queries, tenant, named, reason, None)
        request = {"session_ids": named, "reason": reason}
        await audit.record(opened, queries, [tenant], "sessions.revoke_many", **request)
    return {"revoked": sorted(known), "unknown": sorted(set(named) - known)}


async def _is_active(opened: Service, tenant: str, session_id: str) -> bool:
    with suppress(Problem):
        return (await find_session(opened.database, whole_tenant(tenant), session_id, None)).status == "active"
    return False


async def _by_filter(
    opened: Service, tenant: str, chosen: SessionFilter, reason: str, *, dry_run: bool, yes: bool
) -> Result:
    async with opened.database.transaction() as queries:
        now = await database_time(queries, None)
        preview, job_id = await preview_revocation(
            queries, tenant, chosen, now, kept_session=None, requested_by=audit.operator()
        )
    if dry_run or not preview.revocable:
        return {"sessions": preview.revocable, "users": preview.users, "by_device_type": preview.by_device_type}
    if not yes:
        typer.confirm(f"Revoke {preview.revocable:,} sessions of {preview.users:,} users?", abort=True, err=True)
    async with opened.database.transaction() as queries:
        await audit.act(queries)
        job = await confirm_revocation(queries, tenant, job_id, chosen, None, kept_session=None, reason=reason)
        if job is None:
            raise typer.BadParameter("the answer came after 15 minutes: nothing is revoked, run the command again")
        request = {"filter": to_builtins(chosen), "reason": reason, "job_id": job_id}
        await audit.record(opened, queries, [tenant], "sessions.revoke_many", **request)
    while not (job := await bulk_revocation.find_job(opened.database, tenant, job_id)).finished_at:
        if not await bulk_revocation.run_next_job(opened.database, job_id=job_id):
            await asyncio.sleep(_PAUSE)  # a node works on it
    return {"job": job.job_id, "revoked": job.done, "already_ended": job.already_ended}
