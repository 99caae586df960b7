"""Ask for a second factor before something that matters (RFC 9470)."""

import os

from flask import Flask

from autional_client import Client, Verifier
from autional_client.middleware.flask import claims, protect, requires

app = Flask(__name__)
client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])
verifier = Verifier(
    issuer=os.environ["SESSIONS_ISSUER"],
    audience="autional",
    api_key=os.environ["SESSIONS_API_KEY"],
    on_silence="refuse",
    silence=30,
)
protect(app, verifier)


@app.post("/transfer")
@requires(level=2, max_age=900)
def transfer() -> dict[str, str]:
    """With less, the answer is a 401 whose challenge has `acr_values="aal2"` and `max_age="900"`."""
    return {"by": claims().sub}


def second_factor_was_right(session_id: str) -> str:
    """Your own page has checked the code: the session is raised, and earlier tokens are over. Returns the new token."""
    return client.internal_upgrade_session(session_id, amr=["otp"]).access_token
