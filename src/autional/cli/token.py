"""autional token: mint access tokens for operators."""

from datetime import timedelta
from typing import Annotated

import typer

from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core import durations
from autional.core.authority import Role
from autional.runtime.service import DEFAULT_ADDRESS, Service
from autional.tokens.issue import mint_operator_token

app = typer.Typer(no_args_is_help=True, help="Mint access tokens for operators.")
_LONGEST_LIFE = timedelta(days=30)


def _life(text: str) -> timedelta:
    try:
        life = durations.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not timedelta(seconds=1) <= life <= _LONGEST_LIFE:
        raise typer.BadParameter("must be from 1s to 30d")
    return life


@app.command()
def mint(
    tenant: Annotated[str, typer.Option(help="The tenant of the token.")],
    user: Annotated[str, typer.Option(help="User id of the operator.")],
    role: Annotated[Role, typer.Option(help="Role of the token.")] = "admin",
    ttl: Annotated[timedelta, typer.Option(parser=_life, metavar="DURATION", help="Lifetime of the token.")] = "1h",  # type: ignore[assignment]
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print an access token for an operator. It belongs to no session and is in no statistics."""

    async def work(opened: Service) -> str:
        async with opened.database.transaction() as queries:
            token = await mint_operator_token(
                queries,
                opened.issuer,
                tenant_id=tenant,
                user_id=user,
                role=role,
                life=ttl,
                at=None,
            )
            await audit.record(opened, queries, [tenant], "token.mint", user=user, role=role, ttl=durations.render(ttl))
        return token

    running.show_one(
        running.run(work, data_dir, database_url, address=DEFAULT_ADDRESS), "access_token", as_json=as_json
    )
