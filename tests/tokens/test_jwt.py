from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from autional.access import introspection
from autional.tokens.jwt import AccessClaims, Issuer, KeyRing, SigningKey, TokenError, TokenExpiredError
from autional.tokens.model import StatusKeys

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Signed:
    key: ECKey
    ring: KeyRing
    claims: AccessClaims


def signed() -> Signed:
    key = ECKey.generate_key("P-256")
    start = int(NOW.timestamp())
    claims = AccessClaims(
        iss="https://auth.test/acme",
        sub="usr_1",
        user_id="usr_1",
        tenant_id="acme",
        session_id="sess_1",
        jti="tok_1",
        type="access",
        role="admin",
        aud="autional",
        client_id="app",
        iat=start,
        nbf=start,
        exp=start + 60,
        auth_time=start,
        amr=["pwd"],
        acr="aal1",
    )
    return Signed(key, KeyRing([SigningKey("k1", "ES256", key)], "k1"), claims)


SIGNED = signed()


def forged(header: dict[str, Any], key: Any = SIGNED.key, algorithm: str = "ES256") -> str:
    given = {"alg": algorithm, "typ": "at+jwt", "kid": "k1"} | header
    return jwt.encode(given, msgspec.to_builtins(SIGNED.claims), key, algorithms=[algorithm])


def test_what_was_signed_verifies_and_a_changed_byte_does_not() -> None:
    token = SIGNED.ring.sign(SIGNED.claims)
    for _ in range(2):
        assert SIGNED.ring.verify(token).claims == SIGNED.claims
        with pytest.raises(TokenError):
            SIGNED.ring.verify(token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "é.é.é",
        "x" * 9000,
        forged({"typ": "JWT"}),
        forged({"kid": "k2"}),
        forged({"jku": "https://evil.test/jwks"}),
        forged({"jwk": SIGNED.key.as_dict(private=False)}),
        forged({}, key=ECKey.generate_key("P-256")),
        forged({}, key=OctKey.import_key(b"x" * 32), algorithm="HS256"),
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiazEifQ." + forged({}).split(".")[1] + ".",
        forged({})[:-4] + "AAAA",
    ],
)
def test_what_this_service_did_not_write_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        SIGNED.ring.verify(token)


@given(st.text(max_size=300))
def test_any_text_is_answered_by_a_token_error(text: str) -> None:
    with pytest.raises(TokenError):
        SIGNED.ring.verify(text)


def test_claims_hold_from_nbf_until_the_very_second_of_exp() -> None:
    introspection.check_time(SIGNED.claims, 0, NOW)
    introspection.check_time(SIGNED.claims, 0, NOW + 60 * SECOND - timedelta(microseconds=1))
    introspection.check_time(SIGNED.claims, 5, NOW + 65 * SECOND - timedelta(microseconds=1))
    introspection.check_time(SIGNED.claims, 5, NOW - 5 * SECOND)
    with pytest.raises(TokenExpiredError):
        introspection.check_time(SIGNED.claims, 0, NOW + 60 * SECOND)
    with pytest.raises(TokenExpiredError):
        introspection.check_time(SIGNED.claims, 5, NOW + 65 * SECOND)
    with pytest.raises(TokenError):
        introspection.check_time(SIGNED.claims, 0, NOW - SECOND)


def test_a_token_of_another_issuer_is_refused() -> None:
    token = SIGNED.ring.sign(SIGNED.claims)
    assert (
        Issuer(SIGNED.ring, "https://auth.test", "autional", b"r" * 32, StatusKeys(b"", b"")).read(token).claims
        == SIGNED.claims
    )
    with pytest.raises(TokenError):
        Issuer(SIGNED.ring, "https://other.test", "autional", b"r" * 32, StatusKeys(b"", b"")).read(token)
