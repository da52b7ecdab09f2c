"""The Regions of Clean Rooms ML."""

from __future__ import annotations

# Where Clean Rooms ML has an endpoint: AWS General Reference, Clean Rooms ML endpoints and quotas.
REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
)
