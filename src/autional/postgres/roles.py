"""The role by which the service uses a database that another role owns and migrates.

It may read and write what its statements do, and call functions. It cannot change the schema. Of the audit log
it can only append entries, erase personal values, and remove all of a deleted tenant, by functions of the owner.
"""

import asyncpg
from asyncpg import Connection, Record

from autional.postgres import citus
from autional.postgres.connection import ON_CITUS, SCHEMA, SETTINGS

_READ_ONLY = {"schema_versions", "audit_entries", "audit_heads", "audit_values", "deleted_tenants", "tenants"}
_OF_TENANTS = (  # all but deleted_at: what is deleted is purged, its audit log too
    "insert (home, tenant_id, name, created_at)",
    "update (name, disabled_at, session_generation, access_generation, refresh_generation, signing_out_reason,"
    " tokens_pruned_to, tells_sessions, lists_tokens)",
)
_SEQUENCES = f"grant usage, select, update on all sequences in schema {SCHEMA} to {{}}"
_TABLES = "select tablename from pg_tables where schemaname = $1"
_VIEWS = "select viewname from pg_views where schemaname = $1"
_GRANTEES = """
select rolname from pg_class, aclexplode(relacl) as granted join pg_roles on pg_roles.oid = grantee
where relnamespace = to_regnamespace($1) and relname = 'sessions' and privilege_type = 'INSERT'
    and grantee <> relowner and not rolsuper
"""
"""Who may write sessions serves them; who may only read is somebody else."""


class RoleError(Exception):
    """The role cannot be given what it needs; one line says why."""


async def require(connection: "Connection[Record]", role: str) -> None:
    """Check that a role exists and may do less than the owner. Raises RoleError."""
    if not await connection.fetchval("select true from pg_roles where rolname = $1", role):
        raise RoleError(f"there is no role {role} in this database: create it first, with a password of its own")
    if await connection.fetchval("select rolsuper or rolname = current_user from pg_roles where rolname = $1", role):
        raise RoleError(f"{role} owns the schema or is a superuser: the service needs a role that may do less")


async def grant(connection: "Connection[Record]", role: str) -> bool:
    """Give a role what the service needs, and nothing else in the schema; returns whether it got its settings too.

    Those need a right over the role that an owner of tables may not have. Raises RoleError.
    """
    name = _quoted(role)
    await require(connection, role)
    on_citus = await citus.is_spread(connection)
    tables = [row["tablename"] for row in await connection.fetch(_TABLES, SCHEMA)]
    async with connection.transaction():
        await connection.execute(f"grant usage on schema {SCHEMA} to {name}")
        await connection.execute(f"revoke all on all tables in schema {SCHEMA} from {name}")
        await connection.execute(f"grant select on all tables in schema {SCHEMA} to {name}")
        for table in tables:
            if table not in _READ_ONLY:
                await connection.execute(f"grant insert, update, delete on {SCHEMA}.{_quoted(table)} to {name}")
        for what in _OF_TENANTS:
            await connection.execute(f"grant {what} on {SCHEMA}.tenants to {name}")
        await connection.execute(_SEQUENCES.format(name))
        await connection.execute(f"revoke all on all functions in schema {SCHEMA} from public")
        await connection.execute(f"grant execute on all functions in schema {SCHEMA} to {name}")
        if on_citus:  # which sends the defaults of the other columns along
            await connection.execute(f"grant insert on {SCHEMA}.tenants to {name}")
    if on_citus:
        await _grant_on_workers(connection, name)
    return await _settings_given(connection, name)


async def _grant_on_workers(connection: "Connection[Record]", name: str) -> None:
    """Give a role what Citus does not pass on to the workers."""
    views = [row["viewname"] for row in await connection.fetch(_VIEWS, SCHEMA)]
    granted = "; ".join(
        [_SEQUENCES.format(name), *(f"grant select on {SCHEMA}.{_quoted(view)} to {name}" for view in views)]
    )
    await citus.everywhere(connection, granted)


async def grant_again(connection: "Connection[Record]") -> None:
    """Give every role that uses the schema what a new release has added."""
    for row in await connection.fetch(_GRANTEES, SCHEMA):
        await grant(connection, row["rolname"])


async def _settings_given(connection: "Connection[Record]", name: str) -> bool:
    database = _quoted(await connection.fetchval("select current_database()"))
    settings = SETTINGS | (ON_CITUS if await citus.is_spread(connection) else {})
    try:
        async with connection.transaction():
            for setting, value in settings.items():
                await connection.execute(f"alter role {name} in database {database} set {setting} = '{value}'")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
