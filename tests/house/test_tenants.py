"""No query reaches across tenants, except the few that are there to."""

import re

from autional.postgres.queries import named_parts, named_queries, sql_files

TENANT_TABLES = (
    r"\b(sessions|user_agents|session_counters|session_policies|statistics_samples|"
    r"token_pairs|access_tokens|blacklist|job_sessions|revocations|jwt_configs|idempotency_keys|trusted_devices|session_usage|risk_weights|jobs|session_limits|audit_entries|retentions|audit_heads|audit_values|erasures|session_breakdowns|console_links|console_sessions|revocation_heads|receivers|deliveries|stream_exclusions|listed_tokens|readings|alert_rules|alerts|listing_heads)\b"
)
ACROSS_TENANTS = {
    "buckets_statistics",
    "analyze_sessions",
    "breakdowns_to_count",
    "erasures_to_claim",
    "homes_with_foreign_user",
    "reachable_erasures_to_claim",
    "jobs_to_claim",
    "tenants_with_unplaced_revocations",
    "console_session",
    "log_progress",
    "metered_sessions",
    "oldest_unplaced_revocation",
    "open_console_link",
    "overdue_sessions",
    "prune_access_tokens",
    "prune_blacklist",
    "prune_breakdowns",
    "prune_console_links",
    "prune_console_sessions",
    "prune_deliveries",
    "prune_idempotency_keys",
    "prune_jobs",
    "prune_samples",
    "give_up_deliveries",
    "backlog_of_all",
    "insert_readings",
    "lags_of_all",
    "prune_alerts",
    "prune_listed_tokens",
    "prune_readings",
    "receivers_behind",
    "retire_status_lists",
    "prune_trusted_devices",
    "revoked_numbers",
    "tenants_to_list",
    "revocations_after",
    "revocations_kept_too_long",
    "sample_statistics",
    "sessions_kept_too_long",
    "tenants_to_tell",
    "tenants_with_alert_rules",
    "tenants_with_deliveries",
    "tenants_with_late_deliveries",
    "tenants_with_ended_tokens",
    "tenants_with_overdue_sessions",
    "tenants_with_unused_user_agents",
    "work_ahead",
}
FUNCTIONS_ACROSS_TENANTS = {
    "begin_restoration",
    "claim_deliveries",
    "finish_deliveries",
    "place_revocations",
    "check_listed_tokens",
    "settle_receivers",
}


def test_every_query_on_a_tenants_table_names_the_tenant() -> None:
    for name, text in ({name: query.text for name, query in named_queries().items()} | named_parts()).items():
        statement = re.sub(r"--.*", "", text)
        if name in ACROSS_TENANTS or not re.search(
            rf"(from|into|update|join|delete from)\s+{TENANT_TABLES}", statement
        ):
            continue
        if query_is_set(name):  # every table for itself: the calls of a set are of several tenants
            touched = re.findall(rf"(?:from|join)\s+{TENANT_TABLES}", statement)
            named = re.findall(r"home = (?:call|asked)\.home", statement)
            assert len(named) >= len(touched), name
            continue
        names_it = re.search(r"home = \$1\b", statement) or re.search(
            r"(values \(|^select )\$1\b", statement, re.MULTILINE
        )
        assert names_it, name


def query_is_set(name: str) -> bool:
    return name in named_queries() and named_queries()[name].is_set


def test_every_function_on_a_tenants_table_names_the_tenant() -> None:
    checked = 0
    for _, text in sql_files("functions"):
        code = re.sub(r"--.*", "", text)
        for function in re.split(r"create or replace function ", code)[1:]:
            name = function.partition("(")[0]
            if name in FUNCTIONS_ACROSS_TENANTS:
                continue
            if re.search(rf"(from|into|update|join|delete from)\s+{TENANT_TABLES}", function):
                checked += 1
                inserts_only = re.search(r"(values|select)\s*\(?\s*(_home|created\.home)", function)
                assert re.search(r"home = (_home|new\.|owner\.|_token\.|elsewhere)", function) or inserts_only, name
    assert checked > 20
