"""Protected-resource metadata (RFC 9728): by which a client finds the authorization server of an API."""

from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from autional_client.calls import must_be_safe

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


class ResourceMetadata(NamedTuple):
    """Where the metadata of an API stands, and what it says."""

    path: str
    url: str
    body: bytes


def metadata_of(resource: str, issuer: str, name: str | None = None) -> ResourceMetadata:
    """The metadata of an API that is known by an https URL (RFC 9728 §1.2, §3.1); raises ValueError for any other."""
    parts = urlsplit(resource)
    must_be_safe(resource)
    if not parts.netloc or parts.fragment or parts.query:
        raise ValueError("resource must be an https URL without query and fragment, such as https://api.example/mcp")
    path = _WELL_KNOWN + parts.path.rstrip("/")
    said = {"resource": resource, "authorization_servers": [issuer], "bearer_methods_supported": ["header"]}
    body = msgspec.json.encode(said | ({"resource_name": name} if name else {}))
    return ResourceMetadata(path, f"{parts.scheme}://{parts.netloc}{path}", body)
