"""autional receivers: who is told of what is revoked."""

from typing import Annotated, get_args

import msgspec
import typer

from autional.api.events.schemas import PushProtocol
from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.cli.session_options import Tenant
from autional.core.durations import milliseconds
from autional.events import receivers
from autional.events.log import Kind
from autional.events.outbound import url_fault
from autional.events.receivers import KINDS, REVOCATIONS, Delivery, NewReceiver, Receiver, State, Status
from autional.runtime.service import Service
from autional.tenancy.tenants import require_enabled

app = typer.Typer(no_args_is_help=True, help="Manage who is told of what is revoked, and what could not be delivered.")
ReceiverId = Annotated[str, typer.Argument(metavar="ID", help="Id of the receiver.")]
_SHOWN = (
    "receiver_id",
    "protocol",
    "standing",
    "suspended_until",
    "waiting",
    "waiting_since",
    "dead",
    "last_answer",
    "url",
)


_DELIVERY = ("position", "kind", "state", "event_at", "attempts", "lag", "answer", "due_at")
_KINDS = f"{', '.join(get_args(Kind))}; repeatable. By default what ends, and what is restored."


@app.command("list")
def list_(tenant: Tenant, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the receivers of a tenant, with what each still has to be told and what it never was."""

    async def work(opened: Service) -> list[Receiver]:
        await require_enabled(opened.database, tenant)
        return await receivers.list_receivers(opened.database, tenant)

    found = running.run(work, data_dir, database_url)
    if as_json:
        running.show(found, Receiver._fields, as_json=True)
    else:
        running.show([tuple(getattr(one, name) for name in _SHOWN) for one in found], _SHOWN, as_json=False)


@app.command()
def add(
    tenant: Tenant,
    url: Annotated[str, typer.Option(help="Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS.")],
    protocol: Annotated[PushProtocol, typer.Option(help="How it is told.")] = "webhook",
    client_id: Annotated[str | None, typer.Option(help="The client of back-channel logout.")] = None,
    app_id: Annotated[str | None, typer.Option("--app", help="Tell of sessions of this app only.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help=_KINDS)] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a receiver and print its id; of a webhook the secret too, which cannot be shown again."""
    possible = KINDS[protocol]
    if wrong := [one for one in kind or [] if one not in possible]:
        raise typer.BadParameter(f"--kind {wrong[0]} cannot be told by {protocol}: {', '.join(possible)} can")
    if protocol == "backchannel_logout" and client_id is None:
        raise typer.BadParameter("give --client-id for back-channel logout")
    kinds = [one for one in possible if (one in kind if kind else one in REVOCATIONS)]

    async def work(opened: Service) -> tuple[str, str | None]:
        if fault := url_fault(url, opened.settings.receivers):
            raise typer.BadParameter(f"--url: {fault}")
        async with opened.database.transaction() as queries:
            await require_enabled(queries, tenant)
            new = NewReceiver(protocol, url, client_id or url, kinds, app_id, description)
            made = await receivers.add_receiver(queries, tenant, new, opened.receiver_key, None)
            await audit.record(
                opened, queries, [tenant], "receiver.create", receiver_id=made[0], protocol=protocol, url=url
            )
        return made

    receiver_id, secret = running.run(work, data_dir, database_url)
    if as_json:
        typer.echo(msgspec.json.encode({"id": receiver_id} | ({"secret": secret} if secret else {})))
    else:
        running.show([(receiver_id, secret)], ("id", "secret"), as_json=False)


@app.command()
def deliveries(
    receiver_id: ReceiverId,
    tenant: Tenant,
    state: Annotated[State | None, typer.Option(help="Only deliveries of this state.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="Number of deliveries.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List what a receiver was or is to be told, newest first."""

    async def work(opened: Service) -> list[Delivery]:
        await receivers.get_receiver(opened.database, tenant, receiver_id)
        return await receivers.list_deliveries(opened.database, tenant, receiver_id, state, None, count)

    found = running.run(work, data_dir, database_url)
    if as_json:
        running.show(found, Delivery._fields, as_json=True)
    else:
        running.show([_line(one) for one in found], _DELIVERY, as_json=False)


def _line(one: Delivery) -> tuple[object, ...]:
    due = one.due_at if one.state == "waiting" else None
    lag = None if one.lag is None else f"{milliseconds(one.lag)} ms"
    return (one.position, one.kind, one.state, one.event_at, one.attempts, lag, one.answer, due)


@app.command()
def replay(
    receiver_id: ReceiverId,
    tenant: Tenant,
    position: Annotated[list[int] | None, typer.Option(help="Only this delivery; repeatable.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Try what could not be delivered again: all of it, or some."""

    async def work(opened: Service) -> int:
        async with opened.database.transaction() as queries:
            await receivers.get_receiver(queries, tenant, receiver_id)
            number = await receivers.replay(queries, tenant, receiver_id, position)
            await audit.record(opened, queries, [tenant], "receiver.replay", receiver_id=receiver_id)
        return number

    running.say(f"{running.run(work, data_dir, database_url):,} are tried again")


@app.command()
def pause(
    receiver_id: ReceiverId,
    tenant: Tenant,
    resume: Annotated[bool, typer.Option("--resume", help="Go on instead.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Pause a receiver: what it is to be told waits."""

    async def work(opened: Service) -> None:
        status: Status = "enabled" if resume else "paused"
        async with opened.database.transaction() as queries:
            await receivers.change_receiver(queries, tenant, receiver_id, status=status)
            await audit.record(opened, queries, [tenant], "receiver.update", receiver_id=receiver_id, status=status)

    running.run(work, data_dir, database_url)
    running.say(f"{'resumed' if resume else 'paused'} {receiver_id}")


@app.command("rotate-secret")
def rotate_secret(
    receiver_id: ReceiverId,
    tenant: Tenant,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Give a webhook a new secret and print it; for 24 hours the one before it signs too."""

    async def work(opened: Service) -> str:
        async with opened.database.transaction() as queries:
            secret, _ = await receivers.rotate_secret(queries, tenant, receiver_id, opened.receiver_key)
            await audit.record(opened, queries, [tenant], "receiver.rotate_secret", receiver_id=receiver_id)
        return secret

    running.show_one(running.run(work, data_dir, database_url), "secret", as_json=as_json)


@app.command()
def remove(receiver_id: ReceiverId, tenant: Tenant, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Remove a receiver, with the record of what it was told."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await receivers.delete_receiver(queries, tenant, receiver_id)
            await audit.record(opened, queries, [tenant], "receiver.delete", receiver_id=receiver_id)

    running.run(work, data_dir, database_url)
    running.say(f"removed {receiver_id}")
