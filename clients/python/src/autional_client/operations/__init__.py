"""Every operation, for both clients. Generated from the service's table of operations: do not edit."""

from autional_client.operations.audit import AsyncAudit, Audit
from autional_client.operations.devices import AsyncDevices, Devices
from autional_client.operations.events import AsyncEvents, Events
from autional_client.operations.meta import AsyncMeta, Meta
from autional_client.operations.oauth import AsyncOAuth, OAuth
from autional_client.operations.platform import AsyncPlatform, Platform
from autional_client.operations.policy import AsyncPolicy, Policy
from autional_client.operations.risk import AsyncRisk, Risk
from autional_client.operations.sessions import AsyncSessions, Sessions
from autional_client.operations.statistics import AsyncStatistics, Statistics
from autional_client.operations.tokens import AsyncTokens, Tokens
from autional_client.operations.users import AsyncUsers, Users


class Operations(Audit, Devices, Events, Meta, OAuth, Platform, Policy, Risk, Sessions, Statistics, Tokens, Users):
    """Every operation."""


class AsyncOperations(
    AsyncAudit,
    AsyncDevices,
    AsyncEvents,
    AsyncMeta,
    AsyncOAuth,
    AsyncPlatform,
    AsyncPolicy,
    AsyncRisk,
    AsyncSessions,
    AsyncStatistics,
    AsyncTokens,
    AsyncUsers,
):
    """Every operation, for AsyncClient."""
