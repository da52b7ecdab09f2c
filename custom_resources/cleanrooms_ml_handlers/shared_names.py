"""Names in templates, environments and events on which constructs, handlers and the emulator agree."""

from __future__ import annotations

# The types of this library's custom resources, and of the resources that CloudFormation itself manages.
RESOURCE_TYPE_PREFIX = "Custom::CleanRoomsML-"
NATIVE_PREFIX = "AWS::CleanRoomsML::"
WAIT_RESOURCE_TYPE = f"{RESOURCE_TYPE_PREFIX}Wait"

# Source and detail type of the event that ends a watch.
EVENT_SOURCE = "cdk-cleanrooms-ml"
STATE_CHANGE = "Clean Rooms ML Resource State Change"

# Properties of a custom resource that are this library's and not part of the API request.
OUR_PROPERTIES = ("ServiceToken", "ServiceTimeout", "Settings", "RunId")

# The setting with the physical id of a resource that exists already and that the stack takes over.
ADOPT_EXISTING = "AdoptExisting"

# Environment variables of the worker: the kinds that the stack's template has, and the buckets of its file assets; of
# both functions: the parents of kinds without tags that the template names.
KINDS = "CLEANROOMS_ML_KINDS"
ASSET_BUCKETS = "CLEANROOMS_ML_ASSET_BUCKETS"
PARENTS = "CLEANROOMS_ML_PARENTS"
