from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from autional.core import ids
from autional.postgres.database import Database

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


@given(st.sampled_from(["sess", "tok"]), instants)
def test_an_id_is_the_same_in_its_column_and_in_its_text(prefix: str, now: datetime) -> None:
    text = ids.new_id(prefix, now)
    assert ids.from_stored(ids.stored(text)) == ids.from_uuid(ids.as_uuid(text)) == text


@given(st.integers(0, 31))
def test_a_beginning_stands_for_a_range_of_ids(length: int) -> None:
    text = ids.new_id("sess", NOW)
    first, last = ids.first_and_last(text[: max(length, len("sess_"))])
    assert first.bytes <= ids.stored(text) <= last.bytes


def test_no_other_text_is_read_as_an_id() -> None:
    number = ids.new_id("sess", NOW)[len("sess_") :]
    others = [
        f"tok_{number}",
        f"key_{number}",
        number,
        f"sess_{number.lower()}",
        f"sess_{number}0",
        f"sess_9{number[1:]}",
    ]
    others += [f"sess_{number[:-1]}{letter}" for letter in ("I", "_", "é", "٣", " ")] + [
        "",
        "sess_",
        "sess_" + "_" * 26,
    ]
    assert {ids.stored(text) for text in others} == {ids.NO_ID}


async def test_the_database_writes_ids_as_the_service_does(database: Database) -> None:
    made = [ids.new_id(prefix) for prefix in ("sess", "tok") for _ in range(50)]
    async with database.transaction() as queries:
        rows = await queries.composed(
            "select id, id_text(id) as text from unnest($1::uuid[]) with ordinality as x (id, turn) order by turn", made
        )
    assert [(row["id"], row["text"]) for row in rows] == [(text, text) for text in made]
