"""Operations of risk. Generated from the service's table of operations: do not edit."""

from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.schemas import (
    DeviceFingerprintResponse,
    DeviceRiskResponse,
    RiskScoreResponse,
    RiskWeightsResponse,
    SimpleResponse,
)
from autional_client.sender import AsyncSender, Sender


class Risk(Sender):
    """Operations of risk."""

    def get_session_risk(self, *, session_id: str | None = None, options: Options = NO_OPTIONS) -> RiskScoreResponse:
        """Assess the risk of a session.

        GET /admin/sessions/risk-score

        session_id: The id of the session.
        """
        call = Call[RiskScoreResponse](
            "GET", "/admin/sessions/risk-score", RiskScoreResponse, query={"session_id": session_id}, is_repeatable=True
        )
        return self.send(call, options)

    def get_risk_weights(self, *, options: Options = NO_OPTIONS) -> RiskWeightsResponse:
        """Get the risk weights.

        What each fact about a login adds to the risk score at most.

        GET /admin/sessions/risk-weights
        """
        call = Call[RiskWeightsResponse]("GET", "/admin/sessions/risk-weights", RiskWeightsResponse, is_repeatable=True)
        return self.send(call, options)

    def update_risk_weights(
        self,
        *,
        weights: dict[
            Literal[
                "new_device",
                "unusual_location",
                "impossible_travel",
                "new_network",
                "user_agent_changed",
                "many_revocations",
                "unusual_hour",
                "token_reuse",
                "bot_user_agent",
                "concurrency",
            ],
            int,
        ],
        options: Options = NO_OPTIONS,
    ) -> RiskWeightsResponse:
        """Replace the risk weights.

        They apply from the next assessment on. Facts that are not named have their default weight.

        PUT /admin/sessions/risk-weights

        weights: What each fact adds at most, from 0 to 100.
        """
        call = Call[RiskWeightsResponse](
            "PUT", "/admin/sessions/risk-weights", RiskWeightsResponse, body={"weights": weights}, is_repeatable=True
        )
        return self.send(call, options)

    def reset_risk_weights(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the risk weights.

        DELETE /admin/sessions/risk-weights
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/risk-weights", SimpleResponse, is_repeatable=True)
        return self.send(call, options)

    def get_device_fingerprint(
        self, *, session_id: str | None = None, options: Options = NO_OPTIONS
    ) -> DeviceFingerprintResponse:
        """Get the device of a session.

        GET /admin/sessions/device-fingerprint

        session_id: The id of the session.
        """
        call = Call[DeviceFingerprintResponse](
            "GET",
            "/admin/sessions/device-fingerprint",
            DeviceFingerprintResponse,
            query={"session_id": session_id},
            is_repeatable=True,
        )
        return self.send(call, options)

    def get_device_risk(self, device_id: str, *, options: Options = NO_OPTIONS) -> DeviceRiskResponse:
        """Assess the risk of a device.

        Each fact counts as much as on the riskiest of the latest sessions on the device.

        GET /admin/devices/{device_id}/risk

        device_id: The device's id, as the caller knows it.
        """
        call = Call[DeviceRiskResponse](
            "GET",
            path_of("/admin/devices/{device_id}/risk", device_id=device_id),
            DeviceRiskResponse,
            is_repeatable=True,
        )
        return self.send(call, options)


class AsyncRisk(AsyncSender):
    """Operations of risk, for AsyncClient."""

    async def get_session_risk(
        self, *, session_id: str | None = None, options: Options = NO_OPTIONS
    ) -> RiskScoreResponse:
        """Assess the risk of a session.

        GET /admin/sessions/risk-score

        session_id: The id of the session.
        """
        call = Call[RiskScoreResponse](
            "GET", "/admin/sessions/risk-score", RiskScoreResponse, query={"session_id": session_id}, is_repeatable=True
        )
        return await self.send(call, options)

    async def get_risk_weights(self, *, options: Options = NO_OPTIONS) -> RiskWeightsResponse:
        """Get the risk weights.

        What each fact about a login adds to the risk score at most.

        GET /admin/sessions/risk-weights
        """
        call = Call[RiskWeightsResponse]("GET", "/admin/sessions/risk-weights", RiskWeightsResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_risk_weights(
        self,
        *,
        weights: dict[
            Literal[
                "new_device",
                "unusual_location",
                "impossible_travel",
                "new_network",
                "user_agent_changed",
                "many_revocations",
                "unusual_hour",
                "token_reuse",
                "bot_user_agent",
                "concurrency",
            ],
            int,
        ],
        options: Options = NO_OPTIONS,
    ) -> RiskWeightsResponse:
        """Replace the risk weights.

        They apply from the next assessment on. Facts that are not named have their default weight.

        PUT /admin/sessions/risk-weights

        weights: What each fact adds at most, from 0 to 100.
        """
        call = Call[RiskWeightsResponse](
            "PUT", "/admin/sessions/risk-weights", RiskWeightsResponse, body={"weights": weights}, is_repeatable=True
        )
        return await self.send(call, options)

    async def reset_risk_weights(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the risk weights.

        DELETE /admin/sessions/risk-weights
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/risk-weights", SimpleResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_device_fingerprint(
        self, *, session_id: str | None = None, options: Options = NO_OPTIONS
    ) -> DeviceFingerprintResponse:
        """Get the device of a session.

        GET /admin/sessions/device-fingerprint

        session_id: The id of the session.
        """
        call = Call[DeviceFingerprintResponse](
            "GET",
            "/admin/sessions/device-fingerprint",
            DeviceFingerprintResponse,
            query={"session_id": session_id},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def get_device_risk(self, device_id: str, *, options: Options = NO_OPTIONS) -> DeviceRiskResponse:
        """Assess the risk of a device.

        Each fact counts as much as on the riskiest of the latest sessions on the device.

        GET /admin/devices/{device_id}/risk

        device_id: The device's id, as the caller knows it.
        """
        call = Call[DeviceRiskResponse](
            "GET",
            path_of("/admin/devices/{device_id}/risk", device_id=device_id),
            DeviceRiskResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)
