"""Databases for tests: one that a test gives back is emptied for the next one, which is faster than a new one."""

import itertools
import os
from urllib.parse import urlsplit

import asyncpg

TEMPLATE = "template_autional"
_MOST_BYTES = 16 * 1024 * 1024  # a new one has 10
_numbers = itertools.count(1)
_clean: list[str] = []
_schemas: dict[str, str] = {}
_NO_OTHERS = "select bool_and(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = $1"
_SCHEMA = """
select md5(string_agg(part, ' ' order by part)) from (
    select format('%s %s %s %s %s', oid::regprocedure, prosrc, proacl, proconfig, prosecdef) from pg_proc
    where pronamespace > 16383
    union all
    select format('%s %s %s %s %s', oid::regclass, relacl, reloptions, relrowsecurity, relreplident) from pg_class
    where relnamespace > 16383
    union all
    select indexdef from pg_indexes where schemaname = 'autional'
    union all
    select format('%s %s', adrelid::regclass, pg_get_expr(adbin, adrelid)) from pg_attrdef where adrelid > 16383
    union all
    select format('%s %s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull, attacl) from pg_attribute
    where attrelid > 16383
    union all
    select format('%s %s %s', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
    union all
    select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace > 16383
    union all
    select format('%s %s %s', polrelid::regclass, polname, polroles) from pg_policy
    union all
    select format('%s %s', nspname, nspacl) from pg_namespace where oid > 16383
    union all
    select format('%s', name) from autional.schema_versions
) as schema (part)
"""
_HAS_SETTINGS = """
select true from pg_db_role_setting join pg_database on setdatabase = pg_database.oid
where datname = current_database()
"""
_EMPTY = """
do $$
declare
    one regclass;
begin
    for one in
        select oid from pg_class
        where relkind = 'r' and relnamespace = 'autional'::regnamespace and relname <> 'schema_versions'
    loop
        execute format('delete from %s', one);
    end loop;
    perform setval(seqrelid::regclass, seqstart, false) from pg_sequence;
end
$$
"""


def new_name(kind: str) -> str:
    return f"{kind}_{os.getpid()}_{next(_numbers)}"


def in_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


async def take(admin: "asyncpg.Connection[asyncpg.Record]") -> str:
    """The name of a database with the schema and nothing else."""
    name = new_name("test")
    if _clean:  # whoever was left in it by an earlier test does not find it again
        await admin.execute(f"alter database {_clean.pop()} rename to {name}")
        return name
    await admin.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
    return name


async def give_back(admin: "asyncpg.Connection[asyncpg.Record]", server_url: str, name: str) -> None:
    """Empty a database for another test, or drop it: when it has grown, or is not what it was."""
    alone = await admin.fetchval(_NO_OTHERS, name) is not False
    small = await admin.fetchval("select pg_database_size($1)", name) < _MOST_BYTES
    if alone and small and await _emptied(server_url, name):
        _clean.append(name)
    else:
        await admin.execute(f"drop database {name} with (force)")


async def _emptied(server_url: str, name: str) -> bool:
    if TEMPLATE not in _schemas:
        original = await asyncpg.connect(in_database(server_url, TEMPLATE))
        _schemas[TEMPLATE] = await original.fetchval(_SCHEMA)
        await original.close()
    connection = await asyncpg.connect(in_database(server_url, name))
    try:
        if await connection.fetchval(_SCHEMA) != _schemas[TEMPLATE] or await connection.fetchval(_HAS_SETTINGS):
            return False
        await connection.execute("set session_replication_role = replica")  # no trigger stands in the way
        await connection.execute(_EMPTY)
    except asyncpg.InsufficientPrivilegeError:
        return False
    finally:
        await connection.close()
    return True
