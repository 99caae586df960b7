"""Operations of devices. Generated from the service's table of operations: do not edit."""

from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import SimpleResponse, TrustedDeviceListResponse, TrustedDeviceResponse, UsageResponse
from autional_client.sender import AsyncSender, Sender


class Devices(Sender):
    """Operations of devices."""

    def list_own_trusted_devices(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List the caller's trusted devices.

        GET /trusted-devices

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/trusted-devices",
            TrustedDeviceListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def trust_own_device(
        self, *, device_fingerprint: str, device_name: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Trust the caller's device.

        For 30 days. What is known of the device comes from the caller's session.

        POST /trusted-devices

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_name: A name that the user recognises.
        """
        call = Call[SimpleResponse](
            "POST",
            "/trusted-devices",
            SimpleResponse,
            body={"device_fingerprint": device_fingerprint, "device_name": device_name},
        )
        return self.send(call, options)

    def distrust_own_device(self, device_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Stop trusting one of the caller's devices.

        DELETE /trusted-devices/{device_id}

        device_id: The device's id, as the caller knows it.
        """
        call = Call[SimpleResponse](
            "DELETE", path_of("/trusted-devices/{device_id}", device_id=device_id), SimpleResponse, is_repeatable=True
        )
        return self.send(call, options)

    def list_trusted_devices(
        self,
        *,
        user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List a user's trusted devices.

        GET /admin/trusted-devices

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/admin/trusted-devices",
            TrustedDeviceListResponse,
            query={"user_id": user_id, "page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def distrust_device(self, device_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Stop trusting a device of a user.

        DELETE /admin/trusted-devices/{device_id}

        device_id: The device's id, as the caller knows it.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/admin/trusted-devices/{device_id}", device_id=device_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_list_trusted_devices(
        self,
        *,
        user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List a user's trusted devices.

        GET /internal/session/trusted-devices

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/internal/session/trusted-devices",
            TrustedDeviceListResponse,
            query={"user_id": user_id, "page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def internal_trust_device(
        self,
        *,
        device_fingerprint: str,
        user_id: str,
        browser: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TrustedDeviceResponse:
        """Trust a device of a user.

        For 30 days; beyond ten devices the one that was trusted first is dropped.

        POST /internal/session/trusted-devices

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        user_id: The user.
        browser: Browser with its major version.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        """
        call = Call[TrustedDeviceResponse](
            "POST",
            "/internal/session/trusted-devices",
            TrustedDeviceResponse,
            body={
                "device_fingerprint": device_fingerprint,
                "user_id": user_id,
                "browser": browser,
                "device_type": device_type,
                "ip": ip,
                "os": os,
            },
        )
        return self.send(call, options)

    def internal_distrust_device(self, device_fingerprint: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Stop trusting a device for all users.

        DELETE /internal/session/trusted-devices/{device_fingerprint}

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/internal/session/trusted-devices/{device_fingerprint}", device_fingerprint=device_fingerprint),
            SimpleResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_get_session_usage(self, session_id: str, *, options: Options = NO_OPTIONS) -> UsageResponse:
        """Get how often a session was used.

        GET /internal/session/{session_id}/usage

        session_id: The id of the session.
        """
        call = Call[UsageResponse](
            "GET",
            path_of("/internal/session/{session_id}/usage", session_id=session_id),
            UsageResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_record_session_use(self, session_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Count a use of a session.

        POST /internal/session/{session_id}/usage

        session_id: The id of the session.
        """
        call = Call[SimpleResponse](
            "POST", path_of("/internal/session/{session_id}/usage", session_id=session_id), SimpleResponse
        )
        return self.send(call, options)


class AsyncDevices(AsyncSender):
    """Operations of devices, for AsyncClient."""

    async def list_own_trusted_devices(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List the caller's trusted devices.

        GET /trusted-devices

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/trusted-devices",
            TrustedDeviceListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def trust_own_device(
        self, *, device_fingerprint: str, device_name: str | None = None, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Trust the caller's device.

        For 30 days. What is known of the device comes from the caller's session.

        POST /trusted-devices

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        device_name: A name that the user recognises.
        """
        call = Call[SimpleResponse](
            "POST",
            "/trusted-devices",
            SimpleResponse,
            body={"device_fingerprint": device_fingerprint, "device_name": device_name},
        )
        return await self.send(call, options)

    async def distrust_own_device(self, device_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Stop trusting one of the caller's devices.

        DELETE /trusted-devices/{device_id}

        device_id: The device's id, as the caller knows it.
        """
        call = Call[SimpleResponse](
            "DELETE", path_of("/trusted-devices/{device_id}", device_id=device_id), SimpleResponse, is_repeatable=True
        )
        return await self.send(call, options)

    async def list_trusted_devices(
        self,
        *,
        user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List a user's trusted devices.

        GET /admin/trusted-devices

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/admin/trusted-devices",
            TrustedDeviceListResponse,
            query={"user_id": user_id, "page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def distrust_device(self, device_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Stop trusting a device of a user.

        DELETE /admin/trusted-devices/{device_id}

        device_id: The device's id, as the caller knows it.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/admin/trusted-devices/{device_id}", device_id=device_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_list_trusted_devices(
        self,
        *,
        user_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[TrustedDeviceListResponse, TrustedDeviceResponse]:
        """List a user's trusted devices.

        GET /internal/session/trusted-devices

        user_id: The user.
        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[TrustedDeviceListResponse](
            "GET",
            "/internal/session/trusted-devices",
            TrustedDeviceListResponse,
            query={"user_id": user_id, "page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def internal_trust_device(
        self,
        *,
        device_fingerprint: str,
        user_id: str,
        browser: str | None = None,
        device_type: Literal["desktop", "mobile", "tablet", "tv", "bot", "other"] | None = None,
        ip: str | None = None,
        os: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TrustedDeviceResponse:
        """Trust a device of a user.

        For 30 days; beyond ten devices the one that was trusted first is dropped.

        POST /internal/session/trusted-devices

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        user_id: The user.
        browser: Browser with its major version.
        device_type: Type of the device.
        ip: IP address of the user.
        os: Operating system with its major version.
        """
        call = Call[TrustedDeviceResponse](
            "POST",
            "/internal/session/trusted-devices",
            TrustedDeviceResponse,
            body={
                "device_fingerprint": device_fingerprint,
                "user_id": user_id,
                "browser": browser,
                "device_type": device_type,
                "ip": ip,
                "os": os,
            },
        )
        return await self.send(call, options)

    async def internal_distrust_device(
        self, device_fingerprint: str, *, options: Options = NO_OPTIONS
    ) -> SimpleResponse:
        """Stop trusting a device for all users.

        DELETE /internal/session/trusted-devices/{device_fingerprint}

        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/internal/session/trusted-devices/{device_fingerprint}", device_fingerprint=device_fingerprint),
            SimpleResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_get_session_usage(self, session_id: str, *, options: Options = NO_OPTIONS) -> UsageResponse:
        """Get how often a session was used.

        GET /internal/session/{session_id}/usage

        session_id: The id of the session.
        """
        call = Call[UsageResponse](
            "GET",
            path_of("/internal/session/{session_id}/usage", session_id=session_id),
            UsageResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_record_session_use(self, session_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Count a use of a session.

        POST /internal/session/{session_id}/usage

        session_id: The id of the session.
        """
        call = Call[SimpleResponse](
            "POST", path_of("/internal/session/{session_id}/usage", session_id=session_id), SimpleResponse
        )
        return await self.send(call, options)
