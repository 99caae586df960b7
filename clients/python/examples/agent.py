"""An agent that acts for a user: its session says so, cannot do more than the user's, and ends with it."""

import os

from autional_client import Actor, Client
from autional_client.schemas import CreateSessionData

client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])


def begin_agent(agent_id: str, user_id: str, user_session: str) -> CreateSessionData:
    return client.internal_create_session(
        auth_user_id=user_id, act=Actor(sub=agent_id), parent_session_id=user_session
    ).data


def token_for(tool: str, agent_token: str) -> str:
    """The agent's token for a server of MCP, which is known by its URL (RFC 8707); `act` keeps the whole chain."""
    return client.oauth_exchange_token(
        subject_token=agent_token,
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        resource=[tool],
    ).access_token


if __name__ == "__main__":
    person = client.internal_create_session(auth_user_id="usr_10", amr=["pwd", "otp"]).data
    agent = begin_agent("assistant", "usr_10", person.session.id)
    token = token_for("https://mcp.example/tools", agent.tokens.access_token)
    seen = client.oauth_introspect(token=token)
    print("for", seen.sub, "by", seen.act)
    client.internal_revoke_session(person.session.id)
    print("after the user signed out:", client.oauth_introspect(token=token).active)
    print("sessions of the agent:", client.internal_revoke_agent_sessions("assistant").sessions)
