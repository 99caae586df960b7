"""Traces by OpenTelemetry, where a setting asks for them: spans of requests, of batches and of statements.

Off, a span costs one comparison. No user, token or value is ever an attribute.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from autional.core.settings import Settings, SettingsError

_NOTHING: AbstractContextManager[Any] = nullcontext()
_tracer: Any = None


def is_on() -> bool:
    """Whether this process traces."""
    return _tracer is not None


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span for the length of the block, within the one around it."""
    if _tracer is None:
        return _NOTHING
    found: AbstractContextManager[Any] = _tracer.start_as_current_span(name, attributes=attributes)
    return found


def request_span(traceparent: str | None, **attributes: str) -> AbstractContextManager[Any]:
    """The span of a request that continues the trace of its client (W3C Trace Context)."""
    if _tracer is None:
        return _NOTHING
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - an extra of the installation
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: Mapping[str, str] = {"traceparent": traceparent} if traceparent else {}
    context = TraceContextTextMapPropagator().extract(carrier)
    found: AbstractContextManager[Any] = _tracer.start_as_current_span(
        "request", context=context, kind=SpanKind.SERVER, attributes=attributes
    )
    return found


@contextmanager
def exporting(settings: Settings) -> Iterator[None]:
    """Send spans to the endpoint of the settings, if there is one, within the block. Raises SettingsError."""
    global _tracer  # noqa: PLW0603 - one of this process
    if not settings.tracing_endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
    except ImportError:
        raise SettingsError("AUTIONAL_TRACING_ENDPOINT needs `pip install autional[tracing]`") from None
    provider = TracerProvider(
        resource=Resource.create({"service.name": "autional"}),
        sampler=ParentBased(TraceIdRatioBased(settings.tracing_share)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.tracing_endpoint)))
    _tracer = provider.get_tracer("autional")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()
