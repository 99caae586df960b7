"""autional keys: list, rotate and retire signing keys."""

from typing import Annotated

import typer

from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core import master_key
from autional.runtime.service import Service
from autional.tokens import signing_keys
from autional.tokens.signing_keys import KeyState

app = typer.Typer(no_args_is_help=True, help="Manage the keys that sign access tokens.")


@app.command()
def rotate(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="Start to sign in five seconds; clients that cache the JWKS may reject its tokens for a minute.",
        ),
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a signing key, which signs from two minutes later on.

    Earlier keys verify until they are retired.
    """

    async def work(opened: Service) -> str | None:
        master, algorithm = master_key.master_key(opened.settings), opened.settings.signing_algorithm
        async with opened.database.transaction() as queries:
            wait = signing_keys.SPREAD if at_once else signing_keys.PUBLISHED
            added = await signing_keys.rotate(queries, master, algorithm, None, wait)
            await audit.record(opened, queries, None, "signing_key.rotate", key_id=added)
        return added

    running.show_one(running.run(work, data_dir, database_url) or "", "key_id", as_json=as_json)
    running.say(
        f"it signs in {'five seconds' if at_once else 'two minutes'}; earlier keys verify until they are retired"
    )


@app.command("list")
def list_(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List signing keys, oldest first."""

    async def work(opened: Service) -> list[KeyState]:
        return await signing_keys.list_keys(opened.database)

    running.show(running.run(work, data_dir, database_url), KeyState._fields, as_json=as_json)


@app.command()
def retire(
    key_id: Annotated[str, typer.Argument(metavar="ID")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Stop accepting tokens that a key signed."""
    if not yes:
        typer.confirm(f"Reject every token that {key_id} signed?", abort=True, err=True)

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await signing_keys.retire(queries, key_id, None)
            await audit.record(opened, queries, None, "signing_key.retire", key_id=key_id)

    running.run(work, data_dir, database_url)
    running.say(f"retired key {key_id}")
