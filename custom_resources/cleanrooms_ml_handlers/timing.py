"""The times on which constructs and handlers agree, in seconds."""

from __future__ import annotations

# A resource may not show for this long after the service accepted its creation: "not found" proves nothing before.
SETTLING_SECONDS = 30

# The service refuses no second resource of some names: what was lost there has longer to show.
SETTLING_SECONDS_OF_SHARED_NAMES = 120
# The clocks of the service and of CloudFormation differ by less.
CLOCK_SKEW_SECONDS = 10

# CloudFormation waits at most an hour for a custom resource; the shorter time-out leaves room to clean up and answer.
SERVICE_TIMEOUT_SECONDS = 3600
DEFAULT_TIMEOUT_SECONDS = 3300
# The time-outs of the functions. A call of a stopped execution can last as long as the worker's.
FRONT_TIMEOUT_SECONDS = 30
WORKER_TIMEOUT_SECONDS = 60
# How long Lambda keeps an event for a throttled worker, before the front answers instead.
WORKER_EVENT_AGE_SECONDS = 600
# What was created longer than this before a request does not belong to the deployment that the request undoes.
DEPLOYMENT_WINDOW_SECONDS = 2 * 3600
