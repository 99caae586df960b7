"""Sign a user out: here, everywhere, everywhere else."""

import os

from autional_client import Client

client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])


def sign_out(session_id: str) -> None:
    client.internal_revoke_session(session_id, reason="signed_out")


def sign_out_everywhere(user_id: str, reason: str = "password changed") -> int:
    """Agents that act for the user are signed out too, and no device is trusted any more."""
    return client.internal_revoke_user_sessions(user_id, reason=reason).sessions


def sign_out_everywhere_else(user_id: str, session_id: str) -> int:
    others = [one for one in client.internal_list_user_sessions(user_id).auto_paging_iter() if one.id != session_id]
    for one in others:
        client.internal_revoke_session(one.id, reason="signed out on another device")
    return len(others)


if __name__ == "__main__":
    begun = [client.internal_create_session(auth_user_id="usr_7", amr=["pwd"]).data.session.id for _ in range(3)]
    print(sign_out_everywhere_else("usr_7", begun[0]), "others were signed out")
    print(sign_out_everywhere("usr_7"), "was left")
