"""Logs: one JSON object per line on stderr, without the values of variables, which may be secret."""

import logging
import sys

import structlog


def configure() -> None:
    """Configure the logs of this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Structured()], level=logging.ERROR, force=True)


class _Structured(logging.Handler):
    """Writes the logs of libraries in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage().strip(), library=record.name, exc_info=record.exc_info
        )
