"""What people write for ``custom_resources.Provider``: handlers for an audience model and for an input channel."""

from typing import Any

import boto3

client: Any = boto3.client("cleanroomsml")
_MODEL = "Custom::AudienceModel"


def on_event(event: dict[str, Any], _context: object) -> dict[str, Any]:
    kind, request = event["RequestType"], dict(event["ResourceProperties"])
    request = {key: value for key, value in request.items() if key not in ("ServiceToken", "ServiceTimeout")}
    is_model = event["ResourceType"] == _MODEL
    name = f"{event['LogicalResourceId']}-{event['RequestId'][:8]}"
    if kind == "Create" and is_model:
        return {
            "PhysicalResourceId": client.create_configured_audience_model(**request, name=name)[
                "configuredAudienceModelArn"
            ]
        }
    if kind == "Create":
        request["retentionInDays"] = int(request["retentionInDays"])
        return {"PhysicalResourceId": client.create_ml_input_channel(**request, name=name)["mlInputChannelArn"]}
    arn = event["PhysicalResourceId"]
    if kind == "Update" and is_model:
        client.update_configured_audience_model(configuredAudienceModelArn=arn, **request)
    if kind == "Delete":
        try:
            if is_model:
                client.delete_configured_audience_model(configuredAudienceModelArn=arn)
            else:
                client.delete_ml_input_channel_data(
                    mlInputChannelArn=arn, membershipIdentifier=request["membershipIdentifier"]
                )
        except client.exceptions.ResourceNotFoundException:
            pass
    return {"PhysicalResourceId": arn}


def is_complete(event: dict[str, Any], _context: object) -> dict[str, Any]:
    membership = event["ResourceProperties"]["membershipIdentifier"]
    try:
        status = client.get_ml_input_channel(
            mlInputChannelArn=event["PhysicalResourceId"], membershipIdentifier=membership
        )["status"]
    except client.exceptions.ResourceNotFoundException:
        status = "INACTIVE"
    if event["RequestType"] == "Delete":
        return {"IsComplete": status == "INACTIVE"}
    if status == "CREATE_FAILED":
        raise RuntimeError("the channel failed")
    return {"IsComplete": status == "ACTIVE"}
