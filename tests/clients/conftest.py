"""A service that clients call, as a process of its own."""

from collections.abc import Iterator

import pytest
from tests.served import Served, free_port


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With the tenant acme, and an issuer that is its own address."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTIONAL_ISSUER", f"http://127.0.0.1:{port}")
        patch.setenv("NO_PROXY", "127.0.0.1")
        served = Served(tmp_path_factory.mktemp("served") / "data", "--port", str(port))
        served.make_tenant()
        served.start()
        yield served
        assert served.stop() == 0


@pytest.fixture(scope="package")
def api_key(service: Served) -> str:
    return service.autional("apikey", "create", "--name", "client", "--tenant", "acme")


@pytest.fixture
def administrator(service: Served) -> str:
    """An access token."""
    return service.autional("token", "mint", "--tenant", "acme", "--user", "ops", "--role", "admin")
