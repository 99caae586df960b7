"""The service that operations and commands work with: settings, database, signing keys."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from autional.core import background, clock, durations, master_key, tracing
from autional.core.database_urls import servers
from autional.core.errors import SchemaError
from autional.core.settings import Settings, SettingsError
from autional.events.feed import Feed
from autional.postgres import citus, migrations, primary
from autional.postgres.database import Database
from autional.postgres.embedded import server as embedded
from autional.risk.geoip import GeoIp
from autional.tenancy import tenants
from autional.tokens import signing_keys, status_lists
from autional.tokens.jwt import Issuer
from autional.tokens.status_lists import PublishedLists

_READ_KEYS_EVERY = 1.5
_BEAT_EVERY = 1.0
_LOOK_EVERY = 5.0
_LONGEST_GRACE = timedelta(minutes=1)
DEFAULT_ADDRESS = "http://127.0.0.1:8080"


class Service(NamedTuple):
    """A running service, or one command at the shell."""

    settings: Settings
    database: Database
    issuer: Issuer
    cursor_key: bytes
    refresh_grace: timedelta
    fingerprint_key: bytes
    tenant_key: bytes
    subject_key: bytes
    geoip: GeoIp
    feed: Feed
    receiver_key: bytes
    """Seals the secrets that sign webhooks."""
    published: PublishedLists
    at: Callable[[], datetime | None] = clock.database_decides
    """The instant to decide by; None: the database's own."""


@asynccontextmanager
async def open_service(
    settings: Settings,
    say: Callable[[str], None] = lambda _: None,
    address: str | None = None,
    *,
    closes_restored: bool = False,
) -> AsyncIterator[Service]:
    """Open the service: an embedded database is started and migrated, any other is only verified.

    `address` is where it will listen: from the first start on the issuer of tokens, unless a setting names
    another. An earlier state that was put back and is not closed yet is opened only by who closes it.

    Raises EmbeddedPostgresError, SchemaError, MasterKeyError, SettingsError, DatabaseUnavailableError.
    """
    async with database_url(settings, say) as url:
        if settings.database_url is None:
            for step in await migrations.apply(url):
                say(f"applied {step}")
        else:
            await migrations.verify(url)
        on_citus = await citus.is_spread_at(url)
        database = Database(url, settings.database_connections, settings.database_pooler_url, on_citus=on_citus)
        try:
            key_file = master_key.master_file(settings).absolute()
            makes_key = settings.master_key is None and not key_file.exists()
            if not closes_restored and await database.row("unfinished_restoration"):
                raise SchemaError("an earlier state was put back here and is not closed yet: run `autional restored`")
            database.buckets.renew(await tenants.split_tenants(database))
            master = await signing_keys.master_key_for(database, settings)
            if makes_key:
                say(f"the master key is in {key_file}: keep a copy apart from the database")
            grace = refresh_grace_of(settings)
            ring = await signing_keys.key_ring(database, master, settings.signing_algorithm, None)
            name = settings.issuer or settings.public_url or await _kept_issuer(database, address)
            issuer = Issuer(
                ring, name, settings.audience, master_key.derive(master, "refresh"), status_lists.keys_of(master)
            )
            if (
                address is not None
                and name.rstrip("/") != address
                and settings.issuer is None
                and settings.public_url is None
            ):
                say(
                    f"tokens and metadata name {name}, kept from the first start: clients must reach the service there;"
                    " set AUTIONAL_PUBLIC_URL where they cannot"
                )
            geoip = GeoIp(settings.geoip_database)
            cursor_key = master_key.derive(master, await _purpose_of_cursors(database))
            feed = Feed(database, cursor_key)
            reading = partial(_read_keys, issuer, database, master, settings)
            with tracing.exporting(settings):
                every: dict[str, tuple[float, background.Round]] = {
                    "reading of signing keys": (_READ_KEYS_EVERY, reading),
                    "heartbeat": (_BEAT_EVERY, database.beat),
                }
                if len(servers(url)) > 1:
                    every["look for a newer primary"] = (_LOOK_EVERY, partial(primary.look_for_newer, url))
                async with background.running_tasks(every):
                    yield Service(
                        settings,
                        database,
                        issuer,
                        cursor_key,
                        grace,
                        master_key.derive(master, "fingerprints"),
                        master_key.derive(master, "tenants"),
                        master_key.derive(master, "subjects"),
                        geoip,
                        feed,
                        master_key.derive(master, "receivers"),
                        PublishedLists(),
                    )
                    await feed.close()
        finally:
            await database.close()


@asynccontextmanager
async def database_url(settings: Settings, say: Callable[[str], None] = lambda _: None) -> AsyncIterator[str]:
    """The address of the database: from the settings, or of the embedded one, run for the length of the block.

    Raises EmbeddedPostgresError.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with embedded.running(settings.data_path, say) as server:
        yield server.url


async def rotate_keys_by_age(opened: Service, now: datetime) -> None:
    """Rotate the signing keys by age, and retire those that no token needs any more."""
    master, algorithm = master_key.master_key(opened.settings), opened.settings.signing_algorithm
    await signing_keys.rotate_by_age(opened.database, master, algorithm, now)


async def _kept_issuer(database: Database, address: str | None) -> str:
    row = await database.row("kept_issuer", address)
    return str(row["issuer"]) if row else DEFAULT_ADDRESS


async def _purpose_of_cursors(database: Database) -> str:
    """After a restoration no cursor and no id of an event may mean what it meant before."""
    row = await database.row("restoration_epoch")
    return f"cursors {row['epoch']}" if row else "cursors"


async def _read_keys(issuer: Issuer, database: Database, master: bytes, settings: Settings) -> None:
    """Read the keys every second or two, so that every node knows a new one before it signs; and who lists tokens."""
    hot = database.share("hot", None)  # not behind what takes long
    asked_at = time.monotonic()  # before: the process may stand still until it has the answer
    database.buckets.renew(await tenants.split_tenants(hot))
    issuer.renew(await signing_keys.key_ring(hot, master, settings.signing_algorithm, None), asked_at)
    if not database.on_citus:
        issuer.listing = await status_lists.tenants_listing(hot)


def refresh_grace_of(settings: Settings) -> timedelta:
    """The grace period of refreshes. Raises SettingsError."""
    try:
        grace = durations.parse(settings.refresh_grace)
    except ValueError:
        grace = None
    if grace is None or grace > _LONGEST_GRACE:
        raise SettingsError(
            f"AUTIONAL_REFRESH_GRACE must be a duration from 0s to 1m (it is {settings.refresh_grace!r})"
        )
    return grace
