"""Where am I signed in? The page of a user's account."""

import os

from autional_client import Client

client = Client(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])


def devices(user_id: str, current_session: str) -> list[str]:
    lines = []
    for one in client.internal_list_user_sessions(user_id).auto_paging_iter():
        name = f"{one.act.sub}, for you" if one.act else f"{one.browser or 'unknown'} on {one.os or one.device_type}"
        place = one.geoip or one.ip or "somewhere"
        here = " (this device)" if one.id == current_session else ""
        lines.append(f"{name}{here} · {place} · active {one.last_active_at:%d %b %H:%M}")
    return lines


if __name__ == "__main__":
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    own = client.internal_create_session(auth_user_id="usr_8", amr=["pwd"], user_agent=firefox, ip="203.0.113.7").data
    client.internal_create_session(auth_user_id="usr_8", amr=["pwd"], browser="Safari", os="iOS", device_type="mobile")
    print("\n".join(devices("usr_8", own.session.id)))
