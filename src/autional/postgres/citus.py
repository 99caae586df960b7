"""Citus: the tables of tenants are spread over the workers by `home`, and so are the functions on one tenant.

A tenant is whole on one worker, where each of its hot statements runs as one task. What belongs to the platform
(API keys, signing keys, housekeeping) stays on the coordinator.
"""

from collections.abc import Callable

import asyncpg
from asyncpg import Connection, Record

from autional.core.errors import SchemaError
from autional.postgres.connection import ON_CITUS, SCHEMA, SETTINGS, connected
from autional.postgres.queries import sql_files

OLDEST = 14
SHARDS = 32
ON_THE_COORDINATOR = ("add_tenant", "delete_tenant", "owner_is_valid")
"""Functions that change or read what belongs to the platform too."""
_SPREAD = "select exists (select from pg_dist_partition where logicalrelid = to_regclass($1))"
_TABLES = """
select tables.oid::regclass::text as name, dist.logicalrelid is not null as is_spread
from pg_class as tables left join pg_dist_partition as dist on dist.logicalrelid = tables.oid
where relnamespace = to_regnamespace($1) and relkind = 'r'
    and exists (select from pg_attribute where attrelid = tables.oid and attname = 'home' and attnum > 0)
"""
_REFERENCES = """
select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
where contype = 'f' and connamespace = to_regnamespace($1)
"""
_FUNCTIONS = """
select
    oid::regprocedure::text as name,
    proargnames[1] = '_home' and provolatile = 'v' and proname <> all ($2) as is_of_tenant
from pg_proc
where pronamespace = to_regnamespace($1) and prorettype <> 'trigger'::regtype
"""
_IS_WORKER = "select exists (select from pg_dist_local_group where groupid <> 0)"
_NODES = """
select nodename || ':' || nodeport as name, groupid, isactive, shouldhaveshards from pg_dist_node
where noderole = 'primary'
"""
_CUT_OFF = """
select from_nodename || ':' || from_nodeport || ' cannot reach ' || to_nodename || ':' || to_nodeport as name
from citus_check_cluster_node_health() where result is not true
"""
_ALONE = "do $do$ begin perform set_config('citus.enable_ddl_propagation', 'off', true); {}; end $do$"
_EVERYWHERE = "select nodeid::text as node, result from run_command_on_all_nodes($1) where not success"


async def spread(url: str, say: Callable[[str], None]) -> None:
    """Spread the schema over the workers of a Citus cluster, as far as it is not. The URL is the coordinator's.

    Raises SchemaError, DatabaseUnavailableError.
    """
    try:
        async with connected(url) as connection:
            await check(connection)
            await _set_everywhere(connection)
        async with connected(url) as connection:  # whose connections to the workers have those settings
            await _spread_tables(connection, say)
            await spread_functions(connection)
    except asyncpg.PostgresError as error:
        raise SchemaError(f"Citus refused: {error}") from error


async def require_cluster(url: str) -> None:
    """Check that a cluster is at a URL, that of its coordinator. Raises SchemaError, DatabaseUnavailableError."""
    async with connected(url) as connection:
        await check(connection)


async def is_spread_at(url: str) -> bool:
    """Whether the tables of the database at a URL are spread over nodes.

    Raises SchemaError for that of a worker, DatabaseUnavailableError.
    """
    async with connected(url) as connection:
        return await is_spread(connection)


async def is_spread(connection: "Connection[Record]") -> bool:
    """The same of the database of a connection. Raises SchemaError for that of a worker."""
    if not await connection.fetchval("select to_regclass('pg_catalog.pg_dist_partition') is not null"):
        return False
    await _require_coordinator(connection)
    return bool(await connection.fetchval(_SPREAD, f"{SCHEMA}.sessions"))


async def _require_coordinator(connection: "Connection[Record]") -> None:
    if await connection.fetchval(_IS_WORKER):
        raise SchemaError("this URL is that of a worker of a Citus cluster: give the coordinator's")


async def check(connection: "Connection[Record]") -> None:
    """Check that Citus is new enough and that all of its nodes are there. Raises SchemaError."""
    version = await connection.fetchval("select extversion from pg_extension where extname = 'citus'")
    if version is None:
        raise SchemaError("this database has no Citus: `create extension citus` on every node, then citus_add_node")
    if int(version.partition(".")[0]) < OLDEST:
        raise SchemaError(f"Citus {version} is too old: {OLDEST}.0 or newer is needed")
    await _require_coordinator(connection)
    nodes = await connection.fetch(_NODES)
    if not any(node["groupid"] == 0 for node in nodes):
        raise SchemaError("this cluster does not know its coordinator: name it with citus_set_coordinator_host")
    if not any(node["shouldhaveshards"] for node in nodes):
        raise SchemaError("this cluster has no workers: add them with citus_add_node")
    lacking = [node["name"] for node in nodes if not node["isactive"]]
    lacking += [row["name"] for row in await connection.fetch(_CUT_OFF)]
    if lacking:
        raise SchemaError(f"nodes of this cluster are missing: {', '.join(lacking)}")


async def spread_functions(connection: "Connection[Record]") -> None:
    """Have each node know the functions, and those on one tenant run where it is."""
    for row in await connection.fetch(_FUNCTIONS, SCHEMA, list(ON_THE_COORDINATOR)):
        how = ", '_home', colocate_with := 'tenants', force_delegation := true" if row["is_of_tenant"] else ""
        await connection.execute(f"select create_distributed_function('{row['name']}'{how})")


async def _set_everywhere(connection: "Connection[Record]") -> None:
    """Have the workers run functions with the settings that connections have on the coordinator."""
    database = await connection.fetchval("select quote_ident(current_database())")
    for name, value in (SETTINGS | ON_CITUS).items():
        await everywhere(connection, f"alter database {database} set {name} = '{value}'")


async def everywhere(connection: "Connection[Record]", commands: str) -> None:
    """Run commands on every node, each for itself, since Citus lets workers pass nothing on. Raises SchemaError."""
    refused = await connection.fetch(_EVERYWHERE, _ALONE.format(commands))
    if refused:
        raise SchemaError("; ".join(f"node {row['node']} refuses `{commands}`: {row['result']}" for row in refused))


async def _spread_tables(connection: "Connection[Record]", say: Callable[[str], None]) -> None:
    tables = {row["name"]: row["is_spread"] for row in await connection.fetch(_TABLES, SCHEMA)}
    parents = [(row["child"], row["parent"]) for row in await connection.fetch(_REFERENCES, SCHEMA)]
    done = {name for name, is_done in tables.items() if is_done}
    waiting = sorted(tables.keys() - done, key=lambda name: (name != "tenants", name))
    if not done:
        [(_, before)] = sql_files("citus")
        await connection.execute(before)
    while waiting:
        name = next(one for one in waiting if all(up in done for child, up in parents if child == one))
        where = (
            f"shard_count := {SHARDS}, colocate_with := 'none'" if name == "tenants" else "colocate_with := 'tenants'"
        )
        await connection.execute(f"select create_distributed_table('{name}', 'home', {where})")
        waiting.remove(name)
        done.add(name)
        say(f"spread {name}")
