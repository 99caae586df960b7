"""Requests and responses about bulk revocation."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from autional.api.schemas import Cursor, Instant, ResponseModel, SessionId
from autional.api.sessions.schemas import RevokeRequest
from autional.sessions.filters import SessionFilter


class RevokeManyRequest(RevokeRequest, kw_only=True):
    """Which sessions to revoke, and why.

    Either `session_ids` or a `filter`, with `dry_run` first and the `dry_run_token` then.
    """

    session_ids: Annotated[list[SessionId], Meta(min_length=1, max_length=100)] | None = None
    filter: SessionFilter | None = None
    dry_run: bool = False
    dry_run_token: Cursor | None = None
    keep_own: Annotated[bool, Meta(description="Leave the caller's own session alone.")] = False


class RevocationPreview(ResponseModel, omit_defaults=False):
    """What a filter selects, and the token that confirms the revocation."""

    sessions: int
    users: int
    by_device_type: dict[str, int]
    by_status: dict[str, int]
    revocable: int
    dry_run_token: str
    expires_at: Instant


class JobResponse(ResponseModel):
    """A job that revokes many sessions, and its progress."""

    id: str
    state: Literal["waiting", "running", "done", "cancelled"]
    reason: str
    requested_by: str
    filter: dict[str, Any]
    total: int
    done: int
    already_ended: int
    """Sessions that had ended by themselves when their turn came."""
    created_at: Instant
    finished_at: Instant | None = None


class BatchRevokeResponse(ResponseModel, omit_defaults=False):
    """What became of the named sessions, what a filter selects, or the job that revokes them."""

    total: int
    succeeded: list[str] | UnsetType = UNSET
    failed: list[str] | UnsetType = UNSET
    preview: RevocationPreview | UnsetType = UNSET
    job: JobResponse | UnsetType = UNSET
