"""The whole contract as one table: a line an operation."""

from autional.api import meta, sessions, statistics
from autional.api.kernel import Operation
from autional.api.schemas import CreateSessionRequest, RevokeRequest, StatisticsQuery
from autional.callers import ADMINISTRATORS, EVERYONE

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/healthz", "anyone", meta.alive),
    Operation("GET", "/readyz", "anyone", meta.ready),
    Operation("GET", "/.well-known/jwks.json", "anyone", meta.jwks),
    Operation("GET", "/problems/{slug}", "anyone", meta.problem),
    Operation("GET", "/admin/sessions/stats", ADMINISTRATORS, statistics.session_stats, query=StatisticsQuery),
    Operation(
        "POST", "/internal/session/create", "api_key", sessions.create_internally, 201, body=CreateSessionRequest
    ),
    Operation("DELETE", "/sessions/{session_id}", EVERYONE, sessions.revoke, 204, body=RevokeRequest),
)
