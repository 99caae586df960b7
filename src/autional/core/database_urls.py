"""URLs of PostgreSQL, which may name several servers."""

from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit


def servers(url: str) -> list[str]:
    """A URL for each server that a URL names: `host:port,host:port`, or the same in its query (libpq 34.1.1.3).

    Raises ValueError.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    user, at, hosts = parts.netloc.rpartition("@")
    if "," in hosts:
        return [parts._replace(netloc=f"{user}{at}{host}").geturl() for host in hosts.split(",")]
    if "," in query.get("host", ""):
        names = query["host"].split(",")
        ports = query.get("port", "").split(",")
        ports = ports * len(names) if len(ports) == 1 else ports
        return [
            _with_query(parts, query | {"host": name} | ({"port": port} if port else {}))
            for name, port in zip(names, ports, strict=True)
        ]
    return [url]


def _with_query(parts: SplitResult, query: dict[str, str]) -> str:
    return parts._replace(query=urlencode(query, quote_via=quote)).geturl()
