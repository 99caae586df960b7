"""Every setting of the service, from the environment; the help of each is its documentation."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PREFIX = "AUTIONAL_"


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
    development: Annotated[bool, Meta(description="Problems repeat the values that were wrong.")] = False

    @property
    def prefixes(self) -> list[str]:
        """The base paths, one by one."""
        prefixes = [prefix.strip().rstrip("/") for prefix in self.base_paths.split(",")]
        return [prefix for prefix in prefixes if prefix]

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
