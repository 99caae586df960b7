"""The settings of the service, from the environment; their descriptions are their documentation."""

import ipaddress
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, inspect

PREFIX = "AUTIONAL_"
_SETTINGS_HEAD = """# Settings

Settings are environment variables of `autional serve` and of every other command. An option of a command wins over the
variable. A variable that is unknown or invalid stops the command. `autional config` shows the values in force.
"""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_GRANT = re.compile(r"([^=,]+)=([^,]+):([A-Za-z0-9][A-Za-z0-9_-]{0,63}):(security_admin|admin|platform_admin)")
_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_SECRET = {"master_key", "database_url", "console_oidc_client_secret"}


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
        str | None, Meta(description="postgresql://… of a PostgreSQL 16 or newer; without it, the embedded one runs.")
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
    connections: Annotated[int, Meta(ge=1, le=65536, description="Open connections that a worker accepts.")] = 4096
    connections_per_address: Annotated[
        int,
        Meta(
            ge=1,
            le=65536,
            description="Open connections that a worker accepts from one address, except trusted proxies.",
        ),
    ] = 512
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
        for name in ("issuer", "public_url", "console_oidc_issuer"):
            _must_be_url(name, getattr(self, name), {"http", "https"})
        _must_be_url("database_url", self.database_url, {"postgresql", "postgres"})
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
    def data_path(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)


class EffectiveSetting(NamedTuple):
    """A setting as an operator sees it."""

    name: str
    value: str
    source: str
    description: str


def from_environment(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Read the settings; an override other than None, from an option, wins over the environment.

    Raises SettingsError.
    """
    given: dict[str, object] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
    }
    for name in sorted(given.keys() - set(Settings.__struct_fields__)):
        meant = get_close_matches(name, Settings.__struct_fields__, n=1)
        hint = f": {PREFIX}{meant[0].upper()} was probably meant" if meant else ": `autional config` shows all"
        raise SettingsError(f"{PREFIX}{name.upper()} is not a setting{hint}")
    chosen = {name: value for name, value in overrides.items() if value is not None}
    if "data_dir" in chosen and "database_url" in given and "database_url" not in chosen:
        raise SettingsError(
            f"--data-dir names an embedded database and {PREFIX}DATABASE_URL another one: "
            "unset the variable, or give --database-url too"
        )
    try:
        return msgspec.convert(given | chosen, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_describe_error(error, given | chosen, chosen)) from None


def effective_settings(
    settings: Settings, environment: Mapping[str, str] = os.environ, **overrides: object
) -> list[EffectiveSetting]:
    """Every setting with its value (secrets masked), its source and its description."""
    found = []
    for field in _fields():
        name = field.encode_name
        variable = f"{PREFIX}{name.upper()}"
        source = "default"
        if variable in environment:
            source = "environment"
        if overrides.get(name) is not None:
            source = _option(name)
        value = getattr(settings, name)
        shown = "***" if name in _SECRET and value else "-" if value in (None, "") else str(value)
        found.append(EffectiveSetting(variable, shown, source, _description(field)))
    return found


def settings_table() -> str:
    """All settings as a Markdown table: docs/settings.md."""
    rows = [
        f"| `{PREFIX}{field.encode_name.upper()}` | {_default(field)} | {_allowed(field)} | {_description(field)} |"
        for field in _fields()
    ]
    return "\n".join(
        [_SETTINGS_HEAD, "| variable | default | allowed | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    )


def _describe_error(error: msgspec.ValidationError, given: Mapping[str, object], chosen: Mapping[str, object]) -> str:
    """Which setting is invalid, its value and what is allowed."""
    message = str(error)
    for field in _fields():
        name = field.encode_name
        where = _option(name) if name in chosen else f"{PREFIX}{name.upper()}"
        if message.endswith(f"`$.{name}`"):
            shown = "" if name in _SECRET else f" (it is {given.get(name)!r})"
            return f"{where} must be {_allowed(field)}{shown}"
        if message.startswith(f"{name}: "):
            return f"{where}: {message.removeprefix(f'{name}: ')}"
    return message


def _fields() -> tuple[inspect.Field, ...]:
    kind = inspect.type_info(Settings)
    return kind.fields if isinstance(kind, inspect.StructType) else ()


def _described(field: inspect.Field) -> tuple[inspect.Type, str]:
    kind, description = field.type, ""
    while isinstance(kind, inspect.Metadata | inspect.UnionType):
        if isinstance(kind, inspect.Metadata):
            description, kind = (kind.extra_json_schema or {}).get("description", description), kind.type
        else:
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind, description


def _description(field: inspect.Field) -> str:
    return _described(field)[1]


def _allowed(field: inspect.Field) -> str:
    kind, _ = _described(field)
    if isinstance(kind, inspect.IntType):
        return f"a whole number from {kind.ge} to {kind.le}"
    if isinstance(kind, inspect.FloatType):
        return f"a number above {kind.gt} and up to {kind.le}"
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(map(str, kind.values))
    return "true or false" if isinstance(kind, inspect.BoolType) else "text"


def _default(field: inspect.Field) -> str:
    value: Any = field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value not in (None, "") else "none"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


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
        parts = urlsplit(text)
        is_valid = parts.scheme in schemes and (parts.netloc or name == "database_url") and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError(
            f"{name}: must be a URL that begins with {' or '.join(f'{one}://' for one in sorted(schemes))}"
        )
