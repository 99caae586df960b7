"""Risk of sessions and devices."""

from autional.api.model import Call, may_raise
from autional.api.risk.schemas import (
    DeviceFingerprintResponse,
    DeviceRiskResponse,
    RiskFactor,
    RiskScoreResponse,
    RiskWeightsRequest,
    RiskWeightsResponse,
    SessionQuery,
)
from autional.api.schemas import SimpleResponse
from autional.api.sessions.responses import located
from autional.core import i18n, problems
from autional.core.problems import Problem, Violation
from autional.risk import trusted_devices
from autional.risk.assessment import assess_device, assess_session, delete_weights, put_weights, read_weights
from autional.sessions.listing import find_session

_SHOWN = 26


@may_raise(problems.SESSION_NOT_FOUND)
async def get_session_risk(call: Call, query: SessionQuery) -> RiskScoreResponse:
    """Assess the risk of a session."""
    session_id = _session_id(call, query)
    assessment = await assess_session(call.database, call.caller.tenant_id, session_id)
    factors = [
        RiskFactor(
            type=factor.fact,
            score=factor.score,
            weight=factor.weight,
            description=i18n.text("risk", factor.fact, language=call.request.language),
        )
        for factor in assessment.factors
    ]
    return RiskScoreResponse(
        session_id=session_id,
        risk_score=assessment.score,
        risk_level=assessment.level,
        recommended_action=assessment.action,
        factors=factors,
        evaluated_at=call.now,
    )


@may_raise(problems.DEVICE_NOT_FOUND)
async def get_device_risk(call: Call, device_id: str) -> DeviceRiskResponse:
    """Assess the risk of a device.

    Each fact counts as much as on the riskiest of the latest sessions on the device.
    """
    found = await assess_device(call.database, call.caller.tenant_id, device_id, call.at)
    return DeviceRiskResponse(
        device_id=device_id,
        risk_score=found.assessment.score,
        risk_level=found.assessment.level,
        risk_factors=[factor.fact for factor in found.assessment.factors],
        total_sessions=found.sessions,
        active_sessions=found.active_sessions,
        revoked_sessions=found.revoked,
        audit_failure_count=found.failures,
        evaluated_at=call.now,
    )


@may_raise(problems.SESSION_NOT_FOUND)
async def get_device_fingerprint(call: Call, query: SessionQuery) -> DeviceFingerprintResponse:
    """Get the device of a session."""
    tenant_id, session_id = call.caller.tenant_id, _session_id(call, query)
    session = await find_session(call.database, call.caller.scope, session_id, call.at)
    seen = await trusted_devices.sightings(call.database, tenant_id, session_id, call.at)
    device_hash = session.device_fingerprint
    return DeviceFingerprintResponse(
        device_type=session.device_type,
        first_seen_at=seen.first_seen_at,
        last_seen_at=seen.last_seen_at,
        is_trusted=seen.is_trusted,
        browser=session.browser,
        device_hash=device_hash,
        device_model=session.device_model,
        fingerprint_id=f"fp_{device_hash[:_SHOWN]}" if device_hash else None,
        ip=session.ip,
        location=located(session),
        os=session.os,
    )


async def get_risk_weights(call: Call) -> RiskWeightsResponse:
    """Get the risk weights.

    What each fact about a login adds to the risk score at most.
    """
    return RiskWeightsResponse(weights=await read_weights(call.database, call.caller.tenant_id))


async def update_risk_weights(call: Call, body: RiskWeightsRequest) -> RiskWeightsResponse:
    """Replace the risk weights.

    They apply from the next assessment on. Facts that are not named have their default weight.
    """
    await put_weights(call.database, call.caller.tenant_id, body.weights)
    return await get_risk_weights(call)


async def reset_risk_weights(call: Call) -> SimpleResponse:
    """Reset the risk weights."""
    await delete_weights(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)


def _session_id(call: Call, query: SessionQuery) -> str:
    session_id = query.session_id or call.caller.session_id
    if session_id is None:
        raise Problem(
            problems.INVALID_PARAMETER, violations=[Violation("session_id", "required", "Must be present: the session")]
        )
    return session_id
