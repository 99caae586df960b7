import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from autional.core import master_key
from autional.core.master_key import MasterKeyError
from autional.core.problems import Problem
from autional.core.settings import Settings
from autional.postgres.database import Database
from autional.tokens import signing_keys
from autional.tokens.jwt import AccessClaims

CLAIMS = AccessClaims(
    iss="https://auth.test",
    sub="usr_1",
    user_id="usr_1",
    tenant_id="acme",
    jti="tok_1",
    type="access",
    role="user",
    aud="autional",
    client_id="app",
    iat=1,
    nbf=1,
    exp=2,
    auth_time=1,
    amr=[],
    acr="aal1",
)
NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


def test_the_master_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"))
    first = master_key.master_key(settings)
    file = tmp_path / "data" / "master.key"
    assert len(first) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert master_key.master_key(settings) == first
    file.chmod(0o644)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        master_key.master_key(settings)


def test_a_master_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(MasterKeyError, match="AUTIONAL_MASTER_KEY"):
        master_key.master_key(Settings(master_key="c2hvcnQ"))


async def test_one_key_for_all_processes_sealed_at_rest(database: Database) -> None:
    master = b"m" * 32
    rings = await asyncio.gather(*(signing_keys.key_ring(database, master, "ES256", NOW) for _ in range(4)))
    stored = await database.rows("signing_keys")
    assert [ring.jwks["keys"][0]["kid"] for ring in rings] == [stored[0]["key_id"]] * 4
    assert all("d" not in ring.jwks["keys"][0] for ring in rings)
    assert b'"d"' not in stored[0]["sealed_private"]
    assert "d" not in stored[0]["public_jwk"]
    with pytest.raises(MasterKeyError, match="not the one"):
        await signing_keys.key_ring(database, b"x" * 32, "ES256", NOW)


async def test_an_ed25519_key_signs_and_verifies(database: Database) -> None:
    ring = await signing_keys.key_ring(database, b"m" * 32, "Ed25519", NOW)
    [published] = ring.jwks["keys"]
    assert (published["kty"], published["crv"], published["alg"]) == ("OKP", "Ed25519", "Ed25519")
    assert ring.verify(ring.sign(CLAIMS)).claims == CLAIMS


async def test_keys_rotate_by_age_and_retire_when_no_token_can_need_them(database: Database) -> None:
    master, day = b"m" * 32, timedelta(days=1)
    [first] = [jwk["kid"] for jwk in (await signing_keys.key_ring(database, master, "ES256", NOW)).jwks["keys"]]
    await signing_keys.rotate_by_age(database, master, "ES256", NOW + 89 * day)
    assert len(await signing_keys.list_keys(database)) == 1
    await signing_keys.rotate_by_age(database, master, "ES256", NOW + 91 * day)
    second = (await signing_keys.list_keys(database))[1].key_id
    early = await signing_keys.key_ring(database, master, "ES256", NOW + 91 * day)
    late = await signing_keys.key_ring(database, master, "ES256", NOW + 91 * day + signing_keys.PUBLISHED)
    assert (kid_of(early.sign(CLAIMS)), kid_of(late.sign(CLAIMS))) == (first, second)
    assert late.verify(early.sign(CLAIMS)).claims == early.verify(late.sign(CLAIMS)).claims == CLAIMS
    await signing_keys.rotate_by_age(database, master, "ES256", NOW + 123 * day)
    assert [key.retired_at is None for key in await signing_keys.list_keys(database)] == [False, True]
    with pytest.raises(Problem):
        await signing_keys.retire(database, second, NOW + 123 * day)


def kid_of(token: str) -> str:
    kid: str = jwt.get_unverified_header(token)["kid"]
    return kid
