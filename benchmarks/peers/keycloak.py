"""Keycloak, in production mode on PostgreSQL, with its session cache as shipped."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx

from benchmarks.http_load import Load, load, request
from benchmarks.peers.peer import NotMeasuredError, Peer, free_port, process, run, wait_for

FORM = "application/x-www-form-urlencoded"
USERS = 1_000
LOGINS = 4_000
REALM = "bench"
CLIENT = {"client_id": "bench", "client_secret": "bench"}
ARTIFACT = "org.keycloak:keycloak-quarkus-dist"
NEWEST = "26.7.3"
ADMIN = "bench-admin"
_AUDIENCE = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.client.audience": CLIENT["client_id"], "access.token.claim": "true"},
}
"""Only a client in the audience of a token may introspect it."""


def fetched(folder: Path) -> Path:
    """The distribution, unpacked; fetched by Maven. Raises NotMeasuredError."""
    environment = dict(os.environ)
    run(
        ["mvn", "-q", "-B", "dependency:get", f"-Dartifact={ARTIFACT}:{NEWEST}:zip", "-Dtransitive=false"],
        environment,
        600,
    )
    copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}:{NEWEST}:zip", f"-DoutputDirectory={folder}"]
    run(copy, environment, 300)
    archive = next(folder.glob("keycloak-quarkus-dist-*.zip"))
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder)
    home = next(folder.glob("keycloak-[0-9]*"))
    shutil.copymode("/bin/sh", home / "bin" / "kc.sh")
    return home


@contextmanager
def keycloak(folder: Path, database_host: str) -> Iterator[Peer]:
    """A warm Keycloak with users, sessions and tokens, for the length of the block. Raises NotMeasuredError."""
    home, port, log = fetched(folder), free_port(), folder / "keycloak.log"
    environment = os.environ | {
        "KC_DB_URL": f"jdbc:postgresql://{database_host}/keycloak",
        "KC_DB_USERNAME": "autional",
        "KC_DB_PASSWORD": "none",
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN,
    }
    script = str(home / "bin" / "kc.sh")
    run([script, "build", "--db=postgres"], environment, 300)
    hostname = f"--hostname=http://127.0.0.1:{port}"  # the issuer, whatever Host a request names
    options = ["--http-enabled=true", hostname, "--http-host=127.0.0.1", f"--http-port={port}"]
    with process([script, "start", "--optimized", *options], environment, log) as started:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/realms/master", started, log)
        _set_up(address)
        yield Peer(f"Keycloak {NEWEST}", Keycloak(address, started.pid).operations())


class Keycloak:
    """Loads of Keycloak, each as close to one of our operations as it has."""

    def __init__(self, address: str, pid: int) -> None:
        self._address, self._pid = address, pid
        self._logins = 0
        self._http = httpx.Client(trust_env=False, timeout=60)
        pairs = [self._signed_in() for _ in range(LOGINS)]
        self._access = [pair["access_token"] for pair in pairs]
        self._refresh = [pair["refresh_token"] for pair in pairs]
        self._must_be_active(self._access[-1])

    def operations(self) -> dict[str, Any]:
        """By the names of our own operations."""
        return {
            "create": self.login,
            "refresh": self.refresh,
            "introspect": self.introspect,
            "statistics": self.statistics,
        }

    def login(self, callers: int, seconds: float) -> Load:
        """The password grant; one iteration of the hash leaves its cost out."""
        sent = [self._token_request({"grant_type": "password"} | _user(n)) for n in range(USERS)]
        return self._load(sent, callers, seconds)

    def refresh(self, callers: int, seconds: float) -> Load:
        """The refresh grant, with rotation; none twice."""
        share = LOGINS // 7
        taken, self._refresh = self._refresh[:share], self._refresh[share:]
        sent = [self._token_request({"grant_type": "refresh_token", "refresh_token": token}) for token in taken]
        return self._load(sent, callers, seconds, once=True)

    def introspect(self, callers: int, seconds: float) -> Load:
        """RFC 7662, of many tokens in turn."""
        path = f"/realms/{REALM}/protocol/openid-connect/token/introspect"
        sent = [
            request("POST", path, {}, urlencode({"token": token} | CLIENT).encode(), FORM) for token in self._access
        ]
        return self._load(sent, callers, seconds)

    def statistics(self, callers: int, seconds: float) -> Load:
        """The number of sessions by client, as the console shows it."""
        bearer = {"Authorization": f"Bearer {_admin_token(self._address)}"}
        return self._load([request("GET", f"/admin/realms/{REALM}/client-session-stats", bearer)], callers, seconds)

    def _must_be_active(self, token: str) -> None:
        path = f"{self._address}/realms/{REALM}/protocol/openid-connect/token/introspect"
        answer = self._http.post(path, data={"token": token} | CLIENT, headers={"Host": "localhost"})
        if answer.json().get("active") is not True:
            raise NotMeasuredError(f"its own token is not active: {answer.text[:300]}")

    def _signed_in(self) -> dict[str, str]:
        self._logins += 1
        answer = self._http.post(
            f"{self._address}/realms/{REALM}/protocol/openid-connect/token",
            data={"grant_type": "password"} | _user(self._logins % USERS) | CLIENT,
        )
        answer.raise_for_status()
        pair: dict[str, str] = answer.json()
        return pair

    def _token_request(self, form: dict[str, str]) -> bytes:
        path = f"/realms/{REALM}/protocol/openid-connect/token"
        return request("POST", path, {}, urlencode(form | CLIENT).encode(), FORM)

    def _load(self, sent: list[bytes], callers: int, seconds: float, *, once: bool = False) -> Load:
        return load(self._address, sent, callers, seconds, [self._pid], once=once)


def _user(number: int) -> dict[str, str]:
    return {"username": f"user{number}", "password": "secret"}


def _admin_token(address: str) -> str:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN}
    answer = httpx.post(f"{address}/realms/master/protocol/openid-connect/token", data=form, trust_env=False)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _set_up(address: str) -> None:
    """A realm with rotation of refresh tokens, a client, and users whose passwords cost nothing to check."""
    realm = {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "revokeRefreshToken": True,
        "accessTokenLifespan": 3600,
        "ssoSessionIdleTimeout": 86400,
        "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
        "clients": [
            {
                "clientId": CLIENT["client_id"],
                "secret": CLIENT["client_secret"],
                "directAccessGrantsEnabled": True,
                "serviceAccountsEnabled": True,
                "protocolMappers": [_AUDIENCE],
            }
        ],
        "users": [
            {
                "username": user["username"],
                "enabled": True,
                "email": f"{user['username']}@example.org",
                "firstName": "U",
                "lastName": "U",
                "credentials": [{"type": "password", "value": user["password"]}],
            }
            for user in map(_user, range(USERS))
        ],
    }
    bearer = {"Authorization": f"Bearer {_admin_token(address)}"}
    answer = httpx.post(f"{address}/admin/realms", headers=bearer, json=realm, trust_env=False, timeout=300)
    if answer.status_code != 201:
        raise NotMeasuredError(f"the realm was refused: {answer.text[:300]}")


async def fill(database_url: str, sessions: int) -> None:
    """Add sessions to those in the database, as copies of one, for the statistics."""
    connection = await asyncpg.connect(database_url)
    try:
        for table in ("offline_user_session", "offline_client_session"):
            named = "select column_name from information_schema.columns where table_name = $1"
            columns = [row["column_name"] for row in await connection.fetch(named, table)]
            shown = ["'bench-' || n" if name == "user_session_id" else f'template."{name}"' for name in columns]
            await connection.execute(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(shown)} from"
                f" (select {table}.* from {table} join realm on realm.id = realm_id where name = '{REALM}' limit 1)"
                " as template,"
                f" generate_series((select count(*) from {table}), {sessions - 1}) as n"
            )
            await connection.execute(f"analyze {table}")
    finally:
        await connection.close()
