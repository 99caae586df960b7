"""The whole contract as one table: a line an operation."""

from autional import keys
from autional.api import (
    audit_log,
    devices,
    meta,
    persons,
    revocations,
    risks,
    session_lists,
    session_policy,
    sessions,
    statistics,
    token_checks,
    tokens,
)
from autional.api.audit_log import AuditQuery
from autional.api.calls import Operation
from autional.api.device_schemas import (
    CreateTrustedDeviceRequest,
    DevicesQuery,
    TrustDeviceRequest,
)
from autional.api.persons import RetentionBody, UserRequest
from autional.api.policy_schemas import PolicyRequest, SessionLimitsBody
from autional.api.revocation_schemas import RevokeManyRequest
from autional.api.risk_schemas import RiskWeightsRequest, SessionQuery
from autional.api.schemas import (
    ActivityRequest,
    CreateSessionRequest,
    ListQuery,
    PageQuery,
    RefreshTokensRequest,
    RevokeRequest,
    TenantListQuery,
    UserListQuery,
)
from autional.api.statistics_schemas import HistoryQuery, StatisticsQuery
from autional.api.token_schemas import (
    AddToBlacklistRequest,
    BlacklistCheckRequest,
    BlacklistQuery,
    BlacklistTokenRequest,
    ExchangeForm,
    ExchangeTokenRequest,
    GenerateTokensRequest,
    IntrospectTokenRequest,
    RevokeAllTokensRequest,
    TokenForm,
    TokenListQuery,
    UpdateTenantJWTConfigRequest,
    UpgradeRequest,
    ValidateAccessTokenRequest,
)
from autional.callers import ANYONE, BY_ADMINISTRATORS, BY_BEARERS, BY_EVERYONE, CLIENTS, SERVICES

KEYS_MAX_AGE = int(keys.PUBLISHED.total_seconds()) // 2
PAGES_MAX_AGE = 300

# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/healthz", ANYONE, meta.alive),
    Operation("GET", "/readyz", ANYONE, meta.ready),
    Operation("GET", "/.well-known/jwks.json", ANYONE, meta.jwks, max_age=KEYS_MAX_AGE),
    Operation("GET", "/tenants/{tenant_id}/jwks.json", ANYONE, meta.tenant_jwks, max_age=KEYS_MAX_AGE),
    Operation("GET", "/.well-known/oauth-authorization-server/{tenant_id}", ANYONE, meta.metadata, max_age=KEYS_MAX_AGE),
    Operation("GET", "/problems/{slug}", ANYONE, meta.problem, max_age=PAGES_MAX_AGE),

    Operation("GET", "/admin/sessions/stats", BY_ADMINISTRATORS, statistics.session_stats, query=StatisticsQuery, beside=statistics.asked),
    Operation("GET", "/admin/sessions/stats/history", BY_ADMINISTRATORS, statistics.history, work="lists", query=HistoryQuery),
    Operation("GET", "/admin/sessions/active-count", BY_ADMINISTRATORS, statistics.active_count, beside=statistics.asked),

    Operation("GET", "/admin/sessions", BY_ADMINISTRATORS, session_lists.of_tenant, work="lists", query=TenantListQuery),
    Operation("POST", "/admin/sessions/revoke", BY_ADMINISTRATORS, revocations.revoke_many, work="jobs", body=RevokeManyRequest, act="sessions.revoke_many"),
    Operation("DELETE", "/admin/sessions/bulk", BY_ADMINISTRATORS, revocations.revoke_many, work="jobs", body=RevokeManyRequest, act="sessions.revoke_many"),
    Operation("GET", "/admin/jobs/{job_id}", BY_ADMINISTRATORS, revocations.get_job),
    Operation("POST", "/admin/jobs/{job_id}/cancel", BY_ADMINISTRATORS, revocations.cancel_job, act="job.cancel"),
    Operation("DELETE", "/admin/sessions/expired", BY_ADMINISTRATORS, sessions.purge_expired, work="jobs", act="sessions.purge_expired", in_pieces=True),
    Operation("DELETE", "/admin/sessions/user/{user_id}", BY_ADMINISTRATORS, sessions.revoke_of_user, work="jobs", body=RevokeRequest, act="sessions.revoke_of_user"),
    Operation("POST", "/admin/sessions/user/{user_id}/revoke", BY_ADMINISTRATORS, sessions.revoke_of_user, work="jobs", body=RevokeRequest, act="sessions.revoke_of_user"),
    Operation("GET", "/admin/sessions/policy", BY_ADMINISTRATORS, session_policy.get),
    Operation("PUT", "/admin/sessions/policy", BY_ADMINISTRATORS, session_policy.put, work="jobs", body=PolicyRequest, act="session_policy.put", before=session_policy.get),
    Operation("DELETE", "/admin/sessions/policy", BY_ADMINISTRATORS, session_policy.delete, act="session_policy.delete", before=session_policy.get),
    Operation("GET", "/admin/sessions/limits", BY_ADMINISTRATORS, session_policy.get_limits),
    Operation("PUT", "/admin/sessions/limits", BY_ADMINISTRATORS, session_policy.put_limits, body=SessionLimitsBody, act="session_limits.put", before=session_policy.get_limits),
    Operation("DELETE", "/admin/sessions/limits", BY_ADMINISTRATORS, session_policy.delete_limits, act="session_limits.delete", before=session_policy.get_limits),

    Operation("GET", "/admin/sessions/risk-score", BY_ADMINISTRATORS, risks.of_session, query=SessionQuery),
    Operation("GET", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risks.read_weights),
    Operation("PUT", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risks.put_weights, body=RiskWeightsRequest, act="risk_weights.put", before=risks.read_weights),
    Operation("DELETE", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risks.delete_weights, act="risk_weights.delete", before=risks.read_weights),
    Operation("GET", "/admin/sessions/device-fingerprint", BY_ADMINISTRATORS, risks.fingerprint, query=SessionQuery),
    Operation("GET", "/admin/devices/{device_id}/risk", BY_ADMINISTRATORS, risks.of_device),

    Operation("GET", "/admin/sessions/retention", BY_ADMINISTRATORS, persons.get_retention),
    Operation("PUT", "/admin/sessions/retention", BY_ADMINISTRATORS, persons.put_retention, body=RetentionBody, act="retention.put", before=persons.get_retention),
    Operation("DELETE", "/admin/sessions/retention", BY_ADMINISTRATORS, persons.delete_retention, act="retention.delete", before=persons.get_retention),
    Operation("GET", "/admin/audit", BY_ADMINISTRATORS, audit_log.listed, work="lists", query=AuditQuery),

    Operation("GET", "/sessions", BY_EVERYONE, session_lists.of_user, work="lists", query=UserListQuery),
    Operation("POST", "/sessions", BY_ADMINISTRATORS, sessions.create, 201, body=CreateSessionRequest, act="session.create"),
    Operation("GET", "/sessions/user/{user_id}/sessions", BY_EVERYONE, session_lists.of_user_in_path, work="lists", query=ListQuery),
    Operation("POST", "/sessions/rotate-access", ANYONE, tokens.rotate_access, body=RefreshTokensRequest),
    Operation("POST", "/sessions/refresh", ANYONE, tokens.refresh, body=RefreshTokensRequest),
    Operation("GET", "/sessions/{session_id}", BY_EVERYONE, sessions.get, beside=sessions.named, on_session="see"),
    Operation("DELETE", "/sessions/{session_id}", BY_EVERYONE, sessions.revoke, 204, body=RevokeRequest, act="session.revoke", on_session="end"),
    Operation("POST", "/sessions/{session_id}/revoke", BY_EVERYONE, sessions.revoke, 204, body=RevokeRequest, act="session.revoke", on_session="end"),
    Operation("POST", "/sessions/{session_id}/activity", BY_EVERYONE, sessions.note_activity, body=ActivityRequest, on_session="extend"),
    Operation("POST", "/sessions/{session_id}/upgrade-mfa", BY_ADMINISTRATORS, tokens.upgrade, body=UpgradeRequest, act="session.upgrade", on_session="raise"),
    Operation("POST", "/sessions/{session_id}/validate", BY_EVERYONE, sessions.validate, beside=sessions.named, on_session="see"),

    Operation("GET", "/admin/tokens", BY_ADMINISTRATORS, tokens.list_issued, work="lists", query=TokenListQuery),
    Operation("GET", "/admin/tokens/config", BY_ADMINISTRATORS, tokens.read_config),
    Operation("PUT", "/admin/tokens/config", BY_ADMINISTRATORS, tokens.put_config, body=UpdateTenantJWTConfigRequest, act="jwt_config.put", before=tokens.read_config),
    Operation("DELETE", "/admin/tokens/config", BY_ADMINISTRATORS, tokens.delete_config, act="jwt_config.delete", before=tokens.read_config),
    Operation("POST", "/admin/tokens/exchange", BY_ADMINISTRATORS, tokens.exchange_token, body=ExchangeTokenRequest, act="token.exchange"),
    Operation("POST", "/admin/tokens/introspect", BY_ADMINISTRATORS, token_checks.introspect, body=IntrospectTokenRequest, beside=token_checks.named_token),
    Operation("POST", "/admin/tokens/revoke-all", BY_ADMINISTRATORS, token_checks.revoke_all, work="jobs", body=RevokeAllTokensRequest, act="tokens.revoke_all", in_pieces=True),
    Operation("GET", "/admin/tokens/blacklist", BY_ADMINISTRATORS, token_checks.list_blacklist, work="lists", query=BlacklistQuery),
    Operation("DELETE", "/admin/tokens/blacklist/{id}", BY_ADMINISTRATORS, token_checks.delete_from_blacklist, act="blacklist.delete"),
    Operation("GET", "/admin/tokens/{token_id}", BY_ADMINISTRATORS, tokens.get_issued),
    Operation("POST", "/tokens/blacklist", BY_BEARERS, token_checks.blacklist, body=AddToBlacklistRequest, act="blacklist.add"),
    Operation("GET", "/tokens/blacklist/check", BY_BEARERS, token_checks.check_blacklist, query=BlacklistCheckRequest),
    Operation("POST", "/tokens/blacklist/check", BY_BEARERS, token_checks.check_blacklist_by_post, body=BlacklistCheckRequest),

    Operation("GET", "/trusted-devices", BY_BEARERS, devices.list_own, work="lists", query=PageQuery),
    Operation("POST", "/trusted-devices", BY_BEARERS, devices.trust_own, body=TrustDeviceRequest, act="device.trust"),
    Operation("DELETE", "/trusted-devices/{device_id}", BY_BEARERS, devices.distrust_own, act="device.distrust"),
    Operation("GET", "/admin/trusted-devices", BY_ADMINISTRATORS, devices.list_of_user, work="lists", query=DevicesQuery),
    Operation("DELETE", "/admin/trusted-devices/{device_id}", BY_ADMINISTRATORS, devices.distrust, act="device.distrust"),
    Operation("GET", "/internal/session/trusted-devices", SERVICES, devices.list_of_user, work="lists", query=DevicesQuery),
    Operation("POST", "/internal/session/trusted-devices", SERVICES, devices.trust_for_user, body=CreateTrustedDeviceRequest, act="device.trust"),
    Operation("DELETE", "/internal/session/trusted-devices/{device_fingerprint}", SERVICES, devices.distrust_fingerprint, act="device.distrust"),
    Operation("GET", "/internal/session/{session_id}/usage", SERVICES, devices.usage, on_session="see"),
    Operation("POST", "/internal/session/{session_id}/usage", SERVICES, devices.count_use, on_session="see"),
    Operation("POST", "/internal/session/export-user-data", SERVICES, persons.export, work="jobs", body=UserRequest, act="user.export", in_pieces=True),

    Operation("POST", "/internal/session/erase-user-data", SERVICES, persons.erase, work="jobs", body=UserRequest, act="user.erase", conceals=True),
    Operation("POST", "/admin/users/export", BY_ADMINISTRATORS, persons.export, work="jobs", body=UserRequest, act="user.export", in_pieces=True),
    Operation("POST", "/admin/users/erase", BY_ADMINISTRATORS, persons.erase, work="jobs", body=UserRequest, act="user.erase", conceals=True),

    Operation("POST", "/oauth2/introspect", CLIENTS, token_checks.introspect_form, body=TokenForm, form=True, beside=token_checks.named_token),
    Operation("POST", "/oauth2/revoke", CLIENTS, token_checks.revoke_form, body=TokenForm, form=True, act="token.revoke"),
    Operation("POST", "/oauth2/token", CLIENTS, tokens.exchange_form, body=ExchangeForm, form=True, act="token.exchange"),

    Operation("POST", "/internal/session/blacklist-token", SERVICES, token_checks.blacklist_internally, body=BlacklistTokenRequest, act="blacklist.add"),
    Operation("POST", "/internal/session/generate-tokens", SERVICES, tokens.generate, body=GenerateTokensRequest, act="tokens.generate"),
    Operation("POST", "/internal/session/validate-token", SERVICES, token_checks.validate, body=ValidateAccessTokenRequest, beside=token_checks.named_access_token),
    Operation("POST", "/internal/session/create", SERVICES, sessions.create_internally, 201, body=CreateSessionRequest),
    Operation("DELETE", "/internal/session/session/user/{user_id}", SERVICES, sessions.revoke_of_user, work="jobs", body=RevokeRequest, act="sessions.revoke_of_user"),
    Operation("DELETE", "/internal/session/session/{session_id}", SERVICES, sessions.revoke, 204, body=RevokeRequest, act="session.revoke", on_session="end"),
    Operation("POST", "/internal/session/{session_id}/activity", SERVICES, sessions.note_activity, body=ActivityRequest, on_session="extend"),
    Operation("POST", "/internal/session/{session_id}/upgrade-mfa", SERVICES, tokens.upgrade, body=UpgradeRequest, act="session.upgrade", on_session="raise"),
    Operation("GET", "/internal/session/sessions/{user_id}", SERVICES, session_lists.of_user_in_path, work="lists", query=ListQuery),
    Operation("GET", "/internal/session/sessions/{user_id}/active", SERVICES, statistics.user_is_active),
)
# fmt: on
