import httpx
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import People

from autional.events import log
from autional.tenancy import api_keys


async def test_the_lag_is_a_metric_for_who_may_see_all_tenants(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "usr_1"})
    await http.delete(f"/internal/session/session/{made.json()['data']['session']['id']}", headers=key)
    everywhere = await api_keys.create_api_key(people.service.database, "prometheus", None, None)
    name, _, secret = everywhere.partition(".")
    answer = await http.get("/metrics", auth=(name, secret))
    assert answer.status_code == 200, answer.text
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["autional_revocation_unplaced_seconds"].samples[0].value > 0
    await log.place_revocations(people.service.database)
    answer = await http.get("/metrics", headers={"X-API-Key": everywhere})
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["autional_revocation_unplaced_seconds"].samples[0].value == 0
    assert (await http.get("/metrics", headers=key)).status_code == 403
    assert (await http.get("/metrics")).status_code == 401
