"""The metrics, as Prometheus' own parser reads them."""

from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from gto_action.service.metrics import Metrics

COUNTED: Final = {"gto_hooks_total", "gto_look_failures_total", "gto_events_total", "gto_deliveries_total"}
MEASURED: Final = {f"gto_{name}_seconds_{end}" for name in ("look", "delivery") for end in ("bucket", "sum", "count")}


def test_counters_and_histograms_have_no_series_of_when_they_began() -> None:
    metrics = Metrics()
    metrics.hook("models", "taken")
    metrics.look_failed("models")
    metrics.looked("models", 0.1)
    metrics.found("assignment")
    metrics.delivered("out", "taken")
    metrics.took("out", 0.1)
    families = text_string_to_metric_families(metrics.text(lambda: None).decode())
    names = {sample.name for family in families for sample in family.samples}
    assert names == {*COUNTED, *MEASURED, "gto_replicas"}
