"""Every setting of the service, from the environment; the help of each is its documentation."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PREFIX = "AUTIONAL_"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """A setting cannot be used; the text names it, in one line."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides about one running process."""

    data_dir: Annotated[
        str, Meta(min_length=1, description="Folder of the embedded PostgreSQL and of the master key.")
    ] = ".autional"
    database_url: Annotated[
        str | None, Meta(description="postgresql://… of a PostgreSQL 16 or newer; without it, the embedded one runs.")
    ] = None
    database_connections: Annotated[int, Meta(ge=1, le=1000, description="Connections that a worker holds.")] = 10
    issuer: Annotated[str, Meta(min_length=1, description="The `iss` of every token (RFC 9068).")] = (
        "http://127.0.0.1:8080"
    )
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
    master_key: Annotated[
        str | None,
        Meta(description="32 bytes in base64url that encrypt private keys; without it, master.key in the data folder."),
    ] = None
    base_paths: Annotated[
        str, Meta(description="Prefixes under which the same routes answer, separated by commas.")
    ] = "/api/v1,/session/api/v1,/bff/session-service/api/v1"
    geoip_database: Annotated[
        str | None, Meta(description="A MaxMind database file (GeoLite2 City) that tells where addresses are.")
    ] = None
    head_limit: Annotated[int, Meta(ge=1024, le=65536, description="Bytes that the head of a request may have.")] = (
        16 * 1024
    )
    url_limit: Annotated[int, Meta(ge=1024, le=65536, description="Bytes that a URL may have.")] = 8 * 1024
    body_limit: Annotated[int, Meta(ge=1024, le=2**20, description="Bytes that a body may have.")] = 64 * 1024
    head_seconds: Annotated[
        float, Meta(gt=0, le=600, description="Seconds within which the head of a request must have arrived.")
    ] = 10
    body_seconds: Annotated[
        float, Meta(gt=0, le=600, description="Seconds within which the body of a request must have arrived.")
    ] = 10
    connections: Annotated[int, Meta(ge=1, description="Open connections that a worker accepts.")] = 4096
    connections_per_address: Annotated[
        int, Meta(ge=1, description="Open connections that a worker accepts from one address that is no trusted proxy.")
    ] = 512
    trusted_proxies: Annotated[
        str, Meta(description="Networks, separated by commas, whose Forwarded and X-Forwarded-For are believed.")
    ] = ""
    cors_origins: Annotated[str, Meta(description="Origins, separated by commas, from which browsers may call.")] = ""
    development: Annotated[bool, Meta(description="Problems repeat the values that were wrong.")] = False

    @property
    def prefixes(self) -> list[str]:
        """The base paths, one by one."""
        prefixes = [prefix.strip().rstrip("/") for prefix in self.base_paths.split(",")]
        return [prefix for prefix in prefixes if prefix]

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies. Raises SettingsError."""
        try:
            return tuple(ipaddress.ip_network(one.strip()) for one in self.trusted_proxies.split(",") if one.strip())
        except ValueError as error:
            raise SettingsError(f"{PREFIX}TRUSTED_PROXIES: {error}") from None

    @property
    def origins(self) -> frozenset[str]:
        """The origins of the browsers that may call."""
        return frozenset(one.strip() for one in self.cors_origins.split(",") if one.strip())

    @property
    def data_path(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)


def from_environment(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Read the settings; an override that is not None wins over the environment.

    Raises SettingsError.
    """
    known = Settings.__struct_fields__
    given: dict[str, object] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
    }
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise SettingsError(f"{PREFIX}{unknown[0].upper()} is not a setting")
    given |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting is wrong: {error}") from None
