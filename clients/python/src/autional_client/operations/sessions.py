"""Operations of sessions. Generated from the service's table of operations: do not edit."""

from datetime import datetime
from types import NoneType
from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import (
    AccessTokenResponse,
    Actor,
    BatchRevokeResponse,
    CountedResponse,
    CreateSessionData,
    DataResponse,
    GetSessionData,
    JobListResponse,
    JobResponse,
    RevocationListResponse,
    RevocationResponse,
    SessionFilter,
    SessionListResponse,
    SessionResponse,
    SimpleResponse,
    TokenPairResponse,
    TokenValidationResponse,
    UpgradeSessionMFAResponse,
)
from autional_client.sender import AsyncSender, Sender


class Sessions(Sender):
    """Operations of sessions."""

    def list_sessions(
        self,
        *,
        status: Literal["active", "expired", "revoked", "ended", "all"] | None = None,
        user_id: str | None = None,
        search: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        device_id: str | None = None,
        app_id: str | None = None,
        actor: str | None = None,
        parent_session_id: str | None = None,
        country: str | None = None,
        ip: str | None = None,
        amr: str | None = None,
        aal: int | None = None,
        min_risk: int | None = None,
        max_risk: int | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        active_from: datetime | None = None,
        active_to: datetime | None = None,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        sort: Literal["-created_at", "created_at", "-risk_score", "user_id", "-user_id", "expires_at", "-ended_at"]
        | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[SessionListResponse, SessionResponse]:
        """List the tenant's sessions.

        Active ones unless a status is given. All filters must hold. Ordered by risk, only sessions with a risk score
        are listed; by expiry, only active ones (to the minute); by their end, only those that have ended. A search that
        takes too long is cut and says so; the cursor goes on from there.

        GET /admin/sessions

        status: Status at this instant.
        user_id: The user.
        search: Only sessions whose user id or session id begins with this.
        device_type: Type of the device.
        device_id: The device's id, as the caller knows it.
        app_id: The application that the user signed in to.
        actor: Sessions in which this agent acts.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        country: Only sessions that began in this country (ISO 3166).
        ip: Only sessions that began from this address or network.
        amr: Only sessions with this authentication method.
        aal: Authenticator assurance level, 1 to 3 (NIST SP 800-63B).
        min_risk: Only sessions with at least this risk score.
        max_risk: Only sessions with at most this risk score.
        created_from: Only sessions that began at this instant or later.
        created_to: Only sessions that began before this instant.
        active_from: Only sessions that were last active at this instant or later.
        active_to: Only sessions that were last active before this instant.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        sort: The order: newest first, oldest first, or riskiest first.
        """
        call = Call[SessionListResponse](
            "GET",
            "/admin/sessions",
            SessionListResponse,
            query={
                "status": status,
                "user_id": user_id,
                "search": search,
                "device_type": device_type,
                "device_id": device_id,
                "app_id": app_id,
                "actor": actor,
                "parent_session_id": parent_session_id,
                "country": country,
                "ip": ip,
                "amr": amr,
                "aal": aal,
                "min_risk": min_risk,
                "max_risk": max_risk,
                "created_from": created_from,
                "created_to": created_to,
                "active_from": active_from,
                "active_to": active_to,
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "sort": sort,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def revoke_sessions(
        self,
        *,
        reason: str | None = None,
        session_ids: list[str] | None = None,
        filter: SessionFilter | None = None,
        dry_run: bool | None = None,
        dry_run_token: str | None = None,
        keep_own: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> BatchRevokeResponse:
        """Revoke many sessions.

        Either the sessions with given ids, at once, or all that a filter selects. For a filter send `dry_run` first:
        the answer counts what is selected and has a token. Send the same filter with that token to start a job that
        revokes them.

        POST /admin/sessions/revoke

        reason: Why it was ended; free text.
        session_ids: 1 to 100 ids of sessions.
        filter: Which sessions: all conditions must hold.
        dry_run: Only count what the filter selects, and return a `dry_run_token`.
        dry_run_token: The token of a dry run of the same filter within the last 15 minutes.
        keep_own: Whether the caller's own session is left alone.
        """
        call = Call[BatchRevokeResponse](
            "POST",
            "/admin/sessions/revoke",
            BatchRevokeResponse,
            body={
                "reason": reason,
                "session_ids": session_ids,
                "filter": filter,
                "dry_run": dry_run,
                "dry_run_token": dry_run_token,
                "keep_own": keep_own,
            },
        )
        return self.send(call, options)

    def delete_sessions(
        self,
        *,
        reason: str | None = None,
        session_ids: list[str] | None = None,
        filter: SessionFilter | None = None,
        dry_run: bool | None = None,
        dry_run_token: str | None = None,
        keep_own: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> BatchRevokeResponse:
        """Revoke many sessions.

        Either the sessions with given ids, at once, or all that a filter selects. For a filter send `dry_run` first:
        the answer counts what is selected and has a token. Send the same filter with that token to start a job that
        revokes them.

        DELETE /admin/sessions/bulk

        reason: Why it was ended; free text.
        session_ids: 1 to 100 ids of sessions.
        filter: Which sessions: all conditions must hold.
        dry_run: Only count what the filter selects, and return a `dry_run_token`.
        dry_run_token: The token of a dry run of the same filter within the last 15 minutes.
        keep_own: Whether the caller's own session is left alone.
        """
        call = Call[BatchRevokeResponse](
            "DELETE",
            "/admin/sessions/bulk",
            BatchRevokeResponse,
            body={
                "reason": reason,
                "session_ids": session_ids,
                "filter": filter,
                "dry_run": dry_run,
                "dry_run_token": dry_run_token,
                "keep_own": keep_own,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def list_revocations(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
        user_id: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[RevocationListResponse, RevocationResponse]:
        """List revocations.

        What was ended before its time, by whom and why, newest first: of the last day, unless a span is given.

        GET /admin/revocations

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        request_id: Id of the request, as in the logs.
        job_id: The id of the job.
        user_id: The user.
        from_: From this instant on.
        to: Before this instant.
        """
        call = Call[RevocationListResponse](
            "GET",
            "/admin/revocations",
            RevocationListResponse,
            query={
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "request_id": request_id,
                "job_id": job_id,
                "user_id": user_id,
                "from": from_,
                "to": to,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def list_jobs(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[JobListResponse, JobResponse]:
        """List revocation jobs.

        Those of the last 30 days, newest first.

        GET /admin/jobs

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[JobListResponse](
            "GET",
            "/admin/jobs",
            JobListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def get_job(self, job_id: str, *, options: Options = NO_OPTIONS) -> JobResponse:
        """Get the progress of a revocation job.

        GET /admin/jobs/{job_id}

        job_id: The id of the job.
        """
        call = Call[JobResponse]("GET", path_of("/admin/jobs/{job_id}", job_id=job_id), JobResponse, is_repeatable=True)
        return self.send(call, options)

    def cancel_job(self, job_id: str, *, options: Options = NO_OPTIONS) -> JobResponse:
        """Cancel a revocation job.

        Sessions that it has ended stay ended.

        POST /admin/jobs/{job_id}/cancel

        job_id: The id of the job.
        """
        call = Call[JobResponse]("POST", path_of("/admin/jobs/{job_id}/cancel", job_id=job_id), JobResponse)
        return self.send(call, options)

    def delete_expired_sessions(self, *, options: Options = NO_OPTIONS) -> CountedResponse:
        """Remove the records of expired sessions.

        They leave the statistics and are added to the lifetime totals.

        DELETE /admin/sessions/expired
        """
        call = Call[CountedResponse]("DELETE", "/admin/sessions/expired", CountedResponse, is_repeatable=True)
        return self.send(call, options)

    def delete_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        DELETE /admin/sessions/user/{user_id}

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/admin/sessions/user/{user_id}", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return self.send(call, options)

    def revoke_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        POST /admin/sessions/user/{user_id}/revoke

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "POST",
            path_of("/admin/sessions/user/{user_id}/revoke", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
        )
        return self.send(call, options)

    def revoke_agent_sessions(
        self, agent_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of an agent.

        Whoever it acts for. What other agents began from them ends too.

        DELETE /admin/sessions/agent/{agent_id}

        agent_id: Id of the agent: the `sub` of `act`.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/admin/sessions/agent/{agent_id}", agent_id=agent_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return self.send(call, options)

    def list_user_sessions(
        self,
        *,
        auth_user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[SessionListResponse, SessionResponse]:
        """List the sessions of a user.

        Users list their own sessions, administrators those of any user of the tenant.

        GET /sessions

        auth_user_id: The user's id, as the caller knows it.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            "/sessions",
            SessionListResponse,
            query={
                "auth_user_id": auth_user_id,
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "status": status,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def create_session(
        self,
        *,
        auth_user_id: str,
        act: Actor | None = None,
        amr: list[str] | None = None,
        app_id: str | None = None,
        browser: str | None = None,
        client_hints: dict[str, str] | None = None,
        device_fingerprint: str | None = None,
        device_id: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        parent_session_id: str | None = None,
        role: Literal["user", "security_admin", "admin", "platform_admin"] | None = None,
        user_agent: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreateSessionData:
        """Create a session.

        For administrators: begin a session of a user of the tenant, up to the caller's own role and assurance level,
        and get its tokens.

        POST /sessions

        auth_user_id: The user's id, as the caller knows it.
        act: Who acts for the user, and for whom that one acts (RFC 8693 §4.1).
        amr: Authentication methods that the user proved (RFC 8176).
        app_id: The application that the user signed in to.
        browser: Browser with its major version.
        client_hints: User-agent client hints of the browser.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_id: The device's id, as the caller knows it.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        role: Role of the user.
        user_agent: User agent string of the browser or application; cut to 512 characters.
        """
        call = Call[CreateSessionData](
            "POST",
            "/sessions",
            CreateSessionData,
            body={
                "auth_user_id": auth_user_id,
                "act": act,
                "amr": amr,
                "app_id": app_id,
                "browser": browser,
                "client_hints": client_hints,
                "device_fingerprint": device_fingerprint,
                "device_id": device_id,
                "device_type": device_type,
                "ip": ip,
                "os": os,
                "parent_session_id": parent_session_id,
                "role": role,
                "user_agent": user_agent,
            },
            takes_key=True,
        )
        return self.send(call, options)

    def list_user_sessions_by_path(
        self,
        user_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[SessionListResponse, SessionResponse]:
        """List the sessions of a user named in the path.

        Administrators list those of any user of the tenant, users only their own.

        GET /sessions/user/{user_id}/sessions

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            path_of("/sessions/user/{user_id}/sessions", user_id=user_id),
            SessionListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "status": status},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def rotate_access_token(self, *, refresh_token: str, options: Options = NO_OPTIONS) -> AccessTokenResponse:
        """Get another access token.

        The refresh token is the credential and stays valid.

        POST /sessions/rotate-access

        refresh_token: The token that gets the next pair; it can be used once.
        """
        call = Call[AccessTokenResponse](
            "POST", "/sessions/rotate-access", AccessTokenResponse, body={"refresh_token": refresh_token}
        )
        return self.send(call, options)

    def refresh_session(self, *, refresh_token: str, options: Options = NO_OPTIONS) -> TokenPairResponse:
        """Exchange a refresh token for the next pair.

        The refresh token is the credential and can be used once. A lost answer can be asked for again with the same
        `Idempotency-Key`, or within seconds. Any other reuse ends the session. An access token that comes along must
        belong to the same session.

        POST /sessions/refresh

        refresh_token: The token that gets the next pair; it can be used once.
        """
        call = Call[TokenPairResponse](
            "POST", "/sessions/refresh", TokenPairResponse, body={"refresh_token": refresh_token}, takes_key=True
        )
        return self.send(call, options)

    def get_session(self, session_id: str, *, options: Options = NO_OPTIONS) -> GetSessionData:
        """Get a session.

        Administrators also see who revoked it.

        GET /sessions/{session_id}

        session_id: The id of the session.
        """
        call = Call[GetSessionData](
            "GET", path_of("/sessions/{session_id}", session_id=session_id), GetSessionData, is_repeatable=True
        )
        return self.send(call, options)

    def delete_session(self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        DELETE /sessions/{session_id}

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "DELETE",
            path_of("/sessions/{session_id}", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        self.send(call, options)

    def revoke_session(self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        POST /sessions/{session_id}/revoke

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "POST",
            path_of("/sessions/{session_id}/revoke", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        self.send(call, options)

    def record_session_activity(
        self, session_id: str, *, user_agent: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Record activity in a session.

        Moves its idle deadline, never beyond the absolute one.

        POST /sessions/{session_id}/activity

        session_id: The id of the session.
        user_agent: User agent string of the browser or application.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/sessions/{session_id}/activity", session_id=session_id),
            SimpleResponse,
            body={"user_agent": user_agent},
        )
        return self.send(call, options)

    def upgrade_session(
        self, session_id: str, *, amr: list[str] | None = None, options: Options = NO_OPTIONS
    ) -> UpgradeSessionMFAResponse:
        """Raise the assurance level of a session.

        The user has proved the factors in `amr` (without a body: `mfa`, several factors). The session gets the level
        of all of them, and new tokens; presenting its earlier refresh token afterwards is reuse and ends the session.
        For whoever authenticates users, never for a user's own session.

        POST /sessions/{session_id}/upgrade-mfa

        session_id: The id of the session.
        amr: Authentication methods that the user proved (RFC 8176).
        """
        call = Call[UpgradeSessionMFAResponse](
            "POST",
            path_of("/sessions/{session_id}/upgrade-mfa", session_id=session_id),
            UpgradeSessionMFAResponse,
            body={"amr": amr},
        )
        return self.send(call, options)

    def validate_session(self, session_id: str, *, options: Options = NO_OPTIONS) -> TokenValidationResponse:
        """Validate a session.

        Whether it is active, with what is known of its user; otherwise why not, and what the user must prove to sign
        in again.

        POST /sessions/{session_id}/validate

        session_id: The id of the session.
        """
        call = Call[TokenValidationResponse](
            "POST",
            path_of("/sessions/{session_id}/validate", session_id=session_id),
            TokenValidationResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_create_session(
        self,
        *,
        auth_user_id: str,
        act: Actor | None = None,
        amr: list[str] | None = None,
        app_id: str | None = None,
        browser: str | None = None,
        client_hints: dict[str, str] | None = None,
        device_fingerprint: str | None = None,
        device_id: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        parent_session_id: str | None = None,
        role: Literal["user", "security_admin", "admin", "platform_admin"] | None = None,
        user_agent: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> DataResponse[CreateSessionData]:
        """Create a session as a service.

        Begin a session of a user whom the service has authenticated, and get its tokens. A repeat under the same
        `Idempotency-Key` gets the same answer, or 404 if its tokens are no longer on record. With `act` it is the
        session of an agent that acts for the user.

        POST /internal/session/create

        auth_user_id: The user's id, as the caller knows it.
        act: Who acts for the user, and for whom that one acts (RFC 8693 §4.1).
        amr: Authentication methods that the user proved (RFC 8176).
        app_id: The application that the user signed in to.
        browser: Browser with its major version.
        client_hints: User-agent client hints of the browser.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_id: The device's id, as the caller knows it.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        role: Role of the user.
        user_agent: User agent string of the browser or application; cut to 512 characters.
        """
        call = Call[DataResponse[CreateSessionData]](
            "POST",
            "/internal/session/create",
            DataResponse[CreateSessionData],
            body={
                "auth_user_id": auth_user_id,
                "act": act,
                "amr": amr,
                "app_id": app_id,
                "browser": browser,
                "client_hints": client_hints,
                "device_fingerprint": device_fingerprint,
                "device_id": device_id,
                "device_type": device_type,
                "ip": ip,
                "os": os,
                "parent_session_id": parent_session_id,
                "role": role,
                "user_agent": user_agent,
            },
            takes_key=True,
        )
        return self.send(call, options)

    def internal_revoke_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        DELETE /internal/session/session/user/{user_id}

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/internal/session/session/user/{user_id}", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_revoke_agent_sessions(
        self, agent_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of an agent.

        Whoever it acts for. What other agents began from them ends too.

        DELETE /internal/session/session/agent/{agent_id}

        agent_id: Id of the agent: the `sub` of `act`.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/internal/session/session/agent/{agent_id}", agent_id=agent_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_revoke_session(
        self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        DELETE /internal/session/session/{session_id}

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "DELETE",
            path_of("/internal/session/session/{session_id}", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        self.send(call, options)

    def internal_record_session_activity(
        self, session_id: str, *, user_agent: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Record activity in a session.

        Moves its idle deadline, never beyond the absolute one.

        POST /internal/session/{session_id}/activity

        session_id: The id of the session.
        user_agent: User agent string of the browser or application.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/internal/session/{session_id}/activity", session_id=session_id),
            SimpleResponse,
            body={"user_agent": user_agent},
        )
        return self.send(call, options)

    def internal_upgrade_session(
        self, session_id: str, *, amr: list[str] | None = None, options: Options = NO_OPTIONS
    ) -> UpgradeSessionMFAResponse:
        """Raise the assurance level of a session.

        The user has proved the factors in `amr` (without a body: `mfa`, several factors). The session gets the level
        of all of them, and new tokens; presenting its earlier refresh token afterwards is reuse and ends the session.
        For whoever authenticates users, never for a user's own session.

        POST /internal/session/{session_id}/upgrade-mfa

        session_id: The id of the session.
        amr: Authentication methods that the user proved (RFC 8176).
        """
        call = Call[UpgradeSessionMFAResponse](
            "POST",
            path_of("/internal/session/{session_id}/upgrade-mfa", session_id=session_id),
            UpgradeSessionMFAResponse,
            body={"amr": amr},
        )
        return self.send(call, options)

    def internal_list_user_sessions(
        self,
        user_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[SessionListResponse, SessionResponse]:
        """List the sessions of a user named in the path.

        Administrators list those of any user of the tenant, users only their own.

        GET /internal/session/sessions/{user_id}

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            path_of("/internal/session/sessions/{user_id}", user_id=user_id),
            SessionListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "status": status},
            is_repeatable=True,
        )
        return Page(self.send, call, options)


class AsyncSessions(AsyncSender):
    """Operations of sessions, for AsyncClient."""

    async def list_sessions(
        self,
        *,
        status: Literal["active", "expired", "revoked", "ended", "all"] | None = None,
        user_id: str | None = None,
        search: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        device_id: str | None = None,
        app_id: str | None = None,
        actor: str | None = None,
        parent_session_id: str | None = None,
        country: str | None = None,
        ip: str | None = None,
        amr: str | None = None,
        aal: int | None = None,
        min_risk: int | None = None,
        max_risk: int | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        active_from: datetime | None = None,
        active_to: datetime | None = None,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        sort: Literal["-created_at", "created_at", "-risk_score", "user_id", "-user_id", "expires_at", "-ended_at"]
        | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[SessionListResponse, SessionResponse]:
        """List the tenant's sessions.

        Active ones unless a status is given. All filters must hold. Ordered by risk, only sessions with a risk score
        are listed; by expiry, only active ones (to the minute); by their end, only those that have ended. A search that
        takes too long is cut and says so; the cursor goes on from there.

        GET /admin/sessions

        status: Status at this instant.
        user_id: The user.
        search: Only sessions whose user id or session id begins with this.
        device_type: Type of the device.
        device_id: The device's id, as the caller knows it.
        app_id: The application that the user signed in to.
        actor: Sessions in which this agent acts.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        country: Only sessions that began in this country (ISO 3166).
        ip: Only sessions that began from this address or network.
        amr: Only sessions with this authentication method.
        aal: Authenticator assurance level, 1 to 3 (NIST SP 800-63B).
        min_risk: Only sessions with at least this risk score.
        max_risk: Only sessions with at most this risk score.
        created_from: Only sessions that began at this instant or later.
        created_to: Only sessions that began before this instant.
        active_from: Only sessions that were last active at this instant or later.
        active_to: Only sessions that were last active before this instant.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        sort: The order: newest first, oldest first, or riskiest first.
        """
        call = Call[SessionListResponse](
            "GET",
            "/admin/sessions",
            SessionListResponse,
            query={
                "status": status,
                "user_id": user_id,
                "search": search,
                "device_type": device_type,
                "device_id": device_id,
                "app_id": app_id,
                "actor": actor,
                "parent_session_id": parent_session_id,
                "country": country,
                "ip": ip,
                "amr": amr,
                "aal": aal,
                "min_risk": min_risk,
                "max_risk": max_risk,
                "created_from": created_from,
                "created_to": created_to,
                "active_from": active_from,
                "active_to": active_to,
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "sort": sort,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def revoke_sessions(
        self,
        *,
        reason: str | None = None,
        session_ids: list[str] | None = None,
        filter: SessionFilter | None = None,
        dry_run: bool | None = None,
        dry_run_token: str | None = None,
        keep_own: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> BatchRevokeResponse:
        """Revoke many sessions.

        Either the sessions with given ids, at once, or all that a filter selects. For a filter send `dry_run` first:
        the answer counts what is selected and has a token. Send the same filter with that token to start a job that
        revokes them.

        POST /admin/sessions/revoke

        reason: Why it was ended; free text.
        session_ids: 1 to 100 ids of sessions.
        filter: Which sessions: all conditions must hold.
        dry_run: Only count what the filter selects, and return a `dry_run_token`.
        dry_run_token: The token of a dry run of the same filter within the last 15 minutes.
        keep_own: Whether the caller's own session is left alone.
        """
        call = Call[BatchRevokeResponse](
            "POST",
            "/admin/sessions/revoke",
            BatchRevokeResponse,
            body={
                "reason": reason,
                "session_ids": session_ids,
                "filter": filter,
                "dry_run": dry_run,
                "dry_run_token": dry_run_token,
                "keep_own": keep_own,
            },
        )
        return await self.send(call, options)

    async def delete_sessions(
        self,
        *,
        reason: str | None = None,
        session_ids: list[str] | None = None,
        filter: SessionFilter | None = None,
        dry_run: bool | None = None,
        dry_run_token: str | None = None,
        keep_own: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> BatchRevokeResponse:
        """Revoke many sessions.

        Either the sessions with given ids, at once, or all that a filter selects. For a filter send `dry_run` first:
        the answer counts what is selected and has a token. Send the same filter with that token to start a job that
        revokes them.

        DELETE /admin/sessions/bulk

        reason: Why it was ended; free text.
        session_ids: 1 to 100 ids of sessions.
        filter: Which sessions: all conditions must hold.
        dry_run: Only count what the filter selects, and return a `dry_run_token`.
        dry_run_token: The token of a dry run of the same filter within the last 15 minutes.
        keep_own: Whether the caller's own session is left alone.
        """
        call = Call[BatchRevokeResponse](
            "DELETE",
            "/admin/sessions/bulk",
            BatchRevokeResponse,
            body={
                "reason": reason,
                "session_ids": session_ids,
                "filter": filter,
                "dry_run": dry_run,
                "dry_run_token": dry_run_token,
                "keep_own": keep_own,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def list_revocations(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
        user_id: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[RevocationListResponse, RevocationResponse]:
        """List revocations.

        What was ended before its time, by whom and why, newest first: of the last day, unless a span is given.

        GET /admin/revocations

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        request_id: Id of the request, as in the logs.
        job_id: The id of the job.
        user_id: The user.
        from_: From this instant on.
        to: Before this instant.
        """
        call = Call[RevocationListResponse](
            "GET",
            "/admin/revocations",
            RevocationListResponse,
            query={
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "request_id": request_id,
                "job_id": job_id,
                "user_id": user_id,
                "from": from_,
                "to": to,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def list_jobs(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[JobListResponse, JobResponse]:
        """List revocation jobs.

        Those of the last 30 days, newest first.

        GET /admin/jobs

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[JobListResponse](
            "GET",
            "/admin/jobs",
            JobListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def get_job(self, job_id: str, *, options: Options = NO_OPTIONS) -> JobResponse:
        """Get the progress of a revocation job.

        GET /admin/jobs/{job_id}

        job_id: The id of the job.
        """
        call = Call[JobResponse]("GET", path_of("/admin/jobs/{job_id}", job_id=job_id), JobResponse, is_repeatable=True)
        return await self.send(call, options)

    async def cancel_job(self, job_id: str, *, options: Options = NO_OPTIONS) -> JobResponse:
        """Cancel a revocation job.

        Sessions that it has ended stay ended.

        POST /admin/jobs/{job_id}/cancel

        job_id: The id of the job.
        """
        call = Call[JobResponse]("POST", path_of("/admin/jobs/{job_id}/cancel", job_id=job_id), JobResponse)
        return await self.send(call, options)

    async def delete_expired_sessions(self, *, options: Options = NO_OPTIONS) -> CountedResponse:
        """Remove the records of expired sessions.

        They leave the statistics and are added to the lifetime totals.

        DELETE /admin/sessions/expired
        """
        call = Call[CountedResponse]("DELETE", "/admin/sessions/expired", CountedResponse, is_repeatable=True)
        return await self.send(call, options)

    async def delete_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        DELETE /admin/sessions/user/{user_id}

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/admin/sessions/user/{user_id}", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def revoke_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        POST /admin/sessions/user/{user_id}/revoke

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "POST",
            path_of("/admin/sessions/user/{user_id}/revoke", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
        )
        return await self.send(call, options)

    async def revoke_agent_sessions(
        self, agent_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of an agent.

        Whoever it acts for. What other agents began from them ends too.

        DELETE /admin/sessions/agent/{agent_id}

        agent_id: Id of the agent: the `sub` of `act`.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/admin/sessions/agent/{agent_id}", agent_id=agent_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def list_user_sessions(
        self,
        *,
        auth_user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[SessionListResponse, SessionResponse]:
        """List the sessions of a user.

        Users list their own sessions, administrators those of any user of the tenant.

        GET /sessions

        auth_user_id: The user's id, as the caller knows it.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            "/sessions",
            SessionListResponse,
            query={
                "auth_user_id": auth_user_id,
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "status": status,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def create_session(
        self,
        *,
        auth_user_id: str,
        act: Actor | None = None,
        amr: list[str] | None = None,
        app_id: str | None = None,
        browser: str | None = None,
        client_hints: dict[str, str] | None = None,
        device_fingerprint: str | None = None,
        device_id: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        parent_session_id: str | None = None,
        role: Literal["user", "security_admin", "admin", "platform_admin"] | None = None,
        user_agent: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreateSessionData:
        """Create a session.

        For administrators: begin a session of a user of the tenant, up to the caller's own role and assurance level,
        and get its tokens.

        POST /sessions

        auth_user_id: The user's id, as the caller knows it.
        act: Who acts for the user, and for whom that one acts (RFC 8693 §4.1).
        amr: Authentication methods that the user proved (RFC 8176).
        app_id: The application that the user signed in to.
        browser: Browser with its major version.
        client_hints: User-agent client hints of the browser.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_id: The device's id, as the caller knows it.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        role: Role of the user.
        user_agent: User agent string of the browser or application; cut to 512 characters.
        """
        call = Call[CreateSessionData](
            "POST",
            "/sessions",
            CreateSessionData,
            body={
                "auth_user_id": auth_user_id,
                "act": act,
                "amr": amr,
                "app_id": app_id,
                "browser": browser,
                "client_hints": client_hints,
                "device_fingerprint": device_fingerprint,
                "device_id": device_id,
                "device_type": device_type,
                "ip": ip,
                "os": os,
                "parent_session_id": parent_session_id,
                "role": role,
                "user_agent": user_agent,
            },
            takes_key=True,
        )
        return await self.send(call, options)

    async def list_user_sessions_by_path(
        self,
        user_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[SessionListResponse, SessionResponse]:
        """List the sessions of a user named in the path.

        Administrators list those of any user of the tenant, users only their own.

        GET /sessions/user/{user_id}/sessions

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            path_of("/sessions/user/{user_id}/sessions", user_id=user_id),
            SessionListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "status": status},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def rotate_access_token(self, *, refresh_token: str, options: Options = NO_OPTIONS) -> AccessTokenResponse:
        """Get another access token.

        The refresh token is the credential and stays valid.

        POST /sessions/rotate-access

        refresh_token: The token that gets the next pair; it can be used once.
        """
        call = Call[AccessTokenResponse](
            "POST", "/sessions/rotate-access", AccessTokenResponse, body={"refresh_token": refresh_token}
        )
        return await self.send(call, options)

    async def refresh_session(self, *, refresh_token: str, options: Options = NO_OPTIONS) -> TokenPairResponse:
        """Exchange a refresh token for the next pair.

        The refresh token is the credential and can be used once. A lost answer can be asked for again with the same
        `Idempotency-Key`, or within seconds. Any other reuse ends the session. An access token that comes along must
        belong to the same session.

        POST /sessions/refresh

        refresh_token: The token that gets the next pair; it can be used once.
        """
        call = Call[TokenPairResponse](
            "POST", "/sessions/refresh", TokenPairResponse, body={"refresh_token": refresh_token}, takes_key=True
        )
        return await self.send(call, options)

    async def get_session(self, session_id: str, *, options: Options = NO_OPTIONS) -> GetSessionData:
        """Get a session.

        Administrators also see who revoked it.

        GET /sessions/{session_id}

        session_id: The id of the session.
        """
        call = Call[GetSessionData](
            "GET", path_of("/sessions/{session_id}", session_id=session_id), GetSessionData, is_repeatable=True
        )
        return await self.send(call, options)

    async def delete_session(
        self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        DELETE /sessions/{session_id}

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "DELETE",
            path_of("/sessions/{session_id}", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        await self.send(call, options)

    async def revoke_session(
        self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        POST /sessions/{session_id}/revoke

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "POST",
            path_of("/sessions/{session_id}/revoke", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        await self.send(call, options)

    async def record_session_activity(
        self, session_id: str, *, user_agent: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Record activity in a session.

        Moves its idle deadline, never beyond the absolute one.

        POST /sessions/{session_id}/activity

        session_id: The id of the session.
        user_agent: User agent string of the browser or application.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/sessions/{session_id}/activity", session_id=session_id),
            SimpleResponse,
            body={"user_agent": user_agent},
        )
        return await self.send(call, options)

    async def upgrade_session(
        self, session_id: str, *, amr: list[str] | None = None, options: Options = NO_OPTIONS
    ) -> UpgradeSessionMFAResponse:
        """Raise the assurance level of a session.

        The user has proved the factors in `amr` (without a body: `mfa`, several factors). The session gets the level
        of all of them, and new tokens; presenting its earlier refresh token afterwards is reuse and ends the session.
        For whoever authenticates users, never for a user's own session.

        POST /sessions/{session_id}/upgrade-mfa

        session_id: The id of the session.
        amr: Authentication methods that the user proved (RFC 8176).
        """
        call = Call[UpgradeSessionMFAResponse](
            "POST",
            path_of("/sessions/{session_id}/upgrade-mfa", session_id=session_id),
            UpgradeSessionMFAResponse,
            body={"amr": amr},
        )
        return await self.send(call, options)

    async def validate_session(self, session_id: str, *, options: Options = NO_OPTIONS) -> TokenValidationResponse:
        """Validate a session.

        Whether it is active, with what is known of its user; otherwise why not, and what the user must prove to sign
        in again.

        POST /sessions/{session_id}/validate

        session_id: The id of the session.
        """
        call = Call[TokenValidationResponse](
            "POST",
            path_of("/sessions/{session_id}/validate", session_id=session_id),
            TokenValidationResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_create_session(
        self,
        *,
        auth_user_id: str,
        act: Actor | None = None,
        amr: list[str] | None = None,
        app_id: str | None = None,
        browser: str | None = None,
        client_hints: dict[str, str] | None = None,
        device_fingerprint: str | None = None,
        device_id: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        parent_session_id: str | None = None,
        role: Literal["user", "security_admin", "admin", "platform_admin"] | None = None,
        user_agent: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> DataResponse[CreateSessionData]:
        """Create a session as a service.

        Begin a session of a user whom the service has authenticated, and get its tokens. A repeat under the same
        `Idempotency-Key` gets the same answer, or 404 if its tokens are no longer on record. With `act` it is the
        session of an agent that acts for the user.

        POST /internal/session/create

        auth_user_id: The user's id, as the caller knows it.
        act: Who acts for the user, and for whom that one acts (RFC 8693 §4.1).
        amr: Authentication methods that the user proved (RFC 8176).
        app_id: The application that the user signed in to.
        browser: Browser with its major version.
        client_hints: User-agent client hints of the browser.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_id: The device's id, as the caller knows it.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        parent_session_id: The session from which an agent began its own: this one ends with it.
        role: Role of the user.
        user_agent: User agent string of the browser or application; cut to 512 characters.
        """
        call = Call[DataResponse[CreateSessionData]](
            "POST",
            "/internal/session/create",
            DataResponse[CreateSessionData],
            body={
                "auth_user_id": auth_user_id,
                "act": act,
                "amr": amr,
                "app_id": app_id,
                "browser": browser,
                "client_hints": client_hints,
                "device_fingerprint": device_fingerprint,
                "device_id": device_id,
                "device_type": device_type,
                "ip": ip,
                "os": os,
                "parent_session_id": parent_session_id,
                "role": role,
                "user_agent": user_agent,
            },
            takes_key=True,
        )
        return await self.send(call, options)

    async def internal_revoke_user_sessions(
        self, user_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of a user.

        DELETE /internal/session/session/user/{user_id}

        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/internal/session/session/user/{user_id}", user_id=user_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_revoke_agent_sessions(
        self, agent_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> CountedResponse:
        """Revoke all sessions of an agent.

        Whoever it acts for. What other agents began from them ends too.

        DELETE /internal/session/session/agent/{agent_id}

        agent_id: Id of the agent: the `sub` of `act`.
        reason: Why it was ended; free text.
        """
        call = Call[CountedResponse](
            "DELETE",
            path_of("/internal/session/session/agent/{agent_id}", agent_id=agent_id),
            CountedResponse,
            body={"reason": reason},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_revoke_session(
        self, session_id: str, *, reason: str | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Revoke a session.

        Administrators and services revoke any session of the tenant, users only their own. A session that has already
        ended stays as it ended.

        DELETE /internal/session/session/{session_id}

        session_id: The id of the session.
        reason: Why it was ended; free text.
        """
        call = Call[None](
            "DELETE",
            path_of("/internal/session/session/{session_id}", session_id=session_id),
            NoneType,
            body={"reason": reason},
            is_repeatable=True,
        )
        await self.send(call, options)

    async def internal_record_session_activity(
        self, session_id: str, *, user_agent: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Record activity in a session.

        Moves its idle deadline, never beyond the absolute one.

        POST /internal/session/{session_id}/activity

        session_id: The id of the session.
        user_agent: User agent string of the browser or application.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/internal/session/{session_id}/activity", session_id=session_id),
            SimpleResponse,
            body={"user_agent": user_agent},
        )
        return await self.send(call, options)

    async def internal_upgrade_session(
        self, session_id: str, *, amr: list[str] | None = None, options: Options = NO_OPTIONS
    ) -> UpgradeSessionMFAResponse:
        """Raise the assurance level of a session.

        The user has proved the factors in `amr` (without a body: `mfa`, several factors). The session gets the level
        of all of them, and new tokens; presenting its earlier refresh token afterwards is reuse and ends the session.
        For whoever authenticates users, never for a user's own session.

        POST /internal/session/{session_id}/upgrade-mfa

        session_id: The id of the session.
        amr: Authentication methods that the user proved (RFC 8176).
        """
        call = Call[UpgradeSessionMFAResponse](
            "POST",
            path_of("/internal/session/{session_id}/upgrade-mfa", session_id=session_id),
            UpgradeSessionMFAResponse,
            body={"amr": amr},
        )
        return await self.send(call, options)

    async def internal_list_user_sessions(
        self,
        user_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[SessionListResponse, SessionResponse]:
        """List the sessions of a user named in the path.

        Administrators list those of any user of the tenant, users only their own.

        GET /internal/session/sessions/{user_id}

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        status: Status at this instant.
        """
        call = Call[SessionListResponse](
            "GET",
            path_of("/internal/session/sessions/{user_id}", user_id=user_id),
            SessionListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "status": status},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))
