"""Everything that a verifier knows, and what follows from it for a token. No input, no output."""

from typing import Literal, NamedTuple

from autional_client.schemas import SnapshotResponse
from autional_client.status_lists import (
    LONGEST,
    STATUS_LIST,
    VALID,
    StatusCache,
    StatusListError,
    reference_of,
    status_list_of,
)
from autional_client.verifier.clock import Clock, ticks
from autional_client.verifier.revoked import HELD_UP_MS, Revoked, beat_of, event_of
from autional_client.verifier.signatures import Expectation, KeySet, Refused
from autional_client.verifier.stream import Sent
from autional_client.verifier.verdict import Claims, Reason, Verdict

OnSilence = Literal["refuse", "ask", "accept"]
LONGEST_LIFE = 86_400.0
"""Seconds, until the service says for how long its access tokens live at most."""
KEYS_GOOD_FOR = 86_400.0
"""Seconds for which keys may be used that could not be read again."""
_UNKNOWN_KEYS_EVERY = 10.0
_NO_KEYS_EVERY = 1.0
_TENANT_GONE = "tenant-not-found"


class Question(NamedTuple):
    """What a verifier has to find out before there is a verdict."""

    what: Literal["keys", "token", "list"]
    claims: Claims | None = None
    uri: str = ""
    """Of a status list."""


class Keys:
    """The keys of the issuer as they were last read, and when to read them again."""

    def __init__(self) -> None:
        self.set: KeySet | None = None
        self.of_lists: KeySet | None = None
        """The same keys, for status lists."""
        self._jwks = b""
        self.read_at = float("-inf")
        self._asked_at = float("-inf")
        self.failures = 0
        """To read them, in a row."""

    def read(self, jwks: bytes) -> None:
        """Use what was just read; raises ValueError for what is no JWK Set, and goes on with the keys from before."""
        if jwks != self._jwks:
            self.set, self.of_lists, self._jwks = KeySet(jwks), KeySet(jwks, STATUS_LIST, LONGEST), jwks
        self.read_at = ticks()
        self.failures = 0

    @property
    def age(self) -> float:
        """Seconds since they were read."""
        return ticks() - self.read_at

    def may_ask_now(self) -> bool:
        """Whether to read them for a token that they do not verify: a flood of those asks seldom."""
        now = ticks()
        if now - self._asked_at < (_NO_KEYS_EVERY if self.set is None else _UNKNOWN_KEYS_EVERY):
            return False
        self._asked_at = now
        return True


class Knowledge:
    """What is known of an issuer: its keys, its time, and what it revoked."""

    def __init__(
        self, expectation: Expectation, silence: float, on_silence: OnSilence, lists: StatusCache | None = None
    ) -> None:
        self.expectation = expectation
        self.clock = Clock()
        self.keys = Keys()
        self.last_event_id: str | None = None
        self._lists = lists
        """Where status lists say what is revoked, and not the log."""
        self._silence = silence
        self._on_silence = on_silence
        self._revoked: Revoked | None = None
        self._filling: Revoked | None = None
        self._lifetime = LONGEST_LIFE
        self._heard_at = float("-inf")
        self._is_current = False
        self._has_begun = False

    @property
    def remembered(self) -> int:
        """How many endings are remembered."""
        return len(self._revoked) if self._revoked is not None else 0

    @property
    def is_filled(self) -> bool:
        """Whether all is known that could have ended a token, as far as it was heard."""
        return self._revoked is not None

    @property
    def is_current(self) -> bool:
        """Whether the stream said that nothing was missed."""
        return self._is_current

    @property
    def silent_for(self) -> float:
        """Seconds since the log was known to its end."""
        return ticks() - self._heard_at

    @property
    def is_ready(self) -> bool:
        """Whether a token can be judged by what is known: there are keys, and what was revoked before is known."""
        return self.keys.set is not None and (self.is_filled or self._lists is not None)

    def judge(self, token: str, *, is_final: bool = False) -> Verdict | Question:
        """What is to be said of a token, or what has to be found out first.

        With `is_final` that has been tried: only whether to ask about the token itself may still be open.
        """
        keys = self.keys.set
        if keys is None:
            return Verdict("status_unknown") if is_final else Question("keys")
        now = ticks()
        try:
            claims = keys.claims_of(token)
            self.expectation.must_hold(claims, self.clock.at(now))
        except Refused as refused:
            may_be_new = refused.reason == "unknown_key" and not is_final
            return Question("keys") if may_be_new else Verdict(refused.reason)
        ended = self._end_of(claims)
        if ended is not None:
            return Verdict(ended)
        if self._lists is None:
            return self._unless_silent(claims, now)
        return self._by_status_list(claims, self._lists, now, is_final=is_final)

    def _end_of(self, claims: Claims) -> Reason | None:
        if self._lists is None and claims.exp - claims.iat > self._lifetime:
            return "lifetime_too_long"
        return None if self._revoked is None else self._revoked.end_of(claims)

    def _by_status_list(self, claims: Claims, lists: StatusCache, now: float, *, is_final: bool) -> Verdict | Question:
        reference = reference_of(claims.status)
        if reference is None:
            return Verdict("no_status")
        found = lists.fresh(reference.uri, self._silence if is_final else 0.0)
        if found is None or now - self.keys.read_at > KEYS_GOOD_FOR:
            return self._in_silence(claims) if is_final else Question("list", claims, reference.uri)
        try:
            is_valid = found.at(reference.idx) == VALID
        except StatusListError:
            return Verdict("no_status")
        return Verdict("valid", claims, "status_list") if is_valid else Verdict("revoked")

    def may_find_out(self, question: Question) -> bool:
        """Whether to look for an answer now: a flood of tokens asks seldom."""
        if question.what == "keys":
            return self.keys.may_ask_now()
        return self._lists is not None and self._lists.may_ask(question.uri)

    def keep_list(self, uri: str, token: str) -> None:
        """Remember a status list that was just read; raises StatusListError for one that cannot be believed."""
        if self._lists is not None and self.keys.of_lists is not None:
            moment = self.clock.at(ticks())
            self._lists.keep(uri, status_list_of(token, uri, self.keys.of_lists, moment))

    def _unless_silent(self, claims: Claims, now: float) -> Verdict | Question:
        if now - self._heard_at <= self._silence and now - self.keys.read_at <= KEYS_GOOD_FOR:
            return Verdict("valid", claims, "feed")
        return self._in_silence(claims)

    def _in_silence(self, claims: Claims) -> Verdict | Question:
        if self._on_silence == "ask":
            return Question("token", claims)
        return Verdict("valid", claims, "accepted") if self._on_silence == "accept" else Verdict("status_unknown")

    def take(self, part: SnapshotResponse) -> str | None:
        """Take a part of a snapshot. The id after which the next part comes; None: it is whole, and counts from now."""
        if self._filling is None:
            self._filling = Revoked(part.longest_life + self.expectation.leeway, ticks())
        made = self._filling
        made.fill(part.ended)
        if part.has_next:
            return part.last_event_id
        made.generation, made.is_disabled = part.generation, part.disabled
        self._lifetime, self.last_event_id = float(part.longest_life), part.last_event_id
        self._revoked, self._filling = made, None
        self._heard_at = ticks()
        return None

    def begin_anew(self) -> None:
        """The log cannot be continued: a snapshot is needed. Until it is whole, what was known still counts."""
        self.last_event_id = self._filling = None

    def begin_stream(self) -> None:
        """A stream begins: what it says first is not yet that nothing was missed."""
        self._is_current = False
        self._has_begun = False

    def hear(self, sent: Sent) -> bool:
        """Learn from an event of the stream; False: the log cannot be continued, and a new snapshot is needed."""
        if sent.name == "reset":
            return False
        if sent.name == "heartbeat":
            self._hear_beat(sent)
        elif sent.name == "end":
            self._is_current = False
            self.note_refusal(sent.data.decode(errors="replace"))
        elif self._revoked is not None:
            event = event_of(sent.data)
            if event is None:  # nobody knows what it ended
                return False
            self._revoked.apply(event)
        if sent.name != "end":
            self.last_event_id = sent.id or self.last_event_id
        return True

    def _hear_beat(self, sent: Sent) -> None:
        """Nothing was missed up to when the log was looked at, however late it comes; a first beat does not say so."""
        beat, now = beat_of(sent.data), ticks()
        self._is_current, self._has_begun = self._has_begun and beat.waiting_ms < HELD_UP_MS, True
        if self._revoked is not None:
            self._revoked.forget(now)
        if self._is_current:
            late = self.clock.at(now) - beat.at.timestamp() if beat.at is not None else 0.0
            self._heard_at = max(self._heard_at, now - max(0.0, late))

    def note_end(self, claims: Claims) -> None:
        """This process has just ended the session of a token."""
        if self._revoked is not None:
            self._revoked.add(claims.session_id or claims.jti)

    def note_refusal(self, reason: str) -> None:
        """The service does not let this verifier listen; where the tenant is gone, nothing of it is valid."""
        if _TENANT_GONE in reason:
            if self._revoked is None:
                self._revoked = Revoked(self._lifetime, ticks())
            self._revoked.is_disabled = True
            self.begin_anew()  # until the service answers again, and says how it is then
