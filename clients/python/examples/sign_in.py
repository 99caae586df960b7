"""Sign a user in, after your own login page has checked who it is."""

import os

from autional_client import Client
from autional_client.schemas import CreateSessionData

client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])


def sign_in(user_id: str, methods: list[str], ip: str, user_agent: str) -> CreateSessionData:
    """`methods` say what the user has proved: "pwd", "otp", "hwk" … (RFC 8176)."""
    return client.internal_create_session(auth_user_id=user_id, amr=methods, ip=ip, user_agent=user_agent).data


if __name__ == "__main__":
    begun = sign_in("usr_42", ["pwd", "otp"], "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    print(begun.session.status, "at level", begun.session.aal, "on", begun.session.device_type)
    print("the access token is good for", begun.tokens.expires_in, "seconds")
