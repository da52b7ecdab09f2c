"""Metrics of runs of custom models, in the namespaces that AWS documents."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import Duration

from ._run import CleanRoomsMLRun


class MeteredRun(CleanRoomsMLRun):
    """A run that publishes metrics to CloudWatch.

    Source: AWS Clean Rooms user guide, "Logs and metrics of custom models".
    """

    def metric(
        self,
        metric_name: str,
        *,
        dimensions_map: Mapping[str, str] | None = None,
        statistic: str | None = None,
        period: Duration | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: cdk.aws_cloudwatch.Unit | None = None,
    ) -> cdk.aws_cloudwatch.Metric:
        """A metric that the service publishes: one of the system, or one that the algorithm's definitions name.

        They need an ``MLConfiguration`` in the account that looks, and a privacy configuration of the association that
        allows metrics.

        Args:
            metric_name: Its name, as ``train:loss``.
            dimensions_map: Its dimensions. Default: none, for all runs together.
            statistic: How values of a period become one. Default: the average.
            period: The period. Default: 5 minutes.
            label: The label in graphs. Default: generated.
            color: The color in graphs. Default: generated.
            unit: The unit. Default: all units.
        """
        return cdk.aws_cloudwatch.Metric(
            namespace=f"/aws/cleanroomsml/{self._spec.kind}s",
            metric_name=metric_name,
            dimensions_map=dict(dimensions_map) if dimensions_map else None,
            statistic=statistic,
            period=period,
            label=label,
            color=color,
            unit=unit,
        )
