"""The table of the console's pages."""

from autional.console import audit, events, overview, platform, policies, receipts, sessions, tokens, users
from autional.console.model import PLATFORM, Page

PAGES: tuple[Page, ...] = (
    Page("", overview.show),
    Page("/sessions", sessions.show_list, {"revoke": sessions.revoke_selected}),
    Page("/sessions/revoke", sessions.show_revocation, {"preview": sessions.preview, "confirm": sessions.confirm}),
    Page("/sessions/{session_id}", sessions.show_one, {"revoke": sessions.revoke_one}),
    Page("/users", users.find, {"everybody": users.sign_everybody_out}),
    Page(
        "/user",
        users.show,
        {
            "revoke": sessions.revoke_selected,
            "sign_out": users.sign_out,
            "distrust": tokens.distrust,
            "export": users.export,
            "erase": users.erase,
        },
    ),
    Page("/receipts/{request_id}", receipts.show_receipt),
    Page("/jobs", receipts.show_jobs),
    Page("/jobs/{job_id}", receipts.show_job, {"cancel": receipts.cancel}),
    Page("/tokens", tokens.show, {"revoke": tokens.revoke}),
    Page("/blacklist", tokens.show_blacklist, {"restore": tokens.restore}),
    Page("/devices", tokens.show_devices, {"distrust": tokens.distrust}),
    Page(
        "/policies",
        policies.show,
        {
            "preview_policy": policies.preview_policy,
            "policy": policies.save_policy,
            "preview_limits": policies.preview_limits,
            "limits": policies.save_limits,
            "lifetimes": policies.save_lifetimes,
            "preview_retention": policies.preview_retention,
            "retention": policies.save_retention,
            "weights": policies.save_weights,
            "reset_policy": policies.resetting("reset_session_policy"),
            "reset_limits": policies.resetting("reset_session_limits"),
            "reset_lifetimes": policies.resetting("reset_token_lifetimes"),
            "reset_retention": policies.resetting("reset_retention"),
            "reset_weights": policies.resetting("reset_risk_weights"),
        },
    ),
    Page(
        "/events",
        events.show,
        {"create": events.create_receiver, "rules": events.save_rules, "listing": events.save_listing},
    ),
    Page(
        "/receivers/{receiver_id}",
        events.show_receiver,
        {
            "replay": events.replay,
            "pause": events.pause,
            "rotate": events.rotate_secret,
            "remove": events.remove,
        },
    ),
    Page("/revocations", events.show_revocations),
    Page("/revocations/{revocation_id}", events.show_receipt),
    Page("/audit", audit.show, {"verify": audit.verify, "checkpoint": audit.checkpoint}),
    Page(
        "/tenants",
        platform.show_tenants,
        {"create": platform.create_tenant, "disable": platform.disable_tenant, "enable": platform.enable_tenant},
        PLATFORM,
    ),
    Page(
        "/api-keys",
        platform.show_api_keys,
        {"create": platform.create_api_key, "revoke": platform.revoke_api_key},
        PLATFORM,
    ),
    Page(
        "/signing-keys",
        platform.show_signing_keys,
        {"rotate": platform.rotate_signing_keys, "retire": platform.retire_signing_key},
        PLATFORM,
    ),
)
