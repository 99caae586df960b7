"""Who may call an operation, and who calls it."""

from typing import Literal, NamedTuple

from autional.core.authority import ROLES, Authority, Role, Scope
from autional.core.formats import NO_USER_ID

KeyRole = Literal["service", "security_admin", "admin", "platform_admin"]

EVERYONE: frozenset[Role] = frozenset(ROLES)
ADMINISTRATORS: frozenset[Role] = EVERYONE - {"user"}


class Access(NamedTuple):
    """Who may call an operation: with which credential, and in which of these roles."""

    bearers: frozenset[Role] = frozenset()
    keys: frozenset[KeyRole] = frozenset()
    clients: bool = False
    """Whether a key may call for itself, in every tenant that it is valid for (OAuth)."""
    all_tenants: bool = False
    """Whether such a key must be valid for every tenant."""
    anyone: bool = False
    bearer_keys: bool = False
    """Whether an API key may come as a bearer token too, as clients of other protocols send it (RFC 6750)."""

    @property
    def accepted(self) -> str:
        """The accepted credentials, in words."""
        places = ["Authorization: Bearer with an access token"] if self.bearers else []
        places += ["X-API-Key with an API key"] if self.keys or self.clients else []
        places += ["Authorization: Bearer with an API key"] if self.bearer_keys else []
        places += ["Authorization: Basic with the id and secret of an API key"] if self.clients else []
        return ", or ".join(places)

    @property
    def is_declared(self) -> bool:
        """Whether it says who may call."""
        return self.bearers | self.keys <= EVERYONE | {"service"} and bool(
            self.bearers or self.keys or self.clients or self.anyone
        )


_ADMINISTRATING_KEYS: frozenset[KeyRole] = frozenset({"security_admin", "admin", "platform_admin"})
ANYONE = Access(anyone=True)
CLIENTS = Access(clients=True)
CLIENTS_OF_ALL = Access(clients=True, all_tenants=True)
SERVICES = Access(keys=_ADMINISTRATING_KEYS | {"service"})
BY_PROTOCOL = SERVICES._replace(bearer_keys=True)
BY_ADMINISTRATORS = Access(ADMINISTRATORS, _ADMINISTRATING_KEYS)
BY_EVERYONE = Access(EVERYONE, _ADMINISTRATING_KEYS)
BY_BEARERS = Access(EVERYONE)
BY_PLATFORM = Access(frozenset({"platform_admin"}), frozenset({"platform_admin"}))


class Caller(NamedTuple):
    """The sender of a request and the tenant that it acts in."""

    tenant_id: str
    kind: Literal["anyone", "bearer", "api_key", "client", "console"]
    user_id: str | None = None
    role: Role | None = None
    aal: int = 0
    home_tenant: str | None = None
    """The tenant of a bearer's own, where it acts in another."""
    session_id: str | None = None
    key_id: str | None = None
    key_role: KeyRole | None = None
    tenant_ids: frozenset[str] | None = None
    """The tenants that a client's key is valid for; None: all."""
    is_agent: bool = False
    """Whether it acts for the user of its session, and so only on that session."""

    @property
    def administers(self) -> bool:
        """Whether the caller may see and change the whole tenant."""
        return self.role in ADMINISTRATORS

    def acts_for(self, tenant_id: str) -> bool:
        """Whether a client's key is valid for a tenant."""
        return self.tenant_ids is None or tenant_id in self.tenant_ids

    @property
    def scope(self) -> Scope:
        """Whose objects the caller may see and end."""
        return Scope(self.tenant_id, None if self.administers else self.user_id or NO_USER_ID)

    @property
    def authority(self) -> Authority:
        """Up to what the caller may create, raise and hand out: nothing at all without a role."""
        own = self.user_id if self.home_tenant is None else None
        return Authority(self.tenant_id, self.role or "user", self.aal if self.role else 0, own)
