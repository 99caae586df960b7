"""Limit how many sessions a user may have; for administrators of the tenant."""

import os

from autional_client import Client, ConflictError

admin = Client(os.environ["SESSIONS_URL"], access_token=os.environ["SESSIONS_ADMIN_TOKEN"])
client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])

if __name__ == "__main__":
    would = admin.preview_session_limits(max_sessions=2, on_overflow="refuse")
    print(would.users, "users have more than two sessions now")
    admin.update_session_limits(max_sessions=2, max_sessions_per_agent=1, on_overflow="refuse")
    for number in (1, 2, 3):
        try:
            client.internal_create_session(auth_user_id="usr_9", amr=["pwd"])
            print("session", number, "was begun")
        except ConflictError as refused:
            print("session", number, "was refused:", refused.problem.detail)
    admin.reset_session_limits()
