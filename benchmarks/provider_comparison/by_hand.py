"""What people write for ``custom_resources.Provider``: two handlers as its README shows them.

They are meant to be good: every scalar is cast, the role is passed, an update of a property that cannot be changed
creates a new resource and returns its id, "not found" on delete is success, the reason of a failed run is the
service's own. boto3 is used with its default retries.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Protocol

Event = Mapping[str, Any]


class Client(Protocol):
    """boto3's client of Clean Rooms ML."""

    exceptions: Any

    def create_ml_input_channel(self, **request: Any) -> dict[str, Any]:
        """CreateMLInputChannel."""
        ...

    def get_ml_input_channel(self, **request: Any) -> dict[str, Any]:
        """GetMLInputChannel."""
        ...

    def delete_ml_input_channel_data(self, **request: Any) -> dict[str, Any]:
        """DeleteMLInputChannelData."""
        ...


def on_event(event: Event, client: Client) -> dict[str, Any]:
    """Starts the requested operation."""
    if event["RequestType"] == "Create":
        return {"PhysicalResourceId": _create(event, client)}
    physical_id = event["PhysicalResourceId"]
    if event["RequestType"] == "Update":
        if _request(event["ResourceProperties"]) == _request(event["OldResourceProperties"]):
            return {"PhysicalResourceId": physical_id}
        # Another id: CloudFormation deletes the old channel after everything else succeeded.
        return {"PhysicalResourceId": _create(event, client)}
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_ml_input_channel_data(**_identifiers(event, physical_id))
    return {"PhysicalResourceId": physical_id}


def is_complete(event: Event, client: Client) -> dict[str, Any]:
    """Checks whether the operation has ended."""
    try:
        channel = client.get_ml_input_channel(**_identifiers(event, event["PhysicalResourceId"]))
    except client.exceptions.ResourceNotFoundException:
        if event["RequestType"] == "Delete":
            return {"IsComplete": True}
        raise
    status = channel["status"]
    if event["RequestType"] == "Delete":
        return {"IsComplete": status == "INACTIVE"}
    if status == "CREATE_FAILED":
        details = channel.get("statusDetails", {})
        raise RuntimeError(f"{details.get('statusCode')} {details.get('message')}")
    if status != "ACTIVE":
        return {"IsComplete": False}
    return {"IsComplete": True, "Data": {"NumberOfRecords": str(channel.get("numberOfRecords", ""))}}


def _create(event: Event, client: Client) -> str:
    request = _request(event["ResourceProperties"])
    # A name that no other attempt has.
    name = f"{event['LogicalResourceId']}-{event['RequestId'][:8]}"
    return str(client.create_ml_input_channel(**request, name=name)["mlInputChannelArn"])


def _request(properties: Mapping[str, Any]) -> dict[str, Any]:
    ours = ("ServiceToken", "ServiceTimeout", "RunId")
    request = {key: value for key, value in properties.items() if key not in ours}
    request["retentionInDays"] = int(request["retentionInDays"])
    return request | ({"description": f"run {properties['RunId']}"} if "RunId" in properties else {})


def _identifiers(event: Event, arn: str) -> dict[str, str]:
    return {"membershipIdentifier": event["ResourceProperties"]["membershipIdentifier"], "mlInputChannelArn": arn}
