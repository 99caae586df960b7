"""Ory Hydra, on PostgreSQL; it has no statistics, and its logins are the client's own (client credentials)."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from benchmarks.http_load import Load, load, request
from benchmarks.peers.peer import NotMeasuredError, Peer, free_port, process, run, wait_for

FORM = "application/x-www-form-urlencoded"
MODULE, VERSION = "github.com/ory/hydra/v2", "v2.3.0"
REFRESHABLE = 1_400
TOKENS = 2_000
REDIRECT = "http://127.0.0.1/callback"


def built(folder: Path) -> str:
    """The program, built from its module. Raises NotMeasuredError."""
    if kept := os.environ.get("BENCH_HYDRA"):
        return kept
    environment = os.environ | {"GOFLAGS": "-mod=mod", "GOWORK": "off"}
    (folder / "go.mod").write_text("module bench\n\ngo 1.22\n")
    at = ["go", "-C", str(folder)]
    run([*at, "get", f"{MODULE}@{VERSION}"], environment, 600)
    source = run([*at, "list", "-m", "-f", "{{.Dir}}", MODULE], environment, 60).strip()
    for line in (Path(source) / "go.mod").read_text().splitlines():
        if line.startswith("replace ") and "=> ./" not in line:  # those of a dependency do not count by themselves
            old, new = line.removeprefix("replace ").split(" => ")
            run([*at, "mod", "edit", f"-replace={old}={new.replace(' ', '@')}"], environment, 60)
    run([*at, "build", "-o", str(folder / "hydra"), MODULE], environment, 1800)
    return str(folder / "hydra")


@contextmanager
def hydra(folder: Path, database_host: str) -> Iterator[Peer]:
    """A warm Hydra with tokens, for the length of the block. Raises NotMeasuredError."""
    program, public, admin, log = built(folder), free_port(), free_port(), folder / "hydra.log"
    environment = os.environ | {
        "DSN": f"postgres://autional@{database_host}/hydra?sslmode=disable",
        "SECRETS_SYSTEM": "a-secret-of-a-benchmark",
        "URLS_SELF_ISSUER": f"http://127.0.0.1:{public}",
        "URLS_LOGIN": "http://127.0.0.1/login",
        "URLS_CONSENT": "http://127.0.0.1/consent",
        "SERVE_PUBLIC_PORT": str(public),
        "SERVE_ADMIN_PORT": str(admin),
        "SERVE_PUBLIC_HOST": "127.0.0.1",
        "SERVE_ADMIN_HOST": "127.0.0.1",
        "LOG_LEVEL": "error",
        "SQA_OPT_OUT": "true",
    }
    run([program, "migrate", "sql", "-e", "--yes"], environment, 300)
    with process([program, "serve", "all", "--dev"], environment, log) as started:
        wait_for(f"http://127.0.0.1:{admin}/health/ready", started, log)
        measured = Hydra(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{admin}", started.pid)
        yield Peer(f"Ory Hydra {VERSION}", measured.operations())


class Hydra:
    """Loads of Hydra, each as close to one of our operations as it has."""

    def __init__(self, public: str, admin: str, pid: int) -> None:
        self._public, self._admin, self._pid = public, admin, pid
        self._http = httpx.Client(trust_env=False, timeout=60)
        client = {
            "client_secret": "bench-secret",
            "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "offline",
            "redirect_uris": [REDIRECT],
            "token_endpoint_auth_method": "client_secret_basic",
        }
        answer = self._http.post(f"{admin}/admin/clients", json=client)
        if answer.status_code != 201:
            raise NotMeasuredError(f"the client was refused: {answer.text[:300]}")
        self._client = str(answer.json()["client_id"])
        basic = base64.b64encode(f"{self._client}:bench-secret".encode()).decode()
        self._basic = {"Authorization": f"Basic {basic}"}
        self._refresh = [self._refresh_token() for _ in range(REFRESHABLE)]
        self._access = [self._token({"grant_type": "client_credentials"})["access_token"] for _ in range(TOKENS)]

    def operations(self) -> dict[str, Any]:
        """By the names of our own operations."""
        return {"create": self.client_credentials, "refresh": self.refresh, "introspect": self.introspect}

    def client_credentials(self, callers: int, seconds: float) -> Load:
        """A token of the client itself, the cheapest that it issues."""
        sent = request("POST", "/oauth2/token", self._basic, b"grant_type=client_credentials", FORM)
        return load(self._public, [sent], callers, seconds, [self._pid])

    def refresh(self, callers: int, seconds: float) -> Load:
        """The refresh grant, with rotation; none twice."""
        share = REFRESHABLE // 7  # a warm-up, then three rounds with two numbers of callers
        taken, self._refresh = self._refresh[:share], self._refresh[share:]
        forms = [urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode() for token in taken]
        sent = [request("POST", "/oauth2/token", self._basic, form, FORM) for form in forms]
        return load(self._public, sent, callers, seconds, [self._pid], once=True)

    def introspect(self, callers: int, seconds: float) -> Load:
        """RFC 7662, of many tokens in turn."""
        sent = [
            request("POST", "/admin/oauth2/introspect", {}, f"token={token}".encode(), FORM) for token in self._access
        ]
        return load(self._admin, sent, callers, seconds, [self._pid])

    def _token(self, form: dict[str, str]) -> dict[str, str]:
        answer = self._http.post(f"{self._public}/oauth2/token", headers=self._basic, data=form)
        answer.raise_for_status()
        made: dict[str, str] = answer.json()
        return made

    def _refresh_token(self) -> str:
        """Through the authorization code grant, whose login and consent are accepted here."""
        self._http.cookies.clear()
        asked = {"client_id": self._client, "response_type": "code", "scope": "offline", "redirect_uri": REDIRECT}
        where = f"{self._public}/oauth2/auth?{urlencode(asked | {'state': 'a-state-of-eight'})}"
        for step, accepted in (("login", {"subject": "bench"}), ("consent", {"grant_scope": ["offline"]})):
            challenge = self._redirected(where)[f"{step}_challenge"]
            accept = f"{self._admin}/admin/oauth2/auth/requests/{step}/accept"
            answer = self._http.put(accept, params={f"{step}_challenge": challenge}, json=accepted)
            answer.raise_for_status()
            where = answer.json()["redirect_to"]
        code = self._redirected(where)["code"]
        return self._token({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT})[
            "refresh_token"
        ]

    def _redirected(self, url: str) -> dict[str, str]:
        location = self._http.get(url).headers["location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
