from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from autional.core import ids

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
instants = st.integers(0, 75 * 365 * 24 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(instants, st.integers(min_value=1, max_value=10**9), st.text(max_size=128))
def test_ids_sort_by_time(now: datetime, later: int, user_id: str) -> None:
    assert ids.new_id("sess", now, user_id) < ids.new_id("sess", now + timedelta(milliseconds=later), user_id)


def test_ids_of_one_user_share_their_ten_bits_and_never_repeat() -> None:
    made = [ids.new_id("sess", NOW, "usr_abc123") for _ in range(1000)]
    assert len(set(made)) == 1000
    assert len({name[len("sess_") + 10 :][:1] for name in made}) <= 2
    assert all(len(name) == len("sess_") + 26 for name in made)


def test_a_secret_carries_its_id_and_is_stored_as_a_hash() -> None:
    secret = ids.new_secret("key", NOW)
    assert ids.secret_id(secret.text, "key") == secret.id
    assert ids.equal_hashes(ids.sha256(secret.text), secret.digest)
    assert not ids.equal_hashes(ids.sha256(secret.text + "x"), secret.digest)


def test_what_does_not_look_like_a_secret_has_no_id() -> None:
    for text in ("", "key_1", "key_1.", "tok_1.x", ".x", "key_1.é", "key_1." + "x" * 300):
        assert ids.secret_id(text, "key") is None
