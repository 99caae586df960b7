"""Both clients against a real service."""

import pytest
from tests.served import Served

from autional_client import (
    AsyncClient,
    Client,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    Options,
    UnauthenticatedError,
)


def test_signs_in_refreshes_lists_and_signs_out(service: Served, api_key: str, administrator: str) -> None:
    with (
        Client(service.address, api_key=api_key) as backend,
        Client(service.address, access_token=administrator) as admin,
    ):
        made = backend.internal_create_session(auth_user_id="usr_sync", amr=["pwd", "otp"], role="user")
        session, tokens = made.data.session, made.data.tokens
        assert (session.status, session.aal) == ("active", 2)
        pair = backend.refresh_session(refresh_token=tokens.refresh_token)
        assert pair.refresh_token != tokens.refresh_token
        assert admin.get_session_stats().active_sessions >= 1
        with Client(service.address, access_token=pair.access_token) as user:
            assert user.get_session(session.id).session.current
            user.revoke_session(session.id)
            with pytest.raises(UnauthenticatedError):
                user.get_session(session.id)
        assert backend.internal_revoke_user_sessions("usr_sync").sessions == 0


async def test_the_async_client_does_the_same(service: Served, api_key: str, administrator: str) -> None:
    async with AsyncClient(service.address, api_key=api_key) as backend:
        made = await backend.internal_create_session(auth_user_id="usr_async", amr=["pwd"])
        pair = await backend.refresh_session(refresh_token=made.data.tokens.refresh_token)
        seen = await backend.oauth_introspect(token=pair.access_token)
        assert (seen.active, seen.sub, seen.sid) == (True, "usr_async", made.data.session.id)
        await backend.internal_revoke_session(made.data.session.id, reason="test")
        assert not (await backend.oauth_introspect(token=pair.access_token)).active


async def test_a_list_is_read_as_a_whole_page_by_page(service: Served, api_key: str, administrator: str) -> None:
    async with AsyncClient(service.address, api_key=api_key) as backend:
        for _ in range(7):
            await backend.internal_create_session(auth_user_id="usr_many", amr=["pwd"])
        page = await backend.internal_list_user_sessions("usr_many", page_size=3)
        assert (len(page.items), page.answer.total) == (3, 7)
        found = [session.id async for session in page.auto_paging_iter()]
    with Client(service.address, access_token=administrator) as admin:
        again = admin.list_sessions(user_id="usr_many", page_size=2)
        assert [session.id for session in again.auto_paging_iter()] == found
    assert len(set(found)) == 7


def test_a_refusal_says_what_is_wrong_and_under_which_id(service: Served, api_key: str) -> None:
    with Client(service.address, api_key=api_key) as backend:
        with pytest.raises(NotFoundError) as missing:
            backend.internal_record_session_activity("sess_unknown")
        assert (missing.value.slug, missing.value.problem.status) == ("session-not-found", 404)
        assert missing.value.request_id.startswith("req_")
        assert missing.value.request_id in str(missing.value)
        with pytest.raises(InvalidRequestError) as wrong:
            backend.internal_create_session(auth_user_id="")
        assert [one.field for one in wrong.value.errors] == ["auth_user_id"]
        with pytest.raises(ValueError, match="session_id"):
            backend.internal_revoke_session("")


def test_hostile_ids_stay_in_their_place(service: Served, api_key: str) -> None:
    with Client(service.address, api_key=api_key) as backend:
        for hostile in ("..", ".", "a/../b", "a?b=c", "a#b", "a%2Fb", "é/ü", "a b"):
            assert backend.internal_list_user_sessions(hostile).items == [], hostile


def test_options_hold_for_one_call(service: Served, api_key: str) -> None:
    with Client(service.address, api_key=api_key) as backend:
        options = Options(idempotency_key="once", headers={"X-Request-ID": "req_6b1ee4a5-4e04-4b0c-a1a9-a8b5cd8cf8b1"})
        one = backend.internal_create_session(auth_user_id="usr_once", amr=["pwd"], options=options)
        other = backend.internal_create_session(auth_user_id="usr_once", amr=["pwd"], options=options)
        assert one.data.session.id == other.data.session.id
        third = backend.internal_create_session(auth_user_id="usr_once", amr=["pwd"])
        assert third.data.session.id != one.data.session.id
        with pytest.raises(ForbiddenError):
            backend.internal_list_user_sessions("usr_once", options=Options(tenant_id="other"))


def test_no_secret_is_shown(service: Served, api_key: str) -> None:
    with Client(service.address, api_key=api_key) as backend:
        made = backend.internal_create_session(auth_user_id="usr_secret", amr=["pwd"])
        tokens = made.data.tokens
        shown = repr(made) + repr(tokens) + repr(backend) + str(vars(backend).keys())
        assert tokens.access_token not in shown
        assert tokens.refresh_token not in shown
        assert api_key not in repr(backend)
        assert made.data.session.id in shown


@pytest.mark.parametrize(
    ("url", "how"),
    [
        ("http://sessions.example", {"api_key": "k"}),
        ("https://sessions.example", {"api_key": "k", "access_token": "t"}),
        ("https://sessions.example", {"api_key": "k", "timeout": 0}),
    ],
)
def test_what_cannot_be_meant_is_refused(url: str, how: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Client(url, **how)  # type: ignore[arg-type]
