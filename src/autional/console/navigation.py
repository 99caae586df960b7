"""The menu of the console."""

NAVIGATION: tuple[tuple[str, str, bool], ...] = (
    ("overview", "", False),
    ("sessions", "/sessions", False),
    ("users", "/users", False),
    ("tokens", "/tokens", False),
    ("blacklist", "/blacklist", False),
    ("devices", "/devices", False),
    ("policies", "/policies", False),
    ("audit", "/audit", False),
    ("jobs", "/jobs", False),
    ("revocations", "/revocations", False),
    ("events", "/events", False),
    ("tenants", "/tenants", True),
    ("api_keys", "/api-keys", True),
    ("signing_keys", "/signing-keys", True),
)
"""Name and path of what the menu shows, and whether only to administrators of the platform."""
