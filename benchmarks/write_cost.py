"""What exact statistics cost the writes: the same writes with and without counting, in transactions that are undone."""

import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from autional.postgres.database import Database

ROUNDS = 101
WRITES = 50
NO_COUNTING = """
create or replace function add_to_counters(
    _home bigint, _device_type text, _live bigint, _revoked bigint, _expired bigint,
    _purged_revoked bigint default 0, _purged_expired bigint default 0
) returns void language sql as $$ select $$
"""
SESSION = "(left(md5('session' || n), 31) || '4')::uuid"
CREATE = f"""
select count(*) from generate_series(1, {WRITES}) as n, lateral create_session($2, jsonb_build_object(
    'session_id', {SESSION}, 'user_id', 'bench' || n, 'role', 'user', 'aal', 1, 'amr', 'pwd',
    'device_type', 'mobile', 'browser', 'Safari 18', 'os', 'iOS 18', 'at', $1::timestamptz, 'absolute', '30 days',
    'refresh_id', left(md5('token' || n), 31) || '7', 'risk_score', 0, 'risk_facts', '{{}}'::jsonb
))
"""
TOUCH = f"select count(touch_session($2, {SESSION}, null, $1, 'user')) from generate_series(1, {WRITES}) as n"
REVOKE = f"select count(end_session($2, {SESSION}, null, 'b', $1)) from generate_series(1, {WRITES}) as n"
TENANT = "large"


class _UndoneError(Exception):
    """Takes back what was measured."""


async def measured(url: str) -> list[str]:
    """The lines of the report."""
    database = Database(url, 1)
    try:
        rounds = [
            (await _seconds(database, counting=True), await _seconds(database, counting=False)) for _ in range(ROUNDS)
        ]
    finally:
        await database.close()
    shares = [
        median(without[name] / with_[name] for with_, without in rounds) for name in ("create", "touch", "revoke")
    ]
    told = ", ".join(
        f"{name} **{share:.2f}**" for name, share in zip(("create", "touch", "revoke"), shares, strict=True)
    )
    return ["", f"Speed of writes with statistics, of those without, in the database: {told} (goal: 0.85)."]


async def _seconds(database: Database, *, counting: bool) -> dict[str, float]:
    taken: dict[str, float] = {}
    now: Any = datetime.now(UTC)
    try:
        async with database.transaction() as queries:
            if not counting:
                await queries.composed(NO_COUNTING)
            for name, text in (("create", CREATE), ("touch", TOUCH), ("revoke", REVOKE)):
                begun = time.perf_counter()
                await queries.composed(text, now, TENANT)
                taken[name] = time.perf_counter() - begun
            raise _UndoneError  # noqa: TRY301 - the way to undo a transaction
    except _UndoneError:
        return taken
