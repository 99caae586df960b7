"""Operations of audit. Generated from the service's table of operations: do not edit."""

from datetime import datetime
from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import AuditEntry, AuditListResponse, CheckpointResponse, VerificationResponse
from autional_client.sender import AsyncSender, Sender


class Audit(Sender):
    """Operations of audit."""

    def list_audit_entries(
        self,
        *,
        action: Literal[
            "alerts.put",
            "api_key.create",
            "api_key.enable",
            "api_key.revoke",
            "blacklist.add",
            "blacklist.delete",
            "console.link",
            "console.sign_in",
            "console.sign_out",
            "database.restored",
            "device.distrust",
            "device.trust",
            "job.cancel",
            "jwt_config.delete",
            "jwt_config.put",
            "receiver.create",
            "receiver.delete",
            "receiver.replay",
            "receiver.rotate_secret",
            "receiver.update",
            "retention.delete",
            "retention.put",
            "risk_weights.delete",
            "risk_weights.put",
            "session.create",
            "session.revoke",
            "session.upgrade",
            "session_limits.delete",
            "session_limits.put",
            "session_policy.delete",
            "session_policy.put",
            "sessions.load",
            "sessions.purge_expired",
            "sessions.revoke_many",
            "sessions.revoke_of_agent",
            "sessions.revoke_of_user",
            "signing_key.retire",
            "signing_key.rotate",
            "status_list.put",
            "stream.create",
            "stream.delete",
            "stream.update",
            "tenant.create",
            "tenant.delete",
            "tenant.disable",
            "tenant.enable",
            "token.exchange",
            "token.mint",
            "token.revoke",
            "tokens.generate",
            "tokens.revoke_all",
            "user.erase",
            "user.erased",
            "user.export",
        ]
        | None = None,
        actor: str | None = None,
        about: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[AuditListResponse, AuditEntry]:
        """List the audit log.

        What administrators and services did in the tenant, newest first.

        GET /admin/audit

        action: Kind of the audited action.
        actor: Only what this user, API key or operator did.
        about: Only entries that mention this user, session or other id.
        from_: From this instant on.
        to: Before this instant.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[AuditListResponse](
            "GET",
            "/admin/audit",
            AuditListResponse,
            query={
                "action": action,
                "actor": actor,
                "about": about,
                "from": from_,
                "to": to,
                "page_size": page_size,
                "cursor": cursor,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def verify_audit_log(self, *, options: Options = NO_OPTIONS) -> VerificationResponse:
        """Verify the audit log.

        Recomputes its hash chain from the first entry to the last. That the end was cut off, or the whole replaced, is
        only seen with a checkpoint that was stored elsewhere.

        GET /admin/audit/verification
        """
        call = Call[VerificationResponse]("GET", "/admin/audit/verification", VerificationResponse, is_repeatable=True)
        return self.send(call, options)

    def get_audit_checkpoint(self, *, options: Options = NO_OPTIONS) -> CheckpointResponse:
        """Get a signed checkpoint of the audit log.

        Store it elsewhere: `autional audit verify --checkpoint` finds then whether the log still contains that state.

        GET /admin/audit/checkpoint
        """
        call = Call[CheckpointResponse]("GET", "/admin/audit/checkpoint", CheckpointResponse, is_repeatable=True)
        return self.send(call, options)

    def list_platform_audit_entries(
        self,
        *,
        action: Literal[
            "alerts.put",
            "api_key.create",
            "api_key.enable",
            "api_key.revoke",
            "blacklist.add",
            "blacklist.delete",
            "console.link",
            "console.sign_in",
            "console.sign_out",
            "database.restored",
            "device.distrust",
            "device.trust",
            "job.cancel",
            "jwt_config.delete",
            "jwt_config.put",
            "receiver.create",
            "receiver.delete",
            "receiver.replay",
            "receiver.rotate_secret",
            "receiver.update",
            "retention.delete",
            "retention.put",
            "risk_weights.delete",
            "risk_weights.put",
            "session.create",
            "session.revoke",
            "session.upgrade",
            "session_limits.delete",
            "session_limits.put",
            "session_policy.delete",
            "session_policy.put",
            "sessions.load",
            "sessions.purge_expired",
            "sessions.revoke_many",
            "sessions.revoke_of_agent",
            "sessions.revoke_of_user",
            "signing_key.retire",
            "signing_key.rotate",
            "status_list.put",
            "stream.create",
            "stream.delete",
            "stream.update",
            "tenant.create",
            "tenant.delete",
            "tenant.disable",
            "tenant.enable",
            "token.exchange",
            "token.mint",
            "token.revoke",
            "tokens.generate",
            "tokens.revoke_all",
            "user.erase",
            "user.erased",
            "user.export",
        ]
        | None = None,
        actor: str | None = None,
        about: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[AuditListResponse, AuditEntry]:
        """List the audit log of the platform.

        What was done to what belongs to no tenant: signing keys, API keys of all tenants, deletions of tenants.

        GET /admin/platform/audit

        action: Kind of the audited action.
        actor: Only what this user, API key or operator did.
        about: Only entries that mention this user, session or other id.
        from_: From this instant on.
        to: Before this instant.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[AuditListResponse](
            "GET",
            "/admin/platform/audit",
            AuditListResponse,
            query={
                "action": action,
                "actor": actor,
                "about": about,
                "from": from_,
                "to": to,
                "page_size": page_size,
                "cursor": cursor,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def verify_platform_audit_log(self, *, options: Options = NO_OPTIONS) -> VerificationResponse:
        """Verify the audit log of the platform.

        Like that of a tenant.

        GET /admin/platform/audit/verification
        """
        call = Call[VerificationResponse](
            "GET", "/admin/platform/audit/verification", VerificationResponse, is_repeatable=True
        )
        return self.send(call, options)


class AsyncAudit(AsyncSender):
    """Operations of audit, for AsyncClient."""

    async def list_audit_entries(
        self,
        *,
        action: Literal[
            "alerts.put",
            "api_key.create",
            "api_key.enable",
            "api_key.revoke",
            "blacklist.add",
            "blacklist.delete",
            "console.link",
            "console.sign_in",
            "console.sign_out",
            "database.restored",
            "device.distrust",
            "device.trust",
            "job.cancel",
            "jwt_config.delete",
            "jwt_config.put",
            "receiver.create",
            "receiver.delete",
            "receiver.replay",
            "receiver.rotate_secret",
            "receiver.update",
            "retention.delete",
            "retention.put",
            "risk_weights.delete",
            "risk_weights.put",
            "session.create",
            "session.revoke",
            "session.upgrade",
            "session_limits.delete",
            "session_limits.put",
            "session_policy.delete",
            "session_policy.put",
            "sessions.load",
            "sessions.purge_expired",
            "sessions.revoke_many",
            "sessions.revoke_of_agent",
            "sessions.revoke_of_user",
            "signing_key.retire",
            "signing_key.rotate",
            "status_list.put",
            "stream.create",
            "stream.delete",
            "stream.update",
            "tenant.create",
            "tenant.delete",
            "tenant.disable",
            "tenant.enable",
            "token.exchange",
            "token.mint",
            "token.revoke",
            "tokens.generate",
            "tokens.revoke_all",
            "user.erase",
            "user.erased",
            "user.export",
        ]
        | None = None,
        actor: str | None = None,
        about: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[AuditListResponse, AuditEntry]:
        """List the audit log.

        What administrators and services did in the tenant, newest first.

        GET /admin/audit

        action: Kind of the audited action.
        actor: Only what this user, API key or operator did.
        about: Only entries that mention this user, session or other id.
        from_: From this instant on.
        to: Before this instant.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[AuditListResponse](
            "GET",
            "/admin/audit",
            AuditListResponse,
            query={
                "action": action,
                "actor": actor,
                "about": about,
                "from": from_,
                "to": to,
                "page_size": page_size,
                "cursor": cursor,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def verify_audit_log(self, *, options: Options = NO_OPTIONS) -> VerificationResponse:
        """Verify the audit log.

        Recomputes its hash chain from the first entry to the last. That the end was cut off, or the whole replaced, is
        only seen with a checkpoint that was stored elsewhere.

        GET /admin/audit/verification
        """
        call = Call[VerificationResponse]("GET", "/admin/audit/verification", VerificationResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_audit_checkpoint(self, *, options: Options = NO_OPTIONS) -> CheckpointResponse:
        """Get a signed checkpoint of the audit log.

        Store it elsewhere: `autional audit verify --checkpoint` finds then whether the log still contains that state.

        GET /admin/audit/checkpoint
        """
        call = Call[CheckpointResponse]("GET", "/admin/audit/checkpoint", CheckpointResponse, is_repeatable=True)
        return await self.send(call, options)

    async def list_platform_audit_entries(
        self,
        *,
        action: Literal[
            "alerts.put",
            "api_key.create",
            "api_key.enable",
            "api_key.revoke",
            "blacklist.add",
            "blacklist.delete",
            "console.link",
            "console.sign_in",
            "console.sign_out",
            "database.restored",
            "device.distrust",
            "device.trust",
            "job.cancel",
            "jwt_config.delete",
            "jwt_config.put",
            "receiver.create",
            "receiver.delete",
            "receiver.replay",
            "receiver.rotate_secret",
            "receiver.update",
            "retention.delete",
            "retention.put",
            "risk_weights.delete",
            "risk_weights.put",
            "session.create",
            "session.revoke",
            "session.upgrade",
            "session_limits.delete",
            "session_limits.put",
            "session_policy.delete",
            "session_policy.put",
            "sessions.load",
            "sessions.purge_expired",
            "sessions.revoke_many",
            "sessions.revoke_of_agent",
            "sessions.revoke_of_user",
            "signing_key.retire",
            "signing_key.rotate",
            "status_list.put",
            "stream.create",
            "stream.delete",
            "stream.update",
            "tenant.create",
            "tenant.delete",
            "tenant.disable",
            "tenant.enable",
            "token.exchange",
            "token.mint",
            "token.revoke",
            "tokens.generate",
            "tokens.revoke_all",
            "user.erase",
            "user.erased",
            "user.export",
        ]
        | None = None,
        actor: str | None = None,
        about: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[AuditListResponse, AuditEntry]:
        """List the audit log of the platform.

        What was done to what belongs to no tenant: signing keys, API keys of all tenants, deletions of tenants.

        GET /admin/platform/audit

        action: Kind of the audited action.
        actor: Only what this user, API key or operator did.
        about: Only entries that mention this user, session or other id.
        from_: From this instant on.
        to: Before this instant.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[AuditListResponse](
            "GET",
            "/admin/platform/audit",
            AuditListResponse,
            query={
                "action": action,
                "actor": actor,
                "about": about,
                "from": from_,
                "to": to,
                "page_size": page_size,
                "cursor": cursor,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def verify_platform_audit_log(self, *, options: Options = NO_OPTIONS) -> VerificationResponse:
        """Verify the audit log of the platform.

        Like that of a tenant.

        GET /admin/platform/audit/verification
        """
        call = Call[VerificationResponse](
            "GET", "/admin/platform/audit/verification", VerificationResponse, is_repeatable=True
        )
        return await self.send(call, options)
