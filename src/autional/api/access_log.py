"""The access log: a line for each answer, where a setting asks for it."""

import time
from collections.abc import Callable

import structlog

from autional.api.request import Request
from autional.audit.personal_values import person_hash
from autional.runtime.service import Service

log = structlog.get_logger()


def logger_of(running: Service) -> Callable[[Request, int, float], None]:
    """The function that logs an answer: request, status, and when it began by the performance counter.

    Users are keyed hashes, as in the security log; no query, header or body is logged.
    """

    def write(request: Request, status: int, began: float) -> None:
        caller = request.caller
        home = caller.home_tenant or caller.tenant_id
        log.info(
            "answered",
            method=request.method,
            route=request.route,
            status=status,
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
            request_id=request.request_id,
            tenant=caller.tenant_id or None,
            subject=person_hash(running.subject_key, home, caller.user_id).hex() if caller.user_id else None,
            key_id=caller.key_id,
            address=request.address(running.settings),
        )

    return write
