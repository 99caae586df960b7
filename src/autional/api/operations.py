"""The table of operations: the whole API, one line per operation."""

from autional.access.caller import (
    ANYONE,
    BY_ADMINISTRATORS,
    BY_BEARERS,
    BY_EVERYONE,
    BY_PLATFORM,
    BY_PROTOCOL,
    CLIENTS,
    CLIENTS_OF_ALL,
    SERVICES,
)
from autional.api.audit import routes as audit
from autional.api.audit.routes import AuditListQuery
from autional.api.devices import routes as devices
from autional.api.devices.schemas import CreateTrustedDeviceRequest, DevicesQuery, TrustDeviceRequest
from autional.api.events import alerts, feed, global_revocation, receipts, receivers, ssf
from autional.api.events.alerts import AlertRulesBody
from autional.api.events.feed import EventsQuery, SnapshotQuery
from autional.api.events.schemas import (
    CreateReceiverRequest,
    DeliveriesQuery,
    ReplayRequest,
    UpdateReceiverRequest,
)
from autional.api.events.ssf_schemas import (
    CreateStreamRequest,
    GlobalRevocationRequest,
    PollRequest,
    StreamQuery,
    StreamsQuery,
    StreamStatusRequest,
    StreamSubjectRequest,
    UpdateStreamRequest,
    VerificationRequest,
)
from autional.api.meta import metrics
from autional.api.meta import routes as meta
from autional.api.model import Operation
from autional.api.oauth import routes as oauth
from autional.api.platform import routes as platform
from autional.api.platform.schemas import CreateApiKeyRequest, CreateTenantRequest, TenantsQuery
from autional.api.policy import retention
from autional.api.policy import routes as policy
from autional.api.policy.retention import RetentionBody
from autional.api.policy.schemas import PolicyRequest, SessionLimitsBody
from autional.api.risk import routes as risk
from autional.api.risk.schemas import RiskWeightsRequest, SessionQuery
from autional.api.schemas import PageQuery
from autional.api.sessions import agents, bulk_revocation, revocations
from autional.api.sessions import listing as session_lists
from autional.api.sessions import refresh as refreshing
from autional.api.sessions import routes as sessions
from autional.api.sessions.bulk_revocation_schemas import RevokeManyRequest
from autional.api.sessions.revocations import RevocationListQuery
from autional.api.sessions.schemas import (
    ActivityRequest,
    ListQuery,
    RevokeRequest,
    TenantListQuery,
    UserListQuery,
)
from autional.api.statistics import routes as statistics
from autional.api.statistics.schemas import HistoryQuery, StatisticsQuery
from autional.api.tokens import introspection as token_introspection
from autional.api.tokens import lifetimes as token_lifetimes
from autional.api.tokens import revocation as token_revocation
from autional.api.tokens import routes as tokens
from autional.api.tokens import status_lists as token_status_lists
from autional.api.tokens.schemas import (
    AddToBlacklistRequest,
    BlacklistCheckRequest,
    BlacklistQuery,
    BlacklistTokenRequest,
    ExchangeForm,
    ExchangeTokenRequest,
    GenerateTokensRequest,
    IntrospectTokenRequest,
    RefreshTokensRequest,
    RevokeAllTokensRequest,
    TokenForm,
    TokenListQuery,
    UpdateTenantJWTConfigRequest,
    UpgradeRequest,
    ValidateAccessTokenRequest,
)
from autional.api.tokens.status_lists import StatusListBody
from autional.api.users import routes as users
from autional.api.users.routes import UserRequest
from autional.sessions.model import Login
from autional.tokens import signing_keys, status_lists

KEYS_MAX_AGE = int(signing_keys.PUBLISHED.total_seconds()) // 2
PAGES_MAX_AGE = 300

# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation("get_liveness", "GET", "/healthz", ANYONE, meta.alive),
    Operation("get_readiness", "GET", "/readyz", ANYONE, meta.ready),
    Operation("get_metrics", "GET", "/metrics", CLIENTS_OF_ALL, metrics.get_metrics, work="lists", media_type=metrics.TEXT),
    Operation("get_jwks", "GET", "/.well-known/jwks.json", ANYONE, meta.jwks, max_age=KEYS_MAX_AGE),
    Operation("get_tenant_jwks", "GET", "/tenants/{tenant_id}/jwks.json", ANYONE, meta.tenant_jwks, max_age=KEYS_MAX_AGE),
    Operation("get_authorization_server_metadata", "GET", "/.well-known/oauth-authorization-server/{tenant_id}", ANYONE, meta.metadata, max_age=KEYS_MAX_AGE),
    Operation("get_problem_page", "GET", "/problems/{slug}", ANYONE, meta.problem, max_age=PAGES_MAX_AGE),

    Operation("get_session_stats", "GET", "/admin/sessions/stats", BY_ADMINISTRATORS, statistics.get_session_stats, query=StatisticsQuery, preload=statistics.statistics_preload),
    Operation("get_session_stats_history", "GET", "/admin/sessions/stats/history", BY_ADMINISTRATORS, statistics.get_history, work="lists", query=HistoryQuery),
    Operation("get_session_devices", "GET", "/admin/sessions/stats/devices", BY_ADMINISTRATORS, statistics.get_devices),
    Operation("get_session_breakdown", "GET", "/admin/sessions/stats/breakdown", BY_ADMINISTRATORS, statistics.get_breakdown, work="lists"),
    Operation("get_active_session_count", "GET", "/admin/sessions/active-count", BY_ADMINISTRATORS, statistics.get_active_count, preload=statistics.statistics_preload),

    Operation("list_sessions", "GET", "/admin/sessions", BY_ADMINISTRATORS, session_lists.list_tenant_sessions, work="lists", query=TenantListQuery),
    Operation("revoke_sessions", "POST", "/admin/sessions/revoke", BY_ADMINISTRATORS, bulk_revocation.revoke_many, work="jobs", body=RevokeManyRequest, audit_action="sessions.revoke_many"),
    Operation("delete_sessions", "DELETE", "/admin/sessions/bulk", BY_ADMINISTRATORS, bulk_revocation.revoke_many, work="jobs", body=RevokeManyRequest, audit_action="sessions.revoke_many"),
    Operation("list_revocations", "GET", "/admin/revocations", BY_ADMINISTRATORS, revocations.list_tenant_revocations, work="lists", query=RevocationListQuery),
    Operation("read_events", "GET", "/admin/revocations/events", BY_ADMINISTRATORS, feed.read_events, work="lists", query=EventsQuery),
    Operation("internal_read_events", "GET", "/internal/session/revocations", SERVICES, feed.read_events, work="lists", query=EventsQuery),
    Operation("internal_read_revocation_snapshot", "GET", "/internal/session/revocations/snapshot", SERVICES, feed.read_snapshot, work="lists", query=SnapshotQuery),
    Operation("get_lag", "GET", "/admin/revocations/lag", BY_ADMINISTRATORS, receipts.get_lag, work="lists"),
    Operation("get_receipt", "GET", "/admin/revocations/{revocation_id}/receipt", BY_ADMINISTRATORS, receipts.get_receipt),
    Operation("get_alerts", "GET", "/admin/alerts", BY_ADMINISTRATORS, alerts.get_alerts, work="lists"),
    Operation("update_alert_rules", "PUT", "/admin/alerts", BY_ADMINISTRATORS, alerts.update_alert_rules, body=AlertRulesBody, audit_action="alerts.put", replaces=alerts.get_alert_rules),
    Operation("list_receivers", "GET", "/admin/receivers", BY_ADMINISTRATORS, receivers.list_receivers, work="lists"),
    Operation("create_receiver", "POST", "/admin/receivers", BY_ADMINISTRATORS, receivers.create_receiver, 201, body=CreateReceiverRequest, audit_action="receiver.create"),
    Operation("get_receiver", "GET", "/admin/receivers/{receiver_id}", BY_ADMINISTRATORS, receivers.get_receiver),
    Operation("update_receiver", "PUT", "/admin/receivers/{receiver_id}", BY_ADMINISTRATORS, receivers.update_receiver, body=UpdateReceiverRequest, audit_action="receiver.update"),
    Operation("delete_receiver", "DELETE", "/admin/receivers/{receiver_id}", BY_ADMINISTRATORS, receivers.delete_receiver, audit_action="receiver.delete"),
    Operation("rotate_receiver_secret", "POST", "/admin/receivers/{receiver_id}/rotate-secret", BY_ADMINISTRATORS, receivers.rotate_receiver_secret, audit_action="receiver.rotate_secret"),
    Operation("list_deliveries", "GET", "/admin/receivers/{receiver_id}/deliveries", BY_ADMINISTRATORS, receivers.list_deliveries, work="lists", query=DeliveriesQuery),
    Operation("replay_deliveries", "POST", "/admin/receivers/{receiver_id}/replay", BY_ADMINISTRATORS, receivers.replay_deliveries, work="jobs", body=ReplayRequest, audit_action="receiver.replay"),

    Operation("get_ssf_configuration", "GET", "/.well-known/ssf-configuration/{tenant_id}", ANYONE, ssf.get_ssf_configuration, max_age=PAGES_MAX_AGE),
    Operation("create_stream", "POST", "/ssf/streams", BY_PROTOCOL, ssf.create_stream, 201, body=CreateStreamRequest, audit_action="stream.create"),
    Operation("get_streams", "GET", "/ssf/streams", BY_PROTOCOL, ssf.get_streams, query=StreamsQuery),
    Operation("update_stream", "PATCH", "/ssf/streams", BY_PROTOCOL, ssf.update_stream, body=UpdateStreamRequest, audit_action="stream.update"),
    Operation("replace_stream", "PUT", "/ssf/streams", BY_PROTOCOL, ssf.replace_stream, body=UpdateStreamRequest, audit_action="stream.update"),
    Operation("delete_stream", "DELETE", "/ssf/streams", BY_PROTOCOL, ssf.delete_stream, 204, query=StreamQuery, audit_action="stream.delete"),
    Operation("get_stream_status", "GET", "/ssf/status", BY_PROTOCOL, ssf.get_stream_status, query=StreamQuery),
    Operation("update_stream_status", "POST", "/ssf/status", BY_PROTOCOL, ssf.update_stream_status, body=StreamStatusRequest, audit_action="stream.update"),
    Operation("add_stream_subject", "POST", "/ssf/subjects/add", BY_PROTOCOL, ssf.add_stream_subject, body=StreamSubjectRequest, audit_action="stream.update"),
    Operation("remove_stream_subject", "POST", "/ssf/subjects/remove", BY_PROTOCOL, ssf.remove_stream_subject, 204, body=StreamSubjectRequest, audit_action="stream.update"),
    Operation("verify_stream", "POST", "/ssf/verification", BY_PROTOCOL, ssf.verify_stream, 204, body=VerificationRequest),
    Operation("poll_stream", "POST", "/ssf/streams/{stream_id}/poll", BY_PROTOCOL, ssf.poll_stream, body=PollRequest),
    Operation("revoke_globally", "POST", "/global-token-revocation", BY_PROTOCOL, global_revocation.revoke_globally, 204, body=GlobalRevocationRequest, work="jobs", audit_action="tokens.revoke_all"),

    Operation("get_status_list", "GET", "/status-lists/{list_id}", ANYONE, token_status_lists.get_status_list, work="lists", media_type=token_status_lists.STATUS_LIST, max_age=status_lists.TTL),
    Operation("get_status_list_setting", "GET", "/admin/tokens/status-list", BY_ADMINISTRATORS, token_status_lists.get_status_list_setting),
    Operation("update_status_list_setting", "PUT", "/admin/tokens/status-list", BY_ADMINISTRATORS, token_status_lists.update_status_list_setting, body=StatusListBody, audit_action="status_list.put", replaces=token_status_lists.get_status_list_setting),
    Operation("list_jobs", "GET", "/admin/jobs", BY_ADMINISTRATORS, revocations.list_tenant_jobs, work="lists", query=PageQuery),
    Operation("get_job", "GET", "/admin/jobs/{job_id}", BY_ADMINISTRATORS, bulk_revocation.get_job),
    Operation("cancel_job", "POST", "/admin/jobs/{job_id}/cancel", BY_ADMINISTRATORS, bulk_revocation.cancel_revocation_job, audit_action="job.cancel"),
    Operation("delete_expired_sessions", "DELETE", "/admin/sessions/expired", BY_ADMINISTRATORS, sessions.delete_expired_sessions, work="jobs", audit_action="sessions.purge_expired", non_transactional=True),
    Operation("delete_user_sessions", "DELETE", "/admin/sessions/user/{user_id}", BY_ADMINISTRATORS, sessions.revoke_user_sessions, work="jobs", body=RevokeRequest, audit_action="sessions.revoke_of_user"),
    Operation("revoke_user_sessions", "POST", "/admin/sessions/user/{user_id}/revoke", BY_ADMINISTRATORS, sessions.revoke_user_sessions, work="jobs", body=RevokeRequest, audit_action="sessions.revoke_of_user"),
    Operation("revoke_agent_sessions", "DELETE", "/admin/sessions/agent/{agent_id}", BY_ADMINISTRATORS, agents.revoke_agent_sessions, work="jobs", body=RevokeRequest, audit_action="sessions.revoke_of_agent", non_transactional=True),
    Operation("get_session_policy", "GET", "/admin/sessions/policy", BY_ADMINISTRATORS, policy.get_session_policy),
    Operation("update_session_policy", "PUT", "/admin/sessions/policy", BY_ADMINISTRATORS, policy.update_session_policy, work="jobs", body=PolicyRequest, audit_action="session_policy.put", replaces=policy.get_session_policy),
    Operation("preview_session_policy", "POST", "/admin/sessions/policy/preview", BY_ADMINISTRATORS, policy.preview_session_policy, work="jobs", body=PolicyRequest),
    Operation("reset_session_policy", "DELETE", "/admin/sessions/policy", BY_ADMINISTRATORS, policy.reset_session_policy, audit_action="session_policy.delete", replaces=policy.get_session_policy),
    Operation("get_session_limits", "GET", "/admin/sessions/limits", BY_ADMINISTRATORS, policy.get_session_limits),
    Operation("update_session_limits", "PUT", "/admin/sessions/limits", BY_ADMINISTRATORS, policy.update_session_limits, body=SessionLimitsBody, audit_action="session_limits.put", replaces=policy.get_session_limits),
    Operation("preview_session_limits", "POST", "/admin/sessions/limits/preview", BY_ADMINISTRATORS, policy.preview_session_limits, work="jobs", body=SessionLimitsBody),
    Operation("reset_session_limits", "DELETE", "/admin/sessions/limits", BY_ADMINISTRATORS, policy.reset_session_limits, audit_action="session_limits.delete", replaces=policy.get_session_limits),

    Operation("get_session_risk", "GET", "/admin/sessions/risk-score", BY_ADMINISTRATORS, risk.get_session_risk, query=SessionQuery),
    Operation("get_risk_weights", "GET", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risk.get_risk_weights),
    Operation("update_risk_weights", "PUT", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risk.update_risk_weights, body=RiskWeightsRequest, audit_action="risk_weights.put", replaces=risk.get_risk_weights),
    Operation("reset_risk_weights", "DELETE", "/admin/sessions/risk-weights", BY_ADMINISTRATORS, risk.reset_risk_weights, audit_action="risk_weights.delete", replaces=risk.get_risk_weights),
    Operation("get_device_fingerprint", "GET", "/admin/sessions/device-fingerprint", BY_ADMINISTRATORS, risk.get_device_fingerprint, query=SessionQuery),
    Operation("get_device_risk", "GET", "/admin/devices/{device_id}/risk", BY_ADMINISTRATORS, risk.get_device_risk),

    Operation("get_retention", "GET", "/admin/sessions/retention", BY_ADMINISTRATORS, retention.get_retention),
    Operation("update_retention", "PUT", "/admin/sessions/retention", BY_ADMINISTRATORS, retention.update_retention, body=RetentionBody, audit_action="retention.put", replaces=retention.get_retention),
    Operation("preview_retention", "POST", "/admin/sessions/retention/preview", BY_ADMINISTRATORS, retention.preview_retention, work="jobs", body=RetentionBody),
    Operation("reset_retention", "DELETE", "/admin/sessions/retention", BY_ADMINISTRATORS, retention.reset_retention, audit_action="retention.delete", replaces=retention.get_retention),
    Operation("list_audit_entries", "GET", "/admin/audit", BY_ADMINISTRATORS, audit.listed, work="lists", query=AuditListQuery),

    Operation("verify_audit_log", "GET", "/admin/audit/verification", BY_ADMINISTRATORS, audit.verified, work="jobs"),
    Operation("get_audit_checkpoint", "GET", "/admin/audit/checkpoint", BY_ADMINISTRATORS, audit.checkpoint),

    Operation("list_platform_audit_entries", "GET", "/admin/platform/audit", BY_PLATFORM, audit.list_of_platform, work="lists", query=AuditListQuery),
    Operation("verify_platform_audit_log", "GET", "/admin/platform/audit/verification", BY_PLATFORM, audit.verify_platform, work="jobs"),
    Operation("list_tenants", "GET", "/admin/tenants", BY_PLATFORM, platform.list_tenants, work="lists", query=TenantsQuery),
    Operation("create_tenant", "POST", "/admin/tenants", BY_PLATFORM, platform.create_tenant, 201, body=CreateTenantRequest, audit_action="tenant.create", logs=platform.of_new_tenant),
    Operation("disable_tenant", "POST", "/admin/tenants/{tenant_id}/disable", BY_PLATFORM, platform.disable_tenant, audit_action="tenant.disable", logs=platform.of_tenant),
    Operation("enable_tenant", "POST", "/admin/tenants/{tenant_id}/enable", BY_PLATFORM, platform.enable_tenant, audit_action="tenant.enable", logs=platform.of_tenant),
    Operation("list_api_keys", "GET", "/admin/api-keys", BY_PLATFORM, platform.list_api_keys, work="lists", query=PageQuery),
    Operation("create_api_key", "POST", "/admin/api-keys", BY_PLATFORM, platform.create_api_key, 201, body=CreateApiKeyRequest, audit_action="api_key.create", logs=platform.of_key),
    Operation("revoke_api_key", "DELETE", "/admin/api-keys/{api_key_id}", BY_PLATFORM, platform.revoke_api_key, audit_action="api_key.revoke", logs=platform.of_revoked_key),
    Operation("list_signing_keys", "GET", "/admin/signing-keys", BY_PLATFORM, platform.list_signing_keys),
    Operation("rotate_signing_keys", "POST", "/admin/signing-keys/rotate", BY_PLATFORM, platform.rotate_signing_keys, audit_action="signing_key.rotate", logs=platform.of_platform),
    Operation("retire_signing_key", "POST", "/admin/signing-keys/{key_id}/retire", BY_PLATFORM, platform.retire_signing_key, audit_action="signing_key.retire", logs=platform.of_platform),

    Operation("list_user_sessions", "GET", "/sessions", BY_EVERYONE, session_lists.list_user_sessions, work="lists", query=UserListQuery),
    Operation("create_session", "POST", "/sessions", BY_ADMINISTRATORS, sessions.create, 201, body=Login, audit_action="session.create", idempotent=True),
    Operation("list_user_sessions_by_path", "GET", "/sessions/user/{user_id}/sessions", BY_EVERYONE, session_lists.list_user_sessions_by_path, work="lists", query=ListQuery),
    Operation("rotate_access_token", "POST", "/sessions/rotate-access", ANYONE, refreshing.rotate_access, body=RefreshTokensRequest),
    Operation("refresh_session", "POST", "/sessions/refresh", ANYONE, refreshing.refresh, body=RefreshTokensRequest, idempotent=True),
    Operation("get_session", "GET", "/sessions/{session_id}", BY_EVERYONE, sessions.get, preload=sessions.session_preload, on_session="see"),
    Operation("delete_session", "DELETE", "/sessions/{session_id}", BY_EVERYONE, sessions.revoke, 204, body=RevokeRequest, audit_action="session.revoke", on_session="end"),
    Operation("revoke_session", "POST", "/sessions/{session_id}/revoke", BY_EVERYONE, sessions.revoke, 204, body=RevokeRequest, audit_action="session.revoke", on_session="end"),
    Operation("record_session_activity", "POST", "/sessions/{session_id}/activity", BY_EVERYONE, sessions.record_activity, body=ActivityRequest, on_session="extend"),
    Operation("upgrade_session", "POST", "/sessions/{session_id}/upgrade-mfa", BY_ADMINISTRATORS, refreshing.upgrade, body=UpgradeRequest, audit_action="session.upgrade", on_session="raise"),
    Operation("validate_session", "POST", "/sessions/{session_id}/validate", BY_EVERYONE, sessions.validate, preload=sessions.session_preload, on_session="see"),

    Operation("list_session_tokens", "GET", "/admin/sessions/{session_id}/tokens", BY_ADMINISTRATORS, tokens.list_of_session, work="lists", on_session="see"),
    Operation("list_tokens", "GET", "/admin/tokens", BY_ADMINISTRATORS, tokens.list_issued, work="lists", query=TokenListQuery),
    Operation("get_token_lifetimes", "GET", "/admin/tokens/config", BY_ADMINISTRATORS, token_lifetimes.read_config),
    Operation("update_token_lifetimes", "PUT", "/admin/tokens/config", BY_ADMINISTRATORS, token_lifetimes.put_config, body=UpdateTenantJWTConfigRequest, audit_action="jwt_config.put", replaces=token_lifetimes.read_config),
    Operation("reset_token_lifetimes", "DELETE", "/admin/tokens/config", BY_ADMINISTRATORS, token_lifetimes.delete_config, audit_action="jwt_config.delete", replaces=token_lifetimes.read_config),
    Operation("exchange_token", "POST", "/admin/tokens/exchange", BY_ADMINISTRATORS, tokens.exchange_token, body=ExchangeTokenRequest, audit_action="token.exchange"),
    Operation("introspect_token", "POST", "/admin/tokens/introspect", BY_ADMINISTRATORS, token_introspection.introspect, body=IntrospectTokenRequest, preload=token_introspection.token_preload),
    Operation("revoke_all_tokens", "POST", "/admin/tokens/revoke-all", BY_ADMINISTRATORS, token_revocation.revoke_all, work="jobs", body=RevokeAllTokensRequest, audit_action="tokens.revoke_all", non_transactional=True),
    Operation("list_blacklist", "GET", "/admin/tokens/blacklist", BY_ADMINISTRATORS, token_revocation.list_blacklist, work="lists", query=BlacklistQuery),
    Operation("delete_blacklist_entry", "DELETE", "/admin/tokens/blacklist/{id}", BY_ADMINISTRATORS, token_revocation.delete_from_blacklist, audit_action="blacklist.delete"),
    Operation("get_token", "GET", "/admin/tokens/{token_id}", BY_ADMINISTRATORS, tokens.get_issued),
    Operation("blacklist_token", "POST", "/tokens/blacklist", BY_BEARERS, token_revocation.add_to_blacklist, body=AddToBlacklistRequest, audit_action="blacklist.add"),
    Operation("check_blacklist", "GET", "/tokens/blacklist/check", BY_BEARERS, token_revocation.check_blacklist, query=BlacklistCheckRequest),
    Operation("check_blacklist_by_post", "POST", "/tokens/blacklist/check", BY_BEARERS, token_revocation.check_blacklist_by_post, body=BlacklistCheckRequest),

    Operation("list_own_trusted_devices", "GET", "/trusted-devices", BY_BEARERS, devices.list_own, work="lists", query=PageQuery),
    Operation("trust_own_device", "POST", "/trusted-devices", BY_BEARERS, devices.trust_own, body=TrustDeviceRequest, audit_action="device.trust"),
    Operation("distrust_own_device", "DELETE", "/trusted-devices/{device_id}", BY_BEARERS, devices.distrust_own, audit_action="device.distrust"),
    Operation("list_trusted_devices", "GET", "/admin/trusted-devices", BY_ADMINISTRATORS, devices.list_of_user, work="lists", query=DevicesQuery),
    Operation("distrust_device", "DELETE", "/admin/trusted-devices/{device_id}", BY_ADMINISTRATORS, devices.distrust, audit_action="device.distrust"),
    Operation("internal_list_trusted_devices", "GET", "/internal/session/trusted-devices", SERVICES, devices.list_of_user, work="lists", query=DevicesQuery),
    Operation("internal_trust_device", "POST", "/internal/session/trusted-devices", SERVICES, devices.trust_for_user, body=CreateTrustedDeviceRequest, audit_action="device.trust"),
    Operation("internal_distrust_device", "DELETE", "/internal/session/trusted-devices/{device_fingerprint}", SERVICES, devices.distrust_fingerprint, audit_action="device.distrust"),
    Operation("internal_get_session_usage", "GET", "/internal/session/{session_id}/usage", SERVICES, devices.get_session_usage, on_session="see"),
    Operation("internal_record_session_use", "POST", "/internal/session/{session_id}/usage", SERVICES, devices.record_session_use, on_session="see"),
    Operation("internal_export_user_data", "POST", "/internal/session/export-user-data", SERVICES, users.export, work="jobs", body=UserRequest, audit_action="user.export", non_transactional=True),

    Operation("internal_erase_user_data", "POST", "/internal/session/erase-user-data", SERVICES, users.erase, work="jobs", body=UserRequest, audit_action="user.erase", hide_target=True),
    Operation("list_users", "GET", "/admin/users", BY_ADMINISTRATORS, users.list_users, work="lists", query=users.UsersQuery),
    Operation("export_user_data", "POST", "/admin/users/export", BY_ADMINISTRATORS, users.export, work="jobs", body=UserRequest, audit_action="user.export", non_transactional=True),
    Operation("erase_user_data", "POST", "/admin/users/erase", BY_ADMINISTRATORS, users.erase, work="jobs", body=UserRequest, audit_action="user.erase", hide_target=True),

    Operation("oauth_introspect", "POST", "/oauth2/introspect", CLIENTS, oauth.introspect, body=TokenForm, form=True, preload=token_introspection.token_preload),
    Operation("oauth_revoke", "POST", "/oauth2/revoke", CLIENTS, oauth.revoke, body=TokenForm, form=True, audit_action="token.revoke"),
    Operation("oauth_exchange_token", "POST", "/oauth2/token", CLIENTS, oauth.exchange, body=ExchangeForm, form=True, audit_action="token.exchange"),

    Operation("internal_blacklist_token", "POST", "/internal/session/blacklist-token", SERVICES, token_revocation.blacklist_internally, body=BlacklistTokenRequest, audit_action="blacklist.add"),
    Operation("internal_generate_tokens", "POST", "/internal/session/generate-tokens", SERVICES, tokens.generate, body=GenerateTokensRequest, audit_action="tokens.generate"),
    Operation("internal_validate_token", "POST", "/internal/session/validate-token", SERVICES, token_introspection.validate, body=ValidateAccessTokenRequest, preload=token_introspection.access_token_preload),
    Operation("internal_create_session", "POST", "/internal/session/create", SERVICES, sessions.create_internally, 201, body=Login, idempotent=True),
    Operation("internal_revoke_user_sessions", "DELETE", "/internal/session/session/user/{user_id}", SERVICES, sessions.revoke_user_sessions, work="jobs", body=RevokeRequest, audit_action="sessions.revoke_of_user"),
    Operation("internal_revoke_agent_sessions", "DELETE", "/internal/session/session/agent/{agent_id}", SERVICES, agents.revoke_agent_sessions, work="jobs", body=RevokeRequest, audit_action="sessions.revoke_of_agent", non_transactional=True),
    Operation("internal_revoke_session", "DELETE", "/internal/session/session/{session_id}", SERVICES, sessions.revoke, 204, body=RevokeRequest, audit_action="session.revoke", on_session="end"),
    Operation("internal_record_session_activity", "POST", "/internal/session/{session_id}/activity", SERVICES, sessions.record_activity, body=ActivityRequest, on_session="extend"),
    Operation("internal_upgrade_session", "POST", "/internal/session/{session_id}/upgrade-mfa", SERVICES, refreshing.upgrade, body=UpgradeRequest, audit_action="session.upgrade", on_session="raise"),
    Operation("internal_list_user_sessions", "GET", "/internal/session/sessions/{user_id}", SERVICES, session_lists.list_user_sessions_by_path, work="lists", query=ListQuery),
    Operation("internal_get_user_activity", "GET", "/internal/session/sessions/{user_id}/active", SERVICES, statistics.user_is_active),
)

MONITORING: tuple[Operation, ...] = tuple(
    operation._replace(access=ANYONE) for operation in OPERATIONS if operation.path in {"/healthz", "/readyz", "/metrics"}
)
"""What answers without a credential at the address that is open to monitoring alone."""
# fmt: on
