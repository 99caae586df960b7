"""Metrics in the text format of Prometheus: sessions, requests, the node, the work ahead, and the revocation log."""

from collections.abc import Callable, Iterable, Iterator
from operator import add

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from autional.api.model import Call, File
from autional.core import background, meters
from autional.core.errors import DatabaseUnavailableError, NotOnCitusError
from autional.core.meters import Measured
from autional.events import receipts
from autional.runtime import maintenance
from autional.sessions import statistics

_NOT_SUMMED = ("_age_seconds", "_behind_seconds")
TEXT = "text/plain"
_OTHERS = "_other"  # no tenant id begins so


class _Gathered:
    """What was read for one answer."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> list[Metric]:
        return self._metrics


async def get_metrics(call: Call) -> File:
    """Get metrics.

    In the text format of Prometheus, for API keys of all tenants: the sessions of each tenant (of those that have the
    most, up to a setting; the rest is `_other`), exact like the statistics; requests by route and status; connections,
    batches and tasks of this node; and, over all nodes, what waits to be done and how soon revocations are heard of.
    """
    measured = meters.measured()
    found = [*_requests(measured), *_node(measured)]
    missing = GaugeMetricFamily("autional_metrics_missing", "Whether a part could not be read.", labels=["part"])
    for part, read in (("sessions", _sessions), ("work ahead", _work_ahead), ("revocations", _revocations)):
        try:
            found += await read(call)
            missing.add_metric([part], 0)
        except (DatabaseUnavailableError, NotOnCitusError):  # what this node measured is wanted most then
            missing.add_metric([part], 1)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered([*found, missing]))
    return File(generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8")


async def _sessions(call: Call) -> list[Metric]:
    found = await statistics.read_largest(call.database, call.service.settings.metrics_tenants, call.at)
    family = GaugeMetricFamily(
        "autional_sessions", "Sessions, as in the statistics.", labels=["tenant", "status", "device"]
    )
    for one in found:
        for status, number in (("active", one.active), ("expired", one.expired), ("revoked", one.revoked)):
            family.add_metric([one.tenant_id or _OTHERS, status, one.device_type], number)
    return [family]


def _requests(measured: list[Measured]) -> Iterator[Metric]:
    family = HistogramMetricFamily(
        "autional_request_seconds", "Time until a request is answered.", labels=["method", "route", "status"]
    )
    for key in {key for one in measured for key in one.requests}:
        buckets = [sum(counts) for counts in zip(*(one.requests[key] for one in measured if key in one.requests))]  # noqa: B905
        seconds = sum(one.seconds.get(key, 0.0) for one in measured)
        cumulated = [sum(buckets[: place + 1]) for place in range(len(buckets))]
        names = [*map(str, meters.BOUNDS), "+Inf"]
        method, route, status = key
        family.add_metric([method, route, str(status)], list(zip(names, cumulated, strict=True)), seconds)
    yield family


def _node(measured: list[Measured]) -> Iterator[Metric]:
    """The gauges of this node and what its batches did."""
    batches = CounterMetricFamily("autional_batches", "Statements that answered several calls.", labels=["query"])
    calls = CounterMetricFamily("autional_batched_calls", "Calls in those statements.", labels=["query"])
    for name in sorted({name for one in measured for name in one.batches}):
        counted = [one.batches[name] for one in measured if name in one.batches]
        batches.add_metric([name], sum(number for number, _ in counted))
        calls.add_metric([name], sum(number for _, number in counted))
    yield from (batches, calls)
    for name, label, words in meters.GAUGES:
        family = GaugeMetricFamily(f"autional_{name}", words, labels=[label] if label else [])
        combined: Callable[[float, float], float] = max if name.endswith(_NOT_SUMMED) else add
        values: dict[str, float] = {}
        for one in measured:
            for (gauge, value), number in one.gauges.items():
                if gauge == name:
                    values[value] = combined(values.get(value, 0.0), number)
        for value, number in sorted(values.items()):
            family.add_metric([value] if label else [], number)
        yield family
    tasks = GaugeMetricFamily("autional_task_age_here_seconds", "Since it last succeeded here.", labels=["task"])
    for name, seconds in background.task_ages().items():
        tasks.add_metric([name], seconds)
    yield tasks


async def _work_ahead(call: Call) -> list[Metric]:
    """What waits, over all nodes."""
    ahead = await maintenance.work_ahead(call.database)
    tasks = GaugeMetricFamily("autional_task_age_seconds", "Since it last succeeded on any node.", labels=["task"])
    for name, seconds in ahead.ages.items():
        tasks.add_metric([name], seconds)
    return [
        tasks,
        GaugeMetricFamily("autional_overdue_sessions", "Expired sessions awaiting clean-up.", ahead.overdue),
        GaugeMetricFamily("autional_jobs_waiting", "Revocations by filter that are not done.", ahead.jobs),
        GaugeMetricFamily("autional_erasures_waiting", "Erasures that are not done.", ahead.erasures),
        GaugeMetricFamily("autional_signing_key_age_seconds", "For how long the present key signs.", ahead.key_age),
    ]


async def _revocations(call: Call) -> list[Metric]:
    found, backlog = await receipts.lags_of_all(call.database)
    lag = GaugeMetricFamily(
        "autional_revocation_lag_seconds",
        "Seconds from what happened until it was heard.",
        labels=["channel", "quantile"],
    )
    for one in found:
        for quantile, seconds in (("0.5", one.median), ("0.99", one.slow), ("1", one.worst)):
            lag.add_metric([one.channel, quantile], seconds)
    said = "For how long the oldest event waits for its"
    unplaced = GaugeMetricFamily("autional_revocation_unplaced_seconds", f"{said} position.", backlog.unplaced)
    waiting = GaugeMetricFamily("autional_revocation_waiting_seconds", f"{said} receiver.", backlog.waiting)
    return [lag, unplaced, waiting]
