"""autional audit: list and verify audit logs, and sign checkpoints."""

import getpass
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from asyncpg import IntegrityConstraintViolationError

from autional.audit import checkpoints, verification
from autional.audit import log as audit_log
from autional.audit.checkpoints import Checkpoint, CheckpointError
from autional.audit.log import Action, AuditQuery, Entry, NewEntry
from autional.audit.verification import LogState
from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.core import master_key, problems
from autional.core.formats import Timestamp
from autional.core.problems import Problem
from autional.postgres.queries import Queries, Transaction
from autional.runtime.service import Service
from autional.sessions.lifecycle import OPERATOR
from autional.tenancy import tenants

app = typer.Typer(no_args_is_help=True, help="Show and verify audit logs.")

_REQUEST = "cli"

Row = tuple[str, int, int, str, str, str]
Tenant = Annotated[str, typer.Option(help="Tenant of the log; default: the log of the platform.")]


def _timestamp(text: str) -> datetime:
    try:
        return Timestamp(text).value
    except ValueError as error:
        raise typer.BadParameter(f"must be {error}") from None


def _plain(text: str) -> str:
    if not text.isprintable():  # surrogates, as which a shell passes on what is no UTF-8, are not
        raise typer.BadParameter("not text without control characters")
    return text


def _point(text: str) -> LogState:
    entries, _, head = text.partition(":")
    if not re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}|0:", text):
        raise typer.BadParameter("ENTRIES:HASH, as `audit verify` shows them")
    return LogState(int(entries), bytes.fromhex(head))


@app.command()
def verify(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant; default: all tenants and the platform.")] = None,
    head: Annotated[
        LogState | None,
        typer.Option(
            parser=_point, metavar="ENTRIES:HASH", help="A state of the tenant's log that was stored elsewhere."
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file with checkpoints that was stored elsewhere."),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Verify the hash chain of audit logs.

    Reports a log as intact, or the first entry that was changed, cut off or emptied. A log that was replaced as a
    whole, or whose end was cut off, is only detected with a checkpoint that was stored elsewhere.
    """
    if head is not None and tenant is None:
        raise typer.BadParameter("--head needs --tenant (- is the platform)")

    async def work(opened: Service) -> list[Row]:
        kept: dict[str, list[LogState]] = {tenant: [head]} if tenant and head else {}
        for one in _checkpoints(opened, checkpoint):
            kept.setdefault(one.log, []).append(one.point)
        if checkpoint is not None and not (kept if tenant is None else kept.get(tenant)):
            raise CheckpointError(f"{checkpoint} has no checkpoint{f' of {tenant}' if tenant else ''}")
        known = await _logs(opened.database)
        if tenant is not None and tenant not in {*known, *kept}:
            raise Problem(problems.TENANT_NOT_FOUND)
        logs = [tenant] if tenant else sorted({*known, *kept})
        return [await _verified(opened, log, kept.get(log, [])) for log in logs]

    try:
        found = running.run(work, data_dir, database_url)
    except CheckpointError as error:
        raise typer.BadParameter(str(error)) from None
    _show(found, as_json=as_json)
    if any(result != "intact" for *_, result in found):
        sys.exit(ExitCode.REFUSED)


def _show(found: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        running.show(found, ("tenant", "entries", "erased", "head", "compared_with", "chain"), as_json=True)
        return
    for log, entries, erased, state, compared, result in found:
        witness = f"compared with checkpoints at {compared}" if compared else "no checkpoint given"
        name = "platform (-)" if log == audit_log.PLATFORM else log
        typer.echo(f"{name}: {result}, {entries} entries ({erased} with something erased), {witness}")
        typer.echo(f"    --head {state}")


def _checkpoints(opened: Service, file: Path | None) -> list[Checkpoint]:
    """The checkpoints in a file, one per line. Raises CheckpointError."""
    if file is None:
        return []
    key = checkpoints.signing_key(master_key.master_key(opened.settings))
    try:
        lines = file.read_text().split()
    except UnicodeDecodeError:
        raise CheckpointError(f"{file} is not a file of `audit checkpoint`") from None
    return [checkpoints.read(line, key) for line in lines]


async def _verified(opened: Service, log: str, kept: Sequence[LogState]) -> Row:
    verdict = await verification.verify(opened.database, opened.subject_key, log, kept)
    result = "intact" if verdict.broken_at is None else f"broken at {verdict.broken_at}"
    compared = ", ".join(str(point.entries) for point in kept)
    return log, verdict.entries, verdict.erased, f"{verdict.entries}:{verdict.head.hex()}", compared, result


@app.command("checkpoint")
def checkpoint_(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant; default: all tenants and the platform.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print a signed checkpoint of each log, one per line.

    Store them elsewhere and pass them to `audit verify` later.
    """

    async def work(opened: Service) -> list[str]:
        key, logs = checkpoints.signing_key(master_key.master_key(opened.settings)), await _logs(opened.database)
        if tenant is not None and tenant not in logs:
            raise Problem(problems.TENANT_NOT_FOUND)
        return [await checkpoints.signed_now(opened.database, log, key) for log in ([tenant] if tenant else logs)]

    for line in running.run(work, data_dir, database_url):
        typer.echo(line)


@app.command("list")
def list_(
    tenant: Tenant = audit_log.PLATFORM,
    action: Annotated[
        Action | None, typer.Option("--action", help="Only this kind of action.", metavar="ACTION")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(parser=_plain, metavar="NAME", help="Only actions of this user, API key or operator.")
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(parser=_plain, metavar="ID", help="Only entries that mention this user, session or other id."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", parser=_timestamp, metavar="TIME", help="From this instant on (RFC 3339)."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", parser=_timestamp, metavar="TIME", help="Before this instant (RFC 3339).")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="Number of entries, newest first.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List the latest entries of an audit log."""
    query = AuditQuery(action, actor, about, since, until)

    async def work(opened: Service) -> list[Entry]:
        if tenant not in await _logs(opened.database):
            raise Problem(problems.TENANT_NOT_FOUND)
        return await audit_log.list_entries(opened.database, tenant, query, count)

    entries = running.run(work, data_dir, database_url)
    if as_json:
        shown = [(one.sequence, one.at, one.action, one.request_id, one.details, one.erased) for one in entries]
        running.show(shown, ("sequence", "at", "action", "request_id", "details", "erased"), as_json=True)
    else:
        result = [(one.sequence, one.at, one.action, _describe(one.details)) for one in entries]
        running.show(result, ("sequence", "at", "action", "who and what"), as_json=False)


def _describe(details: dict[str, Any]) -> str:
    """Who did what, in a line or two."""
    given = {**(details.get("target") or {}), **(details.get("request") or {})}
    what = ", ".join(f"{name}={value}" for name, value in given.items() if value not in (None, ""))
    return f"{details.get('actor') or 'erased'}: {what}" if what else str(details.get("actor") or "erased")


async def _logs(queries: Queries) -> list[str]:
    return [audit_log.PLATFORM, *(one.tenant_id for one in await tenants.list_tenants(queries))]


def operator() -> str:
    """Who runs this command, by the account at the shell."""
    return f"{OPERATOR}{getpass.getuser()}"


async def act(queries: Queries) -> None:
    """Tell the rest of the transaction who acts, so that revocations record it."""
    await queries.rows("act_by", None, None, operator(), _REQUEST)


async def record(
    opened: Service, queries: Transaction, tenant_ids: Sequence[str] | None, action: Action, **request: Any
) -> None:
    """Append an entry about this command to the log of each tenant, or (None) of the platform.

    A damaged log is reported and does not stop the command.
    """
    details = {"actor": operator(), "request": request}
    for log in sorted(tenant_ids) if tenant_ids is not None else [audit_log.PLATFORM]:
        try:
            async with queries.transaction() as part:
                await audit_log.append(part, opened.subject_key, log, NewEntry(action, _REQUEST, details), None)
        except IntegrityConstraintViolationError:
            running.say(f"autional: the audit log of {log} is damaged, see `autional audit verify`: not written down")
