"""The arguments of an operation's function, from the path, the query and the body of a request."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from autional.api.model import Arguments, Operation
from autional.api.problem_body import JSON
from autional.api.request import Request
from autional.api.request_parsing import Nothing, body_reader, form_reader, query_reader
from autional.core import problems
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation

_FORM = "application/x-www-form-urlencoded"


def argument_reader(operation: Operation, limit: int) -> Callable[[Request, Mapping[str, str]], Awaitable[Arguments]]:
    """The function that reads the arguments of requests with bodies of at most `limit` bytes.

    It raises the Problems INVALID_PARAMETER, MALFORMED_REQUEST, MALFORMED_JSON, BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE.
    """
    parse = argument_parser(operation)
    read_body = _body_reader(operation, limit) if operation.method != "GET" else None

    async def read(request: Request, path: Mapping[str, str]) -> Arguments:
        body = await read_body(request) if read_body is not None else b""
        return parse(path, request.scope["query_string"], body)

    return read


def argument_parser(operation: Operation) -> Callable[[Mapping[str, str], bytes, bytes], Arguments]:
    """The function that makes arguments of the parameters in the path, the query string and the body.

    It raises the Problems INVALID_PARAMETER, MALFORMED_REQUEST, MALFORMED_JSON.
    """
    read_query = query_reader(operation.query)
    read_body = form_reader(operation.body) if operation.form else body_reader(operation.body)
    takes_query, takes_body = operation.query is not Nothing, operation.body is not Nothing
    has_body = operation.method != "GET"

    def parse(path: Mapping[str, str], query_string: bytes, raw_body: bytes) -> Arguments:
        if path:
            _must_be_well_formed(path)
        keywords: dict[str, Any] = dict(path)
        query = read_query(query_string)
        if takes_query:
            keywords["query"] = query
        body = read_body(raw_body) if has_body else None
        if takes_body:
            keywords["body"] = body
        return Arguments(path, query, body, keywords)

    return parse


def _must_be_well_formed(path: Mapping[str, str]) -> None:
    wrong = [
        Violation(name, "format", fault, text)
        for name, text in path.items()
        if (fault := user_id_error(text))  # user ids have the widest form of all ids in paths
    ]
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)


def _body_reader(operation: Operation, limit: int) -> Callable[[Request], Awaitable[bytes]]:
    expected = _FORM if operation.form else JSON
    replaces_everything = operation.method == "PUT"

    async def read(request: Request) -> bytes:
        raw = await request.body(limit)
        if raw and request.media_type != expected:
            raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, expected=expected)
        if replaces_everything and not raw:
            wrong = [Violation("body", "required", "Must be present: a PUT replaces everything")]
            raise Problem(problems.INVALID_PARAMETER, violations=wrong)
        return raw

    return read
