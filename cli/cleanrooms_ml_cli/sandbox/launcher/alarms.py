"""Alarms of metric math, as the provider's are: MiniStack refuses them, so an app with one could not be deployed.

Such an alarm is kept as it was described, and stays without data: nobody evaluates its expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .pinned import module

_NAMESPACE = "MetricMath"


def install() -> None:
    """Have MiniStack keep them."""
    provisioners = module("services.cloudformation.provisioners")
    of_one_metric = provisioners._cw_metric_alarm_record

    def record(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        metrics = properties.get("Metrics")
        if not metrics:
            return dict(of_one_metric(name, properties))
        plain = {**properties, "Metrics": None, "Namespace": _NAMESPACE, "MetricName": name}
        return {**of_one_metric(name, plain), "Metrics": metrics}

    provisioners._cw_metric_alarm_record = record
