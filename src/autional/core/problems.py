"""The catalogue of Problems: every answer other than success (RFC 9457).

Texts are in locales/, under the slug. Codes: 301 (this service), family (01 request, 02 authentication, 03
permission, 04 not found, 05 conflict, 06 rate, 09 internal), case.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CATALOGUE: dict[str, "ProblemType"] = {}


class ProblemType(NamedTuple):
    """A kind of Problem; `code`, `status` and `slug` never change once published."""

    slug: str
    code: int
    status: int
    challenge: str | None = None
    """The `error` of `WWW-Authenticate: Bearer` (RFC 6750 §3.1), empty where no credential was presented."""
    oauth: str | None = None
    """The `error` of an OAuth endpoint, where the status does not say it (RFC 6749 §5.2)."""

    @property
    def i18n_key(self) -> str:
        """The key of the text, for a client that translates it itself."""
        return f"error.{self.slug.replace('-', '_')}"


class Violation(NamedTuple):
    """One invalid field: its path (dots and [n]), a code of locales/ under `violations`, and the reason.

    The reason is the name of a text under `expected`, filled with `arguments`, or a text under `reasons`.
    """

    field: str
    code: str
    reason: str = ""
    value: object = None
    arguments: Mapping[str, object] = MappingProxyType({})


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer other than success; everything in it may be shown to its receiver.

    `arguments` fill the texts; `retry_after` is in seconds.
    """

    def __init__(
        self,
        kind: ProblemType,
        *,
        violations: list[Violation] | None = None,
        retry_after: int | None = None,
        **arguments: object,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.arguments = arguments
        self.violations = violations or []
        self.retry_after = retry_after


def _problem(slug: str, code: int, status: int, challenge: str | None = None, oauth: str | None = None) -> ProblemType:
    kind = ProblemType(slug, code, status, challenge, oauth)
    CATALOGUE[slug] = kind
    return kind


INVALID_PARAMETER = _problem("invalid-parameter", 30101001, 400)
MALFORMED_JSON = _problem("malformed-json", 30101002, 400)
BODY_TOO_LARGE = _problem("body-too-large", 30101003, 413)
UNSUPPORTED_MEDIA_TYPE = _problem("unsupported-media-type", 30101004, 415)
INVALID_SUBJECT_TOKEN = _problem("invalid-subject-token", 30101007, 400)
METHOD_NOT_ALLOWED = _problem("method-not-allowed", 30101005, 405)
MALFORMED_REQUEST = _problem("malformed-request", 30101006, 400)
TENANT_REQUIRED = _problem("tenant-required", 30101008, 400)
REQUEST_TOO_SLOW = _problem("request-too-slow", 30101009, 408)
URL_TOO_LONG = _problem("url-too-long", 30101010, 414)
INVALID_TARGET = _problem("invalid-target", 30101012, 400, oauth="invalid_target")
INVALID_SCOPE = _problem("invalid-scope", 30101013, 400, oauth="invalid_scope")
HEAD_TOO_LARGE = _problem("head-too-large", 30101011, 431)

MISSING_CREDENTIAL = _problem("missing-credential", 30102001, 401, challenge="")
INVALID_TOKEN = _problem("invalid-token", 30102002, 401, challenge="invalid_token")
EXPIRED_TOKEN = _problem("expired-token", 30102003, 401, challenge="invalid_token")
SESSION_OVER = _problem("session-over", 30102004, 401, challenge="invalid_token")
INVALID_API_KEY = _problem("invalid-api-key", 30102005, 401, challenge="invalid_token")
INVALID_REFRESH_TOKEN = _problem("invalid-refresh-token", 30102006, 401, challenge="invalid_token")
REFRESH_TOKEN_REUSED = _problem("refresh-token-reused", 30102007, 401, challenge="invalid_token")
SIGNED_OUT = _problem("signed-out", 30102010, 401)
SIGN_IN_REFUSED = _problem("sign-in-refused", 30102009, 401)
INVALID_SIGN_IN_LINK = _problem("invalid-sign-in-link", 30102008, 401)

MISSING_ROLE = _problem("missing-role", 30103001, 403, challenge="insufficient_scope")
FOREIGN_TENANT = _problem("foreign-tenant", 30103002, 403)
ROLE_TOO_HIGH = _problem("role-too-high", 30103003, 403)
FOREIGN_USER = _problem("foreign-user", 30103004, 403)
LEVEL_TOO_HIGH = _problem("level-too-high", 30103005, 403)
FOREIGN_FORM = _problem("foreign-form", 30103008, 403)
OWN_ERASURE = _problem("own-erasure", 30103007, 403)
OWN_SESSION = _problem("own-session", 30103006, 403)
AGENT_NOT_PERMITTED = _problem("agent-not-permitted", 30103009, 403)

ROUTE_NOT_FOUND = _problem("route-not-found", 30104001, 404)
TENANT_NOT_FOUND = _problem("tenant-not-found", 30104002, 404)
SESSION_NOT_FOUND = _problem("session-not-found", 30104003, 404)
API_KEY_NOT_FOUND = _problem("api-key-not-found", 30104004, 404)
BLACKLIST_ENTRY_NOT_FOUND = _problem("blacklist-entry-not-found", 30104005, 404)
TOKEN_NOT_FOUND = _problem("token-not-found", 30104006, 404)
DEVICE_NOT_FOUND = _problem("device-not-found", 30104007, 404)
RECEIVER_NOT_FOUND = _problem("receiver-not-found", 30104009, 404)
STREAM_NOT_FOUND = _problem("stream-not-found", 30104010, 404)
SUBJECT_NOT_FOUND = _problem("subject-not-found", 30104011, 404)
STATUS_LIST_NOT_FOUND = _problem("status-list-not-found", 30104012, 404)
REVOCATION_NOT_FOUND = _problem("revocation-not-found", 30104013, 404)
JOB_NOT_FOUND = _problem("job-not-found", 30104008, 404)

TENANT_EXISTS = _problem("tenant-exists", 30105001, 409)
IDEMPOTENCY_KEY_REUSED = _problem("idempotency-key-reused", 30105003, 422)
TOO_MANY_SESSIONS = _problem("too-many-sessions", 30105004, 409)
TOO_MANY_RECEIVERS = _problem("too-many-receivers", 30105005, 409)
RECEIVER_WITHOUT_SECRET = _problem("receiver-without-secret", 30105006, 409)
KEY_NOT_RETIRABLE = _problem("key-not-retirable", 30105002, 409)

TOO_MANY_REFRESHES = _problem("too-many-refreshes", 30106001, 429)

INTERNAL = _problem("internal", 30109001, 500)
UNAVAILABLE = _problem("unavailable", 30109002, 503)
NOT_READY = _problem("not-ready", 30109003, 503)
OVERLOADED = _problem("overloaded", 30109006, 503)
NOT_WHERE_SPLIT = _problem("not-where-split", 30109007, 501)
NOT_ON_CITUS = _problem("not-on-citus", 30109005, 501)
TOO_MANY_CONNECTIONS = _problem("too-many-connections", 30109004, 503)
