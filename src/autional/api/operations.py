"""The whole contract as one table: a line an operation."""

from autional.api import meta
from autional.api.kernel import Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/healthz", "anyone", meta.alive),
    Operation("GET", "/readyz", "anyone", meta.ready),
    Operation("GET", "/.well-known/jwks.json", "anyone", meta.jwks),
    Operation("GET", "/problems/{slug}", "anyone", meta.problem),
)
