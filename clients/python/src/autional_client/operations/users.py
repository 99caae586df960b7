"""Operations of users. Generated from the service's table of operations: do not edit."""

from autional_client.calls import NO_OPTIONS, Call, Options
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import ErasureResponse, UserSessionsExportResponse, UsersResponse
from autional_client.sender import AsyncSender, Sender


class Users(Sender):
    """Operations of users."""

    def internal_export_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> UserSessionsExportResponse:
        """Export what is stored about a user.

        Of each kind the newest 10,000 records (GDPR articles 15 and 20).

        POST /internal/session/export-user-data

        user_id: The user.
        """
        call = Call[UserSessionsExportResponse](
            "POST", "/internal/session/export-user-data", UserSessionsExportResponse, body={"user_id": user_id}
        )
        return self.send(call, options)

    def internal_erase_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> ErasureResponse:
        """Erase what is stored about a user.

        The user is signed out at once and erased within minutes (GDPR article 17); the statistics keep their numbers.
        The audit log has an entry `user.erased` when it is done.

        POST /internal/session/erase-user-data

        user_id: The user.
        """
        call = Call[ErasureResponse](
            "POST", "/internal/session/erase-user-data", ErasureResponse, body={"user_id": user_id}
        )
        return self.send(call, options)

    def list_users(
        self,
        *,
        search: str | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[UsersResponse, str]:
        """List users.

        Those who have sessions on record, in the order of their ids.

        GET /admin/users

        search: Only sessions whose user id or session id begins with this.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[UsersResponse](
            "GET",
            "/admin/users",
            UsersResponse,
            query={"search": search, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def export_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> UserSessionsExportResponse:
        """Export what is stored about a user.

        Of each kind the newest 10,000 records (GDPR articles 15 and 20).

        POST /admin/users/export

        user_id: The user.
        """
        call = Call[UserSessionsExportResponse](
            "POST", "/admin/users/export", UserSessionsExportResponse, body={"user_id": user_id}
        )
        return self.send(call, options)

    def erase_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> ErasureResponse:
        """Erase what is stored about a user.

        The user is signed out at once and erased within minutes (GDPR article 17); the statistics keep their numbers.
        The audit log has an entry `user.erased` when it is done.

        POST /admin/users/erase

        user_id: The user.
        """
        call = Call[ErasureResponse]("POST", "/admin/users/erase", ErasureResponse, body={"user_id": user_id})
        return self.send(call, options)


class AsyncUsers(AsyncSender):
    """Operations of users, for AsyncClient."""

    async def internal_export_user_data(
        self, *, user_id: str, options: Options = NO_OPTIONS
    ) -> UserSessionsExportResponse:
        """Export what is stored about a user.

        Of each kind the newest 10,000 records (GDPR articles 15 and 20).

        POST /internal/session/export-user-data

        user_id: The user.
        """
        call = Call[UserSessionsExportResponse](
            "POST", "/internal/session/export-user-data", UserSessionsExportResponse, body={"user_id": user_id}
        )
        return await self.send(call, options)

    async def internal_erase_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> ErasureResponse:
        """Erase what is stored about a user.

        The user is signed out at once and erased within minutes (GDPR article 17); the statistics keep their numbers.
        The audit log has an entry `user.erased` when it is done.

        POST /internal/session/erase-user-data

        user_id: The user.
        """
        call = Call[ErasureResponse](
            "POST", "/internal/session/erase-user-data", ErasureResponse, body={"user_id": user_id}
        )
        return await self.send(call, options)

    async def list_users(
        self,
        *,
        search: str | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[UsersResponse, str]:
        """List users.

        Those who have sessions on record, in the order of their ids.

        GET /admin/users

        search: Only sessions whose user id or session id begins with this.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[UsersResponse](
            "GET",
            "/admin/users",
            UsersResponse,
            query={"search": search, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def export_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> UserSessionsExportResponse:
        """Export what is stored about a user.

        Of each kind the newest 10,000 records (GDPR articles 15 and 20).

        POST /admin/users/export

        user_id: The user.
        """
        call = Call[UserSessionsExportResponse](
            "POST", "/admin/users/export", UserSessionsExportResponse, body={"user_id": user_id}
        )
        return await self.send(call, options)

    async def erase_user_data(self, *, user_id: str, options: Options = NO_OPTIONS) -> ErasureResponse:
        """Erase what is stored about a user.

        The user is signed out at once and erased within minutes (GDPR article 17); the statistics keep their numbers.
        The audit log has an entry `user.erased` when it is done.

        POST /admin/users/erase

        user_id: The user.
        """
        call = Call[ErasureResponse]("POST", "/admin/users/erase", ErasureResponse, body={"user_id": user_id})
        return await self.send(call, options)
