"""What a verifier says of a token, by what it knows: no service, and time as the test says."""

import os
import threading
import time as system_time
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import msgspec
import pytest
from tests.clients import issuing
from tests.clients.issuing import BEAT, claims, knowing, signed, snapshot, told

from autional.core import ids
from autional_client.verifier import clock, knowledge
from autional_client.verifier.knowledge import Knowledge, Question
from autional_client.verifier.revoked import Numbers, Revoked
from autional_client.verifier.settings import pause_after
from autional_client.verifier.stream import Reader, Sent
from autional_client.verifier.verdict import Verdict

KEY = issuing.key("k1")
OTHER = issuing.key("k1")
ED = issuing.key("k2", "OKP")
RSA = issuing.key("k3", "RSA")


class Time:
    """Seconds that go on when the test says so."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(knowledge, "ticks", made)
    monkeypatch.setattr(clock, "ticks", made)
    return made


def reason(known: Knowledge, token: str) -> str:
    answer = known.judge(token)
    return answer.reason if isinstance(answer, Verdict) else f"ask for {answer.what}"


@pytest.mark.parametrize("key", [KEY, ED, RSA], ids=["ES256", "Ed25519", "RS256"])
def test_a_token_of_the_issuer_is_valid(key: Any) -> None:
    verdict = knowing(key).judge(signed(key, claims(act={"sub": "agent", "act": {"sub": "other"}})))
    assert isinstance(verdict, Verdict)
    assert verdict.valid
    assert verdict.basis == "feed"
    assert verdict.claims is not None
    assert verdict.claims.act is not None
    assert verdict.claims.act.act is not None
    assert verdict.claims.act.act.sub == "other"


def test_eddsa_is_another_name_of_ed25519() -> None:
    assert knowing(ED).judge(signed(ED, claims(), alg="EdDSA")).valid  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("expected", "token"),
    [
        ("bad_signature", lambda: signed(OTHER, claims())),
        ("bad_signature", lambda: signed(KEY, claims())[:-4] + "AAAA"),
        ("bad_signature", lambda: signed(KEY, claims()).rpartition(".")[0] + "." + issuing.base64url(b"\x30\x06")),
        ("bad_signature", lambda: signed(KEY, claims()).rpartition(".")[0] + "."),
        ("bad_signature", lambda: signed(KEY, claims(), crit=["x"], x=1)),
        ("wrong_type", lambda: signed(KEY, claims(), typ="JWT")),
        ("wrong_type", lambda: signed(KEY, claims(), typ=None)),
        ("wrong_type", lambda: signed(KEY, claims(), typ="logout+jwt")),
        ("wrong_issuer", lambda: signed(KEY, claims(iss="https://sessions.example/other"))),
        ("wrong_issuer", lambda: signed(KEY, claims(iss=issuing.ISSUER + "/"))),
        ("wrong_audience", lambda: signed(KEY, claims(aud="shop"))),
        ("wrong_audience", lambda: signed(KEY, claims(aud=["shop", "autional2"]))),
        ("wrong_audience", lambda: signed(KEY, claims(aud=[]))),
        ("malformed", lambda: signed(KEY, claims(aud=None))),
        ("malformed", lambda: signed(KEY, claims(exp=None))),
        ("malformed", lambda: signed(KEY, claims(exp="tomorrow"))),
        ("malformed", lambda: signed(KEY, claims(sub=None))),
        ("malformed", lambda: signed(KEY, claims(jti="!"))),
        ("malformed", lambda: signed(KEY, claims()) + "="),
        ("malformed", lambda: signed(KEY, claims()) + "\n"),
        ("malformed", lambda: "a.b"),
        ("malformed", lambda: "é" * 40),
        ("malformed", lambda: "." * 100),
        ("malformed", lambda: "a" * 20_000),
        ("malformed", lambda: issuing.base64url(b"[]") + ".e30.AA"),
        ("lifetime_too_long", lambda: signed(KEY, claims(exp=claims()["iat"] + 86_401))),
    ],
)
def test_what_is_not_one_is_not(expected: str, token: Any) -> None:
    assert reason(knowing(KEY), token()) == expected


def test_the_key_fixes_the_algorithm() -> None:
    head = issuing.base64url(b'{"alg":"none","typ":"at+jwt","kid":"k1"}')
    body = signed(KEY, claims()).split(".")[1]
    for algorithm in ("none", "HS256", "RS256", "ES384"):
        head = issuing.base64url(f'{{"alg":"{algorithm}","typ":"at+jwt","kid":"k1"}}'.encode())
        assert reason(knowing(KEY), f"{head}.{body}.{signed(KEY, claims()).split('.')[2]}") == "bad_signature"


def test_times_count_with_the_leeway_and_not_beyond(time: Time) -> None:
    known = knowing(KEY, leeway=5)
    now = claims()["iat"]
    known.clock.set_by({"date": "Thu, 01 Jan 1970 00:00:00 GMT"})
    for at, said in ((-6, "not_yet_valid"), (-4, "valid"), (3604, "valid"), (3605, "expired")):
        known.clock._ahead = now + at - time.at
        known._heard_at = time.at
        assert reason(known, signed(KEY, claims(iat=now, nbf=now, exp=now + 3600))) == said, at


def test_a_host_whose_clock_is_wrong_judges_by_that_of_the_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(KEY, claims())
    real = system_time.time()
    for off in (-86_400, -7_200, 7_200, 86_400):
        monkeypatch.setattr(system_time, "time", lambda off=off: real + off)
        known = knowing(KEY)
        assert reason(known, token) in {"expired", "not_yet_valid"}
        known.clock.set_by({"date": formatdate(real - 7, usegmt=True), "age": "7"})
        assert reason(known, token) == "valid"


def test_each_way_to_end_ends_what_it_should() -> None:
    session, other = ids.new_id("sess"), ids.new_id("sess")
    mine, raised = claims(session_id=session), claims(session_id=session, gen=[0, 1])
    exchanged = claims(session_id=session, ancestors=[mine["jti"]])
    elsewhere, operator = claims(session_id=other), claims(session_id=None)
    all_of_them = {"mine": mine, "raised": raised, "exchanged": exchanged, "elsewhere": elsewhere, "operator": operator}

    def over(*events: Sent) -> set[str]:
        known = knowing(KEY)
        for event in events:
            assert known.hear(event)
        return {name for name, one in all_of_them.items() if reason(known, signed(KEY, one)) != "valid"}

    assert over() == set()
    assert over(told("session.revoked", session_id=session)) == {"mine", "raised", "exchanged"}
    assert over(told("session.assurance_changed", session_id=session, generation=1)) == {"mine", "exchanged"}
    assert over(told("session.tokens_revoked", session_id=session, generation=2)) == {"raised"}
    assert over(told("session.tokens_revoked", session_id=session)) == {"mine", "raised", "exchanged"}
    assert over(told("token.revoked", token_id=mine["jti"])) == {"mine", "exchanged"}
    assert over(told("token.revoked", token_id=operator["jti"])) == {"operator"}
    assert over(told("token.revoked", token_id=mine["jti"]), told("token.restored", token_id=mine["jti"])) == {
        "mine",
        "exchanged",
    }
    assert over(told("user.tokens_revoked", user_id="usr_1")) == set()  # each of its sessions is told of too
    assert over(told("tenant.tokens_revoked", generation=1)) == set(all_of_them)
    assert over(told("tenant.tokens_revoked", generation=0, token_type="refresh")) == set()
    assert over(told("tenant.tokens_revoked", disabled=True)) == set(all_of_them)
    assert over(told("tenant.tokens_revoked", disabled=True), told("tenant.restored")) == set()
    assert over(told("something.new", session_id=session)) == set()
    assert over(Sent("w3", "end", b'{"reason":"tenant-not-found"}')) == set(all_of_them)


def test_a_snapshot_says_the_same() -> None:
    session = ids.new_id("sess")
    mine, raised = claims(session_id=session), claims(session_id=session, gen=[0, 1])
    known = knowing(KEY)
    assert known.take(snapshot((session, 1), more=True)) == "w1"
    assert reason(known, signed(KEY, mine)) == "valid", "half a snapshot is none"
    assert known.take(snapshot((raised["jti"], 0))) is None
    assert [reason(known, signed(KEY, one)) for one in (mine, raised)] == ["revoked", "revoked"]
    assert reason(known, signed(KEY, claims(session_id=session, gen=[0, 1]))) == "valid"
    assert known.take(snapshot(generation=3)) is None
    assert reason(known, signed(KEY, claims(gen=[2, 0]))) == "revoked"
    assert reason(known, signed(KEY, claims(gen=[3, 0]))) == "valid"
    assert known.take(snapshot(disabled=True)) is None
    assert reason(known, signed(KEY, claims())) == "tenant_disabled"


@pytest.mark.parametrize(
    ("rule", "said"), [("refuse", "status_unknown"), ("ask", "ask for token"), ("accept", "valid")]
)
def test_silence_is_judged_as_the_caller_chose(time: Time, rule: Any, said: str) -> None:
    known = knowing(KEY, on_silence=rule, silence=10)
    known.clock._ahead = claims()["iat"] + 1 - time.at
    token, gone = signed(KEY, claims()), claims()
    known.hear(told("session.revoked", session_id=gone["session_id"]))
    time.at += 10
    assert reason(known, token) == "valid"
    time.at += 0.1
    assert reason(known, token) == said
    assert reason(known, signed(KEY, gone)) == "revoked", "what is known to be over is not asked about"
    answer = known.judge(token)
    assert rule != "accept" or (isinstance(answer, Verdict) and answer.basis == "accepted")
    assert rule != "ask" or isinstance(answer, Question)


def test_a_stream_that_begins_has_not_yet_been_heard(time: Time) -> None:
    known = knowing(KEY)
    time.at += 60
    known.begin_stream()
    for event in (BEAT, told("session.revoked", session_id=ids.new_id("sess"))):
        known.hear(event)
        assert known.silent_for == 60, "there may be more that was missed"
    known.hear(BEAT)
    assert known.silent_for == 0
    time.at += 3
    known.hear(Sent("", "end", b'{"reason":"shutdown"}'))
    assert known.silent_for == 3
    assert known.last_event_id == "w1"


def test_a_late_beat_is_heard_as_late_as_it_is(time: Time) -> None:
    known = knowing(KEY)
    known.clock._ahead = 1_000_000_000 - time.at
    time.at += 60
    known.begin_stream()
    known.hear(BEAT)
    known.hear(beat_at(1_000_000_060 - 25))
    assert known.silent_for == 25
    known.hear(beat_at(1_000_000_060 - 2))
    assert known.silent_for == 2


def beat_at(seconds: float, waiting: int = 0) -> Sent:
    said = {"position": 1, "at": datetime.fromtimestamp(seconds, UTC), "waiting_ms": waiting}
    return Sent("w1", "heartbeat", msgspec.json.encode(said))


def test_a_log_that_is_held_up_is_silence(time: Time) -> None:
    known = knowing(KEY)
    known.clock._ahead = 1_000_000_000 - time.at
    time.at += 60
    known.begin_stream()
    for beat in (BEAT, beat_at(1_000_000_060, waiting=2500), Sent("", "heartbeat", b"nonsense")):
        known.hear(beat)
        assert known.silent_for == 60
    known.hear(beat_at(1_000_000_060, waiting=1500))
    assert known.silent_for == 0


def test_an_event_that_cannot_be_read_is_none_that_can_be_left_out() -> None:
    assert knowing(KEY).hear(Sent("w2", "session.revoked", b"nonsense")) is False


def test_one_answer_that_the_tenant_is_gone_is_asked_about_again() -> None:
    known = knowing(KEY)
    known.note_refusal("tenant-not-found")
    assert reason(known, signed(KEY, claims())) == "tenant_disabled"
    assert known.last_event_id is None
    known.take(snapshot())
    assert reason(known, signed(KEY, claims())) == "valid"


def test_a_token_that_is_nested_deep_is_malformed() -> None:
    deep = issuing.base64url(b'{"alg":"ES256","x":' + b"[" * 3000 + b"]" * 3000 + b"}")
    assert reason(knowing(KEY), f"{deep}.e30.AA") == "malformed"


def test_a_log_that_cannot_be_continued_is_read_anew() -> None:
    gone = claims()
    known = knowing(KEY)
    known.hear(told("session.revoked", session_id=gone["session_id"]))
    assert known.hear(Sent("w9", "reset", b"{}")) is False
    known.begin_anew()
    assert known.last_event_id is None
    assert reason(known, signed(KEY, gone)) == "revoked", "what was known counts until all is read"
    known.take(snapshot((gone["session_id"], 0)))
    assert reason(known, signed(KEY, gone)) == "revoked"


def test_endings_are_forgotten_when_no_token_can_be_that_old(time: Time) -> None:
    made = Revoked(100, time.at)
    made.fill(ids.stored(ids.new_id("sess")) + bytes(4))
    for later, left in ((99, 1), (100, 1), (199, 1), (200, 0)):
        made.forget(time.at + later)
        assert len(made) == left, later


def test_keys_change_without_a_token_refused_and_retired_ones_are_gone() -> None:
    new = issuing.key("new")
    known = knowing(KEY)
    assert reason(known, signed(new, claims())) == "ask for keys"
    assert known.judge(signed(new, claims()), is_final=True) == Verdict("unknown_key")
    known.keys.read(issuing.jwks(KEY, new))
    assert [reason(known, signed(one, claims())) for one in (KEY, new)] == ["valid", "valid"]
    known.keys.read(issuing.jwks(new))
    assert known.judge(signed(KEY, claims()), is_final=True) == Verdict("unknown_key")
    for broken in (
        b"",
        b"<html>",
        b'{"keys":[]}',
        b'{"keys":[{"kty":"oct","kid":"k","k":"AA"}]}',
        b'{"keys":3}',
        b"null",
    ):
        with pytest.raises(ValueError, match=r"."):
            known.keys.read(broken)
    assert reason(known, signed(new, claims())) == "valid", "the last good keys stay"


def test_a_flood_of_unknown_keys_asks_seldom(time: Time) -> None:
    known = knowing(KEY)
    flood = [signed(KEY, claims(), kid=f"x{number}") for number in range(100)]
    asked = 0
    for second in range(60):
        time.at += 1
        for token in flood[second::60]:
            answer = known.judge(token)
            assert isinstance(answer, Question)
            asked += known.may_find_out(answer)
    assert asked <= 6
    assert len(known.keys.set._by_head) <= 64  # type: ignore[union-attr]


def test_without_keys_nobody_is_let_in(time: Time) -> None:
    known = Knowledge(knowing(KEY).expectation, 10, "accept")
    assert reason(known, signed(KEY, claims())) == "ask for keys"
    assert known.judge(signed(KEY, claims()), is_final=True) == Verdict("status_unknown")
    assert not known.is_ready


def test_numbers_are_a_set() -> None:
    chosen = [int.from_bytes(os.urandom(8)) for _ in range(20_000)] + [1, (1 << 64) - 1]
    made = Numbers()
    for number in chosen + chosen:
        made.add(number)
    assert all(number in made for number in chosen)
    assert len(made) == len(set(chosen))
    assert sum(int.from_bytes(os.urandom(8)) in made for _ in range(20_000)) == 0


def test_a_stream_is_read_in_any_pieces() -> None:
    text = b'id: a\nevent: heartbeat\ndata: {"x":1}\n\n\n\nid:b\nevent:session.revoked\ndata:{}\n\n'
    expected = [Sent("a", "heartbeat", b'{"x":1}'), Sent("b", "session.revoked", b"{}")]
    for size in range(1, len(text)):
        reader = Reader()
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert [sent for piece in pieces for sent in reader.read(piece)] == expected
    with pytest.raises(ValueError, match="without end"):
        Reader().read(b"x" * (2 << 20))


def test_a_listener_never_waits_long_however_often_it_failed() -> None:
    for failures in (1, 10, 1024, 10**9):
        assert 0 < pause_after(failures, was_refused=False) <= 2
        assert 0 < pause_after(failures, was_refused=True) <= 5


def test_threads_that_sign_out_lose_nothing_of_what_a_listener_adds() -> None:
    made, names = Revoked(100, 0), [[ids.new_id("sess") for _ in range(3000)] for _ in range(4)]

    def add(own: list[str]) -> None:
        for name in own:
            made.add(name)

    threads = [threading.Thread(target=add, args=(own,)) for own in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 12_000
