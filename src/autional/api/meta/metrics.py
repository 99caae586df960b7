"""Metrics in the text format of Prometheus: how soon everybody hears of what was revoked."""

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from autional.api.model import Call, File
from autional.events import receipts

TEXT = "text/plain"


class _Gathered:
    """What was read for one answer."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


async def get_metrics(call: Call) -> File:
    """Get metrics.

    In the text format of Prometheus, over all tenants, for API keys of all tenants: the lag of each channel, of the
    last thousands of events of the last hour, and for how long the oldest event waits for its position and receiver.
    """
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
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered([lag, unplaced, waiting]))
    return File(generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8")
