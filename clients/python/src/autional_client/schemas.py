"""What requests and answers are made of. Generated from the service's table of operations: do not edit."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from autional_client.model import Model

Data = TypeVar("Data")


class AccessTokenResponse(Model):
    """A new access token of a session."""

    access_token: str
    """A signed access token (RFC 9068)."""
    expires_in: int
    """Seconds until the access token expires."""
    token_type: str = "Bearer"
    """Type of the token."""


class ActiveCountResponse(Model):
    """The number of active sessions."""

    count: int
    """Active sessions of the tenant."""
    timestamp: datetime
    """When the answer was made."""


class ActiveSessionStatus(Model):
    """Whether a user is signed in, and in how many sessions."""

    active: bool
    """Whether the user has an active session."""
    session_count: int
    """Active sessions of the user."""


class Actor(Model):
    """Who acts for the user, and for whom that one acts (RFC 8693 §4.1)."""

    sub: str
    """Id of the agent."""
    act: "Actor | None" = None
    """For whom that one acts."""


class AlertNumbers(Model):
    """So many in an hour, and so many expected."""

    measure: str
    """logins, revocations, reuse (of refresh tokens) or risk (logins of high risk)."""
    count: int
    """Active sessions of the tenant."""
    expected: float
    """How many there were in the same hour of the last weeks, on average."""


class AlertResponse(Model):
    """Something was unusual, until its end."""

    id: str
    """The id."""
    measure: str
    """logins, revocations, reuse (of refresh tokens) or risk (logins of high risk)."""
    at: datetime
    """When it was raised."""
    count: int
    """How many there were in an hour."""
    expected: float
    """How many there were in the same hour of the last weeks, on average."""
    ended_at: datetime | None = None
    """When it was not unusual any more."""


class AlertRuleBody(Model):
    """What is unusual: more in an hour than so many times the same hour of the last weeks."""

    measure: str
    """logins, revocations, reuse (of refresh tokens) or risk (logins of high risk)."""
    factor: float = 3.0
    """How many times the same hour of the last weeks is unusual."""
    minimum: int = 20
    """Fewer in an hour are never unusual."""


class AlertsResponse(Model):
    """The rules of a tenant, and its latest alerts."""

    rules: list[AlertRuleBody]
    """What is unusual, one rule for each measure."""
    items: list[AlertResponse]
    """The latest alerts, those that go on first."""
    timestamp: datetime
    """When the answer was made."""


class PageInfo(Model):
    """Where a part is in its list. Without a page number if it was asked for by cursor.

    `total` is counted up to a bound (`total_is_exact`). `is_cut` says that the search for a filter stopped at a bound
    before the page was full: `next_cursor` goes on there."""

    page_size: int
    """Items per page."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    total_pages: int
    """Number of pages, as far as `total` says."""
    has_next: bool
    """Whether there is more."""
    has_prev: bool
    """Whether there was something before."""
    page: int | None = None
    """Number of the page, from 1."""
    next_cursor: str | None = None
    """The `cursor` of the next part; absent at the end."""
    total_is_exact: bool = True
    """False where counting stopped at a bound; otherwise left out."""
    is_cut: bool = False
    """True where the search for a filter stopped at a bound before the page was full, which may be empty; only `next_cursor` goes on there. Otherwise left out."""


class ApiKeyResponse(Model):
    """An API key without its secret; valid for every tenant without `tenant_ids`."""

    id: str
    """The id."""
    name: str
    """Display name."""
    role: str
    """Role of the user."""
    created_at: datetime
    """When it was created."""
    tenant_ids: list[str] | None = None
    """The tenants that the key is valid for."""
    revoked_at: datetime | None = None
    """When it was revoked."""


class ApiKeyListResponse(Model):
    """Part of the API keys."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[ApiKeyResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class AuditEntry(Model):
    """An entry of the audit log."""

    sequence: int
    """Number of the entry, from 1 without gaps."""
    at: datetime
    """When it happened."""
    action: str
    """Kind of the audited action."""
    request_id: str
    """Id of the request, as in the logs."""
    hash: str
    """Hash that chains the entry to the one before."""
    details: dict[str, Any]
    """Who did it, from where, to what, and what was before and after."""
    erased: bool
    """Whether something personal was erased from the entry; it is null in `details`."""


class AuditListResponse(Model):
    """Part of the audit log, newest first."""

    items: list[AuditEntry]
    """The items of this part."""
    timestamp: datetime
    """When the answer was made."""
    next_cursor: str | None = None
    """The `cursor` of the next part; absent at the end."""


class RevocationPreview(Model):
    """What a filter selects, and the token that confirms the revocation."""

    sessions: int
    """Sessions that the filter selects."""
    users: int
    """Users whose sessions the filter selects."""
    by_device_type: dict[str, int]
    """Numbers by device type."""
    by_status: dict[str, int]
    """Numbers by status."""
    revocable: int
    """Selected sessions that are active: as many as would be ended."""
    dry_run_token: str
    """The token of a dry run of the same filter within the last 15 minutes."""
    expires_at: datetime
    """When it ends."""


class JobResponse(Model):
    """A job that revokes many sessions, and its progress."""

    id: str
    """The id."""
    state: str
    """State of the job."""
    reason: str
    """Why it was ended; free text."""
    requested_by: str
    """Who asked for the job."""
    filter: dict[str, Any]
    """What the revoked sessions had in common."""
    total: int
    """Sessions that the job set out to end."""
    done: int
    """Sessions that the job has ended."""
    already_ended: int
    """Sessions that had ended by themselves before their turn."""
    created_at: datetime
    """When it was created."""
    finished_at: datetime | None = None
    """When the job ended."""


class BatchRevokeResponse(Model):
    """What became of the named sessions, what a filter selects, or the job that revokes them."""

    total: int
    """Sessions that were named or selected."""
    succeeded: list[str] | None = None
    """Ids of sessions that have ended."""
    failed: list[str] | None = None
    """Ids that were not ended: unknown to the tenant, or the caller's own session with `keep_own`."""
    preview: RevocationPreview | None = None
    """What the filter selects, and the token that confirms it."""
    job: JobResponse | None = None
    """The job that ends the selected sessions."""


class BlacklistCheckResponse(Model):
    """Whether a token is on the blacklist, and why."""

    blacklisted: bool
    """Whether the token is on the blacklist."""
    reason: str
    """Why the token was revoked."""
    token: str
    """The token that was asked about, cut short."""


class BlacklistedTokenResponse(Model):
    """An entry of the blacklist."""

    id: str
    """The id."""
    token_id: str
    """The id of the token."""
    user_id: str
    """The user."""
    reason: str
    """Why it was ended; free text."""
    created_at: datetime
    """When it was created."""
    expires_at: datetime
    """When it ends."""


class BlacklistedTokenListResponse(Model):
    """Part of the blacklist, newest first."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[BlacklistedTokenResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class NamedCount(Model):
    """A name, and how many sessions have it."""

    name: str
    """An app or a country."""
    sessions: int
    """Sessions that were ended or removed."""


class BreakdownResponse(Model):
    """Active sessions by app, country, level of risk and agent, as of `counted_at`; null before the first count.

    At most 200,000 sessions are counted; `is_whole` says whether there are no more."""

    counted_at: datetime | None
    """When the sessions were counted."""
    sessions: int
    """Sessions that were ended or removed."""
    is_whole: bool
    """Whether all active sessions were counted."""
    apps: list[NamedCount]
    """The most frequent apps."""
    countries: list[NamedCount]
    """The most frequent countries."""
    risk: dict[str, int]
    """Sessions by level of risk."""
    agents: list[NamedCount]
    """Agents with the most sessions."""


class ChannelLag(Model):
    """How long a channel took, of the last thousand events of the last hour."""

    channel: str
    """webhook, backchannel_logout, global_token_revocation, ssf_push, ssf_poll, feed or status_list."""
    events: int
    """How many events that is over."""
    p50_ms: int
    """Milliseconds within which half were heard."""
    p99_ms: int
    """Milliseconds within which 99 of 100 were heard."""
    worst_ms: int
    """Milliseconds of the slowest."""


class CheckpointResponse(Model):
    """A checkpoint as a compact JWS (RFC 7515)."""

    checkpoint: str
    """The signed checkpoint, a compact JWS."""
    timestamp: datetime
    """When the answer was made."""


class CountedResponse(Model):
    """The operation is done, with a number of sessions."""

    timestamp: datetime
    """When the answer was made."""
    sessions: int
    """Sessions that were ended or removed."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class RevokedBy(Model):
    """Who revoked a session: a user, an API key, an operator at the shell, or the service.

    With the user's tenant if it is another one."""

    type: str
    """A user, an API key, or the service itself."""
    id: str | None = None
    """The id."""
    tenant_id: str | None = None
    """The tenant."""
    job_id: str | None = None
    """The id of the job."""
    request_id: str | None = None
    """Id of the request, as in the logs."""
    audit_sequence: int | None = None
    """Number of the entry in the audit log."""


class SessionResponse(Model):
    """A session. Administrators see `role` to `revoked_by` as well."""

    id: str
    """The id."""
    tenant_id: str
    """The tenant."""
    user_id: str
    """The user."""
    status: str
    """Status at this instant."""
    device_type: str
    """Type of the device."""
    amr: str
    """Authentication methods that the user proved (RFC 8176), separated by commas."""
    created_at: datetime
    """When it was created."""
    authenticated_at: datetime
    """When the user authenticated."""
    last_active_at: datetime
    """When the user was last active."""
    expires_at: datetime
    """The absolute deadline of the session."""
    idle_expires_at: datetime
    """When the session ends without further activity."""
    device_id: str | None = None
    """The device's id, as the caller knows it."""
    ip: str | None = None
    """IP address of the user."""
    user_agent: str | None = None
    """User agent string of the browser or application."""
    geoip: str | None = None
    """Where the session began."""
    app_id: str | None = None
    """The application that the user signed in to."""
    browser: str | None = None
    """Browser with its major version."""
    os: str | None = None
    """Operating system with its major version."""
    role: str | None = None
    """Role of the user."""
    aal: int | None = None
    """Authenticator assurance level, 1 to 3 (NIST SP 800-63B)."""
    risk_score: int | None = None
    """Risk from 0 to 100."""
    risk_factors: list[str] | None = None
    """The facts that add up to the score."""
    device_model: str | None = None
    """Model of the device."""
    act: Actor | None = None
    """Who acts for the user, and for whom that one acts (RFC 8693 §4.1)."""
    parent_session_id: str | None = None
    """The session from which an agent began its own: this one ends with it."""
    revoked_at: datetime | None = None
    """When it was revoked."""
    revoke_reason: str | None = None
    """Why it was revoked."""
    ended_at: datetime | None = None
    """When the session was revoked or expired."""
    revoked_by: RevokedBy | None = None
    """Who revoked it."""
    current: bool | None = None
    """Whether it is the caller's own session."""


class TokenPairResponse(Model):
    """The tokens of a session (RFC 6749 §5.1)."""

    access_token: str
    """A signed access token (RFC 9068)."""
    refresh_token: str
    """The token that gets the next pair; it can be used once."""
    expires_in: int
    """Seconds until the access token expires."""
    token_type: str = "Bearer"
    """Type of the token."""


class CreateSessionData(Model):
    """A new session and its tokens."""

    session: SessionResponse
    """The session."""
    tokens: TokenPairResponse
    """The tokens of the session."""


class CreatedApiKeyResponse(Model):
    """A new API key. It cannot be shown again."""

    id: str
    """The id."""
    api_key: str
    """The API key, shown once."""


class CreatedReceiverResponse(Model):
    """A new receiver, with the secret that signs webhooks, which cannot be shown again."""

    id: str
    """The id."""
    protocol: str
    """How it is told."""
    audience: str
    """The service that the token is for."""
    kinds: list[str]
    """Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert."""
    description: str
    """What the receiver is for."""
    created_at: datetime
    """When it was created."""
    status: str
    """active; suspended after failures, for a while; or paused."""
    waiting: int
    """Events that it is still to be told of, counted up to 10,001."""
    dead: int
    """Events that could not be delivered, counted up to 10,001."""
    url: str | None = None
    """Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS."""
    app_id: str | None = None
    """The only app of whose sessions it is told."""
    waiting_since: datetime | None = None
    """When the oldest of them happened."""
    suspended_until: datetime | None = None
    """Nothing is sent to it before."""
    failures: int = 0
    """How often in a row it failed."""
    last_answer: str | None = None
    """The status or the error of the last attempt."""
    last_attempt_at: datetime | None = None
    """When it was last tried."""
    secret_overlap_until: datetime | None = None
    """Until when the secret before this one signs too."""
    secret: str | None = None
    """The secret that signs webhooks, shown once."""


class DataResponse(Model, Generic[Data]):
    """The envelope of answers to services."""

    data: Data
    """The answer."""
    timestamp: datetime
    """When the answer was made."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class DeliveryConfiguration(Model):
    """How a stream is delivered."""

    method: str
    """urn:ietf:rfc:8935 (push) or urn:ietf:rfc:8936 (poll)."""
    endpoint_url: str
    """Where it is pushed to, or polled."""


class DeliveryResponse(Model):
    """What a receiver was or is to be told."""

    position: int
    """Its place in the log of the tenant."""
    state: str
    """waiting, delivered or dead."""
    event_at: datetime
    """When it happened."""
    attempts: int
    """How often it was tried."""
    revocation_id: str | None = None
    """Id of the revocation."""
    kind: str | None = None
    """The kind of the event."""
    due_at: datetime | None = None
    """When it is tried again."""
    attempted_at: datetime | None = None
    """When it was last tried."""
    lag_ms: int | None = None
    """Milliseconds from what happened to the answer of the receiver."""
    answer: str | None = None
    """The status or the error of the last attempt."""


class DeliveryListResponse(Model):
    """Deliveries to a receiver, newest first."""

    items: list[DeliveryResponse]
    """The items of this part."""
    timestamp: datetime
    """When the answer was made."""
    next_cursor: str | None = None
    """The `cursor` of the next part; absent at the end."""


class DeliveryMethod(Model):
    """How a stream is delivered: pushed to `endpoint_url` (RFC 8935), or polled there (RFC 8936)."""

    method: Literal["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"]
    """urn:ietf:rfc:8935 (push) or urn:ietf:rfc:8936 (poll)."""
    endpoint_url: str | None = None
    """Where it is pushed to, or polled."""
    authorization_header: str | None = None
    """The Authorization header of what is pushed."""


class DeviceFingerprintResponse(Model):
    """The device of a session. Its fingerprint is a keyed hash."""

    device_type: str
    """Type of the device."""
    first_seen_at: datetime
    """When the user first used the device."""
    last_seen_at: datetime
    """When the user last used the device."""
    is_trusted: bool
    """Whether the user trusts the device."""
    browser: str | None = None
    """Browser with its major version."""
    device_hash: str | None = None
    """Keyed hash of the fingerprint."""
    device_model: str | None = None
    """Model of the device."""
    fingerprint_id: str | None = None
    """Keyed hash of the device's fingerprint."""
    ip: str | None = None
    """IP address of the user."""
    location: str | None = None
    """Where the session began."""
    os: str | None = None
    """Operating system with its major version."""


class DeviceRiskResponse(Model):
    """The risk of a device, and why."""

    device_id: str
    """The device's id, as the caller knows it."""
    risk_score: int
    """Risk from 0 to 100."""
    risk_level: str
    """The score in words."""
    risk_factors: list[str]
    """The facts that add up to the score."""
    total_sessions: int
    """Active, revoked and expired sessions."""
    active_sessions: int
    """Sessions that are neither revoked nor past a deadline."""
    revoked_sessions: int
    """Sessions that were revoked before they expired."""
    audit_failure_count: int
    """Refresh tokens of this device that were used twice."""
    evaluated_at: datetime
    """When the risk was assessed."""


class DeviceStatisticsResponse(Model):
    """Sessions by device type at one instant, those that are active and all."""

    active: dict[str, int]
    """Active sessions by device type."""
    all: dict[str, int]
    """All sessions by device type."""
    updated_at: datetime
    """The instant that the numbers are true for."""


class ErasureResponse(Model):
    """The erasure has begun; the number of the user's sessions."""

    timestamp: datetime
    """When the answer was made."""
    sessions: int
    """Sessions of the user, active or ended."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class Message(Model):
    """An event of a tenant, in the order of `position`. Without `user_id` where the person has been erased."""

    type: str
    """What happened."""
    id: str
    """Id of the revocation, which its receipt has too."""
    tenant_id: str
    """The tenant."""
    position: int
    """Its place in the log of the tenant, without gaps."""
    at: datetime
    """When it happened."""
    reason: str
    """Why it was ended; free text."""
    session_id: str | None = None
    """The id of the session."""
    token_id: str | None = None
    """Id of the access or refresh token."""
    user_id: str | None = None
    """The user."""
    token_type: str | None = None
    """Of which tokens, where it is not all of them."""
    generation: int | None = None
    """Access tokens of the session, or of the tenant, whose `gen` is lower are over."""
    disabled: bool = False
    """Whether nothing of the tenant is valid until it is restored."""
    alert: AlertNumbers | None = None
    """The numbers of an alert."""


class EventsResponse(Model):
    """What the log says after an event."""

    items: list[Message]
    """Events in order."""
    last_event_id: str
    """The id to read on from."""
    reset: bool
    """Whether the log could not be continued from that event: what was learned before may be incomplete."""
    has_next: bool
    """Whether there is more."""


class GetSessionData(Model):
    """One session."""

    session: SessionResponse
    """The session."""


class JobListResponse(Model):
    """Part of the jobs of a tenant."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[JobResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class LagResponse(Model):
    """How long the channels take, and what waits."""

    channels: list[ChannelLag]
    """How long each channel took."""
    unplaced_ms: int
    """For how many milliseconds the oldest event waits for its position."""
    waiting_ms: int
    """For how many milliseconds the oldest event waits for its receiver."""
    late: bool
    """Whether something waits for more than five seconds."""
    timestamp: datetime
    """When the answer was made."""
    waiting_receiver: str | None = None
    """The receiver that waits the longest."""


class LevelPolicyBody(Model):
    """Session lifetimes of one assurance level."""

    absolute_timeout: str | None = None
    """The longest time a session lasts after it began."""
    idle_timeout: str | None = None
    """How long a session lasts without activity."""


class LevelPolicyResponse(Model):
    """The session lifetimes in force for one assurance level."""

    absolute_timeout: str
    """The longest time a session lasts after it began."""
    idle_timeout: str | None = None
    """How long a session lasts without activity."""


class LevelsBody(Model):
    """Session lifetimes by assurance level."""

    aal1: LevelPolicyBody | None = None
    """Lifetimes of sessions of level 1."""
    aal2: LevelPolicyBody | None = None
    """Lifetimes of sessions of level 2."""
    aal3: LevelPolicyBody | None = None
    """Lifetimes of sessions of level 3."""


class LimitsPreviewResponse(Model):
    """How many users have more sessions now than a limit allows, and how many too many."""

    users: int
    """Users with more sessions than the limit."""
    sessions: int
    """Sessions that were ended or removed."""


class PolicyPreviewResponse(Model):
    """What a policy would do to active sessions: shorten some, and of those end some at once."""

    active: int
    """Active sessions."""
    shortened: int
    """Active sessions that would end earlier."""
    ended: int
    """Active sessions that would be over at once."""


class PolicyResponse(Model):
    """The caps that the tenant set, and the lifetimes in force for every level."""

    levels: dict[str, LevelPolicyResponse]
    """Lifetimes by assurance level."""
    absolute_timeout: str | None = None
    """The longest time a session lasts after it began."""
    idle_timeout: str | None = None
    """How long a session lasts without activity."""


class PollError(Model):
    """Why a receiver refuses a security event token (RFC 8936 §2.4)."""

    err: str
    """An error code of RFC 8935."""
    description: str = ""
    """The error in words."""


class PollResponse(Model):
    """Security event tokens by `jti` (RFC 8936 §2.3)."""

    sets: dict[str, str]
    """Security event tokens by jti."""
    moreAvailable: bool = False
    """Whether there is more."""


class ReceiptLine(Model):
    """Who heard of it, or is to hear of it, by which channel."""

    channel: str
    """webhook, backchannel_logout, global_token_revocation, ssf_push, ssf_poll, feed or status_list."""
    receiver: str
    """The receiver; of the feed the API key or session that listens."""
    state: str
    """waiting, delivered or dead."""
    attempts: int
    """How often it was tried."""
    name: str | None = None
    """What the receiver is for, or where it is."""
    heard_at: datetime | None = None
    """When it was heard."""
    lag_ms: int | None = None
    """Milliseconds from what happened to the answer of the receiver."""
    answer: str | None = None
    """The status or the error of the last attempt."""
    due_at: datetime | None = None
    """When it is tried again."""


class RevocationResponse(Model):
    """Something that was ended before its time."""

    id: str
    """The id."""
    at: datetime
    """When it happened."""
    kind: str
    """What was ended: session, token, user or tenant."""
    reason: str
    """Why it was ended; free text."""
    revoked_by: RevokedBy
    """Who revoked it."""
    subject_id: str | None = None
    """Id of the session or token that was ended."""
    user_id: str | None = None
    """The user."""


class ReceiptResponse(Model):
    """A revocation, and who heard of it."""

    revocation: RevocationResponse
    """The revocation."""
    lines: list[ReceiptLine]
    """Who heard of it, or is to hear of it."""
    timestamp: datetime
    """When the answer was made."""
    position: int | None = None
    """Its place in the log of the tenant."""


class ReceiverResponse(Model):
    """A receiver, and how it goes."""

    id: str
    """The id."""
    protocol: str
    """How it is told."""
    audience: str
    """The service that the token is for."""
    kinds: list[str]
    """Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert."""
    description: str
    """What the receiver is for."""
    created_at: datetime
    """When it was created."""
    status: str
    """active; suspended after failures, for a while; or paused."""
    waiting: int
    """Events that it is still to be told of, counted up to 10,001."""
    dead: int
    """Events that could not be delivered, counted up to 10,001."""
    url: str | None = None
    """Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS."""
    app_id: str | None = None
    """The only app of whose sessions it is told."""
    waiting_since: datetime | None = None
    """When the oldest of them happened."""
    suspended_until: datetime | None = None
    """Nothing is sent to it before."""
    failures: int = 0
    """How often in a row it failed."""
    last_answer: str | None = None
    """The status or the error of the last attempt."""
    last_attempt_at: datetime | None = None
    """When it was last tried."""
    secret_overlap_until: datetime | None = None
    """Until when the secret before this one signs too."""


class ReceiverListResponse(Model):
    """The receivers of the tenant."""

    items: list[ReceiverResponse]
    """The items of this part."""
    timestamp: datetime
    """When the answer was made."""


class ReceiverSecretResponse(Model):
    """A new secret, shown once; the one before it signs too until then."""

    secret: str
    """The secret that signs webhooks, shown once."""
    secret_overlap_until: datetime
    """Until when the secret before this one signs too."""


class RefreshTokenInfo(Model):
    """A refresh token in the chain of its session."""

    id: str
    """The id."""
    access_token_id: str
    """Id of the access token that was issued with it."""
    depth: int
    """How many came before it in its session."""
    created_at: datetime
    """When it was created."""
    expires_at: datetime
    """When it ends."""
    access_expires_at: datetime
    """When the access token that was issued with it expires."""
    consumed_at: datetime | None = None
    """When it was exchanged for the next one."""
    successor_id: str | None = None
    """Id of the refresh token that replaced it."""
    revoked_at: datetime | None = None
    """When it was revoked."""
    reissued: bool = False
    """Whether it was issued to who had proved more, not for a refresh token."""
    repeated: bool = False
    """Whether its exchange was repeated within the grace period."""


class ReplayResponse(Model):
    """How many deliveries are tried again."""

    replayed: int
    """How many deliveries are tried again."""
    timestamp: datetime
    """When the answer was made."""


class RetentionPreviewResponse(Model):
    """How many ended sessions a retention would remove now."""

    sessions: int
    """Sessions that were ended or removed."""


class RetentionResponse(Model):
    """How long ended sessions are kept."""

    keep_ended: str
    """How long ended sessions are kept, from 24h."""


class RevocationListResponse(Model):
    """Part of the record of revocations."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[RevocationResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class RevokedApiKeyResponse(Model):
    """The key is revoked; the tenants that it was for, null for all."""

    timestamp: datetime
    """When the answer was made."""
    tenant_ids: list[str] | None
    """The tenants that the key is valid for."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class RiskFactor(Model):
    """A fact that adds to a risk score."""

    type: str
    """The fact."""
    score: int
    """What the fact adds to the score."""
    weight: int
    """The most that the fact can add."""
    description: str
    """The fact in words."""


class RiskScoreResponse(Model):
    """The risk of a session, and why."""

    session_id: str
    """The id of the session."""
    risk_score: int
    """Risk from 0 to 100."""
    risk_level: str
    """The score in words."""
    recommended_action: str
    """What to do with the session."""
    factors: list[RiskFactor]
    """The facts that add up to the score."""
    evaluated_at: datetime
    """When the risk was assessed."""


class RiskWeightsResponse(Model):
    """Risk weights of all facts."""

    weights: dict[str, int]
    """What each fact adds at most, from 0 to 100."""


class SessionFilter(Model):
    """Which sessions: all conditions must hold; instants are inclusive at the start and exclusive at the end."""

    status: Literal["active", "expired", "revoked", "ended", "all"] = "active"
    """Status at this instant."""
    user_id: str | None = None
    """The user."""
    search: str | None = None
    """Only sessions whose user id or session id begins with this."""
    device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None
    """Type of the device."""
    device_id: str | None = None
    """The device's id, as the caller knows it."""
    app_id: str | None = None
    """The application that the user signed in to."""
    actor: str | None = None
    """Sessions in which this agent acts."""
    parent_session_id: str | None = None
    """The session from which an agent began its own: this one ends with it."""
    country: str | None = None
    """Only sessions that began in this country (ISO 3166)."""
    ip: str | None = None
    """Only sessions that began from this address or network."""
    amr: str | None = None
    """Only sessions with this authentication method."""
    aal: int | None = None
    """Authenticator assurance level, 1 to 3 (NIST SP 800-63B)."""
    min_risk: int | None = None
    """Only sessions with at least this risk score."""
    max_risk: int | None = None
    """Only sessions with at most this risk score."""
    created_from: datetime | None = None
    """Only sessions that began at this instant or later."""
    created_to: datetime | None = None
    """Only sessions that began before this instant."""
    active_from: datetime | None = None
    """Only sessions that were last active at this instant or later."""
    active_to: datetime | None = None
    """Only sessions that were last active before this instant."""


class SessionLimitsBody(Model):
    """How many sessions a user may have at once.

    The limit of a role wins over `max_sessions`; the limit of a device type applies in addition. Sessions of agents
    that act for the user count in `max_sessions_per_agent` alone."""

    max_sessions: int | None = None
    """Sessions that a user may have at once; null for no limit."""
    by_role: dict[str, int] = {}
    """Limits by role; they win over `max_sessions`."""
    by_device_type: dict[str, int] = {}
    """Numbers by device type."""
    on_overflow: str = "end_oldest"
    """What happens beyond the limit."""
    max_sessions_per_agent: int | None = None
    """Sessions that each agent may have at once for a user; null for no limit."""


class SessionListResponse(Model):
    """Part of a list of sessions."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[SessionResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class SessionStatsResponse(Model):
    """Session statistics at one instant."""

    active_sessions: int
    """Sessions that are neither revoked nor past a deadline."""
    expired_sessions: int
    """Sessions whose deadline has passed and that were not revoked."""
    revoked_sessions: int
    """Sessions that were revoked before they expired."""
    total_sessions: int
    """Active, revoked and expired sessions."""
    device_breakdown: dict[str, int]
    """All sessions by device type; the values add up to `total_sessions`."""
    updated_at: datetime
    """The instant that the numbers are true for."""
    user_id: str | None = None
    """The user."""
    read_until: datetime | None = None
    """When the last of the numbers was read, of a tenant that is split over machines; absent: all at `updated_at`."""


class SigningKeyResponse(Model):
    """A signing key, by its public facts."""

    id: str
    """The id."""
    algorithm: str
    """The algorithm that the key signs with."""
    state: str
    """published, signing, verifying or retired."""
    created_at: datetime
    """When it was created."""
    signs_from: datetime
    """From when on the key signs."""
    retired_at: datetime | None = None
    """When the key was retired."""


class SigningKeyListResponse(Model):
    """The signing keys, oldest first."""

    items: list[SigningKeyResponse]
    """The items of this part."""
    timestamp: datetime
    """When the answer was made."""


class SimpleResponse(Model):
    """The operation is done."""

    timestamp: datetime
    """When the answer was made."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class SnapshotResponse(Model):
    """What was ended within the longest life of an access token, as far as `last_event_id`.

    `ended` has 20 bytes for each: 16 of the id of a session or token, and a number: access tokens of the session with a
    lower generation are over; 0: it is over as a whole. `generation` says the same of the tenant's tokens."""

    ended: bytes
    """In base64, 20 bytes for each: 16 of the id of a session or token, and a generation; access tokens of the session with a lower `gen` are over, 0: it is over as a whole."""
    generation: int
    """Access tokens of the tenant whose `gen` is lower are over."""
    disabled: bool
    """Whether nothing of the tenant is valid now."""
    longest_life: int
    """Seconds that an access token of a session lives at most."""
    last_event_id: str
    """The id to read on from."""
    has_next: bool
    """Whether there is more."""
    timestamp: datetime
    """When the answer was made."""


class StatisticsPoint(Model):
    """Session statistics at one instant; the lifetime totals include removed records."""

    active_sessions: int
    """Sessions that are neither revoked nor past a deadline."""
    expired_sessions: int
    """Sessions whose deadline has passed and that were not revoked."""
    revoked_sessions: int
    """Sessions that were revoked before they expired."""
    total_sessions: int
    """Active, revoked and expired sessions."""
    device_breakdown: dict[str, int]
    """All sessions by device type; the values add up to `total_sessions`."""
    lifetime_expired_sessions: int
    """All sessions that expired since the tenant was created, with those whose records were removed."""
    lifetime_revoked_sessions: int
    """All sessions that were revoked since the tenant was created, with those whose records were removed."""
    updated_at: datetime
    """The instant that the numbers are true for."""


class StatisticsHistoryResponse(Model):
    """Samples of session statistics, oldest first."""

    items: list[StatisticsPoint]
    """The items of this part."""
    step: str
    """Distance of the samples."""


class StatusListResponse(Model):
    """Whether access tokens stand in a status list, and for how many seconds a list may be kept."""

    enabled: bool
    """Whether access tokens stand in a status list."""
    ttl: int = 30
    """Seconds for which a list may be kept."""


class StreamConfiguration(Model):
    """A stream (§8.1.1)."""

    stream_id: str
    """Id of a stream."""
    iss: str
    """Issuer: this service and the tenant."""
    aud: str
    """The aud of its security event tokens: the API key."""
    delivery: DeliveryConfiguration
    """How it is delivered."""
    events_supported: list[str]
    """Event types that the transmitter knows."""
    events_requested: list[str]
    """Event types that the receiver asked for; all, if it is left out."""
    events_delivered: list[str]
    """Event types that it gets."""
    description: str | None = None
    """What the stream is for."""


class StreamStatusResponse(Model):
    """The status of a stream (§8.1.2)."""

    stream_id: str
    """Id of a stream."""
    status: str
    """enabled, paused or disabled."""
    reason: str | None = None
    """Why."""


class TenantJWTConfigResponse(Model):
    """Token lifetimes of a tenant."""

    access_expiry: str
    """Lifetime of an access token, at most 24h."""
    refresh_expiry: str
    """Lifetime of a refresh token, from `access_expiry` to 8760h."""
    leeway: str
    """How far clocks may differ when `exp` and `nbf` are checked, at most 1m."""
    tenant_id: str
    """The tenant."""


class TenantResponse(Model):
    """A tenant."""

    id: str
    """The id."""
    name: str
    """Display name."""
    created_at: datetime
    """When it was created."""
    disabled_at: datetime | None = None
    """When the tenant was disabled."""


class TenantListResponse(Model):
    """Part of the tenants."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[TenantResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class TokenChainResponse(Model):
    """The refresh tokens of a session that are on record, newest first, at most 50."""

    items: list[RefreshTokenInfo]
    """The items of this part."""
    timestamp: datetime
    """When the answer was made."""


class TokenExchangeResponse(Model):
    """The new token (RFC 8693 §2.2.1)."""

    access_token: str
    """A signed access token (RFC 9068)."""
    audience: str
    """The service that the token is for."""
    expires_in: int
    """Seconds until the access token expires."""
    grant_type: str = "urn:ietf:params:oauth:grant-type:token-exchange"
    """Always token exchange (RFC 8693)."""
    issued_token_type: str = "urn:ietf:params:oauth:token-type:access_token"
    """Type of the new token (RFC 8693 §3)."""
    scope: str | None = None
    """The role of the token's user."""
    token_type: str = "Bearer"
    """Type of the token."""


class TokenInfoResponse(Model):
    """An issued token, without its secret."""

    id: str
    """The id."""
    token_type: str
    """Type of the token."""
    status: str
    """Status at this instant."""
    user_id: str
    """The user."""
    created_at: datetime
    """When it was created."""
    expires_at: datetime
    """When it ends."""
    session_id: str | None = None
    """The id of the session."""
    ip: str | None = None
    """IP address of the user."""
    user_agent: str | None = None
    """User agent string of the browser or application."""


class TokenIntrospectionResponse(Model):
    """What a token is (RFC 7662 §2.2). Only `active` for a token that is not valid."""

    active: bool
    """Whether the token is valid now."""
    token_type: str | None = None
    """Type of the token."""
    sub: str | None = None
    """The user."""
    username: str | None = None
    """The user."""
    client_id: str | None = None
    """The application or client that the token was issued to."""
    iss: str | None = None
    """Issuer: this service and the tenant."""
    aud: str | None = None
    """Audience of the token."""
    exp: int | None = None
    """When the token expires, in seconds since 1970."""
    iat: int | None = None
    """When the token was issued, in seconds since 1970."""
    nbf: int | None = None
    """When the token becomes valid, in seconds since 1970."""
    jti: str | None = None
    """Id of the token."""
    scope: str | None = None
    """The role of the token's user."""
    sid: str | None = None
    """The id of the session."""
    tenant_id: str | None = None
    """The tenant."""
    acr: str | None = None
    """Authentication context class: the assurance level."""
    amr: list[str] | None = None
    """Authentication methods that the user proved (RFC 8176)."""
    auth_time: int | None = None
    """When the user authenticated, in seconds since 1970."""
    act: dict[str, Any] | None = None
    """Who acts for the user, and for whom that one acts (RFC 8693 §4.1)."""


class TokenListResponse(Model):
    """Part of the issued tokens, newest first."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[TokenInfoResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class TokenValidationResponse(Model):
    """Whether a session or token is valid; what it says, or why it is not."""

    valid: bool
    """Whether it is valid now."""
    claims: dict[str, Any] | None = None
    """The claims of the token, or what is known of the session's user."""
    error: str | None = None
    """Why it is not valid."""
    reauthentication: str | None = None
    """What the user must prove to sign in again: less on a trusted device after an idle timeout."""


class TrustedDeviceResponse(Model):
    """A trusted device. Its fingerprint is a keyed hash."""

    id: str
    """The id."""
    tenant_id: str
    """The tenant."""
    user_id: str
    """The user."""
    device_fingerprint: str
    """Fingerprint of the device. Only a keyed hash is stored."""
    created_at: datetime
    """When it was created."""
    trusted_until: datetime
    """When the trust ends."""
    device_name: str | None = None
    """A name that the user recognises."""
    device_type: str | None = None
    """Type of the device."""
    browser: str | None = None
    """Browser with its major version."""
    os: str | None = None
    """Operating system with its major version."""
    ip: str | None = None
    """IP address of the user."""


class TrustedDeviceListResponse(Model):
    """Part of the trusted devices of a user, newest first."""

    pagination: PageInfo
    """Where this part is in the list."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    timestamp: datetime
    """When the answer was made."""
    items: list[TrustedDeviceResponse]
    """The items of this part."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class UpgradeSessionMFAResponse(Model):
    """The upgraded session, with tokens of its new level."""

    message: str
    """What was done."""
    mfa_verified: bool
    """Whether more than one factor was proved."""
    session_id: str
    """The id of the session."""
    acr: str
    """Authentication context class: the assurance level."""
    access_token: str
    """A signed access token (RFC 9068)."""
    refresh_token: str
    """The token that gets the next pair; it can be used once."""
    expires_in: int
    """Seconds until the access token expires."""
    token_type: str = "Bearer"
    """Type of the token."""


class UsageResponse(Model):
    """Uses of a session by day (UTC)."""

    timestamp: datetime
    """When the answer was made."""
    usage: dict[object, int]
    """Uses by day."""
    code: int = 0
    """0 for success."""
    message: str = "success"
    """What was done."""


class UserSessionsExportResponse(Model):
    """What is stored about a user."""

    sessions: list[SessionResponse]
    """The sessions of the user, newest first."""
    records: dict[str, list[dict[str, Any]]]
    """What is stored about the user, by kind."""
    total: int
    """The size of the whole list; at least this many where `total_is_exact` is false."""
    complete: bool
    """Whether nothing was left out; of each kind at most the newest 10,000 are returned."""
    timestamp: datetime
    """When the answer was made."""
    schema_version: int = 3
    """Version of the export's form."""


class UsersResponse(Model):
    """Part of the users who have sessions on record, by id."""

    items: list[str]
    """Ids of users."""
    timestamp: datetime
    """When the answer was made."""
    next_cursor: str | None = None
    """The `cursor` of the next part; absent at the end."""


class VerificationResponse(Model):
    """Whether a log is intact; `broken_at` is the first entry that does not match."""

    intact: bool
    """Whether the log is intact."""
    entries: int
    """How many entries the log has."""
    erased: int
    """Entries of which something was erased."""
    head: str
    """Hash of the last entry."""
    broken_at: int | None
    """The first entry that does not match."""
    timestamp: datetime
    """When the answer was made."""
