"""No query reaches across tenants, except the few that are there to."""

import re

from autional.db import named_parts, named_queries

TENANT_TABLES = (
    r"\b(sessions|session_counters|session_policies|statistics_samples|"
    r"refresh_tokens|access_tokens|blacklist|job_sessions|revocations|jwt_configs|idempotency_keys|trusted_devices|session_usage|risk_weights|jobs|session_limits|audit_entries|retentions|audit_heads)\b"
)
ACROSS_TENANTS = {
    "analyze_sessions",
    "claim_job",
    "overdue_sessions",
    "prune_access_tokens",
    "prune_blacklist",
    "prune_idempotency_keys",
    "prune_jobs",
    "prune_samples",
    "sample_statistics",
    "sessions_kept_too_long",
    "tenants_with_overdue_sessions",
}


def test_every_query_on_a_tenants_table_names_the_tenant() -> None:
    for name, text in (named_queries() | named_parts()).items():
        statement = re.sub(r"--.*", "", text)
        if name in ACROSS_TENANTS or not re.search(
            rf"(from|into|update|join|delete from)\s+{TENANT_TABLES}", statement
        ):
            continue
        names_it = re.search(r"tenant_id = \$1\b", statement) or re.search(r"values \(\$1\b", statement)
        assert names_it, name
