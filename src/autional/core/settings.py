"""The settings of the service; their descriptions are their documentation."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from autional.core.database_urls import servers

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_GRANT = re.compile(r"([^=,]+)=([^,]+):([A-Za-z0-9][A-Za-z0-9_-]{0,63}):(security_admin|admin|platform_admin)")
_LAST_PORT = 65535
_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
SECRETS = frozenset({"master_key", "database_url", "database_pooler_url", "console_oidc_client_secret"})
"""Settings that are never shown."""


class ConsoleGrant(NamedTuple):
    """To whom of an OpenID provider the console opens: a claim with a value, then the tenant and the role."""

    claim: str
    value: str
    tenant_id: str
    role: str


class SettingsError(Exception):
    """A setting is invalid; one line names it, what is allowed and what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator configures for one process."""

    data_dir: Annotated[
        str, Meta(min_length=1, description="Folder of the embedded PostgreSQL and of the master key.")
    ] = ".autional"
    database_url: Annotated[
        str | None,
        Meta(
            description="postgresql://… of a PostgreSQL 16 or newer; without it, the embedded one runs. Of several"
            " servers (host:port,host:port) the primary is used."
        ),
    ] = None
    database_pooler_url: Annotated[
        str | None,
        Meta(
            description="postgresql://… of a pooler in transaction mode in front of database_url, which stays in use"
            " for migrations and notifications: PgBouncer 1.21 or newer with max_prepared_statements, and the service's"
            " role from `autional migrate --role`."
        ),
    ] = None
    database_connections: Annotated[
        int,
        Meta(
            ge=3, le=1000, description="Database connections that a worker holds: half for single sessions and tokens."
        ),
    ] = 10
    issuer: Annotated[
        str | None,
        Meta(description="The `iss` of every token (RFC 9068); without it, the address of the first start."),
    ] = None
    public_url: Annotated[
        str | None, Meta(description="Where clients reach this service; without it, the address that it listens on.")
    ] = None
    signing_algorithm: Annotated[
        Literal["ES256", "Ed25519"], Meta(description="Algorithm of the signing keys that are made from now on.")
    ] = "ES256"
    refresh_grace: Annotated[
        str,
        Meta(description="How long a repeat of the last refresh token gets the same answer, such as 10s; 0s: never."),
    ] = "10s"
    audience: Annotated[str, Meta(min_length=1, description="The `aud` of every token (RFC 9068).")] = "autional"
    validation_is_activity: Annotated[
        bool, Meta(description="Whether validating or introspecting an access token moves its session's idle deadline.")
    ] = False
    master_key: Annotated[
        str | None,
        Meta(description="32 bytes in base64url that encrypt private keys; without it, master.key in the data folder."),
    ] = None
    base_paths: Annotated[
        str, Meta(description="Prefixes under which the same routes answer, separated by commas.")
    ] = "/api/v1,/session/api/v1,/bff/session-service/api/v1"
    forgotten_file: Annotated[
        str | None,
        Meta(
            description="A file, apart from the database and its backups, that lists erased users and deleted tenants"
            " by keyed hashes, so that a restoration repeats them; without it, forgotten.jsonl in the data folder of an"
            " embedded database."
        ),
    ] = None
    geoip_database: Annotated[
        str | None, Meta(description="A MaxMind database file (GeoLite2 City) that tells where addresses are.")
    ] = None
    head_limit: Annotated[int, Meta(ge=1024, le=65536, description="Bytes that the headers of a request may have.")] = (
        16384
    )
    url_limit: Annotated[int, Meta(ge=1024, le=65536, description="Bytes that a URL may have.")] = 8192
    body_limit: Annotated[int, Meta(ge=1024, le=1048576, description="Bytes that a body may have.")] = 65536
    head_seconds: Annotated[
        float, Meta(gt=0, le=600, description="Seconds within which the headers of a request must have arrived.")
    ] = 10
    body_seconds: Annotated[
        float, Meta(gt=0, le=600, description="Seconds within which the body of a request must have arrived.")
    ] = 10
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="Seconds that a node answers on after SIGTERM, not ready and ending connections one by one:"
            " longer than a load balancer needs to notice. Ctrl-C does not wait.",
        ),
    ] = 5
    connections: Annotated[int, Meta(ge=1, le=65536, description="Open connections that a worker accepts.")] = 4096
    connections_per_address: Annotated[
        int,
        Meta(
            ge=1,
            le=65536,
            description="Open connections that a worker accepts from one address, except trusted proxies.",
        ),
    ] = 512
    requests: Annotated[
        int,
        Meta(
            ge=2,
            le=65536,
            description="Requests that a worker works on at once, half of them of one caller: more would only wait."
            " What is beyond that is refused at once, to be sent again after a second or more.",
        ),
    ] = 256
    trusted_proxies: Annotated[
        str, Meta(description="Networks, separated by commas, whose Forwarded and X-Forwarded-For are believed.")
    ] = ""
    cors_origins: Annotated[str, Meta(description="Origins, separated by commas, from which browsers may call.")] = ""
    receiver_networks: Annotated[
        str,
        Meta(
            description="Networks, separated by commas, in which receivers of events may be, beside public addresses;"
            " only there without TLS."
        ),
    ] = ""
    metrics_address: Annotated[
        str,
        Meta(
            description="host:port at which metrics, liveness and readiness answer without a credential; open to your"
            " monitoring alone. Metrics are at /metrics too, for API keys of all tenants."
        ),
    ] = ""
    metrics_tenants: Annotated[
        int,
        Meta(
            ge=0,
            le=10000,
            description="Tenants whose sessions are a metric by name, those with the most; each is up to 18 series.",
        ),
    ] = 100
    access_log: Annotated[
        bool,
        Meta(
            description="Whether every answer is logged: route, status, milliseconds, tenant, keyed hash of the user."
        ),
    ] = False
    tracing_endpoint: Annotated[
        str | None,
        Meta(
            description="Where traces go by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; needs"
            " `pip install autional[tracing]`."
        ),
    ] = None
    tracing_share: Annotated[
        float, Meta(ge=0, le=1, description="Share of the requests that are traced, where the client does not say.")
    ] = 0.01
    console_idle_minutes: Annotated[
        int, Meta(ge=1, le=1440, description="Minutes without activity after which a session of the console ends.")
    ] = 30
    console_hours: Annotated[
        int, Meta(ge=1, le=168, description="Hours after which a session of the console ends in any case.")
    ] = 12
    console_oidc_issuer: Annotated[
        str | None, Meta(description="The OpenID provider by which administrators sign in to the console.")
    ] = None
    console_oidc_client_id: Annotated[str, Meta(description="The client id of the console at that provider.")] = ""
    console_oidc_client_secret: Annotated[str, Meta(description="Its secret.")] = ""
    console_oidc_grants: Annotated[
        str,
        Meta(description="Whom an ID token signs in: the first of `claim=value:tenant:role`, with commas between."),
    ] = ""
    development: Annotated[bool, Meta(description="Problems repeat the values that were wrong.")] = False

    def __post_init__(self) -> None:
        """Reject invalid values at the start rather than at the first request."""
        _ = self.proxies, self.receivers
        _ = self.console_grants
        if self.console_oidc_issuer is not None and not (self.console_oidc_client_id and self.console_oidc_grants):
            raise ValueError("console_oidc_issuer: needs a client id and grants (console_oidc_client_id, …_grants)")
        for name in (
            "issuer",
            "public_url",
            "tracing_endpoint",
            "console_oidc_issuer",
            "database_url",
            "database_pooler_url",
        ):
            is_database = name.startswith("database_")
            _must_be_url(name, getattr(self, name), {"postgresql", "postgres"} if is_database else {"http", "https"})
        _ = self.monitoring
        if self.database_pooler_url is not None and self.database_url is None:
            raise ValueError("database_pooler_url: needs database_url, the database behind it")
        for path in self.prefixes:
            if not _BASE_PATH.fullmatch(path):
                raise ValueError("base_paths: must be paths such as /api/v1, of letters, digits, - . _ ~ and /")
        for origin in self.origins:
            _must_be_url("cors_origins", origin, {"http", "https"})
            if urlsplit(origin).path or "*" in origin:
                raise ValueError("cors_origins: must be origins such as https://console.example, without a path or *")

    @property
    def prefixes(self) -> list[str]:
        """The base paths."""
        return [prefix.rstrip("/") for prefix in _listed(self.base_paths) if prefix.rstrip("/")]

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies."""
        return _networks("trusted_proxies", self.trusted_proxies)

    @property
    def receivers(self) -> tuple[Network, ...]:
        """The networks in which receivers of events may be, beside public addresses."""
        return _networks("receiver_networks", self.receiver_networks)

    @property
    def console_grants(self) -> tuple[ConsoleGrant, ...]:
        """Whom an ID token signs in to the console."""
        found = [_GRANT.fullmatch(one) for one in _listed(self.console_oidc_grants)]
        if None in found:
            raise ValueError(
                "console_oidc_grants: must be such as groups=admins:acme:admin, sub=42:acme:platform_admin"
            )
        return tuple(ConsoleGrant(*one.groups()) for one in found if one)

    @property
    def origins(self) -> frozenset[str]:
        """The origins of browsers that may call."""
        return frozenset(_listed(self.cors_origins))

    @property
    def monitoring(self) -> tuple[str, int] | None:
        """Host and port of the metrics, if they have an address of their own."""
        if not self.metrics_address:
            return None
        host, _, port = self.metrics_address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > _LAST_PORT:
            raise ValueError("metrics_address: must be host:port, such as 127.0.0.1:9464")
        return host.strip("[]"), int(port)

    @property
    def data_path(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one) for one in _listed(text))
    except ValueError as error:
        raise ValueError(f"{name}: {error}, such as 10.0.0.0/8, fd00::/8") from None


def _must_be_url(name: str, text: str | None, schemes: set[str]) -> None:
    if text is None:
        return
    try:
        is_database = name.startswith("database_")
        is_valid = all(
            parts.scheme in schemes and (parts.netloc or is_database) and parts.port != 0
            for parts in map(urlsplit, servers(text) if is_database else [text])
        )
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError(
            f"{name}: must be a URL that begins with {' or '.join(f'{one}://' for one in sorted(schemes))}"
        )
