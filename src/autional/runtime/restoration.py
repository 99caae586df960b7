"""After an earlier state of the database was put back: nothing that was ended since may come to life again."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from autional.core import master_key
from autional.postgres.queries import Transaction
from autional.runtime import forgotten
from autional.runtime.forgotten import Forgotten
from autional.runtime.service import Service
from autional.sessions.sign_out import end_signed_out_sessions
from autional.tenancy import tenants
from autional.tokens import signing_keys

CONSEQUENCES = """Restoring a state that is not the last one
  - ends every session of every tenant, and every token issued before is refused;
  - withdraws the trust in every device, and cancels revocations by filter that are not done;
  - closes every API key until it is enabled: autional apikey enable ID;
  - makes a new signing key and retires all others;
  - repeats the erasures of users and the deletions of tenants that are listed apart;
  - gives the revocation log a new epoch: its readers begin again.
What was changed since in policies, limits, keys, tenants and receivers of events is not known any more, nor which of
their secrets were replaced: look through them."""


async def begin(opened: Service, queries: Transaction) -> datetime | None:
    """Close API keys and signing keys of an earlier state; returns about when that was current.

    No node starts on the database until `finish`. Raises MasterKeyError, DatabaseUnavailableError.
    """
    settings = opened.settings
    row = await queries.row("begin_restoration", secrets.token_hex(8))
    state_at: datetime | None = row["state_at"] if row else None
    new = await signing_keys.rotate(
        queries, master_key.master_key(settings), settings.signing_algorithm, None, timedelta()
    )
    for key in await signing_keys.list_keys(queries):
        if key.retired_at is None and key.key_id != new:
            await signing_keys.retire(queries, key.key_id, None)
    return state_at


async def finish(opened: Service, listed: Iterable[Forgotten]) -> tuple[int, int]:
    """End the sessions of every tenant, and repeat what was forgotten and is not known there; may be run again.

    Returns how many tenants were deleted and how many erasures begun. Raises DatabaseUnavailableError.
    """
    database = opened.database
    for tenant in await tenants.list_tenants(database):
        await database.rows("close_restored_tenant", tenant.tenant_id)
        await end_signed_out_sessions(database, tenant.tenant_id, None)
    known = await forgotten.known_to(database, opened.tenant_key)
    done = await forgotten.forget_again(
        database, [one for one in listed if one not in known], opened.subject_key, opened.tenant_key, "restoration"
    )
    await database.rows("finish_restoration")
    return done
